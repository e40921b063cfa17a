#!/usr/bin/env python3
"""
Glossary manager: the film's terms from every source, by precedence film > user > TMDB > learned.

A glossary file is a TSV with a header: `source` (the word as spoken), `preferred` (how to write or
translate it), and optionally `alternatives` (separated by |), `notes`, `context`, `speaker`.

Usage:
    from shared.glossary_manager import GlossaryManager

    manager = GlossaryManager()
    manager.add_file(path, origin="user")
    glossary = manager.glossary()
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from shared.config import nearest
from shared.core.errors import InputError
from shared.transcript.enrichment import Enrichment
from shared.transcript.schemas import SCHEMA_VERSION, Record

Origin = Literal["film", "user", "tmdb", "learned"]
PRECEDENCE: tuple[Origin, ...] = get_args(Origin)
COLUMNS = ("source", "preferred", "alternatives", "notes", "context", "speaker")
ALTERNATIVES_SEPARATOR = "|"
# As editors count lines; str.splitlines() takes six more characters for line ends.
LINE_END = re.compile(r"\r\n|\r|\n")
# "Self", "Voice" and the like are no names that anybody says in the film.
NOT_CHARACTERS = frozenset({"self", "himself", "herself", "narrator", "voice", "extra"})


class GlossaryTerm(Record):
    """One term."""

    source: str = Field(min_length=1)
    preferred: str = ""
    alternatives: list[str] = Field(default_factory=list)
    notes: str = ""
    context: str = ""
    speaker: str = ""
    origin: Origin


class Glossary(Record):
    """`glossary.json` of stage glossary_load."""

    schema_version: Literal[1] = SCHEMA_VERSION
    terms: list[GlossaryTerm]

    def hotwords(self, limit: int) -> str:
        """Return the words that recognition should expect, the most trusted first.

        Args:
            limit: Longest result in characters.
        """
        chosen: list[str] = []
        for term in self.terms:
            word = term.preferred or term.source
            if word not in chosen and len(", ".join([*chosen, word])) <= limit:
                chosen.append(word)
        return ", ".join(chosen)


class GlossaryManager:
    """Collects terms; a term of a more trusted origin hides the same one of a lesser."""

    def __init__(self) -> None:
        self._terms: dict[str, GlossaryTerm] = {}

    def add(self, term: GlossaryTerm) -> None:
        """Add a term unless a more trusted origin has it already.

        Args:
            term: The term; the same source in other case or form counts as the same.
        """
        key = _fold(term.source)
        known = self._terms.get(key)
        if known is None or PRECEDENCE.index(term.origin) < PRECEDENCE.index(known.origin):
            self._terms[key] = term

    def add_file(self, path: Path, origin: Origin) -> int:
        """Add the terms of a TSV file; returns how many it holds.

        Args:
            path: The file.
            origin: film or user.

        Raises:
            InputError: Names file, line and what is wrong.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise InputError(f"No such glossary: {path}", hint="Check GLOSSARY_FILES") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not a UTF-8 text file", hint="Save it as UTF-8") from error
        except OSError as error:
            raise InputError(
                f"{path} cannot be read: {error.strerror}", hint="Check GLOSSARY_FILES"
            ) from error
        header: list[str] | None = None
        count = 0
        for number, line in enumerate(LINE_END.split(text), 1):
            row = line.split("\t")
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                continue
            if header is None:
                header = _check_header([cell.strip().lower() for cell in row], path, number)
                continue
            self.add(_term(row, header, origin, path, number))
            count += 1
        return count

    def add_enrichment(self, enrichment: Enrichment) -> None:
        """Add the characters as TMDB names them.

        Args:
            enrichment: What stage tmdb found.
        """
        for member in enrichment.cast:
            for name in member.character.split("/"):
                clean = name.split("(")[0].strip()
                if clean and clean.casefold() not in NOT_CHARACTERS:
                    self.add(GlossaryTerm(source=clean, preferred=clean, origin="tmdb"))

    def glossary(self) -> Glossary:
        """Return all terms, the most trusted origin first, in the order they came."""
        ordered = sorted(self._terms.values(), key=lambda term: PRECEDENCE.index(term.origin))
        return Glossary(terms=ordered)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _check_header(header: list[str], path: Path, line: int) -> list[str]:
    if "source" not in header:
        raise InputError(
            f"{path}:{line}: no column 'source'",
            hint="The first line names the columns, separated by tabs: " + " ".join(COLUMNS[:2]),
        )
    for name in header:
        if name not in COLUMNS:
            raise InputError(
                f"{path}:{line}: unknown column {name!r}",
                hint=nearest(name, COLUMNS) or f"Columns: {', '.join(COLUMNS)}",
            )
        if header.count(name) > 1:
            raise InputError(
                f"{path}:{line}: column {name!r} stands there twice", hint="Keep one of the two"
            )
    return header


def _term(row: list[str], header: list[str], origin: Origin, path: Path, line: int) -> GlossaryTerm:
    if len(row) > len(header):
        raise InputError(
            f"{path}:{line}: {len(row)} cells under {len(header)} columns",
            hint="A tab too many? Cells are separated by one tab",
        )
    cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
    if not cells.get("source"):
        raise InputError(f"{path}:{line}: the cell 'source' is empty", hint="Fill it or remove it")
    alternatives = cells.pop("alternatives", "").split(ALTERNATIVES_SEPARATOR)
    return GlossaryTerm(
        **cells, alternatives=[text.strip() for text in alternatives if text.strip()], origin=origin
    )
