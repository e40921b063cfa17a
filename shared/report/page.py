#!/usr/bin/env python3
"""
Page: report.html of a job, one file that asks nobody, written so that it is whole or not there.

Usage:
    from shared.report.page import write_page

    write_page(job_dir)     # ./run-pipeline.sh report JOB_DIR; at the end of a run: at_end.py
"""

from __future__ import annotations

from pathlib import Path

from shared.core.files import write_text
from shared.pipeline.job.places import PAGE_FILE
from shared.pipeline.jobs.doubts.table import table_file, write_table
from shared.report.clips import ClipLimits, add_clips, kept_clips
from shared.report.commands import commands_of
from shared.report.entries import make_entries
from shared.report.facts import Facts, read_facts
from shared.report.rendering import render_template
from shared.report.sides import side_by_side, texts_by_language
from shared.report.stages import stage_rows, versions
from shared.report.strip import WIDTH, draw_strip
from shared.report.verdict import judge

# Doubts with an entry of their own; all are in logs/look_at.tsv.
MOST_ENTRIES = 200


def page_file(job_dir: Path) -> Path:
    """Return where the page of a job lies.

    Args:
        job_dir: The job directory.
    """
    return job_dir / PAGE_FILE


def write_page(job_dir: Path, limits: ClipLimits | None = None) -> Path:
    """Write the page of a job as it is now, and the table of its doubts; return where it lies.

    Args:
        job_dir: The job directory.
        limits: How much picture and sound; None = as usual.

    Raises:
        InputError: There is no job, or its job.json cannot be used.
        OSError: The page cannot be written.
    """
    facts = read_facts(job_dir)
    if facts.doubts or table_file(job_dir).is_file():  # one that is there may be of before
        write_table(job_dir, facts.doubts)
    path = page_file(job_dir)
    write_text(path, render(facts, limits or ClipLimits()))
    return path


def render(facts: Facts, limits: ClipLimits, editor: str = "") -> str:
    """Return the page of a job.

    Args:
        facts: What is known of it.
        limits: How much picture and sound.
        editor: Address of the editor that mends its cues; '' for a file, which knows of none.
    """
    texts = texts_by_language(facts)
    entries, moments = make_entries(facts, texts, MOST_ENTRIES)
    note = add_clips(facts, entries, limits, kept_clips(page_file(facts.job_dir)))
    rows, stages = side_by_side(texts), stage_rows(facts)
    return render_template(
        "report.html",
        facts=facts,
        job=facts.job,
        verdict=judge(facts),
        entries=entries,
        moments=moments,
        clip_note=note,
        strip=draw_strip(facts, texts, entries, rows),
        languages=list(texts),
        rows=rows,
        stages=stages,
        versions=list(versions(stages)),
        commands=commands_of(facts),
        editor=editor,
        width=WIDTH,
    )
