#!/usr/bin/env python3
"""Tests of shared/pipeline/job/renumber.py: stages are found by name when their number changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.pipeline.job.renumber import name_of_today, renumber


@pytest.mark.parametrize(
    ("recorded", "today"),
    [
        ("job:09_asr/segments.json", "job:06_asr/segments.json"),
        ("job:06_asr/deep/05_er.json", "job:06_asr/deep/05_er.json"),
        ("job:113_asr/a.b", "job:06_asr/a.b"),
        ("job:07_gone/a.json", "job:07_gone/a.json"),
        ("job:asr/a.json", "job:asr/a.json"),
        ("job:1_asr/a.json", "job:1_asr/a.json"),
        ("project:09_asr/a.json", "project:09_asr/a.json"),
        ("media:/films/09_asr/a.mkv", "media:/films/09_asr/a.mkv"),
    ],
)
def test_an_input_has_the_number_of_today(recorded: str, today: str) -> None:
    assert name_of_today(recorded) == today


def test_nothing_is_overwritten_and_nothing_else_is_touched(tmp_path: Path) -> None:
    for name in ("09_asr", "07_mux", "12_mux", "03_frames", "logs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
    (tmp_path / "logs" / "09_asr.log").write_text("old")
    (tmp_path / "logs" / "99_pipeline_1.log").write_text("run")
    (tmp_path / "02_demux").symlink_to(tmp_path / "03_frames")
    renumber(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("02_demux", "03_frames", "06_asr", "07_mux", "12_mux", "logs"),
    ]
    assert (tmp_path / "06_asr" / "a").read_text() == "09_asr"
    assert (tmp_path / "12_mux" / "a").read_text() == "12_mux"
    assert sorted(p.name for p in (tmp_path / "logs").iterdir()) == [
        *("06_asr.log", "99_pipeline_1.log", "a"),
    ]
