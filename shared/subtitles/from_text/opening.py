#!/usr/bin/env python3
"""
Opening: a subtitle file that anybody may have made, in whichever encoding it is.

Usage:
    from shared.subtitles.from_text.opening import open_text

    source, encoding = open_text(Path("Film.ru.srt"), "ru")     # …, 'CP1251'
"""

from __future__ import annotations

from pathlib import Path

from shared.subtitles.files.source import SourceFile, examine_source
from shared.subtitles.reading.source_text import other_encoding


def open_text(path: Path, language: str) -> tuple[SourceFile, str]:
    """Read a file and whatever can be read of it, and tell its encoding where it was found out.

    Args:
        path: The file; its suffix says what it is.
        language: BCP-47 of its text: by its letters the encoding is found.

    Returns:
        The file, and the encoding's name; "" where the file tells it itself.

    Raises:
        InputError: None of it can be read.
    """
    encoding = other_encoding(path, language) if path.is_file() else ""
    return examine_source(path, encoding), encoding
