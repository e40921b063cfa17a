#!/usr/bin/env python3
"""
Whisper recogniser: from speech regions to a transcript, with whichever library runs Whisper.

Speech is heard once in full windows, several at once; what is doubted of it is heard again, alone
and with care; text that the figures still speak against is kept apart with its evidence.

Usage:
    from scripts.whisper.recogniser import WhisperRecogniser

    recogniser = WhisperRecogniser(engine, "base")
    transcript = recogniser.transcribe(audio, regions, options, progress=show)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.decode import decode_chunk
from scripts.whisper.engine import DecodeOptions, LanguageRules, WhisperEngine
from scripts.whisper.first_pass import (
    decode_windows,
    heard_regions,
    plan_windows,
    split_doubted,
)
from scripts.whisper.heard_languages import (
    HeardLanguages,
    against_what_was_said,
    hear_ahead,
    hear_languages,
)
from scripts.whisper.language import is_multilingual
from scripts.whisper.second_pass import run_second_pass
from shared.transcript.recognition.transcribed import TranscriptBuilder, most_spoken
from shared.transcript.records.schemas import SpeechRegion, Transcript
from shared.transcript.sound.coverage import measure_coverage, missing_speech

Progress = Callable[[float], None]
# What the first hearing takes of the whole work, about.
FIRST_SHARE = 0.9
# Stretches that are heard to check what a person said of the language.
WINDOWS_TO_CHECK = 3


class WhisperRecogniser:
    """A loaded Whisper model; audio is float32, 16 kHz mono, shape (samples,), everywhere.

    Args:
        whisper: What runs it.
        name: What to call the model in the transcript.
    """

    def __init__(self, whisper: WhisperEngine, name: str) -> None:
        self.whisper = whisper
        self.name = name

    @property
    def multilingual(self) -> bool:
        """Whether the model knows other languages than English."""
        return is_multilingual(self.whisper.languages)

    def detect_language(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        *,
        rules: LanguageRules | None = None,
    ) -> tuple[str, float]:
        """Return the main language (BCP-47) and its probability; ("und", 0.0) without speech.

        Args:
            audio: Samples at 16 kHz, float32, shape (samples,).
            regions: Where somebody speaks, seconds.
            rules: How many pieces are asked and how they are weighed; None takes the usual ones.
        """
        return hear_languages(self.whisper, audio, regions, rules or LanguageRules()).main

    def transcribe(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        options: DecodeOptions,
        *,
        progress: Progress,
        warn: Callable[[str], None] = lambda message: None,
    ) -> Transcript:
        """Return what is said in the regions.

        Args:
            audio: See the class.
            regions: Where somebody speaks; as a person may have edited them.
            options: How to decode.
            progress: Called with the share done, 0 to 1.
            warn: Told, before the first word is heard, of languages that were not expected.

        Returns:
            Segments with timed words, quarantined text with its evidence, and the speech that no
            text was found for.
        """
        regions = heard_regions(audio, regions, options)
        self.whisper.seed()
        rules = options.language_rules
        if options.language:
            rules = replace(rules, windows=min(WINDOWS_TO_CHECK, rules.windows))
        heard = self._hear_languages(audio, regions, rules, options)
        language, confidence = (options.language, 1.0) if options.language else heard.main
        told = against_what_was_said(options.language, heard, options.multilingual)
        if told:
            warn(told)
        builder = TranscriptBuilder(
            regions=regions,
            limits=options.limits,
            prompt=options.initial_prompt or options.hotwords,
            max_pause=options.word_pause,
        )
        again = self._decode(audio, regions, language, builder, options, progress)
        progress(1.0)
        segments, quarantined = builder.result()
        if options.multilingual and not options.language and segments:
            language, confidence = most_spoken(segments)
        return Transcript(
            language=language,
            language_confidence=confidence,
            engine=self.whisper.name,
            model=self.name,
            audio_duration=len(audio) / SAMPLE_RATE,
            segments=segments,
            quarantined=quarantined,
            regions_without_text=missing_speech(regions, [*segments, *quarantined]),
            coverage=measure_coverage(regions, segments, quarantined),
            second_hearings=again,
        )

    def _hear_languages(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        rules: LanguageRules,
        options: DecodeOptions,
    ) -> HeardLanguages:
        """Return which languages are spoken, closely heard only where windows do not tell."""
        heard = None
        if not options.multilingual:  # else windows come of the languages
            windows = plan_windows(self.whisper, audio, regions, options.language or "", options)
            heard = hear_ahead(self.whisper, audio, windows, options.language, rules)
        return heard or hear_languages(self.whisper, audio, regions, rules)

    def _decode(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        language: str,
        builder: TranscriptBuilder,
        options: DecodeOptions,
        progress: Progress,
    ) -> int:
        """Add what every window says to the transcript, then what second hearings find."""
        duration = len(audio) / SAMPLE_RATE
        windows = plan_windows(self.whisper, audio, regions, language, options)
        done = 0.0
        again = 0
        for one, utterances in zip(
            windows, decode_windows(self.whisper, audio, windows, options), strict=True
        ):
            units, chunks = split_doubted(one, utterances, options)
            again += len(chunks)
            for chunk in chunks:
                units += decode_chunk(self.whisper, audio, chunk, options)
            units.sort(key=lambda unit: unit.start)
            builder.add(units, one.language, start=one.start, end=one.end)
            done = min(1.0, one.end / duration)
            progress(FIRST_SHARE * done)
        return again + run_second_pass(
            self.whisper,
            audio,
            windows,
            builder,
            options,
            lambda share: progress(FIRST_SHARE + (1 - FIRST_SHARE) * share),
        )
