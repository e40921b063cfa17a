#!/usr/bin/env python3
"""
Untranslated: which subtitle tracks lack translations, and what is done with them in the film.

Usage:
    from scripts.film.untranslated import find_lacking

    lacking = find_lacking(stage_io, ["en", "de"])   # {"de": Lacking(lines=13, untranslated=4)}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.core.errors import counted
from shared.stage_utils import StageIO
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import Translation


@dataclass(frozen=True)
class Lacking:
    """A translation with gaps: `lines` that were to be translated, `untranslated` of them."""

    lines: int
    untranslated: int

    @property
    def share(self) -> float:
        """The untranslated of the lines, up to 1."""
        return self.untranslated / self.lines

    @property
    def told(self) -> str:
        """For a person: '4 of 13 lines untranslated'."""
        return f"{self.untranslated} of {counted(self.lines, 'line')} untranslated"


def find_lacking(stage_io: StageIO, languages: Iterable[str]) -> dict[str, Lacking]:
    """Return the translations with gaps, by language.

    Args:
        stage_io: The stage's inputs.
        languages: Of the tracks; one that is no translation lacks nothing.
    """
    found: dict[str, Lacking] = {}
    for language in dict.fromkeys(languages):
        path = stage_io.get_input_path(translated_file(language), from_stage="translation")
        if not path.exists():
            continue
        asked = [
            line.status
            for line in stage_io.read_model(path, Translation).lines
            if line.status != "same_language"
        ]
        untranslated = asked.count("untranslated")
        if untranslated:
            found[language] = Lacking(len(asked), untranslated)
    return found
