#!/usr/bin/env python3
"""
Whisper translate: English for one segment, heard from its own audio (Whisper's task "translate").

Usage:
    from scripts.whisper.translate import translate_segment

    english = translate_segment(
        engine, piece, language="hi", beam_size=5, temperatures=(0.0, 0.2), limits=Limits()
    )
"""

from __future__ import annotations

import math
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.language import engine_code
from shared.core.errors import InputError
from shared.transcript.recognition.quality import Hypothesis, Limits, evidence_against


def translate_segment(
    engine: Any,
    piece: Any,
    *,
    language: str,
    beam_size: int,
    temperatures: tuple[float, ...],
    limits: Limits,
) -> str:
    """Return English for a piece of speech, "" if what came cannot be a translation of it.

    Args:
        engine: A faster_whisper.WhisperModel that knows several languages.
        piece: float32 array, 16 kHz mono, shape (samples,).
        language: BCP-47 language that is spoken.
        beam_size: Beams at temperature 0.
        temperatures: Tried in turn while the text looks wrong.
        limits: What a line may look like; low confidence alone does not reject it.

    Raises:
        InputError: The model knows English only.
    """
    if not engine.model.is_multilingual:
        raise InputError(
            "This Whisper model cannot translate: it knows English only",
            hint="Set WHISPER_MODEL=base (or another without .en)",
        )
    if not len(piece):
        return ""
    found, _ = engine.transcribe(
        piece,
        language=engine_code(engine.supported_languages, language),
        task="translate",
        beam_size=beam_size,
        temperature=list(temperatures),
        compression_ratio_threshold=limits.max_compression,
        log_prob_threshold=math.log(limits.min_confidence),
        no_speech_threshold=None,
        condition_on_previous_text=False,
        without_timestamps=len(piece) <= 30 * SAMPLE_RATE,
        vad_filter=False,
    )
    parts = list(found)
    text = " ".join(part.text.strip() for part in parts).strip()
    hypothesis = Hypothesis(
        text=text,
        confidence=1.0,
        no_speech=0.0,
        compression=max((part.compression_ratio for part in parts), default=0.0),
        speech_score=1.0,
        duration=len(piece) / SAMPLE_RATE,
    )
    return "" if evidence_against(hypothesis, limits) else text
