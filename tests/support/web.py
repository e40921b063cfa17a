#!/usr/bin/env python3
"""
Web: a film database on the loopback interface that knows one film, or misbehaves.

Usage:
    from tests.support.web import Database, film_database, serve

    with film_database() as address: ...
    with film_database(answers=False) as address: ...
    with serve(Database(["503", "reset"])) as address: ...
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.misbehaviour import misbehave

FOUND = {"results": [{"id": 7, "title": "Tiny", "release_date": "2020-01-01"}]}
FILM: dict[str, Any] = {
    "id": 7,
    "title": "Tiny",
    "original_title": "Tiny",
    "original_language": "hi",
    "release_date": "2020-01-01",
    "overview": "",
    "genres": [{"name": "Drama"}],
    "credits": {"cast": [{"name": "A. Kumar", "character": "Vijay"}], "crew": []},
    "keywords": {"keywords": []},
    "alternative_titles": {"titles": []},
}


@dataclass
class Database:
    """A film database.

    `faults`: what it does instead of answering, one a call, see tests/support/misbehaviour.py;
    `always`: after them for ever. `asked`: when, in seconds of the monotonic clock.
    """

    faults: list[str] = field(default_factory=list)
    always: str = ""
    asked: list[float] = field(default_factory=list)


@contextmanager
def film_database(answers: bool = True) -> Iterator[str]:
    """Serve TMDB's two calls; yield the address for TMDB_BASE_URL.

    Args:
        answers: False = take every call and answer none until the end.
    """
    with serve(Database(always="" if answers else "hang")) as address:
        yield address


@contextmanager
def serve(database: Database) -> Iterator[str]:
    """Serve a database; yield the address for TMDB_BASE_URL."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        """Answers a search with one film, everything else with that film's details."""

        def do_GET(self) -> None:
            """Answer, or misbehave."""
            database.asked.append(time.monotonic())
            body = json.dumps(FOUND if "/search/" in self.path else FILM).encode()
            if fault := database.faults.pop(0) if database.faults else database.always:
                misbehave(self, fault, body, over)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/3"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
