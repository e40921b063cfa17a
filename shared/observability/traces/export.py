#!/usr/bin/env python3
"""
Export: the spans of a run, sent to a receiver by OTLP over HTTP when the run has ended.

Sent once, within SECONDS; a receiver that failed so lately that its circuit is open (as every other
service's, standards 6.4) is not asked, so that of many films one waits for it.

Usage:
    from shared.observability.traces.export import receiver, send_spans

    if address := receiver(config):
        send_spans(address, events)
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from shared.config import trace_address
from shared.core.errors import DependencyError
from shared.core.settings import PipelineConfig
from shared.pipeline.job.events import Event

SECONDS = 2.0
TRACES_PATH = "/v1/traces"
NAME = "The receiver of traces"


def receiver(config: PipelineConfig) -> str:
    """Return where spans go, '' = nowhere.

    Args:
        config: TRACES_ENDPOINT; without it the variables of OpenTelemetry count.
    """
    base = config.traces_endpoint.rstrip("/")
    if base:
        return base if base.endswith(TRACES_PATH) else base + TRACES_PATH
    return trace_address(TRACES_PATH)


def send_spans(address: str, events: Sequence[Event]) -> None:
    """Send what a run did.

    Args:
        address: What receiver() returned.
        events: What the run recorded.

    Raises:
        DependencyError: The receiver did not take it, in time.
    """
    from shared.observability.traces.spans import SpanMaker
    from shared.services.breaker import service_breaker
    from shared.services.deadline import answer_within

    spans = SpanMaker().make(events)
    breaker = service_breaker(
        NAME,
        address,
        is_failure=lambda error: isinstance(error, DependencyError | TimeoutError),
        is_hang=lambda error: isinstance(error, TimeoutError),
    )
    try:
        if spans:
            breaker.call(lambda: answer_within(SECONDS, lambda: _send(address, spans)))
    except TimeoutError:
        raise DependencyError(f"{NAME} did not answer within {SECONDS:g} s") from None


def _send(address: str, spans: Sequence[object]) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    # It would tell the address, with what is secret in it, and its own traceback.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
    exporter = OTLPSpanExporter(endpoint=address, timeout=SECONDS)
    taken = exporter.export(spans)  # type: ignore[arg-type]
    exporter.shutdown()  # type: ignore[no-untyped-call]
    if taken is not SpanExportResult.SUCCESS:
        raise DependencyError(f"{NAME} did not take them", hint="Is it there, and speaks OTLP?")
