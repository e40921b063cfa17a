#!/usr/bin/env python3
"""Tests of shared/translation/guarded.py: a dead language model costs one film some tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from shared.core.errors import DependencyError
from shared.translation.backend import Backend, HungError, SourceLine, TransientError
from shared.translation.chain import ChainEngine, LineResult, TranslationOptions
from shared.translation.engine import translate_film
from shared.translation.guarded import GuardedBackend, language_model_breaker

LINES = [SourceLine(number, f"Zeile {number}") for number in range(1, 30)]


class Service:
    """A backend that fails as told, or answers with capital letters."""

    name, model = "llm", "test"

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.calls = 0

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Fail or answer."""
        self.calls += 1
        if self.error is not None:
            raise self.error
        return {line.id: f"Line {line.id}" for line in lines}


def guarded(service: Service, address: str) -> Backend:
    """Return a backend as a new film's process opens it."""
    return GuardedBackend(service, language_model_breaker("openai", address))


def film(
    service: Service, address: str = "http://here/v1"
) -> tuple[dict[int, LineResult], list[str]]:
    """Translate a film; return the results and the outages."""
    outages: list[str] = []
    options = TranslationOptions(batch_size=4, sleep=lambda seconds: None, degrade=outages.append)
    chain = [ChainEngine("llm", lambda: guarded(service, address))]
    return translate_film(LINES, "de", "en", chain, options), outages


def test_a_service_that_works_is_just_asked() -> None:
    results, outages = film(Service(None))
    assert all(result.text for result in results.values()) and outages == []


def test_a_dead_service_is_asked_five_times_by_the_first_film_and_never_by_the_next() -> None:
    dead = [Service(TransientError("answered 503")) for _ in range(3)]
    outages = [film(service)[1] for service in dead]
    assert [service.calls for service in dead] == [5, 0, 0]
    assert all("is not asked before" in told for (told,) in outages)
    other = Service(None)
    assert film(other, "http://there/v1")[1] == [] and other.calls


def test_one_that_hung_until_it_was_ended_is_not_asked_by_the_next_film() -> None:
    hung, following = Service(HungError("gave no answer for 900 s")), Service(None)
    assert film(hung)[1] == ["llm is not asked any more: gave no answer for 900 s"]
    film(following)
    assert (hung.calls, following.calls) == (1, 0)


def test_a_refused_key_is_an_answer() -> None:
    for _ in range(7):
        assert film(refusing := Service(DependencyError("refused with 401")))[1]
        assert refusing.calls == 1
    works = Service(None)
    assert film(works)[1] == [] and works.calls


@pytest.mark.parametrize(("wait", "calls"), [(100.0, 5), (3600.0, 3)])
def test_a_service_that_asks_for_an_hour_is_not_waited_for(wait: float, calls: int) -> None:
    service = Service(TransientError("answered 429", retry_after=wait))
    assert len(film(service)[1]) == 1 and service.calls == calls


def test_it_is_asked_again_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    film(Service(TransientError("answered 503")))
    monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.001")
    results, outages = film(Service(None))
    assert all(result.text for result in results.values()) and outages == []
