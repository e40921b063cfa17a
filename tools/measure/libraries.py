#!/usr/bin/env python3
"""
Measure libraries: whisperx, transformers and pyannote.audio beside what we do with their parts.

Each engine runs alone in a process of its own, on the same clips: time to start, wall and processor
seconds of the work, peak memory, word errors, word onsets against the reference where there is one
(and against each other). `recognise` repeats nothing for batches: name several with --batch.

Usage:
    venv/common/bin/python tools/measure/libraries.py start
    venv/common/bin/python tools/measure/libraries.py recognise --manifest clips.json --batch 1,8
    venv/common/bin/python tools/measure/libraries.py align --manifest clips.json --aligner FOLDER
    venv/common/bin/python tools/measure/libraries.py network --aligner FOLDER --device cuda
    venv/common/bin/python tools/measure/libraries.py spans
    venv/common/bin/python tools/measure/libraries.py detect --manifest clips.json

The manifest is that of tools/measure/word_errors.py; lines to align are those of `reference_srt`.
FOLDER holds a Wav2Vec2ForCTC model; tests/support/tiny_models.py makes some of random weights. They
show costs and equality, not quality: `spans` aligns made-up frames whose truth is known.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_SUCCESS, DependencyError, InputError  # noqa: E402
from shared.core.usage import CommandParser, named_path  # noqa: E402
from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from tools.evaluation.words import rate, word_errors  # noqa: E402
from tools.measure.clips import Figures, onset_errors, read_clips  # noqa: E402

RUNS = Path(__file__).with_name("library_runs.py")
IMPORTS = {
    "whisperx": (
        "faster_whisper",
        "torch",
        "torchaudio.models",
        "transformers.models.wav2vec2.modeling_wav2vec2",
        "whisperx.alignment",
        "whisperx.asr",
    ),
    "pyannote": ("onnxruntime", "torch", "pyannote.audio"),
}


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/measure/libraries.py",
        description="whisperx, transformers and pyannote.audio beside what we do.",
        allow_abbrev=False,
    )
    parser.add_argument("what", choices=tuple(MEASURES))
    parser.add_argument("--manifest", type=named_path, help="JSON list of clips")
    parser.add_argument("--only", default="", help="comma-separated ids of the clips to measure")
    parser.add_argument("--aligner", type=named_path, help="folder of a Wav2Vec2ForCTC model")
    parser.add_argument("--model", default="base", help="Whisper model (default: base)")
    parser.add_argument("--batch", default="1", help="comma-separated batch sizes (default: 1)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
    parser.add_argument("--compute-type", default="int8", help="default: int8")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    return parser


def run(environment: str, what: str, **asked: Any) -> Figures:
    """Return the figures of one measurement in a process of its own.

    Args:
        environment: Whose interpreter runs it.
        what: A function of library_runs.
        asked: Its arguments.

    Raises:
        DependencyError: It failed.
    """
    python = EnvironmentManager().python(environment)
    done = subprocess.run(
        [python, RUNS, json.dumps({"what": what, **asked})],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DependencyError(
            f"{what} {asked.get('engine', '')} failed", hint=(done.stderr.strip() or "?")[-800:]
        )
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def measure_start(options: argparse.Namespace) -> list[Figures]:
    """Return what importing each library costs.

    Args:
        options: Those of the command line; none is needed.
    """
    return [
        {"engine": module, **run(environment, "start", module=module)}
        for environment, modules in IMPORTS.items()
        for module in modules
    ]


def measure_recognition(options: argparse.Namespace) -> list[Figures]:
    """Return the figures of both engines, for each batch size.

    Args:
        options: Clips, model, device, compute type and batch sizes.
    """
    clips = read_clips(options.manifest, options.only)
    rows: list[Figures] = []
    for engine in ("whisperx", "whisperx-batched"):
        for batch in map(int, options.batch.split(",")):
            found = run(
                "whisperx",
                "recognise",
                engine=engine,
                clips=[{key: one[key] for key in ("id", "path", "language")} for one in clips],
                device=options.device,
                compute_type=options.compute_type,
                batch_size=batch,
                model=options.model,
            )
            rows.append({"engine": f"{engine}, batch {batch}", **_judged(found, clips)})
    return rows


def _judged(found: Figures, clips: Sequence[Figures]) -> Figures:
    """Return the figures with the errors against what is known of each clip."""
    wrong = words = invented = 0
    onsets: list[float] = []
    for clip in clips:
        heard = found["clips"][clip["id"]]
        if "reference_text" in clip and "text" in heard:
            edits, count = word_errors(clip["reference_text"], heard["text"])
            heard["word_error_percent"] = rate(edits, count) if count else None
            wrong, words = wrong + edits * bool(count), words + count
            invented += 0 if count else edits
        errors = onset_errors(heard["words"], clip.get("onsets", []))
        onsets += errors
        heard["onset_median_ms"] = _median(errors)
    found["word_error_percent"] = rate(wrong, words) if words else None
    found["invented_words"] = invented
    found["onset_median_ms"] = _median(onsets)
    return found


def _median(errors: Sequence[float]) -> float | None:
    return statistics.median(abs(one) for one in errors) if errors else None


def measure_alignment(options: argparse.Namespace) -> list[Figures]:
    """Return the figures of both alignments, and how far their words are from each other.

    Args:
        options: Clips with lines, model and device.
    """
    clips = [one for one in read_clips(options.manifest, options.only) if one.get("lines")]
    rows: list[Figures] = []
    for engine in ("ours", "whisperx"):
        found = run(
            "whisperx",
            "align",
            engine=engine,
            clips=[{key: one[key] for key in ("id", "path", "language", "lines")} for one in clips],
            device=options.device,
            folder=str(_aligner(options)),
        )
        rows.append({"engine": f"{engine} alignment", **_judged(found, clips)})
    apart: list[float] = []
    for clip in clips:
        ours, theirs = (row["clips"][clip["id"]]["words"] for row in rows)
        apart += onset_errors(ours, theirs)
    rows[1]["apart_median_ms"] = _median(apart)
    rows[1]["apart_over_20_ms"] = sum(abs(one) > 20 for one in apart)
    rows[1]["compared"] = len(apart)
    return rows


def _aligner(options: argparse.Namespace) -> Path:
    if options.aligner is None:
        raise InputError(f"{options.what} needs a CTC model", hint="--aligner FOLDER")
    return Path(options.aligner)


def measure_network(options: argparse.Namespace) -> list[Figures]:
    """Return the figures of both networks, and the largest difference of what they hear.

    Args:
        options: Model and device.
    """
    folder = str(_aligner(options))
    rows = [
        {
            "engine": engine,
            **run("whisperx", "network", engine=engine, folder=folder, device=options.device),
        }
        for engine in ("ours", "transformers")
    ]
    ours, theirs = (row.pop("scores") for row in rows)
    pairs = (pair for a, b in zip(ours, theirs, strict=True) for pair in zip(a, b, strict=True))
    rows[1]["largest_difference"] = max(abs(a - b) for a, b in pairs)
    return rows


def measure_spans(options: argparse.Namespace) -> list[Figures]:
    """Return the figures of both best paths over the same made-up frames.

    Args:
        options: Those of the command line; none is needed.
    """
    rows: list[Figures] = []
    for seconds in (15.0, 120.0):
        for engine in ("ours", "whisperx"):
            found = run("whisperx", "spans", engine=engine, seconds=seconds)
            rows.append({"engine": f"{engine} best path, {seconds:.0f} s", **found})
    return rows


def measure_detection(options: argparse.Namespace) -> list[Figures]:
    """Return the figures of both detectors, and the seconds in which they do not agree.

    Args:
        options: Clips and device.
    """
    clips = read_clips(options.manifest, options.only)
    rows: list[Figures] = []
    with tempfile.TemporaryDirectory() as cache:
        asked = {"clips": [{key: one[key] for key in ("id", "path")} for one in clips]}
        first = run("pyannote", "detect", engine="ours", device="cpu", cache=cache, **asked)
        rows.append({"engine": "ours, network not exported yet", **first})
        for engine in ("ours", "pyannote"):
            device = options.device if engine == "pyannote" else "cpu"
            found = run("pyannote", "detect", engine=engine, device=device, cache=cache, **asked)
            rows.append({"engine": engine, **found})
    for clip in clips:
        ours, theirs = (set(_frames(row["clips"][clip["id"]]["spans"])) for row in rows[1:])
        rows[2]["apart_s"] = rows[2].get("apart_s", 0.0) + len(ours ^ theirs) / 100
        rows[2]["speech_s"] = rows[2].get("speech_s", 0.0) + len(theirs) / 100
    return rows


def _frames(spans: Sequence[Sequence[float]]) -> list[int]:
    """Return the hundredths of a second that lie in some spans."""
    return [at for start, end in spans for at in range(int(start * 100), int(end * 100))]


MEASURES = {
    "start": measure_start,
    "recognise": measure_recognition,
    "align": measure_alignment,
    "network": measure_network,
    "spans": measure_spans,
    "detect": measure_detection,
}


def show(row: Figures) -> str:
    """Return the figures of one engine as a line.

    Args:
        row: From one of MEASURES.
    """
    cells = [str(row["engine"]).ljust(48)]
    for name, value in row.items():
        if isinstance(value, (int, float)):
            cells.append(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}")
    return "  ".join(cells)


def main(argv: list[str]) -> int:
    """Measure and print; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    options = make_parser().parse_args(argv)
    rows = MEASURES[options.what](options)
    for row in rows:
        print(show(row))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
