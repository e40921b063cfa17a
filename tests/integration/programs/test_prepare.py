#!/usr/bin/env python3
"""Tests of shared/pipeline/prepare/prepare.py."""

from __future__ import annotations

import getpass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import load_config
from shared.core.errors import InputError, PipelineError, UnavailableError
from shared.core.machine.tuning import Tuning, keep_tuning, tuning_key
from shared.pipeline.job.job import load_job
from shared.pipeline.prepare.choices import resolve_auto
from shared.pipeline.prepare.options import parse_settings
from shared.pipeline.prepare.prepare import Prepared, prepare_job
from shared.pipeline.prepare.request import Request
from tests.support.jobs import files_below, make_film, make_silent_film
from tests.support.media import ffmpeg, numbered_picture, sound

RATE = Fraction(24000, 1001)


def prepare(film: Path, **wanted: Any) -> Prepared:
    """Prepare a job for transcription from Hindi."""
    usual: dict[str, Any] = {"media": film, "workflow": "transcribe", "source": "hi"}
    return prepare_job(Request(**(usual | wanted)))


def refused(film: Path, output_root: Path, **wanted: Any) -> PipelineError:
    """Prepare what must be refused; return the error after checking that nothing is left."""
    with pytest.raises(PipelineError) as caught:
        prepare(film, **wanted)
    assert files_below(output_root) == []
    assert caught.value.hint
    return caught.value


@pytest.mark.environments("whisperx")
def test_a_job_says_what_was_asked_for(film: Path, output_root: Path) -> None:
    prepared = prepare(film, source="Hindi", targets=("en, eng", "hi"), workflow="subtitle")
    job = load_job(prepared.job_dir)
    assert prepared.job_dir.is_relative_to(output_root)
    assert (job.source_language, job.target_languages) == ("hi", ["en", "hi"])
    assert (job.title, job.year, job.workflow) == ("Tiny Film", 2020, "subtitle")
    assert job.user == getpass.getuser()
    assert job.media.path == str(film)
    assert job.media.frame_rate == "24000/1001"
    assert job.media.audio_choice == "the only track"
    assert job.clip is None


def test_auto_is_resolved_and_told(film: Path) -> None:
    prepared = prepare(film)
    job = load_job(prepared.job_dir)
    assert job.resolved.keys() == job.config.keys()
    assert job.resolved["DEVICE"] in {"cpu", "cuda", "mps"}
    assert "auto" not in job.resolved.values()
    assert f"DEVICE={job.resolved['DEVICE']} (auto)" in prepared.notes
    assert f"BATCH_SIZE={job.resolved['BATCH_SIZE']} (auto)" in prepared.notes


def test_what_was_measured_here_is_used_where_the_user_says_auto(tmp_path: Path) -> None:
    cache = tmp_path / "hardware_cache.json"
    on_cpu = {"DEVICE": "cpu", "WHISPER_MODEL": "base", "COMPUTE_TYPE": "auto"}
    _, usual = resolve_auto(load_config(overrides=on_cpu), on_cpu, cache)
    assert usual["BATCH_SIZE"] == 4
    keep_tuning(cache, tuning_key("base", "cpu", "int8"), Tuning(7, 3, 20.0))
    _, measured = resolve_auto(load_config(overrides=on_cpu), on_cpu, cache)
    assert measured == usual | {"BATCH_SIZE": 7}, "threads are the machine's: no job holds them"
    said = on_cpu | {"BATCH_SIZE": "2"}
    values, resolved = resolve_auto(load_config(overrides=said), said, cache)
    assert values["BATCH_SIZE"] == "2" and "BATCH_SIZE" not in resolved
    small = on_cpu | {"WHISPER_MODEL": "small"}
    _, other = resolve_auto(load_config(overrides=small), small, cache)
    assert other["BATCH_SIZE"] == 4


@pytest.mark.parametrize("word", ["auto", "0"])
def test_a_batch_size_is_resolved_unless_it_is_named(film: Path, word: str) -> None:
    assert load_job(prepare(film, settings={"BATCH_SIZE": "3"}).job_dir).config["BATCH_SIZE"] == "3"
    job = load_job(prepare(film, settings={"BATCH_SIZE": word}).job_dir)
    assert job.resolved["BATCH_SIZE"] == job.config["BATCH_SIZE"] >= 1


@pytest.mark.parametrize(
    ("settings", "cause", "hint"),
    [
        ({"WHISPER_MODEL": "bse"}, "is called bse: recognition (WHISPER_MODEL)", "mean base?"),
        ({"WHISPER_MODEL": "large-v4"}, "is called large-v4", "mean large-v"),
        ({"WHISPER_MODEL": "/no/such/folder"}, "No such folder: /no/such/folder", "whisper"),
        ({"WHISPER_MODEL": "large-v1", "ASR_ENGINE": "mlx"}, "No mlx model", "Known: tiny"),
        ({"SOURCE_SEPARATION": "demucs", "DEMUCS_MODEL": "htdemuc"}, "htdemuc", "mean htdemucs?"),
        (
            {"DIARIZATION": "pyannote", "DIARIZATION_MODEL": "comunity"},
            "No pyannote model is called comunity",
            "Known: segmentation",
        ),
    ],
)
def test_a_model_that_does_not_exist_is_refused_at_once(
    film: Path, output_root: Path, settings: dict[str, str], cause: str, hint: str
) -> None:
    error = refused(film, output_root, settings=settings)
    assert error.exit_code == 2 and cause in error.cause and hint in error.hint


@pytest.mark.parametrize("name", ["large-v3", "turbo", "someone/their-whisper"])
def test_a_model_that_may_exist_is_taken(film: Path, name: str) -> None:
    job = load_job(prepare(film, settings={"WHISPER_MODEL": name}).job_dir)
    assert job.config["WHISPER_MODEL"] == name


def test_explicit_values_win_over_auto(film: Path) -> None:
    job = load_job(prepare(film, settings={"DEVICE": "cpu", "WHISPER_MODEL": "tiny"}).job_dir)
    assert (job.config["DEVICE"], job.config["WHISPER_MODEL"]) == ("cpu", "tiny")
    assert not job.resolved.keys() & {"DEVICE", "WHISPER_MODEL"}


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [("0.5", None, (12, None)), (None, "0.5", (0, 12)), ("0:00.26", "0.75", (6, 18))],
)
def test_a_clip_begins_and_ends_on_a_frame(
    film: Path, start: str | None, end: str | None, frames: tuple[int, int | None]
) -> None:
    job = load_job(prepare(film, start=start, end=end).job_dir)
    assert job.clip is not None
    assert job.clip.start == float(frames[0] / RATE)
    assert job.clip.end == (job.media.duration if frames[1] is None else float(frames[1] / RATE))


def test_a_clip_ends_with_the_film(film: Path) -> None:
    job = load_job(prepare(film, end="5:00").job_dir)
    assert job.clip is not None and job.clip.end == job.media.duration


def test_title_and_year_may_be_given(film: Path) -> None:
    job = load_job(prepare(film, title=" शोले ", year=1975).job_dir)
    assert (job.title, job.year) == ("शोले", 1975)
    assert load_job(prepare(film, title="Sholay").job_dir).year is None
    assert load_job(prepare(film, year=1999).job_dir).title == "Tiny Film"


def test_a_name_in_any_alphabet_works(tmp_path: Path) -> None:
    path = make_film(tmp_path / "मेरी 'फ़िल्म'\n%03d.mp4")
    assert load_job(prepare(path).job_dir).media.path == str(path)


@pytest.mark.parametrize(
    ("wanted", "code", "cause"),
    [
        ({"workflow": "transcripe"}, 2, "Unknown workflow 'transcripe'"),
        ({"source": "qwertz"}, 2, "Unknown language 'qwertz' (-s)"),
        ({"workflow": "subtitle", "targets": ("en,qwertz",)}, 2, "Unknown language 'qwertz' (-t)"),
        ({"workflow": "translate"}, 2, "needs a target language"),
        ({"workflow": "translate", "targets": ("tlh",)}, 3, "No engine here translates into Klin"),
        ({"settings": {"WHISPER_MODLE": "base"}}, 2, "unknown key WHISPER_MODLE"),
        ({"settings": {"ASR_BEAM_SIZE": "0"}}, 2, "ASR_BEAM_SIZE=0"),
        ({"start": "soon"}, 2, "--start 'soon' is not a time"),
        ({"end": "1:75"}, 2, "--end '1:75' is not a time"),
        (
            {"start": "0.9", "end": "0.1"},
            2,
            "--start 0.9 --end 0.1: the clip from 0.918 s to 0.083 s is",
        ),
        ({"start": "9"}, 2, "--start 9: the clip from"),
        ({"audio_track": 2}, 2, "No audio track 2"),
        ({"audio_track": 0}, 2, "No audio track 0"),
        ({"title": " "}, 2, "--title is empty"),
        ({"year": 1500}, 2, "1500"),
        ({"year": 99999}, 2, "99999"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_made(
    film: Path, output_root: Path, wanted: dict[str, Any], code: int, cause: str
) -> None:
    error = refused(film, output_root, **wanted)
    assert error.exit_code == code
    assert cause in error.cause


def test_a_film_without_sound_is_refused(tmp_path: Path, output_root: Path) -> None:
    error = refused(make_silent_film(tmp_path / "mute.mkv"), output_root)
    assert (error.exit_code, "No audio stream in mute.mkv" in error.cause) == (2, True)
    assert "video (mpeg4)" in error.cause


def test_of_eight_sounds_the_choice_is_recorded_and_told(tmp_path: Path, output_root: Path) -> None:
    inputs = [arg for number in range(8) for arg in sound("0", seconds=1)]
    maps = [arg for number in range(9) for arg in ("-map", number)]
    tags = ["-metadata:s:a:4", "language=hin", "-metadata:s:a:6", "language=hin"]
    ffmpeg(*numbered_picture(1), *inputs, *maps, *tags, "-c:a", "flac", tmp_path / "film.mkv")
    request = Request(media=tmp_path / "film.mkv", workflow="transcribe", source="hi")
    prepared = prepare_job(request)
    media = load_job(prepared.job_dir).media
    assert (media.audio_stream.index, media.audio_choice) == (5, "its language is hi")
    assert prepared.notes[0].startswith("Audio track 5 of 8 (its language is hi): 1: no language")


def test_a_name_that_is_not_unicode_is_refused(
    film: Path, tmp_path: Path, output_root: Path
) -> None:
    path = tmp_path / "caf\udce9.mkv"
    path.symlink_to(film)
    error = refused(path, output_root)
    assert (error.exit_code, error.cause.isprintable()) == (2, True)


def test_a_device_that_is_not_there_is_refused(film: Path, output_root: Path) -> None:
    error = refused(film, output_root, settings={"DEVICE": "mps"})
    assert isinstance(error, UnavailableError)


def test_an_output_folder_that_cannot_be_made_is_refused(film: Path, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(UnavailableError, match="Cannot write to"):
        prepare(film)


def test_settings_are_key_and_value() -> None:
    assert parse_settings(["whisper_model = base", "A=b=c"]) == {
        "WHISPER_MODEL": "base",
        "A": "b=c",
    }
    for item in ("WHISPER_MODEL", "=base", ""):
        with pytest.raises(InputError, match="is not KEY=VALUE"):
            parse_settings([item])


@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_settings_are_read_or_refused(items: list[str]) -> None:
    try:
        settings = parse_settings(items)
    except InputError:
        return
    assert all(key == key.upper().strip() for key in settings)
