#!/usr/bin/env python3
"""
Purpose: what a sound track is for when it is not the film's dialogue, by its flags and its title.

Usage:
    from shared.media.tracks.purpose import purposes

    purposes("Kommentar des Regisseurs", {})
    # {'is_commentary': True, 'is_described': False, 'is_music': False}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# ffmpeg's names of dispositions.
FLAGS = {
    "is_commentary": ("comment",),
    "is_described": ("visual_impaired", "descriptions"),
    "is_music": ("karaoke", "clean_effects"),
}
# How discs and services name such tracks; beginnings of words, so that endings do not matter.
DESCRIBED = (
    r"audio ?descri|audio[- ]?deskription|descriptive|described|description audio|hörfilm|"
    r"syntolk|kuvailutulk|synstolk|beeldbeschrijving|audiodeskrypc|тифло|sesli betimleme|"
    r"visually impaired|for the blind|sehbehindert|malvoyant|ciegos|non vedenti|"
    r"音声(ガイド|解説)|화면해설|口述影像|无障碍|وصف صوتي|श्रव्य विवरण"
)
COMMENTARY = (
    r"comment(ary|aries|aire|o\b|i\b)|kommentar|kommentti|comentári|comentari|komentar|komentár|"
    r"komentář|коммент|комент|yorum|σχόλι|commentaar|audiokommentar|"
    r"コメンタリー|解説音声|코멘터리|评论|評論|解说|解說|تعليق|टिप्पणी|कमेंट्री"
)
MUSIC = (
    r"music (only|and effects|& effects)|isolated (score|music)|score only|music track|m ?& ?e\b|"
    r"instrumental|karaoke|musik(spur)?$|nur musik|musique seule|solo música|solo musica|"
    r"только музыка|音楽のみ|बिना संवाद"
)
TITLES = {
    name: re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE)
    for name, words in (
        ("is_commentary", COMMENTARY),
        ("is_described", DESCRIBED),
        ("is_music", MUSIC),
    )
}


def purposes(title: str, disposition: Mapping[str, int]) -> dict[str, Any]:
    """Return whether a track is commentary, audio description, or music without dialogue.

    Args:
        title: As the file says, "" without one.
        disposition: ffprobe's flags.

    Returns:
        The fields of AudioStream.
    """
    found = {
        name: any(disposition.get(flag) for flag in flags) or TITLES[name].search(title) is not None
        for name, flags in FLAGS.items()
    }
    # The blind are told what is seen by what some languages call a commentary.
    found["is_commentary"] = found["is_commentary"] and not found["is_described"]
    return found
