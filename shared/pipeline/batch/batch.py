#!/usr/bin/env python3
"""
Batch: many films through one machine, until all have ended or somebody stops it.

Films begin one after another, each as soon as the machine has nothing of the others to do; of what
is begun the latest stage goes first. Pause, quiet hours and the end of the night let nothing new
begin, and what runs goes on to the end of its stage.

Usage:
    from shared.pipeline.batch.batch import Batch

    code = Batch(record, folder, judged, shop, hours, treatment).run()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Protocol

from shared.core.errors import (
    EXIT_DEPENDENCY,
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    InterruptedRun,
)
from shared.pipeline.batch.after import film_facts, run_after
from shared.pipeline.batch.control import take_requests
from shared.pipeline.batch.film_run import FilmRun, Treatment
from shared.pipeline.batch.films.judging import Judged
from shared.pipeline.batch.hours import Hours
from shared.pipeline.batch.place import Shop
from shared.pipeline.batch.record import BatchRecord, FilmRecord, write_batch
from shared.pipeline.job.checkpoint import now as timestamp
from shared.pipeline.run.display import Display
from shared.pipeline.run.interrupt import Stop, stop_of_signals

TICK_SECONDS = 0.1
# batch.json is written whole: again after so many times as long as that took.
WRITE_SECONDS, WRITE_SHARE = 0.5, 20.0
# Of films that are begun: more than that helps no machine.
MOST_BEGUN = 16
# Of films that have ended, in the record of a batch that has no end.
MOST_TOLD = 500


class Feed(Protocol):
    """Finds films while others run."""

    def take(self) -> list[Judged]:
        """Return what was found since it was asked the last time."""


class Batch:
    """One run of the verb batch, from the first film to the last.

    Args:
        record: Its batch.json.
        folder: Where that lies.
        films: Those to be done, in the order in which they begin.
        shop: Where their attempts run.
        hours: When stages may begin.
        treatment: What is done with each.
        stop: Who may end it; None = the signals of this process.
        make_run: Makes what runs a film.
        feed: Gives more films, for ever: it ends when it is stopped. A signal lets the stages end
            that run, a second one does not.
    """

    def __init__(
        self,
        record: BatchRecord,
        folder: Path,
        films: Sequence[Judged],
        shop: Shop,
        hours: Hours,
        treatment: Treatment,
        stop: Stop | None = None,
        make_run: Callable[[Judged, Shop, Treatment, Display], FilmRun] = FilmRun,
        feed: Feed | None = None,
    ) -> None:
        self._record = record
        self._folder = folder
        self._shop = shop
        self._hours = hours
        self._treatment = treatment
        self._make_run = make_run
        self._stop = stop_of_signals() if stop is None else stop
        self._waiting = list(films)
        self._feed = feed
        self._runs: list[FilmRun] = []
        self._threads: list[threading.Thread] = []
        self._began = datetime.now().astimezone()
        self._paused = False
        self._ends = ""
        self._times_asked = 0
        self._written = ""
        self._write_at = 0.0

    def run(self) -> int:
        """Run all films; return the exit code.

        Returns:
            0 all good, 1 some failed, 4 some degraded, 130 interrupted; of one with a feed 130 only
            where it was not left to end in order.
        """
        while True:
            with suppress(InterruptedRun):  # raised once, anywhere; _hear_signals asks what it was
                if self._look():
                    break
                time.sleep(TICK_SECONDS)
        for thread in self._threads:
            thread.join()
        self._record.state, self._record.ended_at = "ended", timestamp()
        self._record.exit_code = code_of(self._record.films, self._is_interrupted)
        self._write(at_once=True)
        return self._record.exit_code

    def _look(self) -> bool:
        """Do what is to be done now; return whether all has ended."""
        self._hear_signals()
        for verb, film in take_requests(self._folder):
            self._do(verb, film)
        self._watch_the_clock()
        self._take_more()
        self._shop.crowd.films = len(self._waiting) + len(self._alive())
        while self._begin():
            continue
        self._write()
        if self._ends:
            self._leave_out("not begun", self._ends)
        if self._feed is not None and not self._ends:
            return False
        return not self._waiting and not self._alive()

    @property
    def _is_interrupted(self) -> bool:
        return self._stop.is_asked if self._feed is None else self._stop.is_hurried

    def _hear_signals(self) -> None:
        asked = 2 if self._stop.is_hurried else int(self._stop.is_asked)
        while self._times_asked < asked:
            self._times_asked += 1
            if self._feed is not None and self._times_asked == 1:
                self._ends = self._ends or "stopped by a signal"
                continue
            self._ends = self._ends or "interrupted"
            for run in self._runs:
                run.stop.ask("Interrupted")

    def _take_more(self) -> None:
        """Take films that came since, and forget what is over of those that were."""
        more = self._feed.take() if self._feed is not None and not self._ends else []
        if not more:
            return
        alive = [n for n, thread in enumerate(self._threads) if thread.is_alive()]
        self._runs = [self._runs[n] for n in alive]
        self._threads = [self._threads[n] for n in alive]
        paths = {one.record.path for one in more}
        self._waiting = [one for one in self._waiting if one.record.path not in paths]
        kept = [
            film
            for film in self._record.films
            if film.path not in paths or film.state in ("running", "preparing")
        ]
        ended = [film for film in kept if film.has_ended]
        dropped = {id(film) for film in ended[: max(0, len(ended) - MOST_TOLD)]}
        order = 1 + max((film.order for film in self._record.films), default=-1)
        for number, one in enumerate(more):
            one.record.order = order + number
        self._waiting += [one for one in more if one.draft is not None]
        self._record.films = [
            *(film for film in kept if id(film) not in dropped),
            *(one.record for one in more),
        ]

    def _watch_the_clock(self) -> None:
        now = datetime.now().astimezone()
        if self._hours.is_over(self._began, now) and not self._ends:
            self._ends = "its time has come (--until)"
        closed = self._ends or ("paused" if self._paused else "")
        if not closed and self._hours.is_quiet(now):
            closed = "quiet hours (--not-between)"
        if closed:
            self._shop.gate.close(closed)
        else:
            self._shop.gate.open()
        if self._ends:  # what waits for its turn waits in vain; what runs ends its stage
            for run in self._runs:
                if run.judged.record.is_waiting and not run.stop.is_asked:
                    run.stop.ask(self._ends)

    def _begin(self) -> bool:
        """Begin a film where the machine has nothing else to do; return whether one was."""
        alive = len(self._alive())
        between = alive - len(self._shop.gate.occupied())  # stages: each asks for a slot at once
        idle = self._shop.gate.is_idle_for(self._shop.preparing_units * (1 + max(0, between)))
        if not self._waiting or self._ends or not idle or alive >= MOST_BEGUN:
            return False
        judged = self._waiting.pop(0)
        judged.record.began_at = timestamp()
        display = self._treatment.make_display(judged.record)
        run = self._make_run(judged, self._shop, self._treatment, display)
        thread = threading.Thread(target=self._run_film, args=(run,), name=judged.record.name)
        thread.daemon = True
        self._runs.append(run)
        self._threads.append(thread)
        thread.start()
        return True

    def _alive(self) -> list[threading.Thread]:
        """Return the threads of films that are at work; forget those that have ended."""
        at_work = [thread.is_alive() for thread in self._threads]
        self._threads = [one for one, alive in zip(self._threads, at_work, strict=True) if alive]
        self._runs = [one for one, alive in zip(self._runs, at_work, strict=True) if alive]
        return self._threads

    def _run_film(self, run: FilmRun) -> None:
        record = run.judged.record
        run.run()
        record.ended_at = timestamp()
        if trouble := run_after(self._treatment.after_film, film_facts(record)):
            run.display.noted(trouble)
        if trouble := self._treatment.notifier.film_ended(record):
            run.display.noted(trouble)

    def _do(self, verb: str, film: str) -> None:
        """Do what somebody asked for from another terminal."""
        if verb in ("pause", "resume"):
            self._paused = verb == "pause"
        elif verb == "stop":
            self._ends = self._ends or "stopped by a person"
        elif verb == "first":
            self._waiting.sort(key=lambda one: one.record.path != film)
            for record in self._record.films:
                if record.path == film:
                    self._shop.gate.put_first(record.order)
        elif verb == "cancel":
            self._leave_out("cancelled", "cancelled by a person", film)
            for run in self._runs:
                if run.judged.record.path == film and not run.stop.is_asked:
                    run.cancelled = True
                    run.stop.ask("cancelled by a person")

    def _leave_out(self, state: str, why: str, film: str = "") -> None:
        """Take films that have not begun out of the batch: one, or all."""
        for judged in [one for one in self._waiting if film in ("", one.record.path)]:
            self._waiting.remove(judged)
            record = judged.record
            record.state = "cancelled" if state == "cancelled" else "not begun"
            record.reason = why

    def _write(self, at_once: bool = False) -> None:
        """Write batch.json where it has changed, now and then."""
        if not at_once and time.monotonic() < self._write_at:
            return
        record, gate = self._record, self._shop.gate
        record.closed, record.crowded = gate.closed, gate.crowded
        if record.state != "ended":
            ends = "stopping" if self._ends else "paused" if gate.closed else "running"
            record.state = ends  # type: ignore[assignment]
        record.occupied = [asdict(one) for one in gate.occupied()]
        record.waiting = gate.waiting()
        began = time.monotonic()
        text = record.model_dump_json()
        if text != self._written:
            with suppress(OSError):  # a full disk; the jobs know all that matters
                write_batch(self._folder, record)
                self._written = text
        took = time.monotonic() - began
        self._write_at = began + max(WRITE_SECONDS, took * WRITE_SHARE)


def code_of(films: Sequence[FilmRecord], interrupted: bool = False) -> int:
    """Return the exit code of a batch.

    Args:
        films: All that it looked at.
        interrupted: Whether a signal ended it.
    """
    states = {film.state for film in films}
    if interrupted:
        return EXIT_INTERRUPTED
    if "failed" in states:
        return EXIT_FAILURE
    return EXIT_DEPENDENCY if "degraded" in states else EXIT_SUCCESS
