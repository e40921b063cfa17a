#!/usr/bin/env python3
"""
Hub: a model hub on the loopback interface, with what huggingface_hub asks of one.

Usage:
    from tests.support.hub import Hub, serve

    with serve(Hub({"Systran/faster-whisper-tiny": {"model.bin": b"..."}})) as address: ...
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.misbehaviour import misbehave

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 10_000


@dataclass
class Hub:
    """What the hub holds and how it behaves.

    `repositories`: name to file name to content. `token`: what gated repositories ask for.
    `cut_after`: bytes of a large file after which the connection breaks, once for each entry.
    `faults`: what it does instead of answering, one a call whatever is asked, and `file_faults`
    instead of sending a large file, see tests/support/misbehaviour.py.
    `announced`: bytes that it says a file has, by name, whatever it holds.
    `spoil`: send large files with one byte changed. `asked`: what was asked for, in order.
    """

    repositories: dict[str, dict[str, bytes]]
    token: str = ""
    cut_after: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    file_faults: list[str] = field(default_factory=list)
    announced: dict[str, int] = field(default_factory=dict)
    spoil: bool = False
    failing: bool = False
    asked: list[str] = field(default_factory=list)


def _digest(content: bytes) -> str:
    """Return the ETag: SHA-256 of large files, git's digest of small ones."""
    if len(content) >= LARGE:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _sibling(name: str, content: bytes, announced: int | None) -> dict[str, Any]:
    size = len(content) if announced is None else announced
    known: dict[str, Any] = {"rfilename": name, "size": size}
    if len(content) >= LARGE:
        digest = hashlib.sha256(content).hexdigest()
        return known | {"lfs": {"size": size, "sha256": digest, "pointerSize": 134}}
    return known | {"blobId": _digest(content)}


@contextmanager
def serve(hub: Hub) -> Iterator[str]:
    """Serve a hub; yield the address for HF_ENDPOINT."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        """Answers the API call and the file requests."""

        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            """Answer without a body."""
            self.answer(body=False)

        def do_GET(self) -> None:
            """Answer."""
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            """Find what is asked for and send it."""
            path = self.path.partition("?")[0]
            hub.asked.append(f"{self.command} {path} {self.headers.get('Range', '')}".strip())
            api = re.fullmatch(r"/api/models/([^/]+/[^/]+)(/revision/\w+)?", path)
            file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/\w+/(.+)", path)
            found = (api or file) and hub.repositories.get((api or file).group(1))  # type: ignore
            if hub.faults:
                misbehave(self, hub.faults.pop(0), b"", over)
            elif hub.failing:
                self.send(503, b"", body)
            elif path == "/":
                self.send(200, b"", body)
            elif not found or (file and file.group(2) not in found):
                self.send(404, b"", body, {"X-Error-Code": "RepoNotFound"})
            elif api:
                siblings = [_sibling(n, c, hub.announced.get(n)) for n, c in found.items()]
                info = {"id": api.group(1), "sha": COMMIT, "siblings": siblings}
                self.send(200, json.dumps(info).encode(), body)
            elif hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                self.send(401, b"", body, {"X-Error-Code": "GatedRepo"})
            elif file:
                self.send_file(found[file.group(2)], body)

        def send_file(self, content: bytes, body: bool) -> None:
            """Send a file, or the rest of it."""
            headers = {"ETag": f'"{_digest(content)}"', "X-Repo-Commit": COMMIT}
            if len(content) >= LARGE and hub.spoil:
                content = content[:-1] + bytes([content[-1] ^ 1])
            status, start = 200, 0
            if asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
                status, start = 206, int(asked.group(1))
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            if body and len(content) >= LARGE and hub.file_faults:
                misbehave(self, hub.file_faults.pop(0), content[start:], over)
            elif body and len(content) >= LARGE and hub.cut_after:
                self.send(status, content[start:], body, headers, cut=hub.cut_after.pop(0))
            else:
                self.send(status, content[start:], body, headers)

        def send(
            self,
            status: int,
            content: bytes,
            body: bool,
            headers: dict[str, str] | None = None,
            cut: int | None = None,
        ) -> None:
            """Send an answer; cut: end the connection after so many bytes of it."""
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if body:
                self.wfile.write(content[:cut])
            if cut is not None:
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
