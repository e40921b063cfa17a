#!/usr/bin/env python3
"""
Clip: the part of a film to work on.

Usage:
    from shared.media.clip import ClipRange

    ClipRange(start=600.0, end=720.0)
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Seconds = Annotated[float, Field(allow_inf_nan=False)]


class ClipRange(BaseModel):
    """The part of the film to work on, seconds from the film's start, exact to the frame."""

    model_config = ConfigDict(extra="forbid")

    start: Seconds = Field(ge=0)
    end: Seconds = Field(gt=0)

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.start >= self.end:
            raise ValueError("the end must come after the start")
        return self
