#!/usr/bin/env python3
"""
Transcribed: turns what a recogniser heard, chunk by chunk, into segments and quarantined text.

Usage:
    from shared.transcript.recognition.transcribed import TranscriptBuilder

    builder = TranscriptBuilder(regions=regions, limits=Limits(), prompt="", max_pause=1.0)
    builder.add(utterances, "hi", start=7.8, end=29.8)
    segments, quarantined = builder.result()
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from shared.transcript.recognition.quality import (
    Hypothesis,
    Limits,
    evidence_against,
    looped_lines,
    plain,
)
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.recognition.words import MAX_STRETCH, close_ends, place_words
from shared.transcript.records.schemas import QuarantinedText, Segment, SpeechRegion, TimeSpan, Word
from shared.transcript.sound.coverage import EDGE, worth_second_pass
from shared.transcript.sound.speakers import name_segments
from shared.transcript.sound.speech import speech_score

# So many times in turn, the same lines are a loop whatever else speaks for them.
SURE_LOOP = 8


class TranscriptBuilder:
    """Collects utterances in order; each becomes a segment or is quarantined with its evidence.

    Args:
        regions: Where somebody speaks.
        limits: When a text is not believed.
        prompt: What the recogniser was told beforehand.
        max_pause: No word crosses a longer stretch without speech, seconds.
    """

    def __init__(
        self,
        *,
        regions: Sequence[SpeechRegion],
        limits: Limits,
        prompt: str,
        max_pause: float,
    ) -> None:
        self._regions = regions
        self._limits = limits
        self._prompt = prompt
        self._max_pause = max_pause
        self._segments: list[tuple[Segment, Hypothesis]] = []
        self._quarantined: list[QuarantinedText] = []
        self._position = 0.0

    def add(
        self, utterances: Sequence[Utterance], language: str, *, start: float, end: float
    ) -> None:
        """Add what was heard in one chunk.

        Args:
            utterances: In order, with timed tokens.
            language: BCP-47.
            start: Start of what was heard, seconds; no word begins earlier.
            end: End of what was heard, seconds; no word ends later.
        """
        self._position = max(self._position, start)
        span = TimeSpan(start=self._position, end=max(self._position, end))
        self._position = self._add(utterances, language, span)

    def worth_second_pass(self) -> list[TimeSpan]:
        """Return the speech that has no believed text so far."""
        return worth_second_pass(self._regions, [segment for segment, _ in self._segments])

    def add_again(
        self,
        utterances: Sequence[Utterance],
        language: str,
        span: TimeSpan,
        doubts: Sequence[str] = (),
    ) -> None:
        """Add what a second hearing gave; it is believed only if nothing at all speaks against it.

        Args:
            utterances: In order, with timed tokens.
            language: BCP-47.
            span: One of worth_second_pass: where the words belong.
            doubts: What is known against them.
        """
        self._add(utterances, language, span, enough=1, doubts=doubts)

    def neighbours(self, span: TimeSpan) -> tuple[Segment | None, Segment | None]:
        """Return the believed segments before and after a span, None where there is none.

        Args:
            span: Start and end in seconds.
        """
        before = [one for one, _ in self._segments if one.end <= span.start + EDGE]
        after = [one for one, _ in self._segments if one.start >= span.end - EDGE]
        return (
            max(before, key=lambda one: one.end, default=None),
            min(after, key=lambda one: one.start, default=None),
        )

    def result(self) -> tuple[list[Segment], list[QuarantinedText]]:
        """Return the segments, numbered from 0, with their speakers, and the quarantined text."""
        segments = [
            segment.model_copy(update={"id": number})
            for number, segment in enumerate(self._without_loops())
        ]
        segments = close_ends(segments, self._regions, max_stretch=MAX_STRETCH)
        quarantined = sorted(self._quarantined, key=lambda one: one.start)
        return name_segments(segments, self._regions), quarantined

    def _without_loops(self) -> list[Segment]:
        """Return the segments in order of time, those that only repeat others quarantined."""
        ordered = sorted(self._segments, key=lambda pair: pair[0].start)
        looped = looped_lines([segment.text for segment, _ in ordered])
        kept: list[Segment] = []
        for index, (segment, hypothesis) in enumerate(ordered):
            times = looped.get(index, 0)
            known = [f"the same words {times} times in turn"] if times else []
            # A refrain may come four times; that alone is no reason.
            enough = 1 if times >= SURE_LOOP else 2
            evidence = evidence_against(hypothesis, self._limits, enough=enough, known=known)
            if times and evidence:
                self._quarantine(segment.text, segment, segment.language, evidence)
            else:
                kept.append(segment)
        return kept

    def _nearby(self, start: float, end: float) -> list[SpeechRegion]:
        """Return the regions that touch start to end."""
        first = bisect_left(self._regions, start, key=lambda one: one.end)
        last = bisect_right(self._regions, end, key=lambda one: one.start)
        return list(self._regions[first:last])

    def _add(
        self,
        utterances: Sequence[Utterance],
        language: str,
        span: TimeSpan,
        *,
        enough: int = 2,
        doubts: Sequence[str] = (),
    ) -> float:
        """Place and sort utterances inside a span; return where the last word ends."""
        position = span.start
        for unit in utterances:
            words = place_words(
                unit.tokens,
                start=position,
                end=span.end,
                regions=self._regions,
                max_pause=self._max_pause,
            )
            if words:
                position = words[-1].end
                self._sort(unit, words, language, enough, doubts)
        return position

    def _sort(
        self,
        unit: Utterance,
        words: list[Word],
        language: str,
        enough: int,
        doubts: Sequence[str],
    ) -> None:
        """Believe the utterance or put it into quarantine; what has no letter is no text at all."""
        if not plain(unit.text):
            return
        hypothesis = self._hypothesis(unit, words)
        span = TimeSpan(start=words[0].start, end=words[-1].end)
        evidence = evidence_against(hypothesis, self._limits, enough=enough, known=doubts)
        if evidence:
            self._quarantine(unit.text, span, language, evidence)
            return
        segment = Segment(
            id=len(self._segments),
            start=span.start,
            end=span.end,
            text=unit.text,
            confidence=hypothesis.confidence,
            language=language,
            words=words,
            no_speech_probability=min(1.0, max(0.0, unit.no_speech)),
            compression_ratio=max(0.0, unit.compression),
        )
        self._segments.append((segment, hypothesis))

    def _hypothesis(self, unit: Utterance, words: Sequence[Word]) -> Hypothesis:
        """Return what is known about an utterance."""
        start, end = words[0].start, words[-1].end
        known = [word.confidence for word in words if word.confidence is not None]
        return Hypothesis(
            text=unit.text,
            confidence=min(1.0, math.exp(min(0.0, unit.log_probability))),
            no_speech=unit.no_speech,
            compression=unit.compression,
            speech_score=speech_score(start, end, self._nearby(start, end)),
            duration=end - start,
            word_confidence=sum(known) / len(known) if known else None,
            prompt=self._prompt,
        )

    def _quarantine(self, text: str, span: TimeSpan, language: str, evidence: list[str]) -> None:
        """Keep a text that is not believed, once for each place."""
        for one in self._quarantined:
            if plain(one.text) == plain(text) and one.start < span.end and one.end > span.start:
                return
        self._quarantined.append(
            QuarantinedText(
                start=span.start, end=span.end, text=text, language=language, evidence=evidence
            )
        )


def most_spoken(segments: Sequence[Segment]) -> tuple[str, float]:
    """Return the language that is spoken longest and its share of the time.

    Args:
        segments: At least one.
    """
    seconds: dict[str, float] = {}
    for segment in segments:
        seconds[segment.language] = seconds.get(segment.language, 0.0) + segment.duration
    language = max(seconds, key=lambda one: seconds[one])
    total = sum(seconds.values())
    return language, seconds[language] / total if total else 1.0
