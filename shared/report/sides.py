#!/usr/bin/env python3
"""
Sides: what is said, in all languages side by side, a row for each cue of the spoken one.

Usage:
    from shared.report.sides import side_by_side

    for row in side_by_side(facts): ...
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.report.facts import Facts


@dataclass(frozen=True)
class Text:
    """A text and its time in seconds."""

    start: float
    end: float
    text: str


@dataclass
class Row:
    """What is said at one time: seconds, and the texts by language."""

    start: float
    end: float
    texts: dict[str, list[str]] = field(default_factory=dict)


def texts_by_language(facts: Facts) -> dict[str, list[Text]]:
    """Return the texts of each language in order: its cues, before there are any its lines.

    Args:
        facts: What is known of the job.
    """
    found: dict[str, list[Text]] = {}
    times: dict[int, tuple[float, float]] = {}
    if facts.transcript is not None:
        segments = facts.transcript.segments
        times = {one.id: (one.start, one.end) for one in segments}
        found[facts.transcript.language] = [Text(one.start, one.end, one.text) for one in segments]
    for language, translation in facts.translations.items():
        lines = [one for one in translation.lines if one.id in times]
        found[language] = [Text(*times[one.id], one.text) for one in lines]
    for track in facts.tracks.values():
        found[track.language] = [Text(one.start, one.end, one.text) for one in track.cues]
    return {language: sorted(one, key=lambda text: text.start) for language, one in found.items()}


def side_by_side(texts: Mapping[str, Sequence[Text]]) -> list[Row]:
    """Return all texts in rows, in order: each stands where it shares most of its time.

    Args:
        texts: Of texts_by_language; the first language makes the rows.
    """
    rows: list[Row] = []
    for language, own in texts.items():
        starts = [row.start for row in rows]
        made: list[Row] = []
        for one in own:
            row = _row_of(one, rows, starts)
            if row is None:
                row = Row(one.start, one.end)
                made.append(row)
            row.texts.setdefault(language, []).append(one.text)
        rows = sorted([*rows, *made], key=lambda row: row.start)
    return rows


def said_between(texts: Sequence[Text], start: float, end: float) -> list[str]:
    """Return the texts that share much of a stretch of time, or most of their own with it.

    Args:
        texts: Of one language, in order.
        start: Seconds.
        end: Seconds.
    """
    last = bisect_right(texts, end, key=lambda one: one.start)
    # A cue stays for seconds, so that few before the last can reach into the stretch.
    near = texts[max(0, last - 12) : last]
    return [one.text for one in near if _shares(one, start, end)]


def _shares(one: Text, start: float, end: float) -> bool:
    shared = min(one.end, end) - max(one.start, start)
    return shared > 0 and shared >= 0.3 * min(one.end - one.start, end - start)


def _row_of(one: Text, rows: Sequence[Row], starts: Sequence[float]) -> Row | None:
    """Return the row that shares most of a text's time, None where none does."""
    last = bisect_right(starts, one.end)
    near = rows[max(0, last - 12) : last]
    best = max(near, key=lambda row: _shared(one, row), default=None)
    return best if best is not None and _shared(one, best) > 0 else None


def _shared(one: Text, row: Row) -> float:
    return min(one.end, row.end) - max(one.start, row.start)
