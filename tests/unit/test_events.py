#!/usr/bin/env python3
"""Tests of shared/pipeline/job/events.py."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pipeline.job.events import EventWriter, parse_event


def read_all(descriptor: int) -> bytes:
    """Read a pipe to its end and close it."""
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


@given(st.text(st.characters(codec="utf-8")), st.floats(allow_nan=False, allow_infinity=False))
def test_an_event_arrives_as_it_was_written(text: str, number: float) -> None:
    read_end, write_end = os.pipe()
    EventWriter(write_end).write("progress", unit=text, done=number)
    os.close(write_end)
    data = read_all(read_end)
    assert data.count(b"\n") == 1 and data.endswith(b"\n")
    assert parse_event(data[:-1]) == {"event": "progress", "unit": text, "done": number}


def test_an_event_larger_than_the_pipe_arrives_whole() -> None:
    read_end, write_end = os.pipe()
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(read_all(read_end)))
    reader.start()
    EventWriter(write_end).write("result", warnings=["x" * 500_000])
    os.close(write_end)
    reader.join()
    event = parse_event(received[0].strip())
    assert event is not None and len(event["warnings"][0]) == 500_000


def test_without_a_descriptor_nothing_happens() -> None:
    before = set(os.listdir("/dev/fd"))
    EventWriter(None).write("progress", done=object())
    assert set(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize(
    "line", [b"", b"Downloading 50%", b"[1]", b'"event"', b'{"event": 1}', b"{}", b"\xff\xfe{"]
)
def test_what_is_not_an_event_is_left_out(line: bytes) -> None:
    assert parse_event(line) is None


@given(st.binary())
def test_no_line_can_break_the_reader(line: bytes) -> None:
    event = parse_event(line)
    assert event is None or isinstance(event["event"], str)
