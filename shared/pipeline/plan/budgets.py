#!/usr/bin/env python3
"""
Budgets: how long stages may take. How long they are expected to take: shared/pipeline/plan/pace.py.

Usage:
    from shared.pipeline.plan.budgets import stage_timeout

    stage_timeout("asr", media_seconds=7200, factor=30, minimum=1800)
"""

from __future__ import annotations

# Seconds per minute of media. Sources: standards 8.1 where it names the stage (asr: its CPU
# figure); the others were measured with the embedded defaults on two CPU cores.
PERFORMANCE_BUDGETS: dict[str, float] = {
    "demux": 10.0,
    "tmdb": 1.0,
    "glossary_load": 0.5,
    "source_separation": 120.0,
    "pyannote_vad": 15.0,
    "asr": 60.0,
    "alignment": 30.0,
    "lyrics_detection": 3.0,
    "export_transcript": 0.5,
    "translation": 60.0,
    "subtitle_generation": 3.0,
    "mux": 15.0,
}
SECONDS_PER_MINUTE = 60.0


def stage_timeout(stage: str, media_seconds: float, factor: float, minimum: float) -> float:
    """Return the longest run of a stage in seconds.

    Args:
        stage: A name in STAGE_ORDER.
        media_seconds: Length of the media.
        factor: Multiple of the budget.
        minimum: What every stage has at least, seconds.
    """
    return max(minimum, PERFORMANCE_BUDGETS[stage] * media_seconds / SECONDS_PER_MINUTE * factor)
