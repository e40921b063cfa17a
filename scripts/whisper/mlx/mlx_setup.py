#!/usr/bin/env python3
"""
MLX setup: from the configuration to a loaded model of the engine mlx.

Usage:
    from scripts.whisper.mlx.mlx_setup import choose_rung, load_recogniser

    recogniser = load_recogniser(stage_io, config, choose_rung(stage_io, config))
"""

from __future__ import annotations

from pathlib import Path

from scripts.whisper.mlx.mlx_integration import load_model
from scripts.whisper.recogniser import WhisperRecogniser
from shared.core.ladder import CPU, SMALL, Rung, build_ladder
from shared.core.languages import AUTO
from shared.core.paths import MODELS_DIR
from shared.core.settings import PipelineConfig
from shared.models.catalogue import describe
from shared.models.store import MissingModelError, find_model, find_origin
from shared.pipeline.plan.needed import PACKAGED_WHISPER
from shared.pipeline.prepare.asr_engine import recognition_device
from shared.stage_utils import StageIO

ENGINE = "mlx"
HALF, FULL = "float16", "float32"
BEAM_SIZE = "ASR_BEAM_SIZE"


def choose_rung(stage_io: StageIO, config: PipelineConfig) -> Rung:
    """Return how Whisper works in this attempt: as configured, or lower on the fallback ladder.

    Args:
        stage_io: Knows how often memory ran out before.
        config: Device, number format, length heard at once, what MLX cannot do.
    """
    device = recognition_device(ENGINE, config.device)
    if config.device.startswith("cuda"):
        stage_io.warn(f"MLX works on the CPU, not on {config.device}")
    resolved, job = stage_io.job.resolved, stage_io.job.config
    usual = PipelineConfig.model_fields[BEAM_SIZE.lower()].default
    if config.asr_beam_size > 1 and (BEAM_SIZE in job or config.asr_beam_size != usual):
        stage_io.warn(
            f"MLX takes the best token each time: {BEAM_SIZE}={config.asr_beam_size} has no effect"
        )
    if config.compute_type.startswith(SMALL) and "COMPUTE_TYPE" not in resolved:
        stage_io.warn(f"MLX does not compute in {config.compute_type}")
    # One number format for a device: there is no rung for another.
    return stage_io.use_rung(build_ladder(Rung(device, "", chunk_length=config.asr_chunk_length)))


def load_recogniser(stage_io: StageIO, config: PipelineConfig, rung: Rung) -> WhisperRecogniser:
    """Load the Whisper model of the job.

    Args:
        stage_io: Warnings, and whether the model was chosen automatically.
        config: The model and its number format.
        rung: From choose_rung.

    Raises:
        MissingModelError: The model that was asked for is not on this machine.
    """
    name, folder = provide_whisper(stage_io, config)
    wants_full = config.compute_type == FULL or rung.device == CPU
    recogniser = load_model(
        folder, device=rung.device, compute_type=FULL if wants_full else HALF, name=name
    )
    stage_io.ready()
    return recogniser


def provide_whisper(stage_io: StageIO, config: PipelineConfig) -> tuple[str, Path]:
    """Return name and folder of the job's Whisper model, converted from CTranslate2's if need be.

    Args:
        stage_io: Warnings, and whether the model was chosen automatically.
        config: The model.

    Raises:
        MissingModelError: The model that was asked for is not on this machine, in neither form.
    """
    name = PACKAGED_WHISPER if config.whisper_model == AUTO else config.whisper_model
    folder = _find_or_convert(stage_io, name)
    stage_io.use_model(ENGINE, name, folder)
    if folder is not None:
        return name, folder
    missing = MissingModelError(describe(ENGINE, name))
    if "WHISPER_MODEL" not in stage_io.job.resolved or name == PACKAGED_WHISPER:
        raise missing
    folder = _find_or_convert(stage_io, PACKAGED_WHISPER)
    if folder is None:
        raise missing
    stage_io.lack(f"Whisper {PACKAGED_WHISPER} is used: {missing.cause}")
    stage_io.use_model(ENGINE, PACKAGED_WHISPER, folder)
    return PACKAGED_WHISPER, folder


def _find_or_convert(stage_io: StageIO, name: str) -> Path | None:
    """Return the folder of a model in MLX's form, None where it is here in no form."""
    folder = find_model(ENGINE, name)
    origin = find_origin(ENGINE, name) if folder is None else None
    if origin is None:
        return folder
    from scripts.whisper.mlx.mlx_weights import convert

    target = MODELS_DIR / ENGINE / describe(ENGINE, name).name
    if stage_io.logger is not None:
        stage_io.logger.info(f"Whisper {name} is converted for MLX, this once: {target}")
    convert(origin, target)
    return target
