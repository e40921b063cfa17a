#!/usr/bin/env python3
"""
TMDB service: a film database on loopback that answers as it is told.

Usage:
    from tests.support.tmdb_service import FOUND, tmdb_service

    with tmdb_service() as service:
        service.say(200, FOUND)
        service.find()
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scripts.film.tmdb_integration import TmdbClient
from shared.transcript.records.enrichment import Enrichment
from tests.support.commands import HANG_SECONDS

KEY = "0123456789secretkey0123456789abc"
FOUND = {"results": [{"id": 7}, {"id": 8}]}
FILM: dict[str, Any] = {
    "id": 7,
    "title": "Sholay",
    "original_title": "शोले",
    "original_language": "hi",
    "release_date": "1975-08-15",
    "genres": [{"name": "Action"}],
    "credits": {
        "cast": [{"name": "Dharmendra", "character": "Veeru"}, {"name": "Extra"}],
        "crew": [
            {"name": "Ramesh Sippy", "job": "Director"},
            {"name": "Salim Khan", "job": "Story"},
            {"name": "Salim Khan", "job": "Screenplay"},
            {"name": "R. D. Burman", "job": "Original Music Composer"},
        ],
    },
    "keywords": {"keywords": [{"name": "bandit"}]},
    "alternative_titles": {"titles": [{"title": "Embers"}, {"title": "Embers"}]},
}


class Service:
    """A film database that answers as it is told, one answer a call, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        self.asked: list[tuple[float, str, dict[str, list[str]], str | None]] = []
        self.delay = 0.0
        service = self

        class Handler(BaseHTTPRequestHandler):
            """Takes the next answer."""

            def do_GET(self) -> None:
                """Answer."""
                url = urlsplit(self.path)
                secret = self.headers.get("Authorization")
                service.asked.append((time.monotonic(), url.path, parse_qs(url.query), secret))
                time.sleep(service.delay)
                number = min(len(service.asked), len(service.answers)) - 1
                status, body, headers = service.answers[number]
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/3"

    def say(self, status: int, body: Any, **headers: str) -> None:
        """Add an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, body, named))

    def find(
        self, attempts: int = 3, timeout: float = HANG_SECONDS, key: str = KEY
    ) -> Enrichment | None:
        """Ask it for a film."""
        client = TmdbClient(key, self.address, timeout, attempts, "en-US")
        return client.find("Sholay", 1975)


@contextmanager
def tmdb_service() -> Iterator[Service]:
    """Give a service without answers yet."""
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()
