#!/usr/bin/env python3
"""Tests of shared/pipeline/run/logs/stage_log.py."""

from __future__ import annotations

from pathlib import Path

from shared.pipeline.run.logs.stage_log import LOG_CUT, StageLog

CAP = 100_000
LINE = b"x" * 99 + b"\n"


def test_a_log_has_one_size_over_all_attempts(tmp_path: Path) -> None:
    path = tmp_path / "06_asr.log"
    for attempt in range(20):
        log = StageLog(path, CAP)
        for _ in range(600):
            log.write(LINE)
        log.write(b"the end of attempt %d\n" % attempt)
        log.finish()
        log.close()
        assert log.tail.endswith(b"the end of attempt %d\n" % attempt), "its cause is still found"
    assert CAP <= path.stat().st_size <= CAP + len(LINE) + len(LOG_CUT)
    assert path.read_bytes().count(LOG_CUT.strip()) == 1
