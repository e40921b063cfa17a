#!/usr/bin/env python3
"""
Environments: the state of each engine's environment, for the doctor.

Usage:
    from shared.doctor.environments import check_environments

    findings = check_environments(states)
"""

from __future__ import annotations

from shared.doctor.finding import Finding, Level
from shared.environment_manager import STAGE_TO_ENV, EnvironmentStatus

# What each environment is for.
PURPOSES = {
    "common": "jobs, subtitles, muxing",
    "whisperx": "recognition, alignment, translation into English",
    "mlx": "recognition on Apple Silicon",
    "pyannote": "speech detection, speakers",
    "demucs": "separation, song detection",
    "indictrans2": "translation of Indic languages",
    "nllb": "translation between 200 languages",
    "llm": "translation by a language model",
    "batch": "many films at once",
    "web": "health and metrics for monitors",
}


def check_environments(states: dict[str, EnvironmentStatus]) -> list[Finding]:
    """Return one finding for each environment.

    Args:
        states: The state of each, by name.
    """
    return [_check(status) for status in states.values()]


def _check(status: EnvironmentStatus) -> Finding:
    absent: Level = "missing" if status.needed else "off"
    levels: dict[str, Level] = {"good": "good", "drifted": "degraded", "missing": absent}
    level = levels.get(status.state, "missing" if status.needed else "degraded")
    command = "" if status.state == "good" else f"./bootstrap.sh --env {status.name}"
    purpose = PURPOSES.get(status.name) or ", ".join(_stages_of(status.name)) or "no stage"
    return Finding(status.name, level, f"{purpose}: {status.state}, {status.detail}", command)


def _stages_of(env: str) -> list[str]:
    """Return the stages that run in an environment which somebody added."""
    return [stage for stage, used in STAGE_TO_ENV.items() if used == env]
