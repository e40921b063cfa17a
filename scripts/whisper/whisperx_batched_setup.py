#!/usr/bin/env python3
"""
WhisperX batched setup: from the configuration to a loaded model of the engine whisperx-batched.

Usage:
    from scripts.whisper.whisperx_batched_setup import choose_rung, load_recogniser

    recogniser = load_recogniser(stage_io, config, choose_rung(stage_io, config))
"""

from __future__ import annotations

from scripts.whisper.whisperx_batched_integration import BatchedRecogniser, load_model
from scripts.whisper.whisperx_setup import choose_rung, load_with
from shared.core.ladder import Rung
from shared.core.settings import PipelineConfig
from shared.stage_utils import StageIO

__all__ = ["choose_rung", "load_recogniser"]


def load_recogniser(stage_io: StageIO, config: PipelineConfig, rung: Rung) -> BatchedRecogniser:
    """Load the Whisper model of the job.

    Args:
        stage_io: Warnings, and whether the model was chosen automatically.
        config: Model, threads.
        rung: From choose_rung.

    Raises:
        MissingModelError: The model that was asked for is not on this machine.
    """
    return load_with(load_model, stage_io, config, rung)
