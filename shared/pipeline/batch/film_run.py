#!/usr/bin/env python3
"""
Film run: one film of a batch from its checked request to its delivered results, in a thread.

It is run_job that runs it, as for a single film; each of its attempts waits for a slot.

Usage:
    from shared.pipeline.batch.film_run import FilmRun

    FilmRun(judged, shop, treatment, display).run()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.config import load_config
from shared.core.errors import (
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    InterruptedRun,
    UnavailableError,
)
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.pipeline.batch.films.judging import Judged
from shared.pipeline.batch.needs import PREPARING_RANK, Needs
from shared.pipeline.batch.notifications import Notifier
from shared.pipeline.batch.place import Shop
from shared.pipeline.batch.record import FilmRecord, FilmState
from shared.pipeline.job.job import Job, load_job, output_root
from shared.pipeline.job.lock import RunningJobError
from shared.pipeline.jobs.delivery import check_folder, deliver, folder_of
from shared.pipeline.plan.selection import Selection, selected_stages
from shared.pipeline.plan.space import NoSpaceError
from shared.pipeline.prepare.prepare import Draft, create, listened
from shared.pipeline.prepare.same_film import alone
from shared.pipeline.prepare.target import moved_film
from shared.pipeline.run.command_line import as_told
from shared.pipeline.run.display import Display
from shared.pipeline.run.interrupt import Stop, stop_of_signals
from shared.pipeline.run.report import RunReport
from shared.pipeline.run.run import run_job
from shared.stage_order import STAGE_ORDER

# A film that finds no space on the disk looks again; between its stages another one is not seen.
DISK = "disk space"
LOOK_AGAIN_SECONDS, LOOKS_ALONE = 3.0, 2
PREPARE, PAGE = "prepare", "page"
PAGE_RANK = len(STAGE_ORDER) + 1
MakeDisplay = Callable[[FilmRecord], Display]


@dataclass(frozen=True)
class Treatment:
    """What is done with each film of a batch.

    Attributes:
        make_display: Makes who is told of it.
        write_page: Writes the page of a job that has worked.
        published: Tells monitors what is done to a job meanwhile.
        selection: Which of its stages are wanted.
        after_film: Command that is started after it.
        notifier: Tells somebody how it ended.
    """

    make_display: MakeDisplay
    write_page: Callable[[Path], object]
    published: Callable[[Path, PipelineConfig], AbstractContextManager[None]]
    selection: Selection = Selection()
    after_film: str = ""
    notifier: Notifier = Notifier()


@dataclass
class FilmRun:
    """One film of a batch.

    Attributes:
        judged: The film, to be done.
        shop: Where its attempts run.
        treatment: What is done with it.
        display: Is told of it.
        stop: Who may ask it to end.
        cancelled: Whether a person took it out of the batch.
    """

    judged: Judged
    shop: Shop
    treatment: Treatment
    display: Display
    stop: Stop = field(default_factory=Stop)
    cancelled: bool = False

    def run(self) -> None:
        """Prepare and run the film; how it ended stands in its record, whatever went wrong."""
        record = self.judged.record
        try:
            report = self._run_when_it_fits()
        except InterruptedRun as error:
            state: FilmState = "cancelled" if self.cancelled else "interrupted"
            self._ended(state, EXIT_INTERRUPTED, error.cause)
        except RunningJobError as error:
            self._ended("left alone", EXIT_SUCCESS, error.cause)
        except Exception as error:  # the boundary of one film: the others go on
            told = as_told(error)
            # Ctrl-C reaches what prepares a film, too, and that fails before it is asked to stop.
            if self.stop.is_asked or stop_of_signals().is_asked:
                self._ended("interrupted", EXIT_INTERRUPTED, "Interrupted")
            else:
                self._ended("failed", told.exit_code, told.cause, told.hint)
        else:
            self._tell(report)
        record.stage, record.is_waiting = "", False
        self.display.close()

    def _run_when_it_fits(self) -> RunReport:
        """Run the film; where the disk has no space for it, when those of others have ended.

        Raises:
            NoSpaceError: There is none although no other film is at work.
        """
        record, alone_for = self.judged.record, 0
        while True:
            try:
                return self._run()
            except NoSpaceError:
                alone_for = 0 if self.shop.gate.occupied() else alone_for + 1
                if alone_for > LOOKS_ALONE:
                    raise
                record.state, record.stage, record.is_waiting = "running", DISK, True
                self.stop.wait(LOOK_AGAIN_SECONDS)

    def _run(self) -> RunReport:
        draft, record = self.judged.draft, self.judged.record
        assert draft is not None
        with self.shop.hold(record, self.stop, PREPARE, PREPARING_RANK):
            record.state = "preparing"
            job_dir, changes = self._prepared(draft)
        record.job, record.state = str(job_dir), "running"
        config = load_config(job_dir)
        folder = folder_of(config.deliver_to, draft.job)
        if folder is not None:
            check_folder(folder)
        needs = Needs(config, EnvironmentManager(), records=self.shop.records)
        with self.treatment.published(job_dir, config):
            report = run_job(
                job_dir,
                draft.job.workflow,
                self.treatment.selection,
                self.display,
                stop=self.stop,
                changes=changes,
                make_runner=lambda lock, stop: self.shop.runner(needs, record, lock, stop),
            )
        if report.failed is None and folder is not None:
            stages = selected_stages(draft.job.workflow, self.treatment.selection)
            record.delivered = [str(one.path) for one in deliver(job_dir, folder, stages)]
        with suppress(InterruptedRun):  # its stages have ended: it is what they made of it
            self._tell_of(report)
        return report

    def _tell_of(self, report: RunReport) -> None:
        """Write the page, and the table of what to look at, of a run that made something."""
        if not report.results:
            return
        with self.shop.hold(self.judged.record, self.stop, PAGE, PAGE_RANK):
            self.treatment.write_page(report.job_dir)

    def _prepared(self, draft: Draft) -> tuple[Path, Mapping[str, Any]]:
        """Return the film's job, made where there is none, with what changes in it."""
        root = output_root(draft.config)
        found = self.shop.known.find(draft.job, root)
        job: Job = draft.job
        if found is None:
            job = listened(draft)
            with alone(root, job.user):
                found = self.shop.known.find(job, root)
                if found is None:
                    prepared = create(draft, job)
                    if prepared.unsealed:
                        raise UnavailableError(
                            f"{prepared.unsealed[0]} cannot be kept for a job: there is no home "
                            "folder for the key of its seal",
                            hint="Write it into config/.env.local, or set HOME",
                        )
                    return prepared.job_dir, {}
        return found, moved_film(load_job(found), job)

    def _tell(self, report: RunReport) -> None:
        """Note how a run ended that came to its end."""
        failed, shortfall = report.failed, report.shortfall
        outages = [told for result in report.results for told in result.outages]
        if failed is not None:
            hint = failed.hint or f"Read {report.job_dir}/logs"
            self._ended("failed", report.exit_code, f"{failed.stage}: {failed.reason}", hint)
        elif shortfall is not None:
            self._ended("degraded", report.exit_code, shortfall.cause, shortfall.hint)
        elif outages:
            told = "; ".join(outages)
            self._ended("degraded", EXIT_SUCCESS, told, "Run the same command again later")
        else:
            self._ended("done", EXIT_SUCCESS, "" if report.results else "nothing was to be done")

    def _ended(self, state: FilmState, code: int, reason: str, hint: str = "") -> None:
        record = self.judged.record
        record.state, record.exit_code, record.reason, record.hint = state, code, reason, hint
        record.expected_seconds = {} if state in ("done", "degraded") else record.expected_seconds


def films_to_run(judged: Sequence[Judged]) -> list[Judged]:
    """Return the films that have something before them: those that are the furthest first.

    Args:
        judged: All that were looked at.
    """
    to_do = [one for one in judged if one.draft is not None]
    return sorted(to_do, key=lambda one: (-_done(one), one.record.order))


def _done(one: Judged) -> int:
    """Return how many stages of a film have a result."""
    return len(one.standing.found.stages) if one.standing is not None else 0
