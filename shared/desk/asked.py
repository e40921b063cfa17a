#!/usr/bin/env python3
"""
Asked: what a page of the desk may send, checked before anything is done with it.

Usage:
    from shared.desk.asked import SaveRequest, parsed

    parsed(SaveRequest, body).cues
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.core.errors import InputError, first_fault
from shared.glossary.table import LONGEST_TERM

# Milliseconds: a day.
LATEST = 86_400_000
MOST_CUES, LONGEST_TEXT = 50_000, 5_000
Milliseconds = Annotated[int, Field(ge=0, le=LATEST)]
Body = TypeVar("Body", bound=BaseModel)


class AskedCue(BaseModel):
    """A cue of the editor; times in milliseconds of the job, the text with its markup."""

    model_config = ConfigDict(extra="forbid")

    start: Milliseconds
    end: Milliseconds
    text: str = Field(max_length=LONGEST_TEXT)


class SaveRequest(BaseModel):
    """A track as the person wants it, and the digest of the file that he saw."""

    model_config = ConfigDict(extra="forbid")

    seen: str = Field(pattern=r"^[0-9a-f]{64}$")
    cues: list[AskedCue] = Field(max_length=MOST_CUES)


class RunRequest(BaseModel):
    """A run of a job; `from`: leave earlier stages alone."""

    model_config = ConfigDict(extra="forbid")

    first: str | None = Field(default=None, alias="from", max_length=100)


class StopRequest(BaseModel):
    """A run to be stopped: at once, or after the stage that runs."""

    model_config = ConfigDict(extra="forbid")

    now: bool = False


class TermRequest(BaseModel):
    """A term for the film's glossary.

    Attributes:
        spoken: As it is said in the film.
        right: How the track writes it.
        wrong: What stood there, '' where nothing did.
    """

    model_config = ConfigDict(extra="forbid")

    spoken: str = Field(min_length=1, max_length=LONGEST_TERM)
    right: str = Field(min_length=1, max_length=LONGEST_TERM)
    wrong: str = Field(default="", max_length=LONGEST_TERM)


def parsed(kind: type[Body], body: bytes) -> Body:
    """Return what a page sent.

    Args:
        kind: What it has to be.
        body: JSON.

    Raises:
        InputError: It is not that.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise InputError(f"That cannot be understood: {first_fault(error)}") from error
