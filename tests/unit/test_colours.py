#!/usr/bin/env python3
"""
Colours: who speaks most is white, the same voice has one colour everywhere, every format keeps it.

Usage:
    pytest tests/unit/test_colours.py
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy
import pysubs2
import pytest

from shared.core.settings import PipelineConfig
from shared.subtitles.base.colours import (
    COLOURS,
    colours_in,
    line_colours,
    name_of,
    speaker_colours,
)
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.phrase import phrase_from_segment
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.lint import lint_source
from shared.subtitles.files.formats import Look, look_from_config, write_subtitles
from shared.subtitles.files.source import read_source
from shared.subtitles.shaping.shaping import shape_cues
from shared.transcript.records.schemas import Segment
from tests.support.media import ffmpeg

BBC, NETFLIX = limits_for("en", profile="bbc"), limits_for("en")
LOOK = Look(colours={"Asha": "white", "Ravi": "yellow", "Meera": "green"})
CUES = [
    Cue(1.0, 3.0, "Good morning.", speakers=("Asha",)),
    Cue(4.0, 7.0, "Congratulations on your anniversary,\nmy dear.", speakers=("Ravi",)),
    Cue(8.0, 11.0, "-Is it?\n-Yes & no.", speakers=("Asha", "Meera")),
    Cue(12.0, 14.0, "[door closes]"),
]
SUFFIXES = [".srt", ".vtt", ".ass", ".ttml"]


def spoken(*parts: tuple[str | None, float, float]) -> list[Segment]:
    """Return a segment for each speaker with its times."""
    return [
        Segment(
            id=i,
            start=start,
            end=end,
            text="Who goes there?",
            confidence=1.0,
            language="en",
            speaker=speaker,
        )
        for i, (speaker, start, end) in enumerate(parts)
    ]


def test_who_speaks_most_has_the_first_colour_and_songs_do_not_count() -> None:
    segments = spoken(("B", 0, 2), (None, 2, 30), ("A", 30, 33), ("C", 40, 50), ("B", 50, 52))
    segments[3] = segments[3].model_copy(update={"is_lyrics": True})
    assert speaker_colours(segments, BBC.colours) == {"B": "white", "A": "yellow"}
    assert speaker_colours(segments, NETFLIX.colours) == {}


def test_speakers_beyond_the_colours_are_white() -> None:
    segments = spoken(*((f"S{n}", 10.0 * n, 10.0 * n + 6 - n) for n in range(6)))
    colours = speaker_colours(segments, BBC.colours)
    assert list(colours.items()) == list(zip(("S0", "S1", "S2", "S3"), COLOURS, strict=True))
    assert line_colours(2, ("S1", "S5"), colours) == ["yellow", "white"]
    assert line_colours(2, (), colours) == ["white", "white"]


def test_cues_know_who_says_their_lines() -> None:
    segments = spoken(("A", 0, 2), ("A", 4, 6), ("B", 6.1, 6.5), (None, 9, 11))
    cues = shape_cues([phrase_from_segment(one) for one in segments], BBC)
    for cue in cues:
        assert len(cue.speakers) == (2 if cue.text.startswith("-") else len(cue.speakers) & 1)
    assert [one for cue in cues for one in cue.speakers] == ["A", "A", "B"]
    song = segments[0].model_copy(update={"is_lyrics": True})
    (cue,) = shape_cues([phrase_from_segment(song)], BBC)
    assert cue.speakers == ()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_keeps_the_colours_and_the_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write_subtitles(CUES, path, LOOK)
    read = read_source(path)
    assert [cue.text for cue in read.cues] == [cue.text for cue in CUES]
    used = [[one for one in cue.colours if one != "white"] for cue in read.cues]
    assert used == [[], ["yellow"], ["green"], []]
    assert lint_source(read, BBC) == []
    assert {one.rule for one in lint_source(read, NETFLIX) if one.cue in (2, 3)} >= {"colours"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_without_colours_there_is_no_markup(tmp_path: Path, suffix: str) -> None:
    plain, coloured = tmp_path / f"plain{suffix}", tmp_path / f"film{suffix}"
    write_subtitles([Cue(one.start, one.end, one.text) for one in CUES], plain, LOOK)
    write_subtitles(CUES, coloured)
    assert plain.read_bytes() == coloured.read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_box_changes_neither_text_nor_colours(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write_subtitles(CUES, path, replace(LOOK, box=True))
    read = read_source(path)
    assert [cue.text for cue in read.cues] == [cue.text for cue in CUES]
    used = [[one for one in cue.colours if one != "white"] for cue in read.cues]
    assert used == [[], ["yellow"], ["green"], []]
    assert lint_source(read, BBC) == []
    theirs = pysubs2.load(str(path), keep_html_tags=False)
    assert [html.unescape(event.plaintext) for event in theirs] == [cue.text for cue in CUES]


def test_only_the_bbc_has_boxes() -> None:
    config = PipelineConfig()
    boxes = [look_from_config(config, limits, "Film", {}).box for limits in (BBC, NETFLIX)]
    assert boxes == [True, False]


def test_every_line_of_web_vtt_and_ttml_stands_on_black(tmp_path: Path) -> None:
    lines = [line for cue in CUES for line in cue.lines]
    for suffix in (".vtt", ".ttml"):
        write_subtitles(CUES, tmp_path / f"film{suffix}", replace(LOOK, box=True))
    vtt = (tmp_path / "film.vtt").read_text(encoding="utf-8")
    assert re.findall(r"<c\.\w+\.bg_black>(.*)</c>", html.unescape(vtt)) == lines
    tt = "{http://www.w3.org/ns/ttml}"
    root = ET.parse(tmp_path / "film.ttml").getroot()
    spans = [one for one in root.iter(f"{tt}span") if one.get("style") == "box"]
    assert [one.text for one in spans] == lines
    styles = {one.get("{http://www.w3.org/XML/1998/namespace}id"): one for one in root.iter()}
    assert styles["box"].get("{http://www.w3.org/ns/ttml#styling}backgroundColor") == "#000000FF"


def test_a_box_is_black_in_the_picture_and_lets_the_text_be_read(tmp_path: Path) -> None:
    """On a white film only a box has black that goes on from its left to its right."""
    frames = {}
    for name, look in (("box", replace(LOOK, box=True)), ("outline", LOOK)):
        write_subtitles(CUES[1:2], tmp_path / f"{name}.ass", look)
        white = ["-f", "lavfi", "-i", "color=white:s=640x360:r=1:d=6"]
        shown = ["-vf", f"ass={name}.ass", "-ss", "5", "-frames:v", "1", "-pix_fmt", "rgb24"]
        ffmpeg(*white, *shown, "-f", "rawvideo", f"{name}.raw", cwd=tmp_path)
        raw = (tmp_path / f"{name}.raw").read_bytes()
        frames[name] = numpy.frombuffer(raw, numpy.uint8).reshape(360, 640, 3).astype(int)
    black = {name: frame.max(axis=2) < 40 for name, frame in frames.items()}
    rows = black["box"].sum(axis=1)
    wide, narrow = numpy.unique(rows[rows > 0])[-1], black["outline"].sum(axis=1).max()
    assert wide > 2 * narrow
    top, bottom = numpy.flatnonzero(rows)[[0, -1]]
    above_the_letters = numpy.flatnonzero(black["box"][top + 3])
    assert len(above_the_letters) == numpy.ptp(above_the_letters) + 1 > 200
    assert bottom - top > 30
    red, green, blue = (frames["box"][..., one] for one in range(3))
    assert ((red > 150) & (green > 150) & (blue < 90)).sum() > 150


@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize("suffix", [".srt", ".vtt"])
def test_ffmpeg_and_so_the_film_sees_the_colour_or_at_least_no_markup(
    tmp_path: Path, suffix: str, box: bool
) -> None:
    path = tmp_path / f"film{suffix}"
    write_subtitles(CUES, path, replace(LOOK, box=box))
    ffmpeg("-i", path, "-c:s", "ass", tmp_path / "shown.ass")
    shown = (tmp_path / "shown.ass").read_text(encoding="utf-8")
    assert "<" not in shown and shown.count("Dialogue:") == len(CUES)
    if suffix == ".srt":
        assert "{\\c&HFFFF&}" in shown and "{\\c&HFF00&}" in shown


@pytest.mark.parametrize(
    ("raw", "kind", "names"),
    [
        ("<font color='Yellow' size=3>Yes</font>", "srt", ("yellow",)),
        ('<FONT face="Arial" COLOR="#00ffff">Yes</FONT>', "srt", ("cyan",)),
        ("<c.loud.lime.bg_black>Yes</c> <c.magenta>No</c>", "vtt", ("green", "magenta")),
        ("{\\c&H00FFFF&}Yes {\\1c&HFF&}No", "ass", ("yellow", "#FF0000")),
        ("Yes, what color=red is", "srt", ()),
    ],
)
def test_colours_are_read_from_markup(raw: str, kind: str, names: tuple[str, ...]) -> None:
    assert colours_in(raw, kind) == names


def test_a_colour_with_and_without_alpha_is_the_same() -> None:
    assert [name_of(one) for one in ("#00FF00FF", "lime", "#abcdef")] == [
        "green",
        "green",
        "#ABCDEF",
    ]


def test_ttml_colours_come_from_styles_and_parents_too(tmp_path: Path) -> None:
    path = tmp_path / "film.ttml"
    path.write_text(
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling">'
        '<head><styling><style xml:id="a" tts:color="aqua"/></styling></head><body><div>'
        '<p begin="1s" end="3s" style="a">Yes.</p>'
        '<p begin="4s" end="6s" tts:color="red">No<br/><span tts:color="white">Why?</span></p>'
        "</div></body></tt>",
        encoding="utf-8",
    )
    assert [cue.colours for cue in read_source(path).cues] == [("cyan",), ("red", "white")]
