#!/usr/bin/env python3
"""
Packages: what is installed in an environment, what of it a process imported, what its lock says.

The name of a `.dist-info` folder holds the package and its version: reading an environment costs
one listing, whichever Python it is for.

Usage:
    from shared.core.ran.packages import imported_packages, installed_in, locked_versions

    installed_in(Path("venv/common"))       # {"pydantic": "2.14.3", …}
    imported_packages(list(sys.modules.values()), Path(sys.prefix))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from shared.core.paths import PROJECT_ROOT

# Version by name, both as the folder of the package has them.
Installed = dict[str, str]
LIBRARIES = ("lib", "lib64")
DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")
# A package in a lock: it starts a line.
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def installed_in(environment: Path) -> Installed:
    """Return the packages of an environment; none where there is no environment.

    Args:
        environment: Its folder.
    """
    return {name: version for name, version, _ in _distributions(environment)}


def locked_versions(lock: Path) -> dict[str, set[str]]:
    """Return the versions that a lock allows, by package; more than one where platforms differ.

    Args:
        lock: A file of requirements, each pinned.

    Raises:
        OSError: It cannot be read.
    """
    found: dict[str, set[str]] = {}
    for pin in PIN.finditer(lock.read_text(encoding="utf-8")):
        found.setdefault(plain_name(pin["name"]), set()).add(pin["version"])
    return found


def drift(packages: Mapping[str, str], locked: dict[str, set[str]]) -> list[str]:
    """Return what is installed otherwise than locked, in words.

    Args:
        packages: What was imported.
        locked: From locked_versions(); a build of the same version (`+cpu`) is the same.
    """
    found = []
    for name, version in sorted(packages.items()):
        allowed = {plain_version(one) for one in locked.get(name, ())}
        plain = plain_version(version)
        if plain not in allowed and plain.partition("+")[0] not in allowed:
            wanted = " or ".join(sorted(allowed)) or "not in the lock"
            found.append(f"{name} {version} ({wanted})")
    return found


def told_drift(drifted: list[str]) -> list[str]:
    """Return the warning about packages that are not as locked; nothing where all are.

    Args:
        drifted: What EnvironmentManager.drift() found: 'environment: package …'.
    """
    if not drifted:
        return []
    names = dict.fromkeys(told.partition(":")[0] for told in drifted)
    command = " ".join(["./bootstrap.sh", *(f"--env {name}" for name in names)])
    return [f"Not as locked, so not kept for other jobs: {'; '.join(drifted)} ({command})"]


def imported_packages(modules: Iterable[ModuleType], environment: Path) -> Installed:
    """Return the packages whose modules a process imported.

    What came before the first module of the project was imported by the environment itself, as
    `.pth` files of development tools have it, and counts only where it is imported again by name.

    Args:
        modules: In the order in which they were imported.
        environment: The process's own.
    """
    found: Installed = {}
    names = _imported_names(modules, environment)
    unknown = dict.fromkeys(names)
    others = []
    for name, version, folder in _distributions(environment):
        module = name.replace("-", "_")
        if module in unknown:
            found[name] = version
            del unknown[module]
        else:
            others.append((name, version, folder))
    for name, version, folder in others if unknown else ():
        if not unknown.keys().isdisjoint(_modules_of(folder)):
            found[name] = version
    return dict(sorted(found.items()))


def plain_name(name: str) -> str:
    """Return a package's name as it is compared: lower case, parts joined by hyphens.

    Args:
        name: As somebody wrote it.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def plain_version(version: str) -> str:
    """Return a version as it is compared: `2.002` is `2.2`.

    Args:
        version: As somebody wrote it.
    """
    return re.sub(r"(?<![0-9A-Za-z])0+(?=[0-9])", "", version)


def _imported_names(modules: Iterable[ModuleType], environment: Path) -> set[str]:
    """Return the outermost names of the modules that lie in the environment's packages."""
    folders = tuple(f"{path}/" for path in _package_folders(environment, LIBRARIES))
    ours = tuple(f"{PROJECT_ROOT / folder}/" for folder in ("scripts", "shared"))
    names: set[str] = set()
    begun = False
    for module in modules:
        file = getattr(module, "__file__", None)
        name = getattr(module, "__name__", "")
        if not file or name == "__main__":
            continue
        if str(file).startswith(folders):
            names |= {name.partition(".")[0]} if begun else set()
        elif not begun:
            begun = str(file).startswith(ours)
    return names


def _distributions(environment: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield name, version and folder of each package."""
    for packages in _package_folders(environment):
        for path in sorted(packages.iterdir()):
            if found := DIST_INFO.fullmatch(path.name):
                yield plain_name(found["name"]), found["version"], path


def _package_folders(environment: Path, libraries: Sequence[str] = LIBRARIES[:1]) -> list[Path]:
    """Return where packages lie; the second name is another for the first, where there is one."""
    found = (environment.glob(f"{name}/python3.*/site-packages") for name in libraries)
    return sorted(path for folders in found for path in folders)


def _modules_of(dist_info: Path) -> set[str]:
    """Return the outermost names of the modules that a package installed."""
    try:
        lines = (dist_info / "RECORD").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return {line.partition(",")[0].partition("/")[0].partition(".")[0] for line in lines}
