#!/usr/bin/env python3
"""Tests of report.html as runs write it: ended well, failed, stopped; and of the verb 'report'."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from shared.pipeline.jobs.removing import made_by_hand
from tests.support.commands import Finished, assert_refused, run_script, start_command, wait_until
from tests.support.programs import slow_ffmpeg

PAGE = "report.html"


def run_pipeline(*arguments: str | Path) -> Finished:
    """Run ./run-pipeline.sh with these arguments."""
    return run_script("run-pipeline", *arguments)


def run_again(job_dir: Path, *options: str) -> Finished:
    """Run one stage of a job again."""
    stages = ("--only", "glossary_load", "--force", "glossary_load")
    return run_pipeline("transcribe", job_dir, *stages, *options)


def page_of(job_dir: Path) -> str:
    """Return the page of a job."""
    return (job_dir / PAGE).read_text("utf-8")


def test_a_run_writes_the_page_and_tells_where(finished_job: Path) -> None:
    done = run_again(finished_job)
    assert done.returncode == 0, done.stderr
    assert f"Page:        {finished_job / PAGE}" in done.stdout
    assert "3 glossary_load" in page_of(finished_job)
    (finished_job / PAGE).unlink()
    done = run_again(finished_job, "--json")
    assert json.loads(done.stdout.splitlines()[-1])["page"] == str(finished_job / PAGE)
    (finished_job / "first_run.txt").unlink()
    assert made_by_hand(finished_job) == []


def test_a_run_that_has_nothing_to_do_leaves_the_page_alone(finished_job: Path) -> None:
    run_again(finished_job)
    before = (finished_job / PAGE).stat().st_mtime_ns
    done = run_pipeline("transcribe", finished_job, "--to", "glossary_load")
    assert done.returncode == 0 and (finished_job / PAGE).stat().st_mtime_ns == before


def test_a_failed_run_has_a_page_that_says_so(
    finished_job: Path, film: Path, tmp_path: Path
) -> None:
    cut = tmp_path / film.name
    cut.write_bytes(film.read_bytes())
    job = json.loads((finished_job / "job.json").read_text("utf-8"))
    job["media"]["path"] = str(cut)
    (finished_job / "job.json").write_text(json.dumps(job))
    cut.write_bytes(b"\0" * cut.stat().st_size)
    done = run_pipeline("transcribe", finished_job, "--only", "demux", "--force", "demux")
    assert done.returncode not in {0, 130}
    page = page_of(finished_job)
    assert "verdict bad" in page and "demux" in page


def test_a_stopped_run_has_a_page_that_says_so(
    film: Path, output_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_ffmpeg(tmp_path, monkeypatch, "audio.wav")
    run = start_command("./run-pipeline.sh", "transcribe", film, "-s", "hi", "--user", "me")
    try:
        events = "*/*/*/me/1/events.jsonl"
        wait_until(lambda: any(b'"demux"' in one.read_bytes() for one in output_root.glob(events)))
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
    finally:
        run.kill()
    (job_dir,) = output_root.glob("*/*/*/me/1")
    page = page_of(job_dir)
    assert "Stopped before demux: nothing is lost" in page and "interrupted" in page


def test_a_page_that_cannot_be_written_costs_the_job_nothing(finished_job: Path) -> None:
    (finished_job / PAGE).unlink()
    (finished_job / PAGE).mkdir()
    (finished_job / PAGE / "kept").touch()
    done = run_again(finished_job)
    assert done.returncode == 0
    assert "warning: the page of this job was not written" in done.stderr
    assert "Page:" not in done.stdout
    assert_refused(run_pipeline("report", finished_job), 3, "cannot be written")


def test_what_is_wrong_with_a_job_is_told_once(finished_job: Path) -> None:
    job = json.loads((finished_job / "job.json").read_text("utf-8"))
    job["config"]["NO_SUCH_KEY"] = "1"
    (finished_job / "job.json").write_text(json.dumps(job))
    assert_refused(run_again(finished_job), 2, "unknown key NO_SUCH_KEY")


def test_a_link_in_its_place_leads_nowhere(finished_job: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text("mine")
    (finished_job / PAGE).unlink()
    (finished_job / PAGE).symlink_to(other)
    assert_refused(run_pipeline("report", finished_job), 2, "is a link")
    assert_refused(run_again(finished_job), 2, "is a link")
    assert other.read_text() == "mine"


def test_report_tells_where_the_pages_are(finished_job: Path) -> None:
    done = run_pipeline("report", "--clips", "0", finished_job)
    assert (done.returncode, done.stdout) == (0, f"{finished_job / PAGE}\n")


def test_report_of_no_job_is_refused(tmp_path: Path) -> None:
    assert_refused(run_pipeline("report", tmp_path), 2, "no job")
    assert_refused(run_pipeline("report", tmp_path / "none"), 2, "no job")
    assert_refused(run_pipeline("report"), 2, "JOB_DIR")
    assert_refused(run_pipeline("report", "--clips", "-1", tmp_path), 2, "clips")


def test_several_jobs_have_a_page_over_them(
    finished_job: Path, output_root: Path, tmp_path: Path
) -> None:
    other = finished_job.with_name("2")
    shutil.copytree(finished_job, other)
    job = json.loads((other / "job.json").read_text("utf-8"))
    (other / "job.json").write_text(json.dumps({**job, "title": "<b>Other</b> film"}))
    done = run_pipeline("report", "--clips", "0", finished_job, other, tmp_path)
    assert done.returncode == 2 and f"{tmp_path} is no job" in done.stderr
    index = output_root / PAGE
    assert done.stdout.splitlines() == [str(one / PAGE) for one in (finished_job, other)] + [
        str(index)
    ]
    page = index.read_text("utf-8")
    assert "3 films: 3 not done" in page and "&lt;b&gt;Other&lt;/b&gt; film" in page
    links = re.findall(r'<a href="([^"]+)"', page)
    assert len(links) == 2 and all((index.parent / one).is_file() for one in links)
    assert_refused(run_pipeline("report", "--index", "film.mkv", other), 2, "no name of a page")
