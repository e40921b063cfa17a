#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/finished_film.py: what the last stage cannot do is told first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.config import load_config
from shared.core.errors import InputError, UnavailableError
from shared.media.probe import probe_media
from shared.pipeline.job.job import load_job
from shared.pipeline.plan.finished_film import foresee_film
from shared.subtitles.files.letters import font_of_family, font_of_language, machine_fonts
from shared.subtitles.files.picture import too_small
from tests.support.commands import run_script
from tests.support.jobs import make_film, make_job
from tests.support.media import burst, ffmpeg, numbered_picture, sound


def foreseen(film: Path, **wanted: Any) -> list[str]:
    """Prepare a job that makes subtitles, and return what its plan says of the finished film."""
    job_dir = make_job(film, **{"workflow": "subtitle", "source": "en"} | wanted)
    media = probe_media(film)
    told = foresee_film(load_job(job_dir), load_config(job_dir), film, media)
    # Films of these tests are smaller than any that people watch.
    return [line for line in told if "A picture of 64x48 is small" not in line]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"BURN_IN": "fr"}, "BURN_IN=fr: there are no such subtitles"),
        ({"DEFAULT_SUBTITLE": "fr"}, "DEFAULT_SUBTITLE=fr: there is no such track"),
        ({"DEFAULT_SUBTITLE": "en.sdh"}, "DEFAULT_SUBTITLE=en.sdh: there is no such track"),
        ({"BURN_IN": "en", "DEFAULT_SUBTITLE": "en"}, "DEFAULT_SUBTITLE=en: there is no such"),
        ({"MUX_SUBTITLES": "ass", "SUBTITLE_FORMATS": "srt"}, "MUX_SUBTITLES=ass wants ass files"),
        ({"BURN_IN": "en", "SUBTITLE_FORMATS": "srt,vtt"}, "BURN_IN=en wants ass files"),
    ],
)
def test_a_track_that_will_not_be_made_is_refused(
    film: Path, settings: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        foreseen(film, settings=settings, source="de", targets=("en",))
    assert caught.value.hint


@pytest.mark.parametrize(
    "settings",
    [
        {"BURN_IN": "en", "DEFAULT_SUBTITLE": "de"},
        {"DEFAULT_SUBTITLE": "en.sdh", "SDH": "on"},
        {"DEFAULT_SUBTITLE": "none"},
        {"MUX_SUBTITLES": "ass"},
    ],
)
def test_tracks_that_will_be_made_are_taken(film: Path, settings: dict[str, str]) -> None:
    assert foreseen(film, settings=settings, source="de", targets=("en",)) == []


def test_of_a_language_that_is_found_out_later_any_track_may_come(film: Path) -> None:
    wanted = {"source": "auto", "targets": ("en",)}
    assert foreseen(film, settings={"BURN_IN": "fr"}, **wanted) == []
    with pytest.raises(InputError, match="BURN_IN=fr.sdh"):
        foreseen(film, settings={"BURN_IN": "fr.sdh"}, **wanted)


def test_roman_hindi_is_a_track_of_its_own(film: Path) -> None:
    wanted = {"source": "hi", "targets": ("en",)}
    roman = {"SCRIPT_POLICY": "roman"}
    assert foreseen(film, settings={"DEFAULT_SUBTITLE": "hi-Latn", **roman}, **wanted) == []
    with pytest.raises(InputError, match="DEFAULT_SUBTITLE=hi"):
        foreseen(film, settings={"DEFAULT_SUBTITLE": "hi", **roman}, **wanted)


def test_a_picture_that_mp4_does_not_hold_is_refused_before_the_first_stage(tmp_path: Path) -> None:
    inputs = [*numbered_picture(2), *sound(burst(0, 2), seconds=2)]
    ffmpeg(*inputs, "-c:v", "libvpx", "-c:a", "libopus", tmp_path / "film.webm")
    job_dir = make_job(
        tmp_path / "film.webm",
        workflow="subtitle",
        source="en",
        settings={"OUTPUT_CONTAINER": "mp4"},
    )
    ended = run_script("run-pipeline", "subtitle", job_dir)
    assert ended.returncode == 2
    assert "MP4 does not hold vp8 pictures" in ended.stderr
    assert not (job_dir / "01_demux").exists()


def test_sound_alone_has_no_picture_to_draw_into(tmp_path: Path) -> None:
    ffmpeg(*sound(burst(0, 1), seconds=1), tmp_path / "film.wav")
    with pytest.raises(InputError, match="BURN_IN: the film has no picture"):
        foreseen(tmp_path / "film.wav", settings={"BURN_IN": "en"})


def test_letters_that_no_font_shows_are_refused_before_the_first_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_film(tmp_path / "film.mkv")
    wanted = {"settings": {"BURN_IN": "ja"}, "source": "ja"}
    monkeypatch.setattr("shared.subtitles.files.letters.FOLDERS", (str(tmp_path),))
    for known in (machine_fonts, font_of_family, font_of_language):
        known.cache_clear()
    with pytest.raises(UnavailableError, match="No font on this machine shows Japanese") as caught:
        foreseen(film, **wanted)
    assert "apt-get install fonts-noto-cjk" in caught.value.hint
    for known in (machine_fonts, font_of_family, font_of_language):
        known.cache_clear()


def test_a_picture_too_small_for_its_letters_is_told() -> None:
    assert too_small(480, 204, "hi") == too_small(0, 0, "hi") == too_small(160, 144, "en") == []
    (told,) = too_small(160, 90, "hi")
    assert told == (
        "A picture of 160x90 is small for burnt-in Hindi: letters of 9 pixels, 17 can be read"
    )
