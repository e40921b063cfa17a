#!/usr/bin/env python3
"""
Running: what this process really ran: project code, packages and programs.

Code is hashed when it is imported: what another process puts in the file's place afterwards, as a
`git pull` does, never ran here. Of the packages of an environment those count that were imported,
in the version that was installed then.

Usage:
    from shared.core.ran.running import note_program, watch, what_ran

    watch(since=time.time())    # first thing in a stage's or a worker's process
    note_program("ffmpeg")      # where a program is started
    what_ran()                  # {"code": {…}, "packages": {"common": {…}}, "programs": {…}}
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict

from shared.core.files import sha256_of
from shared.core.identity import UNKNOWN, shapes_results
from shared.core.paths import PROJECT_ROOT
from shared.core.ran.packages import Installed, imported_packages, installed_in
from shared.core.ran.programs import ProgramAsked

OURS = frozenset({"scripts", "shared"})


class Ran(TypedDict):
    """What a process ran: digests by file, versions by environment and package, programs."""

    code: dict[str, str]
    packages: dict[str, dict[str, str]]
    programs: dict[str, dict[str, Any]]


class _Watch(MetaPathFinder):
    """Notes the digest of each project file at the moment at which it is imported."""

    def __init__(self, since: float) -> None:
        self.digests: dict[str, str] = {}
        self.installed: Installed = installed_in(Path(sys.prefix))
        self.programs: dict[str, ProgramAsked] = {}
        for module in list(sys.modules.values()):
            name = _project_file(module)
            if name is not None:
                # Not st_mtime, which what is moved or synchronised here brings along.
                is_new = (PROJECT_ROOT / name).stat().st_ctime >= since
                self.digests[name] = UNKNOWN if is_new else sha256_of(PROJECT_ROOT / name)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of the project as Python does, and note what its file holds."""
        if fullname.partition(".")[0] not in OURS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        name = _project_name(spec.origin) if spec is not None else None
        if name is not None:
            self.digests[name] = sha256_of(PROJECT_ROOT / name)
        return spec


_watch: _Watch | None = None


def watch(since: float) -> None:
    """Note from now on what this process imports and starts; calling it again does nothing.

    Args:
        since: When the process was started, seconds since the epoch: what was imported before this
            call and is younger than that is not known.
    """
    global _watch
    if _watch is None:
        _watch = _Watch(since)
        sys.meta_path.insert(0, _watch)


def note_program(name: str) -> None:
    """Note that this process starts a program; nothing where nobody watches.

    Args:
        name: As it is found on PATH.
    """
    if _watch is not None and name not in _watch.programs:
        _watch.programs[name] = ProgramAsked(name)


def what_ran() -> Ran:
    """Return what this process has run until now."""
    return {
        "code": running_code(),
        "packages": {Path(sys.prefix).name: _packages()},
        "programs": _programs(),
    }


def joined(parts: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what several processes ran, as one.

    Args:
        parts: What what_ran() returned in each; code that two ran otherwise is not known. Of two
            versions of a package or a program the last one counts.
    """
    whole: dict[str, dict[str, Any]] = {"code": {}, "packages": {}, "programs": {}}
    for part in parts:
        for name, digest in part.get("code", {}).items():
            is_same = whole["code"].setdefault(name, digest) == digest
            whole["code"][name] = digest if is_same else UNKNOWN
        whole["programs"] |= part.get("programs", {})
        for environment, packages in part.get("packages", {}).items():
            known = whole["packages"].setdefault(environment, {})
            known |= packages
    return whole


def running_code() -> dict[str, str]:
    """Return path and SHA-256 of every project file imported here that can shape a result."""
    names = {name for one in list(sys.modules.values()) if (name := _project_file(one))}
    known = _watch.digests if _watch is not None else {}
    return {n: known.get(n) or sha256_of(PROJECT_ROOT / n) for n in sorted(names)}


def _packages() -> dict[str, str]:
    """Return the packages imported here, in the versions that were installed at the start."""
    imported = imported_packages(list(sys.modules.values()), Path(sys.prefix))
    at_the_start = _watch.installed if _watch is not None else {}
    return {name: at_the_start.get(name, version) for name, version in imported.items()}


def _programs() -> dict[str, dict[str, Any]]:
    asked = _watch.programs if _watch is not None else {}
    found = {name: one.answer() for name, one in sorted(asked.items())}
    return {name: one.model_dump() for name, one in found.items() if one is not None}


def _project_file(module: ModuleType) -> str | None:
    """Return the project file of a module that can shape a result, None for any other."""
    return _project_name(getattr(module, "__file__", None))


def _project_name(origin: str | None) -> str | None:
    if not origin or not any(f"{folder}/" in origin for folder in OURS):
        return None
    path = Path(origin).resolve()
    if not path.is_relative_to(PROJECT_ROOT):
        return None
    name = path.relative_to(PROJECT_ROOT).as_posix()
    return name if shapes_results(name) else None
