#!/usr/bin/env python3
"""
Header: what a subtitle file itself says of its language, where its name says nothing.

Usage:
    from shared.subtitles.files.header import header_language

    header_language(read_source(Path("Film.ttml")))    # 'hi' by xml:lang="hi"
"""

from __future__ import annotations

import re

from shared.core.errors import InputError
from shared.core.languages import parse_language
from shared.subtitles.files.names import UNDETERMINED
from shared.subtitles.files.source import SourceFile
from shared.subtitles.reading.times import LINE_END

LANGUAGES = {
    "ttml": re.compile(r"""<(?:\w+:)?tt\s[^>]*?xml:lang\s*=\s*["']([\w-]+)"""),
    "vtt": re.compile(r"\AWEBVTT[^\n]*\n(?:[^\n]+\n)*?Language:[ \t]*([\w-]+)"),
}
LONGEST_HEADER = 10_000  # characters


def header_language(source: SourceFile) -> str:
    """Return the BCP-47 language that a file names in its header; und = none, or none known.

    Args:
        source: TTML has it at its root, WebVTT in a line of its own; SRT and ASS have none.
    """
    if source.format not in LANGUAGES:
        return UNDETERMINED
    header = "\n".join(LINE_END.split(source.text[:LONGEST_HEADER]))
    found = LANGUAGES[source.format].search(header)
    try:
        return parse_language(found[1]) if found else UNDETERMINED
    except InputError:
        return UNDETERMINED
