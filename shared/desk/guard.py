#!/usr/bin/env python3
"""
Guard: what every request to the desk has to pass, before anything of it is looked at.

The name by which the desk is asked (no page reaches it by a name of its own), the cookie, for a
change the page that asks for it, and the size. Health is told to whoever asks from this machine.

Usage:
    from shared.desk.guard import Guard

    app.add_middleware(Guard, keys=Keys(), port=8377)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from shared.desk.keys import Keys
from shared.health.app import LOOPBACK_NAMES

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = ("/health", "/health/live", "/health/ready", "/metrics")
# The subtitles of a long film, with every cue edited, are a tenth of it.
MOST_BYTES = 8 << 20
READING = ("GET", "HEAD")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Refused(Exception):
    """A request is not let in: its status and why, one line."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Guard:
    """Lets requests in, or answers them itself.

    Args:
        app: What answers those that are let in.
        keys: Who may come in.
        port: At which the desk is asked.
    """

    def __init__(self, app: Application, keys: Keys, port: int) -> None:
        self._app = app
        self._keys = keys
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)
        self._cookie = f"cp-desk-{port}"  # cookies know no ports: two desks have two names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI).

        Args:
            scope: What is asked for.
            receive: Gives the body.
            send: Takes the answer.
        """
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                added = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                message["headers"] = [*message["headers"], *(h for h in added if h[0] not in there)]
            await send(message)

        try:
            cookie = self._check(scope)
        except Refused as refused:
            await _answer(send_with_headers, refused.status, str(refused))
            return
        if cookie is not None:
            set_cookie = f"{self._cookie}={cookie}; Path=/; HttpOnly; SameSite=Strict"
            headers = {"location": "/", "set-cookie": set_cookie}
            await _answer(send_with_headers, 303, "", headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _check(self, scope: Scope) -> str | None:
        """Refuse what may not come in; return the cookie of a browser that comes with a ticket."""
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            raise Refused(400, "The desk is not asked by this name")
        is_reading = scope["method"] in READING
        if scope["path"] in OPEN and is_reading:
            return None
        tickets = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [])
        if tickets and scope["method"] == "GET" and scope["path"] == "/":
            cookie = self._keys.admit(tickets[0])
            if cookie is not None:
                return cookie
        if not self._keys.knows(_cookie_of(headers, self._cookie)):
            raise Refused(
                403, "Open the address that the desk shows in its terminal: it opens the desk once"
            )
        _check_origin(headers, f"http://{host}", is_reading)
        if not is_reading:
            _check_size(headers)
        return None


def _cookie_of(headers: dict[str, str], name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _check_origin(headers: dict[str, str], own: str, is_reading: bool) -> None:
    """Refuse what a page of another origin asks for; a change has to say who asks for it."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    goes_there = headers.get("sec-fetch-mode") == "navigate"
    allowed = {None, "same-origin", "none"} if is_reading else {None, "same-origin"}
    if (site not in allowed and not (is_reading and goes_there)) or origin not in {None, own}:
        raise Refused(403, "Another page may not ask the desk")
    if not is_reading and origin is None and site is None:
        raise Refused(403, "Only a page of the desk may change something")


def _check_size(headers: dict[str, str]) -> None:
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise Refused(411, "Say how long it is")
    if len(length) > len(str(MOST_BYTES)) or int(length) > MOST_BYTES:
        raise Refused(413, "That is too much")


async def _answer(
    send: Send, status: int, text: str, headers: dict[str, str] | None = None
) -> None:
    told = {"content-type": "text/plain; charset=utf-8", **(headers or {})}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": text.encode("utf-8")})
