#!/usr/bin/env python3
"""
Detected regions: what both speech detectors make of their probabilities.

Usage:
    from scripts.speech.regions import detected_speech, detection_rules

    rules = detection_rules(config)
    found = detected_speech("silero", probabilities, audio, rules, frame=512)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE, mute_silence
from shared.core.settings import PipelineConfig
from shared.transcript.records.schemas import SpeechSegments
from shared.transcript.sound.speech import RegionRules, find_regions


@dataclass(frozen=True)
class DetectionRules(RegionRules):
    """Rules for regions; what is quieter than `floor_db` (dBFS, RMS of a frame) is silence."""

    floor_db: float


def detection_rules(config: PipelineConfig) -> DetectionRules:
    """Return how both detectors make regions of probabilities.

    Args:
        config: The VAD_… settings.
    """
    return DetectionRules(
        onset=config.vad_onset,
        offset=config.vad_offset,
        min_speech=config.vad_min_speech,
        min_silence=config.vad_min_silence,
        pad=config.vad_pad,
        max_speech=config.vad_max_speech,
        floor_db=config.vad_floor_db,
    )


def detected_speech(
    engine: str, probabilities: Any, audio: Any, rules: DetectionRules, *, frame: int
) -> SpeechSegments:
    """Return the speech in a detector's output.

    Args:
        engine: The detector's name.
        probabilities: float array, shape (frames,).
        audio: float32 array, 16 kHz mono, shape (samples,), values from -1 to 1.
        rules: How regions are made.
        frame: Samples per frame.
    """
    loud = mute_silence(probabilities, audio, frame=frame, floor_db=rules.floor_db)
    duration = len(audio) / SAMPLE_RATE
    regions = find_regions(loud.tolist(), rules, step=frame / SAMPLE_RATE, duration=duration)
    return SpeechSegments(engine=engine, audio_duration=duration, regions=regions)
