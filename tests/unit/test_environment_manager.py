#!/usr/bin/env python3
"""Tests of shared/environment_manager.py and of the requirements that it names."""

from __future__ import annotations

import json
import re
import time
import venv
from pathlib import Path

import pytest

from shared.core.environment_stamp import STAMP_NAME, list_packages
from shared.core.errors import InputError, UnavailableError
from shared.environment_manager import (
    ENVIRONMENTS,
    PROJECT_ROOT,
    STAGE_ENGINES,
    STAGE_TO_ENV,
    EnvironmentManager,
)
from shared.hardware_detection import Profile

# Those of standards 2.1 and ours; what somebody adds may ask for a range, its lock is exact all the
# same.
OWN = ("common", "whisperx", "mlx", "pyannote", "demucs", "indictrans2", "nllb", "llm")
OWN += ("batch", "web")
REQUIREMENTS = PROJECT_ROOT / "requirements"
PIN = re.compile(r"[A-Za-z0-9._-]+==[^\s;]+(; .+)?")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@pytest.fixture
def manager(tmp_path: Path) -> EnvironmentManager:
    """A checkout with one finished environment, "llm": a real one, with a package made by hand."""
    manager = EnvironmentManager(tmp_path, profile="cpu")
    lock = manager.lock_file("llm")
    lock.parent.mkdir(parents=True)
    lock.write_text("example==1.0\n")
    folder = manager.folder("llm")
    venv.create(folder, symlinks=True, with_pip=False)
    packages = site_packages(manager)
    (packages / "example").mkdir()
    (packages / "example-1.0.dist-info").mkdir()
    write_stamp(manager)
    return manager


def site_packages(manager: EnvironmentManager) -> Path:
    """Return the package folder of the environment "llm"."""
    return next(manager.folder("llm").glob("lib/python3.*/site-packages"))


def write_stamp(manager: EnvironmentManager, **changes: object) -> None:
    """Write the stamp that says that "llm" is finished."""
    stamp = {
        "schema_version": 1,
        "python": "3.11",
        "lock_sha256": manager.lock_digest("llm"),
        "torch_source": "none",
        "distributions": ["example==1.0"],
        "entries": list_packages(manager.folder("llm")),
        **changes,
    }
    (manager.folder("llm") / STAMP_NAME).write_text(json.dumps(stamp))


def state(manager: EnvironmentManager) -> str:
    """Return the state of the environment "llm"."""
    return manager.status("llm").state


def test_a_finished_environment_is_good(manager: EnvironmentManager) -> None:
    status = manager.status("llm")
    assert status.state == "good"
    assert not status.needed
    assert manager.require("llm") == status


def test_an_environment_without_a_folder_is_missing(manager: EnvironmentManager) -> None:
    assert manager.status("nllb").state == "missing"
    with pytest.raises(UnavailableError) as caught:
        manager.require("nllb")
    assert caught.value.cause == "The environment 'nllb' is missing"
    assert caught.value.hint == "./bootstrap.sh --env nllb"
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", "null", '{"schema_version": 1}'])
def test_without_a_whole_stamp_it_is_broken(manager: EnvironmentManager, stamp: str | None) -> None:
    path = manager.folder("llm") / STAMP_NAME
    path.unlink() if stamp is None else path.write_text(stamp)
    assert state(manager) == "broken"
    with pytest.raises(UnavailableError, match="broken"):
        manager.require("llm")


def test_without_its_python_it_is_broken(manager: EnvironmentManager) -> None:
    manager.python("llm").unlink()
    assert state(manager) == "broken"


def test_with_a_python_that_does_not_start_it_is_broken(manager: EnvironmentManager) -> None:
    manager.python("llm").unlink()
    manager.python("llm").write_text("#!/bin/sh\nexit 1\n")
    manager.python("llm").chmod(0o755)
    assert state(manager) == "broken"


def test_without_a_module_it_is_broken(manager: EnvironmentManager) -> None:
    (site_packages(manager) / "example").rmdir()
    assert manager.status("llm").state == "broken"
    assert "example" in manager.status("llm").detail


def test_without_a_package_record_it_has_drifted(manager: EnvironmentManager) -> None:
    (site_packages(manager) / "example-1.0.dist-info").rmdir()
    status = manager.status("llm")
    assert (status.state, status.detail) == ("drifted", "example-1.0.dist-info gone")
    assert manager.require("llm").state == "drifted"


def test_with_another_package_it_has_drifted(manager: EnvironmentManager) -> None:
    (site_packages(manager) / "other-2.0.dist-info").mkdir()
    assert manager.status("llm").detail == "other-2.0.dist-info added"
    assert state(manager) == "drifted"


def test_with_another_lock_it_has_drifted(manager: EnvironmentManager) -> None:
    manager.lock_file("llm").write_text("example==1.1\n")
    assert state(manager) == "drifted"


def test_caches_do_not_count(manager: EnvironmentManager) -> None:
    (site_packages(manager) / "__pycache__").mkdir()
    assert state(manager) == "good"


def test_cpu_wheels_have_drifted_once_there_is_a_gpu(manager: EnvironmentManager) -> None:
    write_stamp(manager, torch_source="cpu")
    assert state(manager) == "good"
    assert EnvironmentManager(manager.project_root, profile="cuda").status("llm").state == "drifted"


def test_a_status_takes_less_than_50_ms_of_the_processor(manager: EnvironmentManager) -> None:
    durations = []
    for _ in range(20):
        begun = time.process_time()
        manager.status("llm")
        durations.append(time.process_time() - begun)
    assert min(durations) < 0.05


def test_the_python_of_an_environment_is_in_the_checkout(manager: EnvironmentManager) -> None:
    assert manager.python("llm") == manager.project_root / "venv" / "llm" / "bin" / "python"


@pytest.mark.parametrize("call", ["python", "status", "require", "lock_digest"])
def test_an_unknown_environment_names_the_nearest(manager: EnvironmentManager, call: str) -> None:
    with pytest.raises(InputError) as caught:
        getattr(manager, call)("whisprx")
    assert caught.value.hint == "Did you mean whisperx?"


@pytest.mark.parametrize("stage", STAGE_TO_ENV)
def test_every_stage_runs_in_its_environment(stage: str) -> None:
    engines = {"translation_engine": "indictrans2"}
    assert EnvironmentManager().environment_for_stage(stage, **engines) == STAGE_TO_ENV[stage]


def test_the_engine_decides_where_it_runs() -> None:
    manager = EnvironmentManager()
    assert manager.environment_for_stage("asr", asr_engine="mlx") == "mlx"
    assert manager.environment_for_stage("alignment", asr_engine="mlx") == "whisperx"
    assert manager.environment_for_stage("translation") == "whisperx"
    assert manager.environment_for_stage("translation", translation_engine="llm") == "llm"


def test_an_unknown_stage_or_engine_is_invalid() -> None:
    with pytest.raises(InputError, match="stage 'algnment'"):
        EnvironmentManager().environment_for_stage("algnment")
    with pytest.raises(InputError, match="translation engine 'googl'"):
        EnvironmentManager().environment_for_stage("translation", translation_engine="googl")


def test_each_profile_needs_what_its_stages_run_in() -> None:
    manager = EnvironmentManager(profile="cpu")
    assert manager.needed() == ["common", "whisperx", "pyannote", "demucs", "indictrans2"]
    assert manager.needed("cuda") == manager.needed()
    assert set(manager.needed("mlx")) - set(manager.needed()) == {"mlx"}
    assert set(manager.needed("mlx")) <= set(manager.possible("mlx"))


def test_every_environment_named_anywhere_exists() -> None:
    named = set(STAGE_TO_ENV.values())
    named |= {env for engines in STAGE_ENGINES.values() for env in engines.values()}
    assert named <= set(ENVIRONMENTS)


def test_an_environment_is_needed_because_a_stage_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = EnvironmentManager(profile="cpu")
    assert "llm" not in manager.needed()
    monkeypatch.setitem(STAGE_TO_ENV, "notes", "llm")
    assert "llm" in manager.needed()


@pytest.mark.parametrize("env", [*OWN, "uv"])
def test_requirements_are_exact_and_locked(env: str) -> None:
    pins = requirements(env)
    assert pins and all(PIN.fullmatch(pin) for pin in pins)
    locked = lock_pins(env)
    for pin in pins:
        assert pin.partition(";")[0].strip().lower() in locked


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_environment_holds_the_core(env: str) -> None:
    assert set(requirements("core")) <= lock_pins(env)


@pytest.mark.parametrize("env", [*ENVIRONMENTS, "uv"])
def test_locks_hold_hashes_and_nothing_of_this_machine(env: str) -> None:
    lines = (REQUIREMENTS / "locks" / f"{env}.txt").read_text().splitlines()
    for line, following in zip(lines, [*lines[1:], "end"], strict=True):
        if HASH.fullmatch(line):
            assert line.endswith("\\") == following.startswith("    --hash")
        else:
            assert PIN.fullmatch(line.removesuffix(" \\").replace(" ;", ";"))
            assert following.startswith("    --hash")


def test_one_torch_serves_every_environment() -> None:
    versions = {pin for env in ENVIRONMENTS for pin in lock_pins(env) if pin.startswith("torch==")}
    assert versions == {"torch==2.8.0"}


def requirements(env: str) -> list[str]:
    """Return what an environment's requirements name themselves."""
    lines = (REQUIREMENTS / f"requirements-{env}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def lock_pins(env: str) -> set[str]:
    """Return a lock's packages as name==version, in lower case."""
    lines = (REQUIREMENTS / "locks" / f"{env}.txt").read_text().splitlines()
    return {line.split()[0].lower() for line in lines if "==" in line.split()[0]}


@pytest.mark.parametrize("profile", ["cpu", "cuda", "mlx"])
def test_an_environment_that_no_stage_uses_is_made_only_when_it_is_asked_for(
    profile: Profile,
) -> None:
    manager = EnvironmentManager(profile=profile)
    of_stages = {
        *STAGE_TO_ENV.values(),
        *(e for one in STAGE_ENGINES.values() for e in one.values()),
    }
    assert "web" not in of_stages | set(manager.needed())
    assert "web" in manager.possible()
