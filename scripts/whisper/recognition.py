#!/usr/bin/env python3
"""
Recognition: the engine of stage asr, by name, and how it decodes.

Usage:
    from scripts.whisper.recognition import decode_options, engine_setup

    setup = engine_setup(config.asr_engine)
    rung = setup.choose_rung(stage_io, config)
    recogniser = setup.load_recogniser(stage_io, config, rung)
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from scripts.whisper.engine import DecodeOptions, LanguageRules
from scripts.whisper.recogniser import WhisperRecogniser
from shared.core.ladder import Rung
from shared.core.languages import AUTO
from shared.core.settings import PipelineConfig
from shared.stage_utils import StageIO
from shared.transcript.recognition.quality import Limits

# Its module offers what EngineSetup says; STAGE_ENGINES tells the environment of each.
ENGINES = {
    "whisperx": "scripts.whisper.whisperx_setup",
    "whisperx-batched": "scripts.whisper.whisperx_batched_setup",
    "mlx": "scripts.whisper.mlx.mlx_setup",
}
DEFAULT_ENGINE = "whisperx"


class EngineSetup(Protocol):
    """What the set-up module of an engine offers."""

    def choose_rung(self, stage_io: StageIO, config: PipelineConfig) -> Rung:
        """Return how the engine works in this attempt.

        Args:
            stage_io: Gets the rung, and the warning if it is a lower one.
            config: Device, compute type and batch size that are wanted.
        """

    def load_recogniser(
        self, stage_io: StageIO, config: PipelineConfig, rung: Rung
    ) -> WhisperRecogniser:
        """Load the job's model; raises MissingModelError where it is not on this machine.

        Args:
            stage_io: Gets the model as an input.
            config: Which model.
            rung: Device, compute type and batch size of this attempt.

        Returns:
            The recogniser, its weights loaded.
        """


def engine_setup(name: str) -> EngineSetup:
    """Return the set-up module of an engine.

    Args:
        name: ASR_ENGINE.
    """
    module = importlib.import_module(ENGINES[DEFAULT_ENGINE if name == AUTO else name])
    return cast(EngineSetup, module)


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


def decode_options(
    config: PipelineConfig, rung: Rung, language: str | None, hotwords: str
) -> DecodeOptions:
    """Return how speech becomes text.

    Args:
        config: The ASR settings.
        rung: How much is heard at once.
        language: BCP-47, None = detect.
        hotwords: Words to expect.
    """
    return DecodeOptions(
        language=language,
        multilingual=config.asr_multilingual,
        beam_size=config.asr_beam_size,
        temperatures=tuple(config.whisper_temperature),
        chunk_length=rung.chunk_length,
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
