#!/usr/bin/env python3
"""Tests of a batch that runs: seen from another terminal, steered, stopped, killed, gone on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from shared.core.file_names import safe_file_name
from tests.support.batches import TO_DEMUX, film_of, make_old, run_batch, start_batch, status
from tests.support.commands import HANG_SECONDS, assert_refused, run_script, wait_until
from tests.support.jobs import make_film

pytestmark = pytest.mark.environments("batch")
TWO_STAGES = (*TO_DEMUX[:-1], "tmdb")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask no service, wait for no film."""
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    monkeypatch.setenv("CP_BATCH_STILL_SECONDS", "0")


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with three films of another content each."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number, name in enumerate(("a", "b", "c")):
        make_old(make_film(folder / f"{name}.mkv", 1 + number / 10))
    return folder


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have demux of every film wait until the file that this returns is removed."""
    hold = tmp_path / "hold"
    hold.touch()
    real = shutil.which("ffmpeg")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "ffmpeg"
    wait = f"while [ -e '{hold}' ]; do sleep 0.05; done"
    program.write_text(f'#!/bin/sh\ncase "$*" in *audio.wav*) {wait};; esac\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return hold


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with space for one film."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=100m", "tmpfs", str(disk)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("only root can make a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@contextmanager
def running(
    folder: Path, *options: str, films: Sequence[str] = ("a.mkv",)
) -> Iterator[subprocess.Popen[str]]:
    """A batch that works on one of some films; nothing of it is left afterwards."""
    process = start_batch(folder, *options)
    try:
        wait_until(lambda: any(film_of(status(), one).get("stage") == "demux" for one in films))
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        wait_until(lambda: stages_of(folder.parent) == [])


def verb(*arguments: str | Path) -> str:
    """Type a verb; return what it says."""
    done = run_script("run-pipeline", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stages_of(folder: Path) -> list[str]:
    """Return where processes of stages, and of what forks them, work: below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
            forks = variables["CP_OUTPUT_ROOT"] if "CP_FORK_SERVER" in variables else ""
            mark = variables.get("CP_STAGE_SCRATCH", forks)
        except (psutil.Error, OSError):
            continue
        if mark.startswith(f"{folder}/") and process.is_running():
            found.append(mark)
    return found


def test_status_tells_what_runs_what_waits_and_how_long_and_what_is_left(
    films: Path, slow: Path
) -> None:
    with running(films, *TWO_STAGES):
        told = status()
        film, last = film_of(told, "a.mkv"), film_of(told, "c.mkv")
        assert told["state"] == "running" and told["seconds_left"] > 0
        assert film["state"] == "running" and film["stages"]["tmdb"] == "to do"
        assert last["waits_for"] and last["seconds_left"] > 0
        lines = verb("status").splitlines()
        assert "3 films" in lines[0] and "left" in lines[0]
        (line,) = [line for line in lines if line.startswith("a.mkv")]
        assert ">." in line and "running, demux" in line
        assert "demux" in verb("status", film["job"])


def test_a_second_batch_of_the_same_leaves_and_says_so(films: Path, slow: Path) -> None:
    with running(films, *TO_DEMUX) as process:
        done = run_script("run-pipeline", "status")
        assert done.returncode == 0
        night = run_batch(films, *TO_DEMUX)
        assert night.code == 3
        assert f"A batch of the same is running: process {process.pid}" in night.errors
        other = run_batch(films / "a.mkv", *TO_DEMUX)
        assert other.code == 0 and "is being run by process" in other.films["a.mkv"]["reason"]
        (films / "deeper").mkdir()
        make_old(make_film(films / "deeper" / "d.mkv", 1.7))
        with start_batch(films, *TO_DEMUX, "--recursive") as more:  # not the same: it does more
            wait_until(lambda: film_of(status(), "d.mkv").get("state") == "waiting")
            slow.unlink()
            said, _ = more.communicate(timeout=HANG_SECONDS)
        assert more.returncode == 0 and "d.mkv: done" in said


def test_pause_lets_what_runs_go_on_and_begins_nothing_until_resume(
    films: Path, slow: Path
) -> None:
    with running(films, *TWO_STAGES) as process:
        assert "Paused" in verb("pause")
        slow.unlink()
        wait_until(lambda: "paused" in film_of(status(), "a.mkv").get("waits_for", ""))
        assert status()["state"] == "paused" and film_of(status(), "c.mkv")["state"] == "waiting"
        verb("resume")
        assert process.wait(HANG_SECONDS) == 0
    assert film_of(status(), "c.mkv")["state"] == "done"


def test_cancel_takes_a_film_out_and_first_changes_the_order(films: Path, slow: Path) -> None:
    with running(films, *TO_DEMUX):
        assert "Comes first: c.mkv" in verb("first", "c.mkv")
        assert "Cancelled: a.mkv" in verb("cancel", films / "a.mkv")
        wait_until(lambda: film_of(status(), "a.mkv")["state"] == "cancelled")
        wait_until(lambda: film_of(status(), "c.mkv").get("stage") == "demux")
        work = film_of(status(), "a.mkv")["job"] + "/"
        wait_until(lambda: not any(mark.startswith(work) for mark in stages_of(films.parent)))
        done = run_script("run-pipeline", "cancel", "a.mkv")
        assert_refused(done, 2, "a.mkv: cancelled")
        done = run_script("run-pipeline", "cancel", "")  # an empty variable
        assert_refused(done, 2, "No film is named")
        assert_refused(run_script("run-pipeline", "first", "zzz"), 2, "has no film zzz")


def test_stop_ends_after_the_stages_that_run_and_the_same_command_goes_on(
    films: Path, slow: Path
) -> None:
    with running(films, *TWO_STAGES) as process:
        assert "Ends after the stages" in verb("stop")
        wait_until(lambda: status()["state"] == "stopping")
        assert process.poll() is None and stages_of(films.parent)
        slow.unlink()
        assert process.wait(HANG_SECONDS) == 0
    states = {Path(film["path"]).name: film["state"] for film in status()["films"]}
    assert states["c.mkv"] == "not begun" and "batch" in status()["command"]
    night = run_batch(films, *TWO_STAGES)
    assert {"c.mkv", "a.mkv"} <= {name for name, one in night.states().items() if one == "done"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_interrupted_it_ends_its_stages_and_says_so_and_goes_on_the_next_time(
    films: Path, slow: Path, number: int
) -> None:
    with running(films, *TO_DEMUX) as process:
        process.send_signal(number)
        output, _ = process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 130, output
        assert "interrupted  a.mkv" in output and "Traceback" not in output
        assert stages_of(films.parent) == []
    assert status()["state"] == "ended" and film_of(status(), "a.mkv")["state"] == "interrupted"
    slow.unlink()
    assert set(run_batch(films, *TO_DEMUX).states().values()) == {"done"}


def test_killed_it_leaves_no_process_and_the_next_one_goes_on(films: Path, slow: Path) -> None:
    with running(films, *TO_DEMUX) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: stages_of(films.parent) == [])
        told = status()
        assert told["state"] == "killed" and f"batch {films}" in told["command"]
        slow.unlink()
        night = run_batch(films, *TO_DEMUX)
    assert (night.code, set(night.states().values())) == (0, {"done"})
    out = films.parent / "out"
    assert len(list(out.glob("*/*/*/*/*/job.json"))) == 3
    for path in out.glob("*/*/*/*/*/job.json"):
        assert safe_file_name(json.loads(path.read_text())["title"]) in "abc"


def test_a_film_that_the_disk_has_no_space_for_waits_for_the_others(
    films: Path, slow: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(small_disk))
    (films / "c.mkv").unlink()
    names = {"a.mkv", "b.mkv"}
    with running(films, *TO_DEMUX, films=sorted(names)) as process:
        (first,) = [one for one in names if film_of(status(), one).get("stage") == "demux"]
        (other,) = names - {first}
        wait_until(lambda: film_of(status(), other).get("waits_for") == "disk space")
        assert film_of(status(), first)["state"] == "running"
        slow.unlink()
        assert process.wait(HANG_SECONDS) == 0
    assert {film_of(status(), name)["state"] for name in names} == {"done"}


def test_a_film_that_the_disk_never_has_space_for_fails_and_says_so(
    films: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(small_disk))
    (small_disk / "full").write_bytes(bytes(60 << 20))
    night = run_batch(films / "a.mkv", *TO_DEMUX)
    assert (night.code, night.films["a.mkv"]["exit_code"]) == (1, 3)
    assert "Not enough disk space" in night.films["a.mkv"]["reason"]


def test_steering_without_a_batch_is_refused() -> None:
    for name in ("pause", "resume", "stop"):
        assert_refused(run_script("run-pipeline", name), 2, "No batch is running")
    assert_refused(run_script("run-pipeline", "status"), 2, "There has been no batch")
    assert_refused(run_script("run-pipeline", "status", "nowhere"), 2, "is no batch and no job")
