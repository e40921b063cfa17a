#!/usr/bin/env python3
"""
Strip: the film as a picture: where there is speech, music, silence, text, and what is doubted.

Eight rows at most, so that a long film can be read on a phone; each is as wide as the screen.

Usage:
    from shared.report.strip import draw_strip

    strip = draw_strip(facts, texts, entries)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.core.errors import counted
from shared.core.languages import language_name
from shared.pipeline.plan.eta import clock
from shared.report.entries import Entry
from shared.report.facts import Facts
from shared.report.sides import Row, Text
from shared.transcript.records.schemas import TimeSpan

WIDTH = 1000.0
LANE, SPACE = 12.0, 4.0
MOST_ROWS, SHORTEST_ROW = 8, 120.0
# So many places of a row lead to the text that is said there.
SLICES = 60
MUSIC = frozenset({"music", "singing", "song"})


@dataclass(frozen=True)
class Lane:
    """One line of a row: a class for its colour, where it lies, and its path for SVG."""

    kind: str
    y: float
    path: str


@dataclass(frozen=True)
class Mark:
    """A place to click: x and width in the row, where it leads, what it says."""

    x: float
    width: float
    target: str
    title: str


@dataclass(frozen=True)
class StripRow:
    """A part of the film: its times in words, its lanes, its doubts, its other places."""

    begin: str
    end: str
    lanes: list[Lane]
    doubts: list[Mark]
    slices: list[Mark]


@dataclass(frozen=True)
class Strip:
    """The whole film: kind and name of each lane from above, its height, its rows, a summary."""

    names: list[tuple[str, str]]
    height: float
    rows: list[StripRow]
    summary: str


def draw_strip(
    facts: Facts,
    texts: Mapping[str, Sequence[Text]],
    entries: Sequence[Entry],
    rows: Sequence[Row],
) -> Strip:
    """Return the strip of a film.

    Args:
        facts: What is known of the job.
        texts: Of texts_by_language.
        entries: The queue of doubts.
        rows: Of side_by_side.
    """
    lanes = _lanes(facts, texts)
    length = max(SHORTEST_ROW, facts.duration / MOST_ROWS)
    parts = max(1, math.ceil(facts.duration / length - 1e-9))
    length = facts.duration / parts
    drawn = []
    for number in range(parts):
        begin, end = number * length, (number + 1) * length
        made = [
            Lane(kind, place * (LANE + SPACE), _path(spans, begin, end, place))
            for place, (kind, _, spans) in enumerate(lanes)
        ]
        marks = _doubt_marks(entries, begin, end)
        drawn.append(StripRow(clock(begin), clock(end), made, marks, _slices(rows, begin, end)))
    names = [(kind, name) for kind, name, _ in lanes] + [("doubt", "doubts")]
    return Strip(names, (len(lanes) + 1) * (LANE + SPACE), drawn, _summary(facts, entries))


def _lanes(
    facts: Facts, texts: Mapping[str, Sequence[Text]]
) -> list[tuple[str, str, list[tuple[float, float]]]]:
    """Return kind, name and stretches in seconds of each lane, from above."""
    speech = [(one.start, one.end) for one in facts.regions]
    music = [(one.start, one.end) for one in facts.sounds if one.kind in MUSIC]
    other = [(one.start, one.end) for one in facts.sounds if one.kind not in MUSIC]
    lanes = [("speech", "speech", speech), ("music", "music", music)]
    if other:
        lanes.append(("sound", "other sounds", other))
    if facts.regions or facts.sounds:
        lanes.append(("silence", "neither", silent(facts)))
    for language, own in texts.items():
        lanes.append(("cue", language_name(language), [(one.start, one.end) for one in own]))
    return lanes


def silent(facts: Facts) -> list[tuple[float, float]]:
    """Return where neither speech nor another known sound is, in seconds.

    Args:
        facts: What is known of the job.
    """
    spans: list[TimeSpan] = sorted([*facts.regions, *facts.sounds], key=lambda one: one.start)
    position, found = 0.0, []
    for one in spans:
        if one.start > position:
            found.append((position, one.start))
        position = max(position, one.end)
    if position < facts.duration:
        found.append((position, facts.duration))
    return found


def _path(spans: Iterable[tuple[float, float]], begin: float, end: float, place: int) -> str:
    """Return the stretches of a lane in a part of the film as one path of rectangles."""
    y = place * (LANE + SPACE)
    parts = []
    for start, stop in spans:
        if stop > begin and start < end:
            x = _x(max(start, begin), begin, end)
            width = max(0.8, _x(min(stop, end), begin, end) - x)
            parts.append(f"M{x:.1f} {y:.0f}h{width:.1f}v{LANE:.0f}h-{width:.1f}z")
    return "".join(parts)


def _doubt_marks(entries: Sequence[Entry], begin: float, end: float) -> list[Mark]:
    """Return the doubts of a part of the film, each at its entry."""
    marks = []
    for number, entry in enumerate(entries, 1):
        if begin <= entry.start < end:
            x = min(WIDTH - 6.0, _x(entry.start, begin, end))
            width = max(6.0, _x(min(end, entry.end), begin, end) - x)
            reason = entry.reasons[0][1] if entry.reasons else ""
            marks.append(Mark(x, width, f"d{number}", f"{clock(entry.start)}: {reason}"))
    return marks


def _slices(rows: Sequence[Row], begin: float, end: float) -> list[Mark]:
    """Return the places of a part of the film that lead to what is said there."""
    width = WIDTH / SLICES
    marks = []
    number = 0
    for piece in range(SLICES):
        at = begin + (end - begin) * piece / SLICES
        while number + 1 < len(rows) and rows[number + 1].start <= at + (end - begin) / SLICES:
            number += 1
        if rows:
            marks.append(Mark(piece * width, width, f"c{number + 1}", clock(at)))
    return marks


def _x(seconds: float, begin: float, end: float) -> float:
    return WIDTH * (seconds - begin) / (end - begin) if end > begin else 0.0


def _summary(facts: Facts, entries: Sequence[Entry]) -> str:
    """Return what the strip shows in words, for who cannot see it."""
    speech = sum(one.duration for one in facts.regions)
    music = sum(one.duration for one in facts.sounds if one.kind in MUSIC)
    quiet = sum(end - start for start, end in silent(facts))
    return (
        f"{clock(facts.duration)} long: {clock(speech)} of speech, {clock(music)} of music, "
        f"{clock(quiet)} of neither; doubts at {counted(len(entries), 'place')}."
    )
