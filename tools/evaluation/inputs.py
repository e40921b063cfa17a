#!/usr/bin/env python3
"""
Inputs: what can be compared: subtitle files, transcripts of the pipeline, plain text.

Usage:
    from tools.evaluation.inputs import read_lines

    lines = read_lines(Path("Film.hi.srt"))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.core.errors import InputError
from shared.core.files import read_json
from shared.subtitles.files.source import SUFFIXES, read_source
from shared.subtitles.reading.source_text import read_text, unreadable
from shared.transcript.records.schemas import Transcript

# Sounds, speakers' names in front and notes are shown and not said.
NOT_SAID = re.compile(r"\[[^\[\]]*\]|♪|♫|(?m:^#\s|\s#$)")


TRANSCRIPT_HINT = "Give the segments.json of a job, or subtitles"
ONSETS_HINT = '[{"word": "and", "start": 0.2}, …]'


@dataclass(frozen=True)
class Line:
    """A cue or segment; without times, start and end are None."""

    text: str
    start: float | None = None
    end: float | None = None

    @property
    def said(self) -> str:
        """Its text without sounds and signs."""
        return NOT_SAID.sub(" ", self.text)


@dataclass(frozen=True)
class WordOnset:
    """A word of a reference with the time at which it begins, in seconds."""

    text: str
    start: float


def read_lines(path: Path) -> list[Line]:
    """Read what is to be compared.

    Args:
        path: A subtitle file, a transcript (JSON) or plain text (.txt), a line each.

    Returns:
        What the lines say, in order.

    Raises:
        InputError: When it is none of them or malformed.
    """
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return [Line(cue.text, cue.start, cue.end) for cue in read_source(path).cues]
    if suffix == ".json":
        try:
            transcript = Transcript.model_validate(_json_of(path, TRANSCRIPT_HINT))
        except ValidationError as error:
            raise InputError(
                f"{path} is no transcript: {error.errors()[0]['msg']}",
                hint=TRANSCRIPT_HINT,
            ) from error
        return [Line(one.text, one.start, one.end) for one in transcript.segments]
    if suffix == ".txt":
        return [Line(line) for line in read_text(path).splitlines() if line.strip()]
    raise InputError(
        f"{path}: not a file that can be evaluated",
        hint=f"One of {', '.join(SUFFIXES)}, .json (transcript), .txt",
    )


def read_onsets(path: Path) -> list[WordOnset]:
    """Read a JSON list of {"word" or "w", "start"}.

    Args:
        path: The file.

    Returns:
        Words with their beginnings in seconds.

    Raises:
        InputError: When it is no such list.
    """
    content = _json_of(path, ONSETS_HINT)
    try:
        words = content["words"] if isinstance(content, dict) else content
        return [WordOnset(str(one.get("word", one.get("w"))), float(one["start"])) for one in words]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise InputError(f"{path} holds no word times", hint=ONSETS_HINT) from error


def _json_of(path: Path, hint: str) -> Any:
    """Return what a JSON file holds; what is wrong with it is told with a hint of this command."""
    try:
        return read_json(path)
    except InputError as error:
        raise InputError(error.cause, hint=hint) from error
    except OSError as error:
        raise unreadable(path, error) from error
