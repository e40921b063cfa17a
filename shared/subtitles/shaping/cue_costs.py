#!/usr/bin/env python3
"""
Cue costs: what every possible cue of a track would cost, and the cheapest way through.

A cue is a run of words. For each width (number of words) one array holds the costs of the cues
that begin at each word, so that a film's hundred thousands of possible cues are a few hundred
steps of numpy.

Usage:
    from shared.subtitles.shaping.cue_costs import cheapest_cues

    [(0, 7), (7, 15)] == cheapest_cues(stream, limits)
"""

from __future__ import annotations

import numpy as np

from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.layout import weights
from shared.subtitles.shaping.word_stream import Flags, Numbers, WordStream

# What a note and its space add to the line it stands on.
NOTE_LENGTH = 2.0
INFINITE = np.inf
TOLERANCE = 1e-6


def cheapest_cues(stream: WordStream, limits: ReadingLimits) -> list[tuple[int, int]]:
    """Return the cues whose costs together are the least: (first word, word after the last).

    Args:
        stream: The words.
        limits: What cues keep to.
    """
    count = len(stream)
    if not count:
        return []
    costs = all_costs(stream, limits)
    widest = len(costs)
    # Row j holds the costs of the cues that end in front of word j, the narrowest first.
    ending = np.full((count + 1, widest), INFINITE)
    for width, row in enumerate(costs, 1):
        ending[width : count + 1, width - 1] = row
    best = np.full(count + widest + 1, INFINITE)
    best[widest] = 0.0  # padded in front: best[widest + j] = the least cost of words 0 to j
    taken = [0] * (count + 1)
    for end in range(1, count + 1):
        totals = best[end : end + widest][::-1] + ending[end]
        choice = int(totals.argmin())
        best[widest + end] = totals[choice]
        taken[end] = choice + 1
    cues: list[tuple[int, int]] = []
    end = count
    while end:
        cues.append((end - taken[end], end))
        end -= taken[end]
    return cues[::-1]


def all_costs(stream: WordStream, limits: ReadingLimits) -> list[Numbers]:
    """Return for each width from 1 the costs of the cues of so many words, by their first word.

    Args:
        stream: The words.
        limits: What cues keep to.
    """
    candidates = _Candidates(stream, limits)
    layouts = _layouts(candidates)
    return [
        layout + candidates.joining(width) + candidates.reading(width) + candidates.ending(width)
        for width, layout in enumerate(layouts, 1)
    ]


class _Candidates:
    """Figures of all cues of one width, as arrays by their first word."""

    def __init__(self, stream: WordStream, limits: ReadingLimits) -> None:
        self.stream, self.limits = stream, limits
        self.count = len(stream)
        self.reach = _sums(stream.lengths + stream.spaces)
        self._characters = _sums(stream.characters + stream.spaces)
        self._words = _sums(stream.counts)
        self._joins = _sums(stream.joins)
        self._walls = _sums(stream.walls)
        self._turns = _sums(stream.turns)
        self.notes = NOTE_LENGTH * stream.sung
        room = limits.max_line_length * limits.max_lines + limits.max_lines
        fitting = np.searchsorted(self.reach, self.reach[:-1] + room, side="right") - 1
        widths = fitting - np.arange(self.count)
        self.widest = max(1, int(widths.max()))

    def length(self, width: int) -> Numbers:
        """Return how long the words are on one line, in characters."""
        return self._spanned(self.reach, width) - self.stream.spaces[: self.count - width + 1]

    def turns(self, width: int) -> Numbers:
        """Return how often the speaker changes inside."""
        return self._inside(self._turns, width)

    def joining(self, width: int) -> Numbers:
        """Return the cost of what the cues reach over."""
        walls = self._inside(self._walls, width) > 0
        return np.where(walls, INFINITE, self._inside(self._joins, width))

    def reading(self, width: int) -> Numbers:
        """Return the cost of what is too short, too long or too fast."""
        stream, limits, last = self.stream, self.limits, self.count - width + 1
        starts, spoken = stream.starts[:last], stream.ends[width - 1 :]
        following = np.append(stream.starts[width:], INFINITE)
        characters = self._spanned(self._characters, width) - stream.spaces[:last]
        characters = characters + 2 * self.notes[:last]
        needed = np.maximum(
            characters / limits.reading_speed,
            self._spanned(self._words, width) * limits.seconds_per_word,
        )
        wanted = np.maximum(spoken - starts, np.maximum(needed, limits.min_duration))
        room = np.maximum(following - limits.min_gap - starts, limits.frame)
        shown = np.minimum(np.minimum(wanted, room), limits.max_duration)
        lacking = np.maximum(0.0, 1.0 - shown / limits.min_duration)
        haste = np.maximum(0.0, needed / shown - 1.0)
        cost: Numbers = weights.SHORTER * lacking + weights.TOO_SHORT * (lacking > TOLERANCE)
        cost += weights.FASTER * haste + weights.TOO_FAST * (haste > TOLERANCE)
        if width > 1:
            cost[spoken - starts > limits.max_duration] = INFINITE
        return cost

    def ending(self, width: int) -> Numbers:
        """Return the cost of a cue more, of the place where it ends, and of a mere fragment."""
        stream, last = self.stream, self.count - width + 1
        place = np.append(stream.cue_breaks[width:], 0.0)
        whole = stream.ends_unit[:last] & np.append(stream.ends_unit[width:], True)
        short = self.length(width) < weights.FRAGMENT_CHARACTERS
        cost: Numbers = weights.CUE + place + weights.FRAGMENT * (short & ~whole)
        return cost

    def _spanned(self, sums: Numbers, width: int) -> Numbers:
        return sums[width:] - sums[: self.count - width + 1]

    def _inside(self, sums: Numbers, width: int) -> Numbers:
        """Return sums over the places inside, the one in front of the first word left out."""
        return sums[width:] - sums[1 : self.count - width + 2]


def _layouts(candidates: _Candidates) -> list[Numbers]:
    """Return for each width the cost of the best lines."""
    limits, widths = candidates.limits, range(1, candidates.widest + 1)
    lengths = [candidates.length(width) for width in widths]
    firsts = [_line(row + candidates.notes[: len(row)], limits) for row in lengths]
    lasts = [_line(row + candidates.notes[: len(row)], limits) for row in lengths]
    middles = [_line(row, limits) for row in lengths]
    best = [
        np.where(row + 2 * candidates.notes[: len(row)] <= limits.max_line_length, 0.0, INFINITE)
        for row in lengths
    ]
    heads = firsts
    for count in range(1, limits.max_lines):
        broken = _combine(heads, lasts, candidates.stream.line_breaks)
        for width, row in enumerate(broken, 1):
            whole = lengths[width - 1] + 2 * candidates.notes[: len(row)]
            cost = row + weights.LINE * count - _even(whole, count + 1, limits)
            best[width - 1] = np.minimum(best[width - 1], cost)
        if count + 1 < limits.max_lines:
            heads = _combine(heads, middles, candidates.stream.line_breaks)
    for width, row in zip(widths, best, strict=True):
        turns = candidates.turns(width)
        row[turns > 0] = INFINITE
    if limits.max_lines > 1:
        _add_two_voices(candidates, best)
    best[0] = np.minimum(best[0], weights.OVERLONG)
    return best


def _combine(heads: list[Numbers], tails: list[Numbers], breaks: Numbers) -> list[Numbers]:
    """Return for each width the least cost of a head, a break and a tail."""
    combined: list[Numbers] = []
    fitting = [bool(np.isfinite(row).any()) for row in heads]
    for width, row in enumerate(heads, 1):
        best = np.full(len(row), INFINITE)
        for head in range(1, width):
            if not fitting[head - 1]:
                continue
            tail = tails[width - head - 1][head : head + len(row)]
            cost = heads[head - 1][: len(row)] + breaks[head : head + len(row)] + tail
            np.minimum(best, cost, out=best)
        combined.append(best)
    return combined


def _add_two_voices(candidates: _Candidates, best: list[Numbers]) -> None:
    """Put in the cost of cues with two speakers, a line each, where the speaker changes once."""
    limits, turns = candidates.limits, np.flatnonzero(candidates.stream.turns)
    if not len(turns):
        return
    for width, row in enumerate(best, 1):
        starts = np.arange(len(row))
        at = np.searchsorted(turns, starts, side="right")
        once = candidates.turns(width) == 1
        place = np.where(once, turns[np.minimum(at, len(turns) - 1)], starts)
        reach = candidates.reach
        spaces = candidates.stream.spaces
        above = reach[place] - reach[starts] - spaces[starts] + len(limits.dashes[0])
        below = (
            reach[starts + width] - reach[place] - spaces[np.minimum(place, len(spaces) - 1)]
        ) + len(limits.dashes[1])
        fits = once & (np.maximum(above, below) <= limits.max_line_length)
        row[fits] = weights.TWO_SPEAKERS


def _line(lengths: Numbers, limits: ReadingLimits) -> Numbers:
    """Return the cost of lines in a cue of several (layout.unused_cost, for arrays)."""
    cost = weights.RAGGED * (1.0 - lengths / limits.max_line_length) ** 2
    return np.where(lengths > limits.max_line_length, INFINITE, cost)


def _even(lengths: Numbers, count: int, limits: ReadingLimits) -> Numbers:
    """Return the cost of even lines (layout.even_cost, for arrays)."""
    unused = 1.0 - (lengths - count + 1) / count / limits.max_line_length
    return weights.RAGGED * count * unused**2


def _sums(values: Numbers | Flags) -> Numbers:
    """Return the running sum with a zero in front."""
    return np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
