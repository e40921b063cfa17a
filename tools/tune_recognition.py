#!/usr/bin/env python3
"""
Tune recognition: measure which batch and how many threads hear fastest on this machine.

Full windows of speech are heard with each batch and number of threads in turn, twice, and the
better time counts. The fastest is kept in config/hardware_cache.json: jobs prepared from then on
use it where BATCH_SIZE and NUM_THREADS are auto. On a GPU a batch that does not fit the memory ends
the search, and a job takes no more than fits what is free when it is prepared.

Usage:
    venv/whisperx/bin/python tools/tune_recognition.py [--model auto] [--device auto]
        [--compute-type auto] [--batches 1,2,4,8] [--threads 1,2] [--windows 16] [--dry-run]
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import tell_purpose  # noqa: E402

if __name__ == "__main__":
    tell_purpose(__file__, without="faster_whisper")

import numpy as np  # noqa: E402

from scripts.whisper.recognition import decode_options  # noqa: E402
from scripts.whisperx_integration import load_model  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import EXIT_SUCCESS, InputError, UnavailableError  # noqa: E402
from shared.core.ladder import CPU, Rung, trouble_of  # noqa: E402
from shared.core.languages import AUTO  # noqa: E402
from shared.core.machine.cgroup import usable_cpus  # noqa: E402
from shared.core.machine.tuning import Tuning, keep_tuning, tuning_key  # noqa: E402
from shared.core.paths import SPEECH_FIXTURES_DIR  # noqa: E402
from shared.core.usage import CommandParser, ended, usage_of  # noqa: E402
from shared.hardware_detection import (  # noqa: E402
    CACHE_FILE,
    detect_device,
    detect_hardware,
    recommend,
)
from shared.models.store import require_model  # noqa: E402
from shared.pipeline.prepare.asr_engine import recognition_device  # noqa: E402
from tools.measure.clips import SAMPLE_RATE, load_audio  # noqa: E402

LANGUAGE, SECONDS = "en", 28.0
CPU_BATCHES, GPU_BATCHES = (1, 2, 4, 8), (1, 2, 4, 8, 16, 32, 64)
# A smaller batch that is so near takes less memory, and that is worth more.
AS_FAST = 0.97


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's options.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/tune_recognition.py",
        description=(__doc__ or "").strip().split("\n")[0],
        examples=usage_of(__doc__),
    )
    parser.add_argument("--model", default=AUTO, help="a Whisper model")
    parser.add_argument("--device", default=AUTO, help="cpu, cuda or cuda:1")
    parser.add_argument("--compute-type", default=AUTO, help="for example int8")
    parser.add_argument("--batches", type=_numbers, help="windows at once, for example 1,4,8")
    parser.add_argument("--threads", type=_numbers, help="CPU threads, for example 1,2")
    parser.add_argument("--windows", type=int, default=16, help="so many are heard each time")
    parser.add_argument("--dry-run", action="store_true", help="measure and keep nothing")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and keep; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        PipelineError: The model or the device is not here.
    """
    options = parse_arguments(arguments)
    if importlib.util.find_spec("faster_whisper") is None:
        raise UnavailableError(
            "This Python has no engine to measure",
            hint="venv/whisperx/bin/python tools/tune_recognition.py",
        )
    hardware = detect_hardware()
    device = recognition_device("whisperx", detect_device(options.device, hardware))
    advice = recommend(hardware, device)
    model = advice.whisper_model if options.model == AUTO else options.model
    number_format = advice.compute_type if options.compute_type == AUTO else options.compute_type
    batches = options.batches or (CPU_BATCHES if device == CPU else GPU_BATCHES)
    threads = options.threads or (thread_choices() if device == CPU else (1,))
    wanted = Rung(device, number_format, 1, SECONDS)
    found = measure_all(spoken_windows(options.windows), model, wanted, batches, threads)
    best = fastest(found)
    print(f"Fastest: {_words(best.batch_size, best.threads)}")
    if not options.dry_run:
        keep_tuning(CACHE_FILE, tuning_key(model, device, number_format), best)
        print(f"Kept for {model} on {device}, {number_format}: {CACHE_FILE}")
    return EXIT_SUCCESS


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(one) for one in text.split(","))
    if min(numbers) < 1:
        raise InputError(f"'{text}' holds no number to try", hint="For example: 1,4,8")
    return numbers


def _words(batch: int, threads: int) -> str:
    return f"batch {batch}, threads {threads}"


def thread_choices() -> tuple[int, ...]:
    """Return the numbers of CPU threads to try: doubled up to the processors there are."""
    usable = usable_cpus()
    return tuple(sorted({*(2**n for n in range(4) if 2**n <= usable), min(usable, 8)}))


def spoken_windows(count: int) -> list[Any]:
    """Return full windows of English speech, float32, 16 kHz mono.

    Args:
        count: How many.
    """
    lines = [load_audio(path) for path in sorted(SPEECH_FIXTURES_DIR.glob(f"{LANGUAGE}-*.opus"))]
    whole = np.concatenate(lines)
    length = int(SECONDS * SAMPLE_RATE)
    sound = np.resize(whole, count * length)
    return [sound[first : first + length] for first in range(0, len(sound), length)]


def measure_all(
    windows: list[Any],
    model: str,
    wanted: Rung,
    batches: tuple[int, ...],
    threads: tuple[int, ...],
) -> list[Tuning]:
    """Return what every batch and number of threads came to, printed as it is measured.

    Args:
        windows: From spoken_windows.
        model: A Whisper model's name.
        wanted: Device and number format.
        batches: Windows at once, growing.
        threads: CPU threads.

    Raises:
        PipelineError: The model is not here, or not even the first batch can be heard.
    """
    found: list[Tuning] = []
    for count in threads:
        for batch in batches:
            try:
                speed = measure(windows, model, replace(wanted, batch_size=batch), count)
            except Exception as error:
                if not found or trouble_of(error) != "memory":
                    raise
                print(f"{_words(batch, count)}: does not fit the memory", flush=True)
                break
            found.append(Tuning(batch, count, round(speed, 2)))
            print(f"{_words(batch, count)}: {speed:.1f} x real time", flush=True)
    return found


def measure(windows: list[Any], model: str, rung: Rung, threads: int) -> float:
    """Return the seconds of sound that are heard in a second, the better of two times.

    Args:
        windows: From spoken_windows.
        model: A Whisper model's name.
        rung: Device, number format and batch.
        threads: CPU threads.
    """
    recogniser = load_model(
        require_model("whisper", model),
        device=rung.device,
        compute_type=rung.compute_type,
        threads=threads,
        batch_size=rung.batch_size,
    )
    options = decode_options(load_config(), rung, LANGUAGE, "")
    # The first batch warms up.
    list(recogniser.whisper.decode_batch(windows[: rung.batch_size], LANGUAGE, options))
    times = []
    for _ in range(2):
        began = time.perf_counter()
        list(recogniser.whisper.decode_batch(windows, LANGUAGE, options))
        times.append(time.perf_counter() - began)
    return len(windows) * SECONDS / min(times)


def fastest(found: list[Tuning]) -> Tuning:
    """Return the fastest, or what is nearly as fast with fewer windows at once, then fewer threads.

    Args:
        found: At least one.
    """
    best = max(one.speed for one in found)
    near = [one for one in found if one.speed >= AS_FAST * best]
    return min(near, key=lambda one: (one.batch_size, one.threads, -one.speed))


if __name__ == "__main__":
    sys.exit(ended(main))
