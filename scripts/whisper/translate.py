#!/usr/bin/env python3
"""
Whisper translate: English for a piece of speech, heard from its sound (Whisper's task "translate").

Usage:
    from scripts.whisper.translate import hear_in_english

    heard = hear_in_english(engine, piece, language="hi", beam_size=5, temperature=0.0)
    heard.text, heard.confidence
"""

from __future__ import annotations

import math
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.language import engine_code
from shared.core.errors import InputError
from shared.translation.hearing.heard import Heard

# What Whisper reads at once, seconds.
WINDOW = 30


def hear_in_english(
    engine: Any, piece: Any, *, language: str, beam_size: int, temperature: float
) -> Heard:
    """Return what the engine writes for a piece of speech, with its own figures; it judges nothing.

    Args:
        engine: A faster_whisper.WhisperModel that knows several languages.
        piece: float32 array, 16 kHz mono, shape (samples,).
        language: BCP-47 language that is spoken.
        beam_size: Beams at temperature 0.
        temperature: How freely words are drawn; 0 = the likeliest.

    Returns:
        The text ("" for no sound) with the figures of its least likely part.

    Raises:
        InputError: The model knows English only.
    """
    if not engine.model.is_multilingual:
        raise InputError(
            "This Whisper model cannot translate: it knows English only",
            hint="Set WHISPER_MODEL=base (or another without .en)",
        )
    if not len(piece):
        return Heard("")
    found, _ = engine.transcribe(
        piece,
        language=engine_code(engine.supported_languages, language),
        task="translate",
        beam_size=beam_size,
        temperature=[temperature],
        compression_ratio_threshold=None,
        log_prob_threshold=None,
        no_speech_threshold=None,
        condition_on_previous_text=False,
        without_timestamps=len(piece) <= WINDOW * SAMPLE_RATE,
        vad_filter=False,
    )
    parts = list(found)
    return Heard(
        text=" ".join(part.text.strip() for part in parts).strip(),
        confidence=math.exp(min((part.avg_logprob for part in parts), default=-math.inf)),
        no_speech=max((part.no_speech_prob for part in parts), default=1.0),
        compression=max((part.compression_ratio for part in parts), default=0.0),
    )
