#!/usr/bin/env python3
"""
Request: what a user asks for, as typed, and what of it is no sense whatever the film holds.

Usage:
    from shared.pipeline.prepare.request import Request, check_names, spoken, wanted_targets
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from shared.core.errors import InputError
from shared.core.file_names import safe_file_name
from shared.core.languages import AUTO, language_name, parse_language
from shared.core.redact import secrets_in_addresses
from shared.pipeline.job.job import FIRST_YEAR, LAST_YEAR
from shared.transcript.languages.whisper_languages import whisper_code


@dataclass(frozen=True)
class Request:
    """What a user asks for, as typed."""

    media: Path
    workflow: str
    source: str = AUTO
    targets: tuple[str, ...] = ()
    user: str | None = None
    title: str | None = None
    year: int | None = None
    start: str | None = None
    end: str | None = None
    audio_track: int | None = None
    subtitles: str | None = None
    settings: dict[str, str] = field(default_factory=dict)


def check_names(request: Request) -> None:
    """Refuse what cannot be kept: no UTF-8 text, no folder, empty titles, years before films.

    Args:
        request: What is asked for.

    Raises:
        InputError: One of them; with what to do.
    """
    named = [str(request.media), request.title or "", request.user or "", request.subtitles or ""]
    for text in [*named, *request.settings.values()]:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"{text} is not a UTF-8 name", hint="Rename the file, or make a link to it"
            ) from error
    for key, value in request.settings.items():
        if secrets_in_addresses(value):  # it would stand in job.json, and in the list of processes
            raise InputError(
                f"--set {key} holds a password or token in an address",
                hint=f"Write {key}=… into config/.env.local (chmod 600), which no job copies",
            )
    if request.user is not None and request.user != safe_file_name(request.user):
        raise InputError(
            f"--user {request.user!r} cannot name a folder",
            hint="Leave it out, or use letters and digits, such as: --user me",
        )
    if request.title is not None and not request.title.strip():
        raise InputError("--title is empty", hint="Leave it out to take it from the file name")
    if request.year is not None and not FIRST_YEAR <= request.year <= LAST_YEAR:
        raise InputError(
            f"--year {request.year} is not the year of a film",
            hint=f"Give a year from {FIRST_YEAR} to {LAST_YEAR}",
        )


def spoken(source: str) -> str:
    """Return the language that is spoken, BCP-47, or 'auto'.

    Args:
        source: As typed after -s.

    Raises:
        InputError: There is no such language, or Whisper does not know it.
    """
    language = AUTO if source.lower() == AUTO else parse_language(source, "-s")
    if language != AUTO and whisper_code(language) is None:
        raise InputError(
            f"Whisper does not know {language_name(language)} ({language})",
            hint="Use -s auto, or the language that is spoken most",
        )
    return language


def wanted_targets(targets: tuple[str, ...], workflow: str) -> list[str]:
    """Return the languages to translate into, BCP-47, each once.

    Args:
        targets: As typed after each -t.
        workflow: transcribe, translate or subtitle.

    Raises:
        InputError: There is no such language, or none for a workflow that needs one.
    """
    names = [name for item in targets for name in item.split(",") if name.strip()]
    parsed = list(dict.fromkeys(parse_language(name, "-t") for name in names))
    if workflow == "translate" and not parsed:
        raise InputError("The workflow translate needs a target language", hint="Add: -t en")
    return parsed
