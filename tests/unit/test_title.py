#!/usr/bin/env python3
"""Tests of shared/media/title.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media.title import parse_title
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("Jaane.Tu.Ya.Jaane.Na.2008.1080p.BluRay.x264.mkv", "Jaane Tu Ya Jaane Na", 2008),
        ("/films/Sholay (1975).mp4", "Sholay", 1975),
        ("3 Idiots (2009) [Hindi] 720p.avi", "3 Idiots", 2009),
        ("holiday.mov", "holiday", None),
        ("Sacred.Games.S02E03.720p.mkv", "Sacred Games S02E03", None),
        ("Sintel's Trailer (2010).mp4", "Sintel's Trailer", 2010),
        ("Gangs of Wasseypur, Part 2 (2012).mkv", "Gangs of Wasseypur Part 2", 2012),
        ("Kill.Bill.Vol.1.2003.mkv", "Kill Bill Vol. 1", 2003),
        ("Jaane Tu HD.mkv", "Jaane Tu", None),
        ("शोले (1975).mkv", "शोले", 1975),
    ],
)
def test_title_and_year_come_from_the_name(name: str, title: str, year: int | None) -> None:
    assert parse_title(name) == (title, year)


@pytest.mark.parametrize("name", [".mkv", "2008.mkv", "a\nb.mkv", "'\"$(x).mp4", "%03d.mp4", "-x"])
def test_odd_names_still_have_a_title(name: str) -> None:
    title, _ = parse_title(name)
    assert title.strip() == title != ""


@examples(25)
@given(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1))
def test_no_name_is_too_odd(name: str) -> None:
    title, year = parse_title(name + ".mkv")
    assert title
    assert year is None or isinstance(year, int)
