#!/usr/bin/env python3
"""
Engine figures: what one run of an engine cost and heard, and the table of many.

Usage:
    from tests.performance.engine_figures import Round, table

    print(table("en", {"bare": rounds}, reference, 319.0, on_gpu=False))
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.evaluation.words import rate, word_errors

# Our stage alone: on our job of the same round, so that what it hears is told there.
ASR_ALONE = "ours-asr"


@dataclass(frozen=True)
class Round:
    """One run: seconds of wall time and CPU, MB at the most of all processes, what was heard.

    `busy`: mean share of the GPU that worked, percent; None without one. `load`: of the machine at
    its end, as uptime says it.
    """

    wall: float
    cpu: float
    peak: float
    text: str
    busy: float | None
    load: float


def read_rounds(path: Path | None) -> dict[str, dict[str, list[Round]]]:
    """Return the rounds that were measured before, by language and program.

    Args:
        path: From write_rounds; None or a file that is not there: none.
    """
    if path is None or not path.is_file():
        return {}
    return {
        language: {name: [Round(**one) for one in found] for name, found in rounds.items()}
        for language, rounds in json.loads(path.read_text(encoding="utf-8")).items()
    }


def write_rounds(path: Path, known: dict[str, dict[str, list[Round]]]) -> None:
    """Keep the rounds for the next run.

    Args:
        path: A JSON file.
        known: By language and program.
    """
    kept = {
        language: {name: [asdict(one) for one in found] for name, found in rounds.items()}
        for language, rounds in known.items()
    }
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")


def heading(device: str, number_format: str, programs: Sequence[list[Round]], shift: float) -> str:
    """Return what stands above the tables.

    Args:
        device: cpu or cuda.
        number_format: For example int8.
        programs: The rounds of each program and language.
        shift: Seconds by which each round's sound lies behind the one before.
    """
    counts = [len(found) for found in programs]
    loads = [one.load for found in programs for one in found]
    low, high = min(counts), max(counts)
    runs = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"# Performance\n\n`tests/performance/compare_engines.py`: Whisper base {number_format} on "
        f"{device}, beam 5, {os.cpu_count()} cores ({platform.machine()}), medians over {runs} "
        f"round(s) (least–most), each with {shift} s more silence before the sound; word "
        "error is the mean over them. Words are timed, but by `whisperx` (no alignment). Peak "
        "memory is the most that all processes of a program had at once. The machine's load was "
        f"{min(loads):.0f} to {max(loads):.0f}: wall times are those of a machine that works on "
        "other things as well where that is more than its cores."
        + ("" if device == "cuda" else " Not run on a GPU.")
        + "\n"
    )


def table(
    language: str,
    rounds: dict[str, list[Round]],
    reference: str,
    seconds: float,
    on_gpu: bool,
) -> str:
    """Return the figures of one language as Markdown.

    Args:
        language: Whisper's code.
        rounds: The runs, by name.
        reference: What was said.
        seconds: Length of the sound.
        on_gpu: Whether the GPU was watched.
    """
    lines = [
        f"\n## {language}, {seconds:.0f} s\n",
        "| | wall s | CPU s | CPU: bare-batched = 1 | CPU: whisperx = 1 | peak MB | word error % |"
        + (" real-time factor | GPU busy % |" if on_gpu else ""),
        "|---|---|---|---|---|---|---|" + ("---|---|" if on_gpu else ""),
    ]
    for name, found in rounds.items():
        cells = [
            spread([one.wall for one in found]),
            spread([one.cpu for one in found]),
            *(ratio(found, rounds.get(other, [])) for other in ("bare-batched", "whisperx")),
            f"{statistics.median(one.peak for one in found):.0f}",
            "" if name == ASR_ALONE else errors(found, reference),
        ]
        if on_gpu:
            cells.append(f"{statistics.median(one.wall for one in found) / seconds:.3f}")
            seen = [one.busy for one in found if one.busy is not None]
            cells.append(f"{statistics.mean(seen):.0f}" if seen else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def ratio(found: list[Round], others: list[Round]) -> str:
    """Return how much CPU time some rounds took, the others' being 1; nothing without others."""
    if not others:
        return ""
    ours, theirs = (statistics.median(one.cpu for one in which) for which in (found, others))
    return f"{ours / theirs:.2f}"


def errors(found: list[Round], reference: str) -> str:
    """Return the mean word error over the rounds, percent, with the least and the most."""
    rates = [rate(*word_errors(reference, one.text)) for one in found]
    return f"{statistics.mean(rates):.1f} ({min(rates):.1f}–{max(rates):.1f})"


def spread(values: list[float]) -> str:
    """Return a median with the least and the most, one decimal."""
    return f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})"
