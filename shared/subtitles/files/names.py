#!/usr/bin/env python3
"""
Names: subtitle files as media servers (Jellyfin, Plex, Kodi) expect them beside a film.

Usage:
    from shared.subtitles.files.names import parse_name, subtitle_name

    subtitle_name("Film (2020)", "en", ".srt", "sdh")  # 'Film (2020).en.sdh.srt'
    parse_name("Film (2020).en.sdh.srt").language      # 'en'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from shared.core.errors import InputError
from shared.core.languages import parse_language

# full = all that is said, sdh = sounds as well, forced = only what the audience cannot follow.
TrackKind = Literal["full", "sdh", "forced"]
KIND_WORDS: dict[str, TrackKind] = {
    "sdh": "sdh",
    "cc": "sdh",
    "hi": "sdh",
    "forced": "forced",
    "foreign": "forced",
    "full": "full",
}
# In capitals only two letters: WEB, HDR and DTS are languages as well.
TAG = re.compile(r"([a-z]{2,3}|[A-Z]{2})([-_][A-Za-z0-9]{2,8})*", re.ASCII)
UNDETERMINED = "und"


@dataclass(frozen=True)
class SubtitleName:
    """What the name of a subtitle file says."""

    title: str
    language: str
    kind: TrackKind


def subtitle_name(title: str, language: str, suffix: str = "", kind: TrackKind = "full") -> str:
    """Return the name of a subtitle file.

    Args:
        title: 'Title (Year)', as the film's own file is called.
        language: BCP-47.
        suffix: With its point; empty = the name without one.
        kind: What the track holds.
    """
    return f"{title}.{language}{'' if kind == 'full' else f'.{kind}'}{suffix}"


def parse_name(name: str) -> SubtitleName:
    """Return what a file's name says of its language and kind; und where it says nothing.

    Args:
        name: With or without suffix and folder; 'Film.en.hi.srt' is for the hard of hearing,
            'Film.hi.srt' is Hindi.
    """
    parts = re.split(r"[/\\]", name)[-1].split(".")
    parts = parts[:-1] if len(parts) > 1 else parts
    kind: TrackKind = "full"
    while len(parts) > 1 and parts[-1].lower() in KIND_WORDS | {"default": ""}:
        is_language = _language(parts[-1]) and not (len(parts) > 2 and _language(parts[-2]))
        if is_language:
            break
        kind = KIND_WORDS.get(parts.pop().lower(), kind)
    found = _language(parts[-1]) if len(parts) > 1 else None
    return SubtitleName(".".join(parts[:-1] if found else parts), found or UNDETERMINED, kind)


def _language(part: str) -> str | None:
    """Return the BCP-47 tag of a part of a name, None when it is no language."""
    if part.lower() in ("cc", "sdh") or not TAG.fullmatch(part):
        return None
    try:
        return parse_language(part.replace("_", "-"))
    except InputError:
        return None
