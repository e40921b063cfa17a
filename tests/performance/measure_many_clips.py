#!/usr/bin/env python3
"""
Measure many clips: a batch of short clips beside the bare engine and the `whisperx` program.

Cuts clips out of speech, each at another place, and transcribes them (base, int8, beam 5, CPU): by
the bare engine in one process that has loaded its model, one window after the other and batched; by
a batch whose stages are forked from warmed processes, and by one that starts each as a program;
and by a loop over the `whisperx` program, of which a few clips stand for all. Each round measures
all of them in turn; medians are told with the least and the most, and beside each how many times
its wall time the batch may take. What starting stages costs is the difference between the two
batches, stage by stage.

Usage:
    venv/common/bin/python tests/performance/measure_many_clips.py SPEECH.flac … [--clips 20] \\
        [--seconds 60] [--whisperx 2] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from shared.pipeline.job.record.manifest import Checkpoint  # noqa: E402
from shared.stage_order import get_workflow_stages  # noqa: E402

RUN = str(PROJECT_ROOT / "run-pipeline.sh")
SETTINGS = {
    **{"WHISPER_MODEL": "base", "DEVICE": "cpu", "CP_COMPUTE_TYPE": "int8"},
    **{"CP_ASR_BEAM_SIZE": "5", "HF_HUB_OFFLINE": "1"},
}
FAST_START = "BATCH_FAST_START"
OURS, PROGRAMS = f"batch, {FAST_START}=true", f"batch, {FAST_START}=false"
# So many times the wall time of each may the batch take at the most.
MOST = {"bare": 1.1, "batched": 2.0, "whisperx": 0.25}
AN_HOUR = 3600
STEP = 8.7
# Of one warm process: the time of loading the model does not count.
BARE = """
import resource, sys, time
from faster_whisper import BatchedInferencePipeline, WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8")
engine = BatchedInferencePipeline(model) if sys.argv[2] == "batched" else model
more = {"batch_size": 8} if sys.argv[2] == "batched" else {"vad_filter": True}
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
began, used = time.perf_counter(), cpu()
for path in sys.argv[3:]:
    found, _ = engine.transcribe(path, language="en", beam_size=5, word_timestamps=True, **more)
    list(found)
print(time.perf_counter() - began, cpu() - used)
"""


@dataclass
class Cost:
    """What transcribing all clips took: seconds of the wall and of CPUs, and the load meanwhile."""

    wall: float
    cpu: float
    load: float = field(default_factory=lambda: os.getloadavg()[0])


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("speech", type=Path, nargs="+", help="English")
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each clip")
    parser.add_argument("--whisperx", type=int, default=2, help="clips for that program; 0 = none")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as place:
        clips = make_clips(options.speech, options.clips, options.seconds, Path(place))
        costs: dict[str, list[Cost]] = {}
        for number in range(options.rounds):
            jobs = {OURS: Path(place) / f"{number}-true", PROGRAMS: Path(place) / f"{number}-false"}
            for name, cost in one_round(clips, jobs, Path(place), options.whisperx):
                costs.setdefault(name, []).append(cost)
        tell(costs, options)
        tell_stages(jobs)
    return 0


def one_round(
    clips: list[Path], jobs: dict[str, Path], place: Path, seen: int
) -> Iterator[tuple[str, Cost]]:
    """Yield what each way takes for all clips, one after the other.

    Args:
        clips: They.
        jobs: Where those of the batches go.
        place: Where the whisperx program writes.
        seen: How many clips that program hears.
    """
    for name in ("bare", "batched"):
        yield name, bare(name, clips)
    if seen:
        yield "whisperx", whisperx(clips[:seen], place, len(clips) / len(clips[:seen]))
    for name, folder in jobs.items():
        yield name, batch(clips[0].parent, folder, name.rpartition("=")[2])


def make_clips(speech: list[Path], count: int, seconds: float, place: Path) -> list[Path]:
    """Return clips, cut at another place each out of all speech, again and again.

    Args:
        speech: Files with sound.
        count: How many clips.
        seconds: Of each.
        place: Where they go.
    """
    whole, folder = place / "whole.wav", place / "clips"
    folder.mkdir()
    inputs = [part for path in speech for part in ("-i", f"file:{path}")]
    form = "aresample=16000,aformat=sample_fmts=s16:channel_layouts=mono"
    graph = "".join(f"[{n}:a:0]{form}[a{n}];" for n in range(len(speech)))
    graph += "".join(f"[a{n}]" for n in range(len(speech))) + f"concat=n={len(speech)}:v=0:a=1"
    ffmpeg = ["ffmpeg", "-nostdin", "-v", "error"]
    subprocess.run([*ffmpeg, *inputs, "-filter_complex", graph, str(whole)], check=True)
    made = []
    for number in range(count):
        path = folder / f"clip{number:02}.flac"
        cut = f"aloop=-1:size=2e9,atrim={number * STEP}:{number * STEP + seconds}"
        command = [*ffmpeg, "-i", str(whole), "-af", f"{cut},asetpts=PTS-STARTPTS", str(path)]
        subprocess.run(command, check=True)
        old = time.time() - AN_HOUR  # nobody is still copying it
        os.utime(path, (old, old))
        made.append(path)
    return made


def bare(how: str, clips: list[Path]) -> Cost:
    """Return what the engine alone takes.

    Args:
        how: 'bare', one window after the other, or 'batched'.
        clips: What it hears.
    """
    python, model = EnvironmentManager().python("whisperx"), require_model("whisper", "base")
    command = [str(python), "-c", BARE, str(model), how, *map(str, clips)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wall, cpu = map(float, told.split())
    return Cost(wall, cpu)


def batch(folder: Path, jobs: Path, fast_start: str) -> Cost:
    """Return what a batch takes, from its command to its end.

    Args:
        folder: The clips.
        jobs: Where the jobs go.
        fast_start: Whether its stages are forked.
    """
    jobs.mkdir()
    command = [RUN, "batch", str(folder), "-w", "transcribe", "-s", "en"]
    command += ["--set", f"{FAST_START}={fast_start}", "--set", "CACHE_MAX_GB=0"]
    variables = os.environ | {"CP_OUTPUT_ROOT": str(jobs)}
    return timed(lambda: subprocess.run(command, check=True, capture_output=True, env=variables))


def whisperx(clips: list[Path], place: Path, scale: float) -> Cost:
    """Return what a loop over the whisperx program takes for all clips.

    Args:
        clips: Some of them.
        place: Where it writes.
        scale: How many clips each stands for.
    """
    program = str(EnvironmentManager().folder("whisperx") / "bin" / "whisperx")
    asked = ["--model", str(require_model("whisper", "base")), "--language", "en"]
    asked += ["--device", "cpu", "--compute_type", "int8", "--no_align"]
    asked += ["--output_format", "txt", "--output_dir", str(place)]

    def loop() -> None:
        for clip in clips:
            subprocess.run([program, str(clip), *asked], check=True, capture_output=True)

    cost = timed(loop)
    return Cost(cost.wall * scale, cost.cpu * scale)


def timed(work: Callable[[], object]) -> Cost:
    """Return what work took in processes that it started.

    Args:
        work: It.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, sum(after[:2]) - sum(before[:2]))


def tell(costs: dict[str, list[Cost]], options: argparse.Namespace) -> None:
    """Print what everything took, and how many times as long the batch did.

    Args:
        costs: Of each round, by name.
        options: How many clips, how long.
    """
    print(
        f"{options.clips} clips of {options.seconds:.0f} s, {os.cpu_count()} CPUs; base, int8; "
        f"medians of {options.rounds} rounds (least-most)"
    )
    print(f"{'':32} {'wall s':>21} {'CPU s':>21}   batch / this, wall, at most   load")
    for name, found in costs.items():
        ratio = statistics.median(
            ours.wall / other.wall for ours, other in zip(costs[OURS], found, strict=True)
        )
        wall, cpu = spread([one.wall for one in found]), spread([one.cpu for one in found])
        load = statistics.median(one.load for one in found)
        print(f"{name:32} {wall} {cpu} {ratio:16.2f} {MOST.get(name, ''):>14} {load:8.1f}")


def spread(values: list[float]) -> str:
    """Return a median with the least and the most.

    Args:
        values: Of each round.
    """
    return f"{statistics.median(values):7.1f} ({min(values):5.1f}-{max(values):5.1f})"


def tell_stages(jobs: dict[str, Path]) -> None:
    """Print what each stage of a clip took, forked and started as a program.

    Args:
        jobs: Where those of the two batches lie, the forked one first.
    """
    print(f"\n{'a clip, seconds of wall / CPU':32} {'forked':>15} {'as a program':>15}")
    for stage in get_workflow_stages("transcribe"):
        told = [stage_cost(folder, stage) for folder in jobs.values()]
        print(f"{stage:32} " + " ".join(f"{wall:7.2f} / {cpu:5.2f}" for wall, cpu in told))


def stage_cost(jobs: Path, stage: str) -> tuple[float, float]:
    """Return the mean seconds, and seconds of CPUs, of a stage.

    Args:
        jobs: Where the jobs lie.
        stage: A name in STAGE_ORDER.
    """
    records = [
        Checkpoint.model_validate_json(path.read_bytes())
        for path in jobs.glob(f"*/*/*/*/*/.checkpoints/{stage}.json")
    ]
    return (
        statistics.mean(record.seconds for record in records),
        statistics.mean(record.cpu_seconds for record in records),
    )


if __name__ == "__main__":
    sys.exit(main())
