#!/usr/bin/env python3
"""
Guard: whether a repair did harm, judged by reading the new file again.

Every word of the old file is in a cue with times, in order, for no fewer seconds than it needs to
be read or had; times that needed no mending are as they were; no finding is new and none is worse.
Where another program reads the format as well, what it showed of the old file it shows of the new.

Usage:
    from shared.subtitles.checking.guard import harmed

    harmed(old, new, limits)    # {3}: of the cues with text, in order of time, the fourth
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import regex

from shared.subtitles.base.cue import Cue, SourceCue
from shared.subtitles.base.finding import Finding, neighbours
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking.lint import each_finding
from shared.subtitles.files.source import SourceFile
from shared.transcript.languages.alphabets import UNSPACED
from shared.transcript.languages.symbols import NOTE_SIGNS

# How another program reads a file: what it shows, None where it does not know the format.
Reader = Callable[[SourceFile], Sequence[Cue] | None]
# What a repair may write in another way: spaces, pauses, dashes, notes, brackets, directions.
WRITTEN = regex.compile(
    rf"[\s\p{{Cf}}.…\-‐‑–—―#{NOTE_SIGNS}()\[\]（）]+|(?<=[{UNSPACED}])|(?=[{UNSPACED}])"
)
# Times that another program took for text: a repair may make times of them.
TIMES = regex.compile(r"[\d:.,]*\d\s*-+>?\s*\d[\d:.,]*")
# All of a file: nothing of it may be mended.
EVERY = frozenset({-1})
# Rules that speak of a cue and the one in front of it, whose end may be to blame.
BETWEEN = frozenset({"overlap", "gap", "open-gap", "duplicate"})
# Rules that speak of how much: more of it is worse.
MEASURED: dict[str, Callable[[Cue], int]] = {
    "line-length": lambda cue: max(map(len, cue.lines)),
    "line-count": lambda cue: len(cue.lines),
}


def harmed(
    old: SourceFile,
    new: SourceFile,
    limits: ReadingLimits,
    film_end: float | None = None,
    reader: Reader | None = None,
) -> frozenset[int]:
    """Return which cues a repair did harm to; EVERY = what is not a matter of single cues.

    Args:
        old: The file as it was.
        new: The mended one, read again.
        limits: What both are judged by.
        film_end: Length of the film in seconds, None when not known.
        reader: Another program.

    Returns:
        Places among the cues with text in order of time, the same in both files.
    """
    before, after = in_order(old), in_order(new)
    is_whole = len(before) == len(after) and _outside(old) == _outside(new)
    if not is_whole:
        return EVERY
    found = {
        place
        for place, (first, second) in enumerate(zip(before, after, strict=True))
        if _is_harmed(old.cues[first], new.cues[second], limits, old.tolerance)
    }
    found |= _worse(old, new, before, after, limits, film_end)
    return frozenset(found | (_unread(old, new, before, after, reader) if reader else set()))


def in_order(source: SourceFile) -> list[int]:
    """Return the cues with text in order of time, as places in the file.

    Args:
        source: A file.
    """
    shown = [index for index, cue in enumerate(source.cues) if cue.text.strip()]
    return sorted(shown, key=lambda index: source.cues[index].start)


def words(text: str) -> list[str]:
    """Return the words of a text, with all signs but those that a repair may write otherwise.

    Args:
        text: As it is shown.
    """
    return [word for word in WRITTEN.split(text) if word]


def _outside(source: SourceFile) -> tuple[list[str], Counter[str]]:
    """Return what stands in no cue."""
    return [text for _, text in source.stray], Counter(one.cause for one in source.faults)


def _is_harmed(old: SourceCue, new: SourceCue, limits: ReadingLimits, tolerance: float) -> bool:
    if words(old.text) != words(new.text) or old.place != new.place or old.start != new.start:
        return True
    if old.end == new.end:
        return False
    needed = max(limits.min_duration, limits.needed_seconds(new.text))
    return new.duration < min(needed, old.duration) - tolerance


def _worse(
    old: SourceFile,
    new: SourceFile,
    before: Sequence[int],
    after: Sequence[int],
    limits: ReadingLimits,
    film_end: float | None,
) -> set[int]:
    """Return the cues with a finding that is new or worse."""
    olds, news = (_by_cue(source, limits, film_end) for source in (old, new))
    near, places = neighbours(new.cues), {index: place for place, index in enumerate(after)}
    found = set()
    for place, (first, second) in enumerate(zip(before, after, strict=True)):
        had, has = olds[first], news[second]
        cues = old.cues[first], new.cues[second]
        worse = {rule for rule in has if has[rule] > had[rule]}
        worse |= {
            rule
            for rule, measure in MEASURED.items()
            if rule in has and measure(cues[1]) > measure(cues[0])
        }
        found |= {place} if worse else set()
        in_front = near[second][0]
        if worse & BETWEEN and in_front is not None:
            found.add(places[in_front])
    return found


def _by_cue(
    source: SourceFile, limits: ReadingLimits, film_end: float | None
) -> dict[int, Counter[str]]:
    """Return the findings of each cue by rule; an error weighs more than any warnings."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for finding in each_finding(source, limits, film_end=film_end):
        found[finding.cue - 1][finding.rule] += _weight(finding)
    return found


def _weight(finding: Finding) -> int:
    return 1000 if finding.severity == "error" else 1


def _unread(
    old: SourceFile,
    new: SourceFile,
    before: Sequence[int],
    after: Sequence[int],
    reader: Reader,
) -> set[int]:
    """Return the cues that another program showed of the old file and does not of the new."""
    olds = reader(old)
    if not olds:
        return set()
    had, has = (Counter(_key(cue) for cue in cues) for cues in (olds, reader(new) or ()))
    lost = set()
    for place, (first, second) in enumerate(zip(before, after, strict=True)):
        key = _key(new.cues[second])
        if has[key]:
            has[key] -= 1
        elif had[_key(old.cues[first])]:
            lost.add(place)
    return lost if lost or not _words_lost(olds, reader(new) or ()) else set(EVERY)


def _words_lost(before: Sequence[Cue], after: Sequence[Cue]) -> bool:
    """Return whether another program shows fewer words, of cues that we do not read as well."""
    had, has = (
        Counter(  # a number may be that of a cue, which a repair counts anew
            word for cue in cues for word in words(TIMES.sub("", cue.text)) if not word.isdigit()
        )
        for cues in (before, after)
    )
    return bool(had - has)


def _key(cue: Cue) -> tuple[int, tuple[str, ...]]:
    """Return a cue's start in hundredths and its words."""
    return round(cue.start * 100), tuple(words(cue.text))
