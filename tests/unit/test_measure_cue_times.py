#!/usr/bin/env python3
"""Tests of tools/measure_cue_times.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.subtitles.cue import Cue
from shared.subtitles.formats import write_subtitles
from tools.measure_cue_times import cue_errors, main, reference_words

WORDS = [
    {"w": "And", "start": 0.2},
    {"w": "so,", "start": 0.5},
    {"word": "my", "start": 1.0},
    {"w": "fellow", "start": 1.2},
]
CUES = [Cue(0.3, 0.9, "And so,"), Cue(0.95, 2.0, "my fellow"), Cue(3.0, 4.0, "Unheard.")]


def test_each_cue_against_its_first_word() -> None:
    errors = [one.seconds for one in cue_errors(CUES, reference_words(WORDS))]
    assert errors[:2] == [pytest.approx(0.1), pytest.approx(-0.05)]
    assert errors[2] is None


def test_lines_time_their_first_word_alone() -> None:
    reference = reference_words({"lines": [{"start": 0.2, "text": "And so, my fellow"}]})
    assert reference[0] == ("and", 0.2)
    assert [one.seconds for one in cue_errors(CUES, reference)][1] is None


def test_the_median_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_subtitles(CUES, tmp_path / "film.srt")
    (tmp_path / "words.json").write_text(json.dumps(WORDS), encoding="utf-8")
    files = [str(tmp_path / "film.srt"), str(tmp_path / "words.json")]
    assert main(files) == 0
    assert "2 of 3 cues: median 75 ms, worst 100 ms" in capsys.readouterr().out
    assert main([*files, "--most", "0.05"]) == 1


def test_a_missing_reference_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_subtitles(CUES, tmp_path / "film.srt")
    assert main([str(tmp_path / "film.srt"), str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err
