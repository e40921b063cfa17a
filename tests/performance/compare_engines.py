#!/usr/bin/env python3
"""
Compare engines: what a film costs and how well it is heard, ours beside what people use.

Puts the clips of a manifest together to one sound and gives it, in turn, to the bare engine (one
window after the other, and batched), the `whisperx` program, `whisper-ctranslate2` where it is
installed, and our transcribe workflow; same model, number format and machine. Our stage asr is also
run alone. Figures are medians over the rounds, with their spread.

Usage:
    venv/common/bin/python tests/performance/compare_engines.py --manifest CLIPS.json \\
        [--language en] [--runs 3] [--only bare-batched,ours] [--write docs/PERFORMANCE.md]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import wave
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

import psutil  # noqa: E402

from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from tools.evaluation.words import rate, word_errors  # noqa: E402

RUN = str(PROJECT_ROOT / "run-pipeline.sh")
SETTINGS = {
    "WHISPER_MODEL": "base",
    "DEVICE": "cpu",
    "CP_COMPUTE_TYPE": "int8",
    "HF_HUB_OFFLINE": "1",
}
RATE, GAP = 16000, 1.0
BARE = """
import sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", local_files_only=True)
engine = BatchedInferencePipeline(model) if sys.argv[4] == "batched" else model
more = {"batch_size": 8} if sys.argv[4] == "batched" else {"vad_filter": True}
found, _ = engine.transcribe(
    sys.argv[2], language=sys.argv[3], beam_size=5, word_timestamps=True, **more
)
print(" ".join(one.text.strip() for one in found))
"""


@dataclass(frozen=True)
class Round:
    """One run: seconds of wall time and CPU, MB at the most of all processes, what was heard."""

    wall: float
    cpu: float
    peak: float
    text: str


def main() -> int:
    """Measure, print and perhaps write the table; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--manifest", type=Path, required=True, help="id, path, reference_text")
    parser.add_argument("--language", default="en", help="clips of this language only")
    parser.add_argument("--leave-out", default="", help="comma-separated ids of clips")
    parser.add_argument("--only", default="", help="comma-separated names of what to measure")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", type=Path, help="a Markdown file")
    options = parser.parse_args()
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound, reference, seconds = put_together(options, folder / "clips.wav")
        commands = commands_for(sound, options.language, folder)
        wanted = set(filter(None, options.only.split(","))) or set(commands)
        rounds: dict[str, list[Round]] = {one: [] for one in commands if one in wanted}
        for number in range(options.runs):
            os.environ["CP_OUTPUT_ROOT"] = str(folder / f"out{number}")
            for one in rounds:
                command = commands[one]
                if one == "ours-asr":
                    job = next(Path(os.environ["CP_OUTPUT_ROOT"]).glob("*/*/*/*/1"))
                    command = [RUN, "transcribe", str(job), "--only", "asr", "--force", "asr"]
                rounds[one].append(measure(command, folder))
    text = table(rounds, reference, seconds, options)
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


def put_together(options: argparse.Namespace, target: Path) -> tuple[Path, str, float]:
    """Write the clips one behind the other; return the file, its text and its length in seconds.

    Args:
        options: The command line.
        target: The WAV file to write, 16 kHz mono.
    """
    clips = json.loads(options.manifest.read_text(encoding="utf-8"))
    left_out = options.leave_out.split(",")
    sound, texts = b"", []
    for clip in clips:
        if clip["language"] != options.language or clip["id"] in left_out:
            continue
        source = options.manifest.parent / clip["path"]
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", f"file:{source}", "-map", "0:a:0"]
        command += ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
        sound += subprocess.run(command, check=True, capture_output=True).stdout
        sound += bytes(int(GAP * RATE) * 2)
        texts.append(clip["reference_text"])
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound)
    return target, " ".join(texts), len(sound) / 2 / RATE


def commands_for(sound: Path, language: str, folder: Path) -> dict[str, list[str]]:
    """Return what is measured, by name; the text is its output or the newest .txt in the folder.

    Args:
        sound: What every program hears.
        language: Whisper's code.
        folder: Where programs may write.
    """
    environments = EnvironmentManager()
    python = str(environments.python("whisperx"))
    model = str(require_model("whisper", "base"))
    bare = [python, "-c", BARE, model, str(sound), language]
    program = str(environments.folder("whisperx") / "bin" / "whisperx")
    whisperx = [program, str(sound), "--model", model, "--language", language, "--device", "cpu"]
    whisperx += ["--compute_type", "int8", "--no_align", "--output_format", "txt", "--output_dir"]
    commands = {
        "bare": [*bare, "one"],
        "bare-batched": [*bare, "batched"],
        "whisperx": [*whisperx, str(folder)],
    }
    other = shutil.which("whisper-ctranslate2")
    if other:
        commands["whisper-ctranslate2"] = [
            *(other, str(sound), "--model_directory", model, "--language", language),
            *("--device", "cpu", "--compute_type", "int8", "--batched", "True"),
            *("--output_format", "txt", "--output_dir", str(folder)),
        ]
    commands["ours"] = [RUN, "transcribe", str(sound), "-s", language]
    # On the job that "ours" made, which must be measured too.
    commands["ours-asr"] = []
    return commands


def measure(command: list[str], folder: Path) -> Round:
    """Run a program once and return what it cost and heard.

    Args:
        command: From commands_for.
        folder: Where programs write.

    Raises:
        RuntimeError: It failed.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    wall_clock = time.time()
    peaks = [0.0]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watch = threading.Thread(target=follow_memory, args=(process.pid, peaks), daemon=True)
        watch.start()
        heard, errors = process.communicate()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {errors[-2000:]}")
    written = [path for path in folder.rglob("*.txt") if path.stat().st_mtime >= wall_clock - 1]
    for path in sorted(written, key=lambda one: one.stat().st_mtime)[-1:]:
        heard = path.read_text(encoding="utf-8")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Round(wall, used, max(peaks) / 1e6, heard)


def follow_memory(pid: int, peaks: list[float]) -> None:
    """Note how much memory a process and its children have, until it ends.

    Args:
        pid: The process.
        peaks: Bytes; what is seen is added.
    """
    while psutil.pid_exists(pid):
        total = 0
        try:
            root = psutil.Process(pid)
            for one in (root, *root.children(recursive=True)):
                try:
                    total += one.memory_info().rss
                except psutil.Error:
                    continue
        except psutil.Error:
            return
        peaks[0] = max(peaks[0], float(total))
        time.sleep(0.2)


def table(
    rounds: dict[str, list[Round]], reference: str, seconds: float, options: argparse.Namespace
) -> str:
    """Return the figures as Markdown.

    Args:
        rounds: The runs, by name.
        reference: What was said.
        seconds: Length of the sound.
        options: The command line.
    """
    lines = [
        "# Performance",
        "",
        f"`tests/performance/compare_engines.py`, {seconds:.0f} s of {options.language} speech, "
        f"Whisper base int8, beam 5, {os.cpu_count()} cores ({platform.machine()}), medians of "
        f"{options.runs} interleaved rounds (least–most). Not run on a GPU.",
        "",
        "| | wall s | CPU s | CPU of bare-batched | peak MB | word error % |",
        "|---|---|---|---|---|---|",
    ]
    floor = [one.cpu for one in rounds.get("bare-batched", [])]
    for name, found in rounds.items():
        cpu = statistics.median(one.cpu for one in found)
        ratio = f"{cpu / statistics.median(floor):.2f}" if floor else ""
        peak = statistics.median(one.peak for one in found)
        errors = ""
        if name != "ours-asr":
            errors = f"{rate(*word_errors(reference, found[-1].text)):.1f}"
        lines.append(
            f"| {name} | {spread([one.wall for one in found])} | "
            f"{spread([one.cpu for one in found])} | {ratio} | {peak:.0f} | {errors} |"
        )
    return "\n".join(lines) + "\n"


def spread(values: list[float]) -> str:
    """Return a median with the least and the most, one decimal."""
    return f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
