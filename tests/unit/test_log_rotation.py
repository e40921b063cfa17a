#!/usr/bin/env python3
"""Tests of shared/pipeline/run/logs/log_rotation.py."""

from __future__ import annotations

import os
import time
from pathlib import Path

from shared.pipeline.run.logs.log_rotation import LogLimits, put_old_logs_aside

LIMITS = LogLimits(size=100, days=2.0, backups=2)
DAY = 86_400.0


def make_log(path: Path, text: str, days: float = 0.0) -> None:
    """Write a log whose last line is so many days old."""
    path.write_text(text)
    then = time.time() - days * DAY
    os.utime(path, (then, then))


def contents(folder: Path) -> dict[str, str]:
    """Return what the files of a folder hold, by name."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_full_and_old_logs_are_put_aside_and_others_stay(tmp_path: Path) -> None:
    make_log(tmp_path / "06_asr.log", "a" * 100)
    make_log(tmp_path / "07_alignment.log", "old", days=2.1)
    make_log(tmp_path / "12_mux.log", "m" * 99, days=1.9)
    make_log(tmp_path / "notes.txt", "n" * 200, days=9)
    put_old_logs_aside(tmp_path, LIMITS)
    put_old_logs_aside(tmp_path, LIMITS)
    assert contents(tmp_path) == {
        "06_asr.log.1": "a" * 100,
        "07_alignment.log.1": "old",
        "12_mux.log": "m" * 99,
        "notes.txt": "n" * 200,
    }


def test_the_newest_of_those_put_aside_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        make_log(tmp_path / "06_asr.log", str(number) * 100)
        put_old_logs_aside(tmp_path, LIMITS)
    assert contents(tmp_path) == {"06_asr.log.1": "4" * 100, "06_asr.log.2": "3" * 100}
    make_log(tmp_path / "06_asr.log", "5")
    put_old_logs_aside(tmp_path, LogLimits(size=100, days=2.0, backups=0))
    assert contents(tmp_path) == {"06_asr.log": "5"}


def test_old_logs_of_runs_go_but_for_the_latest(tmp_path: Path) -> None:
    for day in range(1, 8):
        make_log(tmp_path / f"99_pipeline_2026010{day}_000000.log", "x", days=8 - day)
    make_log(tmp_path / "99_pipeline_20260101_000000.log.1", "x", days=7)
    put_old_logs_aside(tmp_path, LIMITS)
    kept = ["99_pipeline_20260106_000000.log", "99_pipeline_20260107_000000.log"]
    assert sorted(contents(tmp_path)) == kept
    put_old_logs_aside(tmp_path, LogLimits(size=1, days=0.5, backups=2))
    assert sorted(contents(tmp_path)) == kept
