#!/usr/bin/env python3
"""Tests of shared/subtitles/reading/ttml_timing.py, ttml_clock.py: ttconv is the oracle."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ttconv import model
from ttconv.imsc import reader

from shared.subtitles.files.source import examine_source
from shared.subtitles.reading.ttml import read_document
from shared.subtitles.reading.ttml_clock import Clock, clock_of
from tests.support.examples import examples

SPACES = (
    'xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
    'xmlns:tts="http://www.w3.org/ns/ttml#styling" xml:lang="en"'
)
Interval = tuple[float, float | None]


def document(body: str, head: str = "", root: str = "") -> str:
    """Return a TTML document."""
    return f"<tt {SPACES} {root}><head><layout>{head}</layout></head>{body}</tt>"


def ours(text: str) -> list[Interval]:
    """Return from when to when each paragraph is shown; those that never are, left out."""
    cues = read_document(text, Path("a.ttml")).cues
    shown = (cue for cue in cues if cue.end > cue.start and cue.text.strip())
    return sorted(
        ((round(c.start, 4), None if c.is_open else round(c.end, 4)) for c in shown), key=_order
    )


def theirs(text: str) -> list[Interval]:
    """Return the same of ttconv's model."""
    body = reader.to_model(ET.ElementTree(ET.fromstring(text))).get_body()
    found = _paragraphs(body, Fraction(0), None, None) if body is not None else ()
    return sorted(
        ((round(float(a), 4), None if b is None else round(float(b), 4)) for a, b in found),
        key=_order,
    )


def _order(one: Interval) -> tuple[float, float]:
    return one[0], 1e9 if one[1] is None else one[1]


def _inside(element, begin, end, region):  # type: ignore[no-untyped-def]
    """Return when an element is active inside of what it lies in, and its region."""
    own = element.get_end()
    first = begin + (element.get_begin() or 0)
    last = _least(end, None if own is None else begin + own)
    return first, last, region if element.get_region() is None else element.get_region()


def _least(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None


def _paragraphs(  # type: ignore[no-untyped-def]
    element, begin, end, region
) -> Iterator[tuple[Fraction, Fraction | None]]:
    first, last, region = _inside(element, begin, end, region)
    if not isinstance(element, model.P):
        for child in element:
            yield from _paragraphs(child, first, last, region)
        return
    seen = [
        span
        for child in element
        for span in _texts(child, first, last, region)
        if span[1] is None or span[1] > span[0]
    ]
    if seen:
        ends = [end for _, end in seen]
        yield min(one for one, _ in seen), None if None in ends else max(ends)


def _texts(element, begin, end, region):  # type: ignore[no-untyped-def]
    if isinstance(element, model.Text):
        if element.get_text().strip():
            if region is not None:
                begin = max(begin, region.get_begin() or 0)
                end = _least(end, region.get_end())
            yield begin, end
        return
    first, last, region = _inside(element, begin, end, region)
    for child in element:
        yield from _texts(child, first, last, region)


REGIONS = '<region xml:id="r1" begin="2s" end="9s"/><region xml:id="r2"/>'
BODIES = (
    '<body><div timeContainer="seq"><p dur="3s">a</p><p begin="1s" end="4s">b</p></div></body>',
    '<body timeContainer="seq"><div><p>a</p></div></body>',
    '<body><div><p begin="1s">a</p><p begin="2s" end="5s">b</p></div></body>',
    '<body end="6s"><div begin="1s"><p begin="2s" dur="9s">a</p></div></body>',
    '<body><div timeContainer="seq" dur="9s"><div timeContainer="seq" dur="5s"><p begin="1s" '
    'dur="2s">a</p><p timeContainer="seq">never</p><p dur="4s">b</p></div><p dur="9s">c</p></div>'
    "</body>",
    '<body><div><p timeContainer="seq" dur="5s">never</p><p end="2s">a</p></div></body>',
    '<body><div region="r1"><p>a</p><p begin="1s" end="20s">b</p></div></body>',
    '<body><div><p begin="2s"><span begin="1s" end="2s">a </span><span begin="3s">b</span></p>'
    "</div></body>",
    '<body><div timeContainer="seq"><p timeContainer="par" dur="8s"><span dur="2s">a</span>'
    '<span dur="5s">b</span></p><p dur="3s">c</p></div></body>',
    '<body><div><p begin="1s" end="9s" dur="3s">a<set begin="1s" tts:color="red"/></p></div>'
    "</body>",
    '<body><div><p><span timeContainer="seq"><span dur="1s">a</span><span dur="2s">b</span></span>'
    "</p></div></body>",
)


@pytest.mark.parametrize("body", BODIES)
def test_times_are_those_of_ttconv(body: str) -> None:
    text = document(body, REGIONS)
    assert ours(text) == theirs(text)


# What begins later and has no end of its own: there ttconv counts the ends of what it holds from
# another begin than TTML 2 does (12.4). It is left out where it holds elements, as in sequence.
WHOLE = ("", ' end="7s"', ' dur="4s"', ' begin="2s" dur="3s"', ' begin="1s" end="6s"')
TIMES = st.sampled_from((*WHOLE, ' begin="1s"'))
KINDS = st.sampled_from(("", ' timeContainer="seq"'))


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Return a body of divisions, paragraphs and spans with times at random."""
    divisions = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(KINDS)
        paragraphs = []
        for _ in range(draw(st.integers(0, 3))):
            spans = draw(st.lists(TIMES, max_size=2))
            inner = "".join(f"<span{times}>b</span>" for times in spans) or "a"
            times = draw(st.sampled_from(WHOLE[1:] if kind else WHOLE))
            paragraphs.append(f"<p{times}{draw(KINDS)}>{inner}</p>")
        times = draw(st.sampled_from((' dur="30s"', ' begin="1s" dur="9s"', ' end="20s"')))
        divisions.append(f"<div{times}{kind}>{''.join(paragraphs)}</div>")
    return f'<body dur="40s"{draw(KINDS)}>{"".join(divisions)}</body>'


@examples(150)
@given(bodies())
def test_times_at_random_are_those_of_ttconv(body: str) -> None:
    text = document(body)
    try:
        wanted = theirs(text)
    except TypeError:  # what follows something without an end in a sequence
        return
    assert ours(text) == wanted


@pytest.mark.parametrize(
    ("root", "text", "seconds"),
    [
        ({}, "1.5h", 5400),
        ({}, "3:58.640", 238.64),
        ({}, "8.5", 8.5),
        ({}, "2:05", 125),
        ({}, "00:00:01:15", 1.5),
        ({"frameRate": "24"}, "12f", 0.5),
        ({"tickRate": "60"}, "90t", 1.5),
        ({"frameRate": "25"}, "50t", 2),
        ({"frameRate": "24", "frameRateMultiplier": "1000 1001"}, "00:00:10:12", 10 + 0.5005),
        (
            {"frameRate": "24", "frameRateMultiplier": "1000 1001", "timeBase": "smpte"},
            "01:00:00:00",
            3603.6,
        ),
        (
            {
                "frameRate": "30",
                "frameRateMultiplier": "1000 1001",
                "timeBase": "smpte",
                "dropMode": "dropNTSC",
            },
            "01:00:00;00",
            3599.9964,
        ),
    ],
)
def test_a_time_in_seconds(root: dict[str, str], text: str, seconds: float) -> None:
    assert float(clock_of(root).seconds(text)) == pytest.approx(seconds, abs=1e-6)


CLOCKS = [
    {"frameRate": "25"},
    {"frameRate": "24", "frameRateMultiplier": "1000 1001"},
    {"frameRate": "24", "frameRateMultiplier": "1000 1001", "timeBase": "smpte"},
    {"frameRate": "24", "frameRateMultiplier": "999 1000", "timeBase": "smpte"},
    {
        "frameRate": "30",
        "frameRateMultiplier": "1000 1001",
        "timeBase": "smpte",
        "dropMode": "dropNTSC",
    },
    {"frameRate": "25", "timeBase": "smpte", "dropMode": "dropPAL"},
]


@examples(200)
@given(st.sampled_from(CLOCKS), st.integers(0, 7200), st.integers(0, 23))
def test_what_is_written_is_a_frame_that_exists_and_read_as_it_was(
    root: dict[str, str], second: int, frame: int
) -> None:
    clock: Clock = clock_of(root)
    label = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d};{frame:02d}"
    if clock.flaw(label):
        return
    seconds = clock.seconds(label)
    assert clock.written(float(seconds), label) == label
    assert clock.unit.up(float(seconds)) == pytest.approx(float(seconds), abs=1e-6)
    assert clock.unit.down(float(seconds)) == pytest.approx(float(seconds), abs=1e-6)


@pytest.mark.parametrize(
    ("root", "text", "flaw"),
    [
        ({"frameRate": "25"}, "00:00:01:25", "frame 25 where a second has 25"),
        ({"frameRate": "25"}, "00:00:01:24", ""),
        (CLOCKS[4], "00:01:00;01", "frame 1 of a minute that begins with frame 2"),
        (CLOCKS[4], "00:10:00;01", ""),
        (CLOCKS[4], "00:01:00;02", ""),
    ],
)
def test_a_frame_that_cannot_exist_is_told(root: dict[str, str], text: str, flaw: str) -> None:
    assert clock_of(root).flaw(text) == flaw


def test_a_time_that_is_none_loses_its_paragraph_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.ttml"
    path.write_text(
        document(
            '<body><div>\n<p begin="soon" end="2s">a</p>\n<p begin="1s" end="2s">b</p>\n'
            '<p begin="3s" dur="?">c</p></div></body>'
        ),
        encoding="utf-8",
    )
    read = examine_source(path)
    assert [cue.text for cue in read.cues] == ["b"]
    assert [(one.line, one.cause) for one in read.faults] == [
        (2, "not a time: soon"),
        (4, "not a time: ?"),
    ]


def test_what_other_namespaces_hold_is_not_shown() -> None:
    text = document(
        '<body xmlns:f="urn:f"><div><p begin="1s" end="2s">a<f:x>no</f:x></p><f:p>never</f:p></div>'
        "</body>"
    )
    (cue,) = read_document(text, Path("a.ttml")).cues
    assert cue.text == "a"
