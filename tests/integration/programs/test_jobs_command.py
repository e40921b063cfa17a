#!/usr/bin/env python3
"""Tests of './run-pipeline.sh jobs': what it tells of the jobs there are, and what it removes."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.lock import hold_job_lock
from shared.stage_order import get_workflow_stages
from tests.support.commands import HANG_SECONDS, assert_refused, run_script
from tests.support.jobs import files_below

OUTPUT = "03_glossary_load/glossary.json"
LONG_AGO = 1_000_000_000.0


@pytest.fixture
def jobs(finished_job: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job whose first stages are done, below the folder of jobs of this test."""
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(output_root))
    (finished_job / "first_run.txt").unlink()
    return finished_job


def edit_json(path: Path, is_prepared_so: bool = False, **fields: object) -> None:
    """Give fields of a JSON file other values."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))
    kept = path.parent / ".checkpoints" / "job.json.kept"
    if is_prepared_so and kept.is_file():
        shutil.copyfile(path, kept)


def use(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the verb with nobody at the keyboard."""
    return run_script("run-pipeline", "jobs", *arguments)


def another(job_dir: Path, number: int, title: str) -> Path:
    """Return a copy of a job under another number and title."""
    copy = job_dir.with_name(str(number))
    shutil.copytree(job_dir, copy)
    edit_json(copy / "job.json", is_prepared_so=True, title=title)
    return copy


def age(job_dir: Path) -> None:
    """Make a job one of long ago."""
    for path in files_below(job_dir):
        os.utime(path, (LONG_AGO, LONG_AGO))


def test_jobs_are_listed_in_a_table_and_as_data(jobs: Path) -> None:
    second = another(jobs, 2, "Größe\x1b[31m")
    told = use()
    assert told.returncode == 0 and told.stdout == use("list").stdout
    rows = told.stdout.splitlines()
    assert len(rows) == 4 and "\x1b" not in told.stdout
    assert str(jobs) in told.stdout and str(second) in told.stdout and "partial" in rows[1]
    assert rows[-1].startswith("2 jobs, ")
    for data in (use("list", "--json"), use("--json", "list"), use("--json")):
        found = {Path(one["job_dir"]): one for one in json.loads(data.stdout)}
        assert set(found) == {jobs, second}
        assert found[jobs]["next_stage"] == "source_separation" and found[jobs]["bytes"] > 1000
    assert [Path(one["job_dir"]) for one in json.loads(use("find", "gröSSE", "--json").stdout)] == [
        second
    ]
    assert use("find", "no such film").stdout == "No job has all of: no such film\n"


def test_a_job_is_shown_by_its_folder_or_by_words_that_fit_one(jobs: Path) -> None:
    another(jobs, 2, "Harbour Lights")
    by_words = use("show", "harbour", "lights")
    assert by_words.stdout == use("show", jobs.with_name("2")).stdout
    assert OUTPUT in by_words.stdout and "next: source_separation" in by_words.stdout
    (jobs / OUTPUT).write_text('{"schema_version": 1, "terms": []}')
    (jobs / "notes.txt").write_text("mine")
    data = json.loads(use("show", jobs, "--json").stdout)
    assert data["made_by_hand"] == [OUTPUT, "notes.txt"]
    assert {one["state"] for one in data["results"] if one["name"] == OUTPUT} == {"edited"}
    assert_refused(use("show", "nothing like it"), 2, "There is no job nothing like it")
    assert_refused(use("show", "tester"), 2, "2 jobs fit")
    assert_refused(use("show", jobs.parent), 2, "is no job directory")


def test_a_job_goes_as_a_whole_and_others_stay(jobs: Path) -> None:
    second = another(jobs, 2, "Harbour Lights")
    before = {p: p.read_bytes() for p in files_below(second) if p.is_file()}
    assert f"would be removed: {jobs}" in use("remove", jobs, "--dry-run").stdout and jobs.is_dir()
    told = use("remove", jobs)
    assert told.returncode == 0 and f"removed: {jobs}\n1 job removed, " in told.stdout
    assert os.listdir(jobs.parent) == ["2"]
    assert {p: p.read_bytes() for p in files_below(second) if p.is_file()} == before
    assert_refused(use("remove", jobs), 2, "There is no job")


def test_what_a_person_made_goes_with_a_question_or_with_yes(jobs: Path) -> None:
    (jobs / OUTPUT).write_text('{"schema_version": 1, "terms": []}')
    (jobs / "01_demux" / "my notes.txt").write_text("mine")
    told = use("remove", jobs)
    assert_refused(told, 2, "holds what a person made: 01_demux/my notes.txt, " + OUTPUT)
    assert jobs.is_dir()
    assert answered(b"n\n", "remove", jobs) == 0 and jobs.is_dir()
    assert answered(b"\x04", "remove", jobs) == 0 and jobs.is_dir()
    assert answered(b"y\n", "remove", jobs) == 0 and not jobs.exists()


@pytest.mark.parametrize(
    "name", [".notes.txt", ".git/HEAD", "logs/my-notes.md", ".checkpoints/mine.txt", "job.json"]
)
def test_what_a_person_made_is_seen_wherever_it_lies(jobs: Path, name: str) -> None:
    path = jobs / name
    path.parent.mkdir(exist_ok=True)
    if name == "job.json":
        edit_json(path, title="Mended")
    else:
        path.write_text("mine")
    assert_refused(use("remove", jobs), 2, f"holds what a person made: {name}")


def test_a_result_that_a_person_replaced_is_his(jobs: Path) -> None:
    sound = jobs / "01_demux" / "audio.wav"
    sound.write_bytes(sound.read_bytes()[:-100])
    assert_refused(use("remove", jobs), 2, "holds what a person made: 01_demux/audio.wav")


def test_what_is_no_job_of_ours_stays(jobs: Path, tmp_path: Path) -> None:
    other = tmp_path / "otherprog"
    (other / "logs").mkdir(parents=True)
    (other / "job.json").write_text('{"cron": "1"}')
    link = tmp_path / "link"
    link.symlink_to(jobs)
    assert_refused(use("remove", other, "--yes"), 2, "is no job directory")
    assert_refused(use("remove", link, "--yes"), 2, "is a link")
    assert_refused(use("remove", " ", "--yes"), 2, "There is no job")
    assert (other / "job.json").is_file() and jobs.is_dir()


def test_of_several_jobs_each_is_told(jobs: Path) -> None:
    second, third = another(jobs, 2, "Two"), another(jobs, 3, "Three")
    with hold_job_lock(second, 0.0):
        told = use("remove", jobs, second, third, jobs, "--yes")
    assert_refused(told, 3, f"{second} is being run")
    assert f"removed: {jobs}\nremoved: {third}\n2 jobs removed" in told.stdout
    assert second.is_dir() and not jobs.exists() and not third.exists()


def test_a_number_that_is_none_is_no_job(jobs: Path) -> None:
    shutil.copytree(jobs, jobs.with_name("1²"))
    assert use("list").stdout.splitlines()[-1].startswith("1 job, ")


def test_yes_removes_without_a_question(jobs: Path) -> None:
    (jobs / "notes.txt").write_text("mine")
    assert use("remove", jobs, "--yes", "--json").returncode == 0 and not jobs.exists()


def test_a_job_that_runs_or_is_none_is_not_removed(jobs: Path, tmp_path: Path) -> None:
    with hold_job_lock(jobs, 0.0):
        assert_refused(use("remove", jobs, "--yes"), 3, "is being run by process")
    link = tmp_path / "link"
    link.symlink_to(jobs)
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "film.mkv").write_bytes(b"x")
    assert_refused(use("remove", tmp_path / "films", "--yes"), 2, "is no job directory")
    assert (jobs / "job.json").is_file() and (tmp_path / "films" / "film.mkv").is_file()


def test_a_link_in_a_job_is_removed_and_what_it_names_stays(jobs: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "film.mkv").write_bytes(b"x")
    (jobs / "elsewhere").symlink_to(tmp_path / "kept")
    assert_refused(use("remove", jobs), 2, "elsewhere")
    assert use("remove", jobs, "--yes").returncode == 0
    assert not jobs.exists() and (tmp_path / "kept" / "film.mkv").is_file()


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_lock_keeps_no_job(jobs: Path, tmp_path: Path, kind: str) -> None:
    lock, elsewhere = jobs / ".lock", tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    lock.unlink(missing_ok=True)
    makers = {"link": lambda: lock.symlink_to(elsewhere), "folder": lock.mkdir}
    makers.get(kind, lambda: os.mkfifo(lock))()
    told = use("remove", jobs)
    assert told.returncode == 0 and not jobs.exists(), told.stderr
    assert elsewhere.read_text() == "mine" and os.listdir(jobs.parent) == []


def test_clean_sweeps_what_killed_commands_left_on_any_day(jobs: Path) -> None:
    day = jobs.parents[4] / "2020" / "02" / "29" / "somebody"
    names = {".new-removed-3": True, ".new-0a1b2c3d": True, ".new-removed-4": False, ".new": True}
    for name, is_old in names.items():
        (day / name / "logs").mkdir(parents=True)
        if is_old:
            os.utime(day / name, (LONG_AGO, LONG_AGO))
    assert use("clean", "--older-than", "30d", "--dry-run").returncode == 0
    assert len(os.listdir(day)) == 4
    assert use("clean", "--older-than", "30d").returncode == 0
    assert sorted(os.listdir(day)) == [".new", ".new-removed-4"]


def test_a_job_of_the_future_is_told(jobs: Path) -> None:
    os.utime(jobs / "events.jsonl", (4e9, 4e9))
    told = use("clean", "--older-than", "30d", "--unfinished")
    assert f"kept: {jobs}: its files are of the future" in told.stderr and jobs.is_dir()


def test_clean_takes_what_is_done_and_old_and_has_nothing_by_hand(jobs: Path) -> None:
    others = [another(jobs, number, f"Film {number}") for number in (2, 3, 4, 5)]
    done, edited, running, fresh = others
    for one in others:
        edit_json(one / "job.json", is_prepared_so=True, workflow="transcribe")
        make_done(one)
    (edited / "notes.txt").write_text("mine")
    for one in (jobs, done, edited, running):
        age(one)
    with hold_job_lock(running, 0.0):
        told = use("clean", "--older-than", "30d")
    assert told.returncode == 0, told.stderr
    assert [one.exists() for one in (jobs, done, edited, running, fresh)] == [1, 0, 1, 1, 1]
    assert f"kept: {jobs}: partial; --unfinished removes it too" in told.stderr
    assert f"kept: {edited} holds what a person made: notes.txt; --yes" in told.stderr
    assert f"kept: {running}: it is being run" in told.stderr
    assert use("clean", "--older-than", "30d", "--unfinished", "--yes").returncode == 0
    assert [one.exists() for one in (jobs, edited, running, fresh)] == [False, False, False, True]


@pytest.mark.parametrize("text", ["", "soon", "-3d", "30y", "3 d d"])
def test_an_age_that_is_none_is_told(text: str) -> None:
    assert_refused(use("clean", f"--older-than={text}"), 2, "36h, 30d or 8w")


def make_done(job_dir: Path) -> None:
    """Give every stage of a job a record, as if it had been skipped."""
    records = job_dir / ".checkpoints"
    model = json.loads((records / "tmdb.json").read_text())
    for stage in get_workflow_stages("transcribe"):
        if not (records / f"{stage}.json").is_file():
            (records / f"{stage}.json").write_text(
                json.dumps({**model, "stage": stage, "outputs": {}})
            )


def answered(keys: bytes, *arguments: object) -> int:
    """Return the exit code of the verb at a terminal where a person types something."""
    master, slave = pty.openpty()
    command = [sys.executable, PROJECT_ROOT / "scripts" / "run-pipeline.py", "jobs", *arguments]
    with subprocess.Popen(list(map(str, command)), stdin=slave, stderr=subprocess.PIPE) as process:
        os.write(master, keys)
        _, told = process.communicate(timeout=HANG_SECONDS)
    os.close(master)
    os.close(slave)
    assert b"Remove it all the same? [y/N]" in told
    return process.returncode
