#!/usr/bin/env python3
"""
Edits without effect: files that a person edited and from which nothing is made, told by a run.

Every other file that a stage wrote is read by a later one, which is done again from the edit.

Usage:
    from shared.pipeline.plan.edits_without_effect import edits_without_effect

    edits_without_effect(job_dir)    # ["09_export_transcript/transcript.txt was edited, …"]
"""

from __future__ import annotations

from pathlib import Path

from shared.pipeline.jobs.results import results

# What is only for reading, and what to edit instead; '' = a report of what was done.
FOR_READING = {
    ("export_transcript", "transcript.txt"): "transcript.json",
    ("export_transcript", "transcript.tsv"): "transcript.json",
    ("export_transcript", "glossary_adherence.json"): "",
    ("translation", "glossary_adherence.json"): "",
    ("source_separation", "separation.json"): "",
    ("subtitle_generation", "lint.json"): "",
}


def edits_without_effect(job_dir: Path) -> list[str]:
    """Return a line for each edited file from which nothing is made.

    Args:
        job_dir: The job directory.
    """
    told = []
    for one in results(job_dir):
        instead = FOR_READING.get((one.stage, one.path.name))
        if one.state != "edited" or instead is None:
            continue
        advice = f"edit {instead} beside it" if instead else "it is a report"
        told.append(f"{one.name} was edited, and nothing is made from it: {advice}")
    return told
