#!/usr/bin/env python3
"""Tests of films/film_settings.py of the batch: what a file beside a film may say of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.pipeline.batch.films.film_settings import request_for
from shared.pipeline.prepare.request import Request

USUAL = Request(Path("film"), "subtitle", "hi", ("en",), settings={"SDH": "off", "LYRICS": "keep"})


def asked(folder: Path, text: str) -> Request:
    """Return what is asked for of a film with such a file beside it."""
    (folder / "Film (2019).cp.env").write_text(text, encoding="utf-8")
    return request_for(folder / "Film (2019).mkv", USUAL)


def test_without_a_file_a_film_is_treated_as_all(tmp_path: Path) -> None:
    film = tmp_path / "Film.mkv"
    request = request_for(film, USUAL)
    assert (request.media, request.source, request.settings) == (film, "hi", USUAL.settings)


def test_what_stands_there_is_of_this_film_and_above_the_rest(tmp_path: Path) -> None:
    text = "# Tamil\nSOURCE_LANGUAGE=ta\nTARGET_LANGUAGES=en,hi\nTITLE=Roja\nYEAR=1992\n"
    request = asked(tmp_path, text + "AUDIO_TRACK=2\nSDH=on\nWHISPER_MODEL=base\n")
    assert (request.source, request.targets, request.title) == ("ta", ("en,hi",), "Roja")
    assert (request.year, request.audio_track) == (1992, 2)
    assert request.settings == {"SDH": "on", "LYRICS": "keep", "WHISPER_MODEL": "base"}
    assert USUAL.settings["SDH"] == "off"


@pytest.mark.parametrize(
    "line",
    [
        "OUTPUT_ROOT=/tmp",
        "LLM_BASE_URL=http://elsewhere.example",
        "WHISPER_MODEL=/weights",
        "STAGE_MEMORY_MB=0",
        "DELIVER_TO=/etc",
        "NUM_THREADS=256",
        "TMDB_API_KEY=x",
    ],
)
def test_what_only_the_machine_may_set_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError) as caught:
        asked(tmp_path, f"SDH=on\n{line}\n")
    assert "Film (2019).cp.env:2" in caught.value.cause


@pytest.mark.parametrize("text", ["YEAR=last", "AUDIO_TRACK=-1", "no pair", "SDHH=on"])
def test_what_makes_no_sense_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        asked(tmp_path, text)
    assert "Film (2019).cp.env:1" in caught.value.cause
