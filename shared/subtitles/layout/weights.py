#!/usr/bin/env python3
"""
Weights: what each imperfection of a cue costs, in one place; 1.0 = one cue more.

The sum over all cues of a film is what shaping makes as small as it can.

Usage:
    from shared.subtitles.layout.weights import line_break_cost
"""

from __future__ import annotations

from shared.subtitles.layout.line_breaks import BreakKind, BreakPoint, is_labelled_word

CUE = 1.0
# A second line, and the third where three are allowed.
LINE = 0.3
# How far lines are from even: the squares of their shares of the line length.
RAGGED = 2.0
# A break inside a cue, by what it comes after or before; the same between two cues.
LINE_BREAKS = {
    BreakKind.SENTENCE: 0.0,
    BreakKind.CLAUSE: 0.1,
    BreakKind.OPENER: 0.35,
    BreakKind.PLAIN: 0.8,
}
CUE_BREAKS = {
    BreakKind.SENTENCE: 0.0,
    BreakKind.CLAUSE: 0.6,
    BreakKind.OPENER: 1.2,
    BreakKind.PLAIN: 2.0,
}
# What a break parts that belongs together.
FORBIDDEN = 4.0
# A line that holds a speaker's name and one word.
LABEL_AND_WORD = 3.0
UNWANTED = 1.0
# A pause of so many seconds makes every place between two cues a good one, down to this share.
GOOD_PAUSE = 0.6
PAUSED_SHARE = 0.15
# The end of a recogniser's segment is at worst this bad, whatever the words.
SEGMENT_END = 0.3
# Joining two sentences, and two segments, in one cue.
JOINED_SENTENCES = 1.2
JOINED_SEGMENTS = 0.3
# A second of pause inside a cue, beyond the part that nobody notices; none is longer than this.
PAUSE = 1.5
UNNOTICED_PAUSE = 0.3
LONGEST_PAUSE = 3.0
# Two speakers in one cue, one a line: only where each alone could not be read.
TWO_SPEAKERS = 2.5
# Shorter than the shortest duration, and faster than can be read: once, and by how much.
TOO_SHORT = 1.0
SHORTER = 3.0
TOO_FAST = 0.5
FASTER = 4.0
# A piece of a sentence with fewer characters than this.
FRAGMENT = 0.8
FRAGMENT_CHARACTERS = 12
# A word alone that is longer than its line: it is shown all the same.
OVERLONG = 50.0


def line_break_cost(point: BreakPoint, before: str) -> float:
    """Return what a line break at this place costs.

    Args:
        point: The place, as rate_break found it.
        before: The word in front of it, with the name of who says it where there is one.
    """
    label = LABEL_AND_WORD if is_labelled_word(before) else 0.0
    return LINE_BREAKS[point.kind] + _fault_cost(point) + label


def cue_break_cost(point: BreakPoint, pause: float, ends_segment: bool) -> float:
    """Return what it costs to end a cue at this place.

    Args:
        point: The place, as rate_break found it.
        pause: Seconds without speech there.
        ends_segment: Whether the recogniser's segment ends there.
    """
    share = max(PAUSED_SHARE, 1.0 - max(0.0, pause) / GOOD_PAUSE)
    cost = (CUE_BREAKS[point.kind] + _fault_cost(point)) * share
    return min(cost, SEGMENT_END) if ends_segment else cost


def joining_cost(point: BreakPoint, pause: float, ends_segment: bool) -> float:
    """Return what it costs that a cue goes on over this place.

    Args:
        point: The place, as rate_break found it.
        pause: Seconds without speech there.
        ends_segment: Whether the recogniser's segment ends there.
    """
    cost = PAUSE * max(0.0, pause - UNNOTICED_PAUSE)
    cost += JOINED_SENTENCES if point.kind is BreakKind.SENTENCE else 0.0
    return cost + (JOINED_SEGMENTS if ends_segment else 0.0)


def _fault_cost(point: BreakPoint) -> float:
    if point.is_forbidden:
        return FORBIDDEN
    return UNWANTED if point.faults else 0.0
