#!/usr/bin/env python3
"""
Language model: a service on the loopback interface that "translates" reversibly (each word
backwards) and goes wrong as told; OpenAI-compatible and Anthropic-compatible.

Usage:
    from tests.support.language_model import language_model

    with language_model(["short", "429"], rate=0.3) as service:
        settings = {"LLM_BASE_URL": service.openai_url, "LLM_MODEL": "marker"}
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

KEY = "planted-key-9f31c2"
FAULTS = ("short", "merged", "extra", "time-out", "429", "500", "garbage")


def marked(text: str, terms: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the translation that belongs to a text: terms as they are to be, the rest reversed."""
    return " ".join(terms.get(word.strip(".,"), word[::-1]) for word in text.split())


@dataclass(frozen=True)
class Reply:
    """What is sent back: JSON, or bytes as a web page."""

    status: int
    body: dict[str, Any] | bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stream:
    """What is sent back piece by piece.

    `pieces`: texts, or events as they are (bytes); `pause`: seconds before each; `last`: what ends
    it, nothing more where the connection breaks.
    """

    pieces: Sequence[str | bytes]
    pause: float = 0.0
    last: bytes | None = b"data: [DONE]\n\n"
    content_type: str = "text/event-stream"


def chunk(text: str, anthropic: bool = False, **delta: Any) -> bytes:
    """Return a piece of an answer as an event; `delta` takes the place of the text."""
    if anthropic:
        told = {"type": "text_delta", "text": text} if not delta else delta
        event = {"type": "content_block_delta", "index": 0, "delta": told}
        return b"event: content_block_delta\ndata: " + json.dumps(event).encode() + b"\n\n"
    choice = {"index": 0, "delta": delta or {"content": text}, "finish_reason": None}
    head = {"id": "1", "model": "marker", "object": "chat.completion.chunk", "created": 0}
    return b"data: " + json.dumps(head | {"choices": [choice]}).encode() + b"\n\n"


def completion(content: Any, **fields: Any) -> dict[str, Any]:
    """Return an answer in OpenAI's form; `fields` go into its message."""
    message = {"role": "assistant", "content": content, **fields}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "1", "model": "marker", "object": "chat.completion", "created": 0}
    return head | {"choices": [choice]}


@dataclass
class Service:
    """Where the service is, and what it has seen."""

    port: int
    faults: Sequence[str]
    rate: float
    hang: float
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    happened: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    prompts: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def openai_url(self) -> str:
        """The address for an OpenAI-compatible client."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def anthropic_url(self) -> str:
        """The address for an Anthropic client."""
        return f"http://127.0.0.1:{self.port}"

    def fault(self) -> str:
        """Return what goes wrong with this call, "" = nothing."""
        with self.lock:
            wrong = bool(self.faults) and self.dice.random() < self.rate
            name = self.dice.choice(list(self.faults)) if wrong else ""
            self.happened[name] += 1
            return name


@contextmanager
def language_model(
    faults: Sequence[str] = (),
    rate: float = 0.3,
    hang: float = 2.0,
    custom: Callable[[dict[str, Any], str], Reply | Stream | None] = lambda request, right: None,
) -> Iterator[Service]:
    """Serve until the end of the block.

    Args:
        custom: Makes a reply of its own out of a request and the right answer's text; None = the
            usual one.
        faults: Of FAULTS, or "401", "404".
        rate: Share of calls that go wrong.
        hang: Seconds before an answer that comes too late.
    """
    service: Service

    class Handler(BaseHTTPRequestHandler):
        """Answers /v1/chat/completions and /v1/messages."""

        def do_POST(self) -> None:
            """Translate, or go wrong."""
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            service.keys.add(self.headers.get("x-api-key") or bearer)
            service.requests.append(request)
            lines = json.loads(request["messages"][-1]["content"])["lines"]
            own = custom(request, write_answer(lines, ""))
            if isinstance(own, Stream):
                self.stream(own)
                return
            if own is not None:
                self.reply(own.status, own.body, own.headers)
                return
            fault = service.fault()
            if fault.isdigit():
                self.reply(int(fault), {"error": {"message": f"refused {KEY}", "type": "x"}})
                return
            if fault == "time-out":
                time.sleep(service.hang)
            service.prompts.append(request["messages"][-1]["content"])
            self.reply(200, self.wrap(write_answer(lines, fault)))

        def wrap(self, content: str) -> dict[str, Any]:
            """Return an answer in the form of the interface that was called."""
            base: dict[str, Any] = {"id": "1", "model": "marker"}
            if self.path.endswith("/messages"):
                usage = {"input_tokens": 1, "output_tokens": 1}
                parts = [{"type": "text", "text": content}]
                base |= {"type": "message", "role": "assistant", "content": parts}
                return base | {"stop_reason": "end_turn", "stop_sequence": None, "usage": usage}
            return completion(content)

        def stream(self, told: Stream) -> None:
            """Send an answer piece by piece; without its length, so that the end ends it."""
            anthropic = self.path.endswith("/messages")
            self.close_connection = True
            try:
                self.send_response(200)
                self.send_header("Content-Type", told.content_type)
                if told.last is None:
                    self.send_header("Content-Length", "10000000")
                self.end_headers()
                for piece in told.pieces:
                    time.sleep(told.pause)
                    event = chunk(piece, anthropic) if isinstance(piece, str) else piece
                    self.wfile.write(event)
                    self.wfile.flush()
                self.wfile.write(told.last or b"")
            except OSError:
                pass  # the caller did not wait

        def reply(
            self,
            status: int,
            body: dict[str, Any] | bytes,
            headers: Mapping[str, str] = MappingProxyType({}),
        ) -> None:
            """Send JSON, or bytes as they are."""
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            try:
                self.send_response(status)
                kind = "application/json" if isinstance(body, dict) else "text/html"
                self.send_header("Content-Type", kind)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                if status == 429 and not headers:
                    self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the caller did not wait

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service = Service(server.server_address[1], faults, rate, hang)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def write_answer(lines: list[dict[str, Any]], fault: str) -> str:
    """Return what the model says to these lines."""
    answer = [
        {"id": line["id"], "text": marked(line["text"], line.get("terms", {}))} for line in lines
    ]
    if fault == "short":
        answer = answer[: len(answer) // 2]
    elif fault == "merged" and len(answer) > 1:
        answer[0]["text"] += " " + answer.pop(1)["text"]
    elif fault == "extra":
        answer.append({"id": 999_999, "text": "nobody said this"})
        return "Sure! Here you are:\n```json\n" + json.dumps(answer) + "\n```\nAnything else?"
    elif fault == "garbage":
        return '{"lines": [{"id": 1, "te'
    return json.dumps({"lines": answer}, ensure_ascii=False)
