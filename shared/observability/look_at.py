#!/usr/bin/env python3
"""
Look at: what a person should look at when a run has ended, in a few lines and as data.

Usage:
    from shared.observability.look_at import describe_advice, describe_doubts, look_at_data

    for line in describe_doubts(job_dir, read_table(job_dir)): ...
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.models.fitness import model_advice
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.jobs.doubts.table import Row, table_file

MOST_SHOWN = 10
LONGEST_TEXT = 48  # characters


def describe_doubts(job_dir: Path, doubts: Sequence[Row]) -> list[str]:
    """Return the worst doubts, a line each, and where all of them are.

    Args:
        job_dir: The job directory.
        doubts: Of read_table.
    """
    lines = []
    for label, one in zip(["Look at:", *[""] * MOST_SHOWN], doubts[:MOST_SHOWN], strict=False):
        clock = one["start"].partition(".")[0]
        told = f"{clock} {one['track']}  “{_shortened(one['text'])}”: {one['reason']}"
        lines.append(f"{label:<12} {told}")
    if doubts:
        rest = len(doubts) - MOST_SHOWN
        told = f"and {rest} more" if rest > 0 else "as a table"
        lines.append(f"{'':<12} {told}: {table_file(job_dir)}")
    return lines


def describe_advice(job_dir: Path) -> list[str]:
    """Return what the job should be done with for better results, a line each.

    Args:
        job_dir: The job directory.
    """
    heard = CheckpointManager(job_dir, only_looks=True).load_record("asr")
    if heard is None or not heard.summary.get("segments"):
        return []
    model, language = heard.parameters.get("WHISPER_MODEL"), heard.summary.get("language")
    if not isinstance(model, str) or not isinstance(language, str):
        return []
    advice = model_advice(model, language)
    return [advice] if advice else []


def look_at_data(job_dir: Path, advice: Sequence[str], doubts: Sequence[Row]) -> dict[str, Any]:
    """Return what to look at for a program: advice; doubts: how many, the worst, the table of all.

    Args:
        job_dir: The job directory.
        advice: Of describe_advice.
        doubts: Of read_table.
    """
    table = str(table_file(job_dir)) if doubts else None
    told = {"count": len(doubts), "worst": list(doubts[:MOST_SHOWN]), "table": table}
    return {"advice": list(advice), "doubts": told}


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
