#!/usr/bin/env python3
"""
ASR engine: which engine recognises speech on a device, and on which device an engine works.

Standard library only: the doctor uses it without any environment.

Usage:
    from shared.pipeline.prepare.asr_engine import default_asr_engine, recognition_device

    engine = default_asr_engine("mps", EnvironmentManager())
    device = recognition_device(engine, "mps")
"""

from __future__ import annotations

from shared.core.ladder import CPU
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager

# The engine that can use Apple's GPU, and nothing else but the CPU.
APPLE_ENGINE, APPLE_GPU = "mlx", "mps"
# Windows decoded at once where nothing was measured: beyond it a CPU gains nothing.
GPU_BATCH, CPU_BATCH = 8, 4
# What Whisper large (weights of so many MB) takes of a GPU in float16, MiB: beside the libraries'
# work its weights and one window's, and each window more (faster-whisper's own figures: 4,525 with
# one, 6,090 with eight). Smaller models take their share of it.
LARGE_MB, LIBRARIES_MB, WEIGHTS_MB, WINDOW_MB = 3090, 500, 3800, 225
USABLE = ("good", "drifted")


def default_asr_engine(device: str, environments: EnvironmentManager) -> str:
    """Return the engine that recognises speech where the user names none.

    Args:
        device: The job's: cpu, cuda, cuda:<index> or mps.
        environments: Tells whether Apple's engine is installed.
    """
    engines = STAGE_ENGINES["asr"]
    if device == APPLE_GPU and environments.status(engines[APPLE_ENGINE]).state in USABLE:
        return APPLE_ENGINE
    return next(iter(engines))


def recognition_device(engine: str, device: str) -> str:
    """Return the device that an engine of speech recognition works on.

    Args:
        engine: A key of STAGE_ENGINES["asr"].
        device: The job's; an engine that cannot use it takes the CPU.
    """
    usable = device == APPLE_GPU if engine == APPLE_ENGINE else device.startswith("cuda")
    return device if usable else CPU


def usual_batch_size(device: str, suitable: int) -> int:
    """Return how many stretches are recognised at once on a device where nothing was measured.

    Args:
        device: What recognition works on.
        suitable: What fits the device's memory.
    """
    return CPU_BATCH if device == CPU else min(GPU_BATCH, suitable)


def default_batch_size(
    engine: str, device: str, suitable: int, free_mb: int | None, model_mb: int
) -> int:
    """Return how many stretches of speech are recognised at once where the user does not say.

    Args:
        engine: A key of STAGE_ENGINES["asr"].
        device: The job's.
        suitable: What was measured to be fastest here, or what fits the device.
        free_mb: Memory of a GPU that is free now, MiB; None = unknown.
        model_mb: What the model weighs, MB; 0 = unknown: as the largest.
    """
    if engine == APPLE_ENGINE:
        return 1
    if recognition_device(engine, device) == CPU or free_mb is None:
        return suitable
    # Other programs use a GPU, too: what does not fit now would only be tried in vain.
    share = (model_mb or LARGE_MB) / LARGE_MB
    fitting = (free_mb - LIBRARIES_MB - share * WEIGHTS_MB) / (share * WINDOW_MB)
    return max(1, min(suitable, int(fitting)))
