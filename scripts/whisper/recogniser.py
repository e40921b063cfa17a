#!/usr/bin/env python3
"""
Whisper recogniser: from speech regions to a transcript, with whichever library runs Whisper.

Each chunk of speech is decoded by itself, so that music between two chunks is never heard; text
that the figures speak against is kept apart with its evidence.

Usage:
    from scripts.whisper.recogniser import WhisperRecogniser

    recogniser = WhisperRecogniser(engine, "base")
    transcript = recogniser.transcribe(audio, regions, options, progress=show)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.again import hear_again
from scripts.whisper.decode import decode_chunk, plan_chunks
from scripts.whisper.engine import DecodeOptions, LanguageRules, WhisperEngine
from scripts.whisper.language import detect_language, is_multilingual
from shared.transcript.recognition.transcribed import TranscriptBuilder, most_spoken
from shared.transcript.records.schemas import SpeechRegion, Transcript
from shared.transcript.sound.coverage import measure_coverage, missing_speech

Progress = Callable[[float], None]


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
        return detect_language(self.whisper, audio, regions, rules or LanguageRules())

    def transcribe(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        options: DecodeOptions,
        *,
        progress: Progress,
    ) -> Transcript:
        """Return what is said in the regions.

        Args:
            audio: See the class.
            regions: Where somebody speaks, in order.
            options: How to decode.
            progress: Called with the share done, 0 to 1.

        Returns:
            Segments with timed words, quarantined text with its evidence, and the speech that no
            text was found for.
        """
        self.whisper.seed()
        language, confidence = options.language or "", 1.0
        if not language:
            language, confidence = self.detect_language(
                audio, regions, rules=options.language_rules
            )
        builder = TranscriptBuilder(
            regions=regions,
            limits=options.limits,
            prompt=options.initial_prompt or options.hotwords,
            max_pause=options.word_pause,
        )
        self._hear(audio, regions, language, builder, options, progress)
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
        )

    def _hear(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        language: str,
        builder: TranscriptBuilder,
        options: DecodeOptions,
        progress: Progress,
    ) -> None:
        """Add what every chunk says to the transcript, then what a second hearing finds."""
        duration = len(audio) / SAMPLE_RATE
        chunks = plan_chunks(self.whisper, audio, regions, language, options)
        heard = self.whisper.map(
            lambda chunk: decode_chunk(self.whisper, audio, chunk, options), chunks
        )
        done = 0.0
        for chunk, units in zip(chunks, heard, strict=True):
            builder.add(units, chunk.language, start=chunk.start, end=chunk.end)
            done = min(1.0, chunk.regions[-1].end / duration)
            progress(done)
        rest = 1.0 - done
        hear_again(
            self.whisper,
            audio,
            chunks,
            builder,
            options,
            lambda share: progress(done + rest * share),
        )
