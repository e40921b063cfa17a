#!/usr/bin/env python3
"""
Spans: what the events of a run say, as spans; the trace knows nothing that the stream does not.

    subtitle                        the run
      asr-stage                     each attempt of each stage, also those that failed
        load-model, inference       where the stage tells that its model is loaded
        TMDB                        each call of a service

The ids are those of logs and events (shared/core/configuration/trace_context.py).

Usage:
    from shared.observability.traces.spans import SpanMaker

    spans = SpanMaker().make(events)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared.core.configuration.trace_context import TraceContext
from shared.core.errors import EXIT_SUCCESS
from shared.pipeline.job.events import Event

NANOSECONDS = 1_000_000_000
SERVICE = "cp-whisperx"
# What an attempt of a stage tells about itself; other facts are counted or listed elsewhere.
ATTRIBUTES: tuple[str, ...] = ("status", "exit_code", "attempt", "rung", "reused_from")
ATTRIBUTES += ("cpu_seconds", "peak_memory_mb", "reason")
Attributes = dict[str, str | bool | int | float]


class SpanMaker:
    """Makes the spans of one run from its events, in order."""

    def __init__(self) -> None:
        self._resource = Resource.create({SERVICE_NAME: SERVICE})
        self._scope = InstrumentationScope(SERVICE)
        self._spans: list[ReadableSpan] = []
        self._run: Event = {}
        self._context = TraceContext("")
        self._attempts = 0
        self._began = 0.0
        self._inside: list[Event] = []

    def make(self, events: Iterable[Event]) -> list[ReadableSpan]:
        """Return the spans of a run; none where its stream does not tell its ids.

        Args:
            events: What the run recorded.
        """
        for event in events:
            kind = event["event"]
            if kind == "run":
                self._run = event
                ids = (str(event.get(name, "")) for name in ("trace_id", "span_id", "parent_id"))
                self._context = TraceContext(*ids)
            elif not self._context.trace_id:
                continue
            elif kind == "start":
                self._attempts, self._inside, self._began = 0, [], _figure(event, "time")
            elif kind in ("ready", "service"):
                self._inside.append(event)
            elif kind in ("end", "interrupted", "retry") or (kind == "rung" and "rung" in event):
                self._attempt(event)
            elif kind == "ran":
                self._whole(event)
        return self._spans

    def _whole(self, event: Event) -> None:
        """Add the span of the run itself."""
        about = {name: self._run.get(name) for name in ("job_id", "workflow", "media_seconds")}
        attributes = _plain("job", about) | _plain("run", {"exit_code": event.get("exit_code")})
        is_good = event.get("exit_code") == EXIT_SUCCESS
        name = str(self._run.get("workflow") or "run")
        self._add(self._context, name, event, attributes, "" if is_good else "the run failed")

    def _attempt(self, event: Event) -> None:
        """Add the span of an attempt of a stage, with what happened in it."""
        self._attempts += 1
        stage = str(event.get("stage"))
        # Of a stage whose end nobody saw the id has to be made; the others tell theirs.
        context = self._context.child(f"{stage} {self._attempts}")
        own = event.get("span_id") or context.span_id
        context = TraceContext(context.trace_id, str(own), context.parent_id)
        facts = {name: event[name] for name in ATTRIBUTES if event.get(name) not in (None, "")}
        attributes = _plain("stage", facts | {"name": stage}) | _plain("result", _summary(event))
        fault = ""
        if event["event"] != "end" or event.get("status") == "failed":
            fault = str(event.get("reason") or event["event"])
        times = self._times(event)
        self._add(context, f"{stage}-stage", times, attributes, fault)
        for one in self._inside:
            if one["event"] == "service":
                self._called(context, one)
            elif one.get("model"):
                self._loaded(context, one, times)
        self._inside = []

    def _times(self, event: Event) -> dict[str, float]:
        """Return when an attempt began its work and how long that took, in seconds."""
        seconds, end = _figure(event, "seconds"), _figure(event, "time")
        if event["event"] == "interrupted":  # nobody measured it any more
            return {"began": self._began, "seconds": end - self._began}
        return {"began": _figure(event, "began") or end - seconds, "seconds": seconds}

    def _loaded(self, around: TraceContext, event: Event, times: Mapping[str, float]) -> None:
        """Add what came before and after a stage told that its model is loaded."""
        ready = min(_figure(event, "time"), times["began"] + times["seconds"])
        before = {"began": times["began"], "seconds": ready - times["began"]}
        after = {"began": ready, "seconds": times["seconds"] - before["seconds"]}
        for name, part in (("load-model", before), ("inference", after)):
            self._add(around.child(name), name, part, {})

    def _called(self, around: TraceContext, event: Event) -> None:
        """Add a call of a service."""
        context = around.child(f"call {len(self._spans)}")
        facts = {name: event.get(name) for name in ("service", "outcome", "error")}
        fault = "" if event.get("outcome") == "success" else str(event.get("outcome"))
        name = str(event.get("service"))
        self._add(context, name, event, _plain("call", facts), fault, SpanKind.CLIENT)

    def _add(
        self,
        context: TraceContext,
        name: str,
        times: Mapping[str, Any],
        attributes: Attributes,
        fault: str = "",
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> None:
        start = round(_figure(times, "began") * NANOSECONDS)
        status = Status(StatusCode.ERROR, fault) if fault else Status(StatusCode.OK)
        self._spans.append(
            ReadableSpan(
                name,
                context=_otel(context.trace_id, context.span_id),
                parent=_otel(context.trace_id, context.parent_id) if context.parent_id else None,
                resource=self._resource,
                attributes=attributes,
                kind=kind,
                instrumentation_scope=self._scope,
                status=status,
                start_time=start,
                end_time=start + round(max(0.0, _figure(times, "seconds")) * NANOSECONDS),
            )
        )


def _otel(trace_id: str, span_id: str) -> SpanContext:
    """Return ids as OpenTelemetry holds them."""
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags)


def _summary(event: Event) -> Mapping[str, Any]:
    summary = event.get("summary")
    return summary if isinstance(summary, dict) else {}


def _plain(prefix: str, facts: Mapping[str, Any]) -> Attributes:
    """Return the facts that an attribute can hold, the names with what they belong to."""
    return {
        f"{prefix}.{name}": value
        for name, value in facts.items()
        if isinstance(value, str | bool | int | float)
    }


def _figure(facts: Mapping[str, Any], name: str) -> float:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
