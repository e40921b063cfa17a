#!/usr/bin/env python3
"""
Redact: secrets are taken out of whatever is written, in every form in which they may appear.

What stands in an address before the host, or after it under a name such as token or key, is a
secret, whoever wrote the address. Standard library only: bootstrap uses this.

Usage:
    from shared.core.redact import Redactor, mask_addresses

    Redactor(secret_values()).text(message)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "[secret]"
# What the libraries for HTTP leave as it is when they write an address.
LEFT_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"
# A shorter one would be found in ordinary words.
SHORTEST = 4
# https://user:password@host, where the password may hold an @.
LOGIN = re.compile(r"(?P<before>://)(?P<secret>[^/?#\s\"'\\<>]+)(?=@)")
SECRET_NAME = "token|key|secret|passw|pwd|auth|sig|credential"
QUERY = re.compile(
    rf"(?P<before>[?&;#](?:[\w.%-]*(?:{SECRET_NAME})[\w.%-]*)=)(?P<secret>[^&;#\s\"'\\<>]+)",
    re.IGNORECASE,
)
IN_ADDRESSES = (LOGIN, QUERY)
# An address that may go on in the next block of a stream.
LONGEST_ADDRESS = 4096
BEGUN_ADDRESS = re.compile(rb":(?:/(?:/[^\s\"'\\<>]*)?)?$")


def mask_addresses(text: str) -> str:
    """Return text without what is secret in the addresses that it holds.

    Args:
        text: Any text.
    """
    if "://" not in text:
        return text
    for pattern in IN_ADDRESSES:
        text = pattern.sub(rf"\g<before>{HIDDEN}", text)
    return text


def secrets_in_addresses(text: str) -> set[str]:
    """Return what is secret in the addresses that a text holds, as written and as meant.

    Args:
        text: For example the value of a setting.
    """
    if "://" not in text:
        return set()
    found = {match["secret"] for match in QUERY.finditer(text)}
    for match in LOGIN.finditer(text):
        user, colon, password = match["secret"].partition(":")
        found.add(password if colon and password else user)
    return found | {unquote(secret) for secret in found}


class Redactor:
    """Replaces secrets in text and in streams of bytes.

    Args:
        secrets: The values to hide.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {
            form
            for secret in secrets
            if len(secret) >= SHORTEST
            for form in (
                *(secret, quote_plus(secret), _escaped(secret)),
                *(quote(secret, safe=safe) for safe in ("", LEFT_IN_ADDRESSES)),
            )
        }
        self._forms = sorted(forms, key=len, reverse=True)
        self._encoded = [form.encode("utf-8", "surrogateescape") for form in self._forms]
        self._held = b""

    def text(self, text: str) -> str:
        """Return text without the secrets.

        Args:
            text: Any text.
        """
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return mask_addresses(text)

    def whole(self, data: bytes) -> bytes:
        """Return bytes without the secrets.

        Args:
            data: Bytes that end where a message ends.
        """
        for form in self._encoded:
            data = data.replace(form, HIDDEN.encode("ascii"))
        if b"://" in data:
            text = data.decode("utf-8", "surrogateescape")
            data = mask_addresses(text).encode("utf-8", "surrogateescape")
        return data

    def feed(self, block: bytes) -> bytes:
        """Return the next part of a stream without the secrets, also those cut by a block's end.

        Of an address longer than LONGEST_ADDRESS that a block's end cuts, what names its parts may
        have gone out before: known secrets are found in it, others are not.

        Args:
            block: What came; b"" = the stream has ended, and what was held back is returned.
        """
        data = self.whole(self._held + block)
        held = self._tail(data) if block else 0
        self._held = data[len(data) - held :]
        return data[: len(data) - held]

    def _tail(self, data: bytes) -> int:
        """Return how many bytes at the end may be the beginning of a secret, or hold one."""
        if begun := BEGUN_ADDRESS.search(data[-LONGEST_ADDRESS:]):
            return len(begun[0])
        longest = max(map(len, self._encoded), default=1) - 1
        for size in range(min(longest, len(data)), 0, -1):
            end = data[-size:]
            if any(form.startswith(end) for form in self._encoded):
                return size
        return 0


def _escaped(secret: str) -> str:
    """Return a secret as it stands in JSON."""
    return json.dumps(secret)[1:-1]
