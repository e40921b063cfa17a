#!/usr/bin/env python3
"""
Redact: secrets are taken out of whatever is written, in every form in which they may appear.

Usage:
    from shared.core.redact import Redactor

    Redactor(secret_values()).text(message)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "[secret]"
# What the libraries for HTTP leave as it is when they write an address.
LEFT_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"
# A shorter one would be found in ordinary words.
SHORTEST = 4


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
        return text

    def whole(self, data: bytes) -> bytes:
        """Return bytes without the secrets.

        Args:
            data: Bytes that end where a message ends.
        """
        for form in self._encoded:
            data = data.replace(form, HIDDEN.encode("ascii"))
        return data

    def feed(self, block: bytes) -> bytes:
        """Return the next part of a stream without the secrets, also those cut by a block's end.

        Args:
            block: What came; b"" = the stream has ended, and what was held back is returned.
        """
        data = self.whole(self._held + block)
        held = self._tail(data) if block else 0
        self._held = data[len(data) - held :]
        return data[: len(data) - held]

    def _tail(self, data: bytes) -> int:
        """Return how many bytes at the end may be the beginning of a secret."""
        longest = max(map(len, self._encoded), default=1) - 1
        for size in range(min(longest, len(data)), 0, -1):
            end = data[-size:]
            if any(form.startswith(end) for form in self._encoded):
                return size
        return 0


def _escaped(secret: str) -> str:
    """Return a secret as it stands in JSON."""
    return json.dumps(secret)[1:-1]
