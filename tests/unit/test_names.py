#!/usr/bin/env python3
"""Tests of shared/subtitles/files/names.py and fonts.py."""

from __future__ import annotations

import pytest

from shared.subtitles.files.fonts import font_family
from shared.subtitles.files.names import TrackKind, parse_name, subtitle_name


@pytest.mark.parametrize(
    ("name", "title", "language", "kind"),
    [
        ("Film (2020).hi.srt", "Film (2020)", "hi", "full"),
        ("Film (2020).en.sdh.srt", "Film (2020)", "en", "sdh"),
        ("Film (2020).en.forced.srt", "Film (2020)", "en", "forced"),
        ("Film.en.hi.srt", "Film", "en", "sdh"),
        ("Film.hi.sdh.ass", "Film", "hi", "sdh"),
        ("Film.pt-BR.srt", "Film", "pt-BR", "full"),
        ("Film.hi-Latn.srt", "Film", "hi-Latn", "full"),
        ("Film.eng.default.srt", "Film", "en", "full"),
        ("Film.EN.SRT", "Film", "en", "full"),
        ("Film.PT-BR.SDH.srt", "Film", "pt-BR", "sdh"),
        ("Film.en.HI.srt", "Film", "en", "sdh"),
        ("Film.WEB.srt", "Film.WEB", "und", "full"),
        ("Film.srt", "Film", "und", "full"),
        ("Mr. Film.v2.srt", "Mr. Film.v2", "und", "full"),
        ("/a.en/b/Film.de.vtt", "Film", "de", "full"),
        ("hi.srt", "hi", "und", "full"),
        ("दोस्त.hi.ttml", "दोस्त", "hi", "full"),
    ],
)
def test_what_a_name_says(name: str, title: str, language: str, kind: str) -> None:
    found = parse_name(name)
    assert (found.title, found.language, found.kind) == (title, language, kind)


@pytest.mark.parametrize("kind", ["full", "sdh", "forced"])
@pytest.mark.parametrize("language", ["en", "hi", "hi-Latn"])
def test_names_that_are_made_are_read(language: str, kind: TrackKind) -> None:
    found = parse_name(subtitle_name("A. Film (2020)", language, ".srt", kind))
    assert (found.title, found.language, found.kind) == ("A. Film (2020)", language, kind)


def test_a_style_names_the_family_that_has_the_script() -> None:
    assert font_family("en") == font_family("hi-Latn") == font_family("und") == "Noto Sans"
    assert font_family("hi") == font_family("mr") == "Noto Sans Devanagari"
    assert font_family("bn") == "Hind Siliguri"
    assert font_family("ja") == "Noto Sans CJK JP"
    assert font_family("gu") == "Noto Sans Gujarati"
