#!/usr/bin/env python3
"""
Tally: what the events of runs say, counted. Metrics know nothing that the event stream does not.

Usage:
    from shared.observability.metrics.tally import Tally

    tally = Tally(instruments)
    for event in events:
        tally.count(event)
"""

from __future__ import annotations

from collections.abc import Callable
from sys import float_info
from typing import Any

from shared.core.errors import EXIT_INTERRUPTED, EXIT_SUCCESS
from shared.observability.metrics.instruments import Instruments
from shared.pipeline.job.events import Event
from shared.stage_order import STAGE_ORDER

MIB = 1 << 20
CACHED, INTERRUPTED = "cached", "interrupted"
# The standards' words for how a stage ended.
STATUS = {"done": "success"}
STATUSES = ("done", "skipped", "failed")
OUTCOMES = ("success", "failure", "refused")
# Of names that come from elsewhere: so many values may a label have.
MOST_NAMES, LONGEST_NAME = 40, 80
OTHER = "other"


class Tally:
    """Counts the events of one job's runs, in order.

    Args:
        instruments: What is counted into.
    """

    def __init__(self, instruments: Instruments) -> None:
        self._to = instruments
        self._workflow = ""
        self._media_seconds = 0.0
        self._counters: dict[str, Callable[[Event], None]] = {
            "run": self._run,
            "ran": self._ran,
            "end": self._end,
            "interrupted": self._interrupted,
            "rung": self._rung,
            "retry": self._retry,
            "service": self._service,
        }

    def count(self, event: Event) -> None:
        """Count one event; what is none of ours, or holds no figures, counts nothing.

        Args:
            event: A line of the job's event stream.
        """
        counter = self._counters.get(event["event"])
        if counter is not None:
            counter(event)

    def _run(self, event: Event) -> None:
        self._workflow = self._name(event.get("workflow"))
        self._media_seconds = _figure(event, "media_seconds")

    def _ran(self, event: Event) -> None:
        code = event.get("exit_code")
        ended = INTERRUPTED if code == EXIT_INTERRUPTED else "failed"
        status = "success" if code == EXIT_SUCCESS else ended
        self._to.runs_completed.labels(workflow=self._workflow, status=status).inc()
        self._to.run_duration.labels(workflow=self._workflow).observe(_figure(event, "seconds"))
        self._to.last_run.labels(status=status).set(_figure(event, "time"))

    def _end(self, event: Event) -> None:
        stage, status = event.get("stage"), event.get("status")
        if stage not in STAGE_ORDER or status not in STATUSES:
            return
        if event.get("reused_from"):
            self._to.cache_hits.labels(stage=stage).inc()
            self._to.stages_completed.labels(stage=stage, status=CACHED).inc()
            return
        self._to.stages_completed.labels(stage=stage, status=STATUS.get(status, status)).inc()
        self._worked(stage, event)
        if status == "done":
            self._speed(stage, _figure(event, "seconds"))
        if stage == "asr" and status == "done":
            self._heard(event.get("summary"))

    def _worked(self, stage: str, event: Event) -> None:
        self._to.stage_duration.labels(stage=stage).observe(_figure(event, "seconds"))
        self._to.stage_cpu_seconds.labels(stage=stage).inc(_figure(event, "cpu_seconds"))
        peak = _figure(event, "peak_memory_mb")
        if peak:
            self._to.stage_peak_memory.labels(stage=stage).set(peak * MIB)

    def _speed(self, stage: str, seconds: float) -> None:
        self._to.stage_media_seconds.labels(stage=stage).inc(self._media_seconds)
        if seconds:
            self._to.stage_speed.labels(stage=stage).set(self._media_seconds / seconds)

    def _heard(self, summary: Any) -> None:
        figures = summary if isinstance(summary, dict) else {}
        self._to.speech_seconds.inc(_figure(figures, "speech_seconds"))
        self._to.quarantined_seconds.inc(_figure(figures, "quarantined_seconds"))
        self._to.uncovered_seconds.inc(_figure(figures, "without_text_seconds"))

    def _interrupted(self, event: Event) -> None:
        if event.get("stage") in STAGE_ORDER:
            self._to.stages_completed.labels(stage=event["stage"], status=INTERRUPTED).inc()

    def _rung(self, event: Event) -> None:
        # A stage tells which rung it works on, too; only the run tells that one failed.
        if event.get("stage") in STAGE_ORDER and "rung" in event:
            rung = self._name(event["rung"])
            self._to.fallbacks.labels(stage=event["stage"], rung=rung).inc()

    def _retry(self, event: Event) -> None:
        if event.get("stage") in STAGE_ORDER:
            self._to.retries.labels(stage=event["stage"]).inc()

    def _service(self, event: Event) -> None:
        service, outcome = self._name(event.get("service")), event.get("outcome")
        if outcome not in OUTCOMES:
            return
        self._to.service_calls.labels(service=service, outcome=outcome).inc()
        if outcome != "refused":
            self._to.service_duration.labels(service=service).observe(_figure(event, "seconds"))

    def _name(self, value: Any) -> str:
        """Return a label's value: text, of which no stream can make ever more."""
        text = str(value or OTHER)[:LONGEST_NAME]
        name = text.encode("utf-8", "replace").decode("utf-8")  # half characters are none
        known = self._to.names
        if name not in known and len(known) >= MOST_NAMES:
            return OTHER
        known.add(name)
        return name


def _figure(facts: dict[str, Any], name: str) -> float:
    """Return a figure that a counter takes: 0 where there is none, and for one below it."""
    value = facts.get(name)
    is_figure = isinstance(value, int | float) and 0 <= value <= float_info.max
    return float(value) if is_figure else 0.0  # type: ignore[arg-type]
