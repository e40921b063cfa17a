#!/usr/bin/env python3
"""
Line breaks: where a line may end, and what a break parts that belongs together.

The words of each language are in `line_rules/`. Source of the rules: Netflix timed text style
guides (general requirements, line treatment; Hindi).

Usage:
    from shared.subtitles.layout.line_breaks import break_faults, rate_break

    break_faults("He gave me the", "keys.", "en")    # [BreakFault(rule="article-noun", …)]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from shared.subtitles.layout.line_rules import rules_for
from shared.subtitles.layout.line_rules.rules import LineRules
from shared.transcript.recognition.sentences import ends_sentence

CLAUSE_END = (",", ";", ":", "—", "–", "--", "-", "、", "，", "،", "…", "...")
DASHES = ("-", "—", "–")
DASH_FIRST = "a line that begins with a dash is taken for another speaker's"
OPENING = frozenset({"Ps", "Pi"})
CLOSING = frozenset({"Pe", "Pf"})
# A name or a sound in brackets, and a word.
LABELLED_WORD = re.compile(r"\s*[-‐‑–—]?\s*(\[[^\[\]]+\]|（[^（）]+）)\s*\S+\s*")
QUOTES = "\"'“”‘’«»"


class BreakKind(IntEnum):
    """What a break comes after or before, the best first; openers stand for all good words."""

    SENTENCE = 0
    CLAUSE = 1
    OPENER = 2
    PLAIN = 3


@dataclass(frozen=True)
class BreakFault:
    """A pair of words that a break parts.

    Attributes:
        rule: Short id, for example "article-noun".
        message: What is parted.
        is_certain: The words alone prove it; otherwise it is likely (an adjective may end a
            clause, a preposition may belong to the verb in front).
    """

    rule: str
    message: str
    is_certain: bool = True


LABEL_ALONE = BreakFault("label-word", "a speaker's name stands with more than one word", False)


@dataclass(frozen=True)
class BreakPoint:
    """A place between two words."""

    kind: BreakKind
    faults: tuple[BreakFault, ...] = ()

    @property
    def is_forbidden(self) -> bool:
        """Whether the words alone prove that they belong together."""
        return any(fault.is_certain for fault in self.faults)


@dataclass(frozen=True)
class _Place:
    """The words around a break: folded without punctuation, and as they stand."""

    before: str
    after: str
    raw_before: str
    raw_after: str
    earlier: str
    is_last: bool
    language: str


_Check = Callable[[_Place, LineRules], bool]


def break_faults(first_line: str, second_line: str, language: str) -> list[BreakFault]:
    """Return what is wrong with breaking a text here, nothing for a good break.

    Args:
        first_line: The line above the break; lines above it may come with it.
        second_line: The line below.
        language: BCP-47; without a rule file nothing is known and nothing found.
    """
    above, below = first_line.split(), second_line.split()
    if not above or not below or below[0].startswith(DASHES):
        return []
    if is_labelled_word(" ".join(above)):
        return [LABEL_ALONE]
    return list(rate_break([*above, *below], len(above), language).faults)


def is_labelled_word(line: str) -> bool:
    """Return whether a text is a speaker's name in brackets and one word of his.

    Args:
        line: Without the end of the line.
    """
    return LABELLED_WORD.fullmatch(line) is not None


def rate_break(words: Sequence[str], index: int, language: str) -> BreakPoint:
    """Return how good it is to break in front of a word.

    Args:
        words: Running text, one word each, with their punctuation.
        index: The word that would begin the next line, 1 to len(words) - 1.
        language: BCP-47.
    """
    earlier = words[index - 2] if index > 1 else ""
    is_last = index + 1 == len(words)
    return _rate(words[index - 1].strip(), words[index].strip(), earlier.strip(), is_last, language)


@lru_cache(maxsize=65536)
def _rate(before: str, after: str, earlier: str, is_last: bool, language: str) -> BreakPoint:
    rules = rules_for(language)
    place = _Place(bare(before), bare(after), before, after, earlier, is_last, language)
    if ends_sentence(before, after if rules.sentence_capitals else "", language):
        return BreakPoint(BreakKind.SENTENCE)
    if _unquoted(before).endswith(CLAUSE_END):
        return BreakPoint(BreakKind.CLAUSE)
    if after.startswith(DASHES):
        return BreakPoint(BreakKind.PLAIN, (BreakFault("dash-first", DASH_FIRST),))
    faults = tuple(_faults(place, rules))
    quoted = unicodedata.category(after[0]) in OPENING if after else False
    opens = quoted or place.after in rules.openers or place.before in rules.closers
    return BreakPoint(BreakKind.OPENER if opens else BreakKind.PLAIN, faults)


def bare(word: str) -> str:
    """Return a word folded and without the punctuation around it.

    Args:
        word: One word; "don't" and "क्या-क्या" stay whole.
    """
    folded = unicodedata.normalize("NFC", word.casefold())
    first, last = 0, len(folded)
    while first < last and _is_outside(folded[first]):
        first += 1
    while last > first and _is_outside(folded[last - 1]):
        last -= 1
    return folded[first:last]


def _is_outside(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC"


def _unquoted(word: str) -> str:
    while word and (word[-1] in QUOTES or unicodedata.category(word[-1]) in CLOSING):
        word = word[:-1]
    return word


def _faults(place: _Place, rules: LineRules) -> Iterator[BreakFault]:
    for rule, told, is_certain, check in CHECKS:
        if check(place, rules):
            parted = f"{place.raw_before!r} and {place.raw_after!r}"
            yield BreakFault(rule, f"{told}: the break parts {parted}", is_certain)


def _before_noun(place: _Place, rules: LineRules) -> bool:
    return place.before in rules.articles and place.after not in rules.openers


def _before_adjective(place: _Place, rules: LineRules) -> bool:
    return place.before in rules.modifiers and place.after not in rules.openers


def _before_object(place: _Place, rules: LineRules) -> bool:
    return place.before in rules.prepositions and place.after not in rules.conjunctions


def _after_conjunction(place: _Place, rules: LineRules) -> bool:
    return place.before in rules.conjunctions


def _after_connective(place: _Place, rules: LineRules) -> bool:
    return place.before in rules.connectives


def _subject_and_verb(place: _Place, rules: LineRules) -> bool:
    if place.before not in rules.pronouns or place.after in rules.openers | rules.pronouns:
        return False
    # Some are objects as well ("I told you | yesterday"): then only a verb that is known proves it.
    verbs = rules.modals | rules.auxiliaries
    subject_only = place.before not in AMBIGUOUS_PRONOUNS and place.after not in rules.particles
    return subject_only or place.after in verbs or place.after.endswith(rules.negation_endings)


def _verb_and_auxiliary(place: _Place, rules: LineRules) -> bool:
    joins = rules.conjunctions | (rules.prepositions - rules.participles)
    if place.after in joins:
        return False
    if place.before in rules.modals or place.before.endswith(rules.contraction_endings):
        return True
    participle = place.after in rules.participles or (
        len(place.after) > 4 and place.after.endswith(rules.participle_endings)
    )
    return place.before in rules.auxiliaries and participle


def _negation(place: _Place, rules: LineRules) -> bool:
    joins = rules.conjunctions | rules.connectives
    negates = place.before in rules.negations or place.before.endswith(rules.negation_endings)
    return negates and place.after not in joins


def _title_and_name(place: _Place, rules: LineRules) -> bool:
    return place.before in rules.titles and _has_capital(place.raw_after, rules)


def _first_and_last_name(place: _Place, rules: LineRules) -> bool:
    """Two words with capitals inside a sentence; in a line of capitals nothing is known."""
    if not rules.names_by_capitals or not place.earlier or _has_capital(place.earlier, rules):
        return False
    inside = not ends_sentence(place.earlier, place.raw_before, place.language)
    both = all(_has_capital(word, rules) for word in (place.raw_before, place.raw_after))
    return inside and both and place.before not in rules.openers | rules.pronouns


def _has_capital(word: str, rules: LineRules) -> bool:
    letters = word.lstrip(QUOTES + "([¡¿")
    return letters[:1].isupper() and bare(word) not in rules.not_names


def _particle(place: _Place, rules: LineRules) -> bool:
    ends = place.is_last or not place.raw_after[-1:].isalnum()
    return place.after in rules.particles and ends


def _after_its_noun(place: _Place, rules: LineRules) -> bool:
    return place.after in rules.postpositions


def _after_its_verb(place: _Place, rules: LineRules) -> bool:
    return place.after in rules.final_auxiliaries


def _after_stressed(place: _Place, rules: LineRules) -> bool:
    return place.after in rules.clitics


def _pair(place: _Place, rules: LineRules) -> bool:
    return place.after in rules.pairs.get(place.before, ())


# Objects as well as subjects, in the languages with rule files.
AMBIGUOUS_PRONOUNS = frozenset(
    "you it who there ihr ella usted ustedes ellos ellas elle nous vous".split()
)
# Rule id, what it says, whether the words alone prove it, how it is found.
CHECKS: tuple[tuple[str, str, bool, _Check], ...] = (
    ("article-noun", "an article stays with its noun", True, _before_noun),
    ("adjective-noun", "an adjective stays with its noun", False, _before_adjective),
    ("preposition-object", "a preposition stays with its noun", False, _before_object),
    ("conjunction-last", "a line begins with its conjunction", True, _after_conjunction),
    ("connective-last", "a line begins with its connective", False, _after_connective),
    ("pronoun-verb", "a pronoun stays with its verb", True, _subject_and_verb),
    ("verb-auxiliary", "an auxiliary stays with its verb", True, _verb_and_auxiliary),
    ("negation", "a negation stays with its verb", True, _negation),
    ("title-name", "a title stays with its name", True, _title_and_name),
    ("first-last-name", "a name stays whole", True, _first_and_last_name),
    ("verb-particle", "a particle stays with its verb", False, _particle),
    ("postposition-first", "a line never begins with a postposition", True, _after_its_noun),
    ("auxiliary-first", "a line never begins with an auxiliary", True, _after_its_verb),
    ("particle-first", "a line never begins with a stressing particle", True, _after_stressed),
    ("word-pair", "a word stays with its preposition or postposition", False, _pair),
)
