#!/usr/bin/env python3
"""
Compare engines: what a film costs and how well it is heard, ours beside what people use.

Puts the clips of a manifest together to one sound and gives it, in turn, to the bare engine (one
window after the other, and batched), the `whisperx` program, `whisper-ctranslate2` where it is
named, and our transcribe workflow; same model, number format, beam and machine. Our stage asr is
also run alone, on the job of the round. Figures are medians over the rounds, with their spread.
Each round begins with 0.1 s more of silence than the one before: one shift moves a clip's word
error by points, so what counts is the mean over them. On CUDA the real-time factor and the GPU's
busy share are measured as well.

Usage:
    venv/common/bin/python tests/performance/compare_engines.py --manifest CLIPS.json \\
        [--language en,de] [--runs 10] [--only bare-batched,ours] [--device cuda] \\
        [--ctranslate2 PROGRAM] [--rounds ROUNDS.json] [--write docs/PERFORMANCE.md]

With --rounds what was measured before counts as well, and what is measured is kept there: a busy
machine can be measured in parts (ours-asr together with ours).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import wave
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

import psutil  # noqa: E402

from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from tests.performance.engine_figures import (  # noqa: E402
    ASR_ALONE,
    Round,
    heading,
    read_rounds,
    table,
    write_rounds,
)

RUN = str(PROJECT_ROOT / "run-pipeline.sh")
SETTINGS = {"WHISPER_MODEL": "base", "CP_ASR_BEAM_SIZE": "5", "HF_HUB_OFFLINE": "1"}
COMPUTE_TYPES = {"cpu": "int8", "cuda": "float16"}
RATE, GAP, SHIFT = 16000, 1.0, 0.1
OURS = "ours"
# In the order of the table.
PROGRAMS = ("bare", "bare-batched", "whisperx", "whisper-ctranslate2", OURS, ASR_ALONE)
BARE = """
import sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
if sys.argv[5] == "cuda":
    sys.path.insert(0, sys.argv[7])
    from scripts.runtime.cuda_libraries import preload
    preload()
model = WhisperModel(sys.argv[1], device=sys.argv[5], compute_type=sys.argv[6])
engine = BatchedInferencePipeline(model) if sys.argv[4] == "batched" else model
more = {"batch_size": 8} if sys.argv[4] == "batched" else {"vad_filter": True}
found, _ = engine.transcribe(
    sys.argv[2], language=sys.argv[3], beam_size=5, word_timestamps=True, **more
)
print(" ".join(one.text.strip() for one in found))
"""


def main() -> int:
    """Measure, print and perhaps write the tables; return the exit code."""
    options = parse_arguments()
    os.environ.update(
        SETTINGS, DEVICE=options.device, CP_COMPUTE_TYPE=COMPUTE_TYPES[options.device]
    )
    known = read_rounds(options.rounds)
    tables = ""
    for language in options.language.split(","):
        with tempfile.TemporaryDirectory() as folder:
            tables += one_language(language, Path(folder), options, known)
    programs = [found for rounds in known.values() for found in rounds.values()]
    text = heading(options.device, COMPUTE_TYPES[options.device], programs, SHIFT) + tables
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


def parse_arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--manifest", type=Path, required=True, help="id, path, reference_text")
    parser.add_argument("--language", default="en", help="comma-separated: a table for each")
    parser.add_argument("--leave-out", default="", help="comma-separated ids of clips")
    parser.add_argument("--only", default="", help="comma-separated names of what to measure")
    parser.add_argument("--runs", type=int, default=3, help="rounds, each with another shift")
    parser.add_argument("--device", choices=tuple(COMPUTE_TYPES), default="cpu")
    parser.add_argument("--ctranslate2", default="whisper-ctranslate2", help="its program")
    parser.add_argument("--rounds", type=Path, help="a JSON file: go on with the rounds in it")
    parser.add_argument("--write", type=Path, help="a Markdown file")
    return parser.parse_args()


def one_language(
    language: str,
    folder: Path,
    options: argparse.Namespace,
    known: dict[str, dict[str, list[Round]]],
) -> str:
    """Measure everything on the clips of one language, round by round; return the table.

    Args:
        language: Whisper's code.
        folder: For sound and jobs.
        options: The command line.
        known: The rounds so far; these are added.
    """
    samples, reference = put_together(language, options)
    rounds = known.setdefault(language, {})
    chosen = list(filter(None, options.only.split(",")))
    begun = min((len(rounds.get(name, [])) for name in chosen), default=0)
    for number in range(begun + 1, begun + options.runs + 1):
        sound = write_sound(samples, number * SHIFT, folder / f"clips{number}.wav")
        os.environ["CP_OUTPUT_ROOT"] = str(folder / f"out{number}")
        commands = commands_for(sound, language, folder, options)
        for name in chosen:
            if name not in commands:
                raise SystemExit(f"error: {name} is not measured here: {', '.join(commands)}")
        for name, command in commands.items():
            if chosen and name not in chosen:
                continue
            if name == ASR_ALONE:
                job = next(Path(os.environ["CP_OUTPUT_ROOT"]).glob("*/*/*/*/1"))
                command = [RUN, "transcribe", str(job), "--only", "asr", "--force", "asr"]
            rounds.setdefault(name, []).append(measure(command, folder, options.device))
            if options.rounds:
                write_rounds(options.rounds, known)
    ordered = {name: rounds[name] for name in PROGRAMS if name in rounds}
    return table(language, ordered, reference, len(samples) / 2 / RATE, options.device == "cuda")


def put_together(language: str, options: argparse.Namespace) -> tuple[bytes, str]:
    """Return the clips of a language one behind the other, 16-bit 16 kHz mono, and their text.

    Args:
        language: Whisper's code.
        options: The command line.
    """
    clips = json.loads(options.manifest.read_text(encoding="utf-8"))
    left_out = options.leave_out.split(",")
    sound, texts = b"", []
    for clip in clips:
        if clip["language"] != language or clip["id"] in left_out:
            continue
        source = options.manifest.parent / clip["path"]
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", f"file:{source}", "-map", "0:a:0"]
        command += ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
        sound += subprocess.run(command, check=True, capture_output=True).stdout
        sound += bytes(int(GAP * RATE) * 2)
        texts.append(clip["reference_text"])
    return sound, " ".join(texts)


def write_sound(samples: bytes, silence: float, target: Path) -> Path:
    """Write sound behind some seconds of silence as WAV; return the file.

    Args:
        samples: 16-bit, 16 kHz, mono.
        silence: Seconds.
        target: The file.
    """
    with wave.open(str(target), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(int(silence * RATE) * 2) + samples)
    return target


def commands_for(
    sound: Path, language: str, folder: Path, options: argparse.Namespace
) -> dict[str, list[str]]:
    """Return what is measured, by name; the text is its output or the newest .txt in the folder.

    Args:
        sound: What every program hears.
        language: Whisper's code.
        folder: Where programs may write.
        options: The command line.
    """
    environments = EnvironmentManager()
    python = str(environments.python("whisperx"))
    model, device = str(require_model("whisper", "base")), options.device
    number_format = COMPUTE_TYPES[device]
    bare = [python, "-c", BARE, model, str(sound), language]
    how = [device, number_format, str(PROJECT_ROOT)]
    asked = ["--language", language, "--device", device, "--compute_type", number_format]
    asked += ["--output_format", "txt", "--output_dir", str(folder)]
    program = str(environments.folder("whisperx") / "bin" / "whisperx")
    commands = {
        "bare": [*bare, "one", *how],
        "bare-batched": [*bare, "batched", *how],
        "whisperx": [program, str(sound), "--model", model, *asked, "--no_align"],
    }
    other = shutil.which(options.ctranslate2)
    if other:
        more = ["--batched", "True", "--beam_size", "5", "--word_timestamps", "True"]
        commands["whisper-ctranslate2"] = [
            *(other, str(sound), "--model_directory", model, *asked, *more)
        ]
    return commands | {OURS: [RUN, "transcribe", str(sound), "-s", language], ASR_ALONE: []}


def measure(command: list[str], folder: Path, device: str) -> Round:
    """Run a program once and return what it cost and heard.

    Args:
        command: From commands_for.
        folder: Where programs write.
        device: On cuda the GPU is watched as well.

    Raises:
        RuntimeError: It failed.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    wall_clock = time.time()
    peaks, busy = [0.0], list[float]()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watch = threading.Thread(target=follow_memory, args=(process.pid, peaks), daemon=True)
        watch.start()
        if device == "cuda":
            threading.Thread(target=follow_gpu, args=(process, busy), daemon=True).start()
        heard, errors = process.communicate()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {errors[-2000:]}")
    written = [path for path in folder.rglob("*.txt") if path.stat().st_mtime >= wall_clock - 1]
    for path in sorted(written, key=lambda one: one.stat().st_mtime)[-1:]:
        heard = path.read_text(encoding="utf-8")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    share = statistics.mean(busy) if busy else None
    return Round(wall, used, peaks[0] / 1e6, heard, share, os.getloadavg()[0])


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


def follow_gpu(process: subprocess.Popen[str], busy: list[float]) -> None:
    """Note the share of the GPU that works, twice a second, until a process ends.

    Args:
        process: It.
        busy: Percent; what is seen is added.
    """
    ask = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-i", "0"]
    while process.poll() is None:
        done = subprocess.run(ask, capture_output=True, text=True, check=False)
        if done.stdout.strip().isdigit():
            busy.append(float(done.stdout))
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
