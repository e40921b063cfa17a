#!/usr/bin/env python3
"""
TMDB integration: the only place that talks to The Movie Database.

Usage:
    from scripts.film.tmdb_integration import TmdbClient

    TmdbClient(key, base_url, timeout=10, attempts=3, language="en-US").find("Sholay", 1975)
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import tmdbsimple
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from shared.core.errors import DependencyError
from shared.services import status as http
from shared.services.breaker import service_breaker
from shared.services.deadline import answer_within
from shared.services.retry import LONGEST_WAIT, wait_as_told, wait_of
from shared.transcript.records.enrichment import CastMember, Enrichment

Answer = TypeVar("Answer")
CAST_LIMIT = 40
CREW_JOBS = frozenset({"Director", "Writer", "Screenplay", "Story", "Dialogue"})
FIRST_WAIT = 0.5


class TmdbClient:
    """Finds a film; a service that hangs is asked once, not for every film.

    Args:
        key: The API key; it never appears in a message of this class.
        base_url: Address of the service.
        timeout: Seconds for one answer, all of it.
        attempts: Tries for one call.
        language: BCP-47 of the texts.
    """

    def __init__(
        self, key: str, base_url: str, timeout: float, attempts: int, language: str
    ) -> None:
        tmdbsimple.API_KEY = key
        # A v4 token goes into a header, a v3 key can only go into the address.
        tmdbsimple.USE_BEARER_AUTH = key.startswith("eyJ")
        tmdbsimple.REQUESTS_TIMEOUT = timeout
        tmdbsimple.REQUESTS_SESSION = _OneOrigin()
        self._base_url = base_url.rstrip("/")
        # urllib3 writes whole addresses, with the key, at DEBUG.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        self._language = language
        self._timeout = timeout
        self._breaker = service_breaker("TMDB", base_url, _is_failure, _is_hang)
        self._retrying = Retrying(
            stop=stop_after_attempt(attempts),
            wait=wait_as_told(FIRST_WAIT),
            retry=retry_if_exception(_may_succeed_later),
            reraise=True,
        )

    def find(self, title: str, year: int | None) -> Enrichment | None:
        """Return what TMDB knows about a film, None when it knows none of that name.

        Args:
            title: Title in any language TMDB knows.
            year: Year of release, None when it is not known.

        Raises:
            DependencyError: When the service cannot be reached, answers with nonsense, or failed
                so lately that it is not asked.
        """
        query: dict[str, Any] = {"query": title, "language": self._language}
        if year is not None:
            query["year"] = year
        found = self._call(lambda: self._at_base(tmdbsimple.Search()).movie(**query))
        try:
            if not found["results"]:
                return None
            film = self._at_base(tmdbsimple.Movies(int(found["results"][0]["id"])))
            parts = "credits,keywords,alternative_titles"
            details = self._call(
                lambda: film.info(language=self._language, append_to_response=parts)
            )
            return _enrichment(details)
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise DependencyError(
                f"TMDB answered in an unknown form ({type(error).__name__})"
            ) from None

    def _at_base(self, resource: Any) -> Any:
        resource.base_uri = self._base_url
        return resource

    def _call(self, request: Callable[[], Answer]) -> Answer:
        try:
            return self._retrying(
                lambda: self._breaker.call(lambda: answer_within(self._timeout, request))
            )
        except requests.HTTPError as error:
            raise _http_error(error) from None
        except (requests.Timeout, TimeoutError):
            raise DependencyError(f"TMDB did not answer within {self._timeout:g} s") from None
        except requests.exceptions.JSONDecodeError:
            raise DependencyError("TMDB answered with something that is not JSON") from None
        except requests.RequestException as error:
            raise DependencyError(f"TMDB cannot be reached ({type(error).__name__})") from None


class _OneOrigin(requests.Session):
    """A session that follows a service to no other address: the key is for this one."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer sends us on, None where it does not.

        Args:
            resp: The answer.

        Raises:
            requests.TooManyRedirects: It sends us to another scheme, host or port.
        """
        target = super().get_redirect_target(resp)
        if target is not None and urlsplit(urljoin(resp.url, target))[:2] != urlsplit(resp.url)[:2]:
            raise requests.TooManyRedirects("sent on to another address", response=resp)
        return target


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    return response.status_code if isinstance(response, requests.Response) else None


def _is_hang(error: BaseException) -> bool:
    return isinstance(error, requests.Timeout | TimeoutError)


def _is_failure(error: BaseException) -> bool:
    """Return whether the service is in trouble; a refusal is an answer."""
    if isinstance(error, requests.HTTPError):
        return http.may_pass(_status(error) or 0)
    broken = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    return _is_hang(error) or isinstance(error, broken)


def _may_succeed_later(error: BaseException) -> bool:
    """Return whether to ask again: not where that costs the same time, or the service says when."""
    is_soon = (wait_of(error) or 0.0) <= LONGEST_WAIT
    return _is_failure(error) and not _is_hang(error) and is_soon


def _http_error(error: requests.HTTPError) -> DependencyError:
    status = _status(error)
    if status == requests.codes.unauthorized:
        return DependencyError(
            "TMDB refused the key (401)", hint="Check TMDB_API_KEY in config/secrets.json"
        )
    return DependencyError(http.said_by("TMDB", status or 0))


def _enrichment(details: dict[str, Any]) -> Enrichment:
    credits = details.get("credits", {})
    titles = details.get("alternative_titles", {}).get("titles", [])
    released = str(details.get("release_date") or "")
    crew = [p["name"] for p in credits.get("crew", []) if p.get("job") in CREW_JOBS]
    return Enrichment(
        tmdb_id=details["id"],
        title=details["title"],
        original_title=details["original_title"],
        original_language=details["original_language"],
        year=int(released[:4]) if released[:4].isdigit() else None,
        cast=[
            CastMember(name=person["name"], character=person.get("character") or "")
            for person in credits.get("cast", [])[:CAST_LIMIT]
        ],
        crew=list(dict.fromkeys(crew)),
        genres=[genre["name"] for genre in details.get("genres", [])],
        keywords=[word["name"] for word in details.get("keywords", {}).get("keywords", [])],
        alternative_titles=list(dict.fromkeys(item["title"] for item in titles)),
    )
