#!/usr/bin/env python3
"""
Resume: a run killed at any moment is completed by the next one, and ends like an undisturbed one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT
from shared.stage_order import STAGE_ORDER, get_stage_dir
from tests.integration.conftest import FinishedJob, run_pipeline
from tests.support.commands import HANG_SECONDS, wait_until

pytestmark = pytest.mark.integration

# Seconds after the start, from before the first stage to the middle of the long ones.
MOMENTS = (0.2, 0.9, 2.0, 3.5, 6.0)
# Files that hold no clock: a killed and an undisturbed run must agree on them byte by byte.
COMPARED = (
    ("asr", "segments.json"),
    ("lyrics_detection", "segments_lyrics.json"),
    ("export_transcript", "transcript.tsv"),
)


def start(job_dir: Path) -> subprocess.Popen[bytes]:
    """Start the pipeline on a job."""
    return subprocess.Popen(
        [str(PROJECT_ROOT / "run-pipeline.sh"), "transcribe", str(job_dir)],
        env=os.environ | {"CP_OUTPUT_ROOT": str(job_dir.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def processes_of(job_dir: Path) -> list[psutil.Process]:
    """Return the living processes that work on a job, stages and their children included."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CP_JOB_DIR") == str(job_dir) and (
                process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def digests(job_dir: Path) -> dict[str, str]:
    """Return the digest of each compared file."""
    return {n: sha256_of(job_dir / get_stage_dir(s) / n) for s, n in COMPARED}


@pytest.fixture
def fresh_job(finished_job: FinishedJob, tmp_path: Path) -> Path:
    """A job like the finished one, with nothing done yet but the costly first stages."""
    job_dir = tmp_path / "job"
    job_dir.mkdir()
    shutil.copy(finished_job.job_dir / "job.json", job_dir)
    return job_dir


def test_killed_again_and_again_it_ends_like_an_undisturbed_run(
    finished_job: FinishedJob, fresh_job: Path
) -> None:
    for moment in MOMENTS:
        run = start(fresh_job)
        time.sleep(moment)
        run.send_signal(signal.SIGKILL)
        run.wait()
        wait_until(lambda: not processes_of(fresh_job))  # no stage outlives its orchestrator
    done = run_pipeline("transcribe", fresh_job, cwd=Path("/"), output_root=fresh_job.parent)
    assert done.returncode == 0, done.stderr
    assert digests(fresh_job) == digests(finished_job.job_dir)
    assert not (fresh_job / ".scratch").exists() or not any((fresh_job / ".scratch").iterdir())


def test_ctrl_c_ends_with_130_and_the_next_run_goes_on(fresh_job: Path) -> None:
    run = start(fresh_job)
    wait_until(lambda: processes_of(fresh_job))
    time.sleep(2.0)  # into the work of some stage
    run.send_signal(signal.SIGINT)
    assert run.wait(HANG_SECONDS) == 130
    assert processes_of(fresh_job) == []
    done = run_pipeline("transcribe", fresh_job, cwd=Path("/"), output_root=fresh_job.parent)
    assert done.returncode == 0, done.stderr


def test_a_changed_setting_runs_only_what_read_it(
    finished_job: FinishedJob, tmp_path: Path
) -> None:
    job_dir = tmp_path / "job"
    shutil.copytree(finished_job.job_dir, job_dir)
    done = run_pipeline(
        *("subtitle", job_dir, "--json"),
        cwd=Path("/"),
        output_root=tmp_path,
        SUBTITLE_LINE_LENGTH="30",
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ran = [event["stage"] for event in events if event["event"] == "start"]
    assert ran == ["subtitle_generation", "mux"]


def test_a_corrected_transcript_is_kept_aligned_and_shown(
    finished_job: FinishedJob, tmp_path: Path
) -> None:
    job_dir = tmp_path / "job"
    shutil.copytree(finished_job.job_dir, job_dir)
    path = job_dir / get_stage_dir("asr") / "segments.json"
    transcript = json.loads(path.read_text(encoding="utf-8"))
    last = transcript["segments"][-1]
    last["text"] = "Please do not open this door until I come back."
    path.write_text(json.dumps(transcript, ensure_ascii=False), encoding="utf-8")
    done = run_pipeline("subtitle", job_dir, "--json", cwd=Path("/"), output_root=tmp_path)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ran = [event["stage"] for event in events if event["event"] == "start"]
    assert "asr" not in ran and ran[0] == "alignment"
    assert set(ran) <= set(STAGE_ORDER[STAGE_ORDER.index("alignment") :])
    shown = next((job_dir / get_stage_dir("subtitle_generation")).glob("*.en.srt"))
    assert "open this door" in " ".join(shown.read_text(encoding="utf-8").split())
    aligned = job_dir / get_stage_dir("alignment") / "segments_aligned.json"
    words = json.loads(aligned.read_text(encoding="utf-8"))["segments"][-1]["words"]
    assert [word["text"] for word in words] == last["text"].split()
    assert {word["source"] for word in words} <= {"attention", "interpolated"}


def run_again(job_dir: Path, *options: str, **settings: str) -> list[str]:
    """Run a job in the folder above it; return the stages that ran."""
    root = job_dir.parent
    done = run_pipeline(
        *("subtitle", job_dir, "--json", *options), cwd=root, output_root=root, **settings
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["stage"] for event in events if event["event"] == "start"]


def test_an_edited_translation_or_subtitle_is_kept_shown_and_never_overwritten_unasked(
    finished_job: FinishedJob, tmp_path: Path
) -> None:
    job_dir = tmp_path / "job"
    shutil.copytree(finished_job.job_dir, job_dir)
    path = job_dir / get_stage_dir("translation") / "segments_translated_en.json"
    translation = json.loads(path.read_text(encoding="utf-8"))
    line = next(line for line in translation["lines"] if line["text"])
    line["text"] = "An edited line."
    edited = json.dumps(translation, ensure_ascii=False)
    path.write_text(edited, encoding="utf-8")
    assert run_again(job_dir) == ["subtitle_generation", "mux"]
    (shown,) = (job_dir / get_stage_dir("subtitle_generation")).glob("*.en.srt")
    assert "An edited line." in shown.read_text(encoding="utf-8")
    shown.write_text(shown.read_text(encoding="utf-8").replace("An edited", "A twice edited"))
    assert run_again(job_dir) == ["mux"]
    # What made them would like to run again; without --force the edits stay.
    changed = {"SUBTITLE_LINE_LENGTH": "30", "TRANSLATION_BATCH_SIZE": "3"}
    assert run_again(job_dir, **changed) == []
    assert path.read_text(encoding="utf-8") == edited
    assert "A twice edited line." in shown.read_text(encoding="utf-8")
    assert run_again(job_dir, "--force", "subtitle_generation", **changed) == [
        "subtitle_generation",
        "mux",
    ]
    assert "A twice edited line." not in shown.read_text(encoding="utf-8")
    kept = job_dir / "edited" / get_stage_dir("subtitle_generation") / shown.name
    assert "A twice edited line." in kept.read_text(encoding="utf-8")


def test_a_changed_glossary_reaches_what_reads_it_and_not_recognition(
    finished_job: FinishedJob, tmp_path: Path
) -> None:
    job_dir = tmp_path / "job"
    shutil.copytree(finished_job.job_dir, job_dir)
    terms = tmp_path / "terms.tsv"
    terms.write_text("source\tpreferred\nKapitan\tskipper\n", encoding="utf-8")
    ran = run_again(job_dir, GLOSSARY_FILES=str(terms))
    assert ran[0] == "glossary_load"
    earlier = STAGE_ORDER[: STAGE_ORDER.index("export_transcript")]
    assert set(ran[1:]).isdisjoint(earlier)
