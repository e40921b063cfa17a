#!/usr/bin/env python3
"""
Keys: who may use a desk. A ticket in an address opens it once, then a cookie does.

An address stands in the history of a browser and in the list of processes; a ticket that has been
used is of no use to whoever reads it there.

Usage:
    from shared.desk.keys import Keys

    keys = Keys()
    cookie = keys.admit(ticket)      # None where the ticket is not the current one
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable

KEY_BYTES = 32
# Browsers that one desk serves; the one that came first is forgotten when there are more.
MOST_BROWSERS = 50


class Keys:
    """The ticket and the cookies of one desk; they live as long as its process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._ticket = secrets.token_urlsafe(KEY_BYTES)
        self._cookies: list[str] = []
        self.told: Callable[[str], None] = lambda ticket: None

    @property
    def ticket(self) -> str:
        """What opens the desk once."""
        return self._ticket

    def admit(self, ticket: str) -> str | None:
        """Take a ticket; return the cookie of the browser that brought it, None for a wrong one.

        The next ticket is told to whoever waits for it (`told`).

        Args:
            ticket: As it came.
        """
        with self._turn:
            if not _same(ticket, self._ticket):
                return None
            self._ticket = secrets.token_urlsafe(KEY_BYTES)
            cookie = secrets.token_urlsafe(KEY_BYTES)
            self._cookies = [*self._cookies, cookie][-MOST_BROWSERS:]
        self.told(self._ticket)
        return cookie

    def knows(self, cookie: str) -> bool:
        """Return whether a cookie is of a browser that was admitted.

        Args:
            cookie: As it came.
        """
        return any([_same(cookie, one) for one in self._cookies])


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode("ascii"))
