#!/usr/bin/env python3
"""
Index: one page over several films, those that need a person first, with links to their own pages.

Usage:
    from shared.report.index import write_index

    write_index(Path("out/report.html"), job_dirs)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from shared.core.errors import InputError, counted, first_of
from shared.core.files import write_text
from shared.core.languages import language_name
from shared.report.confidence import HEAVY
from shared.report.facts import Facts, read_facts
from shared.report.page import page_file
from shared.report.rendering import render_template
from shared.report.verdict import Level, judge

ORDER: tuple[Level, ...] = ("bad", "look", "good")
IN_WORDS: dict[Level, str] = {"bad": "not done", "look": "to look at", "good": "done well"}
MOST_REASONS = 2


@dataclass(frozen=True)
class Worst:
    """The worst doubt of a film: seconds, what stands there, why."""

    start: float
    text: str
    reason: str


@dataclass(frozen=True)
class Film:
    """What the index tells of a job.

    Attributes:
        title: With its year.
        level: Of its verdict.
        headline: Of its verdict.
        place: The job directory.
        page: Where its page lies, as the address of a link; '' without one.
        duration: Seconds; 0 where it is not known.
        languages: In words.
        doubts: How many.
        heavy: How many cues are likely wrong.
        worst: The first of them.
    """

    title: str
    level: Level
    headline: str
    place: str
    page: str = ""
    duration: float = 0.0
    languages: list[str] = field(default_factory=list)
    doubts: int = 0
    heavy: int = 0
    worst: Worst | None = None


def write_index(path: Path, job_dirs: Sequence[Path]) -> None:
    """Write one page over several jobs as they are now; their own pages are left as they are.

    Args:
        path: Where it goes; its folder must exist.
        job_dirs: The job directories; one that cannot be read is told of as such.

    Raises:
        OSError: It cannot be written.
    """
    films = [_film(job_dir, path.parent) for job_dir in dict.fromkeys(job_dirs)]
    films.sort(key=lambda one: (ORDER.index(one.level), -one.heavy, -one.doubts))
    counts = {level: sum(one.level == level for one in films) for level in ORDER}
    told = ", ".join(f"{count} {IN_WORDS[level]}" for level, count in counts.items() if count)
    headline = f"{counted(len(films), 'film')}: {told}" if films else "No films"
    write_text(path, render_template("index.html", films=films, headline=headline))


def _film(job_dir: Path, folder: Path) -> Film:
    """Return what the index tells of a job."""
    try:
        facts = read_facts(job_dir)
    except InputError as error:
        return Film(job_dir.name, "bad", error.cause, str(job_dir))
    verdict = judge(facts)
    page = page_file(job_dir)
    year = f" ({facts.job.year})" if facts.job.year else ""
    return Film(
        title=f"{facts.job.title}{year}",
        level=verdict.level,
        headline=verdict.headline,
        place=str(job_dir),
        page=quote(os.path.relpath(page, folder)) if page.is_file() else "",
        duration=facts.duration,
        languages=[language_name(one) for one in facts.languages if one != "auto"],
        doubts=len(facts.doubts),
        heavy=sum(one.weight >= HEAVY for one in facts.doubts),
        worst=_worst(facts),
    )


def _worst(facts: Facts) -> Worst | None:
    if not facts.doubts:
        return None
    first = facts.doubts[0]
    reasons = [one.words for one in first.reasons]
    return Worst(first.start, first.text, first_of(reasons, MOST_REASONS, "; "))
