#!/usr/bin/env python3
"""
Track names: which subtitle track is switched on or drawn into the picture, by the settings.

Usage:
    from shared.media.mux.names import default_track

    default_track(["en", "hi"], wanted="auto", burnt_in="")     # 'en'
"""

from __future__ import annotations

import string
from collections.abc import Sequence

from shared.core.errors import InputError
from shared.subtitles.files.names import TrackKind, parse_name, subtitle_name

AUTO, NONE = "auto", "none"
# Between two languages that stand in one cue.
BOTH = "+"
LETTERS = string.ascii_letters + string.digits + "-"


def describe_track(name: str) -> tuple[str, TrackKind]:
    """Return language and kind of a track; of one with two languages that of the first.

    Args:
        name: A BCP-47 tag, or one with '.sdh' or '.forced'; 'en+hi' holds two.
    """
    head, _, rest = name.partition(BOTH)
    found = parse_name(subtitle_name("", head + rest.lstrip(LETTERS), ".srt"))
    return found.language, found.kind


def track_languages(name: str) -> list[str]:
    """Return the languages of a track, two of one that has both in each cue.

    Args:
        name: As of describe_track.
    """
    return [describe_track(part)[0] for part in name.partition(".")[0].split(BOTH)]


def check_burn_in(names: Sequence[str], wanted: str) -> None:
    """Refuse subtitles to draw into the picture that are not there.

    Args:
        names: All tracks.
        wanted: BURN_IN; empty = none.

    Raises:
        InputError: There is no such track.
    """
    if wanted and wanted not in names:
        raise InputError(
            f"BURN_IN={wanted}: there are no such subtitles", hint=f"There are: {', '.join(names)}"
        )


def default_track(names: Sequence[str], wanted: str, burnt_in: str) -> str | None:
    """Return the track that players switch on; none by itself where the picture has subtitles.

    Args:
        names: The tracks that go into the film.
        wanted: DEFAULT_SUBTITLE.
        burnt_in: BURN_IN.

    Raises:
        InputError: There is no such track.
    """
    if wanted == NONE or not names:
        return None
    if wanted == AUTO:
        return None if burnt_in else names[0]
    if wanted not in names:
        raise InputError(
            f"DEFAULT_SUBTITLE={wanted}: there is no such track", hint=f"Tracks: {', '.join(names)}"
        )
    return wanted
