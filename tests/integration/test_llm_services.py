#!/usr/bin/env python3
"""
Services of language models, each with its own way: over real HTTP on the loopback interface.

Skipped where the clients are not; test_engines.py runs this file inside venv/llm.

Usage:
    ./tests/run-tests.sh tests/integration/test_engines.py -k services
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from time import monotonic, time
from typing import Any

import pytest

from shared.core.errors import DependencyError, PipelineError
from shared.translation.backend import BackendOptions, SourceLine, TransientError
from tests.support.commands import HANG_SECONDS
from tests.support.language_model import (
    KEY,
    Reply,
    Stream,
    chunk,
    completion,
    language_model,
    marked,
)

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        importlib.util.find_spec("openai") is None,
        reason="runs inside venv/llm, see test_engines.py",
    ),
]
LINES = [SourceLine(number, f"Zeile {number} sagt etwas") for number in range(13)]
RIGHT = {line.id: marked(line.text) for line in LINES}


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the engine a key, and keep proxies out."""
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def ask(service: Any, provider: str = "openai", timeout: float = HANG_SECONDS) -> dict[int, str]:
    """Return what the engine makes of the lines."""
    from scripts.translators.llm_integration import open_backend

    address = service.openai_url if provider == "openai" else service.anthropic_url
    extra = {"provider": provider, "base_url": address, "timeout": timeout}
    backend = open_backend(BackendOptions(model="marker", extra=extra))
    return dict(backend.translate(LINES, "de", "en"))


def refuse_temperature(request: dict[str, Any], right: str) -> Reply | None:
    """Take no temperature but 1."""
    if request.get("temperature", 1) != 1:
        message = "Unsupported value: 'temperature' does not support 0.0 with this model."
        return Reply(400, {"error": {"message": message, "param": "temperature", "code": "x"}})
    return None


def refuse_in_silence(request: dict[str, Any], right: str) -> Reply | None:
    """Take no temperature, and do not say so."""
    return Reply(400, {"error": "bad request"}) if "temperature" in request else None


@pytest.mark.parametrize("service_way", [refuse_temperature, refuse_in_silence])
def test_a_refused_parameter_is_left_out_and_that_is_remembered(
    service_way: Callable[[dict[str, Any], str], Reply | None],
) -> None:
    from scripts.translators.llm_integration import open_backend

    with language_model(custom=service_way) as service:
        extra = {"provider": "openai", "base_url": service.openai_url, "timeout": HANG_SECONDS}
        backend = open_backend(BackendOptions(model="marker", extra=extra))
        assert backend.translate(LINES, "de", "en") == RIGHT
        assert backend.translate(LINES, "de", "en") == RIGHT
    assert ["temperature" in request for request in service.requests] == [True, False, False]


def test_a_request_that_is_refused_whatever_it_holds_ends_the_engine() -> None:
    with language_model(custom=lambda *_: Reply(400, {"error": {"message": KEY}})) as service:
        with pytest.raises(DependencyError) as caught:
            ask(service)
    assert not isinstance(caught.value, TransientError) and KEY not in str(caught.value)
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "way",
    [
        lambda right: completion(f"<think>{right.replace('a', 'x')}</think>\n{right}"),
        lambda right: completion(f"{right.replace('a', 'x')}</think>{right}"),
        lambda right: completion(f"<Thinking>hm\n</Thinking>```json\n{right}\n```"),
        lambda right: completion(right, reasoning_content=right.replace("a", "x")),
        lambda right: completion([{"type": "text", "text": right}]),
        lambda right: completion(
            [
                {"type": "reasoning", "text": right.replace("a", "x")},
                {"type": "text", "text": right[:40]},
                {"type": "text", "text": right[40:]},
            ]
        ),
    ],
)
def test_what_a_model_thinks_is_put_away_and_parts_are_read(
    way: Callable[[str], dict[str, Any]],
) -> None:
    with language_model(custom=lambda request, right: Reply(200, way(right))) as service:
        assert ask(service) == RIGHT


def test_thoughts_without_an_answer_are_none() -> None:
    def thinking(request: dict[str, Any], right: str) -> Reply:
        return Reply(200, completion(f"<think>Perhaps {right}"))

    with language_model(custom=thinking) as service:
        assert ask(service) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>502 Bad Gateway</body></html>",
        b"",
        b'{"choices": [',
        {"choices": []},
        {"choices": None},
        {"error": {"message": "overloaded"}},
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": {"a": 1}}}]},
        {"choices": "none"},
    ],
)
def test_what_is_no_answer_is_a_passing_failure_in_one_line(body: dict[str, Any] | bytes) -> None:
    with language_model(custom=lambda *_: Reply(200, body)) as service:
        with pytest.raises(TransientError) as caught:
            ask(service)
    assert "\n" not in caught.value.cause and "language model" in caught.value.cause


def test_an_answer_without_words_is_no_answer() -> None:
    for content in (None, "", []):
        reply = Reply(200, completion(content))
        with language_model(custom=lambda *_, reply=reply: reply) as service:  # type: ignore[misc]
            assert ask(service) == {}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
        (402, {"message": "Payment Required"}),
        (400, {"message": "Your credit balance is too low", "type": "invalid_request_error"}),
        (403, {"message": "x", "code": "insufficient_balance"}),
    ],
)
def test_a_quota_that_is_used_up_ends_the_engine_at_once(
    status: int, error: dict[str, str]
) -> None:
    reply = Reply(status, {"error": error}, {"Retry-After": "1"})
    with language_model(custom=lambda *_: reply) as service:
        with pytest.raises(PipelineError, match="quota") as caught:
            ask(service)
    assert not isinstance(caught.value, TransientError)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7.5"}, 7.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "date"}, 40.0),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_a_service_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    told = {
        name: formatdate(time() + 40, usegmt=True) if value == "date" else value
        for name, value in headers.items()
    }
    with language_model(custom=lambda *_: Reply(429, {"error": {}}, told)) as service:
        with pytest.raises(TransientError) as caught:
            ask(service)
    expected = seconds if seconds is None else pytest.approx(seconds, abs=2.0)
    assert caught.value.retry_after == expected
    assert json.loads(service.requests[0]["messages"][-1]["content"])["lines"]


def pieces(text: str, count: int = 12) -> list[str]:
    """Return a text in about so many pieces."""
    size = max(1, len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]


PROVIDERS = pytest.mark.parametrize("provider", ["openai", "anthropic"])


@PROVIDERS
def test_a_slow_model_has_its_time_between_two_words(provider: str) -> None:
    def slow(request: dict[str, Any], right: str) -> Stream:
        assert request["stream"] is True
        return Stream(pieces(right), pause=0.2)

    with language_model(custom=slow) as service:
        began = monotonic()
        assert ask(service, provider, timeout=1.0) == RIGHT
        assert monotonic() - began > 2.0


@PROVIDERS
@pytest.mark.parametrize(
    "way",
    [
        lambda right: Stream([right[:50], right[50:]], pause=60.0),
        lambda right: Stream([right[:50], *[b": keep-alive\n\n"] * 600], pause=0.1),
        lambda right: Stream([right[:50], *[b'data: {"choices": []}\n\n'] * 600], pause=0.1),
        lambda right: Stream([b" "] * 600, pause=0.1, content_type="application/json"),
    ],
    ids=["silence", "comments", "empty pieces", "one blank after another"],
)
def test_a_model_that_falls_silent_did_not_answer_in_time(
    way: Callable[[str], Stream], provider: str
) -> None:
    with language_model(custom=lambda request, right: way(right)) as service:
        began = monotonic()
        with pytest.raises(TransientError, match="in time"):
            ask(service, provider, timeout=0.8)
        assert monotonic() - began < 5.0


@PROVIDERS
@pytest.mark.parametrize("cut", [0, 1, 5])
def test_an_answer_that_breaks_off_is_a_passing_failure(cut: int, provider: str) -> None:
    def broken(request: dict[str, Any], right: str) -> Stream:
        return Stream(pieces(right)[:cut], last=None)

    with language_model(custom=broken) as service:
        with pytest.raises(TransientError, match="broke off"):
            ask(service, provider)


def test_what_goes_wrong_in_the_middle_is_told_for_what_it_is() -> None:
    def middle(message: str) -> Callable[[dict[str, Any], str], Stream]:
        error = json.dumps({"error": {"message": message, "code": "x"}}).encode()
        return lambda request, right: Stream([right[:30], b"data: " + error + b"\n\n"])

    with language_model(custom=middle("overloaded")) as service:
        with pytest.raises(TransientError, match="broke off"):
            ask(service)
    with language_model(custom=middle("You exceeded your current quota")) as service:
        with pytest.raises(DependencyError, match="quota") as caught:
            ask(service)
    assert not isinstance(caught.value, TransientError)


def test_an_error_of_anthropic_in_the_middle_passes() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    event = b"event: error\ndata: " + json.dumps(body).encode() + b"\n\n"
    with language_model(custom=lambda _, right: Stream([right[:30], event])) as service:
        with pytest.raises(TransientError, match="broke off"):
            ask(service, "anthropic")


def test_thoughts_that_stream_are_put_away() -> None:
    def thinking(request: dict[str, Any], right: str) -> Stream:
        draft = right.replace("a", "x")
        ahead = [chunk("", reasoning_content=draft), chunk("", reasoning=draft)]
        return Stream([*ahead, f"<think>{draft}", "</think>", *pieces(right)])

    with language_model(custom=thinking) as service:
        assert ask(service) == RIGHT
    thought = chunk("", anthropic=True, type="thinking_delta", thinking="hm")
    with language_model(custom=lambda _, right: Stream([thought, *pieces(right)])) as service:
        assert ask(service, "anthropic") == RIGHT


def test_a_service_that_does_not_stream_is_asked_without() -> None:
    def no_streams(request: dict[str, Any], right: str) -> Reply | None:
        refused = {"error": {"message": "stream is not supported by this deployment"}}
        return Reply(400, refused) if "stream" in request else None

    with language_model(custom=no_streams) as service:
        assert ask(service) == RIGHT
    assert ["stream" in request for request in service.requests] == [True, False]
    assert all("temperature" in request for request in service.requests)


def test_an_answer_without_end_ends() -> None:
    with language_model(custom=lambda *_: Stream(["ha " * 4000] * 1000)) as service:
        with pytest.raises(TransientError, match="does not end"):
            ask(service)


def test_half_a_streamed_answer_keeps_its_whole_lines() -> None:
    with language_model(custom=lambda _, right: Stream([right[: len(right) // 2]])) as service:
        assert 0 < len(ask(service).items() & RIGHT.items()) < len(RIGHT)


def test_the_stage_hears_how_far_an_answer_is_while_it_comes() -> None:
    from shared.translation.worker_client import WorkerBackend

    told: list[float] = []
    with language_model(custom=lambda _, right: Stream(pieces(right, 30), pause=0.4)) as service:
        extra = {"provider": "openai", "base_url": service.openai_url, "timeout": 5.0}
        options = BackendOptions(model="marker", extra=extra)
        # It is told of progress: the time without an answer is shorter than the answer takes.
        worker = WorkerBackend(Path(sys.executable), "llm", options, 10.0, told.append)
        with worker as backend:
            assert backend.translate(LINES, "de", "en") == RIGHT
    assert len(told) >= 3 and told == sorted(told) and told[-1] <= len(LINES)
