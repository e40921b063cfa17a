#!/usr/bin/env python3
"""Tests of films/subtitles_there.py of the batch: subtitles in a film and in files beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.media.probe import probe_media
from shared.pipeline.batch.films.subtitles_there import wanted_there
from tests.support.media import ffmpeg

SOUND = ("-f", "lavfi", "-i", "anullsrc=r=8000:d=1")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film without subtitles."""
    path = tmp_path / "Film (2019).mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=32x32:d=1", *SOUND, "-c:v", "mpeg4", path)
    return path


def with_track(film: Path, *options: str) -> Path:
    """Return the film with a track of subtitles."""
    text = film.with_name("text.srt")
    text.write_text("1\n00:00:00,100 --> 00:00:00,900\nWords\n")
    made = film.with_name("With.mkv")
    ffmpeg(
        "-i",
        film,
        "-i",
        text,
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-c:s",
        "srt",
        *options,
        made,
    )
    return made


def there(film: Path, *languages: str) -> str:
    """Return where the wanted subtitles are."""
    return wanted_there(film, probe_media(film), languages)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("-metadata:s:s:0", "language=eng"), True),
        (("-metadata:s:s:0", "language=en-GB"), True),
        (("-metadata:s:s:0", "language=fre"), False),
        ((), False),
        (("-metadata:s:s:0", "language=eng", "-disposition:s:0", "forced"), False),
        (("-metadata:s:s:0", "language=eng", "-metadata:s:s:0", "title=Forced signs"), False),
    ],
)
def test_a_track_counts_by_its_language_and_not_when_it_is_forced(
    film: Path, options: tuple[str, ...], found: bool
) -> None:
    assert bool(there(with_track(film, *options), "en")) is found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Film (2019).en.srt", True),
        ("Film (2019).eng.SRT", True),
        ("Film (2019).English.ass", True),
        ("Film (2019).en.sdh.vtt", True),
        ("Film (2019).en.hi.srt", True),
        ("Film (2019).2.en.srt", True),
        ("Film (2019).en.forced.srt", False),
        ("Film (2019).hi.srt", False),
        ("Film (2019).srt", False),
        ("Film (2019) 2.en.srt", False),
        ("Other.en.srt", False),
        ("Film (2019).en.txt", False),
    ],
)
def test_a_file_counts_by_the_language_in_its_name(film: Path, name: str, found: bool) -> None:
    film.with_name(name).write_text("1\n")
    assert bool(there(film, "en")) is found


def test_all_that_is_wanted_must_be_there_and_an_empty_file_is_nothing(film: Path) -> None:
    film.with_name("Film (2019).en.srt").write_text("1\n")
    film.with_name("Film (2019).ta.srt").write_text("")
    assert there(film, "en") == "en: Film (2019).en.srt"
    assert there(film, "en", "ta") == "" and there(film) == ""
    film.with_name("Film (2019).ta.srt").write_text("1\n")
    assert "ta: Film (2019).ta.srt" in there(film, "en", "ta")


def test_hindi_for_the_hard_of_hearing_is_no_hindi_and_letters_count_where_they_are_asked_for(
    film: Path,
) -> None:
    film.with_name("Film (2019).en.hi.srt").write_text("1\n")
    assert there(film, "hi") == ""
    film.with_name("Film (2019).hi.srt").write_text("1\n")
    assert there(film, "hi") and there(film, "hi-Latn") == ""
    film.with_name("Film (2019).hi-Latn.srt").write_text("1\n")
    assert there(film, "hi-Latn")
