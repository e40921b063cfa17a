#!/usr/bin/env python3
"""
Title: title and year of a film from its file name.

Usage:
    from shared.media.title import parse_title

    parse_title("Jaane.Tu.Ya.Jaane.Na.2008.1080p.mkv")  # ('Jaane Tu Ya Jaane Na', 2008)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# What guessit takes out of a title and people say with it: two parts are two films.
WORDS = {"part": "Part {}", "volume": "Vol. {}", "other": "{}"}
SAID = {"Trailer"}


def parse_title(file_name: str) -> tuple[str, int | None]:
    """Return title and year as the file name says them.

    Args:
        file_name: A name with or without folders, of a film or of an episode.

    Returns:
        The title (never empty; the bare name where nothing better is found) and the year or None.
    """
    from guessit import guessit  # costs 0.2 s: only when a job is prepared without --title

    name = Path(file_name).name
    # guessit trips over control characters; the name itself is never changed by this.
    readable = "".join(char if char.isprintable() else " " for char in name)
    found = guessit(readable)
    title, year = found.get("title"), found.get("year")
    episode = found.get("season"), found.get("episode")
    text = str(title).strip() if title else ""
    if text and all(isinstance(number, int) for number in episode):
        text += f" S{episode[0]:02d}E{episode[1]:02d}"
    if text:
        text += "".join(f" {_found_word(found, key)}" for key in WORDS if _found_word(found, key))
    return text or Path(readable).stem.strip() or "film", year if isinstance(year, int) else None


def _found_word(found: Mapping[str, object], key: str) -> str:
    """Return a word of a title that guessit holds apart: 'Part 2', 'Trailer'; '' without one."""
    value = found.get(key)
    values = value if isinstance(value, list) else [value]
    kept = [one for one in values if isinstance(one, int) or one in SAID]
    return WORDS[key].format(kept[0]) if kept else ""
