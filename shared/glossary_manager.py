#!/usr/bin/env python3
"""
Glossary manager: the film's terms from every source, by precedence film > user > TMDB > learned.

Usage:
    from shared.glossary_manager import GlossaryManager

    manager = GlossaryManager()
    manager.add_file(path, origin="user")
    glossary = manager.glossary()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import get_args

from shared.core.errors import InputError
from shared.glossary.matching import fold
from shared.glossary.records import Glossary, GlossaryTerm, Origin
from shared.glossary.table import read_table
from shared.transcript.records.enrichment import Enrichment

__all__ = ["Glossary", "GlossaryManager", "GlossaryTerm", "Origin"]

PRECEDENCE: tuple[Origin, ...] = get_args(Origin)
# "Self", "Voice" and the like are no names that anybody says in the film.
NOT_CHARACTERS = frozenset({"self", "himself", "herself", "narrator", "voice", "extra"})
# A shorter part of a name is an initial or a title.
SHORTEST_PART = 4


class GlossaryManager:
    """Collects terms; a term of a more trusted origin hides the same one of a lesser."""

    def __init__(self) -> None:
        self._terms: dict[str, GlossaryTerm] = {}
        self._conflicts: list[str] = []

    def add(self, term: GlossaryTerm) -> None:
        """Add a term unless a more trusted origin has it already.

        What a lesser origin knows beside that, other spellings and words for other languages, is
        kept where the two agree; where they do not, the conflict is kept for the report.

        Args:
            term: The term; the same source in other case or form counts as the same.
        """
        key = fold(term.source)
        known = self._terms.get(key)
        if known is None:
            self._terms[key] = term
            return
        by_trust = sorted((known, term), key=lambda one: PRECEDENCE.index(one.origin))
        self._note_conflict(*by_trust)
        self._terms[key] = _joined(*by_trust)

    def add_file(self, path: Path, origin: Origin, faults: list[InputError] | None = None) -> int:
        """Add the terms of a TSV file; returns how many it holds.

        Args:
            path: The file.
            origin: film, user or learned.
            faults: As for read_table.

        Raises:
            InputError: Names file, line and what is wrong.
        """
        terms = read_table(path, origin, faults)
        for term in terms:
            self.add(term)
        return len(terms)

    def add_enrichment(
        self, enrichment: Enrichment, is_common: Callable[[str], bool] = lambda word: False
    ) -> None:
        """Add the characters and the cast as TMDB names them, and in the film's script.

        Of a character's name, first and last word are terms too: nobody says the whole name.

        Args:
            enrichment: What stage tmdb found.
            is_common: Whether a word is one of everyday language: then it is no part of a name.
        """
        characters: list[str] = []
        for member in enrichment.cast:
            names = (name.split("(")[0].strip() for name in member.character.split("/"))
            characters += [name for name in names if name and name.casefold() not in NOT_CHARACTERS]
        parts = [
            part
            for name in characters
            for part in dict.fromkeys((name.split()[0], name.split()[-1]))
            if part != name and len(part.strip(".")) >= SHORTEST_PART and not is_common(fold(part))
        ]
        notes = dict.fromkeys([*characters, *parts], "character")
        notes |= {m.name: "cast" for m in enrichment.cast if m.name and m.name not in notes}
        for name, note in notes.items():
            self.add(
                GlossaryTerm(
                    source=name,
                    preferred=name,
                    preferred_in=enrichment.in_other_scripts(name),
                    notes=note,
                    origin="tmdb",
                )
            )

    def glossary(self) -> Glossary:
        """Return all terms, the most trusted origin first, in the order they came."""
        ordered = sorted(self._terms.values(), key=lambda term: PRECEDENCE.index(term.origin))
        return Glossary(terms=ordered, conflicts=[*self._conflicts, *_shared_spellings(ordered)])

    def _note_conflict(self, kept: GlossaryTerm, other: GlossaryTerm) -> None:
        pairs = {"": (kept.preferred, other.preferred)} | {
            f" in {tag}": (kept.preferred_in[tag], other.preferred_in[tag])
            for tag in kept.preferred_in.keys() & other.preferred_in.keys()
        }
        for where, (mine, theirs) in sorted(pairs.items()):
            if mine and theirs and mine != theirs:
                self._conflicts.append(
                    f"{kept.source}{where}: {kept.origin} wants {mine}, {other.origin} {theirs}; "
                    f"{mine} is taken"
                )


def _joined(kept: GlossaryTerm, other: GlossaryTerm) -> GlossaryTerm:
    """Return the more trusted term with what the other knows beside it."""
    agreed = not kept.preferred or not other.preferred or kept.preferred == other.preferred
    spellings = {fold(text) for text in (kept.source, kept.preferred, *kept.alternatives)}
    more = [text for text in other.alternatives if fold(text) not in spellings]
    return kept.model_copy(
        update={
            "alternatives": [*kept.alternatives, *(more if agreed else [])],
            "preferred": kept.preferred or other.preferred,
            "preferred_in": (other.preferred_in if agreed else {}) | kept.preferred_in,
        }
    )


def _shared_spellings(terms: Iterable[GlossaryTerm]) -> list[str]:
    """Return which spellings two terms claim; the first of them has it."""
    owners: dict[str, str] = {}
    found: list[str] = []
    for term in terms:
        for text in (term.source, *term.alternatives):
            owner = owners.setdefault(fold(text), term.source)
            if owner != term.source:
                found.append(
                    f"{text} is a spelling of {owner} and of {term.source}: {owner} has it"
                )
    return found
