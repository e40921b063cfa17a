#!/usr/bin/env python3
"""
Checks: whether a job would find here what it needs, and whether those at work get on.

Usage:
    from shared.health.checks import check_readiness

    check_readiness().checks["disk_space"]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import psutil

from shared.config import load_config, secrets_present
from shared.core.errors import PipelineError, counted
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.doctor.choices import find_weights, read_choices
from shared.doctor.finding import Finding
from shared.doctor.stages import check_stages
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager
from shared.hardware_detection import detect_hardware
from shared.observability.metrics.live import free_bytes, stuck_jobs
from shared.pipeline.job.job import output_root

GB = 10**9


@dataclass
class Readiness:
    """What was looked at.

    Attributes:
        checks: Whether it is as it should be, by name.
        reasons: Why it is not, a line each; no path, no title, no secret.
    """

    checks: dict[str, bool] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether all is as it should be."""
        return all(self.checks.values())

    def note(self, name: str, is_good: bool, reason: str) -> None:
        """Add one check.

        Args:
            name: What was looked at.
            is_good: Whether it is as it should be.
            reason: Why it is not.
        """
        self.checks[name] = is_good
        if not is_good:
            self.reasons.append(reason)


def check_readiness() -> Readiness:
    """Look at all that a job needs; a configuration that cannot be read is told, not raised.

    Returns:
        What is good and what is not, with the reasons.
    """
    found = Readiness()
    try:
        config = load_config()
    except PipelineError:
        found.note("configuration", False, "the configuration cannot be read: tools/doctor.py")
        return found
    found.note("configuration", True, "")
    _check_stages(found)
    _check_machine(found, config)
    stuck = len(stuck_jobs(config))
    seconds = config.health_stuck_seconds
    told = f"{counted(stuck, 'job')} at work told nothing for over {seconds:g} s"
    found.note("jobs_moving", not stuck, told)
    return found


def _check_stages(found: Readiness) -> None:
    """Look whether every stage has its environment and its model."""
    manager = EnvironmentManager(PROJECT_ROOT)
    states = {env: manager.status(env) for env in ENVIRONMENTS}
    choices, _ = read_choices()
    has_key = secrets_present()["TMDB_API_KEY"]
    stages = check_stages(choices, manager, states, find_weights, has_key)
    missing = [finding for finding in stages if finding.level == "missing"]
    without = [one for one in missing if states[one.environment].state in ("missing", "broken")]
    lacking = [one for one in missing if one not in without]
    found.note("environments", not without, f"no working environment: {_names(without)}")
    found.note("models_loaded", not lacking, f"an engine or its model lacks: {_names(lacking)}")


def _names(findings: list[Finding]) -> str:
    return ", ".join(finding.name for finding in findings)


def _check_machine(found: Readiness, config: PipelineConfig) -> None:
    free, wanted = free_bytes(output_root(config)) / GB, config.health_disk_gb
    found.note("disk_space", free > wanted, f"{free:.1f} GB free, {wanted:g} wanted")
    memory, least = psutil.virtual_memory().available / GB, config.health_memory_gb
    told = f"{memory:.1f} GB of memory available, {least:g} wanted"
    found.note("memory_available", memory > least, told)
    has_gpu = not config.device.startswith("cuda") or detect_hardware().device == "cuda"
    found.note("gpu_available", has_gpu, f"DEVICE={config.device}, and no GPU can be used")
