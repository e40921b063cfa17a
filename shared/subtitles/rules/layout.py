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
from shared.subtitles.finding import Finding, Place, Rule
from shared.subtitles.tidy import SPEAKER_DASH

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
    lines = place.cue.lines
    if len(lines) != 2 or any(SPEAKER_DASH.match(line) or not line.strip() for line in lines):
        return
    length = place.limits.line_length(" ".join(line.strip() for line in lines))
    if length <= place.limits.max_line_length:
        text = f"two lines for {length} characters, {place.limits.max_line_length} fit one"
        yield place.finding("one-line", "warning", text)


RULES: tuple[Rule, ...] = (line_length, line_count, one_line)
