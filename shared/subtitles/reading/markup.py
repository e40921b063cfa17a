#!/usr/bin/env python3
"""
Markup: the tags and references inside the text of one cue, as players know them.

What no player knows as markup is text: `I <3 you`, `{sighs}`, `<bob@example.org>`.

Usage:
    from shared.subtitles.reading.markup import refuse_too_many_tags, shown_text, without_tags

    shown_text("<i>One</i>\\ntwo", "srt")        # 'One' and 'two'
    without_tags("<i>One</i>")                 # 'One' in signs of ASS for italics
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pysubs2

from shared.core.errors import InputError

# A karaoke line has a few dozen; pysubs2 goes over the whole text once for each.
MOST_TAGS = 500
# They stand in for line ends, colons and signs that are text: to pysubs2, two times in a line begin
# another cue, and a number alone in the last line is the next one's.
BREAK, COLON, LESS = "\\N", "\uffff", "\ufdd0"
ITALIC = {
    "srt": re.compile(r"<\s*i\s*>|\{[^}]*\\i1", re.IGNORECASE),
    "vtt": re.compile(r"<i[\s.>]"),
    "ass": re.compile(r"\\i1"),
}
# In SRT: the tags that players know, with spaces as people type them.
SRT_TAG = re.compile(r"<\s*/?\s*(?:[bisu]|font(?:\s[^<>]*)?|br\s*/?)\s*>", re.IGNORECASE)
LINE_TAG = re.compile(r"<\s*br\s*/?\s*>", re.IGNORECASE)
# Signs of ASS ({\\an8}) and of MicroDVD ({y:i}), which players of SRT know as well.
BRACES = re.compile(r"\{\\[^{}]*\}|\{[CFOPSYcfopsy]:[^{}]*\}")
# In WebVTT everything between these is a tag, also one that nobody knows.
VTT_TAG = re.compile(r"<[^>]*>?")
SIMPLE = re.compile(r"<\s*(/?)\s*([bius])[\s.>]", re.IGNORECASE)


def refuse_too_many_tags(text: str, path: Path, line: int) -> None:
    """Refuse a text that would take hours to read.

    Args:
        text: The text of one cue as the file has it.
        path: The file, for the message.
        line: The line of the cue, for the message.

    Raises:
        InputError: When it opens more than MOST_TAGS tags.
    """
    if text.count("{") + text.count("<") > MOST_TAGS:
        raise InputError(
            f"{path}:{line}: more than {MOST_TAGS} tags in one cue", hint="Is it a subtitle file?"
        )


def unescape(text: str) -> str:
    """Return text with its HTML references resolved.

    Args:
        text: As WebVTT has it.
    """
    try:
        return html.unescape(text)
    except ValueError:  # a character's number of thousands of digits
        return text


def without_tags(text: str, kind: str = "srt") -> str:
    """Return the text of one cue with italics as ASS writes them and other tags left out.

    Args:
        text: As SRT or WebVTT has it.
        kind: Which of them.
    """
    if "<" not in text:
        return text.replace("\n", BREAK)
    tag = SRT_TAG if kind == "srt" else VTT_TAG
    pieces = re.split(f"({tag.pattern})", text, flags=re.IGNORECASE)
    known = "".join(
        _known(piece) if number % 2 else piece.replace("<", LESS)
        for number, piece in enumerate(pieces)
    )
    bare = known.replace("\n", BREAK).replace(":", COLON)
    read = pysubs2.SSAFile.from_string(f"00:00:00,000 --> 00:00:01,000\n{bare}", format_="srt")
    return str(read[0].text).replace(COLON, ":").replace(LESS, "<")


def _known(tag: str) -> str:
    """Return a tag as pysubs2 knows it: of WebVTT's without classes, none of the others."""
    if LINE_TAG.fullmatch(tag):
        return "\n"
    found = SIMPLE.match(tag)
    return f"<{found[1]}{found[2].lower()}>" if found else ""


def shown_text(raw: str, kind: str) -> str:
    """Return what is shown of the text of a cue.

    Args:
        raw: The text with all markup.
        kind: srt, vtt, ass or ssa.
    """
    if kind == "vtt":
        return unescape(VTT_TAG.sub("", raw))
    if kind in ("ass", "ssa"):
        return str(pysubs2.SSAEvent(text=raw.replace("\n", BREAK)).plaintext)
    if "<" in raw:
        raw = SRT_TAG.sub("", LINE_TAG.sub("\n", raw))
    if "{" in raw:
        raw = BRACES.sub("", raw)
    return raw.replace("\\N", "\n").replace("\\h", " ")


def is_italic(raw: str, kind: str) -> bool:
    """Return whether some of the text of a cue is in italics.

    Args:
        raw: The text with all markup.
        kind: srt, vtt, ass or ssa.
    """
    return bool(ITALIC["ass" if kind == "ssa" else kind].search(raw))
