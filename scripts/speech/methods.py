#!/usr/bin/env python3
"""
Speech setup: from the configuration to a detector of speech and its options.

Usage:
    from scripts.speech.methods import LADDER, detect_and_tell, segmentation_weights

    weights = segmentation_weights(config.vad_weights)
    found = detect_and_tell(audio, config, weights=weights, batch_size=16, warn=..., progress=...)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.speech import pyannote_integration, silero_integration
from scripts.speech.regions import detection_rules
from shared.core.errors import UnavailableError
from shared.core.ladder import Rung
from shared.core.paths import MODELS_DIR
from shared.core.settings import PipelineConfig
from shared.models.store import require_model
from shared.transcript.records.schemas import SpeechRegion, SpeechSegments
from shared.transcript.sound.speakers import SpeakerTurn, name_regions

# Only the number of windows heard at once takes memory; there is nothing else to give up.
LADDER = [Rung(compute_type="float32", batch_size=size) for size in (16, 4, 1)]
# What finding speech takes of the whole work, when speakers are told apart as well.
DETECTION_SHARE = 0.5
# How far apart two speakers' mean voices are at least, and how near single ones are that surely are
# one speaker's (cosine distance), by the network that embeds them.
CAMPPLUS_APART, CAMPPLUS_ALIKE = 0.32, 0.35
GE2E_APART, GE2E_ALIKE = 0.28, 0.2
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
WEIGHT_FILES = (".bin", ".ckpt", ".pt", ".pth")
WEIGHTS_IN_FOLDER = "pytorch_model.bin"


def segmentation_weights(name: str) -> Path | None:
    """Return the file with the segmentation network's weights; None: those of the whisperx package.

    Args:
        name: VAD_WEIGHTS: a file, a folder, a model of the hub ("owner/name") or "".

    Raises:
        MissingModelError: The model is not on this machine; the hint fetches it.
    """
    if not name:
        return None
    path = Path(name).expanduser()
    from_hub = HUB_NAME.fullmatch(name) and not name.endswith(WEIGHT_FILES) and not path.is_file()
    if path.is_dir() or from_hub:
        return require_model("pyannote", name) / WEIGHTS_IN_FOLDER
    return path


def detect_and_tell(
    audio: Any,
    config: PipelineConfig,
    *,
    weights: Path | None,
    batch_size: int,
    warn: Callable[[str], None],
    progress: Callable[[float], None],
) -> SpeechSegments:
    """Return the speech regions, with their speakers where DIARIZATION asks for them.

    Args and errors are those of find_speech and tell_speakers.

    Args:
        audio: Samples at 16 kHz, mono, float32, shape (samples,).
        config: Which detector, its thresholds, and whether speakers are told apart.
        weights: The detector's weights; None takes those in its package.
        batch_size: Windows that go through the network together.
        warn: Called with one line for each thing that was left out.
        progress: Called with the seconds that are done.
    """
    if config.diarization == "off":
        return find_speech(
            audio, config, weights=weights, batch_size=batch_size, warn=warn, progress=progress
        )
    speech = find_speech(
        audio,
        config,
        weights=weights,
        batch_size=batch_size,
        warn=warn,
        progress=lambda share: progress(share * DETECTION_SHARE),
    )
    return tell_speakers(
        audio,
        speech,
        config,
        batch_size=batch_size,
        warn=warn,
        progress=lambda share: progress(DETECTION_SHARE + share * (1 - DETECTION_SHARE)),
    )


def find_speech(
    audio: Any,
    config: PipelineConfig,
    *,
    weights: Path | None,
    batch_size: int,
    warn: Callable[[str], None],
    progress: Callable[[float], None],
) -> SpeechSegments:
    """Return the speech regions, from pyannote or, where it cannot run, from Silero.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        config: The detector and its thresholds.
        weights: From segmentation_weights.
        batch_size: Windows that go through pyannote's network at once.
        warn: Told when another detector works than the one first meant.
        progress: Called with the share done, 0 to 1.

    Raises:
        UnavailableError: The detector that was asked for cannot run.
    """
    rules = detection_rules(config)
    if config.vad_engine != "silero":
        try:
            return pyannote_integration.detect_speech(
                audio,
                rules,
                weights=weights,
                cache_dir=MODELS_DIR,
                batch_size=batch_size,
                progress=progress,
            )
        except UnavailableError as error:
            if config.vad_engine == "pyannote":
                raise
            warn(f"Silero detects speech, pyannote cannot run: {error.cause}")
    return silero_integration.detect_speech(audio, rules, progress=progress)


def tell_speakers(
    audio: Any,
    speech: SpeechSegments,
    config: PipelineConfig,
    *,
    batch_size: int,
    warn: Callable[[str], None],
    progress: Callable[[float], None],
) -> SpeechSegments:
    """Return the speech regions with their speakers, cut where the speaker changes.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        speech: The regions.
        config: DIARIZATION and what belongs to it.
        batch_size: Windows that go through a network at once.
        warn: Told when others work than the networks first meant.
        progress: Called with the share done, 0 to 1.

    Raises:
        UnavailableError: What was asked for is not on this machine.
    """
    from scripts.speech import pyannote_diarization

    if config.diarization in ("auto", "pyannote"):
        try:
            turns = pyannote_diarization.find_turns(
                audio,
                require_model("pyannote", config.diarization_model),
                fewest=config.min_speakers,
                most=config.max_speakers,
                device="cpu" if config.device == "auto" else config.device,
                batch_size=batch_size,
                progress=progress,
            )
            return _with_speakers(speech, turns, "pyannote")
        except UnavailableError as error:
            if config.diarization == "pyannote":
                raise
            warn(f"Speakers are told apart by the packaged networks: {error.cause}")
    turns = _by_packaged_voices(
        audio, speech.regions, config, batch_size=batch_size, warn=warn, progress=progress
    )
    return _with_speakers(speech, turns, "embedding")


def _by_packaged_voices(
    audio: Any,
    regions: Sequence[SpeechRegion],
    config: PipelineConfig,
    *,
    batch_size: int,
    warn: Callable[[str], None],
    progress: Callable[[float], None],
) -> list[SpeakerTurn]:
    """Return who speaks when, by CAM++ or, where its package is not installed, by GE2E."""
    from scripts.speech import campplus_diarization
    from scripts.speech.voice_clusters import SpeakerRules

    try:
        return campplus_diarization.find_turns(
            audio,
            regions,
            rules=SpeakerRules(
                config.min_speakers,
                config.max_speakers,
                config.speaker_distance or CAMPPLUS_APART,
                CAMPPLUS_ALIKE,
            ),
            cache_dir=MODELS_DIR,
            batch_size=batch_size,
            progress=progress,
        )
    except UnavailableError as error:
        warn(f"Speakers are told apart by GE2E, and where two speak one is named: {error.cause}")
    return turns_by_ge2e(audio, regions, config, batch_size=batch_size, progress=progress)


def turns_by_ge2e(
    audio: Any,
    regions: Sequence[SpeechRegion],
    config: PipelineConfig,
    *,
    batch_size: int,
    progress: Callable[[float], None],
) -> list[SpeakerTurn]:
    """Return who speaks when by GE2E, one speaker at a time.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks.
        config: How many speakers, how different.
        batch_size: Windows that go through the network at once.
        progress: Called with the share done, 0 to 1.

    Raises:
        UnavailableError: Its weights are not installed.
    """
    from scripts.speech import resemblyzer_diarization
    from scripts.speech.voice_clusters import SpeakerRules

    return resemblyzer_diarization.find_turns(
        audio,
        regions,
        rules=SpeakerRules(
            config.min_speakers,
            config.max_speakers,
            config.speaker_distance or GE2E_APART,
            GE2E_ALIKE,
        ),
        cache_dir=MODELS_DIR,
        batch_size=batch_size,
        progress=progress,
    )


def _with_speakers(speech: SpeechSegments, turns: list[SpeakerTurn], engine: str) -> SpeechSegments:
    return speech.model_copy(
        update={"regions": name_regions(speech.regions, turns), "diarization": engine}
    )
