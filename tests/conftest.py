#!/usr/bin/env python3
"""
What holds for every test run: its configuration, what runs, where, and coverage inside the
stages' environments.

A plain `pytest` runs the unit tests, which need venv/common only. What takes minutes
(tests/integration, tests/performance) runs when it is named, slow tests when their file is, or
all with --complete, as tests/run-tests.sh asks for. A missing environment is a skip with the
command that makes it, with --complete an error.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from shared.config import CONFIG_VARIABLE, OWN_VARIABLES, known_keys
from shared.core.configuration.place import STATE_VARIABLE
from shared.core.configuration.trace_context import TRACEPARENT
from shared.core.configuration.variables import PREFIX
from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager
from shared.hardware_detection import mlx_runs_here
from tests.support.examples import USUAL

SLOW_FOLDERS = [PROJECT_ROOT / "tests" / name for name in ("integration", "performance")]
PACKAGES = "lib/python3.*/site-packages"
COVERAGE_HOOK = "cp_coverage.pth"
ENGINE_ENVIRONMENTS = ("whisperx", "pyannote", "demucs")
# How coverage tells child processes that they are measured.
MEASURED = {"COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"}


# Tests bring their own configuration: neither the user's files nor the shell's settings count.
for key in known_keys():
    for variable in (key, PREFIX + key):
        os.environ.pop(variable, None)
for variable in OWN_VARIABLES | {name for name in os.environ if name.startswith("OTEL_")}:
    os.environ.pop(variable, None)
os.environ.pop(TRACEPARENT, None)
# Seals of their own too, the same in all processes of a run.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ[STATE_VARIABLE] = tempfile.mkdtemp(prefix="cp-state-")
    atexit.register(shutil.rmtree, os.environ[STATE_VARIABLE], ignore_errors=True)
os.environ[CONFIG_VARIABLE] = str(Path(__file__).parent / "fixtures" / "config" / ".env.pipeline")

# Where it is set (containers), every program that the tests start would compile all its imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A run started in the background ignores Ctrl-C, and so would every program that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine under load is no failure, and a usual run tries the same examples each time: one that
# fails, fails by what was changed. Others are sought by hand, with --hypothesis-profile=deep.
settings.register_profile("suite", deadline=None, max_examples=USUAL, derandomize=True)
settings.register_profile("deep", deadline=None, max_examples=100 * USUAL, print_blob=True)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --complete."""
    parser.addoption(
        "--complete",
        action="store_true",
        help="run what takes minutes too; a missing environment is an error, not a skip",
    )


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return how many processes run unit tests: some of those wait, and one more fills the gaps."""
    return None if config.getoption("--complete") else (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what takes minutes, unless it is wanted."""
    if config.getoption("--complete"):
        return
    named = [Path(one.split("::")[0]).resolve() for one in config.args]
    for folder in SLOW_FOLDERS:
        if not any(one.is_relative_to(folder) for one in named):
            reason = f"takes minutes: ./tests/run-tests.sh {folder.relative_to(PROJECT_ROOT)}"
            for item in items:
                if item.path.is_relative_to(folder):
                    item.add_marker(pytest.mark.skip(reason=reason))
    for item in items:
        if item.get_closest_marker("slow") and item.path not in named:
            command = f"./tests/run-tests.sh {item.path.relative_to(PROJECT_ROOT)}"
            item.add_marker(pytest.mark.skip(reason=f"slow: {command}"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose environments are missing; with --complete it fails."""
    engines = [EnvironmentManager().folder(name) for name in ENVIRONMENTS if name != "common"]
    if Path(sys.prefix) in engines:
        return
    wanted = EnvironmentManager().needed() if item.get_closest_marker("integration") else []
    wanted += [name for mark in item.iter_markers("environments") for name in mark.args]
    if "finished_jobs" in getattr(item, "fixturenames", ()):
        wanted.append("common")  # this Python may be one of `pip install -r` (standards 9.1)
    missing = [name for name in dict.fromkeys(wanted) if _is_missing(name)]
    if missing:
        command = " ".join(["./bootstrap.sh", *(f"--env {name}" for name in missing)])
        possible = "mlx" not in missing or mlx_runs_here()
        outcome = pytest.fail if item.config.getoption("--complete") and possible else pytest.skip
        outcome(f"needs {', '.join(f'venv/{name}' for name in missing)}: {command}")


@functools.cache
def _is_missing(environment: str) -> bool:
    """Return whether an environment is not fit to run its engine; any `common` is fit for tests."""
    if environment == "common":
        return not EnvironmentManager().python(environment).exists()
    return EnvironmentManager().status(environment).state != "good"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Measure coverage in the engines' environments too, when it is measured at all."""
    common = EnvironmentManager().folder("common")
    if _is_leader(session) and Path(sys.prefix) == common and MEASURED & os.environ.keys():
        tools = _packages("common")
        code = (
            f"import os, sys; {MEASURED!r} & os.environ.keys() and "
            f"(sys.path.append({str(tools)!r}), "
            "__import__('coverage').process_startup(), sys.path.pop())\n"
        )
        for name in filter(_exists, ENGINE_ENVIRONMENTS):
            (_packages(name) / COVERAGE_HOOK).write_text(code, encoding="utf-8")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the engines' environments as they were."""
    if _is_leader(session) and Path(sys.prefix) == EnvironmentManager().folder("common"):
        for name in filter(_exists, ENGINE_ENVIRONMENTS):
            (_packages(name) / COVERAGE_HOOK).unlink(missing_ok=True)


def _exists(environment: str) -> bool:
    """Return whether there is a folder of packages of an environment."""
    return any(EnvironmentManager().folder(environment).glob(PACKAGES))


def _is_leader(session: pytest.Session) -> bool:
    """Return whether this is the process that the others work for."""
    return not hasattr(session.config, "workerinput")


def _packages(environment: str) -> Path:
    """Return the package folder of an environment."""
    return next(EnvironmentManager().folder(environment).glob(PACKAGES))
