#!/usr/bin/env python3
"""
Index: the results of a cache by what they were made from, so that one is found among thousands.

The records are the truth, the index (SQLite, in the cache's folder) is made from them: each use
compares it with the folder's listing and reads what is new there, whoever wrote it. One that is
lost or damaged is made anew; one that cannot be written, as by a plan, is completed in memory.

Usage:
    from shared.pipeline.cache.index import ResultIndex

    index = ResultIndex(folder, describe)
    index.candidates("asr", key_now, writes=True)
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from shared.pipeline.cache.contents import RESULTS
from shared.stage_order import STAGE_ORDER

# Recorded names hold the numbers of the stages: an index of another order is another one.
ORDER = hashlib.sha256(" ".join(STAGE_ORDER).encode("ascii")).hexdigest()[:12]
INDEX = f"index-{ORDER}.sqlite"
WAIT_SECONDS = 5.0
TABLE = """
CREATE TABLE IF NOT EXISTS results (
    stage TEXT, name TEXT, inode INTEGER, size INTEGER, kind TEXT, shape TEXT, key TEXT,
    contents TEXT, PRIMARY KEY (stage, name)
)"""
LOOKUP = "CREATE INDEX IF NOT EXISTS lookup ON results (stage, shape, key)"
DAMAGED = (sqlite3.DatabaseError, ValueError)  # as a database, or as what we wrote into it
OURS, STRANGER, NONE = "ours", "stranger", "none"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Described:
    """What the index holds of a record: whose it is, what it depends on, the contents it names.

    `shape`: the names of the inputs; `key`: a digest of what they were; `contents`: bytes by
    digest, 0 where they are not known.
    """

    kind: str
    shape: tuple[str, ...] = ()
    key: str = ""
    contents: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Kept:
    """A result of the cache: its record, when it was last used, the contents that it needs."""

    path: Path
    used: float
    kind: str
    contents: dict[str, int]


class ResultIndex:
    """The index of one cache.

    Args:
        folder: The cache.
        describe: Reads a record; None for a file that is gone.
    """

    def __init__(self, folder: Path, describe: Callable[[Path], Described | None]) -> None:
        self._results = folder / RESULTS
        self._path = folder / INDEX
        self._describe = describe

    def candidates(
        self, stage: str, key_now: Callable[[Sequence[str]], str | None], writes: bool
    ) -> list[Path]:
        """Return the results of a stage whose inputs are those of now, the last used first.

        Args:
            stage: A name in STAGE_ORDER.
            key_now: Returns inputs_key() of the named inputs as they are; None where one is open.
            writes: Whether the index may be written.
        """

        def work(connection: sqlite3.Connection) -> list[Path]:
            listed = self._bring_up_to_date(connection, stage)
            found: list[str] = []
            asked = "SELECT DISTINCT shape FROM results WHERE stage = ? AND kind = ?"
            for (shape,) in connection.execute(asked, (stage, OURS)).fetchall():
                key = key_now(json.loads(shape))
                chosen = "SELECT name FROM results WHERE stage = ? AND shape = ? AND key = ?"
                found += [name for (name,) in connection.execute(chosen, (stage, shape, key))]
            newest = sorted(found, key=lambda name: listed[name].st_mtime_ns, reverse=True)
            return [self._results / stage / name for name in newest]

        return self._do(work, writes)

    def all_results(self) -> list[Kept]:
        """Return every result, those of other versions of this program too.

        Raises:
            OSError: A record cannot be read now: what it needs is not known.
        """

        def work(connection: sqlite3.Connection) -> list[Kept]:
            return [kept for stage in self._stages() for kept in self._of(connection, stage)]

        return self._do(work, writes=True)

    def _of(self, connection: sqlite3.Connection, stage: str) -> Iterator[Kept]:
        listed = self._bring_up_to_date(connection, stage, passes_over=False)
        asked = "SELECT name, kind, contents FROM results WHERE stage = ? AND kind != ?"
        for name, kind, contents in connection.execute(asked, (stage, NONE)):
            path = self._results / stage / name
            yield Kept(path, listed[name].st_mtime, kind, json.loads(contents))

    def _bring_up_to_date(
        self, connection: sqlite3.Connection, stage: str, passes_over: bool = True
    ) -> dict[str, os.stat_result]:
        """Make the index of a stage what its folder says; return the listing.

        A record that cannot be read now is passed over, or the error is raised; it is read again
        the next time.
        """
        listed = dict(_listing(self._results / stage))
        asked = connection.execute(
            "SELECT name, inode, size FROM results WHERE stage = ?", (stage,)
        )
        known = {name: (inode, size) for name, inode, size in asked}
        gone = [(stage, name) for name in known.keys() - listed.keys()]
        if gone:
            connection.executemany("DELETE FROM results WHERE stage = ? AND name = ?", gone)
        for name, status in list(listed.items()):
            state = (status.st_ino, status.st_size)
            if known.get(name) == state:
                continue
            described = self._described(self._results / stage / name, passes_over)
            if described is None:
                connection.execute(
                    "DELETE FROM results WHERE stage = ? AND name = ?", (stage, name)
                )
                del listed[name]
                continue
            shape = json.dumps(described.shape)
            contents = json.dumps(dict(described.contents or {}))
            row = (stage, name, *state, described.kind, shape, described.key, contents)
            connection.execute("INSERT OR REPLACE INTO results VALUES (?,?,?,?,?,?,?,?)", row)
        return listed

    def _described(self, path: Path, passes_over: bool) -> Described | None:
        try:
            return self._describe(path)
        except OSError:
            if not passes_over:
                raise
            return None

    def _stages(self) -> list[str]:
        with suppress(FileNotFoundError):
            return sorted(path.name for path in self._results.iterdir() if path.is_dir())
        return []

    def _do(self, work: Callable[[sqlite3.Connection], Answer], writes: bool) -> Answer:
        """Do something with the index; in memory where its file will not have it."""
        if writes and self._results.is_dir() and not self._path.is_symlink():
            for _ in range(2):
                try:
                    return _within(sqlite3.connect(self._path, timeout=WAIT_SECONDS), work)
                except sqlite3.OperationalError:
                    break  # another program has it for long, or it is not ours to write
                except DAMAGED:
                    self._remove()  # it is made anew
        try:
            return _within(self._copy(), work)
        except DAMAGED:
            return _within(sqlite3.connect(":memory:"), work)

    def _copy(self) -> sqlite3.Connection:
        """Return a copy of the index in memory, empty where it cannot be read."""
        copy = sqlite3.connect(":memory:")
        if self._path.is_file() and not self._path.is_symlink():
            try:
                address = f"file:{quote(str(self._path))}?mode=ro"
                with closing(sqlite3.connect(address, uri=True)) as own:
                    own.backup(copy)
            except sqlite3.Error:
                copy.close()
                return sqlite3.connect(":memory:")
        return copy

    def _remove(self) -> None:
        for path in (Path(f"{self._path}-journal"), self._path):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _within(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
    with closing(connection), connection:
        connection.execute(TABLE)
        connection.execute(LOOKUP)
        return work(connection)


def _listing(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield name and state of each record in a folder; links are none."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.name.endswith(".json") and entry.is_file(follow_symlinks=False):
                    yield entry.name, entry.stat(follow_symlinks=False)
