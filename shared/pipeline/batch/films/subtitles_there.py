#!/usr/bin/env python3
"""
Subtitles there: whether a film has the wanted subtitles already: in it, or in files beside it.

Forced subtitles (signs and foreign lines only) are not what is wanted, nor is what does not say its
language.

Usage:
    from shared.pipeline.batch.films.subtitles_there import wanted_there

    wanted_there(film, media, ["en"])       # 'subtitles in en: a track of the film'
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import langcodes

from shared.core.errors import PipelineError
from shared.core.languages import parse_language, primary
from shared.media.ffmpeg import run_ffprobe
from shared.media.probe import PROBE_TIMEOUT, MediaInfo

FILES = frozenset({".srt", ".vtt", ".ass", ".ssa", ".ttml", ".sup", ".sub"})
FORCED = "forced"


def wanted_there(film: Path, media: MediaInfo, languages: Sequence[str]) -> str:
    """Return where all wanted subtitles are, '' where one is missing or none is wanted.

    Args:
        film: Its file.
        media: What it holds.
        languages: BCP-47.
    """
    places: list[str] = []
    inside = list(_inside(film, media)) if languages else []
    beside = list(_beside(film)) if languages else []
    for language in languages:
        if any(_fits(one, language) for one in inside):
            places.append(f"{language}: a track in it")
        elif (name := next((n for n, one in beside if _fits(one, language)), None)) is not None:
            places.append(f"{language}: {name}")
        else:
            return ""
    return "; ".join(places)


def _inside(film: Path, media: MediaInfo) -> Iterator[str]:
    """Yield the languages of a film's own subtitles."""
    if not any(stream.kind == "subtitle" for stream in media.streams):
        return
    entries = "stream=index:stream_tags=language,title:stream_disposition=forced"
    asked = ["-of", "json", "-select_streams", "s", "-show_entries", entries]
    answer = json.loads(run_ffprobe(film, asked, PROBE_TIMEOUT))
    for stream in answer.get("streams", []):
        tags = {key.lower(): str(text) for key, text in stream.get("tags", {}).items()}
        is_forced = stream.get("disposition", {}).get(FORCED)
        if not is_forced and FORCED not in tags.get("title", "").lower():
            yield tags.get("language", "")


def _beside(film: Path) -> Iterator[tuple[str, str]]:
    """Yield the names of subtitle files of a film with their language.

    It is the first word that is one: 'hi' after it means hearing impaired, not Hindi.
    """
    try:
        names = sorted(os.listdir(film.parent))
    except OSError:
        return
    for name in names:
        stem, suffix = os.path.splitext(name)
        if suffix.lower() not in FILES or not stem.startswith(film.stem + "."):
            continue
        words = stem[len(film.stem) + 1 :].lower().split(".")
        language = next(filter(_language, words), "")
        with suppress(OSError):
            if language and FORCED not in words and (film.parent / name).stat().st_size:
                yield name, language


def _language(told: str) -> str:
    """Return the language that a track or a word names, BCP-47; '' where it names none."""
    try:
        return parse_language(told.replace("_", "-")) if told else ""
    except PipelineError:
        return ""


def _fits(told: str, language: str) -> bool:
    """Return whether what a track or file says of itself is a wanted language."""
    found, wanted = _language(told), langcodes.Language.get(language)
    if not found or (wanted.script and wanted.script != langcodes.Language.get(found).script):
        return False
    return primary(found) == primary(language)
