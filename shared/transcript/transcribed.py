#!/usr/bin/env python3
"""
Transcribed: turns what a recogniser heard, chunk by chunk, into segments and quarantined text.

Usage:
    from shared.transcript.transcribed import TranscriptBuilder

    builder = TranscriptBuilder(regions=regions, limits=Limits(), prompt="", max_pause=1.0)
    builder.add(utterances, "hi", start=7.8, end=29.8)
    segments, quarantined = builder.result()
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from shared.transcript.quality import Claim, Limits, evidence_against
from shared.transcript.schemas import QuarantinedText, Segment, SpeechRegion, Word
from shared.transcript.sentences import Utterance
from shared.transcript.speakers import name_segments
from shared.transcript.speech import speech_score
from shared.transcript.words import MAX_STRETCH, close_ends, place_words


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
        self._segments: list[Segment] = []
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
        for unit in utterances:
            words = place_words(
                unit.tokens,
                start=self._position,
                end=max(self._position, end),
                regions=self._regions,
                max_pause=self._max_pause,
            )
            if words:
                self._position = words[-1].end
                self._sort(unit, words, language)

    def result(self) -> tuple[list[Segment], list[QuarantinedText]]:
        """Return the segments, numbered from 0, with their speakers, and the quarantined text."""
        segments = close_ends(self._segments, self._regions, max_stretch=MAX_STRETCH)
        return name_segments(segments, self._regions), self._quarantined

    def _nearby(self, start: float, end: float) -> list[SpeechRegion]:
        """Return the regions that touch start to end."""
        return [one for one in self._regions if one.end >= start and one.start <= end]

    def _sort(self, unit: Utterance, words: list[Word], language: str) -> None:
        """Believe the utterance or put it into quarantine."""
        start, end = words[0].start, words[-1].end
        known = [word.confidence for word in words if word.confidence is not None]
        confidence = min(1.0, math.exp(min(0.0, unit.log_probability)))
        claim = Claim(
            text=unit.text,
            confidence=confidence,
            no_speech=unit.no_speech,
            compression=unit.compression,
            speech_score=speech_score(start, end, self._nearby(start, end)),
            duration=end - start,
            word_confidence=sum(known) / len(known) if known else None,
            prompt=self._prompt,
        )
        evidence = evidence_against(claim, self._limits)
        if evidence:
            self._quarantined.append(
                QuarantinedText(
                    start=start, end=end, text=unit.text, language=language, evidence=evidence
                )
            )
            return
        self._segments.append(
            Segment(
                id=len(self._segments),
                start=start,
                end=end,
                text=unit.text,
                confidence=confidence,
                language=language,
                words=words,
                no_speech_probability=min(1.0, max(0.0, unit.no_speech)),
                compression_ratio=max(0.0, unit.compression),
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
