#!/usr/bin/env python3
"""
WhisperX setup: from the configuration to a loaded model and its options.

What asr, alignment and translation share, so that all three load the same model in the same way.

Usage:
    from scripts.whisperx_setup import decoding_limits, load_recogniser

    recogniser = load_recogniser(stage_io, config)
"""

from __future__ import annotations

from pathlib import Path

from scripts.whisperx_integration import (
    DecodeOptions,
    LanguageRules,
    Recogniser,
    load_model,
    resolve_model,
)
from shared.config import hub_is_offline
from shared.core.errors import UnavailableError
from shared.core.languages import AUTO
from shared.core.paths import MODELS_DIR
from shared.core.settings import PipelineConfig
from shared.stage_utils import StageIO
from shared.transcript.quality import Limits

# What the packages carry: an automatically chosen model may give way to it.
PACKAGED_MODEL = "base"
CPU = "cpu"
CPU_COMPUTE_TYPE = "int8"


def load_recogniser(stage_io: StageIO, config: PipelineConfig) -> Recogniser:
    """Load the Whisper model of the job.

    Args:
        stage_io: Warnings, and whether the model was chosen automatically.
        config: Model, device, number format, threads.

    Raises:
        UnavailableError: The model that was asked for is not there and cannot be fetched.
    """
    name = config.whisper_model
    try:
        folder = _resolve(PACKAGED_MODEL if name == AUTO else name)
    except UnavailableError as error:
        chosen_by_us = "WHISPER_MODEL" in stage_io.job.resolved
        if not chosen_by_us or name == PACKAGED_MODEL:
            raise
        stage_io.warn(f"Whisper {PACKAGED_MODEL} is used: {error.cause}")
        name = PACKAGED_MODEL
        folder = _resolve(name)
    # CTranslate2 knows CUDA and CPU; Apple's GPU is the business of the mlx engine.
    device = config.device if config.device.startswith("cuda") else CPU
    compute_type: str = config.compute_type
    if compute_type == AUTO or (device == CPU and "float16" in compute_type):
        compute_type = CPU_COMPUTE_TYPE if device == CPU else "float16"
    return load_model(
        folder, device=device, compute_type=compute_type, threads=config.num_threads, name=name
    )


def decoding_limits(config: PipelineConfig) -> Limits:
    """Return where text is doubted.

    Args:
        config: The ASR_MIN_… and ASR_MAX_… settings.
    """
    return Limits(
        min_confidence=config.asr_min_confidence,
        max_no_speech=config.asr_max_no_speech,
        max_compression=config.asr_max_compression,
        min_word_confidence=config.asr_min_word_confidence,
        min_speech_score=config.asr_min_speech_score,
        max_characters_per_second=config.asr_max_characters_per_second,
    )


def decode_options(config: PipelineConfig, language: str | None, hotwords: str) -> DecodeOptions:
    """Return how speech becomes text.

    Args:
        config: The ASR settings.
        language: BCP-47, None = detect.
        hotwords: Words to expect.
    """
    return DecodeOptions(
        language=language,
        multilingual=config.asr_multilingual,
        beam_size=config.asr_beam_size,
        temperatures=tuple(config.whisper_temperature),
        chunk_length=config.asr_chunk_length,
        max_gap=config.asr_max_gap,
        context=config.asr_context,
        max_pause=config.asr_max_pause,
        max_segment=config.asr_max_segment,
        word_pause=config.asr_word_pause,
        carry_context=config.asr_carry_context,
        hotwords=hotwords,
        initial_prompt=config.asr_initial_prompt,
        limits=decoding_limits(config),
        language_rules=LanguageRules(
            windows=config.language_windows,
            switch_probability=config.language_switch_probability,
            switch_ratio=config.language_switch_ratio,
            switch_seconds=config.language_switch_seconds,
        ),
    )


def _resolve(name: str) -> Path:
    return resolve_model(
        name, models_dir=MODELS_DIR, cache_dir=MODELS_DIR, offline=hub_is_offline()
    )
