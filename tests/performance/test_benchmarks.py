#!/usr/bin/env python3
"""
Benchmarks: budgets of shared/pipeline/plan/budgets.py that real stages must keep.

Usage:
    ./tests/run-tests.sh tests/performance -n 0
"""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import SPEECH_FIXTURES_DIR
from shared.hardware_detection import detect_hardware
from shared.media.probe import probe_media
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.plan.budgets import PERFORMANCE_BUDGETS
from tests.integration.conftest import run_pipeline
from tests.support.jobs import make_film
from tests.support.media_job import log_of, make_job, run_stage

SECONDS = 60.0


def computed_by_children() -> float:
    """Return the processor seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.performance
def test_demux_keeps_its_budget(tmp_path: Path) -> None:
    """Demux must take less processor time than its budget for a minute of film, also under load."""
    film = make_film(tmp_path / "film.mkv", seconds=SECONDS)
    job_dir = make_job(tmp_path, film)
    before = computed_by_children()
    result = run_stage(job_dir, "demux")
    elapsed = computed_by_children() - before
    assert elapsed > 0.0
    assert result.status == "done", log_of(tmp_path / "job", "demux")
    assert elapsed <= PERFORMANCE_BUDGETS["demux"] * SECONDS / 60, f"{elapsed:.1f} s"


@pytest.mark.performance
@pytest.mark.timeout(600)
@pytest.mark.environments("whisperx", "pyannote", "demucs")
def test_asr_throughput_on_a_gpu(tmp_path: Path) -> None:
    """ASR must work at least twice as fast as the speech is spoken on a GPU."""
    if detect_hardware().profile != "cuda":
        pytest.skip("no CUDA here: run it on a machine with an NVIDIA GPU")
    lines = [SPEECH_FIXTURES_DIR / f"en-0{number}.opus" for number in range(1, 7)]
    listing = tmp_path / "lines.txt"
    listing.write_text("".join(f"file '{one}'\n" for one in lines * 4), encoding="utf-8")
    audio = tmp_path / "speech.wav"
    joined = ["ffmpeg", "-nostdin", "-v", "error", "-f", "concat", "-safe", "0"]
    subprocess.run([*joined, "-i", listing, audio], check=True)
    done = run_pipeline(
        *("transcribe", audio, "-s", "en", "--to", "asr"), cwd=tmp_path, output_root=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (job_file,) = tmp_path.rglob("job.json")
    record = CheckpointManager(job_file.parent).load_record("asr")
    assert record is not None
    throughput = probe_media(audio).duration / record.seconds
    assert throughput >= 2.0, f"GPU throughput {throughput:.2f}x is below 2.0x"
