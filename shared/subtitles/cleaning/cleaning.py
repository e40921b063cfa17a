#!/usr/bin/env python3
"""
Cleaning: captions that roll, cues that are there twice, and lines that advertise, taken out.

Only what is asked for, and each change is told with its line. Captions that roll up repeat each
line in the next cue: afterwards each line is there once, from when it appears until the next does.

Usage:
    from shared.subtitles.cleaning.cleaning import cleaned

    found = cleaned(source, {"rolling", "duplicates", "adverts"})
    found.picks; found.changes
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from shared.subtitles.base.clock import clock_time
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.finding import place_of
from shared.subtitles.checking.guard import words
from shared.subtitles.checking.rolling import rolling_runs
from shared.subtitles.cleaning.adverts import is_advert
from shared.subtitles.cleaning.picking import Pick, cue_after
from shared.subtitles.files.source import SourceFile

# The same words in two cues that overlap or meet, as near as formats write it (seconds).
AT_ONCE = 0.015


@dataclass
class Cleaned:
    """What stays of a file.

    Attributes:
        picks: By place among the file's cues.
        changes: A line for each change, with the line of the file.
    """

    picks: dict[int, Pick] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)


def cleaned(source: SourceFile, kinds: Collection[str]) -> Cleaned:
    """Return what stays of a file's cues, and what was done.

    Args:
        source: The file.
        kinds: What is taken out: rolling, duplicates, adverts.
    """
    found = Cleaned({index: Pick(cue.start, cue.end) for index, cue in enumerate(source.cues)})
    if "adverts" in kinds:
        _take_out_adverts(source, found)
    if "rolling" in kinds:
        _unroll(source, found)
    if "duplicates" in kinds:
        _join_duplicates(source, found)
    return found


def _take_out_adverts(source: SourceFile, found: Cleaned) -> None:
    for index, cue in enumerate(source.cues):
        if is_advert(cue.text):
            del found.picks[index]
            found.changes.append(_told(cue, "taken out, it advertises"))


def _unroll(source: SourceFile, found: Cleaned) -> None:
    """Leave each line of rolling captions where it first appears."""
    runs = {index: count for index, count in rolling_runs(source.cues).items() if count}
    for first, count in runs.items():
        run = [index for index in range(first, first + count) if index in found.picks]
        new = dict(_new_lines(source.cues, run))
        begins = [*(source.cues[index].start for index in new), source.cues[run[-1]].end]
        for number, (index, raw) in enumerate(new.items()):
            found.picks[index] = Pick(begins[number], begins[number + 1], raw)
        for index in run:
            if index not in new:
                del found.picks[index]
        last = source.cues[run[-1]]
        found.changes.append(
            f"line {source.cues[first].line} to {last.line}: {len(run)} rolling captions are "
            f"{len(new)} cues now, each line once"
        )


def _new_lines(cues: Sequence[SourceCue], run: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the cues of a run in which lines appear, with these lines as they are written."""
    before: list[str] = []
    for index in run:
        shown = [line.strip() for line in cues[index].lines]
        raw = cues[index].raw.split("\n")
        if len(raw) != len(shown):
            raw = list(cues[index].lines)
        held = _held(before, [line for line in shown if line])
        fresh = [one for one, line in zip(raw, shown, strict=True) if line][held:]
        if fresh:
            yield index, "\n".join(fresh)
        before = [line for line in shown if line]


def _held(before: Sequence[str], lines: Sequence[str]) -> int:
    """Return how many lines at the top of a cue are those at the foot of the one in front."""
    for count in range(min(len(before), len(lines)), 0, -1):
        if list(lines[:count]) == list(before[-count:]):
            return count
    return 0


def _join_duplicates(source: SourceFile, found: Cleaned) -> None:
    """Make one cue of those that say the same at the same place, one at once after the other."""
    kept: dict[tuple[str, tuple[str, ...]], int] = {}
    for index in sorted(found.picks, key=lambda one: (found.picks[one].start, one)):
        cue, pick = cue_after(source, index, found.picks[index]), found.picks[index]
        if not cue.text.strip():
            continue
        key = (str(place_of(cue)), tuple(words(cue.text)))
        first = kept.get(key)
        if first is None or pick.start - found.picks[first].end > AT_ONCE:
            kept[key] = index
            continue
        before = found.picks[first]
        found.picks[first] = Pick(before.start, max(before.end, pick.end), before.raw)
        del found.picks[index]
        line = source.cues[first].line
        found.changes.append(_told(source.cues[index], f"joined with the same of line {line}"))


def _told(cue: SourceCue, what: str) -> str:
    text = " / ".join(line.strip() for line in cue.lines if line.strip())
    return f"line {cue.line}, {clock_time(cue.start)}: “{text}”: {what}"
