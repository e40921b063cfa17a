#!/usr/bin/env python3
"""Tests of scripts/film/tmdb_integration.py and its stage, against an HTTP server on loopback."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts.film.tmdb_integration import TmdbClient
from shared.core.errors import DependencyError
from shared.transcript.records.enrichment import Enrichment
from tests.support.commands import HANG_SECONDS
from tests.support.media import silence
from tests.support.media_job import log_of, make_job, output, run_stage

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


@pytest.fixture
def service() -> Iterator[Service]:
    """A service without answers yet."""
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def refused(service: Service, **wanted: Any) -> DependencyError:
    """Return the error of a call; neither it nor its traceback may hold the key."""
    with pytest.raises(DependencyError) as caught:
        service.find(**wanted)
    text = "".join(traceback.format_exception(caught.value))
    assert KEY not in text + caught.value.cause + caught.value.hint
    return caught.value


class TestAnswers:
    """What the service says."""

    def test_a_film_is_found_with_all_that_is_known(self, service: Service) -> None:
        service.say(200, FOUND)
        service.say(200, FILM)
        found = service.find()
        assert found is not None
        assert (found.tmdb_id, found.title, found.original_title) == (7, "Sholay", "शोले")
        assert (found.original_language, found.year, found.genres) == ("hi", 1975, ["Action"])
        people = [(member.name, member.character) for member in found.cast]
        assert people == [("Dharmendra", "Veeru"), ("Extra", "")]
        assert found.crew == ["Ramesh Sippy", "Salim Khan"]
        assert (found.keywords, found.alternative_titles) == (["bandit"], ["Embers"])
        (_, search, query, _), (_, details, _, _) = service.asked
        assert (search, details) == ("/3/search/movie", "/3/movie/7")
        assert (query["query"], query["year"]) == (["Sholay"], ["1975"])
        assert (query["language"], query["api_key"]) == (["en-US"], [KEY])

    def test_a_token_goes_into_a_header(self, service: Service) -> None:
        service.say(200, {"results": []})
        assert service.find(key="eyJ.token") is None
        _, _, query, secret = service.asked[0]
        assert (secret, "api_key" in query) == ("Bearer eyJ.token", False)

    def test_no_film_of_that_name_is_no_error(self, service: Service) -> None:
        service.say(200, {"results": []})
        assert service.find() is None
        assert len(service.asked) == 1

    @pytest.mark.parametrize("status", [401, 404, 400])
    def test_a_refusal_is_not_asked_again(self, service: Service, status: int) -> None:
        service.say(status, {"status_message": "no"})
        error = refused(service)
        assert str(status) in error.cause
        assert ("TMDB_API_KEY" in error.hint) == (status == 401)
        assert len(service.asked) == 1

    def test_a_film_that_is_gone_between_two_calls(self, service: Service) -> None:
        service.say(200, FOUND)
        service.say(404, {})
        assert "404" in refused(service).cause

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
    def test_a_passing_fault_is_asked_again(self, service: Service, status: int) -> None:
        service.say(status, b"broken", Retry_After="0")
        service.say(200, FOUND)
        service.say(200, FILM)
        assert service.find() is not None
        assert len(service.asked) == 3

    def test_a_lasting_fault_ends_after_the_attempts(self, service: Service) -> None:
        service.say(500, b"broken", Retry_After="0")
        assert "500" in refused(service, attempts=2).cause
        assert len(service.asked) == 2

    def test_it_waits_as_long_as_it_is_told(self, service: Service) -> None:
        service.say(429, b"slow down", Retry_After="1")
        service.say(200, {"results": []})
        assert service.find() is None
        assert service.asked[1][0] - service.asked[0][0] >= 1.0

    def test_without_being_told_it_waits_a_little(self, service: Service) -> None:
        service.say(503, b"busy", Retry_After="Fri, 31 Dec 1999 23:59:59 GMT")
        service.say(200, {"results": []})
        assert service.find() is None
        assert 0.3 < service.asked[1][0] - service.asked[0][0] < 20.0

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>Log in to the hotel network</html>",
            b'{"results": [',
            b"\xff\xfe",
            b"[]",
            b'"text"',
            b"null",
            b"{}",
            b'{"results": 5}',
            b'{"results": [{}]}',
            b'{"results": [{"id": "seven"}]}',
            b'{"results": [{"id": Infinity}]}',
            b'{"results": {"id": 7}}',
        ],
    )
    def test_nonsense_is_an_error_of_the_service(self, service: Service, body: bytes) -> None:
        service.say(200, body)
        assert refused(service).cause.startswith("TMDB answered")
        assert len(service.asked) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"title": None},
            {"credits": None},
            {"credits": {"cast": [{}]}},
            {"genres": [1]},
            {"keywords": []},
            {"id": "x"},
        ],
    )
    def test_details_of_another_shape(self, service: Service, change: dict[str, Any]) -> None:
        service.say(200, FOUND)
        service.say(200, FILM | change)
        assert "unknown form" in refused(service).cause

    def test_missing_details_are_just_missing(self, service: Service) -> None:
        names = ("id", "title", "original_title", "original_language")
        service.say(200, FOUND)
        service.say(200, {name: FILM[name] for name in names})
        found = service.find()
        assert found is not None
        assert (found.year, found.cast, found.alternative_titles) == (None, [], [])

    def test_an_answer_that_does_not_come(self, service: Service) -> None:
        service.delay = 600.0
        service.say(200, FOUND)
        started = time.monotonic()
        assert refused(service, timeout=0.2).cause == "TMDB did not answer within 0.2 s"
        assert time.monotonic() - started < HANG_SECONDS

    def test_nobody_there(self, service: Service) -> None:
        with socket.socket() as deaf:  # holds a port, so that nobody else gets it, and hears nobody
            deaf.bind(("127.0.0.1", 0))
            service.address = f"http://127.0.0.1:{deaf.getsockname()[1]}/3"
            assert "cannot be reached" in refused(service, attempts=1).cause


def test_the_key_is_in_no_log_at_any_level(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.say(500, b"", Retry_After="0")
    service.say(200, FOUND)
    service.say(404, {})
    with caplog.at_level(logging.DEBUG):
        refused(service)
    assert KEY not in caplog.text


@pytest.mark.parametrize("key", [KEY, "eyJ" + KEY])
def test_a_service_that_sends_on_to_another_is_not_followed(service: Service, key: str) -> None:
    thief = Service()
    try:
        thief.say(200, FOUND)
        port = urlsplit(thief.address).port
        service.say(302, {}, Location=f"http://localhost:{port}/3/search/movie?api_key=mine")
        with pytest.raises(DependencyError, match="TooManyRedirects") as caught:
            service.find(key=key)
        assert key not in str(caught.value) and thief.asked == []
    finally:
        thief.server.shutdown()


def test_a_service_may_send_on_within_itself(service: Service) -> None:
    service.say(302, {}, Location=f"{service.address}/search/movies")
    service.say(200, FOUND)
    service.say(200, FILM)
    found = service.find()
    assert found is not None and found.original_title == "शोले"


class TestStage:
    """The stage tmdb."""

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        """A sound that can be prepared."""
        return silence(tmp_path / "film.wav")

    def job(self, tmp_path: Path, film: Path, service: Service, **config: str) -> Path:
        """Return a job that asks this service."""
        settings = {"TMDB_BASE_URL": service.address, "TMDB_ATTEMPTS": "1"} | config
        return make_job(tmp_path, film, title="Sholay", year=1975, **settings)

    def test_what_is_found_is_written(
        self, film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMDB_API_KEY", KEY)
        service.say(200, FOUND)
        service.say(200, FILM)
        job_dir = self.job(tmp_path, film, service, LOG_LEVEL="DEBUG", DEBUG="true")
        result = run_stage(job_dir, "tmdb")
        assert (result.status, result.summary) == ("done", {"tmdb_id": 7, "cast": 2})
        text = output(job_dir, "tmdb", "enrichment.json").read_text(encoding="utf-8")
        assert Enrichment.model_validate_json(text).original_title == "शोले"
        files = [path for path in job_dir.rglob("*") if path.is_file()]
        assert len(files) >= 4
        assert not [path for path in files if KEY.encode() in path.read_bytes()]

    def test_a_refused_key_is_a_warning_and_the_film_goes_on(
        self, film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMDB_API_KEY", KEY)
        service.say(401, {"status_message": f"bad key {KEY}"})
        job_dir = self.job(tmp_path, film, service, LOG_LEVEL="DEBUG", DEBUG="true")
        result = run_stage(job_dir, "tmdb")
        assert (result.status, result.exit_code) == ("skipped", 0)
        assert result.reason == "TMDB refused the key (401)"
        assert "TMDB_API_KEY" in result.warnings[0]
        assert KEY not in log_of(job_dir, "tmdb")

    @pytest.mark.parametrize("key", ["schlüssel", "two\nlines", "two\tcells"])
    def test_a_malformed_key_is_a_warning_and_the_film_goes_on(
        self,
        film: Path,
        tmp_path: Path,
        service: Service,
        key: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("TMDB_API_KEY", key)
        result = run_stage(self.job(tmp_path, film, service), "tmdb")
        assert (result.status, result.exit_code, service.asked) == ("skipped", 0, [])
        assert "TMDB_API_KEY holds a character that no key has" in result.warnings[0]
        assert result.outages == result.warnings

    def test_an_unknown_film_is_skipped(
        self, film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMDB_API_KEY", KEY)
        service.say(200, {"results": []})
        result = run_stage(self.job(tmp_path, film, service), "tmdb")
        assert result.reason == "TMDB knows no film 'Sholay' of 1975"
        assert (result.status, result.warnings) == ("skipped", [])

    def test_switched_off_nobody_is_asked(
        self, film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMDB_API_KEY", KEY)
        result = run_stage(self.job(tmp_path, film, service, TMDB_ENABLED="false"), "tmdb")
        assert (result.status, result.reason) == ("skipped", "switched off (TMDB_ENABLED=false)")
        assert service.asked == []
