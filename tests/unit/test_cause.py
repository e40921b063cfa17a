#!/usr/bin/env python3
"""Tests of shared/pipeline/run/logs/cause.py: the most telling line a failed stage printed."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logger import PipelineLogger
from shared.pipeline.run.logs.cause import LONGEST, find_cause

RAISED = (
    'Traceback (most recent call last):\n  File "x.py", line 1\nlib.sub.OddError: no such thing\n'
)


def logged(log_format: str, *errors: str, after: str = "") -> bytes:
    """Return what a stage prints that logs these errors between other lines."""
    stream = io.StringIO()
    logger = PipelineLogger("cause", log_format=log_format, stream=stream)
    logger.info("ERROR is only a word here")
    for error in errors:
        logger.error(error)
    logger.info("the end")
    return (stream.getvalue() + after).encode()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_last_logged_error_that_tells_something(log_format: str) -> None:
    told = ("Input file not found: हिन्दी.wav", "✗ Stage failed", f"Traceback: {RAISED}")
    assert find_cause(logged(log_format, *told)).startswith("Input file not found: हिन्दी.wav")
    assert find_cause(logged(log_format, "✗ Stage failed: no key")).startswith("✗ Stage failed: no")
    assert find_cause(logged(log_format, "✗ Stage failed", after="bye")).startswith("✗ Stage fail")


@pytest.mark.parametrize(
    ("printed", "cause"),
    [
        (b"", ""),
        (b"\n\n", ""),
        (RAISED.encode() + b"bye\n", "lib.sub.OddError: no such thing"),
        (b"usage: x\nx: cannot open file\n", "x: cannot open file"),
        (b'{"levelname": "ERROR"\n{"levelname": "ERROR", "message": 5}\n', "5"),
        (b"\xff\xfe" + b"a" * 5000, "\ufffd\ufffd" + "a" * 298),
    ],
)
def test_without_a_logged_error_the_best_that_there_is(printed: bytes, cause: str) -> None:
    assert find_cause(printed) == cause


@given(st.binary(max_size=300))
def test_whatever_was_printed_the_cause_is_one_line(printed: bytes) -> None:
    cause = find_cause(printed)
    assert len(cause) <= LONGEST and len(cause.splitlines()) <= 1
