#!/usr/bin/env python3
"""Tests of shared/pipeline/jobs/reading_copies.py: transcript.txt says what was mended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.jobs.reading_copies import renew_reading_copies
from shared.pipeline.jobs.results import results
from shared.transcript.records.export import to_text, to_tsv
from tests.support.checkpoints import make_checkpoint
from tests.support.media_job import segment, transcript


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a job's transcript, as its stage wrote it."""
    folder = tmp_path / "09_export_transcript"
    folder.mkdir()
    heard = transcript(segment(0, 1.0, 2.0, "Gud morning."))
    (folder / "transcript.json").write_text(heard.model_dump_json())
    (folder / "transcript.txt").write_text(to_text(heard))
    (folder / "transcript.tsv").write_text(to_tsv(heard))
    record = make_checkpoint("export_transcript", outputs=describe_outputs(folder))
    CheckpointManager(tmp_path).save_record(record)
    return folder


def mend(folder: Path, text: str) -> None:
    mended = transcript(segment(0, 1.0, 2.0, text)).model_dump_json()
    write_later(folder / "transcript.json", mended)


def write_later(path: Path, text: str) -> None:
    """Write a file as a person does it some time later."""
    newest = max(one.stat().st_mtime_ns for one in path.parent.iterdir())
    path.write_text(text)
    os.utime(path, ns=(newest + 10**9, newest + 10**9))


def states(job_dir: Path) -> dict[str, str]:
    return {one.path.name: one.state for one in results(job_dir)}


def test_the_copies_follow_each_edit_and_its_undoing(tmp_path: Path, folder: Path) -> None:
    assert renew_reading_copies(tmp_path) == []
    for text in ("Good morning.", "Good evening.", "Gud morning."):
        mend(folder, text)
        renewed = renew_reading_copies(tmp_path)
        assert [path.name for path in renewed] == ["transcript.txt", "transcript.tsv"]
        assert (folder / "transcript.txt").read_text() == f"{text}\n"
        assert (folder / "transcript.tsv").read_text().rstrip("\n").endswith(f"\t{text}")
        copies = states(tmp_path)
        assert copies["transcript.txt"] == copies["transcript.tsv"] == "as written"
        future = (folder / "transcript.json").stat().st_mtime_ns + 10**9
        for name in ("transcript.txt", "transcript.tsv"):  # the clock has gone on meanwhile
            os.utime(folder / name, ns=(future, future))
        assert renew_reading_copies(tmp_path) == []


def test_what_a_person_wrote_into_a_copy_stays(tmp_path: Path, folder: Path) -> None:
    write_later(folder / "transcript.txt", "mine\n")
    mend(folder, "Good morning.")
    renew_reading_copies(tmp_path)
    assert (folder / "transcript.txt").read_text() == "mine\n"
    assert states(tmp_path)["transcript.txt"] == "edited"
    assert "Good morning." in (folder / "transcript.tsv").read_text()


def test_killed_between_copy_and_record_it_goes_on(tmp_path: Path, folder: Path) -> None:
    mend(folder, "Good morning.")
    (folder / "transcript.txt").write_text("Good morning.\n")
    os.utime(folder / "transcript.txt", ns=(1, 1))
    renew_reading_copies(tmp_path)
    assert states(tmp_path)["transcript.txt"] == "as written"


@pytest.mark.parametrize("text", ["{", "[]", "null", ""])
def test_a_transcript_that_cannot_be_read_changes_nothing(
    tmp_path: Path, folder: Path, text: str
) -> None:
    write_later(folder / "transcript.json", text)
    assert renew_reading_copies(tmp_path) == []
    assert (folder / "transcript.txt").read_text() == "Gud morning.\n"


def test_a_job_without_a_transcript_has_no_copies(tmp_path: Path) -> None:
    assert renew_reading_copies(tmp_path) == []
