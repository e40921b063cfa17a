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
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from shared.doctor.disk import MOST_RATIO, DiskUse
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager, EnvironmentStatus
from shared.hardware_detection import Hardware, Profile
from tools.bootstrap.proof import Proof

GB = 10**9


@dataclass(frozen=True)
class Report:
    """What --check found: every environment, those asked for, the programs that are missing.

    `proofs`: what came of running the engines, none when only the files were looked at. `disk`:
    what all environments take, None when it was not measured.
    """

    profile: Profile
    environments: tuple[EnvironmentStatus, ...]
    names: tuple[str, ...]
    needed: tuple[str, ...]
    missing_programs: tuple[str, ...]
    proofs: tuple[Proof, ...] = ()
    disk: DiskUse | None = None

    @classmethod
    def of(
        cls,
        manager: EnvironmentManager,
        names: Sequence[str],
        missing: Sequence[str],
        prove: Callable[[str], Proof] | None = None,
        disk: DiskUse | None = None,
    ) -> Report:
        """Look at every environment.

        Args:
            manager: The checkout's environments.
            names: Those that must be good.
            missing: Programs that must be there and are not.
            prove: Runs the engine of an environment; None = look at its files only.
            disk: What all environments take.

        Returns:
            What was found, to be printed or written.
        """
        states = tuple(manager.status(env) for env in ENVIRONMENTS)
        whole = [env.name for env in states if env.state in ("good", "drifted")]
        proofs = tuple(prove(name) for name in whole) if prove is not None else ()
        needed = tuple(manager.needed())
        return cls(manager.profile, states, tuple(names), needed, tuple(missing), proofs, disk)

    @property
    def bad(self) -> list[str]:
        """Those of the environments asked for that are not good, or whose engine does not work."""
        failed = {proof.name for proof in self.proofs if not proof.ok}
        return [
            env.name
            for env in self.environments
            if self._asked(env) and (env.state != "good" or env.name in failed)
        ]

    @property
    def good(self) -> bool:
        """Whether nothing is left to do."""
        return not self.bad and not self.missing_programs

    def table(self) -> str:
        """Return a line for each environment: name, state, role, what its engine did; the disk."""
        proofs = {proof.name: proof for proof in self.proofs}
        lines = []
        for env in self.environments:
            role = "needed" if self._asked(env) else "optional"
            proof, detail = proofs.get(env.name), env.detail
            if proof is not None:
                mark = "✓" if proof.ok else "✗"
                detail = f"{mark} {proof.detail} ({proof.device}, {proof.seconds:.1f} s)"
                detail += "" if env.state == "good" else f"; {env.detail}"
            lines.append(f"{env.name:<12} {env.state:<8} {role:<9} {detail}")
        missing = f"missing  needed    {' and '.join(self.missing_programs)}"
        lines.append(f"{'ffmpeg':<12} {missing if self.missing_programs else 'good'}")
        if self.disk is not None:
            lines.append(f"{'disk':<12} {disk_line(self.disk)}")
        return "\n".join(lines)

    def document(self, hardware: Hardware) -> str:
        """Return the report as JSON, with the hardware it was made on.

        Args:
            hardware: Device, memory and profile of this machine.
        """
        fields: dict[str, object] = {
            "good": self.good,
            "profile": self.profile,
            "hardware": asdict(hardware),
            "missing_programs": self.missing_programs,
            "environments": [asdict(env) for env in self.environments],
            "proofs": [asdict(proof) for proof in self.proofs],
        }
        if self.disk is not None:
            fields["disk"] = {**asdict(self.disk), "ratio": round(self.disk.ratio, 3)}
        return json.dumps(fields, indent=2)

    def repair_command(self, profile: str) -> str:
        """Return the command that makes everything good that was asked for.

        Args:
            profile: The profile named on the command line, or auto.
        """
        words = ["./bootstrap.sh"]
        # An environment that looks whole is only made again when told so.
        states = {env.name: env.state for env in self.environments}
        force = any(states[name] == "good" for name in self.bad)
        if force or not set(self.bad) <= set(self.needed):
            words += [f"--env {name}" for name in self.bad]
        words += ["--force"] if force else []
        if profile != "auto":
            words.append(f"--profile {profile}")
        return " ".join(words)

    def _asked(self, env: EnvironmentStatus) -> bool:
        """Whether an environment must be good."""
        return env.name in self.names


def disk_line(disk: DiskUse) -> str:
    """Return in words what all environments take together, and whether that is much.

    Args:
        disk: What was measured.
    """
    verdict = "good" if disk.ratio <= MOST_RATIO else "much"
    return (
        f"{verdict:<8} {disk.total / GB:.1f} GB together, {disk.ratio:.2f} times the largest "
        f"({disk.largest_name}, {disk.largest / GB:.1f} GB)"
    )
