#!/usr/bin/env python3
"""
Enrichment: what is known about the film from outside: `enrichment.json` of stage tmdb.

Usage:
    from shared.transcript.records.enrichment import Enrichment
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.core.record import SCHEMA_VERSION, Record


class CastMember(Record):
    """An actor and the character played."""

    name: str
    character: str


class Enrichment(Record):
    """Facts about the film; names are as TMDB writes them in the asked language."""

    schema_version: Literal[1] = SCHEMA_VERSION
    source: Literal["tmdb"] = "tmdb"
    tmdb_id: int
    title: str
    original_title: str
    original_language: str
    year: int | None = None
    cast: list[CastMember] = Field(default_factory=list)
    crew: list[str] = Field(default_factory=list, description="directors and writers")
    genres: list[str] = Field(default_factory=list)
    keywords: list[str] = Field(default_factory=list)
    alternative_titles: list[str] = Field(default_factory=list)
    transliterations: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="language to word (lower case) to the word in its script"
    )

    def in_other_scripts(self, name: str) -> dict[str, str]:
        """Return a name in the scripts that it was transliterated into, by language.

        Args:
            name: As TMDB writes it; where one of its words is not known, it is left out.
        """
        written: dict[str, str] = {}
        for language, words in self.transliterations.items():
            parts = [words.get(part.casefold(), "") for part in name.split()]
            if all(parts):
                written[language] = " ".join(parts)
        return written

    def character_words(self) -> list[str]:
        """Return the words of all characters' names, each once, in lower case."""
        words = (word.casefold() for member in self.cast for word in member.character.split())
        return list(dict.fromkeys(word for word in words if word.isalpha()))
