#!/usr/bin/env python3
"""
Enrichment: what is known about the film from outside: `enrichment.json` of stage tmdb.

Usage:
    from shared.transcript.enrichment import Enrichment
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.transcript.schemas import SCHEMA_VERSION, Record


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
