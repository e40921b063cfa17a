#!/usr/bin/env python3
"""
Formats: cues to SRT, WebVTT and ASS files.

Usage:
    from shared.subtitles.formats import write_subtitles

    write_subtitles(cues, stage_io.get_output_path("Film.en.srt"))
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pysubs2
import regex

from shared.core.files import write_text
from shared.subtitles.cue import Cue

FORMATS = {".srt": "srt", ".vtt": "vtt", ".ass": "ass"}
MILLISECONDS = 1000
# What some format or player takes for markup, with no escape that all of them know, is written
# with its full-width form: it stays readable, and NFKC gives the plain character back.
LOOK_ALIKES = str.maketrans({"{": "｛", "}": "｝", "\\": "＼"})
TAG_START = regex.compile(r"<(?=[/!?\p{L}\d])")
LEFT_OUT = frozenset({"Cc", "Zl", "Zp", "Cs"})


def write_subtitles(cues: Sequence[Cue], path: Path) -> None:
    """Write cues in the format that the file's suffix names.

    Args:
        cues: In order of time; one without any text is left out.
        path: The file: .srt, .vtt or .ass; UTF-8 without a byte order mark.
    """
    subtitles = pysubs2.SSAFile()
    for cue in cues:
        event = pysubs2.SSAEvent(
            start=round(cue.start * MILLISECONDS), end=round(cue.end * MILLISECONDS)
        )
        event.plaintext = _literal(cue.text, path.suffix)
        if event.plaintext:
            subtitles.append(event)
    write_text(path, subtitles.to_string(FORMATS[path.suffix]))


def read_subtitles(path: Path) -> list[Cue]:
    """Read cues from a subtitle file of any format that pysubs2 knows.

    Args:
        path: The file.
    """
    cues: list[Cue] = []
    for event in pysubs2.load(str(path), encoding="utf-8"):
        if not event.is_comment:
            text = html.unescape(event.plaintext) if path.suffix == ".vtt" else event.plaintext
            cues.append(Cue(event.start / MILLISECONDS, event.end / MILLISECONDS, text))
    return cues


def _literal(text: str, suffix: str) -> str:
    """Return text that every reader of the format shows as it is, without empty lines."""
    readable = "".join(
        " " if unicodedata.category(char) in LEFT_OUT and char != "\n" else char for char in text
    )
    lines = [line.strip() for line in readable.translate(LOOK_ALIKES).split("\n")]
    literal = "\n".join(line for line in lines if line).replace("-->", "→")
    if suffix == ".vtt":
        return html.escape(literal, quote=False)
    return TAG_START.sub("＜", literal) if suffix == ".srt" else literal
