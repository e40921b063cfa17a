#!/usr/bin/env python3
"""
FFmpeg: finds ffmpeg and ffprobe, and installs them where that is allowed.

Root, or a user who may use sudo without a password, gets them from the system's package manager;
Homebrew never needs root. Anybody else is told the one command to run.

Usage:
    from tools.bootstrap.ffmpeg import ensure_ffmpeg, missing_programs

    ensure_ffmpeg(runner, say=print)
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from shared.core.errors import UnavailableError
from tools.bootstrap.command import Runner

PROGRAMS = ("ffmpeg", "ffprobe")


@dataclass(frozen=True)
class PackageManager:
    """A package manager, its commands, and whether they need root."""

    program: str
    commands: tuple[tuple[str, ...], ...]
    needs_root: bool = True

    def shown(self) -> str:
        """The command as a person would type it.

        Returns:
            With sudo where it is needed.
        """
        prefix = "sudo " if self.needs_root and os.geteuid() != 0 else ""
        return " && ".join(prefix + " ".join(command) for command in self.commands)


PACKAGE_MANAGERS = (
    PackageManager(
        "apt-get",
        (
            ("apt-get", "update"),
            ("apt-get", "install", "-y", "--no-install-recommends", "ffmpeg"),
        ),
    ),
    PackageManager("dnf", (("dnf", "install", "-y", "/usr/bin/ffmpeg", "/usr/bin/ffprobe"),)),
    PackageManager("pacman", (("pacman", "-Sy", "--noconfirm", "--needed", "ffmpeg"),)),
    PackageManager("brew", (("brew", "install", "ffmpeg"),), needs_root=False),
)


def missing_programs(runner: Runner) -> list[str]:
    """Return which of ffmpeg and ffprobe are not on PATH or do not start.

    Args:
        runner: Runs them, with the PATH to look on.
    """
    path = runner.environment.get("PATH")
    return [
        name
        for name in PROGRAMS
        if shutil.which(name, path=path) is None or runner.read([name, "-version"])[0] != 0
    ]


def ensure_ffmpeg(runner: Runner, say: Callable[[str], None]) -> None:
    """Make sure that ffmpeg and ffprobe are there and start.

    Args:
        runner: Runs the programs.
        say: Tells the person what happens.

    Raises:
        UnavailableError: They are missing and may not be installed from here.
        DependencyError: The package manager failed.
    """
    missing = missing_programs(runner)
    if not missing:
        return
    manager = _package_manager(runner)
    names = " and ".join(missing)
    if manager is None:
        raise UnavailableError(
            f"{names} not found, and no package manager that we know",
            hint="Install FFmpeg so that ffmpeg and ffprobe are on PATH, then run ./bootstrap.sh",
        )
    prefix = _root_prefix(runner, manager)
    if prefix is None:
        raise UnavailableError(f"{names} not found", hint=f"Run: {manager.shown()}")
    say(f"ffmpeg: installing with {manager.program}")
    *preparations, installation = manager.commands
    for command in preparations:
        runner.read([*prefix, *command])  # An unreachable source need not matter: installing tells.
    runner.run([*prefix, *installation], "ffmpeg could not be installed", f"Run: {manager.shown()}")
    if missing_programs(runner):
        raise UnavailableError(
            "ffmpeg was installed but does not start", hint="See what it says: ffmpeg -version"
        )
    say("ffmpeg: done")


def _package_manager(runner: Runner) -> PackageManager | None:
    """Return the machine's package manager, or None."""
    path = runner.environment.get("PATH")
    for manager in PACKAGE_MANAGERS:
        if shutil.which(manager.program, path=path):
            return manager
    return None


def _root_prefix(runner: Runner, manager: PackageManager) -> list[str] | None:
    """Return what to put before the manager's commands; None where they may not be run."""
    if not manager.needs_root:
        return []
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if os.geteuid() == 0:
        return quiet
    if shutil.which("sudo", path=runner.environment.get("PATH")):
        if runner.read(["sudo", "-n", "true"])[0] == 0:
            return ["sudo", "-n", *quiet]
    return None
