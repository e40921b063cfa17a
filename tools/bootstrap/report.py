#!/usr/bin/env python3
"""
Report: tells the state of every environment, for people or as JSON.

Usage:
    from tools.bootstrap.report import Report

    report = Report.of(manager, names, missing)
    print(report.table())
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shared.environment_manager import ENVIRONMENTS, EnvironmentManager, EnvironmentStatus
from shared.hardware_detection import Hardware, Profile


@dataclass(frozen=True)
class Report:
    """What --check found: every environment, those asked for, the programs that are missing."""

    profile: Profile
    environments: tuple[EnvironmentStatus, ...]
    names: tuple[str, ...]
    needed: tuple[str, ...]
    missing_programs: tuple[str, ...]

    @classmethod
    def of(
        cls, manager: EnvironmentManager, names: Sequence[str], missing: Sequence[str]
    ) -> Report:
        """Look at every environment.

        Args:
            manager: The checkout's environments.
            names: Those that must be good.
            missing: Programs that must be there and are not.
        """
        states = tuple(manager.status(env) for env in ENVIRONMENTS)
        needed = tuple(manager.needed())
        return cls(manager.profile, states, tuple(names), needed, tuple(missing))

    @property
    def bad(self) -> list[str]:
        """Those of the environments asked for that are not good."""
        return [env.name for env in self.environments if self._asked(env) and env.state != "good"]

    @property
    def good(self) -> bool:
        """Whether nothing is left to do."""
        return not self.bad and not self.missing_programs

    def table(self) -> str:
        """Return one line for each environment: name, state, role, reason."""
        lines = [
            f"{env.name:<12} {env.state:<8} {'needed' if self._asked(env) else 'optional':<9} "
            f"{env.detail}"
            for env in self.environments
        ]
        missing = f"missing  needed    {' and '.join(self.missing_programs)}"
        return "\n".join([*lines, f"{'ffmpeg':<12} {missing if self.missing_programs else 'good'}"])

    def document(self, hardware: Hardware) -> str:
        """Return the report as JSON, with the hardware it was made on."""
        fields = {
            "good": self.good,
            "profile": self.profile,
            "hardware": asdict(hardware),
            "missing_programs": self.missing_programs,
            "environments": [asdict(env) for env in self.environments],
        }
        return json.dumps(fields, indent=2)

    def repair_command(self, profile: str) -> str:
        """Return the command that makes everything good that was asked for.

        Args:
            profile: The profile named on the command line, or auto.
        """
        words = ["./bootstrap.sh"]
        if not set(self.bad) <= set(self.needed):
            words += [f"--env {name}" for name in self.bad]
        if profile != "auto":
            words.append(f"--profile {profile}")
        return " ".join(words)

    def _asked(self, env: EnvironmentStatus) -> bool:
        """Whether an environment must be good."""
        return env.name in self.names
