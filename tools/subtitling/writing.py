#!/usr/bin/env python3
"""
Writing: a subtitle file that appears whole or not at all.

Usage:
    from tools.subtitling.writing import write_whole

    write_whole(path, text)
"""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.core.errors import InputError
from shared.core.files import draft_of, write_text
from shared.subtitles.files.source import SourceFile

# Formats that can be written as they were.
FORMATS = ("srt", "vtt", "ass", "ssa", "ttml")


def write_whole(path: Path, text: str) -> None:
    """Write a file; one that is replaced keeps its permissions.

    Args:
        path: A new name, or the file itself.
        text: Its content.
    """
    with draft_of(path) as draft:
        write_text(draft, text)
        if path.exists():
            shutil.copymode(path, draft)


def refuse_unwritten(source: SourceFile) -> None:
    """Refuse a file of a format that is only read.

    Args:
        source: The file.

    Raises:
        InputError: It is one.
    """
    if source.format not in FORMATS:
        raise InputError(
            f"{source.path}: {source.path.suffix} is read and not written",
            hint="tools/subtitles.py convert it to .srt",
        )
