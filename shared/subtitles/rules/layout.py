#!/usr/bin/env python3
"""
Layout rules: how long lines are, how many there are and how they are broken.

Usage:
    from shared.subtitles.rules.layout import RULES
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from shared.subtitles.counting import count_words
from shared.subtitles.finding import Finding, Place, Rule, Severity
from shared.subtitles.line_breaks import break_faults, rate_break
from shared.subtitles.tidy import NOTE_SIGNS, SPEAKER_DASH, is_sung

# Scripts that may be broken between any two characters.
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def line_length(place: Place) -> Iterator[Finding]:
    """Lines fit the screen; one word that is longer by itself cannot be helped."""
    most = place.limits.max_line_length
    for line in place.cue.lines:
        length = place.limits.line_length(line)
        if length > most:
            is_one_word = count_words(line) < 2 and not UNSPACED.search(line)
            text = f"a line of {length} characters, at most {most}"
            yield place.finding("line-length", "warning" if is_one_word else "error", text)


def line_count(place: Place) -> Iterator[Finding]:
    """No more lines than allowed."""
    count = len(place.cue.lines)
    if count > place.limits.max_lines:
        text = f"{count} lines, at most {place.limits.max_lines}"
        yield place.finding("line-count", "error", text)


def one_line(place: Place) -> Iterator[Finding]:
    """What fits one line stands on one, unless each line has its own speaker."""
    length = _length_on_one(place)
    if length is not None and length <= place.limits.max_line_length:
        text = f"two lines for {length} characters, {place.limits.max_line_length} fit one"
        yield place.finding("one-line", "warning", text)


def line_break(place: Place) -> Iterator[Finding]:
    """A line ends where the sentence lets it; it cannot be helped where no other break fits."""
    limits, lines = place.limits, place.cue.lines
    if (_length_on_one(place) or limits.max_line_length + 1) <= limits.max_line_length:
        return  # there should be no break at all
    for number in range(1, len(lines)):
        above = lines[number - 1].lstrip(NOTE_SIGNS + "# ")
        below = lines[number].rstrip(NOTE_SIGNS + "# ")
        faults = break_faults(above, below, limits.language)
        if not faults:
            continue
        worst = max(faults, key=lambda fault: fault.is_certain)
        is_error = worst.is_certain and _breaks_better(f"{above} {below}", place)
        severity: Severity = "error" if is_error else "warning"
        yield place.finding("line-break", severity, f"{worst.rule}: {worst.message}")


RULES: tuple[Rule, ...] = (line_length, line_count, one_line, line_break)


def _length_on_one(place: Place) -> int | None:
    """Return how long two lines would be on one, None where each has its own speaker."""
    lines = place.cue.lines
    if len(lines) != 2 or any(SPEAKER_DASH.match(line) or not line.strip() for line in lines):
        return None
    return place.limits.line_length(" ".join(line.strip() for line in lines))


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
