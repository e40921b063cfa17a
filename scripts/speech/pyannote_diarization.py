#!/usr/bin/env python3
"""
Pyannote diarization: tells speakers apart with a pipeline of pyannote.audio, from a local folder.

Usage:
    from scripts.speech.pyannote_diarization import find_turns

    turns = find_turns(audio, folder, fewest=1, most=0, device="cpu", batch_size=16,
                       progress=lambda share: None)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.speech import pyannote_checkpoint
from scripts.speech.pyannote_integration import import_pyannote
from shared.core.errors import UnavailableError
from shared.transcript.sound.speakers import SpeakerTurn, number_speakers

PIPELINE_FILE = "config.yaml"
# The steps of the pipeline that take time; each is taken for half of the work.
SLOW_STEPS = ("segmentation", "embeddings")


def find_turns(
    audio: Any,
    folder: Path,
    *,
    fewest: int,
    most: int,
    device: str,
    batch_size: int,
    progress: Callable[[float], None],
) -> list[SpeakerTurn]:
    """Return who speaks when, in order; where two speak at once, the one heard best.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        folder: A pipeline: config.yaml and the models that it names.
        fewest: At least so many speakers.
        most: At most so many, 0 = no limit.
        device: cpu, cuda or mps.
        batch_size: Windows that go through a network at once.
        progress: Called with the share done, 0 to 1.

    Raises:
        UnavailableError: The library is not installed or the folder holds no such pipeline.
    """
    pipeline = load_pipeline(folder, device, batch_size)
    import numpy as np
    import torch

    waveform = torch.from_numpy(np.asarray(audio))[None]

    def hook(name: str, _: Any, total: int = 0, completed: int = 0, **__: Any) -> None:
        if name in SLOW_STEPS and total:
            progress((SLOW_STEPS.index(name) + min(1.0, completed / total)) / len(SLOW_STEPS))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pipeline(
            {"waveform": waveform, "sample_rate": SAMPLE_RATE},
            min_speakers=fewest,
            max_speakers=max(most, fewest) if most else None,
            hook=hook,
        )
    progress(1.0)
    exclusive = getattr(found, "exclusive_speaker_diarization", found)
    return number_speakers(
        SpeakerTurn(start=max(0.0, turn.start), end=max(0.0, turn.end), speaker=str(speaker))
        for turn, _, speaker in exclusive.itertracks(yield_label=True)
    )


def load_pipeline(folder: Path, device: str, batch_size: int) -> Any:
    """Return the pipeline in a folder, ready to run.

    Args:
        folder: Its config.yaml and weights.
        device: cpu, cuda, cuda:<number> or mps.
        batch_size: Windows that go through the networks together.

    Raises:
        UnavailableError: See find_turns.
    """
    if not (folder / PIPELINE_FILE).is_file():
        raise UnavailableError(
            f"{folder} holds no diarization pipeline: no {PIPELINE_FILE}",
            hint="Fetch it again, or set DIARIZATION=embedding",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = import_pyannote()
        try:
            pipeline = pyannote_checkpoint.load_pipeline(library, folder, PIPELINE_FILE)
        except (OSError, KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
            raise UnavailableError(
                f"No diarization pipeline can be loaded from {folder}: {error}",
                hint="Fetch it again, or set DIARIZATION=embedding",
            ) from error
    import torch

    pipeline.segmentation_batch_size = batch_size
    pipeline.embedding_batch_size = batch_size
    return pipeline.to(torch.device(device))
