#!/usr/bin/env python3
"""
Colours: who speaks most is white, the same voice has one colour everywhere, every format keeps it.

Usage:
    pytest tests/unit/test_colours.py
"""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.subtitles.colours import COLOURS, colours_in, line_colours, name_of, speaker_colours
from shared.subtitles.cue import Cue
from shared.subtitles.formats import Look, write_subtitles
from shared.subtitles.lint import lint_source
from shared.subtitles.phrase import phrase_from_segment
from shared.subtitles.profiles import limits_for
from shared.subtitles.shaping import shape_cues
from shared.subtitles.source import read_source
from shared.transcript.schemas import Segment
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


@pytest.mark.parametrize("suffix", [".srt", ".vtt"])
def test_ffmpeg_and_so_the_film_sees_the_colour_or_at_least_no_markup(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"film{suffix}"
    write_subtitles(CUES, path, LOOK)
    ffmpeg("-i", path, "-c:s", "ass", tmp_path / "shown.ass")
    shown = (tmp_path / "shown.ass").read_text(encoding="utf-8")
    assert "<" not in shown
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
