#!/usr/bin/env python3
"""
Link: a worker's way to the depot: orders, files and endings over HTTPS, over broken links, too.

A file goes on where it stopped, either way, and is believed by its digest only. What does not
answer is asked again for PATIENCE_SECONDS.

Usage:
    from shared.pipeline.batch.cluster.link import Link

    link = Link(address, token, trust)
    order = link.take("worker-1")
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from shared.core.errors import DependencyError
from shared.core.files import sha256_of
from shared.pipeline.batch.cluster.depot import PART, GoneError
from shared.pipeline.batch.cluster.order import Ending, Order, Told
from shared.pipeline.batch.cluster.trust import Trust

PATIENCE_SECONDS, PAUSE_SECONDS = 600.0, 1.0
ANSWER_SECONDS = 20.0
BLOCK = 1 << 20
GONE, LACKING, FINE, PARTIAL = 410, 409, 200, 206
Answer = TypeVar("Answer")


class Link:
    """One order's way home.

    Args:
        address: Of the depot.
        token: Of the order.
        trust: The certificates.
    """

    def __init__(self, address: str, token: str, trust: Trust) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "", place.port
        self._token = token
        self._context = trust.client_context()
        self._epoch = 0

    def take(self, worker: str) -> Order:
        """Take the order.

        Args:
            worker: Who does.

        Returns:
            What is to be done.

        Raises:
            GoneError: It is not out any more.
            DependencyError: The depot does not answer.
        """
        answer = self._patiently(lambda: self._ask("POST", "take", {"worker": worker}))
        order = Order.model_validate(answer)
        self._epoch = order.epoch
        return order

    def tell(self, events: list[dict[str, Any]]) -> list[str]:
        """Tell events once; return why the work is to stop.

        Args:
            events: Of the stage.

        Raises:
            GoneError: The order is another's now.
            OSError: The depot does not answer; tell them again later.
        """
        body = Told(epoch=self._epoch, events=events).model_dump_json()
        answer = self._ask("POST", "tell", {}, body.encode("utf-8"))
        return [str(cause) for cause in answer["stop"]]

    def fetch(self, sha256: str, path: Path) -> None:
        """Fetch a file, going on where it stopped.

        Args:
            sha256: Its digest.
            path: Where it is put, once it is whole.

        Raises:
            GoneError: The order is another's now.
            DependencyError: It does not come, or not as it should be.
        """
        part = path.with_name(path.name + PART)
        self._patiently(lambda: self._fetch_more(sha256, part))
        part.replace(path)

    def send(self, path: Path, sha256: str) -> None:
        """Send a file, going on where it stopped.

        Args:
            path: The file.
            sha256: Its digest.

        Raises:
            GoneError: The order is another's now.
            DependencyError: It does not arrive.
        """
        self._patiently(lambda: self._send_more(path, sha256))

    def end(self, ending: Ending) -> None:
        """Tell how the attempt ended.

        Args:
            ending: All of it; its epoch is this link's.

        Raises:
            GoneError: The order is another's now.
            DependencyError: The depot does not answer.
        """
        body = ending.model_copy(update={"epoch": self._epoch}).model_dump_json()
        self._patiently(lambda: self._ask("POST", "end", {}, body.encode("utf-8")))

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return ask()
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() >= deadline:
                    raise DependencyError(
                        f"The batch at {self._host} does not answer: {error}",
                        hint="Its attempts are run elsewhere",
                    ) from error
                time.sleep(PAUSE_SECONDS)

    def _fetch_more(self, sha256: str, part: Path) -> None:
        have = part.stat().st_size if part.is_file() else 0
        with part.open("ab") as stream, self._opened() as connection:
            where = self._path(f"files/{sha256}", {"epoch": self._epoch})
            connection.request("GET", where, headers={"Range": f"bytes={have}-"})
            response = self._checked(connection)
            while block := response.read(BLOCK):
                stream.write(block)
        if sha256_of(part) != sha256:
            part.unlink()
            raise OSError("a file came that is not what was asked for")

    def _send_more(self, path: Path, sha256: str) -> None:
        query: dict[str, Any] = {"epoch": self._epoch}
        have, size = int(self._ask("GET", f"parts/{sha256}", query)["size"]), path.stat().st_size
        if have >= size > 0:
            return
        with path.open("rb") as stream, self._opened() as connection:
            stream.seek(have)
            where = self._path(f"parts/{sha256}", query | {"offset": have})
            headers = {"Content-Length": str(size - have)}
            connection.request("PUT", where, body=stream, headers=headers)
            self._checked(connection).read()

    def _ask(
        self, method: str, verb: str, query: dict[str, Any], body: bytes | None = None
    ) -> dict[str, Any]:
        with self._opened() as connection:
            connection.request(method, self._path(verb, query), body=body)
            answer: dict[str, Any] = json.loads(self._checked(connection).read())
            return answer

    def _checked(self, connection: _Connection) -> http.client.HTTPResponse:
        response = connection.getresponse()
        if response.status == GONE:
            raise GoneError(self._token)
        if response.status not in (FINE, PARTIAL):
            raise OSError(f"the depot answers {response.status}")
        return response

    def _path(self, verb: str, query: dict[str, Any]) -> str:
        return f"/{self._token}/{verb}?{urlencode(query)}"

    def _opened(self) -> _Connection:
        return _Connection(self._host, self._port, timeout=ANSWER_SECONDS, context=self._context)


class _Connection(http.client.HTTPSConnection):
    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *told: object) -> None:
        self.close()
