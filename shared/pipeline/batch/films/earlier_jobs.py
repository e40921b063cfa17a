#!/usr/bin/env python3
"""
Earlier jobs: how the job of a film stands that a batch finds, and whether that leaves it alone.

Usage:
    from shared.pipeline.batch.films.earlier_jobs import EarlierJobs

    standing = EarlierJobs(output_root, user).standing(draft)
    standing.why_left(again=False, retry_failed=False)
"""

from __future__ import annotations

import glob
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shared.config import load_config
from shared.core.errors import EXIT_FAILURE, EXIT_INVALID
from shared.core.file_names import safe_file_name
from shared.core.files import matching, read_record
from shared.core.identity import media_identity
from shared.pipeline.batch.films.known_films import KnownFilms
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR, CheckpointManager
from shared.pipeline.job.job import JOB_FILE, Job
from shared.pipeline.jobs.delivered import RECORD
from shared.pipeline.jobs.delivery import folder_of
from shared.pipeline.jobs.listing import JobSummary, last_ending, show_job
from shared.pipeline.prepare.prepare import Draft
from shared.stage_order import get_workflow_stages

# The film's own failures; what lacked or a service that failed may be there the next night.
OF_THE_FILM = frozenset({EXIT_FAILURE, EXIT_INVALID})


@dataclass(frozen=True)
class Standing:
    """How a film's job stands.

    Attributes:
        job_dir: The job directory.
        found: Its summary.
        outages: Stages that went on without a service.
        is_delivered: Whether its results lie where they are wanted.
    """

    job_dir: Path
    found: JobSummary
    outages: tuple[str, ...]
    is_delivered: bool

    @property
    def has_failed(self) -> bool:
        """Whether a stage failed by the film's own fault, which another night does not mend."""
        if self.found.state != "failed":
            return False
        return last_ending(self.job_dir).get("exit_code") in OF_THE_FILM

    def why_left(self, again: bool, retry_failed: bool, stages: Sequence[str]) -> str:
        """Return why the film is left alone, '' where there is something to do.

        Args:
            again: Whether films are looked at that are done.
            retry_failed: Whether films are tried again that failed.
            stages: Those that are wanted.
        """
        if self.found.lock.is_run:
            held = self.found.lock
            return f"is being run by process {held.pid} on {held.host}"
        if self.has_failed and not (retry_failed or again):
            return f"failed before: {self.found.problem}"
        is_done = set(stages) <= self.found.stages.keys()
        if not is_done or again or self.outages or not self.is_delivered:
            return ""
        return "done"


class EarlierJobs:
    """The jobs of a user.

    Args:
        root: Where jobs of all dates and users lie; need not exist.
        user: Whose.
    """

    def __init__(self, root: Path, user: str) -> None:
        self._root = root
        self._user = safe_file_name(user)
        self._known = KnownFilms()

    def standing(self, draft: Draft) -> Standing | None:
        """Return how the job of a film stands, None where it has none with these options.

        Args:
            draft: What is wanted of the film.
        """
        assert draft.job.film is not None
        if draft.job.film.identity not in self._by_film and not self._blank:
            return None
        job_dir = self._known.find(draft.job, self._root)
        return None if job_dir is None else self._standing(job_dir, draft)

    def done_elsewhere(self, draft: Draft, stages: Sequence[str]) -> str:
        """Return where the same film was done under another name that it still has, '' if nowhere.

        What has that name now may be another film.

        Args:
            draft: What is wanted of the film.
            stages: Those that are wanted.
        """
        assert draft.job.film is not None
        for place in self._by_film.get(draft.job.film.identity, ()):
            other = show_job(place).job
            if other is None or other.media.path == draft.job.media.path:
                continue
            named = {name: getattr(other, name) for name in ("file_name", "title", "year")}
            found = self._known.find(draft.job.model_copy(update=named), self._root)
            if found is None or not set(stages) <= show_job(found).stages.keys():
                continue
            if _identity(Path(other.media.path)) == draft.job.film.identity:
                return f"the same film as {other.media.path}, which is done ({found})"
        return ""

    def _standing(self, job_dir: Path, draft: Draft) -> Standing:
        found = show_job(job_dir)
        checkpoints = CheckpointManager(job_dir, only_looks=True)
        stages = get_workflow_stages(draft.job.workflow)
        records = {stage: checkpoints.load_record(stage) for stage in stages}
        outages = tuple(name for name, one in records.items() if one is not None and one.outages)
        return Standing(job_dir, found, outages, _is_delivered(job_dir, draft))

    @cached_property
    def _places(self) -> list[Path]:
        return matching(self._root, f"[0-9]*/[0-9]*/[0-9]*/{glob.escape(self._user)}/[0-9]*")

    @cached_property
    def _by_film(self) -> dict[str, list[Path]]:
        """The jobs of each film, by its content."""
        found: dict[str, list[Path]] = {}
        for place in self._places:
            film = (read_record(place / JOB_FILE) or {}).get("film")
            if isinstance(film, dict):
                found.setdefault(str(film.get("identity")), []).append(place)
        return found

    @cached_property
    def _blank(self) -> bool:
        """Whether a power cut took a job's file: it is rescued when a film looks for its job."""
        return any(read_record(place / JOB_FILE) is None for place in self._places)


def _identity(path: Path) -> str | None:
    with suppress(OSError):
        return media_identity(path)
    return None


def _is_delivered(job_dir: Path, draft: Draft) -> bool:
    """Return whether results lie where they are wanted, if they are wanted anywhere."""
    job = Job.model_validate(draft.job.model_dump(mode="json"))
    folder = folder_of(load_config(overrides=draft.request.settings).deliver_to, job)
    if folder is None:
        return True
    record = read_record(job_dir / CHECKPOINT_DIR / RECORD) or {}
    places = [Path(place) for place in record if Path(place).parent == folder.resolve()]
    return bool(places) and all(place.exists() for place in places)
