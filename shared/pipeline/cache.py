#!/usr/bin/env python3
"""
Cache: work that any job of this machine has done, found again by what it depended on.

    objects/ab/abcd…      a file's content under its SHA-256
    results/<stage>/<key>.json   the record of a finished stage: what it depended on, what it wrote

A result fits when everything that its record names (inputs, parameters, job fields, code, lock,
models) is the same in the job at hand: the rule by which a stage is kept in its own job. A content
is verified each time it is used, and a damaged one is dropped: the stage then runs.

Files share their blocks with the job where the file system clones (reflinks). Otherwise large
media files are hard links, made read-only, where that protects them; everything that a person may
edit, and everything where the user is root, is a copy: no job's edit reaches another job.

Usage:
    from shared.pipeline.cache import ResultCache

    cache = ResultCache(folder, max_bytes=20 << 30, max_seconds=30 * 86_400)
    record = cache.find("asr", fingerprints, outputs)
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.core.errors import InputError
from shared.core.files import free_name, read_json, sha256_of, write_json
from shared.core.sharing import refuse_links_in, share_file
from shared.pipeline.checkpoint import Checkpoint, OutputFile
from shared.pipeline.fingerprint import Fingerprints
from shared.stage_order import STAGE_ORDER

OBJECTS, RESULTS, DRAFTS, LOCK = "objects", "results", "drafts", ".lock"
# tmdb asks what may have changed since; mux writes as much as the film and takes seconds.
LEFT_OUT = frozenset({"tmdb", "mux"})
DEPENDS = {"inputs", "parameters", "job_fields", "code", "environment", "environment_lock"}
# The jobs come first: the cache never takes the last of a disk.
LEFT_FREE = 1 << 30
READ_ONLY = 0o444
WRITABLE = 0o644


@dataclass(frozen=True)
class Entry:
    """One cached result."""

    path: Path
    record: Checkpoint
    used: float

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return _size(self.record)


@dataclass(frozen=True)
class Pruned:
    """What pruning removed."""

    results: int
    objects: int
    freed: int


class ResultCache:
    """Results of stages by what they depended on, limited in size and age.

    Args:
        folder: Where it lies; made when the first result is stored.
        max_bytes: Bytes of all contents together; 0 = the cache is off.
        max_seconds: Time after which a result that nobody used is dropped.
    """

    def __init__(self, folder: Path, max_bytes: int, max_seconds: float) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    def holds(self, stage: str) -> bool:
        """Return whether results of a stage are cached at all."""
        return self._max_bytes > 0 and stage not in LEFT_OUT

    def find(
        self, stage: str, fingerprints: Fingerprints, outputs: dict[str, OutputFile]
    ) -> Entry | None:
        """Return the newest result of just the work that a job is about to do.

        Args:
            stage: A name in STAGE_ORDER.
            fingerprints: What stages of that job depend on.
            outputs: The job's recorded outputs, as for Fingerprints.changes().
        """
        if not self.holds(stage):
            return None
        fitting = (e for e in self._entries(stage) if fingerprints.matches(e.record, outputs))
        return next(fitting, None)

    def take(self, entry: Entry, target: Path) -> dict[str, OutputFile] | None:
        """Put the files of a result into a folder; None when one is damaged and was dropped.

        Args:
            entry: What find() returned.
            target: An empty folder.

        Raises:
            OSError: The folder cannot be written.
        """
        taken: dict[str, OutputFile] = {}
        with self._locked(fcntl.LOCK_SH):
            for name, output in entry.record.outputs.items():
                content = self._object(output.sha256)
                if not _is_whole(content, output.sha256):
                    _remove(content)
                    entry.path.unlink(missing_ok=True)
                    return None
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if not share_file(content, path):
                    path.chmod(WRITABLE)
                taken[name] = OutputFile.of(path, output.sha256)
            os.utime(entry.path)
        return taken

    def store(self, record: Checkpoint, directory: Path) -> None:
        """Keep the result of a stage.

        Args:
            record: Its checkpoint.
            directory: Where its outputs are.

        Raises:
            OSError: The cache cannot be written; nothing half-written is ever found.
        """
        if not self.holds(record.stage) or _size(record) > self._max_bytes:
            return
        with self._locked(fcntl.LOCK_SH):
            if shutil.disk_usage(self.folder).free < _size(record) + LEFT_FREE:
                raise OSError(errno.ENOSPC, "the disk has too little room for it")
            for name, output in record.outputs.items():
                self._keep(directory / name, output)
            result = self.folder / RESULTS / record.stage / f"{_key(record)}.json"
            draft = self._draft(result.name)
            write_json(draft, record.model_dump(mode="json"))
            _put(draft, result)

    def entries(self) -> list[Entry]:
        """Return every result, of each stage the last used first."""
        return [entry for stage in STAGE_ORDER for entry in self._entries(stage)]

    def prune(self, everything: bool = False) -> Pruned:
        """Drop results that are too old, then the longest unused until all fit, and what is left.

        Args:
            everything: Drop all results.
        """
        if not self.folder.is_dir():
            return Pruned(0, 0, 0)
        with self._locked(fcntl.LOCK_EX):
            oldest = time.time() - self._max_seconds
            kept: set[str] = set()
            total = dropped = 0
            for entry in sorted(self.entries(), key=lambda e: e.used, reverse=True):
                new = {o.sha256: o.size for o in entry.record.outputs.values()}
                more = sum(size for sha256, size in new.items() if sha256 not in kept)
                if everything or entry.used < oldest or total + more > self._max_bytes:
                    entry.path.unlink(missing_ok=True)
                    dropped += 1
                else:
                    kept |= new.keys()
                    total += more
            objects, freed = self._sweep(kept)
        return Pruned(dropped, objects, freed)

    def tidy(self) -> None:
        """Remove what killed runs were writing, unless a run is writing now."""
        if not (self.folder / DRAFTS).is_dir():
            return
        self._refuse_links()
        with (self.folder / LOCK).open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for path in (self.folder / DRAFTS).iterdir():
                _remove(path)

    def verify(self) -> list[str]:
        """Read every content; drop damaged ones with their results; return a line for each."""
        found: list[str] = []
        if not self.folder.is_dir():
            return found
        with self._locked(fcntl.LOCK_EX):
            for path in self._objects():
                if not _is_whole(path, path.name):
                    found.append(f"damaged: {path}")
                    _remove(path)
            records = sorted((self.folder / RESULTS).glob("*/[0-9a-f]*.json"))
            entries = self.entries()  # drops those that cannot be read
            found += [f"damaged: {path}" for path in records if not path.exists()]
            for entry in entries:
                if not all(self._object(o.sha256).exists() for o in entry.record.outputs.values()):
                    found.append(f"incomplete: {entry.record.stage} of {entry.record.job_id}")
                    entry.path.unlink()
        return found

    def size(self) -> int:
        """Return the bytes of all contents."""
        return sum(path.lstat().st_size for path in self._objects())

    def _entries(self, stage: str) -> list[Entry]:
        found = []
        self._refuse_links()
        for path in (self.folder / RESULTS / stage).glob("[0-9a-f]*.json"):
            try:
                record = Checkpoint.model_validate(read_json(path))
                if record.stage == stage and not path.is_symlink():
                    found.append(Entry(path, record, path.stat().st_mtime))
                else:
                    path.unlink(missing_ok=True)
            except (InputError, ValidationError, IsADirectoryError):
                _remove(path)
            except FileNotFoundError:
                continue  # pruned by another run
        return sorted(found, key=lambda entry: entry.used, reverse=True)

    def _objects(self) -> list[Path]:
        return sorted((self.folder / OBJECTS).glob("??/" + "[0-9a-f]" * 64))

    def _object(self, sha256: str) -> Path:
        return self.folder / OBJECTS / sha256[:2] / sha256

    def _keep(self, path: Path, output: OutputFile) -> None:
        content = self._object(output.sha256)
        if _is_own_file(content) and content.stat().st_size == output.size:
            return
        draft = self._draft(output.sha256)
        try:
            share_file(path, draft)
            draft.chmod(READ_ONLY)
            _put(draft, content)
        finally:
            draft.unlink(missing_ok=True)

    def _draft(self, name: str) -> Path:
        folder = self.folder / DRAFTS
        folder.mkdir(parents=True, exist_ok=True)
        return free_name(folder / f"{os.getpid()}-{name}")

    def _sweep(self, kept: set[str]) -> tuple[int, int]:
        """Remove contents that no result names."""
        count = freed = 0
        for path in (self.folder / OBJECTS).glob("??/*"):
            if path.name not in kept:
                freed += path.lstat().st_size
                _remove(path)
                count += 1
        return count, freed

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._refuse_links()
        with (self.folder / LOCK).open("w") as stream:
            fcntl.flock(stream, kind)
            yield

    def _refuse_links(self) -> None:
        """Refuse a cache whose lock or folders lie elsewhere; a linked content is only dropped."""
        refuse_links_in(self.folder, self.folder / OBJECTS, self.folder / RESULTS)


def _put(draft: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(final)


def _remove(path: Path) -> None:
    """Remove what lies in a file's place: the file, a link, or a folder that has no place here."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _key(record: Checkpoint) -> str:
    """Return a digest of all that a result depended on: the same work is kept once."""
    depends = record.model_dump(mode="json", include=DEPENDS)
    text = json.dumps(depends, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _size(record: Checkpoint) -> int:
    return sum(output.size for output in record.outputs.values())


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_whole(path: Path, sha256: str) -> bool:
    return _is_own_file(path) and sha256_of(path) == sha256
