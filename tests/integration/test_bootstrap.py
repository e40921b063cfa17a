#!/usr/bin/env python3
"""Tests of bootstrap.sh: a real environment is made, damaged in each way, and mended."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import HANG_SECONDS, wait_until
from tests.support.web import Database, serve

ROOT = Path(__file__).resolve().parents[2]
# The smallest environment: everything that differs between environments is in its lock.
ENV = "llm"

pytestmark = pytest.mark.integration


def copy_project(target: Path) -> Path:
    """Copy what bootstrap needs of this checkout, without any environment."""
    target.mkdir(parents=True)
    shutil.copy2(ROOT / "bootstrap.sh", target)
    for name in ("requirements", "tools", "shared"):
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "venv")
        )
    return target


def bootstrap(
    project: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run bootstrap.sh of a copy."""
    return subprocess.run(
        [str(project / "bootstrap.sh"), *arguments],
        env={**os.environ, "PYTHON": sys.executable, **environment},
        cwd=project.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=5 * HANG_SECONDS,
        check=False,
    )


def only_index(address: str) -> dict[str, str]:
    """Return the variables that make pip's index this one alone."""
    others = {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    return {"PIP_INDEX_URL": address, **others}


def state(project: Path) -> str:
    """Return the state that --check reports for the environment; its exit code must agree."""
    result = bootstrap(project, "--check", "--quick", "--json", "--env", ENV)
    report = json.loads(result.stdout)
    found = str(next(env["state"] for env in report["environments"] if env["name"] == ENV))
    assert result.returncode == (0 if found == "good" else 3)
    return found


def stamp_path(project: Path) -> Path:
    """Return where the environment's stamp is."""
    return project / "venv" / ENV / ".bootstrap.json"


def packages(project: Path) -> Path:
    """Return the environment's package folder."""
    return next((project / "venv" / ENV).glob("lib/python3.*/site-packages"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose environment has just been made."""
    copy = copy_project(tmp_path_factory.mktemp("bootstrap") / "a project")
    result = bootstrap(copy, "--env", ENV)
    assert result.returncode == 0, result.stderr
    return copy


@pytest.fixture
def good(project: Path) -> Path:
    """The copy, its environment mended from what an earlier test did to it."""
    if state(project) != "good":
        result = bootstrap(project, "--env", ENV)
        assert result.returncode == 0, result.stderr
    return project


def test_the_environment_works(good: Path) -> None:
    code = "import openai, anthropic, httpx, pydantic, numpy, sys; print(sys.prefix)"
    python = good / "venv" / ENV / "bin" / "python"
    result = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()) == good / "venv" / ENV


def test_the_stamp_tells_what_was_installed(good: Path) -> None:
    stamp = json.loads(stamp_path(good).read_text())
    pinned = (good / "requirements" / "requirements-core.txt").read_text().splitlines()
    assert {line for line in pinned if "==" in line} <= set(stamp["distributions"])
    assert stamp["torch_source"] == "none"


def test_the_hardware_is_written_down(good: Path) -> None:
    document = json.loads((good / "config" / "hardware_cache.json").read_text())
    assert document["hardware"]["profile"] in ("cpu", "cuda", "mlx")


def test_a_second_run_does_nothing(good: Path) -> None:
    before = stamp_path(good).stat().st_mtime_ns
    result = bootstrap(good, "--env", ENV)
    assert result.returncode == 0
    assert result.stdout == f"Nothing to do, good already: {ENV}\n"
    assert stamp_path(good).stat().st_mtime_ns == before


def test_check_fails_while_a_needed_one_is_missing(good: Path) -> None:
    result = bootstrap(good, "--check", "--profile", "cpu")
    assert result.returncode == 3
    assert result.stderr.startswith("error: Not good: common, whisperx, pyannote, demucs")
    assert not (good / "venv" / "common").exists()


def test_check_runs_the_engine(good: Path) -> None:
    result = bootstrap(good, "--check", "--json", "--env", ENV)
    report = json.loads(result.stdout)
    (proof,) = report["proofs"]
    assert result.returncode == 0, result.stderr
    assert (proof["name"], proof["ok"], proof["command"]) == (ENV, True, "")
    assert "had their answer" in proof["detail"]
    assert report["disk"]["largest_name"] == ENV and report["disk"]["ratio"] == 1.0


def test_an_engine_that_does_not_work_is_told_with_the_command(good: Path) -> None:
    module = packages(good) / "openai" / "__init__.py"
    text = module.read_text()
    module.unlink()  # the file is a hard link into the cache: never written in place
    module.write_text("raise ImportError('libexample.so is missing')\n")
    try:
        result = bootstrap(good, "--check", "--env", ENV)
        assert result.returncode == 3
        assert "ImportError: libexample.so is missing" in result.stdout
        assert f"hint: ./bootstrap.sh --env {ENV} --force" in result.stderr
        assert state(good) == "good"
    finally:
        module.write_text(text)


def remove_python(project: Path) -> None:
    """Take the environment's Python away."""
    (project / "venv" / ENV / "bin" / "python").unlink()


def remove_module(project: Path) -> None:
    """Take a module away."""
    shutil.rmtree(packages(project) / "httpx")


def remove_record(project: Path) -> None:
    """Take a package's record away."""
    shutil.rmtree(next(packages(project).glob("httpx-*.dist-info")))


def add_package(project: Path) -> None:
    """Add a package that the lock does not know."""
    record = packages(project) / "stranger-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")


def remove_stamp(project: Path) -> None:
    """Make the environment look interrupted."""
    stamp_path(project).unlink()


def change_lock(project: Path) -> None:
    """Change the lock without changing what it asks for."""
    with (project / "requirements" / "locks" / f"{ENV}.txt").open("a") as lock:
        lock.write("# changed\n")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (remove_python, "broken"),
        (remove_module, "broken"),
        (remove_stamp, "broken"),
        (remove_record, "drifted"),
        (add_package, "drifted"),
        (change_lock, "drifted"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_damage_is_seen_and_mended(good: Path, damage: object, expected: str) -> None:
    assert callable(damage)
    damage(good)
    assert state(good) == expected
    result = bootstrap(good, "--env", ENV)
    assert result.returncode == 0, result.stderr
    assert state(good) == "good"
    assert (packages(good) / "httpx" / "__init__.py").is_file()
    assert not list(packages(good).glob("stranger*"))


def test_force_makes_it_anew(good: Path) -> None:
    marker = good / "venv" / ENV / "marker"
    marker.touch()
    assert bootstrap(good, "--env", ENV, "--force").returncode == 0
    assert not marker.exists()
    assert state(good) == "good"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_half_good(
    good: Path, number: signal.Signals, tmp_path: Path
) -> None:
    database = Database(always="hang")
    with serve(database) as address:
        process = subprocess.Popen(
            [str(good / "bootstrap.sh"), "--env", ENV, "--force"],
            env={**os.environ, **only_index(address), "UV_CACHE_DIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        wait_until(lambda: database.asked or process.poll() is not None)
        assert not stamp_path(good).exists()
        os.killpg(process.pid, number)
        _, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 130
    assert errors.startswith("error: Interrupted\n")
    assert state(good) == "broken"
    assert bootstrap(good, "--env", ENV).returncode == 0
    assert state(good) == "good"


def test_two_at_once_do_not_collide(good: Path) -> None:
    command = [str(good / "bootstrap.sh"), "--env", ENV, "--force"]
    held = os.open(good / "venv" / ".bootstrap.lock", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert any("Waiting for another bootstrap" in line for line in process.stdout)
    os.close(held)
    outputs = [process.communicate(timeout=HANG_SECONDS)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert state(good) == "good"


def test_pips_index_is_where_uv_looks(good: Path, tmp_path: Path) -> None:
    result = bootstrap(
        good,
        *("--env", ENV, "--force"),
        **only_index("http://me:s3cret@127.0.0.1:9/simple"),
        UV_CACHE_DIR=str(tmp_path),
        UV_HTTP_RETRIES="0",
    )
    assert result.returncode == 4
    log = (good / "venv" / ".bootstrap.log").read_text()
    assert "127.0.0.1:9" in log
    assert "s3cret" not in log + result.stdout + result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert state(good) == "broken"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--env", "whisprx"], "Did you mean whisperx?"),
        (["--profile", "tpu"], "--help"),
        (["--all", "--env", ENV], "--help"),
        (["--chekc"], "--help"),
        (["--json"], "--help"),
        (["--quick"], "--help"),
    ],
)
def test_wrong_arguments_are_invalid(good: Path, arguments: list[str], words: str) -> None:
    result = bootstrap(good, *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 2


def test_help_names_every_option(good: Path) -> None:
    result = bootstrap(good, "--help")
    assert result.returncode == 0
    for option in ("--env", "--all", "--profile", "--check", "--quick", "--json", "--force"):
        assert option in result.stdout


def test_a_python_that_does_not_suit_is_refused(good: Path, tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    result = bootstrap(good, "--check", PYTHON=str(old))
    assert result.returncode == 3
    assert f"error: {old} is not a Python 3.11, 3.12 or 3.13" in result.stderr


def test_without_a_lock_one_is_made_and_told(good: Path) -> None:
    lock = good / "requirements" / "locks" / f"{ENV}.txt"
    text = lock.read_text()
    lock.unlink()
    try:
        assert state(good) == "drifted"
        result = bootstrap(good, "--env", ENV)
        assert result.returncode == 0, result.stderr
        assert f"{ENV}: locking requirements/requirements-{ENV}.txt" in result.stdout
        assert "--hash=" in lock.read_text()
        assert state(good) == "good"
        assert stamp_path(good).exists()
    finally:
        lock.write_text(text)


def test_a_locked_version_stays_when_locked_again(good: Path) -> None:
    lock = good / "requirements" / "locks" / "uv.txt"
    before = lock.read_text()
    command = [str(good / "tools" / "lock-requirements.sh"), "uv"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert lock.read_text() == before


def test_locking_what_has_no_requirements_is_invalid(good: Path) -> None:
    command = [str(good / "tools" / "lock-requirements.sh"), "nothing"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "requirements-nothing.txt" in result.stderr
