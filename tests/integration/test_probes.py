#!/usr/bin/env python3
"""Tests of tools/probes/: each environment that is here proves its engine, as --check runs it."""

from __future__ import annotations

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager
from tools.bootstrap.proof import prove
from tools.bootstrap.settings import base_environment

# What they share, and what stands for the probe of an environment that somebody added.
OF_NO_ENVIRONMENT = {"__init__", "probe", "imports"}

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "env", [pytest.param(env, marks=pytest.mark.environments(env)) for env in ENVIRONMENTS]
)
def test_an_environment_proves_its_engine(env: str) -> None:
    manager = EnvironmentManager()
    probe = PROJECT_ROOT / "tools" / "probes" / f"{env}.py"
    proof = prove(env, manager.python(env), probe, "cpu", base_environment())
    assert proof.ok, proof.detail
    assert proof.device == "cpu" and proof.engine


def test_every_environment_has_a_probe() -> None:
    folder = PROJECT_ROOT / "tools" / "probes"
    assert {path.stem for path in folder.glob("*.py")} - OF_NO_ENVIRONMENT == set(ENVIRONMENTS)
