#!/usr/bin/env python3
"""
Picture: how large letters that are drawn into a picture should be.

Usage:
    from shared.subtitles.files.picture import readable_size, too_small

    readable_size(480, 204, widest=22.0, is_latin=False)    # 17.0: their em in pixels
"""

from __future__ import annotations

from shared.core.languages import language_name
from shared.subtitles.files.fonts import USUAL_SHARE
from shared.transcript.languages.alphabets import LATIN, script_of

# The least em that can be read, in pixels: Latin letters are simple, those of other scripts have
# strokes above and below.
LEAST_LATIN, LEAST_OTHER = 13.0, 17.0
LAST_LATIN = 0x24F
# Larger letters than this share of the height would hide the picture.
MOST_SHARE = 0.1
MOST_HEIGHT = 1 << 16
# Of the width of the picture, for the widest line.
WIDEST = 0.95


def readable_size(width: int, height: int, widest: float, is_latin: bool) -> float:
    """Return how large letters should be: their em in pixels.

    Args:
        width: Of the picture, in pixels.
        height: Of the same.
        widest: Width of the widest line, in ems.
        is_latin: Whether all letters are Latin ones.
    """
    least = least_size(height, is_latin)
    fitting = WIDEST * width / widest if widest else height
    return max(least, min(height * USUAL_SHARE, fitting))


def least_size(height: int, is_latin: bool) -> float:
    """Return how small letters may become: their em in pixels.

    Args:
        height: Of the picture, in pixels; in a very small one they stay below what can be read.
        is_latin: Whether all letters are Latin ones.
    """
    return min(LEAST_LATIN if is_latin else LEAST_OTHER, MOST_SHARE * height)


def is_plain(text: str) -> bool:
    """Return whether all letters of a text are Latin ones.

    Args:
        text: Any text.
    """
    return all(ord(char) <= LAST_LATIN for char in text if char.isalpha())


def too_small(width: int, height: int, language: str) -> list[str]:
    """Return a line where letters cannot be large enough to be read in a picture, else nothing.

    Args:
        width: Of the picture, in pixels.
        height: Of the same; 0 where there is none.
        language: BCP-47.
    """
    is_latin = script_of(language) == LATIN
    size, least = least_size(height, is_latin), least_size(MOST_HEIGHT, is_latin)
    if not height or size >= least:
        return []
    return [
        f"A picture of {width}x{height} is small for burnt-in {language_name(language)}: "
        f"letters of {size:.0f} pixels, {least:.0f} can be read"
    ]
