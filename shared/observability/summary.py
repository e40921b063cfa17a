#!/usr/bin/env python3
"""
Summary: what a job has made so far, in a few lines for a person.

Usage:
    from shared.observability.summary import describe_results

    for line in describe_results(job_dir): ...
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from shared.core.errors import counted
from shared.glossary.files import SUFFIXES
from shared.glossary.records import ADHERENCE
from shared.glossary.report import AdherenceReport, describe
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.jobs.delivery import Delivered
from shared.pipeline.plan.missing import describe_missing, find_missing
from shared.stage_order import STAGE_ORDER, get_stage_dir

SHOWN = {
    "mux": (("Film", "*.mkv"), ("Film", "*.mp4")),
    "subtitle_generation": (("Subtitles", "*.srt"),),
    "translation": (("Translation", "segments_translated_*.json"),),
    "export_transcript": (("Transcript", "transcript.txt"),),
}
FIRST_LINES = 6


def describe_results(job_dir: Path) -> list[str]:
    """Return where the results of a job are, with the first lines of those that are text.

    Args:
        job_dir: The job directory.
    """
    lines = [""]
    checkpoints = CheckpointManager(job_dir)
    for stage, kinds in SHOWN.items():
        for label, pattern in kinds:
            found = sorted((job_dir / get_stage_dir(stage)).glob(pattern))
            plain, others = _plain_first(found, _languages(checkpoints, stage))
            for path in [*plain, *others]:
                lines.append(f"{label + ':':<12} {path}")
                lines += [f"    {text}" for text in _first_lines(path) if path in plain]
    lines += _terms(checkpoints, job_dir)
    lines += [f"{'Result:':<12} {text}" for text in describe_missing(find_missing(job_dir))]
    for stage in STAGE_ORDER:
        checkpoint = checkpoints.load_record(stage)
        for warning in [*checkpoint.warnings, *checkpoint.over_budget] if checkpoint else ():
            lines.append(f"Note: {stage}: {warning}")
    return lines


def describe_delivered(delivered: Sequence[Delivered]) -> list[str]:
    """Return where results were taken to, and whose names were taken there.

    Args:
        delivered: What was taken out of the job.
    """
    lines = []
    for one in delivered:
        there = "" if one.is_new else " (there already)"
        lines.append(f"{'Delivered:':<12} {one.path}{there}")
        if one.beside is not None:
            lines.append(f"Note: {one.beside} is not ours, or was edited: it stays as it is")
    return lines


def _languages(checkpoints: CheckpointManager, stage: str) -> list[str]:
    """Return the languages that a stage says it made, the spoken one first."""
    checkpoint = checkpoints.load_record(stage)
    return list(checkpoint.summary.get("languages", [])) if checkpoint else []


def _plain_first(paths: Sequence[Path], languages: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """Return the files that hold what is said, in order of the languages, and the others.

    Those for deaf viewers say the same once more, with the sounds: their names are enough.
    """
    if not languages:
        return list(paths), []
    plain = [path for one in languages for path in paths if path.stem.endswith(f".{one}")]
    return plain, [path for path in paths if path not in plain]


def _terms(checkpoints: CheckpointManager, job_dir: Path) -> list[str]:
    """Return which terms there are, and how they fared as the latest count says."""
    loaded = checkpoints.load_record("glossary_load")
    parts = [_known_terms(loaded)] if loaded else []
    if loaded is None or loaded.summary.get("terms"):
        for stage in ("translation", "export_transcript"):
            path = job_dir / get_stage_dir(stage) / ADHERENCE
            if path.is_file():
                try:
                    report = AdherenceReport.model_validate_json(path.read_bytes())
                    parts.append(describe(report))
                except ValidationError:  # edited since: the job is done all the same
                    parts.append(f"{path} cannot be read")
                break
    return [f"{'Glossary:':<12} {', '.join(parts)}"] if parts else []


def _known_terms(loaded: Checkpoint) -> str:
    """Return how many terms there are and of which files, or why there are none."""
    if loaded.status == "skipped":
        return loaded.reason
    files = {
        name.partition(":")[2]: digest
        for name, digest in loaded.inputs.items()
        if name.endswith(SUFFIXES)
    }
    there = [Path(name).name for name, digest in files.items() if digest is not None]
    if loaded.inputs.get(f"job:{get_stage_dir('tmdb')}/enrichment.json"):
        there.append("TMDB")
    if not there:
        return f"no file for this film ({next(iter(files), 'glossary/')})"
    return f"{counted(int(loaded.summary.get('terms', 0)), 'term')} of {', '.join(there)}"


def _first_lines(path: Path) -> list[str]:
    if path.suffix not in {".srt", ".txt"}:
        return []
    with path.open(encoding="utf-8", errors="replace") as stream:
        return [line.rstrip("\n") for line, _ in zip(stream, range(FIRST_LINES), strict=False)]
