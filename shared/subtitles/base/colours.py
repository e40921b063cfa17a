#!/usr/bin/env python3
"""
Colours: one for each speaker, for broadcasters who tell speakers apart by them.

Usage:
    from shared.subtitles.base.colours import colours_in, speaker_colours, with_colours

    colours = speaker_colours(transcript.segments, limits.colours)  # {"SPEAKER_00": "white", …}
    text = with_colours(cue.text, cue.speakers, colours, "srt")
    colours_in('<font color="#FFFF00">Yes.</font>', "srt")          # ("yellow",)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shared.transcript.records.schemas import Segment

WHITE = "white"
# What broadcasters call green is the brightest one, which the web calls lime.
COLOURS = {WHITE: "#FFFFFF", "yellow": "#FFFF00", "cyan": "#00FFFF", "green": "#00FF00"}
OTHER_NAMES = {"aqua": "cyan", "lime": "green"}
NAMES = {value: name for name, value in COLOURS.items()}
# The classes of colour that every player of WebVTT knows.
VTT_CLASSES = frozenset("white lime cyan red yellow magenta blue black".split())
# Its background is black in every player; ffmpeg reads no cue of a file with a style sheet.
VTT_BLACK = ".bg_black"
MARKUP = {
    "srt": re.compile(r"<font[^<>]*\bcolor\s*=\s*[\"']?([#\w]+)", re.IGNORECASE),
    "vtt": re.compile(r"<c\.([\w.-]+)"),
    "ass": re.compile(r"\\1?c&H([0-9A-Fa-f]{1,8})"),
}


def speaker_colours(segments: Sequence[Segment], palette: Sequence[str]) -> dict[str, str]:
    """Return the colour of each speaker: who speaks most has the first one.

    Args:
        segments: What is said, with who says it.
        palette: Colours in order of priority; speakers beyond them have none of their own.
    """
    seconds: dict[str, float] = {}
    for segment in segments:
        if segment.speaker and not segment.is_lyrics:
            spoken = seconds.get(segment.speaker, 0.0)
            seconds[segment.speaker] = spoken + segment.duration
    order = sorted(seconds, key=lambda speaker: (-seconds[speaker], speaker))
    return dict(zip(order, palette, strict=False))


def line_colours(
    count: int, speakers: Sequence[str | None], colours: Mapping[str, str]
) -> list[str]:
    """Return the colour of each line of a cue; white where nobody else is known to speak.

    Args:
        count: Number of lines.
        speakers: Who says each of them, or one who says them all.
        colours: Of the speakers.
    """
    each = list(speakers) * count if len(speakers) == 1 else list(speakers)
    each += [None] * (count - len(each))
    return [colours.get(speaker or "", WHITE) for speaker in each[:count]]


def with_colours(
    text: str,
    speakers: Sequence[str | None],
    colours: Mapping[str, str],
    kind: str,
    box: bool = False,
) -> str:
    """Return a cue's text with the markup of its speakers' colours; white is what all text is.

    Args:
        text: Its lines, as the format writes them.
        speakers: Who says each of them, or one who says them all.
        colours: Of the speakers.
        kind: srt, vtt or ass.
        box: Whether WebVTT says that each line stands on black; ASS says it in its styles.
    """
    lines = text.split("\n")
    each = line_colours(len(lines), speakers, colours)
    classes = VTT_BLACK if box and kind == "vtt" else ""
    return "\n".join(
        line if colour == WHITE and not classes else _dressed(line, colour, kind, classes)
        for line, colour in zip(lines, each, strict=True)
    )


def colours_in(raw: str, kind: str) -> tuple[str, ...]:
    """Return the colours that the markup of a cue names, in order.

    Args:
        raw: Its text with all markup.
        kind: srt, vtt, ass or ssa.
    """
    found = MARKUP["ass" if kind == "ssa" else kind].findall(raw)
    if kind == "vtt":
        found = [one for names in found for one in names.split(".") if one in VTT_CLASSES]
    elif kind in ("ass", "ssa"):
        found = [_from_ass(value) for value in found]
    return tuple(dict.fromkeys(name_of(one) for one in found))


def name_of(colour: str) -> str:
    """Return what a colour is called here; one without a name is its own.

    Args:
        colour: A name, #RRGGBB or #RRGGBBAA.
    """
    if colour.startswith("#"):
        return NAMES.get(colour[:7].upper(), colour[:7].upper())
    return OTHER_NAMES.get(colour.lower(), colour.lower())


def _from_ass(value: str) -> str:
    """Return #RRGGBB of the digits BBGGRR, of which leading zeros may be left out."""
    digits = value.rjust(6, "0")[-6:]
    return f"#{digits[4:6]}{digits[2:4]}{digits[:2]}"


def _dressed(line: str, colour: str, kind: str, classes: str) -> str:
    value = COLOURS[colour]
    if kind == "srt":
        return f'<font color="{value}">{line}</font>'
    if kind == "vtt":
        names = {name: one for one, name in OTHER_NAMES.items() if one in VTT_CLASSES}
        return f"<c.{names.get(colour, colour)}{classes}>{line}</c>"
    red, green, blue = value[1:3], value[3:5], value[5:7]
    return f"{{\\1c&H{blue}{green}{red}&}}{line}{{\\1c}}"
