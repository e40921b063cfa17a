#!/usr/bin/env python3
"""
Ledger: what the batches of a machine hold of its slots, so that two count each other.

Each batch has a note in OUTPUT_ROOT/.slots for as long as it lives: what it holds, and what it
waits for. A note counts while its batch holds the lock of it: who is killed holds nothing. What a
batch waits for is kept for it: nobody who came later takes that, so that large needs have a turn.

Usage:
    from shared.pipeline.batch.ledger import Ledger

    ledger = Ledger(output_root)
    told = ledger.take(slot, 500, since)    # '' where it is taken
    ledger.give_back(slot, 500)
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.core.files import lock_within
from shared.pipeline.batch.executor import Slot
from shared.pipeline.job.lifeline import close_own, keep_own
from shared.pipeline.plan.space import DRAFT_SUFFIX, FLAGS, NOTE_SUFFIX, open_readable, turn

FOLDER = ".slots"
MOST_BYTES = 1 << 16


class Ledger:
    """This batch's page, and those of the others; asked under one lock of the caller.

    Where no note can be written, others are counted and do not count this batch.

    Args:
        root: Where the jobs of all films lie; batches that share it see each other.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._held: Counter[str] = Counter()
        self._wants: dict[str, tuple[int, float]] = {}
        self._path = self._folder / f"{secrets.token_hex(8)}{NOTE_SUFFIX}"
        self._descriptor = self._made()

    def take(self, slot: Slot, units: int, since: float) -> str:
        """Take some of a slot; return who else has too much of it, '' where it is taken.

        Args:
            slot: Of this machine.
            units: How much of it.
            since: When it was wanted first, seconds since the epoch.
        """
        name = _name(slot)
        with turn(self._folder):
            left, holders = slot.units - self._held[name], []
            for note in self._others():
                taken = int(note["held"].get(name, 0))
                wanted, asked = note["wants"].get(name, (0, since))
                taken += int(wanted) if float(asked) < since else 0
                if taken:
                    left -= taken
                    holders.append(int(note["pid"]))
            if left >= units:
                self._held[name] += units
                self._wants.pop(name, None)
                self._write()
                return ""
            if not holders:
                return "what this batch itself runs"
            if self._wants.get(name) != (units, since):
                self._wants[name] = units, since
                self._write()
        pids = ", ".join(map(str, sorted(holders)))
        return f"another batch is at work on this machine (process {pids})"

    def give_back(self, slot: Slot, units: int) -> None:
        """Give back what was taken.

        Args:
            slot: As it was taken.
            units: How much of it.
        """
        with turn(self._folder):
            self._held[_name(slot)] -= units
            self._write()

    def want_nothing(self) -> None:
        """Wait for nothing any more."""
        if self._wants:
            with turn(self._folder):
                self._wants.clear()
                self._write()

    def close(self) -> None:
        """Take the note away."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            close_own(self._descriptor)
            self._descriptor = None

    def _made(self) -> int | None:
        """Return the descriptor that holds this batch's note; None where there is none."""
        # Whoever finds a note that nobody holds removes it: it gets its name when it is held.
        draft = self._path.with_suffix(DRAFT_SUFFIX)
        with turn(self._folder), suppress(OSError):
            descriptor = keep_own(open_readable(draft, os.O_EXCL))
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.pwrite(descriptor, self._text(), 0)
            draft.rename(self._path)
            return descriptor
        return None

    def _write(self) -> None:
        if self._descriptor is not None:
            text = self._text()
            with suppress(OSError):  # a full disk
                os.pwrite(self._descriptor, text, 0)
                os.ftruncate(self._descriptor, len(text))

    def _text(self) -> bytes:
        note = {"host": platform.node(), "pid": os.getpid()}
        return json.dumps(note | {"held": self._held, "wants": self._wants}).encode()

    def _others(self) -> Iterator[dict[str, Any]]:
        """Yield the notes of the other batches of this machine that live."""
        for path in self._folder.glob("*" + NOTE_SUFFIX):
            if path != self._path:
                with suppress(OSError, ValueError, KeyError, TypeError):
                    note = _living(path)
                    if note is not None and note["host"] == platform.node():
                        yield {**note, "held": dict(note["held"]), "wants": dict(note["wants"])}


def _living(path: Path) -> dict[str, Any] | None:
    descriptor = os.open(path, FLAGS | os.O_RDONLY)
    try:
        if lock_within(descriptor, fcntl.LOCK_EX, 0.0):
            path.unlink(missing_ok=True)
            return None
        note: dict[str, Any] = json.loads(os.pread(descriptor, MOST_BYTES, 0))
        return note
    finally:
        os.close(descriptor)


def _name(slot: Slot) -> str:
    """Return what a slot is called by every batch: a GPU by its own number."""
    return "gpu " + slot.variables[0][1] if slot.variables else slot.name
