#!/usr/bin/env python3
"""Tests of shared/desk/tracks.py: what is written is what a player shows, or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.desk.asked import AskedCue
from shared.desk.tracks import CueError, as_text
from shared.subtitles.files.source import parse_source

TEXTS = st.text(st.sampled_from("aé 1\n\r\t:,->0<i>{}\\\u2028\x85\x0c\x1c\u00a0"), max_size=25)
CUES = st.lists(st.tuples(st.integers(0, 8000), st.integers(1, 900), TEXTS), min_size=1, max_size=5)


def asked(*cues: tuple[int, int, str]) -> list[AskedCue]:
    """Return cues from start, length and text."""
    return [AskedCue(start=start, end=start + length, text=text) for start, length, text in cues]


def as_read(text: str) -> list[tuple[int, int, str]]:
    """Return start, length and text of the cues of an SRT file."""
    read = parse_source(text, "srt", Path("x.srt")).cues
    return [
        (round(c.start * 1000), round(c.end * 1000) - round(c.start * 1000), c.raw) for c in read
    ]


@settings(max_examples=25, deadline=None)
@given(CUES)
def test_what_is_written_is_read_as_it_was_meant(cues: list[tuple[int, int, str]]) -> None:
    try:
        written = as_text(asked(*cues), 10.0, "x.srt")
    except CueError as error:
        text = cues[error.cue][2]
        assert not text.strip() or "-->" in text
        return
    read = as_read(written)
    wanted = sorted(cues, key=lambda one: (one[0], one[1]))
    assert [one[:2] for one in read] == [one[:2] for one in wanted]
    for (*_, there), (*_, meant) in zip(read, wanted, strict=True):
        lines = meant.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert there == "\n".join(line for line in lines if line.strip())


def test_a_fault_is_told_at_the_cue_that_has_it() -> None:
    cues = asked((5000, 100, "last"), (0, 100, "first"), (2000, 90, "a\nb"), (3000, 50_000, "c"))
    with pytest.raises(CueError, match="after the film") as caught:
        as_text(cues, 10.0, "x.srt")
    assert caught.value.cue == 3
    cues[3] = AskedCue(start=3000, end=2999, text="c")
    with pytest.raises(CueError, match="ends before") as caught:
        as_text(cues, 10.0, "x.srt")
    assert caught.value.cue == 3
