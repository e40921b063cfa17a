#!/usr/bin/env python3
"""
Said to others: answers that an engine which hears lines gave to lines that say different things.

What is not understood gets the same few words again and again: "19th." to seven lines in turn.
Lines that share a word may well have one translation, and "Yes." answers many.

Usage:
    from shared.translation.hearing.said_to_others import said_to_others

    refused = said_to_others(lines, {3: "19th.", 4: "19th.", 5: "19th."})   # {3, 4, 5}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from shared.translation.backend import SourceLine
from shared.translation.chain import LineResult
from shared.translation.hearing.heard import differ
from shared.translation.plausible import folded

# So many lines in turn, or anywhere in a film, that have one answer and share no word.
IN_TURN, ANYWHERE = 3, 3
# An answer of so few words, without a digit, answers many lines; more in turn are none.
SHORT_ANSWER, SHORT_IN_TURN = 2, 6
# From so many words on an answer is not given to unlike lines by chance.
LONG_ANSWER = 4


def said_to_others(lines: Sequence[SourceLine], answers: Mapping[int, str]) -> set[int]:
    """Return the ids of lines whose answer was given to lines that say something else.

    Args:
        lines: In the film's order.
        answers: English by id, "" or nothing for a line without one.
    """
    answered = [line for line in lines if answers.get(line.id)]
    refused: set[int] = set()
    for answer, group in groupby(answered, key=lambda line: folded(answers[line.id])):
        run = list(group)
        is_short = len(answer.split()) <= SHORT_ANSWER and not any(map(str.isdigit, answer))
        if len(run) >= (SHORT_IN_TURN if is_short else IN_TURN) and differ(_texts(run)):
            refused |= {line.id for line in run}
    same: dict[str, list[SourceLine]] = {}
    for line in answered:
        same.setdefault(folded(answers[line.id]), []).append(line)
    for answer, given in same.items():
        if len(answer.split()) >= LONG_ANSWER and len(given) >= ANYWHERE and differ(_texts(given)):
            refused |= {line.id for line in given}
    return refused


def take_back(engine: str, lines: Sequence[SourceLine], results: Mapping[int, LineResult]) -> None:
    """Refuse what an engine said to lines that say different things.

    Args:
        engine: Its name.
        lines: In the film's order.
        results: Of these lines, by id; changed in place.
    """
    said = said_to_others(lines, {line.id: results[line.id].text for line in lines})
    for number in said:
        result = results[number]
        result.objections.append(f"{engine}: {result.text!r} to other lines too")
        result.take(LineResult())


def _texts(lines: Iterable[SourceLine]) -> list[str]:
    """Return what different lines say, each once."""
    return list(dict.fromkeys(folded(line.text) for line in lines))
