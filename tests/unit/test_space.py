#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/space.py, with real processes on the disk of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.core.errors import UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.plan.space import RESERVED_FOLDER, require_space, reserve_space
from tests.support.commands import HANG_SECONDS

HOLDER = f"""
import sys
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from pathlib import Path
from shared.pipeline.plan.space import reserve_space
root = Path(sys.argv[1])
job = root / sys.argv[2]
job.mkdir(exist_ok=True)
try:
    with reserve_space(job, root, int(sys.argv[3])):
        print("holds", flush=True)
        sys.stdin.read()
except Exception as error:
    print(error, flush=True)
"""


def start_holder(root: Path, job: str, needed: int) -> tuple[subprocess.Popen[str], str]:
    """Start a process that holds space until its standard input is closed; return what it says."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root), job, str(needed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline()


def end(process: subprocess.Popen[str]) -> None:
    """Let a holder end."""
    process.communicate(timeout=HANG_SECONDS)


def share(root: Path, part: float) -> int:
    """Return a part of what is free on the disk, bytes."""
    return int(shutil.disk_usage(root).free * part)


def test_films_that_are_admitted_at_once_do_not_count_on_the_same_space(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        jobs = [f"job{number}" for number in range(4)]
        started = list(pool.map(lambda j: start_holder(tmp_path, j, share(tmp_path, 0.4)), jobs))
    try:
        told = [said for _, said in started]
        assert told.count("holds\n") == 2
        refused = next(said for said in told if said != "holds\n")
        assert "Not enough disk space" in refused and "for 2 other runs" in refused
    finally:
        for process, _ in started:
            end(process)
    require_space(tmp_path, tmp_path, share(tmp_path, 0.9))


def test_the_first_runs_of_an_output_folder_take_turns_from_the_first_moment(
    tmp_path: Path,
) -> None:
    """They make the folder of the notes together; none counts without the others' notes."""
    for number in range(40):
        root = tmp_path / str(number)
        jobs = [root / str(job) for job in range(6)]
        for job in jobs:
            job.mkdir(parents=True)
        together = threading.Barrier(len(jobs))
        needed = share(root, 0.4)

        def admitted(job: Path) -> bool:
            together.wait(HANG_SECONDS)  # noqa: B023  # all threads end within the round
            try:
                held.enter_context(reserve_space(job, root, needed))  # noqa: B023
            except UnavailableError:
                return False
            return True

        with ExitStack() as held, ThreadPoolExecutor(len(jobs)) as pool:
            assert sum(pool.map(admitted, jobs)) == 2


def test_who_only_looks_takes_no_note_away(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            require_space(tmp_path, tmp_path, 1)

    with ThreadPoolExecutor(3) as pool:
        lookers = [pool.submit(look) for _ in range(3)]
        try:
            for _ in range(300):
                with reserve_space(tmp_path / "job", tmp_path, 1):
                    notes = list((tmp_path / RESERVED_FOLDER).glob("*.json"))
                    assert len(notes) == 1, "another run would count on the same space"
        finally:
            over.set()
        for looker in lookers:
            looker.result()


def test_what_a_killed_run_held_is_free(tmp_path: Path) -> None:
    process, said = start_holder(tmp_path, "job", share(tmp_path, 0.8))
    assert said == "holds\n"
    with pytest.raises(UnavailableError, match="for another run"):
        require_space(tmp_path, tmp_path, share(tmp_path, 0.5))
    process.kill()
    process.wait()
    require_space(tmp_path, tmp_path, share(tmp_path, 0.5))
    assert not list((tmp_path / RESERVED_FOLDER).glob("*.json"))


def test_what_is_written_is_not_counted_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    held = 64 << 20
    with reserve_space(first, tmp_path, held):
        free = shutil.disk_usage(tmp_path).free
        with (first / "film").open("wb") as film:
            film.write(os.urandom(held))
            film.flush()
            os.fsync(film.fileno())
        left = shutil.disk_usage(tmp_path).free
        # Half of the figure would be refused here if the written bytes were still held.
        refused = ""
        try:
            require_space(second, tmp_path, left - (held // 2))
        except UnavailableError as error:
            refused = error.cause
        assert free - left < held or not refused


def test_runs_in_threads_of_one_process_see_each_other(tmp_path: Path) -> None:
    jobs = [tmp_path / str(number) for number in range(3)]
    for job in jobs:
        job.mkdir()
    with ExitStack() as held:
        for job in jobs[:2]:
            held.enter_context(reserve_space(job, tmp_path, share(tmp_path, 0.4)))
        with pytest.raises(UnavailableError, match="for 2 other runs"):
            with reserve_space(jobs[2], tmp_path, share(tmp_path, 0.4)):
                pass
    with reserve_space(jobs[2], tmp_path, share(tmp_path, 0.4)):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"bytes": "x"}', "\x00"])
def test_a_note_that_is_none_is_of_no_account(tmp_path: Path, content: str) -> None:
    folder = tmp_path / RESERVED_FOLDER
    folder.mkdir()
    (folder / "1-1.json").write_text(content)
    os.mkfifo(folder / "2-2.json")
    (folder / "3-3.json").symlink_to(tmp_path / "elsewhere")
    with reserve_space(tmp_path, tmp_path, 1):
        own = {path.name for path in folder.glob("*.json")} - {"1-1.json", "2-2.json", "3-3.json"}
        assert len(own) == 1


def test_where_no_note_can_be_written_the_disk_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / RESERVED_FOLDER).write_text("a file, no folder")
    with reserve_space(tmp_path, tmp_path, 1):
        pass
    with pytest.raises(UnavailableError, match="free$"):
        with reserve_space(tmp_path, tmp_path, 1 << 60):
            pass
