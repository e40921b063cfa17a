#!/usr/bin/env python3
"""
Environments: makes one virtual environment from its lock, or mends it.

The stamp goes first and comes back last: an environment that was interrupted on the way has none
and is made again by the next run.

Usage:
    from tools.bootstrap.environments import Workshop, build, check_disk

    workshop = Workshop(manager, runner, uv, python)
    build(workshop, "whisperx", force=False)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shared.core.environment_stamp import STAMP_NAME, STAMP_VERSION, list_packages, read_stamp
from shared.core.errors import DependencyError, UnavailableError
from shared.environment_manager import EnvironmentManager
from tools.bootstrap.command import Runner
from tools.bootstrap.torch_source import (
    CpuWheels,
    TorchSource,
    disk_need_gb,
    torch_pins,
    without_torch,
)

GB = 10**9
# uv: "The package `a` requires `b>=1`, but it's not installed".
MISSING_PACKAGE = re.compile(r"requires `([A-Za-z0-9._-]+)[^`]*`, but it's not installed")


@dataclass(frozen=True)
class Workshop:
    """What it takes to make environments: the checkout's manager, a runner, uv and a Python."""

    manager: EnvironmentManager
    runner: Runner
    uv: Path
    python: Path

    def lock_text(self, env: str) -> str:
        """Return an environment's lock. Raises UnavailableError where it cannot be read.

        Args:
            env: A name in ENVIRONMENTS.
        """
        self.manager.lock_digest(env)
        return self.manager.lock_file(env).read_text(encoding="utf-8")

    @cached_property
    def torch_source(self) -> TorchSource:
        """Where torch comes from in this run; every torch environment has the same one."""
        locked = [env for env in self.manager.possible() if self.manager.lock_file(env).is_file()]
        pins = {pin for env in locked for pin in torch_pins(self.lock_text(env))}
        return self.cpu_wheels.source(sorted(pins), self.manager.profile)

    @property
    def cpu_wheels(self) -> CpuWheels:
        """PyTorch's CPU wheels, with their lock."""
        lock = self.manager.project_root / "requirements" / "locks" / "torch-cpu.txt"
        return CpuWheels(self.runner, self.uv, self.uv.parent / "python", lock)

    def source_of(self, env: str) -> TorchSource:
        """Return where an environment's torch comes from; "none" where it has no torch.

        Args:
            env: A name in ENVIRONMENTS.
        """
        return self.torch_source if torch_pins(self.lock_text(env)) else "none"


def build(workshop: Workshop, env: str, force: bool = False) -> None:
    """Make an environment, or bring a drifted one back to its lock.

    Args:
        workshop: The tools.
        env: The environment's name.
        force: Make it anew even where it could be mended.

    Raises:
        DependencyError: uv failed.
        UnavailableError: Its lock cannot be read.
    """
    source = workshop.source_of(env)
    mend = not force and _can_mend(workshop, env, source)
    digest = workshop.manager.lock_digest(env)
    (workshop.manager.folder(env) / STAMP_NAME).unlink(missing_ok=True)
    if not (mend and _mended(workshop, env)):
        _make(workshop, env, source)
    _write_stamp(workshop, env, digest, source)


def check_disk(workshop: Workshop, envs: Sequence[str]) -> float:
    """Refuse to begin what would fill the disk; return what it will take, in GB.

    Args:
        workshop: The tools.
        envs: The environments that will be made.

    Raises:
        UnavailableError: The disk that holds them has too little space left.
    """
    needs = [disk_need_gb(workshop.lock_text(env), workshop.source_of(env)) for env in envs]
    torches = [torch for torch, _ in needs]
    if not _shares_files(workshop):
        torch = sum(torches)
    elif any(_holds_torch(workshop, env) for env in workshop.manager.possible()):
        torch = 0.0
    else:
        torch = max(torches)
    need = torch + sum(rest for _, rest in needs)
    venv = workshop.manager.project_root / "venv"
    free = shutil.disk_usage(venv).free / GB
    if free < need:
        raise UnavailableError(
            f"Not enough disk space: {', '.join(envs)} take about {need:.1f} GB, "
            f"{free:.1f} GB are free in {venv}",
            hint="Free some space, or make one environment at a time: ./bootstrap.sh --env common",
        )
    return need


def _shares_files(workshop: Workshop) -> bool:
    """Whether environments can be hard links into uv's cache: both on one disk."""
    code, output = workshop.runner.read([str(workshop.uv), "cache", "dir"])
    cache = Path(output.strip())
    while not cache.exists() and cache != cache.parent:
        cache = cache.parent
    venv = workshop.manager.project_root / "venv"
    return code == 0 and cache.stat().st_dev == venv.stat().st_dev


def _holds_torch(workshop: Workshop, env: str) -> bool:
    """Whether an environment exists whose torch files others can share."""
    stamp = read_stamp(workshop.manager.folder(env))
    return stamp is not None and stamp["torch_source"] not in ("none", "")


def _can_mend(workshop: Workshop, env: str, source: TorchSource) -> bool:
    """Whether uv can bring an environment to its lock in place, other torch wheels excepted."""
    stamp = read_stamp(workshop.manager.folder(env))
    same_torch = stamp is not None and stamp["torch_source"] == source != "cpu"
    return same_torch and workshop.manager.status(env).state == "drifted"


def _mended(workshop: Workshop, env: str) -> bool:
    """Bring an environment to its lock in place; False where it is too damaged for that."""
    try:
        _sync(workshop, env, workshop.manager.lock_file(env))
        _check_packages(workshop, env)
    except DependencyError:
        return False
    return True


def _make(workshop: Workshop, env: str, source: TorchSource) -> None:
    """Make an environment from nothing; what was in its folder goes."""
    manager = workshop.manager
    command = [str(workshop.uv), "venv", "--clear", "--relocatable", "--no-project", "--quiet"]
    command += ["--python", str(workshop.python), "--prompt", env, str(manager.folder(env))]
    workshop.runner.run(command, f"Environment '{env}' could not be created", _retry(env))
    if source == "cpu":
        _install_with_cpu_torch(workshop, env)
    else:
        _sync(workshop, env, manager.lock_file(env))
    _check_packages(workshop, env)


def _check_packages(workshop: Workshop, env: str) -> None:
    """Check that no package misses another, or has one of the wrong version.

    Raises:
        DependencyError: One does, and not because requirements/overrides-<env>.txt leaves it out.
    """
    python = str(workshop.manager.python(env))
    code, output = workshop.runner.read([str(workshop.uv), "pip", "check", "--python", python])
    left_out = _left_out(workshop, env)
    complaints = [
        line
        for line in output.splitlines()
        if (missing := MISSING_PACKAGE.search(line)) is None or missing[1].lower() not in left_out
    ]
    if code and any(line.startswith("The package") for line in complaints):
        raise DependencyError(
            f"Packages of '{env}' do not fit together: {complaints[-1]}", hint=_retry(env)
        )


def _left_out(workshop: Workshop, env: str) -> set[str]:
    """Return the packages that others in an environment ask for and do not get, on purpose."""
    path = workshop.manager.project_root / "requirements" / f"overrides-{env}.txt"
    if not path.is_file():
        return set()
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split()[0].lower() for line in lines if line and not line.startswith("#")}


def _sync(workshop: Workshop, env: str, lock: Path) -> None:
    """Bring an environment to exactly what a lock says."""
    command = [str(workshop.uv), "pip", "sync", "--require-hashes"]
    command += ["--python", str(workshop.manager.python(env)), str(lock)]
    workshop.runner.run(command, f"Packages of '{env}' could not be installed", _retry(env))


def _install_with_cpu_torch(workshop: Workshop, env: str) -> None:
    """Fill a new environment: the lock without torch and CUDA, then torch's CPU wheels."""
    text = workshop.lock_text(env)
    with tempfile.TemporaryDirectory() as scratch:
        lock = Path(scratch) / f"{env}.txt"
        lock.write_text(without_torch(text), encoding="utf-8")
        _sync(workshop, env, lock)
        wheels = workshop.cpu_wheels.requirements(torch_pins(text), Path(scratch))
        command = workshop.cpu_wheels.install(workshop.manager.python(env), wheels)
        workshop.runner.run(command, f"torch of '{env}' could not be installed", _retry(env))


def _write_stamp(workshop: Workshop, env: str, digest: str, source: TorchSource) -> None:
    """Declare an environment finished; written whole or not at all."""
    folder = workshop.manager.folder(env)
    entries = list_packages(folder)
    version = next(folder.glob("lib/python3.*")).name.removeprefix("python")
    stamp = {
        "schema_version": STAMP_VERSION,
        "environment": env,
        "python": version,
        "lock_sha256": digest,
        "torch_source": source,
        "distributions": sorted(_distribution(name) for name in entries if _is_metadata(name)),
        "entries": entries,
    }
    draft = folder / f"{STAMP_NAME}.new"
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(stamp, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, folder / STAMP_NAME)


def _is_metadata(name: str) -> bool:
    """Whether a package folder's entry describes a distribution."""
    return name.endswith(".dist-info")


def _distribution(name: str) -> str:
    """Return "name==version" for a metadata folder's name."""
    package, _, version = name.removesuffix(".dist-info").partition("-")
    return f"{package.replace('_', '-').lower()}=={version}"


def _retry(env: str) -> str:
    """The hint after a failure: what to look at, what to type."""
    return f"Details are in venv/.bootstrap.log; then: ./bootstrap.sh --env {env}"
