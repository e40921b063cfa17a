#!/usr/bin/env python3
"""
WhisperX setup: from the configuration to a loaded model and its options.

What asr, alignment and translation share, so that all three load the same model in the same way.

Usage:
    from scripts.whisper.whisperx_setup import choose_rung, load_recogniser

    recogniser = load_recogniser(stage_io, config, choose_rung(stage_io, config))
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from scripts.whisperx_integration import Recogniser, load_model
from shared.core.ladder import CPU, Rung, build_ladder
from shared.core.languages import AUTO
from shared.core.machine.tuning import read_tuning, tuning_key
from shared.core.settings import PipelineConfig
from shared.hardware_detection import CACHE_FILE
from shared.models.catalogue import describe
from shared.models.store import MissingModelError, find_model, require_model
from shared.pipeline.plan.needed import PACKAGED_WHISPER
from shared.pipeline.prepare.asr_engine import CPU_BATCH, GPU_BATCH, recognition_device
from shared.stage_utils import StageIO

ENGINE = "whisper"
ASR_ENGINE = "whisperx"
CPU_COMPUTE_TYPE = "int8"
Loaded = TypeVar("Loaded")


def choose_rung(stage_io: StageIO, config: PipelineConfig) -> Rung:
    """Return how Whisper works in this attempt: as configured, or lower on the fallback ladder.

    Args:
        stage_io: Knows how often memory ran out before.
        config: Device, number format, batch, length heard at once.
    """
    # CTranslate2 knows CUDA and CPU; Apple's GPU is the business of the mlx engine.
    device = recognition_device(ASR_ENGINE, config.device)
    compute_type: str = config.compute_type
    if compute_type == AUTO or (device == CPU and "float16" in compute_type):
        compute_type = CPU_COMPUTE_TYPE if device == CPU else "float16"
    batch_size = config.batch_size or (CPU_BATCH if device == CPU else GPU_BATCH)
    wanted = Rung(device, compute_type, batch_size, config.asr_chunk_length)
    return stage_io.use_rung(build_ladder(wanted))


def load_recogniser(stage_io: StageIO, config: PipelineConfig, rung: Rung) -> Recogniser:
    """Load the Whisper model of the job.

    Args:
        stage_io: Warnings, and whether the model was chosen automatically.
        config: Model, threads.
        rung: From choose_rung.

    Raises:
        MissingModelError: The model that was asked for is not on this machine.
    """
    return load_with(load_model, stage_io, config, rung)


def load_with(
    load: Callable[..., Loaded], stage_io: StageIO, config: PipelineConfig, rung: Rung
) -> Loaded:
    """Load the Whisper model of the job in an engine's own way.

    Args:
        load: The load_model of an engine.
        stage_io: Warnings, and whether the model was chosen automatically.
        config: Model, threads.
        rung: From choose_rung.

    Returns:
        What the engine's load_model gives.

    Raises:
        MissingModelError: The model that was asked for is not on this machine.
    """
    name, folder = find_whisper(stage_io, config)
    loaded = load(
        folder,
        device=rung.device,
        compute_type=rung.compute_type,
        threads=thread_setting(config, name, rung),
        name=name,
        batch_size=rung.batch_size,
    )
    stage_io.ready()
    return loaded


def thread_setting(config: PipelineConfig, name: str, rung: Rung) -> int:
    """Return the CPU threads of a model: as set, else as measured here; 0 = as many as help.

    Looked up when it is needed: threads are this machine's, and no job holds them.

    Args:
        config: NUM_THREADS.
        name: The Whisper model's.
        rung: Device and number format.
    """
    if config.num_threads or rung.device != CPU:
        return config.num_threads
    tuning = read_tuning(CACHE_FILE, tuning_key(name, rung.device, rung.compute_type))
    return tuning.threads if tuning else 0


def find_whisper(stage_io: StageIO, config: PipelineConfig) -> tuple[str, Path]:
    """Return name and folder of the job's Whisper model, recorded as an input of the stage.

    Args:
        stage_io: Warnings, and whether the model was chosen automatically.
        config: The model.

    Raises:
        MissingModelError: The model that was asked for is not on this machine.
    """
    name = PACKAGED_WHISPER if config.whisper_model == AUTO else config.whisper_model
    folder = find_model(ENGINE, name)
    stage_io.use_model(ENGINE, name, folder)
    if folder is None:
        missing = MissingModelError(describe(ENGINE, name))
        if "WHISPER_MODEL" not in stage_io.job.resolved or name == PACKAGED_WHISPER:
            raise missing
        stage_io.lack(f"Whisper {PACKAGED_WHISPER} is used: {missing.cause}")
        name = PACKAGED_WHISPER
        folder = require_model(ENGINE, name)
        stage_io.use_model(ENGINE, name, folder)
    return name, folder
