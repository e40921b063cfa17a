#!/usr/bin/env python3
"""Tests of shared/pipeline/job/job.py."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError, UnavailableError
from shared.core.file_names import safe_file_name
from shared.pipeline.job.job import ClipRange, Job, keep_copy, load_job
from shared.pipeline.prepare.new_job import create_job
from tests.support.jobs import make_job


def create_together(job: Job, root: Path, start: Any, created: Any) -> None:
    """Wait for the others, create a job, tell where."""
    start.wait()
    created.put(create_job(job, root))


def test_a_job_is_written_under_date_user_and_number(job_dir: Path, output_root: Path) -> None:
    job = load_job(job_dir)
    date, user, number = job_dir.relative_to(output_root).as_posix().rsplit("/", 2)
    assert date == job.created_at[:10].replace("-", "/")
    assert (user, number) == ("tester", "1")
    assert job.job_id == f"{date.replace('/', '')}-tester-0001"
    assert sorted(os.listdir(job_dir)) == ["job.json", "logs"]
    assert job_dir.stat().st_mode & 0o7777 == 0o700


@pytest.fixture
def todays_job(film: Path) -> Path:
    """Job 1 of today: one that was prepared for many tests may be yesterday's by now."""
    return make_job(film)


def test_numbers_go_on_after_nine_and_gaps_stay(todays_job: Path, output_root: Path) -> None:
    job_dir = todays_job
    (job_dir.parent / "9").mkdir()
    (job_dir.parent / "notes").mkdir()
    job = load_job(job_dir)
    assert create_job(job, output_root).name == "10"
    assert create_job(job, output_root).name == "11"
    assert load_job(job_dir.parent / "11").job_id.endswith("-tester-0011")


def test_eight_processes_at_once_get_eight_jobs(todays_job: Path, output_root: Path) -> None:
    context = multiprocessing.get_context("fork")
    start, queue = context.Barrier(8), context.SimpleQueue()
    arguments = (load_job(todays_job), output_root, start, queue)
    processes = [context.Process(target=create_together, args=arguments) for _ in range(8)]
    for process in processes:
        process.start()
    created = {queue.get() for _ in processes}
    for process in processes:
        process.join()
    assert {path.name for path in created} == {str(number) for number in range(2, 10)}
    identifiers = {load_job(path).job_id for path in created}
    assert len(identifiers) == 8
    assert sorted(os.listdir(todays_job.parent)) == [str(number) for number in range(1, 10)]


def test_a_folder_that_cannot_be_written_leaves_nothing(job_dir: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(UnavailableError, match="Cannot write to") as caught:
        create_job(load_job(job_dir), blocked)
    assert caught.value.exit_code == 3 and caught.value.hint


def test_a_job_that_cannot_be_written_leaves_nothing_half_made(
    job_dir: Path, output_root: Path
) -> None:
    job = load_job(job_dir)
    job.config["KEY"] = {"no": object()}
    with pytest.raises(Exception, match="serialize"):
        create_job(job, output_root)
    assert os.listdir(job_dir.parent) == ["1"]


def test_what_is_no_job_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such job directory") as caught:
        load_job(tmp_path / "none")
    assert "./prepare-job.sh" in caught.value.hint
    with pytest.raises(InputError, match=r"it has no job\.json"):
        load_job(tmp_path)


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("workflow", "dance", "workflow: "),
        ("year", "soon", "year: "),
        ("media", {}, "media.path: Field required"),
        ("target_languages", "en", "target_languages: "),
        ("schema_version", 2, "schema_version: "),
        ("colour", "red", "colour: Extra inputs"),
    ],
)
def test_a_broken_field_is_named(job_dir: Path, field: str, value: object, cause: str) -> None:
    path = job_dir / "job.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(InputError) as caught:
        load_job(job_dir)
    assert caught.value.cause.startswith(f"{path}: {cause}")
    assert "prepare the job again" in caught.value.hint


def test_many_that_find_an_emptied_job_at_once_all_read_it(job_dir: Path) -> None:
    title = load_job(job_dir).title
    keep_copy(job_dir)
    with multiprocessing.get_context("fork").Pool(4) as pool:
        for _ in range(25):
            (job_dir / "job.json").write_bytes(b"")
            found = pool.map(load_job, [job_dir] * 4, chunksize=1)
            assert {job.title for job in found} == {title}


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_a_time_that_is_no_number_is_refused(job_dir: Path, value: str) -> None:
    path = job_dir / "job.json"
    text, count = re.subn(r'("start_time": )[\d.]+', rf"\g<1>{value}", path.read_text())
    path.write_text(text)
    with pytest.raises(InputError, match=r"start_time: Input should be a finite number"):
        load_job(job_dir)
    assert count


def test_a_job_records_which_of_its_fields_are_read(job_dir: Path) -> None:
    job = load_job(job_dir)
    assert job.parameters_read() == {}
    assert job.file_stem == "Tiny.Film.2020"
    assert job.parameters_read() == {"FILE_NAME": "Tiny.Film.2020"}
    assert job.titled == "Tiny Film (2020)"
    assert set(job.parameters_read()) == {"FILE_NAME", "TITLE", "YEAR"}
    job.file_name = ""  # prepared before files were called by it
    assert job.file_stem == "Tiny Film (2020)"


def test_a_clip_is_as_long_as_its_range(job_dir: Path) -> None:
    job: Job = load_job(job_dir)
    assert job.duration == job.media.duration
    job.clip = ClipRange(start=0.25, end=0.75)
    assert job.duration == 0.5


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("3 Idiots", "3 Idiots"),
        ("मुन्ना भाई", "मुन्ना भाई"),
        ("../../etc/passwd", "etc passwd"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ('What?  Now: "a|b"\n', "What Now a b"),
        ("...", "film"),
        ("", "film"),
        ("Vol. 1.", "Vol. 1"),
        ("Dil... Toh Pagal Hai..", "Dil… Toh Pagal Hai"),
        ("%03d", "%03d"),
    ],
)
def test_a_title_becomes_a_file_name(text: str, name: str) -> None:
    assert safe_file_name(text) == name


@given(st.text(st.characters(codec="utf-8")) | st.text("./\\ -ah:", max_size=12))
def test_any_title_becomes_a_safe_file_name(text: str) -> None:
    name = safe_file_name(text)
    assert 0 < len(name.encode("utf-8")) <= 150
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>|') and ".." not in name
    assert name[0] not in ".- " and name[-1] not in ". "
    assert safe_file_name(name) == name


def test_a_title_without_end_is_cut_at_once() -> None:
    assert safe_file_name("एक " * 200_000) == safe_file_name("एक " * 100)
    assert safe_file_name("x" * 149 + "é…") == "x" * 149


def test_a_job_file_that_is_no_job_by_its_size_is_told(todays_job: Path) -> None:
    said = json.loads((todays_job / "job.json").read_text())
    (todays_job / "job.json").write_text(json.dumps(said | {"title": "A" * 5_000_000}))
    with pytest.raises(InputError, match="job.json: 4 MB, larger than any file of this kind"):
        load_job(todays_job)


def test_what_a_killed_command_was_preparing_goes_when_it_is_old(
    todays_job: Path, film: Path
) -> None:
    names = ("0a1b2c3d", "removed-12", "removed-12.1", "4e5f6a7b", "notes")
    drafts = [todays_job.parent / f".new-{name}" for name in names]
    for draft in drafts:
        (draft / "logs").mkdir(parents=True)
        if draft.name != ".new-4e5f6a7b":
            os.utime(draft, (1, 1))
    make_job(film)
    assert [draft.exists() for draft in drafts] == [False, False, False, True, True]
