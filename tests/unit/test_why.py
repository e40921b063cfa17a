#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/why.py: what `./run-pipeline.sh why STAGE JOB_DIR` tells."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.commands import assert_refused, run_script

DIGEST = re.compile(r"\b[0-9a-f]{12}\b")


def why(stage: str, job_dir: Path, *options: str) -> str:
    """Return what the command tells."""
    result = run_script("run-pipeline", "why", stage, job_dir, *options)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_what_changed_is_told_from_what_to_what(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.03")
    assert why("demux", finished_job) == (
        "demux will run again:\n  AUDIO_LOSS_TOLERANCE: 0.02 -> 0.03\n"
    )
    (finished_job / "01_demux" / "audio.wav").unlink()
    assert "  its output audio.wav: there -> gone\n" in why("demux", finished_job)


def test_an_up_to_date_stage_tells_what_it_depends_on(finished_job: Path) -> None:
    told = why("glossary_load", finished_job)
    assert told.startswith("glossary_load is up to date (done ")
    for line in ("GLOSSARY_ENABLED = True", "02_tmdb/enrichment.json, not there"):
        assert f"  {line}\n" in told
    assert "files of the program, " in told and "of the environment common (-v names them)" in told
    assert not DIGEST.search(told)
    told = why("glossary_load", finished_job, "-v")
    assert re.search(r"  shared/glossary_manager.py [0-9a-f]{12}\n", told)
    assert "  the environment common: " in told
    assert "  job:02_tmdb/enrichment.json not there\n" in told


def test_contents_that_changed_are_told_without_digests(finished_job: Path) -> None:
    (finished_job / "02_tmdb").mkdir(exist_ok=True)
    (finished_job / "02_tmdb" / "enrichment.json").write_text("{}")
    assert "  02_tmdb/enrichment.json is there now\n" in why("glossary_load", finished_job)
    assert re.search(r"json: not there -> [0-9a-f]{12}\n", why("glossary_load", finished_job, "-v"))


def test_a_program_that_changed_is_told_in_one_line(finished_job: Path) -> None:
    path = finished_job / ".checkpoints" / "glossary_load.json"
    path.write_text(re.sub(r'(\.py": ")[0-9a-f]{8}', r"\g<1>00000000", path.read_text()))
    told = why("glossary_load", finished_job)
    assert re.search(r"again:\n  the program changed: \d+ files \(-v names them\)\n$", told)
    assert "scripts/glossary_builder.py: 00000000" in why("glossary_load", finished_job, "-v")


def test_an_edit_is_told(finished_job: Path) -> None:
    path = finished_job / "03_glossary_load" / "glossary.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    told = why("glossary_load", finished_job)
    assert told.startswith("glossary_load is kept: edited by hand: glossary.json\n")
    assert "--force glossary_load" in told


def test_a_stage_after_one_that_runs_again_names_it(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TMDB_ENABLED", "true")
    told = why("glossary_load", finished_job)
    assert "glossary_load will run again if the result of tmdb changes:\n" in told
    assert "  tmdb: TMDB_ENABLED changed from False to True\n" in told


def test_a_stage_that_was_never_done_and_wrong_names(finished_job: Path, tmp_path: Path) -> None:
    assert why("asr", finished_job) == "asr will run: it has not been done in this job\n"
    wrong = run_script("run-pipeline", "why", "aser", finished_job)
    assert_refused(wrong, 2, "Unknown stage 'aser'", "mean asr?")
    assert_refused(run_script("run-pipeline", "why", "asr", tmp_path / "x"), 2, "No such job")
    assert_refused(run_script("run-pipeline", "why", "asr"), 2, "JOB_DIR", "why --help")


def test_of_a_value_of_several_facts_the_one_that_changed_is_told(finished_job: Path) -> None:
    path = finished_job / "job.json"
    path.write_text(re.sub(r'"channels": \d+', '"channels": 7', path.read_text(), count=1))
    assert re.search(r"media in job.json, audio_stream: \{.* -> \{", why("demux", finished_job))
    path.write_text(re.sub(r'"size": \d+', '"size": 7', path.read_text(), count=1))
    assert re.search(r"  media in job.json, size: \d+ -> 7\n", why("demux", finished_job))
