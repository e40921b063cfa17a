#!/usr/bin/env python3
"""
Judging: what is to be done with each file that a batch found, and why the others are left alone.

Usage:
    from shared.pipeline.batch.films.judging import Judge, Wanted

    judged = Judge(wanted, output_root, still=5.0).judge(candidates)
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.config import load_config
from shared.core.errors import EXIT_FAILURE, PipelineError
from shared.core.languages import AUTO
from shared.environment_manager import EnvironmentManager
from shared.media.intake.growing import STILL, GrowingError
from shared.pipeline.batch.films.earlier_jobs import EarlierJobs, Standing
from shared.pipeline.batch.films.film_settings import request_for
from shared.pipeline.batch.films.finding import NO_FILM, Candidate, state_of
from shared.pipeline.batch.films.subtitles_there import wanted_there
from shared.pipeline.batch.record import FilmRecord
from shared.pipeline.job.job import output_root
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.pace import expected_times, recent_records
from shared.pipeline.plan.selection import Selection, selected_stages
from shared.pipeline.prepare.films import FILM_SUFFIXES
from shared.pipeline.prepare.prepare import Draft, check_request
from shared.pipeline.prepare.request import Request
from shared.pipeline.run.command_line import as_told

SUBTITLE = "subtitle"


@dataclass(frozen=True)
class Wanted:
    """What a batch is asked for.

    Attributes:
        request: Of each film, but for the film itself.
        again: Whether films are looked at that are done, or have the wanted subtitles.
        retry_failed: Whether films are tried again whose stage failed before.
        selection: Which stages are wanted.
    """

    request: Request
    again: bool = False
    retry_failed: bool = False
    selection: Selection = Selection()


@dataclass
class Judged:
    """A file with its line of the record and, where something is to be done, its checked request.

    Attributes:
        record: Its line.
        draft: What would be prepared; None where nothing is to be done.
        standing: Of the job that it has; None where it has none.
        grows: Whether somebody is still writing it.
    """

    record: FilmRecord
    draft: Draft | None = None
    standing: Standing | None = None
    grows: bool = False


class Judge:
    """Looks at files, in order.

    Args:
        wanted: What the batch is asked for.
        jobs: Those of before.
        still: Seconds for which what has just changed is watched.
    """

    def __init__(self, wanted: Wanted, jobs: EarlierJobs, still: float) -> None:
        self._wanted = wanted
        self._jobs = jobs
        self._still = still
        self._files: dict[str, Path] = {}
        self._records: list[tuple[Checkpoint, float]] | None = None

    def judge(self, candidates: Sequence[Candidate]) -> list[Judged]:
        """Return what is to be done with each file.

        Args:
            candidates: What was found.
        """
        growing = self._growing([one.path for one in candidates if not one.passed_over])
        judged = []
        for order, one in enumerate(candidates):
            record = FilmRecord(order=order, path=str(one.path), state="left alone")
            grows = growing.get(one.path, "")
            told = one.passed_over or grows or self._same_file(one.path)
            record.reason = told
            judged.append(Judged(record, grows=bool(grows)) if told else self._looked(one, record))
        self._leave_copies(judged)
        return judged

    def _growing(self, paths: Sequence[Path]) -> dict[Path, str]:
        """Watch what has changed of late; return what grew, with words."""
        before = {path: state_of(path) for path in paths}
        recent = {
            path: seen
            for path, seen in before.items()
            if seen is not None and time.time() - seen[1] / 1e9 < STILL
        }
        if recent and self._still:
            time.sleep(self._still)
        told = {}
        for path, seen in recent.items():
            now = state_of(path)
            if now != seen:
                size = now[0] if now is not None else 0
                told[path] = f"still being copied: {seen[0]} bytes, then {size}"
        return told

    def _same_file(self, path: Path) -> str:
        """Return which file this one is, by a link; '' where it is its own."""
        place = os.path.realpath(path)
        first = self._files.setdefault(place, path)
        return f"the same file as {first}" if first != path else ""

    def _looked(self, one: Candidate, record: FilmRecord) -> Judged:
        try:
            return self._look(one, record)
        except PipelineError as error:
            return self._refused(one, record, error)
        except Exception as error:  # the boundary of one film: the others are looked at
            told = as_told(error)
            record.reason, record.hint = told.cause, told.hint
            record.state, record.exit_code = "failed", told.exit_code
            return Judged(record)

    def _look(self, one: Candidate, record: FilmRecord) -> Judged:
        if fault := _unreadable(one.path):
            raise PipelineError(fault, hint="Look at its rights, or remove it")
        draft = check_request(request_for(one.path, self._wanted.request))
        stages = selected_stages(draft.job.workflow, self._wanted.selection)
        record.workflow_stages = stages
        if told := self._not_wanted(one, draft):
            record.reason = told
            return Judged(record)
        standing = self._jobs.standing(draft)
        if standing is not None:
            record.job = str(standing.job_dir)
            if told := standing.why_left(self._wanted.again, self._wanted.retry_failed, stages):
                record.reason = told
                if standing.has_failed:
                    record.state, record.exit_code = "failed", EXIT_FAILURE
                    record.hint = "--retry-failed tries it again"
                return Judged(record)
        elif not self._wanted.again and (told := self._jobs.done_elsewhere(draft, stages)):
            record.reason = told
            return Judged(record)
        record.state = "waiting"
        done = standing.found.stages if standing is not None else {}
        to_do = [stage for stage in stages if stage not in done]
        record.expected_seconds = self._expected(to_do, draft)
        return Judged(record, draft, standing)

    def _expected(self, stages: list[str], draft: Draft) -> dict[str, float]:
        """Return how long stages will take, seconds, judged as for a single film."""
        if self._records is None:
            self._records = list(recent_records(output_root(draft.config)))
        environments = EnvironmentManager()
        config = load_config(overrides={key: str(v) for key, v in draft.job.config.items()})
        times = expected_times(stages, draft.job, config, environments, self._records)
        return {stage: round(seconds, 1) for stage, seconds in times.items()}

    def _refused(self, one: Candidate, record: FilmRecord, error: PipelineError) -> Judged:
        """Tell of a file that is no film, cannot be read, or is still being written."""
        record.reason, record.hint = error.cause, error.hint
        if isinstance(error, GrowingError):
            return Judged(record, grows=True)
        is_called_film = one.is_named or one.path.suffix.lower() in FILM_SUFFIXES
        if is_called_film or not _is_plain(one.path):
            record.state, record.exit_code = "failed", error.exit_code
        else:
            record.reason, record.hint = NO_FILM, ""
        return Judged(record)

    def _not_wanted(self, one: Candidate, draft: Draft) -> str:
        """Return why a film needs nothing, '' where it does."""
        job = draft.job
        if not (draft.media.video_streams or one.is_named or job.workflow == "transcribe"):
            return "sound without a picture: name it to have it done"
        if self._wanted.again or job.workflow != SUBTITLE:
            return ""
        languages = job.target_languages or [job.source_language]
        there = wanted_there(one.path, draft.media, [] if AUTO in languages else languages)
        return f"has the wanted subtitles ({there})" if there else ""

    def _leave_copies(self, judged: Sequence[Judged]) -> None:
        """Of films with the same content leave all alone but one: the one that has a job."""
        first: dict[tuple[str, str], Judged] = {}
        ready = [one for one in judged if one.draft is not None]
        for one in sorted(ready, key=lambda one: (one.standing is None, one.record.order)):
            assert one.draft is not None and one.draft.job.film is not None
            job = one.draft.job
            options = repr((job.source_language, job.target_languages, job.clip, job.audio_track))
            known = first.setdefault((job.film.identity, options), one)  # type: ignore[union-attr]
            if known is not one:
                one.draft, one.record.state = None, "left alone"
                one.record.reason = f"the same film as {known.record.path}"


def _unreadable(path: Path) -> str:
    """Return why a file cannot be read, '' where it can."""
    if path.is_symlink() and not path.exists():
        return f"{path} is a link that leads nowhere"
    if not _is_plain(path):
        return ""  # said by who probes it
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return ""


def _is_plain(path: Path) -> bool:
    try:
        if not path.is_file():  # first: who opens a pipe waits for its writer
            return False
        with path.open("rb"):
            return True
    except OSError:
        return False
