#!/usr/bin/env python3
"""
Text fixing: the text of one cue tidied, its markup kept.

Usage:
    from shared.subtitles.checking.text_fixing import mend_text

    mend_text(cue, "srt", limits).raw
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking import ttml_fixing
from shared.subtitles.checking.guard import words
from shared.subtitles.layout.tidy import laid_out, one_ellipsis, tidy_text
from shared.subtitles.reading.markup import BRACES, SRT_TAG, VTT_TAG, shown_text, unescape

TAGS = {
    "srt": f"(?:{SRT_TAG.pattern}|{BRACES.pattern})",
    "vtt": VTT_TAG.pattern,
    "ass": r"\{[^}]*\}",
    "ssa": r"\{[^}]*\}",
    "ttml": r"<[^<>]+>",
}
TAG = {kind: re.compile(f"({tag})", re.IGNORECASE) for kind, tag in TAGS.items()}
WRAPPED = {
    kind: re.compile(rf"((?:{tag})*)(.*?)((?:{tag})*)", re.DOTALL | re.IGNORECASE)
    for kind, tag in TAGS.items()
}
# Beyond it a text is no subtitle, and laying it out would take hours.
LONGEST_LAID_OUT = 2000  # characters


def mend_text(cue: SourceCue, kind: str, limits: ReadingLimits) -> SourceCue:
    """Return a cue with its text tidied, as it was where a reader would then miss a word.

    Args:
        cue: Of a file.
        kind: srt, vtt, ass, ssa or ttml.
        limits: How its profile writes text.
    """
    if kind == "ttml":
        return _mend_paragraph(cue, limits)
    mended = _tidied(cue, kind, limits)
    is_changed = mended.raw != cue.raw
    is_lost = is_changed and words(shown_text(mended.raw, kind)) != words(cue.text)
    return cue if is_lost else mended


def _tidied(cue: SourceCue, kind: str, limits: ReadingLimits) -> SourceCue:
    """Return a cue with its text tidied; where markup stands inside it, only the signs."""
    raw = cue.raw.replace("\\N", "\n")
    found = WRAPPED[kind].fullmatch(raw)
    is_simple = found is not None and not TAG[kind].search(found[2]) and "\\" not in found[2]
    if found is None or not is_simple or len(found[2]) > LONGEST_LAID_OUT:
        return replace(cue, raw=_between_tags(raw, kind, limits))
    text = unescape(found[2]) if kind == "vtt" else found[2]
    tidied = laid_out(tidy_text(text, limits, cue.is_lyrics), limits)
    if tidied == text:
        return replace(cue, raw=raw)
    written = html.escape(tidied, quote=False) if kind == "vtt" else tidied
    return replace(cue, text=tidied, raw=found[1] + written + found[3])


def _mend_paragraph(cue: SourceCue, limits: ReadingLimits) -> SourceCue:
    """Return a cue of TTML with its text tidied; where elements stand inside it, only the signs."""
    if not ttml_fixing.is_readable(cue.raw):
        return cue
    found = WRAPPED["ttml"].fullmatch(ttml_fixing.content_lines(cue.raw))
    is_simple = found is not None and ttml_fixing.shown_as(found[2]) == cue.text
    if found is None or not is_simple or len(cue.text) > LONGEST_LAID_OUT:
        return replace(cue, raw=_between_tags(cue.raw, "ttml", limits))
    tidied = laid_out(tidy_text(cue.text, limits, cue.is_lyrics), limits)
    if tidied == cue.text:
        return cue
    return replace(cue, text=tidied, raw=found[1] + ttml_fixing.written(tidied, cue.raw) + found[3])


def _between_tags(raw: str, kind: str, limits: ReadingLimits) -> str:
    """Return text with markup inside it: what is mended lies between two tags."""
    pieces = TAG[kind].split(raw)
    return "".join(
        one_ellipsis(piece, limits) if number % 2 == 0 else piece
        for number, piece in enumerate(pieces)
    )
