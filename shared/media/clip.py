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


def range_options(clip: ClipRange | None, run_up: float = 0.0) -> dict[str, str]:
    """Return the options of ffmpeg that open the part of a film, to the microsecond.

    Args:
        clip: The part; None = all.
        run_up: Read from this many seconds earlier, where there are so many.
    """
    if clip is None:
        return {}
    start = max(0.0, clip.start - run_up)
    return {"ss": f"{start:.6f}", "t": f"{clip.end - start:.6f}"}
