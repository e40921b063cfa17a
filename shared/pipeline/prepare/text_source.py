#!/usr/bin/env python3
"""
Text source: the subtitles that take the place of recognition, beside a film or without any.

Usage:
    from shared.pipeline.prepare.text_source import film_of_text, find_text, is_text

    text, language = find_text("track:2", film, media, "fr")
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from shared.core.errors import InputError
from shared.core.files import sha256_of
from shared.core.languages import AUTO, parse_language
from shared.core.settings import PipelineConfig
from shared.media.probe import MediaInfo
from shared.media.tracks.text import READ_BY, choose_text_track, kind_of_track
from shared.pipeline.job.job import TextSource
from shared.pipeline.prepare.films import FILM_SUFFIXES
from shared.subtitles.files.names import UNDETERMINED, parse_name
from shared.subtitles.files.source import READ, SourceFile
from shared.subtitles.from_text.opening import open_text
from shared.subtitles.from_text.transcript import last_end

SYNC = "SUBTITLES_SYNC"
TRACK = re.compile(r"track:(\d{1,3})", re.IGNORECASE)
# What discs have instead of text; VobSub's pictures are in the .sub beside the .idx.
PICTURES = {".sup": "PGS", ".idx": "VobSub"}
VOBSUB = b"\x00\x00\x01\xba"


def is_text(path: Path) -> bool:
    """Return whether a file that is named like a film holds subtitles.

    Args:
        path: As it was typed; need not exist.
    """
    suffix = path.suffix.lower()
    return suffix in (*READ, *PICTURES) and suffix not in FILM_SUFFIXES


def check_sync(settings: Mapping[str, str], config: PipelineConfig, can_be: bool) -> None:
    """Refuse --sync of a job that has nothing to bring to a sound; for all jobs it may be set.

    Args:
        settings: Of this job alone.
        config: The configuration with them.
        can_be: Whether there is a film with a text beside it, or in it.

    Raises:
        InputError: It was asked for.
    """
    if SYNC in settings and config.subtitles_sync and not can_be:
        raise InputError(
            "--sync brings --subtitles to the sound of their film: one of them is not given",
            hint="For a file alone: tools/subtitles.py sync FILE OUT --to-sound FILM",
        )


def film_of_text(path: Path, language: str) -> MediaInfo:
    """Return what stands for the film where there is text alone: its length is the text's.

    Args:
        path: The file.
        language: As typed after -s.

    Raises:
        InputError: It is no subtitle file, or shows nothing.
    """
    source = _read(path, _language(language, path.name))
    return MediaInfo(container="", duration=last_end(source), size=path.stat().st_size, streams=[])


def find_text(
    wanted: str, film: Path, media: MediaInfo, language: str
) -> tuple[TextSource, str, list[str]]:
    """Return the text to begin with and its language.

    Args:
        wanted: A file, or track:N of the film, 1 = its first subtitle track.
        film: The film, or the text itself where there is none.
        media: What the film holds.
        language: As typed after -s.

    Returns:
        Where the text is, its language (BCP-47), and what a person should know of it.

    Raises:
        InputError: There is no such track or file, it is no text, or nobody says its language.
    """
    if track := TRACK.fullmatch(wanted.strip()):
        stream = choose_text_track(media, int(track[1]), film.name)
        text = TextSource(
            path=str(film),
            track=int(track[1]),
            stream=stream.index,
            codec=stream.codec,
            kind=kind_of_track(stream),
        )
        return text, _language(language, "", stream.language or ""), []
    path = Path(os.path.abspath(Path(wanted).expanduser()))
    spoken = _language(language, path.name)
    source = _read(path, spoken)
    name = parse_name(path.name)
    text = TextSource(path=str(path), sha256=sha256_of(path), kind=name.kind)
    notes = [f"{path.name}:{fault.line}: {fault.cause}; left out" for fault in source.faults[:3]]
    if name.language not in (UNDETERMINED, spoken) and spoken != UNDETERMINED:
        notes.append(f"{path.name} is named {name.language}, and is taken for {spoken} (-s)")
    return text, spoken, notes


def _read(path: Path, language: str) -> SourceFile:
    """Return a file with at least one cue to show."""
    if not path.exists():
        raise InputError(f"No such file: {path}", hint="Check the path; quote it if it has spaces")
    kind = PICTURES.get(path.suffix.lower(), "")
    if not kind and path.suffix.lower() == ".sub" and path.is_file():
        with path.open("rb") as stream:
            kind = "VobSub" if stream.read(len(VOBSUB)) == VOBSUB else ""
    if kind:
        raise InputError(f"{path.name} holds pictures ({kind}), not text", hint=READ_BY)
    source, _ = open_text(path, language)
    if not any(cue.text.strip() for cue in source.cues):
        raise InputError(f"{path}: no cue in it shows any text", hint="Is it a subtitle file?")
    return source


def _language(typed: str, name: str, tag: str = "") -> str:
    """Return the language of a text: as typed, or as its name or track tells."""
    if typed.lower() != AUTO:
        return parse_language(typed, "-s")
    told = parse_name(name).language if name else UNDETERMINED
    if told == UNDETERMINED and tag:
        try:
            told = parse_language(tag)
        except InputError:
            told = UNDETERMINED
    if told == UNDETERMINED:
        raise InputError(
            f"Nobody says in which language {name or 'the track'} is", hint="Say it: -s fr"
        )
    return told
