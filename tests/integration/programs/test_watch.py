#!/usr/bin/env python3
"""Tests of the verb watch: folders watched for ever, as people leave them."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.batches import TO_DEMUX, film_of, make_old, run_batch, status
from tests.support.commands import HANG_SECONDS, assert_refused, run_command, wait_until
from tests.support.jobs import make_film

pytestmark = pytest.mark.environments("batch")
RUN = str(PROJECT_ROOT / "run-pipeline.sh")


@pytest.fixture
def films(tmp_path: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is watched closely, with one film."""
    monkeypatch.setenv("CP_BATCH_STILL_SECONDS", "0.3")
    monkeypatch.setenv("CP_WATCH_SECONDS", "0.5")
    folder = tmp_path / "films"
    folder.mkdir()
    make_old(make_film(folder / "first.mkv", 1.1))
    return folder


@contextmanager
def watching(*folders: Path) -> Iterator[subprocess.Popen[str]]:
    """Watch folders; killed at the end if it still runs."""
    process = subprocess.Popen(
        [RUN, "watch", *map(str, folders), *TO_DEMUX],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def state_of(name: str) -> str:
    """Return how a film stands, '' where it is not known."""
    return str(film_of(status(), name).get("state", ""))


def reason_of(name: str) -> str:
    """Return why a film is left alone, '' where it is not known."""
    return str(film_of(status(), name).get("reason", ""))


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """End a watch in order; return its exit code and all that it said."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=HANG_SECONDS)
    return process.returncode, said


def test_films_are_done_as_they_come_until_it_is_told_to_end(films: Path) -> None:
    with watching(films) as process:
        wait_until(lambda: state_of("first.mkv") == "done")
        told = status()
        assert told["state"] == "running" and told["watched"] == [str(films)]
        make_old(make_film(films / "second.mkv", 1.2))
        (films / "notes.txt").write_text("no film")
        (films / "broken.mkv").write_bytes(b"no film at all")
        make_old(films / "broken.mkv")
        wait_until(lambda: state_of("second.mkv") == "done")
        wait_until(lambda: state_of("broken.mkv") == "failed")
        make_old(make_film(films / "broken.mkv", 1.3))
        wait_until(lambda: state_of("broken.mkv") == "done")
        assert film_of(status(), "first.mkv")["state"] == "done"
        code, said = ended(process)
    assert code == 0, said
    assert status()["state"] == "ended"
    night = run_batch(films, *TO_DEMUX)
    assert set(night.states().values()) == {"left alone"}


def test_a_film_that_is_being_copied_is_waited_for(films: Path, tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", 3.0).read_bytes()
    with watching(films) as process:
        wait_until(lambda: state_of("first.mkv") == "done")
        with (films / "slow.mkv").open("wb") as copy:
            for start in range(0, len(whole), len(whole) // 12 + 1):
                copy.write(whole[start : start + len(whole) // 12 + 1])
                copy.flush()
                assert state_of("slow.mkv") in ("", "left alone")
        wait_until(lambda: state_of("slow.mkv") == "done")
        code, said = ended(process)
    assert code == 0, said


def test_a_whole_film_that_a_program_holds_open_is_done_when_it_is_closed(films: Path) -> None:
    with watching(films) as process:
        wait_until(lambda: state_of("first.mkv") == "done")
        kept = make_film(films.parent / "kept.mkv", 1.2)
        with kept.open("r+b"):
            kept.rename(films / "kept.mkv")
            wait_until(lambda: "still being written" in reason_of("kept.mkv"))
        wait_until(lambda: state_of("kept.mkv") == "done")
        assert ended(process)[0] == 0


def test_a_folder_that_goes_away_is_waited_for(films: Path, tmp_path: Path) -> None:
    with watching(films) as process:
        wait_until(lambda: state_of("first.mkv") == "done")
        films.rename(tmp_path / "away")
        time.sleep(2)
        assert process.poll() is None and status()["state"] == "running"
        make_old(make_film(tmp_path / "away" / "new.mkv", 1.4))
        (tmp_path / "away").rename(films)
        wait_until(lambda: state_of("new.mkv") == "done")
        shutil.rmtree(films)
        time.sleep(1)
        films.mkdir()
        make_old(make_film(films / "newer.mkv", 1.5))
        wait_until(lambda: state_of("newer.mkv") == "done")
        code, said = ended(process)
    assert code == 0 and said.count("is away") == 2 == said.count("is back"), said


def test_it_is_steered_and_refuses_a_second_one(films: Path) -> None:
    with watching(films) as process:
        wait_until(lambda: state_of("first.mkv") == "done")
        assert_refused(run_command(RUN, "watch", films, *TO_DEMUX), 3, "A batch of the same")
        assert run_command(RUN, "pause").returncode == 0
        make_old(make_film(films / "second.mkv", 1.2))
        wait_until(lambda: state_of("second.mkv") == "waiting")
        assert "Watches" in run_command(RUN, "status").stdout
        assert run_command(RUN, "resume").returncode == 0
        wait_until(lambda: state_of("second.mkv") == "done")
        assert run_command(RUN, "stop").returncode == 0
        process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 0


def test_what_is_no_folder_is_refused(films: Path) -> None:
    for name in (films / "first.mkv", films / "none", ""):
        assert_refused(run_command(RUN, "watch", name, *TO_DEMUX), 2, "is no folder")


def test_a_terminal_follows_it(films: Path) -> None:
    with watching(films) as process:
        wait_until(lambda: state_of("first.mkv") == "done")
        leader, follower = pty.openpty()
        shown = subprocess.Popen(
            [RUN, "status", "--follow"], stdin=follower, stdout=follower, stderr=follower
        )
        os.close(follower)
        assert "first.mkv" in _screen(leader, "done")
        make_old(make_film(films / "second.mkv", 1.2))
        screen = _screen(leader, "2 done")
        assert "second.mkv" in screen and screen.count("\x1b[2J") >= 1
        ended(process)
        _screen(leader, "ended")
        assert shown.wait(HANG_SECONDS) == 0
        os.close(leader)


def _screen(leader: int, wanted: str) -> str:
    """Return what a terminal is sent until something stands in it."""
    said, deadline = "", time.monotonic() + HANG_SECONDS
    while wanted not in said and time.monotonic() < deadline:
        if select.select([leader], [], [], 0.2)[0]:
            said += os.read(leader, 1 << 16).decode("utf-8", "replace")
    assert wanted in said, said
    return said
