#!/usr/bin/env python3
"""
Seal: tells what this user said on a command line from what a handed-over job says.

A seal is a keyed digest (HMAC-SHA-256) of one setting. Its key lies in the user's own state folder,
is made when it is first needed, and never leaves it. A job that was prepared by another user, on
another machine or by hand has no seal that holds here.

Usage:
    from shared.core.configuration.seal import is_sealed, seal

    job.sealed = seal({"DEMUCS_REPO": "/srv/demucs"})
    is_sealed("DEMUCS_REPO", "/srv/demucs", job.sealed)
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shared.core.configuration.place import state_folder

KEY_NAME = "job.key"
KEY_BYTES = 32


def seal(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the seal of each value.

    Args:
        values: Key to value.

    Returns:
        Key to seal; nothing where this user has no folder to keep a key in.
    """
    secret = (_read_key() or _make_key()) if values else None
    return {key: _digest(secret, key, value) for key, value in values.items()} if secret else {}


def is_sealed(key: str, value: Any, sealed: Mapping[str, str]) -> bool:
    """Return whether this user gave this value to this key, here.

    Args:
        key: A configuration key.
        value: As job.json holds it.
        sealed: Key to seal.
    """
    if not isinstance(sealed.get(key), str):
        return False
    secret = _read_key()
    return bool(secret) and hmac.compare_digest(
        _digest(secret or b"", key, value).encode(), sealed[key].encode("utf-8", "replace")
    )


def _digest(secret: bytes, key: str, value: Any) -> str:
    return hmac.digest(secret, json.dumps([key, value]).encode(), "sha256").hex()


def _read_key() -> bytes | None:
    """Return the key, None without one, or with one that somebody else may have put there."""
    folder = state_folder()
    if folder is None:
        return None
    try:
        descriptor = os.open(folder / KEY_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        others = stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or others:
            return None
        secret = stream.read(KEY_BYTES)
    return secret if len(secret) == KEY_BYTES else None


def _make_key() -> bytes | None:
    """Make the key; of two that do so at once, both get the first one's."""
    folder = state_folder()
    if folder is None:
        return None
    draft = folder / f".{KEY_NAME}.{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(draft, folder / KEY_NAME)
    except OSError:
        return None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return _read_key()
