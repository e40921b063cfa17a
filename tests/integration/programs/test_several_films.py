#!/usr/bin/env python3
"""Tests of ./run-pipeline.sh as people type it: options anywhere, several films, JSON lines."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import Finished, assert_refused, run_script
from tests.support.media import ffmpeg, silence, sound

TO_DEMUX = ("--to", "demux")


@pytest.fixture(autouse=True)
def own_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep jobs and cache of these tests apart, and ask no service."""
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with two films and a file that is none; one film's name looks like a pattern."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("a b.wav", "c [1].wav"):
        silence(folder / name)
    (folder / "broken.mkv").write_text("no film")
    return folder


def run(*arguments: str | Path) -> Finished:
    """Run the command."""
    return run_script("run-pipeline", *arguments)


def events(done: Finished) -> list[dict[str, Any]]:
    """Return the lines for programs; each is one JSON object."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def last(done: Finished) -> dict[str, Any]:
    """Return the last line for programs."""
    return events(done)[-1]


@pytest.mark.parametrize(
    "order",
    [
        ("transcribe", "FILM", *TO_DEMUX, "-s", "en"),
        ("transcribe", *TO_DEMUX, "-s", "en", "FILM"),
        (*TO_DEMUX, "-s", "en", "transcribe", "FILM"),
        ("transcribe", "-s", "en", "FILM", *TO_DEMUX),
    ],
)
def test_options_stand_where_people_put_them(films: Path, order: Sequence[str]) -> None:
    done = run(*(str(films / "a b.wav") if one == "FILM" else one for one in order))
    assert done.returncode == 0, done.stderr
    assert "a b" in done.stderr and "demux" in done.stderr


def test_a_film_whose_name_begins_with_a_dash_is_one() -> None:
    done = run("transcribe", *TO_DEMUX, "-s", "en", "--", "-odd.wav")
    assert_refused(done, 2, "No such file", "quote it")
    assert "/-odd.wav" in done.stderr


def test_several_films_and_patterns_run_one_after_another(films: Path) -> None:
    named = films / "c [1].wav"  # a name, though it is a pattern too
    done = run("transcribe", "-s", "en", films / "a*.wav", named, films / "*.wav", *TO_DEMUX)
    assert done.returncode == 0, done.stderr
    assert "[1 of 2]" in done.stderr and "[2 of 2]" in done.stderr
    assert "2 of 2 done" in done.stdout
    for film in (films / "a b.wav", named):
        assert any(str(film) in line and "done" in line for line in done.stdout.splitlines())


def test_one_that_fails_does_not_stop_the_others_and_the_code_says_so(films: Path) -> None:
    done = run("transcribe", films / "broken.mkv", films / "a b.wav", "-s", "en", *TO_DEMUX)
    assert done.returncode == 2
    assert "1 of 2 done" in done.stdout
    (told,) = [line for line in done.stdout.splitlines() if "broken.mkv" in line]
    assert "exit code 2" in told
    assert done.stderr.count("error: ") == 1 and "hint: " in done.stderr


def test_a_pattern_that_nothing_fits_is_one_that_fails(films: Path) -> None:
    done = run("transcribe", films / "a b.wav", films / "*.xyz", "-s", "en", *TO_DEMUX)
    assert done.returncode == 2 and "1 of 2 done" in done.stdout
    assert "No file fits" in done.stderr and "ls -d" in done.stderr


def test_a_folder_without_films_is_one_that_fails_typed_or_in_a_list(
    films: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.txt").write_text("empty\nfilms/a b.wav\n")
    for named in ((tmp_path / "empty", films / "a b.wav"), (f"@{tmp_path / 'list.txt'}",)):
        done = run("transcribe", *named, "-s", "en", *TO_DEMUX)
        assert done.returncode == 2 and "1 of 2 done" in done.stdout, done.stderr
        assert "it holds no film" in done.stderr and "hint: " in done.stderr


@pytest.mark.parametrize("listener", ["| true", ">/dev/full"])
def test_nobody_who_listens_stops_no_film_whichever_fails_first(
    films: Path, tmp_path: Path, listener: str
) -> None:
    command = f'./run-pipeline.sh transcribe "$@" -s en --to demux --json {listener}'
    shell = ["bash", "-c", f'{command}; exit "${{PIPESTATUS[0]}}"', "bash"]
    named = [films / "broken.mkv", films / "a b.wav"]
    done = subprocess.run([*shell, *named], cwd=PROJECT_ROOT, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr
    assert list((tmp_path / "out").glob("*/*/*/*/1/01_demux/audio.wav"))


def test_the_same_file_under_two_names_is_worked_on_once_and_that_is_said(films: Path) -> None:
    (films / "link.wav").symlink_to("a b.wav")
    same = (films / "a b.wav", f"{films}/./a b.wav", films / "link.wav", films / "a b.wav")
    done = run("transcribe", *same, "-s", "en", *TO_DEMUX)
    assert done.returncode == 0 and "of 2" not in done.stderr, done.stderr
    told = [line for line in done.stderr.splitlines() if "is the same file as" in line]
    assert [line.startswith("warning: ") for line in told] == [True, True]
    assert f"{films}/./a b.wav" in told[0] and "link.wav" in told[1]


@pytest.mark.parametrize("as_json", [True, False])
def test_who_stops_several_films_hears_which_are_done(films: Path, as_json: bool) -> None:
    long = [*sound("0", seconds=5.0), films / "long.wav"]
    ffmpeg(*long)
    names = [films / "a b.wav", films / "long.wav", films / "c [1].wav"]
    options = ["--json"] if as_json else []
    command = [PROJECT_ROOT / "run-pipeline.sh", "transcribe", *names, "-s", "en", *TO_DEMUX]
    with subprocess.Popen(
        [*map(str, command), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None and process.stdout is not None
        for line in process.stderr:
            if line.startswith("[2 of 3]"):
                process.send_signal(signal.SIGINT)
                break
        told, said = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130 and "error: " in said
    if as_json:
        summary = json.loads(told.splitlines()[-1])
        assert (summary["event"], summary["exit_code"]) == ("summary", 130)
        assert [one["exit_code"] for one in summary["runs"]] == [0, 130, None]
        assert [one["target"] for one in summary["runs"]] == list(map(str, names))
    else:
        assert "1 of 3 done" in told and "not begun" in told


def test_what_makes_no_sense_for_several_is_refused_before_any_runs(films: Path) -> None:
    both = (films / "a b.wav", films / "c [1].wav")
    assert_refused(run("transcribe", *both, "--title", "X"), 2, "--title is of one film")
    assert_refused(run("transcribe", films / "none*.mkv"), 2, "No file fits", "ls -d")
    assert_refused(run("transcribe", *both, "--to", "nowhere"), 2, "nowhere")
    assert not (films.parent / "out").exists() or not list((films.parent / "out").glob("2*"))


def test_a_program_hears_where_the_results_are(films: Path) -> None:
    done = run("transcribe", films / "a b.wav", "-s", "en", "--json", *TO_DEMUX)
    event = last(done)
    assert (event["event"], event["exit_code"], event["errors"]) == ("result", 0, [])
    assert event["target"] == str(films / "a b.wav")
    assert Path(event["job"]).is_dir()
    assert {Path(one["path"]).name for one in event["files"]} >= {"audio.wav", "media_info.json"}
    assert all(Path(one["path"]).is_file() for one in event["files"])
    assert isinstance(event["warnings"], list)


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("transcribe", "FILMS/gone.mkv"), "gone.mkv"),
        (("transcribe", "FILMS/broken.mkv", "-s", "en"), "broken.mkv"),
        (("transcribe", "FILMS/a b.wav", "-s", "klingonese"), "klingonese"),
        (("transcribe", "FILMS/a b.wav", "--set", "NO_SUCH=1"), "NO_SUCH"),
        (("dance", "FILMS/a b.wav"), "dance"),
        (("transcribe",), "Name a job"),
        (("transcribe", "x", "--frobnicate"), "--frobnicate"),
        (("demo", "-t", "hi"), "demo"),
    ],
)
def test_a_program_hears_of_failures_before_there_is_a_job(
    films: Path, arguments: Sequence[str], cause: str
) -> None:
    done = run(*(one.replace("FILMS", str(films)) for one in arguments), "--json")
    assert done.returncode == 2
    event = last(done)
    assert (event["event"], event["exit_code"], event["job"]) == ("result", 2, None)
    (error,) = event["errors"]
    assert cause in error["cause"] and error["hint"]
    assert f"error: {error['cause']}" in done.stderr


def test_a_program_hears_of_a_stage_that_fails(films: Path) -> None:
    prepared = run("transcribe", films / "a b.wav", "-s", "en", "--json", *TO_DEMUX)
    job_dir = last(prepared)["job"]
    (films / "a b.wav").unlink()
    done = run("transcribe", job_dir, "--force", "demux", *TO_DEMUX, "--json")
    event = last(done)
    assert done.returncode == event["exit_code"] != 0
    assert event["job"] == job_dir and "not there any more" in event["errors"][0]["cause"]


def test_several_films_end_with_a_summary_for_programs(films: Path) -> None:
    done = run(
        "transcribe", films / "broken.mkv", films / "a b.wav", *TO_DEMUX, "-s", "en", "--json"
    )
    told = [event for event in events(done) if event["event"] in {"result", "summary"}]
    assert [event["event"] for event in told] == ["result", "result", "summary"]
    assert told[-1]["exit_code"] == done.returncode == 2
    assert [one["exit_code"] for one in told[-1]["runs"]] == [2, 0]
    assert told[-1]["runs"][1]["job"] == told[1]["job"]
