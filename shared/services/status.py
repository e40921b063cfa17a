#!/usr/bin/env python3
"""
Status: what the HTTP status of a service's refusal means, the same for every service.

Usage:
    from shared.services.status import may_pass, said_by

    may_pass(429)                     # True: asking later may help
    said_by("The model hub", 429)     # 'The model hub asks to come back later (HTTP 429)'
"""

from __future__ import annotations

from http import HTTPStatus

SERVER_FAULTS = range(500, 600)
# Of the others: too early, a conflict, too many; the request took too long (RFC 9110, RFC 6585).
PASSING = frozenset({408, 409, 425, 429})
# Servers' faults that stay: the way of asking is not known to it, a login of a network is wanted.
LASTING = frozenset({501, 505, 510, 511})

SAID = {
    401: "does not accept the key",
    402: "wants to be paid",
    403: "refuses",
    404: "has nothing there",
    405: "is another one than was expected",
    407: "is behind a proxy that wants a login",
    410: "has nothing there any more",
    413: "finds the request too long",
    429: "asks to come back later",
    451: "may not answer from here",
    502: "is not reached by its own gateway",
    503: "is overloaded or being repaired",
    504: "does not answer its own gateway",
    507: "has no room left",
    511: "is behind a network that wants a login",
    529: "is overloaded",
}


def may_pass(status: int) -> bool:
    """Return whether asking again later may help.

    Args:
        status: HTTP status.
    """
    return status in PASSING or (status in SERVER_FAULTS and status not in LASTING)


def said_by(service: str, status: int) -> str:
    """Return in one line what a service said.

    Args:
        service: Its name for people, as a sentence begins.
        status: HTTP status.
    """
    if status in SAID:
        return f"{service} {SAID[status]} (HTTP {status})"
    if 300 <= status < 400:
        return f"{service} sends us to another address (HTTP {status})"
    if status in SERVER_FAULTS:
        return f"{service} failed (HTTP {status})"
    known = status in {one.value for one in HTTPStatus}
    phrase = f"{HTTPStatus(status).phrase}, " if known else ""
    return f"{service} refused the request ({phrase}HTTP {status})"
