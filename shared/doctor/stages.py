#!/usr/bin/env python3
"""
Stages: for each of the twelve stages the engine that will run it, and what it still lacks.

Works on the configuration's choices; without an environment that can read the configuration, on
its defaults.

Usage:
    from shared.doctor.engines import Choices
    from shared.doctor.stages import check_stages

    findings = check_stages(Choices(), manager, states, find_weights)
"""

from __future__ import annotations

from shared.doctor.engines import Choices, Find, Scene, engine_of, recogniser, translator
from shared.doctor.finding import Finding
from shared.environment_manager import EnvironmentManager, EnvironmentStatus
from shared.stage_order import STAGE_ORDER


def check_stages(
    choices: Choices,
    manager: EnvironmentManager,
    states: dict[str, EnvironmentStatus],
    find: Find,
    tmdb_key: bool = False,
) -> list[Finding]:
    """Return one finding for each stage, in order.

    Args:
        choices: The configuration.
        manager: The environments.
        states: The state of each, by name.
        find: Looks a model up in the store.
        tmdb_key: Whether there is a key for TMDB.
    """
    scene = Scene(choices, manager, states, find, tmdb_key)
    return [_check_stage(scene, stage) for stage in STAGE_ORDER]


def _check_stage(scene: Scene, stage: str) -> Finding:
    """Return the finding of one stage: its environment first, then what its engine lacks."""
    choices = scene.choices
    asr = recogniser(scene)
    translation = translator(choices)
    env = scene.manager.environment_for_stage(stage, asr, translation)
    engine = engine_of(scene, stage)
    state = scene.states[env]
    level, detail, command = engine.level, engine.detail, engine.command
    if state.state in ("missing", "broken"):
        level, command = "missing", f"./bootstrap.sh --env {env}"
        detail = f"its environment {env} is {state.state}"
        detail += "" if state.state == "missing" else f": {state.detail}"
    elif state.state == "drifted" and level == "good":
        level, command = "degraded", f"./bootstrap.sh --env {env}"
        detail = f"its environment {env} has changed: {state.detail}"
    return Finding(stage, level, detail, command, engine.name, env, engine.fallback)
