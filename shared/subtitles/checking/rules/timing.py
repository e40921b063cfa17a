#!/usr/bin/env python3
"""
Timing rules: order, overlap, gaps, how long a cue stays and whether it can be read in that time.

A cue that is too short or too fast is an error where it has room to stay longer, and a warning
where the next cue leaves none: then the speech itself is too fast. What nobody says or sees that
fast is an error everywhere: its times or its text are wrong.

Usage:
    from shared.subtitles.checking.rules.timing import RULES
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.subtitles.base.counting import count_characters, count_words
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.finding import Finding, Place, Rule, Severity
from shared.subtitles.base.profiles import FASTEST_WORD
from shared.subtitles.shaping.cue_timing import SHORTEST_SECONDS

MINUTE = 60.0
# Nobody speaks faster: characters a second, words a second.
FASTEST_SPEECH = 27.0
MOST_WORDS = 7.0


def order(place: Place) -> Iterator[Finding]:
    """Cues stand in order of time; see Rule."""
    before = place.previous
    if before is not None and place.cue.start < before.start - place.tolerance:
        yield place.finding("order", "error", "starts before the cue in front starts")


def overlap(place: Place) -> Iterator[Finding]:
    """A cue starts after the one in front of it has gone; see Rule."""
    before = place.before
    if (
        before is not None
        and not _is_twice(place)
        and before.start - place.tolerance <= place.cue.start < before.end - place.tolerance
    ):
        yield place.finding("overlap", "error", "starts before the cue in front ends")


def duplicate(place: Place) -> Iterator[Finding]:
    """No cue is there twice; see Rule."""
    if _is_twice(place):
        yield place.finding("duplicate", "error", "the cue in front has the same text and times")


def gap(place: Place) -> Iterator[Finding]:
    """Frames without text lie between cues; see Rule."""
    length = _gap(place)
    if length is not None and -place.tolerance <= length < place.limits.min_gap - place.tolerance:
        text = f"{length:.3f} s after the cue in front, at least {place.limits.min_gap:.3f} s"
        yield place.finding("gap", "error", text)


def open_gap(place: Place) -> Iterator[Finding]:
    """A gap that only flickers is closed, if the cue in front may stay so long; see Rule."""
    length = _gap(place)
    limits = place.limits
    if length is None or place.before is None or not limits.closed_gap:
        return
    closed = place.cue.start - limits.min_gap - place.before.start
    shortest = limits.min_gap + limits.frame - place.tolerance
    flickers = shortest <= length < limits.closed_gap - place.tolerance
    if flickers and closed <= limits.max_duration + place.tolerance:
        text = f"{length:.3f} s after the cue in front: close it to {limits.min_gap:.3f} s"
        yield place.finding("open-gap", "error", f"{text} or leave {limits.closed_gap:.3f} s")


def zero_length(place: Place) -> Iterator[Finding]:
    """A cue ends after it starts; see Rule."""
    if place.cue.duration <= place.tolerance:
        text = "ends before it starts" if place.cue.duration < -place.tolerance else "has no length"
        yield place.finding("zero-length", "error", text)


def min_duration(place: Place) -> Iterator[Finding]:
    """A cue stays long enough to be seen; see Rule."""
    least = place.limits.min_duration
    if place.tolerance < place.cue.duration < least - place.tolerance:
        text = f"stays {place.cue.duration:.3f} s, at least {least:.3f} s"
        is_certain = place.cue.duration < SHORTEST_SECONDS - place.tolerance
        yield place.finding("min-duration", _severity(place, least, is_certain), text)


def max_duration(place: Place) -> Iterator[Finding]:
    """A cue does not stay too long; see Rule."""
    most = place.limits.max_duration
    if isinstance(place.cue, SourceCue) and place.cue.is_open:
        yield place.finding("no-end", "error", "has no end: it stays as long as the film")
    elif place.cue.duration > most + place.tolerance:
        text = f"stays {place.cue.duration:.3f} s, at most {most:.3f} s"
        yield place.finding("max-duration", "error", text)


def reading_speed(place: Place) -> Iterator[Finding]:
    """The text can be read in its time; a frame too little is rounding; see Rule."""
    limits, cue = place.limits, place.cue
    characters = count_characters(cue.text, limits.speed_counting)
    needed = characters / limits.reading_speed
    if cue.duration > place.tolerance and needed > cue.duration + limits.frame + place.tolerance:
        text = f"{characters / cue.duration:.1f} characters a second"
        text += f", at most {limits.reading_speed:.0f}"
        is_certain = characters / FASTEST_SPEECH > cue.duration + limits.frame
        yield place.finding("reading-speed", _severity(place, needed, is_certain), text)


def word_rate(place: Place) -> Iterator[Finding]:
    """No more words a minute than can be read (BBC), and never less than 0.3 s a word; see Rule."""
    limits, cue = place.limits, place.cue
    words = count_words(cue.text)
    if not limits.seconds_per_word or not words or cue.duration <= place.tolerance:
        return
    tolerance = limits.frame + place.tolerance
    if words * limits.seconds_per_word > cue.duration + tolerance:
        fastest = words * FASTEST_WORD
        severity: Severity = "warning"
        if fastest > cue.duration + tolerance:
            is_certain = words / MOST_WORDS > cue.duration + tolerance
            severity = _severity(place, fastest, is_certain)
        text = f"{words * MINUTE / cue.duration:.0f} words a minute"
        text += f", at most {MINUTE / limits.seconds_per_word:.0f}"
        yield place.finding("word-rate", severity, text)


def past_end(place: Place) -> Iterator[Finding]:
    """Nothing is shown when the film is over; see Rule."""
    is_open = isinstance(place.cue, SourceCue) and place.cue.is_open
    if (
        not is_open
        and place.film_end is not None
        and place.cue.end > place.film_end + place.limits.frame
    ):
        text = f"ends at {place.cue.end:.3f} s, the film at {place.film_end:.3f} s"
        yield place.finding("past-end", "error", text)


RULES: tuple[Rule, ...] = (
    order,
    overlap,
    duplicate,
    gap,
    open_gap,
    zero_length,
    min_duration,
    max_duration,
    reading_speed,
    word_rate,
    past_end,
)


def _gap(place: Place) -> float | None:
    """Return the seconds without text in front of a cue, None for the first."""
    return None if place.before is None else place.cue.start - place.before.end


def _is_twice(place: Place) -> bool:
    before, cue = place.before, place.cue
    if before is None or before.text != cue.text:
        return False
    apart = max(abs(before.start - cue.start), abs(before.end - cue.end))
    return apart <= place.tolerance


def _severity(place: Place, needed: float, is_certain: bool) -> Severity:
    """Return error where a cue has room to stay as long as it needs, else what is certain."""
    has_room = needed <= place.room + place.tolerance
    return "error" if is_certain or has_room else "warning"
