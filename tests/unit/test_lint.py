#!/usr/bin/env python3
"""Tests of shared/subtitles/lint.py: each rule is broken exactly once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.subtitles.cue import Cue
from shared.subtitles.lint import RULES, Finding, LintReport, lint_cues
from shared.subtitles.profiles import ReadingLimits

LIMITS = ReadingLimits(42, 2, 17.0, 0.833, 7.0, 0.08)
GOOD = [Cue(1.0, 3.0, "Good morning."), Cue(3.08, 5.0, "And to you\nas well."), Cue(9, 11, "Yes.")]
SECOND = GOOD[1]


def broken(**fields: object) -> list[Finding]:
    """Return the findings when the second cue is changed."""
    changed = replace(SECOND, **fields)  # type: ignore[arg-type]
    return lint_cues([GOOD[0], changed, GOOD[2]], LIMITS)


def test_good_cues_have_no_findings() -> None:
    assert lint_cues(GOOD, LIMITS) == []
    assert lint_cues([], LIMITS) == []


@pytest.mark.parametrize(
    ("fields", "rule", "severity", "said"),
    [
        ({"start": 2.9}, "overlap", "error", "starts before the cue in front ends"),
        ({"start": 3.05}, "gap", "error", "0.050 s after the cue in front, at least 0.080 s"),
        ({"end": 3.5, "text": "No."}, "min-duration", "warning", "stays 0.420 s, at least 0.833"),
        ({"start": 3.5, "end": 8.9, "text": "x"}, None, None, ""),
        ({"text": "y" * 21 + " " + "x" * 21}, "line-length", "error", "43 characters, at most 42"),
        ({"text": "a\nb\nc"}, "line-count", "error", "3 lines, at most 2"),
        ({"text": "It is " * 6, "end": 4.9}, "reading-speed", "warning", "19.8 characters a sec"),
        ({"text": " \n"}, "empty", "error", "has no text"),
    ],
)
def test_one_fault_is_one_finding(
    fields: dict[str, object], rule: str | None, severity: str | None, said: str
) -> None:
    if rule == "line-length":
        fields = fields | {"end": 8.0}
    found = broken(**fields)
    if rule is None:
        assert found == []
        return
    assert [(f.rule, f.severity, f.cue) for f in found] == [(rule, severity, 2)]
    assert said in found[0].message


def test_too_long_a_cue() -> None:
    found = lint_cues([Cue(1.0, 8.1, "Stays on and on.")], LIMITS)
    assert [(f.rule, f.cue, f.time) for f in found] == [("max-duration", 1, 1.0)]
    assert "stays 7.100 s, at most 7.000 s" in found[0].message


def test_every_rule_is_covered_here() -> None:
    """A new rule needs its own broken cue above."""
    names = {"overlap", "gap", "duration", "line_length", "line_count", "reading_speed"}
    assert {rule.__name__ for rule in RULES} == names | {"empty_text"}


def test_rounding_to_milliseconds_is_no_fault() -> None:
    assert broken(start=3.0795) == []
    assert lint_cues([Cue(1.0, 8.001, "A"), Cue(9.0, 9.8325, "B")], LIMITS) == []


def test_length_counts_what_a_viewer_sees() -> None:
    """42 syllables of Hindi are far more code points than 42."""
    assert len("की" * 42) == 84
    limits = replace(LIMITS, reading_speed=200.0)
    assert lint_cues([Cue(0, 5, "की" * 42)], limits) == []
    assert [f.rule for f in lint_cues([Cue(0, 5, "की" * 43)], limits)] == ["line-length"]


def test_findings_come_in_the_order_of_the_cues_and_are_kept_in_a_file() -> None:
    found = lint_cues([Cue(0, 0.1, ""), Cue(0.05, 9, "x" * 50)], LIMITS)
    assert [f.cue for f in found] == sorted(f.cue for f in found)
    report = LintReport(files={"Film.en": found})
    assert LintReport.model_validate_json(report.model_dump_json()) == report
