#!/usr/bin/env python3
"""
Layout: the words of one cue on its lines.

Usage:
    from shared.subtitles.layout.layout import break_lines

    break_lines("When the morning came, everybody was still asleep there.", limits)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import regex

from shared.subtitles.base.chunks import running_words
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.layout import weights
from shared.subtitles.layout.line_breaks import rate_break
from shared.subtitles.layout.weights import line_break_cost


def break_lines(text: str, limits: ReadingLimits) -> str:
    """Return text on as few lines as fit, broken where it hurts least.

    Args:
        text: Running text of one cue.
        limits: Line length, number of lines, language.
    """
    return "\n".join(lay_out(running_words(text, limits.language), limits))


def lay_out(words: Sequence[str], limits: ReadingLimits, dress: str = "") -> list[str]:
    """Return the lines of one cue.

    Args:
        words: Each with a space in front where it is written apart from the word before it.
        limits: Line length, number of lines, language.
        dress: What stands at both ends with a space between, for example a note.
    """
    first, last = (f"{dress} ", f" {dress}") if dress else ("", "")
    whole = first + _text(words) + last
    length = limits.line_length(whole)
    if length <= limits.max_line_length or limits.max_lines == 1:
        return [whole]
    if len(words) == 1:
        return _cut(first, words[0].strip(), last, limits)
    spoken = [_text([word]) for word in words]
    breaks = [0.0] + [
        line_break_cost(rate_break(spoken, index, limits.language), spoken[index - 1])
        for index in range(1, len(words))
    ]
    options = []
    for count in range(1, limits.max_lines):
        for places in combinations(range(1, len(words)), count):
            ends = [0, *places, len(words)]
            lines = [_text(words[low:high]) for low, high in pairwise(ends)]
            lines = [first + lines[0], *lines[1:-1], lines[-1] + last]
            cost = weights.LINE * count + sum(breaks[place] for place in places)
            cost += sum(_line_cost(line, limits) for line in lines)
            options.append((cost - even_cost(length, count + 1, limits), lines))
    return min(options)[1]


def two_voices(first: Sequence[str], second: Sequence[str], limits: ReadingLimits) -> list[str]:
    """Return two speakers' words on a line each, with hyphens as the language has them.

    Args:
        first: Words of who speaks first.
        second: Words of who answers.
        limits: Of the language.
    """
    above, below = limits.dashes
    return [above + _text(first), below + _text(second)]


def unused_cost(length: float, limits: ReadingLimits) -> float:
    """Return what the unused part of a line costs in a cue of several lines.

    Args:
        length: In characters.
        limits: Line length.
    """
    return weights.RAGGED * (1.0 - length / limits.max_line_length) ** 2


def even_cost(length: float, count: int, limits: ReadingLimits) -> float:
    """Return what even lines would cost: only what is beyond it speaks against a cue.

    Args:
        length: Of the text on one line, in characters.
        count: Number of lines.
        limits: Line length.
    """
    return count * unused_cost((length - count + 1) / count, limits)


def _line_cost(line: str, limits: ReadingLimits) -> float:
    length = limits.line_length(line)
    excess = max(0, length - limits.max_line_length)
    return weights.OVERLONG * excess if excess else unused_cost(length, limits)


def _text(words: Sequence[str]) -> str:
    return "".join(words).strip()


def _cut(first: str, word: str, last: str, limits: ReadingLimits) -> list[str]:
    """Return one word that is too long on two even lines, no letter parted from its marks."""
    letters = regex.findall(r"\X", word)
    half = (len(letters) + 1) // 2
    lines = [first + "".join(letters[:half]), "".join(letters[half:]) + last]
    return [line.strip() for line in lines if line.strip()]
