#!/usr/bin/env python3
"""Tests of shared/core/errors.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import (
    DependencyError,
    InputError,
    InterruptedRun,
    PipelineError,
    UnavailableError,
    one_line,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (PipelineError, 1),
        (InputError, 2),
        (UnavailableError, 3),
        (DependencyError, 4),
        (InterruptedRun, 130),
    ],
)
def test_every_error_has_the_exit_code_of_the_standards(
    kind: type[PipelineError], code: int
) -> None:
    assert kind("cause").exit_code == code


def test_cause_and_hint_stay_one_line() -> None:
    error = InputError("No such file: a\nb.mp4", hint="rm 'a\rb'")
    assert str(error) == r"No such file: a\nb.mp4"
    assert error.hint == r"rm 'a\rb'"


@given(st.text(st.characters(codec=None)))
def test_one_line_is_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()
    line.encode("utf-8")


@given(st.text().filter(str.isprintable))
def test_one_line_keeps_what_can_be_read(text: str) -> None:
    assert one_line(text) == text
