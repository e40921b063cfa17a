#!/usr/bin/env python3
"""
Sync: by how much a subtitle file is early or late, and at another speed, beside one that is right.

Where both show something is laid over one another at each speed that films are converted by, by
correlation of the two (the method of ffsubsync); the words do not matter, so that the other file
may be in another language. Where people talk all the time, two films fit as well: begins of lines
must meet far more often than they do at other offsets.

Usage:
    from shared.subtitles.files.sync import found_move

    found_move(late.cues, right.cues).move    # Move(offset=-2.5, ratio=1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np

from shared.subtitles.base.cue import Cue
from shared.subtitles.files.retiming import Move

# Seconds of one sample.
SAMPLE = 0.01
# The rates at which one film is shown; slower ones of television stand for both their names.
RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25))
RATIOS = (Fraction(1), *(one / other for one, other in permutations(RATES, 2)))
# What stays longer has no end of its own; what lies later is of no film (seconds).
LONGEST_CUE, LONGEST_FILM = 10.0, 86_400.0
# Cues whose begins are so near are the same line (seconds).
SAME_LINE = 0.5
# So near they are at once: then the speed stays as it is (seconds).
SAME_MOMENT = 0.005
# Fits that differ by less are alike; a worse one is no fit.
BETTER, LEAST = 1.02, 0.5
# Begins so near meet (seconds); offsets that are none, on either side, and their step (seconds).
MEETING, OTHERS, OTHERS_STEP = 0.15, (2.0, 60.0), 0.37
# Standard deviations by which more of them must meet; of two films with ten lines the best of a
# hundred pairs reach seven and a half.
LEAST_ABOVE = 7.7
# Of how many meet elsewhere, where hardly any do.
LEAST_DEVIATION = 0.5
Samples = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Found:
    """How a file fits another.

    Attributes:
        move: What brings it there.
        fit: Share of the time that both show something of the time that either does, 0 to 1.
        apart: How far begins of the same lines are apart then, on average (seconds).
        above: How many more begins of lines meet then than elsewhere, in standard deviations.
    """

    move: Move
    fit: float
    apart: float
    above: float = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the two can be the same film."""
        return self.fit >= LEAST and self.above >= LEAST_ABOVE


def found_move(cues: Sequence[Cue], right: Sequence[Cue]) -> Found:
    """Return what brings cues to where those of a file that is right are.

    Args:
        cues: Early or late, perhaps at another speed.
        right: Of the same film.
    """
    shown = [cue for cue in cues if cue.text.strip()]
    wanted = [cue for cue in right if cue.text.strip()]
    found = [_at_ratio(shown, wanted, ratio) for ratio in RATIOS]
    best = max(one.fit for one in found)
    # 23.976 and 24 differ by a thousandth: of those that fit as well, begins of lines decide.
    alike = [one for one in found if one.fit * BETTER >= best]
    nearest = min(alike, key=lambda one: one.apart)
    as_it_is = found[0] in alike and found[0].apart <= nearest.apart + SAME_MOMENT
    chosen = found[0] if as_it_is else nearest
    return replace(chosen, above=_above_chance(shown, wanted, chosen.move))


def _at_ratio(cues: Sequence[Cue], right: Sequence[Cue], ratio: Fraction) -> Found:
    """Return the best offset at one speed."""
    one = _samples(cues, Move(ratio=ratio))
    other = _samples(right, Move())
    size = 1 << (len(one) + len(other)).bit_length()
    spectrum = np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size)
    both = np.fft.irfft(spectrum, size)
    place = int(both.argmax())
    offset = (place if place < len(other) else place - size) * SAMPLE
    total = one.sum() + other.sum() - both[place]
    move, apart = _refined(cues, right, Move(offset, ratio))
    return Found(move, float(both[place] / total) if total else 0.0, apart)


def _above_chance(cues: Sequence[Cue], right: Sequence[Cue], move: Move) -> float:
    """Return how many more begins meet by a move than by others, in standard deviations."""
    starts = _moved_starts(cues, move)
    wanted = np.sort(np.array([cue.start for cue in right]))
    if not len(starts) or not len(wanted):
        return 0.0
    edges = np.stack([wanted - MEETING, wanted + MEETING])

    def meeting(offset: float) -> int:
        moved = starts + offset
        begun, ended = (np.searchsorted(edge, moved) for edge in edges)
        return int((begun > ended).sum())

    sides = np.arange(*OTHERS, OTHERS_STEP)
    elsewhere = np.array([meeting(offset) for offset in (*-sides, *sides)])
    deviation = max(float(elsewhere.std()), LEAST_DEVIATION)
    return float(meeting(0.0) - elsewhere.mean()) / deviation


def _moved_starts(cues: Sequence[Cue], move: Move) -> Samples:
    return np.array([float(cue.start * move.ratio) + move.offset for cue in cues])


def _samples(cues: Sequence[Cue], move: Move) -> Samples:
    """Return 1 where a cue is shown and 0 elsewhere."""
    spans = [(move(cue.start), move(min(cue.end, cue.start + LONGEST_CUE))) for cue in cues]
    spans = [(start, end) for start, end in spans if end < LONGEST_FILM]
    made: Samples = np.zeros(int(max((end for _, end in spans), default=0.0) / SAMPLE) + 1)
    for start, end in spans:
        made[int(start / SAMPLE) : int(end / SAMPLE)] = 1.0
    return made


def _refined(cues: Sequence[Cue], right: Sequence[Cue], move: Move) -> tuple[Move, float]:
    """Return a move by the middle of how far begins of the same lines are apart, and the rest."""
    starts = _moved_starts(cues, move)
    wanted = np.sort(np.array([cue.start for cue in right]))
    if not len(starts) or not len(wanted):
        return move, SAME_LINE
    behind = np.clip(np.searchsorted(wanted, starts), 1, max(1, len(wanted) - 1))
    sides = np.stack([wanted[behind - 1], wanted[np.minimum(behind, len(wanted) - 1)]]) - starts
    apart = np.where(np.abs(sides[0]) < np.abs(sides[1]), sides[0], sides[1])
    near = apart[np.abs(apart) <= SAME_LINE]
    shift = float(np.median(near)) if len(near) else 0.0
    left = float(np.abs(near - shift).mean()) if len(near) else SAME_LINE
    return Move(round(move.offset + shift, 3), move.ratio), left
