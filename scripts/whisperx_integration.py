#!/usr/bin/env python3
"""
WhisperX: speech recognition, translation into English and alignment with Whisper.

The only place that imports faster_whisper (the engine of WhisperX). whisperx.asr is never imported:
that costs 24 s for what is done here with speech regions found before. Each chunk of speech is
decoded by itself, so that music between two chunks is never heard; text that the figures speak
against is kept apart with its evidence.

Usage:
    from scripts.whisperx_integration import load_model
    from shared.models.store import require_model

    folder = require_model("whisper", "base")
    recogniser = load_model(folder, device="cpu", compute_type="int8", threads=2)
    transcript = recogniser.transcribe(audio, regions, DecodeOptions(...), progress=show)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.audio_frames import SAMPLE_RATE
from scripts.cuda_libraries import preload
from scripts.whisper_again import hear_again
from scripts.whisper_attention import align_by_attention
from scripts.whisper_decode import DecodeOptions, decode_chunk, plan_chunks
from scripts.whisper_language import LanguageRules, detect_language
from shared.core.errors import InputError, UnavailableError
from shared.transcript.coverage import measure_coverage, missing_speech
from shared.transcript.schemas import Segment, SpeechRegion, Transcript
from shared.transcript.transcribed import TranscriptBuilder, most_spoken

__all__ = [
    "DecodeOptions",
    "LanguageRules",
    "Recogniser",
    "load_model",
]

Progress = Callable[[float], None]


def load_model(
    model: str | Path, *, device: str, compute_type: str, threads: int, name: str = ""
) -> Recogniser:
    """Load a Whisper model.

    Args:
        model: Folder with CTranslate2 weights, from the model store.
        device: "cpu", "cuda" or "cuda:<number>".
        compute_type: For example "int8", "float16", "float32".
        threads: CPU threads; 0: the engine decides.
        name: What to call the model in the transcript; the folder's name if empty.

    Raises:
        InputError: The device cannot compute with this type, or the folder holds no weights.
        UnavailableError: The device is not there, or its memory is too small.
    """
    if device.startswith("cuda"):
        preload()
    from faster_whisper import WhisperModel

    folder = Path(model)
    if not (folder / "model.bin").is_file():
        raise InputError(f"No Whisper weights in {folder}", hint="Resolve the model's name first")
    try:
        kind, _, number = device.partition(":")
        engine = WhisperModel(
            str(folder),
            device=kind,
            device_index=int(number or 0),
            compute_type=compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )
    except ValueError as error:
        raise InputError(
            f"Whisper cannot use {compute_type} on {device}: {error}",
            hint="Set COMPUTE_TYPE=auto",
        ) from error
    except RuntimeError as error:
        raise UnavailableError(
            f"Whisper does not load on {device}: {error}", hint="Set DEVICE=cpu or free memory"
        ) from error
    return Recogniser(engine, name or folder.name)


class Recogniser:
    """A loaded Whisper model; audio is float32, 16 kHz mono, shape (samples,), everywhere."""

    def __init__(self, engine: Any, name: str) -> None:
        self.engine = engine
        self.name = name

    @property
    def multilingual(self) -> bool:
        """Whether the model knows other languages than English."""
        return bool(self.engine.model.is_multilingual)

    def detect_language(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        *,
        rules: LanguageRules | None = None,
    ) -> tuple[str, float]:
        """Return the main language (BCP-47) and its probability; ("und", 0.0) without speech."""
        return detect_language(self.engine, audio, regions, rules or LanguageRules())

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
        import ctranslate2

        ctranslate2.set_random_seed(0)
        language, confidence = options.language or "", 1.0
        if not language:
            language, confidence = self.detect_language(
                audio, regions, rules=options.language_rules
            )
        duration = len(audio) / SAMPLE_RATE
        builder = TranscriptBuilder(
            regions=regions,
            limits=options.limits,
            prompt=options.initial_prompt or options.hotwords,
            max_pause=options.word_pause,
        )
        chunks = plan_chunks(self.engine, audio, regions, language, options)
        done = 0.0
        for chunk in chunks:
            units = decode_chunk(self.engine, audio, chunk, options)
            builder.add(units, chunk.language, start=chunk.start, end=chunk.end)
            done = min(1.0, chunk.regions[-1].end / duration)
            progress(done)
        left = 1.0 - done
        hear_again(
            self.engine,
            audio,
            chunks,
            builder,
            options,
            lambda share: progress(done + left * share),
        )
        progress(1.0)
        segments, quarantined = builder.result()
        if options.multilingual and not options.language and segments:
            language, confidence = most_spoken(segments)
        return Transcript(
            language=language,
            language_confidence=confidence,
            engine="faster-whisper",
            model=self.name,
            audio_duration=duration,
            segments=segments,
            quarantined=quarantined,
            regions_without_text=missing_speech(regions, [*segments, *quarantined]),
            coverage=measure_coverage(regions, segments, quarantined),
        )

    def align(
        self,
        audio: Any,
        segments: Sequence[Segment],
        *,
        regions: Sequence[SpeechRegion],
        context: float,
        max_pause: float,
        progress: Progress,
    ) -> list[Segment]:
        """Return the segments with every token timed by Whisper's attention on the given text.

        Args:
            audio: See the class.
            segments: In order; text and id stay, times and words become new.
            regions: Where somebody speaks.
            context: Seconds heard on either side of a segment.
            max_pause: No word crosses a longer stretch without speech, seconds.
            progress: Called with the share done, 0 to 1.
        """
        return align_by_attention(
            self.engine,
            audio,
            segments,
            regions=regions,
            context=context,
            max_pause=max_pause,
            progress=progress,
        )
