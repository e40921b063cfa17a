#!/usr/bin/env python3
"""Tests of scripts/film/tmdb_integration.py and its stage, against an HTTP server on loopback."""

from __future__ import annotations

import logging
import socket
import time
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.core.errors import DependencyError
from tests.support.commands import HANG_SECONDS
from tests.support.tmdb_service import FILM, FOUND, KEY, Service, tmdb_service


@pytest.fixture
def service() -> Iterator[Service]:
    """A service without answers yet."""
    with tmdb_service() as made:
        yield made


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
