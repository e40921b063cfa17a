#!/usr/bin/env python3
"""Tests of ./run-pipeline.sh FILE where the film has a job already, and of options on a job."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from shared.pipeline.job.job import load_job
from shared.pipeline.job.lock import hold_job_lock
from tests.support.commands import (
    Finished,
    assert_refused,
    run_script,
    start_command,
    wait_until,
)
from tests.support.jobs import files_below, state_of
from tests.support.media import ffmpeg

LAST = ("--to", "glossary_load")
ASKED = ("-s", "hi", "--user", "tester")


def run(*arguments: str | Path) -> Finished:
    """Run the command."""
    return run_script("run-pipeline", "transcribe", *arguments)


def events(done: Finished) -> list[dict[str, object]]:
    """Return the lines for programs."""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def jobs(output_root: Path) -> Path:
    """Where the jobs of this test lie."""
    return output_root


def number_of_jobs(root: Path) -> int:
    """Return how many jobs there are."""
    return len(list(root.glob("*/*/*/*/[0-9]*")))


def test_a_film_goes_on_with_its_job_and_says_where_it_stopped(
    film: Path, finished_job: Path, jobs: Path
) -> None:
    done = run(film, *ASKED, *LAST)
    assert done.returncode == 0, done.stderr
    told = f"Going on with job 1, stopped at source_separation: {finished_job}"
    assert told in done.stderr.splitlines()
    assert done.stdout.startswith(f"Nothing to do, results are at {finished_job}\n")
    assert number_of_jobs(jobs) == 1


def test_a_stage_of_it_can_be_named_as_of_a_job(film: Path, finished_job: Path) -> None:
    done = run(film, *ASKED, "--only", "glossary_load", "--force", "all")
    assert done.returncode == 0 and "3/12] glossary_load ✓" in done.stderr, done.stderr
    refused = run(film, *ASKED, "--title", "Another", "--only", "glossary_load")
    assert_refused(refused, 2, "A new job cannot start at glossary_load", "--from")


def test_a_program_hears_that_there_was_nothing_to_do(
    film: Path, finished_job: Path, tmp_path: Path
) -> None:
    event = events(run(film, *ASKED, *LAST, "--json"))[-1]
    assert (event["event"], event["status"], event["exit_code"]) == ("result", "nothing to do", 0)
    assert (event["job"], event["film"]) == (str(finished_job), str(film))
    assert (event["subtitles"], event["untranslated"], event["errors"]) == ({}, {}, [])


def test_another_job_is_made_where_it_is_wanted(film: Path, finished_job: Path, jobs: Path) -> None:
    done = run(film, *ASKED, *LAST, "--new")
    assert done.returncode == 0 and f"Job: {finished_job.with_name('2')}" in done.stderr
    assert number_of_jobs(jobs) == 2


def test_a_dry_run_of_a_film_leaves_nothing_behind(film: Path, jobs: Path, tmp_path: Path) -> None:
    before = {path: state_of(path) for path in (tmp_path, film.parent)}
    done = run(film, *ASKED, "--dry-run", "--set", "DELIVER_TO=beside")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("run: not done yet") == 9
    assert f"Results will be delivered to {film.parent}" in done.stdout
    event = events(run(film, *ASKED, "--dry-run", "--json"))[-1]
    assert (event["event"], event["status"], event["job"]) == ("result", "planned", None)
    assert {path: state_of(path) for path in (tmp_path, film.parent)} == before
    assert not jobs.exists()


def test_a_dry_run_of_a_film_with_a_job_plans_that_and_changes_nothing(
    film: Path, finished_job: Path, jobs: Path
) -> None:
    before = state_of(jobs)
    done = run(film, *ASKED, "--dry-run")
    assert done.stdout.count("run: not done yet") == 6 and "up to date" in done.stdout
    assert events(run(film, *ASKED, "--dry-run", "--json"))[-1]["job"] == str(finished_job)
    assert state_of(jobs) == before


def test_a_job_that_runs_is_not_run_twice(film: Path, finished_job: Path, jobs: Path) -> None:
    with hold_job_lock(finished_job, 0.0):
        done = run(film, *ASKED, *LAST)
        assert_refused(done, 3, "Job 1 of this film, with the same options, is running since ")
        assert f"(process {os.getpid()} on " in done.stderr and "--new" in done.stderr
        event = events(run(film, *ASKED, *LAST, "--json"))[-1]
        assert (event["status"], event["exit_code"]) == ("running", 3)
        assert event["job"] == str(finished_job)
    assert run(film, *ASKED, *LAST).returncode == 0
    assert number_of_jobs(jobs) == 1


def test_a_film_that_moved_goes_on_from_its_new_place(
    film: Path, finished_job: Path, tmp_path: Path
) -> None:
    place = tmp_path / "moved" / film.name
    place.parent.mkdir()
    place.write_bytes(film.read_bytes())
    done = run(place, *ASKED, *LAST)
    assert "Nothing to do" in done.stdout, done.stderr
    assert load_job(finished_job).media.path == str(place)


def test_two_that_begin_at_once_make_one_job(film: Path, jobs: Path) -> None:
    command = ("./run-pipeline.sh", "transcribe", film, *ASKED, "--to", "demux")
    both = [start_command(*command) for _ in range(2)]
    told = [(one.communicate()[1], one.returncode) for one in both]
    assert number_of_jobs(jobs) == 1, told
    assert sorted(code for _, code in told) in ([0, 0], [0, 3]), told


def test_a_preparing_that_was_killed_leaves_no_job_and_no_lock(film: Path, jobs: Path) -> None:
    for seconds in (0.2, 0.5):
        killed = start_command("./run-pipeline.sh", "transcribe", film, *ASKED, "--to", "demux")
        with pytest.raises(Exception, match="timed out"):
            killed.communicate(timeout=seconds)
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
    planned = run(film, *ASKED, "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert number_of_jobs(jobs) <= 1


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--to=demux", "hint: Run the same command again to go on\n"),
        ("--new", "hint: Run the same command again to go on, but without --new\n"),
    ],
)
def test_the_hint_after_ctrl_c_is_true(film: Path, jobs: Path, option: str, hint: str) -> None:
    asked = ("./run-pipeline.sh", "transcribe", film, *ASKED, "--to", "demux")
    stopped = start_command(*asked, option)
    wait_until(lambda: number_of_jobs(jobs))
    stopped.send_signal(signal.SIGINT)
    _, told = stopped.communicate()
    assert stopped.returncode == 130 and told.endswith(hint), told
    again = run(film, *ASKED, "--to", "demux")
    assert again.returncode == 0 and "Going on with job 1, stopped at demux" in again.stderr
    assert number_of_jobs(jobs) == 1


@pytest.mark.environments("whisperx")
def test_other_languages_on_a_prepared_job_are_taken(finished_job: Path) -> None:
    before = (finished_job / "job.json").read_bytes()
    planned = run(finished_job, *LAST, "-t", "en", "--dry-run")
    assert "Changed: target languages: none -> en" in planned.stderr, planned.stderr
    assert "3/12] glossary_load" in planned.stdout
    assert "run: target_languages in job.json changed" in planned.stdout
    assert (finished_job / "job.json").read_bytes() == before
    done = run(finished_job, *LAST, "-t", "en")
    assert done.returncode == 0 and "3/12] glossary_load ✓" in done.stderr, done.stderr
    assert load_job(finished_job).target_languages == ["en"]
    assert "Nothing to do" in run(finished_job, *LAST).stdout
    assert "Changed" not in run(finished_job, *LAST, "-t", "en").stderr


def test_other_titles_tracks_and_parts_on_a_prepared_job_are_taken(
    finished_job: Path, film: Path
) -> None:
    done = run(finished_job, *LAST, "--title", "Sholay", "--end", "0:00.5", "-s", "en", "--dry-run")
    assert "title: Tiny Film -> Sholay" in done.stderr
    assert "clip: none -> 0.000 s to 0.5" in done.stderr
    assert "source language: hi -> en" in done.stderr
    assert "run: media in job.json changed" in done.stdout or "clip in job.json" in done.stdout
    assert_refused(run(finished_job, "--audio-track", "3"), 2, "No audio track 3")
    assert_refused(run(finished_job, "-t", "klingonese"), 2, "Unknown language")
    assert_refused(run(finished_job, "-t", "tlh"), 3, "translates into Klingon")
    assert_refused(run(finished_job, "--title", " "), 2, "--title is empty")
    assert load_job(finished_job).title == "Tiny Film"


def test_another_track_on_a_prepared_job_is_heard_and_plans_show_it(
    tmp_path: Path, jobs: Path
) -> None:
    tracks = [part for hz in (300, 500) for part in ("-f", "lavfi", "-i", f"sine=f={hz}:d=1")]
    film = tmp_path / "two.mka"
    ffmpeg(*tracks, *("-map", "0", "-map", "1", "-c:a", "flac"), film)
    done = run(film, "-s", "hi", "--to", "demux", "--audio-track", "1")
    assert done.returncode == 0, done.stderr
    (job_dir,) = jobs.glob("*/*/*/*/1")
    planned = run(job_dir, "--audio-track", "2", "--to", "demux", "--dry-run")
    assert "Changed: the audio track: stream 0 -> 1" in planned.stderr
    assert "1/12] demux" in planned.stdout and "run: media in job.json changed" in planned.stdout
    changed = run(job_dir, "--audio-track", "2", "--to", "demux")
    assert changed.returncode == 0 and load_job(job_dir).media.audio_stream.index == 1
    again = run(film, "-s", "hi", "--to", "demux", "--audio-track", "2")
    assert "Nothing to do" in again.stdout and number_of_jobs(jobs) == 1


def test_all_that_lies_in_the_output_folder_is_as_it_was(film: Path, jobs: Path) -> None:
    """A refusal before a job exists leaves nothing, either."""
    for options in (("-t", "tlh"), ("--audio-track", "7"), ("--set", "NO_SUCH=1")):
        assert run(film, *ASKED, *options).returncode in {2, 3}
    assert files_below(jobs) == []
