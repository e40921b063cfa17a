#!/usr/bin/env python3
"""
Layout rules: how long lines are, how many there are and how they are broken.

Usage:
    from shared.subtitles.checking.rules.layout import RULES
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.core.errors import counted
from shared.subtitles.base.chunks import running_words
from shared.subtitles.base.finding import Finding, Place, Rule, Severity
from shared.subtitles.layout.line_breaks import break_faults, rate_break
from shared.subtitles.layout.own_lines import have_own_lines
from shared.subtitles.layout.tidy import is_sung
from shared.transcript.languages.symbols import NOTE_SIGNS


def line_length(place: Place) -> Iterator[Finding]:
    """Lines fit the screen; see Rule."""
    most = place.limits.max_line_length
    for line in place.cue.lines:
        length = place.limits.line_length(line)
        if length > most:
            text = f"a line of {length:g} characters, at most {most}"
            yield place.finding("line-length", "error", text)


def line_count(place: Place) -> Iterator[Finding]:
    """No more lines than allowed; see Rule."""
    count = len(place.cue.lines)
    if count > place.limits.max_lines:
        text = f"{counted(count, 'line')}, at most {place.limits.max_lines}"
        yield place.finding("line-count", "error", text)


def one_line(place: Place) -> Iterator[Finding]:
    """What fits one line stands on one, unless each line has its own speaker; see Rule."""
    if _fits_one(place):
        length = place.limits.line_length(_on_one(place))
        text = f"two lines for {length:g} characters, {place.limits.max_line_length} fit one"
        yield place.finding("one-line", "warning", text)


def line_break(place: Place) -> Iterator[Finding]:
    """A line ends where the sentence lets it, if any such break fits; see Rule."""
    limits, lines = place.limits, place.cue.lines
    is_verse = is_sung(place.cue.text, place.cue.is_lyrics)
    if not is_verse and have_own_lines(lines):
        return
    for number in range(1, len(lines)):
        above = lines[number - 1].lstrip(NOTE_SIGNS + "# ")
        below = lines[number].rstrip(NOTE_SIGNS + "# ")
        faults = break_faults(above, below, limits.language)
        if not faults:
            continue
        worst = max(faults, key=lambda fault: fault.is_certain)
        better = _fits_one(place) or _breaks_better(f"{above} {below}", place)
        is_error = worst.is_certain and better
        severity: Severity = "error" if is_error else "warning"
        yield place.finding("line-break", severity, f"{worst.rule}: {worst.message}")


RULES: tuple[Rule, ...] = (line_length, line_count, one_line, line_break)


def _fits_one(place: Place) -> bool:
    """Return whether two lines would fit one; lines of their own stay."""
    lines = place.cue.lines
    if len(lines) != 2 or have_own_lines(lines, is_sung(place.cue.text, place.cue.is_lyrics)):
        return False
    return place.limits.line_length(_on_one(place)) <= place.limits.max_line_length


def _on_one(place: Place) -> str:
    """Return a cue's text on one line; between letters that write no spaces there is none."""
    return "".join(running_words(place.cue.text, place.limits.language)).strip()


def _breaks_better(text: str, place: Place) -> bool:
    """Return whether two lines can be made of a text without parting what belongs together."""
    words = text.split()
    signs = 2 * len(place.limits.note) if is_sung(place.cue.text, place.cue.is_lyrics) else 0
    most = place.limits.max_line_length - signs
    for index in range(1, len(words)):
        lines = " ".join(words[:index]), " ".join(words[index:])
        fits = all(place.limits.line_length(line) <= most for line in lines)
        if fits and not rate_break(words, index, place.limits.language).is_forbidden:
            return True
    return False
