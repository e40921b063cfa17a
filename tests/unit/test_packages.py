#!/usr/bin/env python3
"""Tests of shared/core/ran/packages.py: what is installed, imported and locked."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from types import ModuleType

from shared.core.paths import PROJECT_ROOT
from shared.core.ran.packages import (
    drift,
    imported_packages,
    installed_in,
    locked_versions,
    plain_name,
    plain_version,
)
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager


def install(environment: Path, name: str, version: str, *files: str) -> Path:
    """Put a package into an environment as an installer does; return the package folder."""
    folder = environment / "lib" / "python3.11" / "site-packages"
    dist_info = folder / f"{name}-{version}.dist-info"
    dist_info.mkdir(parents=True)
    own = f"{dist_info.name}/METADATA"
    (dist_info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in (*files, own)))
    return folder


def module(name: str, file: Path) -> ModuleType:
    """Return a module as it is once imported."""
    made = ModuleType(name)
    made.__file__ = str(file)
    return made


OURS = module("shared.config", PROJECT_ROOT / "shared" / "config.py")


def test_an_environment_is_read_as_importlib_does() -> None:
    found = installed_in(Path(sys.prefix))
    for one in importlib.metadata.distributions(path=[p for p in sys.path if sys.prefix in p]):
        version = found.pop(plain_name(one.metadata["Name"]))
        assert plain_version(version) == plain_version(one.version)
    assert found == {}


def test_packages_are_found_whatever_their_modules_are_called(tmp_path: Path) -> None:
    folder = install(tmp_path, "Plain_Name", "1.0", "plain_name/__init__.py")
    install(tmp_path, "python_other", "2.0", "other.py", "../../../bin/other")
    install(tmp_path, "native", "3.0", "_native.cpython-311-x86_64-linux-gnu.so")
    install(tmp_path, "space_one", "4.0", "space/one/__init__.py")
    install(tmp_path, "tester", "9.0", "tester/__init__.py")
    modules = [
        module("tester", folder / "tester" / "__init__.py"),  # as a .pth file has it
        OURS,
        module("plain_name", folder / "plain_name" / "__init__.py"),
        module("other", folder / "other.py"),
        module("_native", folder / "_native.cpython-311-x86_64-linux-gnu.so"),
        module("space.one", folder / "space" / "one" / "__init__.py"),
        module("json", Path("/usr/lib/python3.11/json/__init__.py")),
    ]
    assert imported_packages(modules, tmp_path) == {
        "plain-name": "1.0",
        "python-other": "2.0",
        "native": "3.0",
        "space-one": "4.0",
    }
    late = module("tester.deeper", folder / "tester" / "deeper.py")
    assert imported_packages([*modules, late], tmp_path)["tester"] == "9.0"


def test_a_drift_is_another_version_than_the_lock_has(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "# a comment\n"
        "Some_Package==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:00\n"
        "some-package==1.1 ; python_full_version >= '3.12'\ntorch==2.8.0\n"
    )
    locked = locked_versions(lock)
    assert drift({"some-package": "1.1", "torch": "2.8.0+cpu"}, locked) == []
    assert drift({"some-package": "1.2", "torch": "2.9.0", "new": "1"}, locked) == [
        "new 1 (not in the lock)",
        "some-package 1.2 (1.0 or 1.1)",
        "torch 2.9.0 (2.8.0)",
    ]


def test_this_environment_is_as_locked() -> None:
    manager = EnvironmentManager()
    own = Path(sys.prefix).name
    imported = imported_packages([OURS, *sys.modules.values()], Path(sys.prefix))
    assert {"pydantic", "pytest"} <= imported.keys()
    assert manager.drift({own: imported, "of somebody else": {"x": "1"}}) == []
    if own not in ENVIRONMENTS:
        return  # one of `pip install -r` (standards 9.1), which has no lock
    (told,) = manager.drift({own: imported | {"pydantic": "0.1"}})
    assert told.startswith(f"{own}: pydantic 0.1 (")
