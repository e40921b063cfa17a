#!/usr/bin/env python3
"""Tests of tools/measure/film.py: whole jobs on clips, one table, and what was before beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT, SPEECH_FIXTURES_DIR
from tests.support.commands import run_command

pytestmark = pytest.mark.integration
TOOL = PROJECT_ROOT / "tools" / "measure" / "film.py"


def test_clips_are_measured_and_what_was_before_stands_beside(tmp_path: Path) -> None:
    lines = json.loads((SPEECH_FIXTURES_DIR / "lines.json").read_text(encoding="utf-8"))
    said = next(line for line in lines if line["id"] == "de-03")
    clip = {
        "id": "de-03",
        "path": str(SPEECH_FIXTURES_DIR / "de-03.opus"),
        "language": "de",
        "reference_text": said["text"],
    }
    manifest, figures, before = (tmp_path / name for name in ("clips.json", "now.json", "old.json"))
    manifest.write_text(json.dumps([clip]), encoding="utf-8")
    before.write_text(json.dumps([{"id": "de-03", "wer": 99.0}]), encoding="utf-8")
    done = run_command(
        *(sys.executable, TOOL, manifest, "--to", "en", "--shifts", "0,0.3"),
        *("--before", before, "--json", figures),
    )
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(figures.read_text(encoding="utf-8"))
    assert (found["wer"], found["wer_spread"], found["untranslated"]) == (0.0, 0.0, 0)
    assert "| de-03 | 99.0 → 0.0 | 0.0 |" in done.stdout
