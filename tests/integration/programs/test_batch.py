#!/usr/bin/env python3
"""Tests of ./run-pipeline.sh batch: a night's films, each with its reason, the good ones done."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.batches import (
    TO_DEMUX,
    WITHOUT_RIGHTS,
    film_of,
    make_old,
    run_batch,
    start_batch,
    status,
)
from tests.support.commands import (
    HANG_SECONDS,
    assert_refused,
    run_command,
    run_script,
    wait_until,
)
from tests.support.jobs import files_below, make_film
from tests.support.media import ffmpeg, silence
from tests.support.receiver import Receiver
from tests.support.web import film_database

pytestmark = pytest.mark.environments("batch")
WANTED = ("-s", "hi", "-t", "en", "--to", "demux")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask no service and watch new films for a second only."""
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    monkeypatch.setenv("CP_BATCH_STILL_SECONDS", "1")


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder for films."""
    folder = tmp_path / "my films"
    folder.mkdir()
    return folder


@contextmanager
def growing(film: Path, source: Path) -> Iterator[None]:
    """Copy a film slowly, piece by piece, as a network does."""
    done, content = threading.Event(), source.read_bytes()

    def copy() -> None:
        place = 0
        while not done.wait(0.1):
            with film.open("ab") as stream:
                stream.write(content[place : place + 50])
            place += 50

    film.write_bytes(b"")
    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def with_subtitles(film: Path, source: Path) -> None:
    """Make a film that has an English track."""
    text = source.with_name("words.txt")
    text.write_text("1\n00:00:00,100 --> 00:00:00,900\nWords\n")
    options = ("-c", "copy", "-c:s", "srt", "-metadata:s:s:0", "language=eng")
    ffmpeg("-i", source, "-f", "srt", "-i", text, "-map", "0", "-map", "1", *options, film)
    text.unlink()


def jobs(folder: Path) -> list[str]:
    """Return the film of each job that there is."""
    return sorted(
        Path(json.loads(path.read_text())["media"]["path"]).name
        for path in (folder / "out").glob("*/*/*/*/*/job.json")
    )


def test_a_folder_as_it_is_each_file_with_its_reason_and_the_good_ones_done(
    films: Path, tmp_path: Path
) -> None:
    make_film(films / "Done.mkv", 1.1)
    make_film(films / "Good.mkv", 1.2)
    make_film(films / "Another.mp4", 1.3)
    with_subtitles(films / "Subtitled.mkv", films / "Good.mkv")
    shutil.copy(films / "Good.mkv", films / "Good, copied.mkv")
    shutil.copy(films / "Done.mkv", films / "Already done.mkv")
    (films / "notes").write_text("Buy milk.\n")
    (films / "Broken.mkv").write_text("no film\n")
    make_film(films / "Closed.mkv", 1.4).chmod(0)
    make_old(*films.iterdir())
    before = run_batch(films / "Done.mkv", *WANTED)
    assert (before.code, before.states()) == (0, {"Done.mkv": "done"}), before.errors
    with growing(films / "Growing.mkv", films / "Another.mp4"):
        night = run_batch(films, *WANTED, before=WITHOUT_RIGHTS if os.geteuid() == 0 else ())
    reasons = {name: film["reason"] for name, film in night.films.items()}
    assert night.code == 1, night.errors
    assert night.states() == {
        "Already done.mkv": "left alone",
        "Another.mp4": "done",
        "Broken.mkv": "failed",
        "Closed.mkv": "failed",
        "Done.mkv": "left alone",
        "Good.mkv": "done",
        "Good, copied.mkv": "left alone",
        "Growing.mkv": "left alone",
        "Subtitled.mkv": "left alone",
        "notes": "left alone",
    }
    assert reasons["Done.mkv"] == "done" and "Done.mkv" in reasons["Already done.mkv"]
    assert reasons["Good, copied.mkv"].startswith("the same film as ")
    assert "still being" in reasons["Growing.mkv"]
    assert "en: a track in it" in reasons["Subtitled.mkv"] and reasons["notes"] == "no film"
    assert "not a media file" in reasons["Broken.mkv"]
    assert "Permission denied" in reasons["Closed.mkv"]
    assert jobs(tmp_path) == ["Another.mp4", "Done.mkv", "Good.mkv"]
    (record,) = (tmp_path / "out").glob("*/*/*/*/batch-2/batch.json")
    kept = json.loads(record.read_text())
    assert {film["path"]: film["state"] for film in kept["films"]} == {
        str(films / name): state for name, state in night.states().items()
    }


def test_a_film_that_is_whole_by_the_next_night_is_done_then(films: Path, tmp_path: Path) -> None:
    source = make_film(tmp_path / "Source.mkv")
    with growing(films / "Film.mkv", source):
        assert run_batch(films, *TO_DEMUX).states() == {"Film.mkv": "left alone"}
    shutil.copy(source, films / "Film.mkv")
    night = run_batch(films, *TO_DEMUX)
    assert (night.code, night.states()) == (0, {"Film.mkv": "done"})


def test_again_a_batch_does_nothing_and_with_again_it_looks(films: Path, tmp_path: Path) -> None:
    make_film(films / "Film.mkv")
    assert run_batch(films, *TO_DEMUX).code == 0
    (audio,) = (tmp_path / "out").glob("*/*/*/*/1/01_demux/audio.wav")
    before = audio.stat().st_mtime_ns
    night = run_batch(films, *TO_DEMUX)
    assert (night.code, night.films["Film.mkv"]["reason"]) == (0, "done")
    audio.unlink()
    assert run_batch(films, *TO_DEMUX).films["Film.mkv"]["state"] == "left alone"
    assert run_batch(films, *TO_DEMUX, "--again").states() == {"Film.mkv": "done"}
    assert audio.exists() and audio.stat().st_mtime_ns != before


def test_a_film_under_another_name_is_done_where_its_old_name_is_another_films(
    films: Path,
) -> None:
    make_film(films / "Film.mkv", 1.1)
    assert run_batch(films, *TO_DEMUX, "--beside").code == 0
    (films / "Film.mkv").rename(films / "Renamed.mkv")
    make_film(films / "Film.mkv", 1.2)
    night = run_batch(films, *TO_DEMUX, "--beside")
    assert night.states() == {"Film.mkv": "done", "Renamed.mkv": "done"}, night.films


def test_a_dry_run_tells_what_would_be_done_and_leaves_nothing(films: Path, tmp_path: Path) -> None:
    make_film(films / "Film.mkv")
    (films / "notes.txt").write_text("x")
    done = run_script("run-pipeline", "batch", films, *TO_DEMUX, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "to do        Film.mkv" in done.stdout and "1 film: 1 to do" in done.stdout
    assert files_below(tmp_path / "out") == []


def test_a_film_that_fails_stops_no_other_is_left_alone_the_next_night_and_can_be_tried_again(
    films: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ill, well = make_film(films / "Ill.mkv", 1.1), make_film(films / "Well.mkv", 1.2)
    real = shutil.which("ffmpeg")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "ffmpeg"
    is_demux = "*Ill.mkv*audio.wav*"
    program.write_text(f'#!/bin/sh\ncase "$*" in {is_demux}) exit 1;; esac\nexec {real} "$@"\n')
    program.chmod(0o755)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{program.parent}:{path}")
    monkeypatch.setenv("CP_STAGE_RETRIES", "0")
    night = run_batch(films, *TO_DEMUX)
    assert night.states() == {"Ill.mkv": "failed", "Well.mkv": "done"}, night.errors
    assert night.code == 1 and night.films["Ill.mkv"]["hint"]
    monkeypatch.setenv("PATH", path)
    code = night.films["Ill.mkv"]["exit_code"]
    night = run_batch(films, *TO_DEMUX, *(["--retry-failed"] if code in (1, 2) else []))
    assert night.states()["Ill.mkv"] == "done" and night.code == 0
    assert ill.exists() and well.exists()


def test_a_film_with_settings_of_its_own_has_them_and_one_with_faulty_ones_fails(
    films: Path, tmp_path: Path
) -> None:
    make_film(films / "Tamil.mkv", 1.1)
    make_film(films / "Plain.mkv", 1.2)
    make_film(films / "Greedy.mkv", 1.3)
    (films / "Tamil.cp.env").write_text("SOURCE_LANGUAGE=ta\nTITLE=Roja\nSDH=on\n")
    (films / "Greedy.cp.env").write_text("OUTPUT_ROOT=/elsewhere\n")
    night = run_batch(films, *TO_DEMUX)
    assert night.code == 1
    assert night.states() == {
        "Tamil.mkv": "done",
        "Plain.mkv": "done",
        "Greedy.mkv": "failed",
        "Tamil.cp.env": "left alone",
        "Greedy.cp.env": "left alone",
    }
    assert "Greedy.cp.env:1" in night.films["Greedy.mkv"]["reason"]
    made = [json.loads(path.read_text()) for path in (tmp_path / "out").glob("*/*/*/*/*/job.json")]
    told = {job["title"]: (job["source_language"], job["config"].get("SDH")) for job in made}
    assert told == {"Roja": ("ta", "on"), "Plain": ("en", None)}


def test_what_is_odd_beside_a_film_ends_no_batch(films: Path, tmp_path: Path) -> None:
    long_name = f"{'a' * 251}.mkv"
    make_film(films / "Film.mkv", 1.1).rename(films / long_name)
    make_film(films / "Good.mkv", 1.2)
    shutil.copy(make_film(films / "Lost settings.mkv", 1.3), os.fsencode(films) + b"/\xff.mkv")
    (films / "Lost settings.cp.env").symlink_to(films / "nowhere.env")
    os.mkfifo(films / "pipe.mkv")
    make_old(films / "Lost settings.mkv")
    night = run_batch(films, *TO_DEMUX)
    assert night.code == 1, night.errors
    assert night.states() == {
        long_name: "done",
        "Good.mkv": "done",
        "Lost settings.mkv": "failed",
        "Lost settings.cp.env": "left alone",
        "pipe.mkv": "failed",
        "\\udcff.mkv": "failed",
    }
    assert "leads nowhere" in night.films["Lost settings.mkv"]["reason"]
    assert "is not a UTF-8 name" in night.films["\\udcff.mkv"]["reason"]
    told = {Path(film["path"]).name: film["state"] for film in status()["films"]}
    assert told == night.states()


def test_a_film_that_went_on_without_a_service_is_degraded_and_made_good_the_next_night(
    films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_film(films / "Film (2020).mkv")
    monkeypatch.setenv("CP_TMDB_ENABLED", "true")
    monkeypatch.setenv("TMDB_API_KEY", "hush")
    monkeypatch.setenv("CP_TMDB_TIMEOUT_SECONDS", "1")
    monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "1")
    monkeypatch.setenv("CP_NOTIFY_ON", "degraded")
    options = (*TO_DEMUX[:-1], "tmdb")
    with film_database(answers=False) as address, Receiver() as receiver:
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        monkeypatch.setenv("NOTIFY_URLS", receiver.address)
        night = run_batch(films, *options)
    assert (night.code, night.states()) == (4, {"Film (2020).mkv": "degraded"}), night.errors
    (told,) = receiver.messages
    assert told["title"] == "Film (2020).mkv: degraded" and "TMDB" in told["message"]
    monkeypatch.delenv("NOTIFY_URLS")
    assert "TMDB" in night.films["Film (2020).mkv"]["reason"]
    with film_database() as address:
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        night = run_batch(films, *options)
    assert (night.code, night.states()) == (0, {"Film (2020).mkv": "done"}), night.errors


def test_after_the_end_of_the_night_and_in_quiet_hours_nothing_begins(films: Path) -> None:
    make_film(films / "Film.mkv")
    now = datetime.now()
    quiet = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"
    process = start_batch(films, *TO_DEMUX, "--not-between", quiet)
    wait_until(lambda: "quiet hours" in film_of(status(), "Film.mkv").get("waits_for", ""))
    process.terminate()
    output, _ = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 130 and "not begun    Film.mkv" in output, output


def test_a_command_hears_of_each_film_and_of_the_end_and_what_fails_there_changes_nothing(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_film(films / "Film.mkv")
    listener = tmp_path / "listener"
    listener.write_text(f'#!/bin/sh\ncat >> "{tmp_path}/heard $1"\n')
    listener.chmod(0o755)
    monkeypatch.setenv("CP_AFTER_FILM_COMMAND", f"'{listener}' 'of a film'")
    monkeypatch.setenv("CP_AFTER_BATCH_COMMAND", f"{listener} end")
    assert run_batch(films, *TO_DEMUX).code == 0
    told = json.loads((tmp_path / "heard of a film").read_text())
    assert (told["film"], told["status"]) == (str(films / "Film.mkv"), "done")
    assert json.loads((tmp_path / "heard end").read_text())["exit_code"] == 0
    for command in ("/nowhere/program --key s3cret", "false", "'"):
        monkeypatch.setenv("CP_AFTER_FILM_COMMAND", command)
        monkeypatch.setenv("CP_AFTER_BATCH_COMMAND", command)
        night = run_batch(films, *TO_DEMUX, "--again")
        assert night.code == 0 and "after it" in night.errors and "s3cret" not in night.errors


def test_monitors_hear_of_the_films_of_a_batch_as_of_any_run(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_film(films / "One.mkv", 1.1)
    make_film(films / "Two.mkv", 1.2)
    monkeypatch.setenv("CP_METRICS_FILE", str(tmp_path / "metrics.prom"))
    night = run_batch(films, *TO_DEMUX)
    assert night.code == 0 and "warning: " not in night.errors, night.errors
    told = (tmp_path / "metrics.prom").read_text()
    assert any('stage="demux"' in line and line.endswith(" 2.0") for line in told.splitlines())


def test_at_most_so_many_films_begin_and_the_rest_is_told(films: Path) -> None:
    for number in range(3):
        make_film(films / f"{number}.mkv", 1 + number / 10)
    night = run_batch(films, *TO_DEMUX, "--limit", "1")
    assert (night.code, sorted(night.states().values())) == (0, ["done", "not begun", "not begun"])
    assert {one["reason"] for one in night.films.values()} == {"", "--limit 1"}


def test_sound_without_a_picture_is_done_where_it_is_named_or_only_its_words_are_wanted(
    films: Path,
) -> None:
    silence(films / "song.wav")
    assert run_batch(films, *WANTED).states() == {"song.wav": "left alone"}
    assert run_batch(films / "song.wav", *WANTED).states() == {"song.wav": "done"}


def test_an_empty_folder_is_nothing_to_do(films: Path) -> None:
    night = run_batch(films, *TO_DEMUX)
    assert (night.code, night.films) == (0, {})


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ((), "Name a folder"),
        (("nowhere",), "No such file or folder"),
        ((".", "-w", "translat"), "Unknown workflow"),
        ((".", "-s", "klingonese"), "Unknown language"),
        ((".", "--until", "25:00"), "no time of the day"),
        ((".", "--not-between", "8"), "from when to when"),
        ((".", "--title", "X"), "is of one film"),
        ((".", "--limit", "0"), "no number of films"),
        ((".", "--to", "muxx"), "Unknown stage"),
        ((".", "--set", "NO_SUCH=1"), "unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    films: Path, tmp_path: Path, arguments: tuple[str, ...], cause: str
) -> None:
    given = [str(films) if one == "." else one for one in arguments]
    assert_refused(run_command("./run-pipeline.sh", "batch", *given), 2, cause)
    assert files_below(tmp_path / "out") == []
