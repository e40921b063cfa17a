#!/usr/bin/env python3
"""Tests of shared/pipeline/jobs: the jobs there are, how they stand, what they hold, edits."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.config import load_config
from shared.core.errors import InputError, UnavailableError
from shared.core.files import size_on_disk
from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.job import load_job
from shared.pipeline.job.lock import hold_job_lock, lock_state
from shared.pipeline.jobs.editing import edit_file, read_file
from shared.pipeline.jobs.listing import find_jobs, list_jobs, show_job
from shared.pipeline.jobs.results import edits, results
from shared.pipeline.plan.plan import Planner
from shared.pipeline.plan.selection import Selection
from tests.support.jobs import files_below

GLOSSARY = "03_glossary_load/glossary.json"
ANOTHER = b'{"schema_version": 1, "terms": []}'


def another_job(job_dir: Path, number: int, **fields: object) -> Path:
    """Copy a job under another number, with other fields; return it."""
    copy = job_dir.with_name(str(number))
    shutil.copytree(job_dir, copy)
    job = json.loads((copy / "job.json").read_text()) | fields
    (copy / "job.json").write_text(json.dumps(job))
    return copy


def state_of(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return time and content of every file below a folder."""
    return {
        str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in files_below(root) if p.is_file()
    }


def test_jobs_are_listed_found_and_shown_without_being_touched(
    finished_job: Path, output_root: Path
) -> None:
    another_job(finished_job, 12, title="Harbour Lights", year=1951, created_at="2099-01-01")
    another_job(finished_job, 7, title="Größe", created_at="2098-01-01")
    broken = finished_job.with_name("20")
    broken.mkdir()
    (broken / "job.json").write_text('{"schema_version": 7')
    (finished_job.parent / "notes").mkdir()
    (finished_job.parent / "99").symlink_to(finished_job)
    before = state_of(output_root)
    listed = list_jobs(output_root)
    assert [one.job_dir.name for one in listed] == ["12", "7", "1", "20"]
    assert {one.state for one in listed} == {"partial", "broken"}
    assert "not valid JSON" in next(one for one in listed if one.state == "broken").problem
    for words, names in (("harbour 1951", ["12"]), ("GRÖSSE", ["7"]), ("none", [])):
        assert [one.job_dir.name for one in find_jobs(output_root, words)] == names
    assert all(json.dumps(one.as_data()) for one in listed)
    assert state_of(output_root) == before
    assert list_jobs(output_root / "nowhere") == []


def test_a_job_says_how_it_stands(finished_job: Path) -> None:
    partial = show_job(finished_job)
    assert (partial.state, partial.next_stage) == ("partial", "source_separation")
    assert partial.stages == {"demux": "done", "tmdb": "skipped", "glossary_load": "done"}
    with hold_job_lock(finished_job, 0):
        running = show_job(finished_job)
        assert (running.state, running.lock.pid) == ("running", os.getpid())
    assert show_job(finished_job).lock.pid is None
    event = {"event": "end", "stage": "asr", "status": "failed", "reason": "no model"}
    with (finished_job / "events.jsonl").open("a") as stream:
        stream.write(json.dumps(event) + "\nhalf a li")
    failed = show_job(finished_job)
    assert (failed.state, failed.problem) == ("failed", "asr: no model")
    shutil.rmtree(finished_job / ".checkpoints")
    (finished_job / "events.jsonl").unlink()
    assert show_job(finished_job).state == "ready"
    assert size_on_disk(finished_job) > 10_000


def test_looking_at_a_lock_stops_no_run(finished_job: Path) -> None:
    looker = (
        f"import sys\nsys.path.insert(0, {str(PROJECT_ROOT)!r})\nfrom pathlib import Path\n"
        "from shared.pipeline.job.lock import lock_state\n"
        "lock_state(Path(sys.argv[1]))\nprint('up', flush=True)\n"
        "while True: lock_state(Path(sys.argv[1]))\n"
    )
    with hold_job_lock(finished_job, 0):
        pass
    command = [sys.executable, "-c", looker, str(finished_job)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"up\n"
            for _ in range(100):
                with hold_job_lock(finished_job, 0):
                    assert lock_state(finished_job).pid == os.getpid()
        finally:
            process.kill()


def move_away_and_back(folders: list[Path], aside: Path) -> None:
    """Do as commits do, which move a stage's folder aside and another one into its place."""
    while True:
        for folder in folders:
            folder.rename(aside)
            aside.rename(folder)


@pytest.mark.slow
def test_looking_at_results_bears_a_run_that_replaces_them(finished_job: Path) -> None:
    folder = finished_job / "03_glossary_load"
    former = finished_job / "edited" / folder.name
    shutil.copytree(folder, former)
    names = {one.name for one in results(finished_job)}
    put_aside = {one.name for one in edits(finished_job)}
    run = multiprocessing.get_context("fork").Process(
        target=move_away_and_back, args=([folder, former], finished_job.with_name("aside"))
    )
    run.start()
    try:
        for _ in range(30):
            assert {one.name for one in results(finished_job)} == names
            assert {one.name for one in edits(finished_job)} <= names | put_aside
            assert decision(finished_job, "glossary_load")[0] in {"keep", "run"}
        assert run.is_alive()
    finally:
        run.kill()
        run.join()


def test_results_and_edits_are_told_from_each_other(finished_job: Path) -> None:
    assert {one.state for one in results(finished_job)} == {"as written"}
    assert edits(finished_job) == []
    sound = finished_job / "01_demux" / "audio.wav"
    sound.write_bytes(sound.read_bytes()[::-1])
    (finished_job / GLOSSARY).write_bytes(ANOTHER)
    (finished_job / "01_demux" / "media_info.json").unlink()
    states = {one.name: one.state for one in results(finished_job)}
    assert states["01_demux/audio.wav"] == states["01_demux/media_info.json"] == "lost"
    assert [one.name for one in edits(finished_job)] == [GLOSSARY]
    assert all(json.dumps(one.as_data()) for one in results(finished_job))
    assert [one.stage for one in results(finished_job, "tmdb")] == []


def decision(job_dir: Path, stage: str) -> tuple[str, str]:
    """Return what a run would do with a stage, and why."""
    job, config = load_job(job_dir), load_config(job_dir)
    prints = Fingerprints(job_dir, job, config, EnvironmentManager())
    step = Planner(job_dir, Selection(), prints, job.job_id, only_looks=True).decide(stage)
    return step.action, step.reason


def test_an_edit_is_kept_by_the_next_run_and_a_former_one_is_put_aside(finished_job: Path) -> None:
    seen = read_file(finished_job, GLOSSARY)
    first = edit_file(finished_job, GLOSSARY, ANOTHER, seen.sha256)
    assert (first.before, first.kept) == (seen.sha256, None)
    assert (finished_job / GLOSSARY).read_bytes() == ANOTHER
    assert decision(finished_job, "glossary_load") == ("keep", "edited by hand: glossary.json")
    second = edit_file(finished_job, GLOSSARY, seen.content, first.after)
    assert second.kept is not None and second.kept.read_bytes() == ANOTHER
    assert [one.state for one in edits(finished_job)] == ["put aside"]
    assert not (finished_job / ".scratch").exists()


def test_of_many_who_saw_the_same_one_edits_and_the_others_are_told(finished_job: Path) -> None:
    seen = read_file(finished_job, GLOSSARY)

    def edit(number: int) -> bytes | str:
        content = json.dumps({"schema_version": 1, "terms": [], "by": number}).encode()
        try:
            edit_file(finished_job, GLOSSARY, content, seen.sha256, wait=30)
            return content
        except (InputError, UnavailableError) as error:
            return error.cause

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(edit, range(8)))
    (done,) = [one for one in told if isinstance(one, bytes)]
    assert (finished_job / GLOSSARY).read_bytes() == done
    for one in told:
        if isinstance(one, str):
            assert "changed by somebody else" in one or "is being run by" in one


def test_a_job_that_runs_is_not_edited(finished_job: Path) -> None:
    seen = read_file(finished_job, GLOSSARY)
    with hold_job_lock(finished_job, 0), pytest.raises(UnavailableError, match="is being run by"):
        edit_file(finished_job, GLOSSARY, ANOTHER)
    assert read_file(finished_job, GLOSSARY) == seen


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../1/job.json", "is no result"),
        ("/etc/passwd", "is no result"),
        ("", "is no result"),
        ("03_glossary_load/", "is no result"),
        ("03_glossary_load/../job.json", "is no result"),
        ("03_glossary_load/new.json", "is no result"),
        (".checkpoints/demux.json", "is no result"),
        ("events.jsonl", "is no result"),
        ("01_demux/audio.wav", "is sound or film"),
    ],
)
def test_only_results_that_people_edit_are_edited(finished_job: Path, name: str, told: str) -> None:
    before = state_of(finished_job)
    for attempt in (
        lambda: read_file(finished_job, name),
        lambda: edit_file(finished_job, name, b""),
    ):
        with pytest.raises(InputError, match=told):
            attempt()
    assert {k: v for k, v in state_of(finished_job).items() if not k.endswith(".lock")} == {
        k: v for k, v in before.items() if not k.endswith(".lock")
    }


def test_a_link_is_not_followed(finished_job: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    for target in (outside, finished_job / GLOSSARY):
        (finished_job / GLOSSARY).unlink(missing_ok=True)
        (finished_job / GLOSSARY).symlink_to(target)
        with pytest.raises(InputError, match="is a link"):
            edit_file(finished_job, GLOSSARY, ANOTHER)
    assert outside.read_text() == "{}"


def test_a_link_on_the_way_is_not_followed(finished_job: Path, tmp_path: Path) -> None:
    """A job that somebody handed over may name an output behind a link."""
    outside = tmp_path / "outside" / "inner" / "notes.json"
    outside.parent.mkdir(parents=True)
    outside.write_text("{}")
    (finished_job / "03_glossary_load" / "far").symlink_to(outside.parents[1])
    path = finished_job / ".checkpoints" / "glossary_load.json"
    record = json.loads(path.read_text())
    record["outputs"]["far/inner/notes.json"] = record["outputs"]["glossary.json"]
    path.write_text(json.dumps(record))
    with pytest.raises(InputError, match="is a link"):
        edit_file(finished_job, "03_glossary_load/far/inner/notes.json", ANOTHER)
    assert outside.read_text() == "{}"


def test_a_job_is_edited_by_any_name_that_its_folder_has(
    finished_job: Path, tmp_path: Path
) -> None:
    (tmp_path / "latest").symlink_to(finished_job)
    for name, content in (
        ("job.json", read_file(finished_job, "job.json").content + b"\n"),
        (GLOSSARY, ANOTHER),
    ):
        edit_file(tmp_path / "latest", name, content)
        assert (finished_job / name).read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (GLOSSARY, b"{"),
        (GLOSSARY, b"\xff\xfe"),
        (GLOSSARY, b"[" * 200_000),
        ("job.json", b"{}"),
        ("job.json", b'{"schema_version": 1, "title": 3}'),
    ],
)
def test_what_nobody_could_read_is_not_written(
    finished_job: Path, name: str, content: bytes
) -> None:
    before = (finished_job / name).read_bytes()
    with pytest.raises(InputError):
        edit_file(finished_job, name, content)
    assert (finished_job / name).read_bytes() == before


def test_the_job_itself_is_edited_the_same_way(finished_job: Path) -> None:
    seen = read_file(finished_job, "job.json")
    job = json.loads(seen.content) | {"title": "Another Title"}
    edit_file(finished_job, "job.json", json.dumps(job).encode(), seen.sha256)
    assert load_job(finished_job).title == "Another Title"
    (finished_job / "job.json").write_bytes(b"\0" * 64)  # as after a power cut
    assert load_job(finished_job).title == "Another Title"


@pytest.mark.slow
def test_killed_at_any_moment_an_edit_is_there_or_it_is_not(finished_job: Path) -> None:
    contents = [json.dumps({"terms": [number] * 50_000}).encode() for number in (1, 2)]
    digests = {hashlib.sha256(content).hexdigest() for content in contents}
    program = f"""
import sys
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from pathlib import Path
import json
from shared.pipeline.jobs.editing import edit_file
contents = [json.dumps({{"terms": [n] * 50_000}}).encode() for n in (1, 2)]
edit_file(Path(sys.argv[1]), {GLOSSARY!r}, contents[0])
print("up", flush=True)
while True:
    for content in contents:
        edit_file(Path(sys.argv[1]), {GLOSSARY!r}, content, wait=5)
"""
    chance = random.Random(3)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(finished_job)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None and process.stdout.readline() == b"up\n"
        time.sleep(chance.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert hashlib.sha256((finished_job / GLOSSARY).read_bytes()).hexdigest() in digests
        assert {one.state for one in results(finished_job)} <= {"as written", "edited"}
