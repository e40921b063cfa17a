#!/usr/bin/env python3
"""
Rules: what one language's file of line-break rules holds.

Usage:
    from shared.subtitles.layout.line_rules.rules import LineRules, words

    RULES = LineRules(articles=words("le la les un une"))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LineRules:
    """Function words of a language, folded, by what they may not be parted from.

    Attributes:
        articles: Articles and possessives: always in front of their noun.
        modifiers: Common adjectives and demonstratives: mostly in front of their noun.
        prepositions: In front of their noun; a line may begin with one.
        conjunctions: A line begins with one and never ends with one.
        connectives: Relatives and question words: a line may begin with one.
        pronouns: Subjects in front of their verb.
        modals: Verbs that always have a verb after them.
        auxiliaries: Verbs with a participle after them.
        participle_endings: How a participle ends.
        participles: Participles with other endings, and what stands between like "not".
        negations: In front of what they negate.
        negation_endings: Negations written with the word in front.
        contraction_endings: Pronoun and auxiliary in one ("he'll").
        titles: In front of a name.
        particles: Of verbs: never alone on the next line.
        postpositions: Behind their noun: a line never begins with one.
        final_auxiliaries: Behind their verb: a line never begins with one.
        closers: Behind them a clause mostly ends, punctuation or not.
        clitics: Behind the word they stress: a line never begins with one.
        pairs: First word to the words that belong to it ("look" "at").
        names_by_capitals: Whether only names are written with a capital inside a sentence.
        not_names: Words with a capital that are no names.
        sentence_capitals: Whether a sentence begins with a capital, where the script has any.
    """

    articles: frozenset[str] = NONE
    modifiers: frozenset[str] = NONE
    prepositions: frozenset[str] = NONE
    conjunctions: frozenset[str] = NONE
    connectives: frozenset[str] = NONE
    pronouns: frozenset[str] = NONE
    modals: frozenset[str] = NONE
    auxiliaries: frozenset[str] = NONE
    participle_endings: tuple[str, ...] = ()
    participles: frozenset[str] = NONE
    negations: frozenset[str] = NONE
    negation_endings: tuple[str, ...] = ()
    contraction_endings: tuple[str, ...] = ()
    titles: frozenset[str] = NONE
    particles: frozenset[str] = NONE
    postpositions: frozenset[str] = NONE
    final_auxiliaries: frozenset[str] = NONE
    closers: frozenset[str] = NONE
    clitics: frozenset[str] = NONE
    pairs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names_by_capitals: bool = False
    not_names: frozenset[str] = NONE
    sentence_capitals: bool = True

    @property
    def openers(self) -> frozenset[str]:
        """Words that a line may well begin with."""
        return self.conjunctions | self.connectives | self.prepositions


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set, folded.

    Args:
        text: Words with spaces between them.
    """
    return frozenset(text.casefold().split())
