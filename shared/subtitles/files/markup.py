#!/usr/bin/env python3
"""
Markup: the tags and references inside the text of one cue, read by pysubs2.

Usage:
    from shared.subtitles.files.markup import refuse_too_many_tags, unescape, without_tags

    without_tags("<i>One</i>\\ntwo")   # '{\\i1}One{\\i0}\\Ntwo'
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pysubs2

from shared.core.errors import InputError

# A karaoke line has a few dozen; pysubs2 goes over the whole text once for each.
MOST_TAGS = 500
# They stand in for line ends and colons: to pysubs2, two times in a line begin another cue, and a
# number alone in the last line is the next one's.
BREAK, COLON = "\\N", "\uffff"
ITALIC = re.compile(r"\\i1")


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


def without_tags(text: str) -> str:
    """Return the text of one cue with italics as ASS writes them and other tags left out.

    Args:
        text: As SRT or WebVTT has it.
    """
    if "<" not in text:
        return text.replace("\n", BREAK)
    bare = text.replace("\n", BREAK).replace(":", COLON)
    read = pysubs2.SSAFile.from_string(f"00:00:00,000 --> 00:00:01,000\n{bare}", format_="srt")
    return str(read[0].text).replace(COLON, ":")
