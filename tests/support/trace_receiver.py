#!/usr/bin/env python3
"""
Trace receiver: an OTLP receiver on loopback, which keeps the spans that it gets.

Usage:
    from tests.support.trace_receiver import trace_receiver

    with trace_receiver() as receiver:
        ...                     # receiver.address
    receiver.spans              # as OTLP's protobuf has them
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Received:
    """What came, and where the receiver listens."""

    address: str = ""
    spans: list[Any] = field(default_factory=list)
    services: set[str] = field(default_factory=set)
    requests: int = 0

    def named(self, name: str) -> Any:
        """Return the one span of a name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def take(self, body: bytes) -> None:
        """Keep what a request brought."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {
                one.value.string_value
                for one in resource.resource.attributes
                if one.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans += scope.spans


@contextmanager
def trace_receiver(status: int = 200, hangs: bool = False) -> Iterator[Received]:
    """Receive on loopback as long as the block lasts.

    Args:
        status: What is answered.
        hangs: Whether no answer ever comes.
    """
    received, ended = Received(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.requests += 1
            if hangs:
                ended.wait()
                return
            if self.path == "/v1/traces" and status == 200:
                received.take(body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        received.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield received
        finally:
            ended.set()
            server.shutdown()
            thread.join()
