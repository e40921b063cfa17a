#!/usr/bin/env python3
"""
TestDemoFilm: the demo film holds what it says it holds, where it says so.

Renders the film once with the real ffmpeg and measures the file: streams, loudness, shot changes.

Usage:
    pytest tests/unit/test_demo_film.py
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from shared.core.errors import DependencyError, InputError
from shared.media.demo.film import DemoFilm, check_length, make_demo_film
from shared.media.demo.scenery import divide_into_shots
from shared.media.demo.script import SCRIPT
from tests.support.commands import run_command

SPEECH_DIR = Path(__file__).resolve().parents[1] / "fixtures" / "speech"
RATE = 16000
FRAME = 1 / 24
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg not installed")

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> DemoFilm:
    """The film, rendered once for all tests."""
    folder = tmp_path_factory.mktemp("film")
    return make_demo_film(folder / "Harbour Lights (2026).mkv", SPEECH_DIR)


@pytest.fixture(scope="module")
def samples(film: DemoFilm) -> npt.NDArray[np.float64]:
    """The film's sound, shape (n,), 16 kHz mono, -1 to 1."""
    command = ["ffmpeg", "-v", "error", "-i", str(film.path), "-ac", "1", "-ar", str(RATE)]
    done = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True)
    return np.frombuffer(done.stdout, "<i2") / 32768


def level(samples: npt.NDArray[np.float64], start: float, end: float) -> float:
    """Root mean square of a stretch in dB."""
    part = samples[round(start * RATE) : round(end * RATE)]
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


@needs_ffmpeg
def test_streams_chapters_and_title(film: DemoFilm) -> None:
    """One moving picture, one stereo sound, two chapters, a title, a minute or so."""
    show = ["-show_streams", "-show_format", "-show_chapters", "-of", "json", str(film.path)]
    told = json.loads(subprocess.check_output(["ffprobe", "-v", "error", *show]))
    video, audio = told["streams"]
    assert (video["codec_name"], video["width"], video["height"]) == ("h264", 640, 360)
    assert video["avg_frame_rate"] == "24/1"
    assert (audio["codec_name"], audio["channels"]) == ("opus", 2)
    assert [chapter["tags"]["title"] for chapter in told["chapters"]] == ["The quay", "The letter"]
    assert told["format"]["tags"]["title"] == "Harbour Lights"
    assert 60 <= film.duration <= 75
    assert float(told["format"]["duration"]) == pytest.approx(film.duration, abs=0.05)


@needs_ffmpeg
def test_nothing_else_is_left_in_the_folder(film: DemoFilm) -> None:
    """The film is the only thing that was written."""
    assert list(film.path.parent.iterdir()) == [film.path]


@needs_ffmpeg
def test_german_is_the_main_language_and_english_among_them(film: DemoFilm) -> None:
    """More seconds of German than of English, lines in order and apart from one another."""
    seconds = {"de": 0.0, "en": 0.0}
    for line in film.lines:
        seconds[line.language] += line.end - line.start
    assert seconds["de"] > seconds["en"] > 8
    gaps = [after.start - before.end for before, after in zip(film.lines, film.lines[1:])]
    assert min(gaps) > 0.3 and max(gaps) > 3


@needs_ffmpeg
def test_speech_is_where_it_says(film: DemoFilm, samples: npt.NDArray[np.float64]) -> None:
    """Every line is loud from its first to its last moment, and clearly over what surrounds it."""
    for line in film.lines:
        assert level(samples, line.start, line.end) > -26, line.id
        assert level(samples, line.start, line.start + 0.3) > -40, line.id
        assert level(samples, line.end - 0.3, line.end) > -40, line.id
        after = level(samples, line.end + 0.05, line.end + 0.4)
        assert level(samples, line.start, line.end) > after + 8, line.id


@needs_ffmpeg
def test_silence_and_music_are_where_they_say(
    film: DemoFilm, samples: npt.NDArray[np.float64]
) -> None:
    """Silence is silent; music sounds where nobody speaks; one music-only stretch is long."""
    assert max(silence.end - silence.start for silence in film.silences) > 3
    for silence in film.silences:
        assert level(samples, silence.start + 0.1, silence.end - 0.1) < -75
    for music in film.music:
        assert level(samples, music.start, music.end) > -45
    alone = film.music[0]
    assert alone.end - alone.start >= 8 and alone.end < film.lines[0].start
    assert level(samples, alone.start, alone.end) > -30


@needs_ffmpeg
def test_every_cut_is_a_shot_change_and_nothing_else_is(film: DemoFilm) -> None:
    """ffmpeg's shot detector, at its default threshold, finds the cuts and no others."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-i", str(film.path), "-an"]
    done = subprocess.run(
        [*command, "-vf", "setpts=PTS-STARTPTS,scdet=threshold=10", "-f", "null", "-"],
        check=True,
        capture_output=True,
        text=True,
    )
    found = [float(time) for time in re.findall(r"lavfi\.scd\.time: ([\d.]+)", done.stderr)]
    assert len(film.cuts) >= 10
    assert found == pytest.approx(list(film.cuts), abs=FRAME / 2)


@needs_ffmpeg
def test_a_second_run_makes_the_same_film(film: DemoFilm, tmp_path: Path) -> None:
    """Same lines, same times, same bytes; a film that is there is replaced whole."""
    target = tmp_path / "again.mkv"
    target.write_bytes(b"an older film")
    again = make_demo_film(target, SPEECH_DIR)
    assert (again.lines, again.cuts, again.music) == (film.lines, film.cuts, film.music)
    assert target.read_bytes() == film.path.read_bytes()


@needs_ffmpeg
def test_a_truncated_film_is_not_taken_for_whole(film: DemoFilm, tmp_path: Path) -> None:
    """ffmpeg reads a film that was cut short without complaint; its length gives it away."""
    short = tmp_path / "short.mkv"
    data = film.path.read_bytes()
    short.write_bytes(data[: len(data) // 2])
    with pytest.raises(DependencyError, match="s of picture and .* not "):
        check_length(short, film.duration, tmp_path)


def test_missing_speech_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    """Without its speech no film is made, and the hint names the recipe."""
    with pytest.raises(InputError) as caught:
        make_demo_film(tmp_path / "film.mkv", tmp_path)
    assert "make_speech_fixtures.py" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_script_says_every_line_of_the_fixtures_once() -> None:
    """Each spoken line is used, and every one has its sound."""
    known = [line["id"] for line in json.loads((SPEECH_DIR / "lines.json").read_text("utf-8"))]
    assert sorted(beat.line for beat in SCRIPT if beat.line) == sorted(known)
    assert all((SPEECH_DIR / f"{name}.opus").stat().st_size > 2000 for name in known)


@pytest.mark.parametrize("frames", [1, 35, 36, 72, 73, 107, 108, 1500, 1661])
def test_shots_fill_the_film_exactly(frames: int) -> None:
    """Shots add up to the film, and none but the only one is shorter than the shortest."""
    shots = divide_into_shots(frames)
    assert sum(shots) == frames
    assert len(shots) == 1 or min(shots) >= 36


@needs_ffmpeg
@pytest.mark.environments("whisperx", "pyannote", "demucs")
def test_a_plan_of_the_demo_leaves_no_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path))
    done = run_command("./run-pipeline.sh", "demo", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "demux" in done.stdout and "not done yet" in done.stdout
    assert not [*tmp_path.rglob("job.json")] and not [*tmp_path.rglob("*demo-job*")]
