#!/usr/bin/env python3
"""
Film settings: what 'Film.cp.env' beside a film says of it: languages, title, settings of a job.

The file came with the film: it may say how the film is treated, and nothing that reaches further
(shared/core/configuration/powers.py). It stands above what the batch was given for all films.

Usage:
    from shared.pipeline.batch.films.film_settings import request_for

    request = request_for(Path("Film.mkv"), usual)
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from shared.config import known_keys
from shared.core.configuration.env_file import RawValue, read_env_file
from shared.core.configuration.powers import is_power
from shared.core.errors import InputError, nearest
from shared.pipeline.prepare.request import Request

SUFFIX = ".cp.env"
NUMBER = re.compile(r"[0-9]{1,9}")
# The options of a job, as keys.
OPTIONS = ("SOURCE_LANGUAGE", "TARGET_LANGUAGES", "TITLE", "YEAR", "AUDIO_TRACK", "START", "END")


def settings_file(film: Path) -> Path:
    """Return where the settings of a film would be.

    Args:
        film: Its file, which need not be there.
    """
    return film.with_name(film.stem + SUFFIX)


def request_for(film: Path, usual: Request) -> Request:
    """Return what is asked for of a film: what is asked for of all, and what its own file says.

    Args:
        film: Its file.
        usual: What is asked for of all films.

    Raises:
        InputError: The file cannot be read, or says what is not a film's to say; with its line.
    """
    path = settings_file(film)
    values = _written_in(path)
    allowed = [*known_keys(), *OPTIONS]
    for key, item in values.items():
        if key not in allowed:
            raise InputError(f"{item.origin}: unknown key {key}", hint=nearest(key, allowed))
        if key not in OPTIONS and is_power(key, item.value):
            raise InputError(
                f"{item.origin}: {key} is for the machine to set, not for a film",
                hint=f"--set {key}=… gives it to the whole batch, config/.env.local to all runs",
            )
    own = {key: str(item.value) for key, item in values.items() if key not in OPTIONS}
    settings = usual.settings | own
    return replace(_with_options(usual, values), media=film, settings=settings)


def _written_in(path: Path) -> Mapping[str, RawValue]:
    """Return what a film's file says, {} where it has none."""
    if not os.path.lexists(path):  # nor has one whose name would be longer than a disk takes
        return {}
    if not path.is_file():
        what = "no file" if path.exists() else "a link that leads nowhere"
        raise InputError(f"{path} is {what}", hint="Make it a readable file, or remove it")
    return read_env_file(path)


def _with_options(usual: Request, values: Mapping[str, RawValue]) -> Request:
    given = {key: str(values[key].value).strip() for key in OPTIONS if key in values}
    languages = given.get("TARGET_LANGUAGES")
    return replace(
        usual,
        source=given.get("SOURCE_LANGUAGE", usual.source),
        targets=usual.targets if languages is None else (languages,),
        title=given.get("TITLE", usual.title),
        year=_number(values, "YEAR", usual.year),
        audio_track=_number(values, "AUDIO_TRACK", usual.audio_track),
        start=given.get("START", usual.start),
        end=given.get("END", usual.end),
    )


def _number(values: Mapping[str, RawValue], key: str, usual: int | None) -> int | None:
    if key not in values:
        return usual
    text = str(values[key].value).strip()
    if not NUMBER.fullmatch(text):
        raise InputError(f"{values[key].origin}: {key}={text} is no number", hint=f"{key}=1")
    return int(text)
