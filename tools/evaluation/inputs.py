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

from pydantic import ValidationError

from shared.core.errors import InputError
from shared.core.files import read_json
from shared.subtitles.source import SUFFIXES, read_source
from shared.transcript.schemas import Transcript

# Sounds, speakers' names in front and notes are shown and not said.
NOT_SAID = re.compile(r"\[[^\[\]]*\]|♪|♫|(?m:^#\s|\s#$)")


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

    Raises:
        InputError: When it is none of them or malformed.
    """
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return [Line(cue.text, cue.start, cue.end) for cue in read_source(path).cues]
    if suffix == ".json":
        try:
            transcript = Transcript.model_validate(read_json(path))
        except ValidationError as error:
            raise InputError(
                f"{path} is no transcript: {error.errors()[0]['msg']}",
                hint="Give the segments.json of a job, or subtitles",
            ) from error
        return [Line(one.text, one.start, one.end) for one in transcript.segments]
    if suffix == ".txt":
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path} cannot be read: {error}", hint="Save it as UTF-8") from error
        return [Line(line) for line in text.splitlines() if line.strip()]
    raise InputError(
        f"{path}: not a file that can be evaluated",
        hint=f"One of {', '.join(SUFFIXES)}, .json (transcript), .txt",
    )


def read_onsets(path: Path) -> list[WordOnset]:
    """Read a JSON list of {"word" or "w", "start"}.

    Args:
        path: The file.

    Raises:
        InputError: When it is no such list.
    """
    content = read_json(path)
    try:
        words = content["words"] if isinstance(content, dict) else content
        return [WordOnset(str(one.get("word", one.get("w"))), float(one["start"])) for one in words]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} holds no word times", hint='[{"word": "and", "start": 0.2}, …]'
        ) from error
