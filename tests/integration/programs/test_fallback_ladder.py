#!/usr/bin/env python3
"""
Tests of the fallback ladder through ./run-pipeline.sh: a stage that really runs out of memory ends
on the first rung that fits, with those before it recorded; engines: test_memory.py in integration.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import (
    Finished,
    assert_refused,
    copy_checkout,
    run_command,
)
from tests.support.jobs import copy_job, files_below

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what memory is shared is told on Linux alone"
)

# A stage of its own that takes as much memory as a network would: weights by number format, sound
# by batch and length, and something more for another device. As OpenBLAS does, it asks again for
# ever for memory that the system refuses.
STAGE = """
import sys
import time
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.ladder import Rung, build_ladder
from shared.stage_utils import StageIO, get_stage_logger

WEIGHTS = {"float16": 400, "int8": 200}


def take(megabytes):
    while True:
        try:
            return bytearray(megabytes << 20)
        except MemoryError:
            continue


def main():
    stage_io = StageIO("tmdb")
    logger = get_stage_logger("tmdb", stage_io=stage_io)
    try:
        rung = stage_io.use_rung(build_ladder(Rung("cuda", "float16", 16, 32.0)))
        needed = WEIGHTS[rung.compute_type] + 8 * rung.batch_size * rung.chunk_length
        needed += 100 if rung.device == "cuda" else 0
        block = take(int(needed))
        block[::4096] = b"x" * len(block[::4096])
        time.sleep(0.5)
        stage_io.get_output_path("rung.txt").write_text(rung.label)
        return stage_io.succeed()
    except Exception as error:
        return stage_io.fail(error)


sys.exit(main())
"""
RUNGS = (
    "cuda, float16, batch 16, chunks of 32 s",
    "cuda, float16, batch 4, chunks of 32 s",
    "cuda, float16, batch 1, chunks of 32 s",
    "cuda, int8, batch 1, chunks of 32 s",
    "cuda, int8, batch 1, chunks of 16 s",
    "cpu, int8, batch 1, chunks of 16 s",
)
# What each rung needs, MiB, and what Python itself takes besides, at most.
NEEDED = (4596, 1524, 756, 556, 428, 328)
PYTHON = 60
TOO_LITTLE = NEEDED[-1] - PYTHON


@pytest.fixture
def checkout(tmp_path: Path, finished_jobs: Path) -> Path:
    """A copied checkout whose stage tmdb is the one above, with a job done up to demux."""
    root = copy_checkout(tmp_path / "checkout")
    (root / "scripts" / "tmdb_enrichment_stage.py").write_text(STAGE, encoding="utf-8")
    copy_job(finished_jobs, root / "out")
    return root


def run_there(checkout: Path) -> Finished:
    """Run the job up to the stage of this test."""
    return run_command(
        *("./run-pipeline.sh", "transcribe", job_of(checkout), "--to", "tmdb"), root=checkout
    )


def job_of(checkout: Path) -> Path:
    """Return the job in a copied checkout."""
    return next((checkout / "out").glob("*/*/*/tester/1"))


def record_of(job_dir: Path) -> dict[str, Any]:
    """Return the checkpoint of the stage of this test."""
    record: dict[str, Any] = json.loads((job_dir / ".checkpoints" / "tmdb.json").read_bytes())
    return record


def demux_record(job_dir: Path) -> bytes:
    """Return the record of the stage before, but for inodes: in a copied job they are told anew."""
    return re.sub(rb'"inode": \d+', b"", (job_dir / ".checkpoints" / "demux.json").read_bytes())


def failed_rungs(job_dir: Path) -> list[str]:
    """Return the rungs that the job's event stream tells as failed."""
    lines = (job_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [event["rung"] for event in map(json.loads, lines) if event["event"] == "rung"]


@pytest.mark.parametrize("rung", range(1, len(RUNGS) - 1), ids=RUNGS[1:-1])
def test_a_stage_without_memory_ends_on_the_first_rung_that_fits(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, rung: int
) -> None:
    monkeypatch.setenv("CP_STAGE_MEMORY_MB", str(NEEDED[rung] + PYTHON))
    result = run_there(checkout)
    assert result.returncode == 0, result.stderr
    job_dir = job_of(checkout)
    assert (job_dir / "02_tmdb" / "rung.txt").read_text() == RUNGS[rung]
    record = record_of(job_dir)
    assert (record["status"], record["attempt"]) == ("done", rung + 1)
    assert [one["rung"] for one in record["rungs"]] == list(RUNGS[:rung])
    assert all("MiB it may take" in one["reason"] for one in record["rungs"])
    assert record["peak_memory_mb"] > NEEDED[rung]
    told = f"Works with {RUNGS[rung]}, after failing with {RUNGS[0]}"
    assert record["warnings"] == [told] and told in result.stderr
    assert failed_rungs(job_dir) == list(RUNGS[:rung])


def test_where_no_rung_fits_nothing_is_lost_and_the_next_run_goes_on(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_dir = job_of(checkout)
    (job_dir / ".checkpoints" / "tmdb.json").unlink()
    demux = demux_record(job_dir)
    sound = (job_dir / "01_demux" / "audio.wav").read_bytes()
    monkeypatch.setenv("CP_STAGE_MEMORY_MB", str(TOO_LITTLE))
    result = run_there(checkout)
    assert_refused(result, 3, "tmdb: took ", "Raise STAGE_MEMORY_MB")
    assert failed_rungs(job_dir) == list(RUNGS[:-1])
    assert demux_record(job_dir) == demux
    assert (job_dir / "01_demux" / "audio.wav").read_bytes() == sound
    assert not (job_dir / ".checkpoints" / "tmdb.json").exists()
    assert files_below(job_dir / ".scratch") == []
    monkeypatch.setenv("CP_STAGE_MEMORY_MB", str(NEEDED[-1] + PYTHON))
    again = run_there(checkout)
    assert again.returncode == 0, again.stderr
    assert "demux …" not in again.stderr
    assert [one["rung"] for one in record_of(job_dir)["rungs"]] == list(RUNGS[:-1])
    assert (job_dir / "02_tmdb" / "rung.txt").read_text() == RUNGS[-1]
