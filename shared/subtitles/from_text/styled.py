#!/usr/bin/env python3
"""
Styled: the lines of a cue of a file, and which of them are in italics from end to end.

Usage:
    from shared.subtitles.from_text.styled import styled_lines

    styled_lines(cue, "srt")        # [Line('- Qui est là ?', True), Line('- Moi.', False)]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.reading.markup import shown_text, unescape

# They stand in for the beginning and the end of italics while other markup is read.
ON, OFF = "\ue010", "\ue011"
TAG = re.compile(r"<\s*(/?)\s*i(?:\.[^<>]*|\s[^<>]*)?\s*>", re.IGNORECASE)
GROUP = re.compile(r"\{[^{}]*\}")
SWITCH = re.compile(r"\\i([01])(?![\w(])|\\r")
# Of TTML: what says itself that it is in italics, and does not only refer to a style.
SLANTED = re.compile(
    r"""<(?:\w+:)?span\b[^<>]*\bfontStyle\s*=\s*["'](?:italic|oblique)["'][^<>]*>"""
    r"([^<>]*)</(?:\w+:)?span\s*>"
)
BREAK = re.compile(r"\s*<(?:\w+:)?br\b[^<>]*/>\s*")
WITH_MARKUP = frozenset({"srt", "vtt", "ass", "ssa"})


@dataclass(frozen=True)
class Line:
    """A line as it is shown, and whether all of it is in italics."""

    text: str
    is_italic: bool


def styled_lines(cue: SourceCue, kind: str) -> list[Line]:
    """Return the lines of a cue that show something.

    Args:
        cue: Of a file.
        kind: The format of the file.
    """
    marked = _marked(cue, kind)
    lines, slanted = [], False
    for line in marked.split("\n"):
        text, upright, inside, shown = "", False, False, False
        for char in line:
            if char in (ON, OFF):
                slanted = char == ON
                continue
            text += char
            shown = shown or not char.isspace()
            inside = inside or (slanted and not char.isspace())
            upright = upright or (char.isalnum() and not slanted)  # a dash may stand outside
        if shown:
            lines.append(Line(text.strip(), inside and not upright))
    return lines


def _marked(cue: SourceCue, kind: str) -> str:
    """Return the text of a cue with signs for italics."""
    if kind in WITH_MARKUP and cue.is_italic:
        raw = TAG.sub(lambda tag: OFF if tag[1] else ON, cue.raw)
        shown = shown_text(GROUP.sub(_switched, raw), kind)
        if shown.translate({ord(ON): None, ord(OFF): None}) == cue.text and ON in shown:
            return shown
        # Of a style that is in italics: no sign says so.
        return cue.text if ON in shown else f"{ON}{cue.text}"
    if kind == "ttml" and cue.is_italic:
        spans = SLANTED.sub(rf"{ON}\1{OFF}", BREAK.sub("\n", re.sub(r"\s+", " ", cue.raw)))
        shown = unescape(re.sub(r"<[^<>]*>", "", spans))
        if ON in shown and shown.translate({ord(ON): None, ord(OFF): None}) == cue.text:
            return shown
    return f"{ON}{cue.text}" if cue.is_italic else cue.text


def _switched(group: re.Match[str]) -> str:
    """Return a group of signs of ASS, and behind it what it switches."""
    found = [OFF if one[1] != "1" else ON for one in SWITCH.finditer(group[0])]
    return group[0] + "".join(found[-1:])
