#!/usr/bin/env python3
"""
Placing: how SRT, WebVTT and ASS say that a cue stands somewhere else than at the foot.

Usage:
    from shared.subtitles.files.placing import place_sign, placed

    place_sign(8, "ass")      # '{\\\\an8}'
"""

from __future__ import annotations

import re

# Where cues stand that say nothing, as a keypad lies.
USUAL = 2
# pysubs2 writes no places into SRT and WebVTT: this stands for one until the text is written.
MARK = "\ue020"
MARKED = re.compile(f"{MARK}([1-9])")
MARKED_CUE = re.compile(f"^(.*-->.*)\n{MARK}([1-9])", re.MULTILINE)
LINES = ("", " line:50%", " line:0")
COLUMNS = (" position:5% align:left", "", " position:95% align:right")


def place_sign(alignment: int, kind: str) -> str:
    """Return what stands in front of the text of a cue.

    Args:
        alignment: As a keypad lies.
        kind: srt, vtt or ass.
    """
    return f"{{\\an{alignment}}}" if kind == "ass" else f"{MARK}{alignment}"


def placed(text: str, kind: str) -> str:
    """Return a written file with its places.

    Args:
        text: The file with place_sign().
        kind: srt, vtt or ass.
    """
    if kind == "vtt":
        return MARKED_CUE.sub(_with_settings, text)
    return MARKED.sub(r"{\\an\1}", text)


def _with_settings(found: re.Match[str]) -> str:
    row, column = divmod(int(found[2]) - 1, 3)
    return f"{found[1]}{LINES[row]}{COLUMNS[column]}\n"
