#!/usr/bin/env python3
"""
Page: report.html of a job, one file that asks nobody, written so that it is whole or not there.

Usage:
    from shared.report.page import write_page

    write_page(job_dir)     # ./run-pipeline.sh report JOB_DIR; at the end of a run: at_end.py
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.config import secret_values
from shared.core.files import write_text
from shared.core.languages import language_name
from shared.core.redact import Redactor
from shared.pipeline.job.places import PAGE_FILE
from shared.pipeline.jobs.doubts.table import write_table
from shared.pipeline.plan.eta import clock
from shared.report.clips import ClipLimits, add_clips
from shared.report.commands import commands_of
from shared.report.entries import make_entries
from shared.report.facts import Facts, read_facts
from shared.report.sides import side_by_side, texts_by_language
from shared.report.stages import stage_rows, versions
from shared.report.strip import WIDTH, draw_strip
from shared.report.texts import harmless
from shared.report.verdict import judge
from shared.subtitles.base.clock import clock_time

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).resolve().parent / "templates"
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
    write_table(job_dir, facts.doubts)
    path = page_file(job_dir)
    write_text(path, render(facts, limits or ClipLimits()))
    return path


def render(facts: Facts, limits: ClipLimits) -> str:
    """Return the page of a job.

    Args:
        facts: What is known of it.
        limits: How much picture and sound.
    """
    from markupsafe import Markup

    texts = texts_by_language(facts)
    entries = make_entries(facts, texts, MOST_ENTRIES)
    note = add_clips(facts, entries, limits)
    rows, stages = side_by_side(texts), stage_rows(facts)
    for entry in entries:  # nothing that is found by chance among their letters is a secret
        entry.picture, entry.sound = Markup(entry.picture), Markup(entry.sound)
    return render_template(
        "report.html",
        facts=facts,
        job=facts.job,
        verdict=judge(facts),
        entries=entries,
        entry_count=len(facts.doubts),
        clip_note=note,
        strip=draw_strip(facts, texts, entries, rows),
        languages=list(texts),
        rows=rows,
        stages=stages,
        versions=list(versions(stages)),
        commands=commands_of(facts),
        made_at=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        width=WIDTH,
    )


def render_template(name: str, **values: Any) -> str:
    """Return a page of shared/report/templates, with its style and its script inside.

    Args:
        name: Of the template.
        values: What it shows; every text of them is escaped, without secrets.
    """
    from markupsafe import Markup

    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template(name)
        .render(
            style=Markup(style),
            script=Markup(script),
            style_hash=_digest(style),
            script_hash=_digest(script),
            **values,
        )
    )


def _environment() -> Environment:
    """Return the templates, in which every text is escaped and no name may be missing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalizer(Redactor(secret_values())),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    environment.filters["clock_time"] = clock_time
    environment.filters["language"] = language_name
    return environment


def _finalizer(redactor: Redactor) -> Callable[[Any], Any]:
    """Return what every text goes through on its way into a page."""
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        if value is None or isinstance(value, Markup | int | float):
            return value
        return harmless(str(value), redactor)

    return finalize


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return the digest of a style or script by which its page allows it and no other."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")
