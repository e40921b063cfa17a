#!/usr/bin/env python3
"""
Highlight: a cue's text in which each word lights up when it is said (ASS karaoke).

Usage:
    from shared.subtitles.files.highlight import highlighted

    event.plaintext = highlighted(cue)
"""

from __future__ import annotations

import re

from shared.subtitles.base.cue import Cue

HUNDREDTHS = 100
TOKEN = re.compile(r"\S+\s*")


def highlighted(cue: Cue) -> str:
    """Return a cue's text with the hundredths of a second that each word takes.

    Args:
        cue: With the times of its words, or without: then they are shared out by length.
    """
    tokens = TOKEN.findall(cue.text)
    starts = _starts(cue, tokens)
    ends = [*starts[1:], cue.end]
    parts = []
    done = 0
    for token, end in zip(tokens, ends, strict=True):
        # Counted from the cue's start, so that rounding never adds up.
        until = max(done, round((end - cue.start) * HUNDREDTHS))
        parts.append(f"{{\\k{until - done}}}{token}")
        done = until
    return "".join(parts)


def _starts(cue: Cue, tokens: list[str]) -> list[float]:
    """Return when each token begins; a sign that is no word begins with the word behind it."""
    spoken = [any(char.isalnum() for char in token) for token in tokens]
    words = [word for word in cue.words if any(char.isalnum() for char in word.text)]
    if sum(spoken) != len(words):
        return _shared_out(cue, tokens)
    starts: list[float] = []
    times = iter([word.start for word in words])
    following = cue.end
    for is_word in spoken:
        starts.append(next(times) if is_word else following)
    for index in range(len(starts) - 2, -1, -1):
        if not spoken[index]:
            starts[index] = starts[index + 1]
    return [min(max(start, cue.start), cue.end) for start in starts]


def _shared_out(cue: Cue, tokens: list[str]) -> list[float]:
    total = sum(len(token) for token in tokens)
    starts = []
    done = 0
    for token in tokens:
        starts.append(cue.start + cue.duration * done / total)
        done += len(token)
    return starts
