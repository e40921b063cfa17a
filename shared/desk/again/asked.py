#!/usr/bin/env python3
"""
Asked: what the editor may ask to be done again, checked before anything is done with it.

Usage:
    from shared.desk.again.asked import AgainRequest

    AgainRequest.model_validate_json(body).length
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.desk.asked import LONGEST_TEXT, Milliseconds

# Milliseconds: Whisper hears windows of 30 s; more than a few are a job of their own.
SHORTEST, LONGEST = 200, 120_000


class AgainRequest(BaseModel):
    """A region of a track to be heard, or a text to be translated, once more.

    Attributes:
        what: hear the sound, or translate the text.
        start: Of the region, milliseconds of the job.
        end: Its end.
        text: What is translated.
        language: Of that text, BCP-47; of sound, as what it is heard; '' = as the job does.
        model: Whisper's, '' = the job's.
        beams: Of the search, 0 = as the job does.
        separation: Whether music is taken out first; auto = as the job does.
        engine: Of the translation; '' = the job's.
    """

    model_config = ConfigDict(extra="forbid")

    what: Literal["hear", "translate"]
    start: Milliseconds
    end: Milliseconds
    text: str = Field(default="", max_length=LONGEST_TEXT)
    language: str = Field(default="", max_length=35, pattern=r"^([A-Za-z0-9]+(-[A-Za-z0-9]+)*)?$")
    model: str = Field(default="", max_length=200, pattern=r"^[^-\x00-\x1f][^\x00-\x1f]*$|^$")
    beams: int = Field(default=0, ge=0, le=20)
    separation: Literal["", "off", "center", "demucs"] = ""
    engine: Literal["", "whisper", "indictrans2", "nllb", "llm"] = ""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if not SHORTEST <= self.end - self.start <= LONGEST:
            raise ValueError(f"takes {SHORTEST / 1000} to {LONGEST // 1000} seconds")
        if self.what == "translate" and not self.text.strip():
            raise ValueError("there is no text to translate")
        return self

    def settings(self) -> dict[str, str]:
        """Return what is other than in the job, as --set takes it."""
        wanted = {
            "WHISPER_MODEL": self.model,
            "ASR_BEAM_SIZE": str(self.beams or ""),
            "SOURCE_SEPARATION": self.separation,
            "TRANSLATION_ENGINE": self.engine,
        }
        return {key: value for key, value in wanted.items() if value}
