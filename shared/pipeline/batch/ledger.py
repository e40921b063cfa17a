#!/usr/bin/env python3
"""
Ledger: what the batches of a machine hold of its slots, so that two count each other.

Each batch has a note for as long as it lives: what it holds, and what it waits for. It lies in the
user's own state folder, for all batches of one user, and in OUTPUT_ROOT/.slots, for those of other
users who share that. A note counts while its batch holds the lock of it: who is killed holds
nothing. What a batch waits for is kept for it: nobody who came later takes that, so that large
needs have a turn.

Usage:
    from shared.pipeline.batch.ledger import Ledger, ledger_folders

    ledger = Ledger(*ledger_folders(output_root))
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
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from shared.core.configuration.place import state_folder
from shared.core.files import lock_within
from shared.pipeline.batch.executor import Slot
from shared.pipeline.job.lifeline import close_own, keep_own
from shared.pipeline.plan.space import DRAFT_SUFFIX, FLAGS, NOTE_SUFFIX, open_readable, turn

FOLDER = ".slots"
USERS_FOLDER = "slots"
MOST_BYTES = 1 << 16


def ledger_folders(output_root: Path) -> list[Path]:
    """Return where a batch of this user notes what it holds.

    Args:
        output_root: Where its jobs lie: the only place of a user without a home.
    """
    state = state_folder()
    if state is None:
        return [output_root / FOLDER]
    with suppress(OSError):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [state / USERS_FOLDER, output_root / FOLDER]


class Ledger:
    """This batch's page, and those of the others; asked under one lock of the caller.

    Where no note can be written, others are counted and do not count this batch.

    Args:
        folders: Of the notes; batches that share one see each other. Two batches that share several
            name them in the same order.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._held: Counter[str] = Counter()
        self._wants: dict[str, tuple[int, float]] = {}
        self._name = f"{secrets.token_hex(8)}{NOTE_SUFFIX}"
        self._notes: dict[Path, int] = {}
        for folder in folders:
            self._make(folder)

    def take(self, slot: Slot, units: int, since: float) -> str:
        """Take some of a slot; return who else has too much of it, '' where it is taken.

        Args:
            slot: Of this machine.
            units: How much of it.
            since: When it was wanted first, seconds since the epoch.
        """
        name = _name(slot)
        with self._turn():
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
        with self._turn():
            self._held[_name(slot)] -= units
            self._write()

    def want_nothing(self) -> None:
        """Wait for nothing any more."""
        if self._wants:
            with self._turn():
                self._wants.clear()
                self._write()

    def close(self) -> None:
        """Take the notes away."""
        for path, descriptor in self._notes.items():
            path.unlink(missing_ok=True)
            close_own(descriptor)
        self._notes = {}

    def _make(self, folder: Path) -> None:
        """Make this batch's note in a folder, and hold it."""
        # Whoever finds a note that nobody holds removes it: it gets its name when it is held.
        path = folder / self._name
        draft = path.with_suffix(DRAFT_SUFFIX)
        with turn(folder), suppress(OSError):
            descriptor = keep_own(open_readable(draft, os.O_EXCL))
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.pwrite(descriptor, self._text(), 0)
            draft.rename(path)
            self._notes[path] = descriptor

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Look and note alone, in all folders."""
        with ExitStack() as turns:
            for folder in self._folders:
                turns.enter_context(turn(folder))
            yield

    def _write(self) -> None:
        text = self._text()
        for descriptor in self._notes.values():
            with suppress(OSError):  # a full disk
                os.pwrite(descriptor, text, 0)
                os.ftruncate(descriptor, len(text))

    def _text(self) -> bytes:
        note = {"host": platform.node(), "pid": os.getpid()}
        return json.dumps(note | {"held": self._held, "wants": self._wants}).encode()

    def _others(self) -> Iterator[dict[str, Any]]:
        """Yield the notes of the other batches of this machine that live."""
        seen = {self._name}
        for path in (path for one in self._folders for path in one.glob("*" + NOTE_SUFFIX)):
            with suppress(OSError, ValueError, KeyError, TypeError):
                note = None if path.name in seen else _living(path)
                if note is not None and note["host"] == platform.node():
                    yield {**note, "held": dict(note["held"]), "wants": dict(note["wants"])}
                    seen.add(path.name)


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
