#!/usr/bin/env python3
"""
Measure startup: how long a stage takes until its model is ready, and how much memory it takes.

Makes a short film of the spoken test lines, runs all twelve stages on it once, then starts each
stage that has a model again and again: from the spawn of its process to the event "ready" that it
sends when the model is loaded. In the same run the `whisperx` program gets the same sound and the
same weights: from its spawn to the line with which it begins to transcribe (its model is loaded
then, and it has found the speech, which our stage of speech detection does). Memory is the
peak of a stage's largest process (itself or one that it started), as the checkpoints tell it.

Usage:
    venv/common/bin/python tests/performance/measure_startup.py [--runs 3] [--job JOB_DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.paths import SPEECH_FIXTURES_DIR  # noqa: E402
from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from shared.pipeline.job.checkpoint import CheckpointManager  # noqa: E402
from shared.pipeline.job.fingerprint import stage_environment_name  # noqa: E402
from shared.pipeline.run.attempt import Attempt, run_attempt  # noqa: E402
from shared.stage_order import STAGE_ORDER, get_stage_dir  # noqa: E402

# Stages with a model of their own, in the order in which they are started.
MODEL_STAGES = ("pyannote_vad", "asr", "alignment", "lyrics_detection", "translation")
# Standards 8.2, MiB.
MEMORY_LIMITS = {"demux": 512, "asr": 8192, "translation": 4096, "mux": 2048}
TARGET_SECONDS = 4.0
SETTINGS = {"WHISPER_MODEL": "base", "DEVICE": "cpu", "CP_COMPUTE_TYPE": "int8"}
LINES = ("de-01.opus", "de-02.opus", "de-03.opus", "de-04.opus")
BEGINS_TO_TRANSCRIBE = b"Performing transcription"
ATTEMPT_SECONDS = 600.0


def main() -> int:
    """Measure and print; return 1 when a stage is not ready in time or takes too much memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--job", type=Path, help="take the memory from this finished job")
    arguments = parser.parse_args()
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CP_OUTPUT_ROOT"] = folder
        job_dir = run_a_job(Path(folder))
        late = tell_starts(job_dir, arguments.runs)
        heavy = tell_memory(arguments.job or job_dir)
    return 1 if late or heavy else 0


def run_a_job(folder: Path) -> Path:
    """Make a film of spoken lines and run every stage on it; return the job directory.

    Args:
        folder: Where film and jobs lie.
    """
    film = folder / "film.mkv"
    sounds = [part for name in LINES for part in ("-i", str(SPEECH_FIXTURES_DIR / name))]
    graph = "".join(f"[{n}:a]apad=pad_dur=1[a{n}];" for n in range(len(LINES)))
    graph += "".join(f"[a{n}]" for n in range(len(LINES))) + f"concat=n={len(LINES)}:v=0:a=1[a]"
    picture = ["-f", "lavfi", "-i", "color=s=320x180:r=24"]
    command = ["ffmpeg", "-nostdin", "-v", "error", *sounds, *picture, "-filter_complex", graph]
    command += ["-map", f"{len(LINES)}:v", "-map", "[a]", "-shortest", "-c:v", "mpeg4", str(film)]
    subprocess.run(command, check=True)
    command = ["./run-pipeline.sh", "subtitle", str(film), "-s", "de", "-t", "en"]
    subprocess.run(command, check=True, cwd=PROJECT_ROOT, stdin=subprocess.DEVNULL)
    return next(folder.glob("*/*/*/*/1"))


def forget_words(segments: Path) -> None:
    """Take the times of the words away, so that alignment needs its model.

    Args:
        segments: What asr wrote.
    """
    document = json.loads(segments.read_text(encoding="utf-8"))
    for segment in document["segments"]:
        segment["words"] = []
    segments.write_text(json.dumps(document), encoding="utf-8")


def tell_starts(job_dir: Path, runs: int) -> list[str]:
    """Print how long every start takes, beside the whisperx program; return the stages too late.

    Args:
        job_dir: A finished job.
        runs: How often each is started; medians are told.
    """
    stages = {
        stage: median(partial(seconds_to_ready, job_dir, stage), runs) for stage in MODEL_STAGES
    }
    program = median(partial(seconds_of_whisperx, job_dir), runs)
    library = median(partial(seconds_of_import, "whisperx.asr"), runs)
    both = stages["pyannote_vad"] + stages["asr"]
    print(f"\nSpawn to model ready, base int8 on the CPU, median of {runs} starts")
    for stage, seconds in stages.items():
        print(f"  {stage:<38} {seconds:6.2f} s   {program / seconds:5.1f} x as fast as whisperx")
    print(f"  {'speech detection and asr together':<38} {both:6.2f} s   {program / both:5.1f} x")
    print(f"  {'whisperx until it begins to transcribe':<38} {program:6.2f} s")
    print(f"  {'import whisperx.asr alone':<38} {library:6.2f} s")
    return [stage for stage, seconds in stages.items() if seconds > TARGET_SECONDS]


def tell_memory(job_dir: Path) -> list[str]:
    """Print the peak memory of every stage; return the stages over their limit.

    Args:
        job_dir: A finished job.
    """
    print("\nPeak memory of the largest process of each stage")
    over = []
    for stage in STAGE_ORDER:
        record = CheckpointManager(job_dir).load_record(stage)
        if record is None:
            continue
        limit = MEMORY_LIMITS.get(stage)
        against = f"limit {limit} MiB" if limit else ""
        print(f"  {stage:<22} {record.peak_memory_mb:7.0f} MiB   {against}")
        if limit and record.peak_memory_mb > limit:
            over.append(stage)
    return over


def seconds_to_ready(job_dir: Path, stage: str) -> float:
    """Run a stage again; return the seconds from its start to its event "ready".

    Args:
        job_dir: A finished job.
        stage: A stage with a model.

    Raises:
        RuntimeError: The stage failed, or never told that it is ready.
    """
    if stage == "alignment":
        forget_words(job_dir / get_stage_dir("asr") / "segments.json")
    environments = EnvironmentManager()
    environment = stage_environment_name(stage, load_config(job_dir), environments)
    ready: list[float] = []
    attempt = Attempt(
        job_dir=job_dir,
        stage=stage,
        python=environments.python(environment),
        environment=environment,
        environment_lock=environments.lock_digest(environment),
        timeout=ATTEMPT_SECONDS,
        grace=5.0,
        log_max_mb=1,
    )
    lock = os.open(job_dir / ".measure", os.O_RDWR | os.O_CREAT)
    try:
        begun = time.perf_counter()
        result = run_attempt(
            attempt,
            lock,
            lambda event: ready.append(time.perf_counter()) if event["event"] == "ready" else None,
        )
    finally:
        os.close(lock)
    if not ready:
        raise RuntimeError(f"{stage}: {result.status}, never ready: {result.reason}")
    return ready[0] - begun


def seconds_of_whisperx(job_dir: Path) -> float:
    """Return the seconds until the whisperx program begins to transcribe the job's sound.

    Args:
        job_dir: A finished job.

    Raises:
        RuntimeError: It ended without beginning.
    """
    sound = job_dir / get_stage_dir("demux") / "audio.wav"
    program = EnvironmentManager().folder("whisperx") / "bin" / "whisperx"
    command = [str(program), str(sound), "--model", str(require_model("whisper", "base"))]
    command += ["--device", "cpu", "--compute_type", "int8", "--language", "de", "--no_align"]
    command += ["--output_dir", str(job_dir / ".scratch"), "--output_format", "json"]
    said: list[bytes] = []
    begun = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if BEGINS_TO_TRANSCRIBE in line:
                taken = time.perf_counter() - begun
                process.kill()
                return taken
    raise RuntimeError(f"whisperx did not begin: {b''.join(said[-5:]).decode(errors='replace')}")


def seconds_of_import(module: str) -> float:
    """Return the seconds that a new Python of the environment whisperx takes to import a module.

    Args:
        module: Its name.
    """
    begun = time.perf_counter()
    command = [str(EnvironmentManager().python("whisperx")), "-c", f"import {module}"]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def median(measure: Callable[[], float], runs: int) -> float:
    """Return the median of several measurements.

    Args:
        measure: Measures once.
        runs: How often.
    """
    return statistics.median(measure() for _ in range(runs))


if __name__ == "__main__":
    sys.exit(main())
