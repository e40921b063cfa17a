#!/usr/bin/env python3
"""
Stages: what each stage of a job did and took, in its latest run, with what was tried before.

Usage:
    from shared.report.stages import stage_rows

    for row in stage_rows(facts): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.pipeline.job.events import Event
from shared.pipeline.job.record.manifest import Checkpoint
from shared.report.facts import Facts
from shared.stage_order import get_stage_number, get_workflow_stages

MODEL_MARK = "model:"
WIDTH = 1000.0


@dataclass
class StageRow:
    """A stage.

    Attributes:
        number: Its place in the order.
        stage: Its name.
        status: How it stands, in a word.
        reason: Why it was skipped, failed or is another job's work.
        seconds: It took; None where nobody measured.
        cpu_seconds: Of all its processes; None where nobody measured.
        peak_memory_mb: Likewise, the most they held.
        x: Where its bar begins, of WIDTH.
        width: Of its bar.
        tries: What was tried before it ended so, a line each.
        models: That it used.
        environment: Where it ran.
        programs: With their versions.
        packages: With their versions, of all environments.
        parameters: That it read.
    """

    number: int
    stage: str
    status: str
    reason: str = ""
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_mb: float | None = None
    x: float = 0.0
    width: float = 0.0
    tries: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    environment: str = ""
    programs: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


def stage_rows(facts: Facts) -> list[StageRow]:
    """Return the stages of a job's workflow, in order, with bars one after the other.

    Args:
        facts: What is known of the job.
    """
    last: dict[str, Event] = {}
    tries: dict[str, list[str]] = {}
    for event in facts.events:
        stage = str(event.get("stage"))
        if event["event"] == "start":
            tries[stage] = []
        elif event["event"] == "end":
            last[stage] = event
        elif told := _tried(event):
            tries.setdefault(stage, []).append(told)
    rows = []
    for stage in get_workflow_stages(facts.job.workflow):
        row = StageRow(get_stage_number(stage), stage, "not run")
        row.tries = tries.get(stage, [])
        _add_record(row, facts.records.get(stage))
        _add_end(row, last.get(stage), facts.records.get(stage))
        rows.append(row)
    _lay_out(rows)
    return rows


def _tried(event: Event) -> str:
    """Return what an event says of a try that came to nothing, '' of any other."""
    if event["event"] == "retry":
        return f"attempt {event.get('attempt')}: {event.get('reason')}; tried again"
    if event["event"] == "rung":
        return f"{event.get('rung')}: {event.get('reason')}; one step smaller"
    if event["event"] == "interrupted":
        return "interrupted"
    return ""


def _add_record(row: StageRow, record: Checkpoint | None) -> None:
    """Add what the manifest of a finished stage holds."""
    if record is None:
        return
    row.status, row.reason = record.status, record.reason
    row.environment = record.environment
    if record.status == "skipped":
        return
    row.seconds, row.peak_memory_mb = record.seconds, record.peak_memory_mb or None
    row.cpu_seconds = _number(record.model_dump(), "cpu_seconds")
    if record.reused_from:
        row.status, row.reason = "from the cache", f"work of job {record.reused_from}"
    if record.attempt > 1 and not row.tries:
        row.tries.append(f"attempt {record.attempt}")
    row.models = [one.removeprefix(MODEL_MARK) for one in record.inputs if MODEL_MARK in one]
    row.programs = {name: one.version for name, one in record.programs.items()}
    row.packages = {
        name: version for found in record.packages.values() for name, version in found.items()
    }
    row.parameters = {name: _shown(value) for name, value in record.parameters.items()}


def _add_end(row: StageRow, end: Event | None, record: Checkpoint | None) -> None:
    """Add what the run told when the stage ended, where that is how the stage stands."""
    if end is None:
        return
    if record is None:
        row.status, row.reason = str(end.get("status")), str(end.get("reason") or "")
        row.seconds = _number(end, "seconds")
        row.peak_memory_mb = _number(end, "peak_memory_mb")
    if row.cpu_seconds is None and not end.get("reused_from"):
        row.cpu_seconds = _number(end, "cpu_seconds")
    if rung := end.get("rung"):
        row.tries.append(f"worked with {rung}")


def _lay_out(rows: list[StageRow]) -> None:
    """Give each stage its bar: one after the other, as they run."""
    total = sum(row.seconds or 0.0 for row in rows)
    position = 0.0
    for row in rows:
        row.x = position
        row.width = WIDTH * (row.seconds or 0.0) / total if total else 0.0
        position += row.width


def versions(rows: list[StageRow]) -> Iterator[tuple[str, str]]:
    """Yield each program and package that a job used with its version, each once.

    Args:
        rows: Of stage_rows.
    """
    found: dict[tuple[str, str], None] = {}
    for row in rows:
        for name, version in (*row.programs.items(), *row.packages.items()):
            found[name, version] = None
    yield from sorted(found)


def _number(facts: Mapping[str, Any], key: str) -> float | None:
    value = facts.get(key)
    return float(value) if isinstance(value, int | float) else None


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in value.items()) or "none"
    return "not set" if value is None or value == "" else str(value)
