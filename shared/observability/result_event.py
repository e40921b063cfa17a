#!/usr/bin/env python3
"""
Result event: how the run of one film ended, as the one line of JSON that a program reads last.

    {"event": "result", "status": "done", "exit_code": 0, "target": "film.mkv",
     "film": "/films/film.mkv", "job": "/…/out/2026/11/30/me/39",
     "finished": "/films/film.subtitled.mkv", "subtitles": {"en": "/films/film.en.srt"},
     "untranslated": {}, "warnings": [], "errors": [], "files": […], "delivered": […],
     "missing": {…}, "page": "/…/report.html"}

status: 'done'; 'no speech': done, but nobody speaks; 'nothing to do': all was there; 'planned'
by a dry run; 'running': another run holds the job; 'interrupted'; 'failed': exit_code and errors
tell. Paths are absolute; where a result was delivered, the path is that of the delivered file.

Usage:
    from shared.observability.result_event import Ending, result_event

    json.dumps(result_event(ending))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from shared.config import secret_values
from shared.core.errors import EXIT_SUCCESS, ToldError
from shared.core.redact import Redactor
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import Job
from shared.pipeline.job.places import PAGE_FILE
from shared.pipeline.jobs.delivery import Delivered
from shared.pipeline.plan.missing import find_missing
from shared.stage_order import STAGE_ORDER

Status = Literal[
    "done", "no speech", "nothing to do", "planned", "running", "interrupted", "failed"
]
SUBTITLES, FILM = "subtitle_generation", "mux"
FIRST_OF_FORMATS = (".srt", ".vtt", ".ass", ".ttml")


@dataclass(frozen=True)
class Ending:
    """How the run of one film or job ended.

    Attributes:
        target: The film or job directory as it was given; "" where none was.
        exit_code: Of the run.
        status: In words, see above.
        job_dir: The job; None where there is none.
        film: The film; None where it is not known.
        errors: What kept it from its end, or from all of its work.
        delivered: What was taken out of the job.
    """

    target: str
    exit_code: int
    status: Status
    job_dir: Path | None = None
    film: Path | None = None
    errors: Sequence[ToldError] = field(default_factory=tuple)
    delivered: Sequence[Delivered] = field(default_factory=tuple)


def status_of(job_dir: Path, exit_code: int, has_worked: bool) -> Status:
    """Return the status of a run that came to its end.

    Args:
        job_dir: The job directory.
        exit_code: Of the run.
        has_worked: Whether a stage got a new result.
    """
    if exit_code != EXIT_SUCCESS:
        return "failed"
    if not has_worked:
        return "nothing to do"
    return "no speech" if find_missing(job_dir).speech_seconds == 0 else "done"


def result_event(ending: Ending, job: Job | None) -> dict[str, Any]:
    """Return the last event of a run: whose results, where they are, what they lack.

    Args:
        ending: How it ended.
        job: The job's job.json, None where there is none that can be read.
    """
    # Only a program's run waits for it.
    from shared.pipeline.jobs.results import results

    hide = Redactor(secret_values()).text
    film = ending.film or (Path(job.media.path) if job is not None else None)
    event: dict[str, Any] = {
        "event": "result",
        "status": ending.status,
        "exit_code": ending.exit_code,
        "target": ending.target,
        "film": path_text(film),
        "job": path_text(ending.job_dir),
        "finished": None,
        "subtitles": {},
        "untranslated": {},
        "warnings": [],
        "errors": [{"cause": hide(one.cause), "hint": hide(one.hint)} for one in ending.errors],
        "files": [],
        "delivered": [str(one.path) for one in ending.delivered],
        "missing": None,
        "page": None,
    }
    if ending.job_dir is None or job is None:
        return event
    files = [one for one in results(ending.job_dir) if one.state != "lost"]
    places = {one.source: one.path for one in ending.delivered}
    found = {stage: [one.path for one in files if one.stage == stage] for stage in STAGE_ORDER}
    missing = find_missing(ending.job_dir)
    films = [path for path in found[FILM] if path.suffix in {".mkv", ".mp4"}]
    event["finished"] = path_text(places.get(films[0], films[0]) if films else None)
    subtitles = _by_language(found[SUBTITLES], job.file_stem)
    event["subtitles"] = {name: str(places.get(path, path)) for name, path in subtitles.items()}
    event["untranslated"] = missing.untranslated
    event["warnings"] = _warnings(ending.job_dir)
    event["files"] = [{"stage": one.stage, "path": str(one.path)} for one in files]
    event["missing"] = asdict(missing)
    page = ending.job_dir / PAGE_FILE
    event["page"] = str(page) if page.is_file() else None
    return event


def path_text(path: Path | None) -> str | None:
    """Return a path as JSON holds it.

    Args:
        path: None where there is none.
    """
    return None if path is None else str(path)


def _by_language(paths: Sequence[Path], stem: str) -> dict[str, Path]:
    """Return subtitles by language (and kind: 'en.sdh'), each once: the .srt where there is one."""
    found: dict[str, Path] = {}
    for suffix in FIRST_OF_FORMATS:
        for path in paths:
            if path.suffix == suffix and path.name.startswith(f"{stem}."):
                found.setdefault(path.name[len(stem) + 1 : -len(suffix)], path)
    return dict(sorted(found.items()))


def _warnings(job_dir: Path) -> list[dict[str, str]]:
    """Return what the stages of a job warned of."""
    checkpoints = CheckpointManager(job_dir, only_looks=True)
    records = {stage: checkpoints.load_record(stage) for stage in STAGE_ORDER}
    return [
        {"stage": stage, "text": text}
        for stage, record in records.items()
        if record is not None
        for text in [*record.warnings, *record.over_budget]
    ]
