#!/usr/bin/env python3
"""
Server: the depot over HTTPS, to members of the cluster only.

    POST /ORDER/take?worker=…            the order
    POST /ORDER/tell                     what the stage told; the answer says why it is to stop
    GET  /ORDER/files/DIGEST?epoch=N     a file, from an offset on (Range)
    GET  /ORDER/parts/DIGEST?epoch=N     how many bytes of an output are here
    PUT  /ORDER/parts/DIGEST?epoch=N&offset=M   more of them
    POST /ORDER/end                      how it ended

410: the order is another's now. 409: something is not there as it should be.

Usage:
    from shared.pipeline.batch.cluster.server import DepotServer

    with DepotServer(depot, trust, "10.0.0.1") as server:
        server.address      # https://10.0.0.1:40123
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ValidationError

from shared.pipeline.batch.cluster.depot import Depot, GoneError, LackingError
from shared.pipeline.batch.cluster.order import Ending, Told
from shared.pipeline.batch.cluster.trust import Trust

# A client that says nothing for so long is gone; seconds.
SILENCE_SECONDS, LOOK_SECONDS = 60.0, 0.05
MOST_JSON_BYTES = 64 << 20
BLOCK = 1 << 20
Message = TypeVar("Message", bound=BaseModel)


class DepotServer:
    """Serves a depot on a port of its own, from a thread.

    Args:
        depot: What is served.
        trust: The certificates.
        host: The address of this machine that workers reach.
    """

    def __init__(self, depot: Depot, trust: Trust, host: str) -> None:
        context = trust.server_context()
        self._server = _Server((host, 0), _Handler, depot, context)
        self.address = f"https://{host}:{self._server.server_address[1]}"
        serve, look = self._server.serve_forever, (LOOK_SECONDS,)
        self._thread = threading.Thread(target=serve, args=look, daemon=True)

    def __enter__(self) -> DepotServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self,
        place: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        depot: Depot,
        context: ssl.SSLContext,
    ) -> None:
        super().__init__(place, handler)
        self.depot = depot
        # Greeted in the client's own thread: one that is slow keeps nobody waiting.
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client without a certificate, or one that went: its own trouble."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SILENCE_SECONDS

    def do_POST(self) -> None:
        self._answer_to({"take": self._take, "tell": self._tell, "end": self._end})

    def do_GET(self) -> None:
        self._answer_to({"files": self._give, "parts": self._say_size})

    def do_PUT(self) -> None:
        self._answer_to({"parts": self._receive})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a token is no thing for a log."""

    def _answer_to(self, verbs: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        token, _, rest = parts.path.lstrip("/").partition("/")
        verb, _, self._digest = rest.partition("/")
        self._query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        try:
            if verb not in verbs:
                raise LackingError(verb)
            verbs[verb](self._depot, token)
        except GoneError:
            self._send(410, {})
        except (LackingError, ValidationError, ValueError, OSError) as error:
            self._send(409, {"lacks": type(error).__name__})
            self.close_connection = True

    @property
    def _depot(self) -> Depot:
        assert isinstance(self.server, _Server)
        return self.server.depot

    @property
    def _epoch(self) -> int:
        return int(self._query.get("epoch", "0"))

    def _take(self, depot: Depot, token: str) -> None:
        order = depot.take(token, self._query.get("worker", ""))
        self._send(200, order.model_dump(mode="json"))

    def _tell(self, depot: Depot, token: str) -> None:
        told = self._read(Told)
        self._send(200, {"stop": depot.hear(token, told.epoch, told.events)})

    def _end(self, depot: Depot, token: str) -> None:
        depot.end(token, self._read(Ending))
        self._send(200, {})

    def _give(self, depot: Depot, token: str) -> None:
        path = depot.input_path(token, self._epoch, self._digest)
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            begin = min(size, int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1]))
            stream.seek(begin)
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(size - begin))
            self.end_headers()
            shutil.copyfileobj(stream, self.wfile, BLOCK)

    def _say_size(self, depot: Depot, token: str) -> None:
        part = depot.part(token, self._epoch, self._digest)
        self._send(200, {"size": part.stat().st_size if part.is_file() else 0})

    def _receive(self, depot: Depot, token: str) -> None:
        part = depot.part(token, self._epoch, self._digest)
        left = int(self.headers["Content-Length"])
        with open(part, "ab") as stream:
            if stream.tell() != int(self._query["offset"]):
                raise LackingError(self._digest)
            while left > 0:
                block = self.rfile.read(min(left, BLOCK))
                if not block:
                    raise LackingError(self._digest)
                depot.part(token, self._epoch, self._digest)  # still its own?
                stream.write(block)
                left -= len(block)
        self._send(200, {})

    def _read(self, kind: type[Message]) -> Message:
        length = int(self.headers.get("Content-Length", "0"))
        if length > MOST_JSON_BYTES:
            raise LackingError("too long")
        return kind.model_validate_json(self.rfile.read(length))

    def _send(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
