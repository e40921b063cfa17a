#!/usr/bin/env python3
"""
Devanagari: Hindi in Roman or Urdu letters written in its own script, from its sounds.

A word list is asked first; a spelling model, which takes a second a word, only where the list does
not know a word or its spelling is unclear. English words keep their Latin letters.

Usage:
    from shared.transcript.writing.devanagari import HindiKnowledge, into_devanagari

    into_devanagari(["tum", "late", "ho"], knowledge)    # तुम late हो, each with where it is from
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from shared.transcript.writing.hindi_letters import urdu_letters_as_devanagari
from shared.transcript.writing.hindi_sounds import (
    ROMAN,
    URDU,
    Candidate,
    HindiLexicon,
    plain_word,
)
from shared.transcript.writing.hinglish import LATIN_WORD, Label, label_words
from shared.transcript.writing.other_scripts import read_aloud
from shared.transcript.writing.split_words import joined
from shared.transcript.writing.urdu_words import known_word, with_nuktas

# Where a word is from: the word list, the spelling model, its letters alone, English as it was, an
# English word that was written in Devanagari, or as it was.
Origin = Literal["list", "model", "letters", "english", "loan", "kept"]

URDU_LETTER = r"\p{Script=Arabic}(?<=\p{L})"
URDU_WORD = regex.compile(rf"{URDU_LETTER}(?:{URDU_LETTER}|\p{{M}})*")
WORD = regex.compile(
    r"(?P<initials>(?:\b[A-Z]\.)+)"
    rf"|(?P<latin>{LATIN_WORD.pattern})|(?P<urdu>{URDU_WORD.pattern})|(?P<own>\p{{Devanagari}}+)"
)
FOREIGN = regex.compile(r"[\p{L}--\p{Devanagari}]", regex.V1)
# Titles as Hindi writes them; without its point or a capital "dr" is another word.
TITLES = {"dr": "डॉ.", "mr": "मि.", "mrs": "मिसेज़", "prof": "प्रो.", "smt": "श्रीमती", "pt": "पं."}
URDU_SIGNS = str.maketrans("،۔؟؛٪۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", ",।?;%01234567890123456789")
CLAUSE_ENDS = tuple(",.?!;।،۔؟؛")
# The higher, the less certain.
CERTAINTY: dict[Origin, int] = {
    "kept": 0,
    "english": 1,
    "loan": 1,
    "list": 2,
    "model": 3,
    "letters": 4,
}
# The word list is believed up to this cost of a Roman spelling, if no word that is so much rarer
# is nearer to it.
SURE_COST, CLEAR_MARGIN = 1.0, 1.5
# Each place that a guess of the spelling model stands lower costs it a power of ten.
RANK_COST = 1.0
MOST_URDU_COST = 4.0
# How Roman letters end a name in a: Gupta is no गुप्त (secret).
LONG_A = "ा"
# Spellings of a word list that Hindi has given up.
MODERN = dict(pair.split("=") for pair in """
    गये=गए आये=आए हुये=हुए लिये=लिए चाहिये=चाहिए डाक्टर=डॉक्टर मैने=मैंने उन्होने=उन्होंने
    """.split())


@dataclass(frozen=True)
class HindiKnowledge:
    """What is known of Hindi and English words.

    `english`: Zipf frequency of an English word, 0.0 for an unknown one. `guess`: spellings in
    Devanagari of a word in Roman letters, the best first. `english_by_sound`: the English word that
    Urdu letters, each in Devanagari, sound as; "" for none.
    """

    lexicon: HindiLexicon
    english: Callable[[str], float]
    guess: Callable[[str], Sequence[str]]
    english_by_sound: Callable[[str], str] = lambda letters: ""


@dataclass(frozen=True)
class Rewritten:
    """A token in its new spelling, and where the least certain of its words is from.

    `evidence`: what bears a loan out.
    """

    text: str
    origin: Origin
    evidence: str = ""


def into_devanagari(
    tokens: Sequence[str], knowledge: HindiKnowledge, keep_english: bool = True
) -> list[Rewritten]:
    """Return each token of a line with its Hindi words in Devanagari.

    Args:
        tokens: Words of one line in order, with their punctuation.
        knowledge: Hindi and English words.
        keep_english: English words keep their Latin letters; otherwise they are spelt as Hindi
            spells them.

    Returns:
        As many as tokens; of two that are one word the second is empty.
    """
    heard, tokens = tokens, [read_aloud(token) for token in tokens]
    found = [list(WORD.finditer(token)) for token in tokens]
    words = [
        match.group()
        for matches in found
        for match in matches
        if not (match["urdu"] or match["initials"])
    ]
    labels = iter(label_words(words, knowledge.lexicon, knowledge.english))
    clauses = _clauses(tokens, found)
    rewritten: list[Rewritten] = []
    for token, matches in zip(tokens, found, strict=True):
        text, position = "", 0
        origins: list[Origin] = ["kept"]
        for match in matches:
            if match["initials"]:
                continue
            clause, place = next(clauses)
            if match["urdu"]:
                word, origin = _from_urdu(clause, place, knowledge, keep_english)
            else:
                word, origin = _from_label(next(labels), knowledge, keep_english)
            text += token[position : match.start()] + word
            position = match.end()
            origins.append(origin)
        text = (text + token[position:]).translate(URDU_SIGNS)
        rewritten.append(Rewritten(text or token, max(origins, key=lambda one: CERTAINTY[one])))
    rewritten = [
        one if token == old else Rewritten(one.text, "letters", f"{old} read by its sounds")
        for one, token, old in zip(rewritten, tokens, heard, strict=True)
    ]
    return _without_splits(_with_titles(rewritten, tokens, knowledge), knowledge)


def _clauses(
    tokens: Sequence[str], found: Sequence[Sequence[regex.Match[str]]]
) -> Iterator[tuple[list[str], int]]:
    """Return for each word the words of its clause, and its place among them."""
    clause: list[str] = []
    places = []
    for token, matches in zip(tokens, found, strict=True):
        for match in matches:
            if not match["initials"]:
                places.append((clause, len(clause)))
                clause.append(match.group())
        if token.endswith(CLAUSE_ENDS):
            clause = []
    return iter(places)


def _with_titles(
    rewritten: Sequence[Rewritten], tokens: Sequence[str], knowledge: HindiKnowledge
) -> list[Rewritten]:
    """Return the tokens with titles (Dr, Mr.) as Hindi writes them; the name behind ends in ा."""
    found = list(rewritten)
    for place, (one, token) in enumerate(zip(rewritten, tokens, strict=True)):
        bare = token.rstrip(".,").lower()
        if bare in TITLES and (token[:1].isupper() or token.endswith(".")):
            found[place] = Rewritten(TITLES[bare], "list")
        elif place and found[place - 1].text in TITLES.values():
            whole = one.text + LONG_A
            if token.endswith("a") and knowledge.lexicon.frequency(whole):
                found[place] = Rewritten(whole, one.origin)
    return found


def _without_splits(tokens: Sequence[Rewritten], knowledge: HindiKnowledge) -> list[Rewritten]:
    """Return the tokens with words that were cut in two in the first place of both, "" after it."""
    whole = list(tokens)
    for place in range(1, len(whole)):
        before, token = whole[place - 1], whole[place]
        if {before.origin, token.origin} & {"english", "loan"}:
            continue
        word = joined(before.text, token.text, knowledge.lexicon.frequency)
        if word:
            told = f"{before.text} {token.text} is one word"
            whole[place - 1 : place + 1] = [Rewritten(word, "list", told), Rewritten("", "kept")]
    return whole


def line_into_devanagari(line: str, knowledge: HindiKnowledge) -> str:
    """Return a line with its Hindi words in Devanagari, all else as it was.

    Args:
        line: A line of dialogue.
        knowledge: Hindi and English words.
    """
    pieces = regex.split(r"(\s+)", line)
    for place, one in enumerate(into_devanagari(pieces[::2], knowledge)):
        if pieces[2 * place] and not one.text:
            pieces[2 * place - 1] = ""
        pieces[2 * place] = one.text
    return "".join(pieces)


def _from_label(label: Label, knowledge: HindiKnowledge, keep_english: bool) -> tuple[str, Origin]:
    """Return a word in Latin letters or Devanagari as it is to be written."""
    if label.word == label.devanagari:
        return label.word, "kept"
    if label.tongue == "hi":
        return _from_roman(label.word, label.devanagari, knowledge)
    guesses = [] if keep_english else knowledge.guess(label.word)
    return (plain_word(guesses[0]), "model") if guesses else (label.word, "english")


def _from_roman(word: str, likely: str, knowledge: HindiKnowledge) -> tuple[str, Origin]:
    """Return a Hindi word in Roman letters in Devanagari.

    Args:
        word: ASCII letters.
        likely: What the line makes of it, "" if the word list does not know it.
        knowledge: Hindi words.
    """
    candidates = knowledge.lexicon.find(word, ROMAN)
    if candidates and _is_clear(candidates[0].cost, candidates[0].score, candidates[1:]):
        return _in_use(likely), "list"
    scores: dict[str, float] = {}
    for rank, guessed in enumerate(knowledge.guess(word)):
        plain = plain_word(guessed)
        score = knowledge.lexicon.frequency(plain) - RANK_COST * rank
        scores[plain] = max(score, scores.get(plain, score))
    if scores:
        return max(scores, key=lambda one: scores[one]), "model"
    return (_in_use(likely), "list") if likely else (word, "kept")


def _is_clear(cost: float, score: float, others: Sequence[Candidate]) -> bool:
    nearer = (one for one in others if one.cost < cost and one.score > score - CLEAR_MARGIN)
    return cost <= SURE_COST and next(nearer, None) is None


def _from_urdu(
    words: Sequence[str], place: int, knowledge: HindiKnowledge, keep_english: bool
) -> tuple[str, Origin]:
    """Return a Hindi word in Urdu letters in Devanagari, or the English one that it sounds as.

    Args:
        words: Of its clause.
        place: Of the word.
        knowledge: Hindi and English words.
        keep_english: Whether English words are written in Latin letters.
    """
    word = words[place]
    known = known_word(words, place)
    if known:
        return known, "list"
    candidates = knowledge.lexicon.find(word, URDU, MOST_URDU_COST)
    if candidates:
        best = candidates[0]
        dotted = with_nuktas(word, best.word)
        # Of a word that was heard otherwise than it is spelt the dots say nothing.
        return _in_use(dotted if knowledge.lexicon.frequency(dotted) else best.word), "list"
    letters = urdu_letters_as_devanagari(word)
    english = knowledge.english_by_sound(letters) if keep_english else ""
    return (english, "english") if english else (letters, "letters")


def _in_use(word: str) -> str:
    return MODERN.get(word, word)
