#!/usr/bin/env python3
"""
Formats: cues to SRT, WebVTT and ASS files.

Usage:
    from shared.subtitles.formats import write_subtitles

    write_subtitles(cues, stage_io.get_output_path("Film.en.srt"))
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pysubs2

from shared.core.files import write_text
from shared.subtitles.cue import Cue

FORMATS = {".srt": "srt", ".vtt": "vtt", ".ass": "ass"}
MILLISECONDS = 1000


def write_subtitles(cues: Sequence[Cue], path: Path) -> None:
    """Write cues in the format that the file's suffix names.

    Args:
        cues: In order of time.
        path: The file: .srt, .vtt or .ass; UTF-8 without a byte order mark.
    """
    subtitles = pysubs2.SSAFile()
    for cue in cues:
        event = pysubs2.SSAEvent(
            start=round(cue.start * MILLISECONDS), end=round(cue.end * MILLISECONDS)
        )
        event.plaintext = cue.text
        subtitles.append(event)
    write_text(path, subtitles.to_string(FORMATS[path.suffix]))


def read_subtitles(path: Path) -> list[Cue]:
    """Read cues from a subtitle file of any format that pysubs2 knows.

    Args:
        path: The file.
    """
    return [
        Cue(event.start / MILLISECONDS, event.end / MILLISECONDS, event.plaintext)
        for event in pysubs2.load(str(path), encoding="utf-8")
        if not event.is_comment
    ]
