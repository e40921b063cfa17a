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
    from shared.pipeline.cache.cache import ResultCache

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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shared.core.files import write_json
from shared.core.identity import MODEL_MARK
from shared.pipeline.cache.contents import RESULT_NAME, RESULTS, Contents, put, remove
from shared.pipeline.cache.entry import (
    Entry,
    UnreadableRecord,
    describe_result,
    read_entry,
    size_of,
)
from shared.pipeline.cache.index import STRANGER, ResultIndex
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.outputs import JobOutputs
from shared.pipeline.job.record.manifest import Checkpoint
from shared.stage_order import STAGE_ORDER

# mux writes as much as the film and takes seconds.
LEFT_OUT = frozenset({"mux"})
# A stage that reads this asks the film database, whose answer may have changed since.
ASKS_OUTSIDE = "TMDB_BASE_URL"
DEPENDS = {"inputs", "parameters", "job_fields", "code", "environment", "packages"}
# The jobs come first: the cache never takes the last of a disk.
LEFT_FREE = 1 << 30


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
        self._contents = Contents(folder)
        self._index = ResultIndex(folder, describe_result)
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    def holds(self, stage: str) -> bool:
        """Return whether results of a stage are cached at all.

        Args:
            stage: A name in STAGE_ORDER.
        """
        return self._max_bytes > 0 and stage not in LEFT_OUT

    def find(self, stage: str, fingerprints: Fingerprints, outputs: JobOutputs) -> Entry | None:
        """Return the newest result of just the work that a job is about to do.

        Args:
            stage: A name in STAGE_ORDER.
            fingerprints: What stages of that job depend on.
            outputs: What stages of that job have written.
        """
        if not self.holds(stage):
            return None
        return next(self._candidates(stage, fingerprints, outputs, drops=True), None)

    def foresee(self, stage: str, fingerprints: Fingerprints, outputs: JobOutputs) -> Entry | None:
        """Return what find() and take() will give to a run; None where that is not sure.

        Nothing is changed, and nothing dropped: this is for a plan.

        Args:
            stage: A name in STAGE_ORDER.
            fingerprints: What stages of that job depend on.
            outputs: What stages of that job will have written by then.
        """
        if not self.holds(stage):
            return None
        try:
            for entry in self._candidates(stage, fingerprints, outputs, drops=False):
                is_sure = _is_sure(entry.record, outputs)
                return entry if is_sure and self._can_be_taken(entry) else None
        except OSError:
            pass  # then find() or take() fails as well, and the stage runs
        return None

    def take(self, entry: Entry, target: Path) -> dict[str, OutputFile] | None:
        """Put the files of a result into a folder; None when one is damaged and was dropped.

        Args:
            entry: What find() returned.
            target: An empty folder.

        Raises:
            OSError: The folder cannot be written.
        """
        taken: dict[str, OutputFile] = {}
        with self._contents.locked(fcntl.LOCK_SH):
            for name, output in entry.record.outputs.items():
                if not self._contents.is_whole(output.sha256):
                    remove(self._contents.path(output.sha256))
                    entry.path.unlink(missing_ok=True)
                    return None
                path = target / name
                self._contents.give(output.sha256, path)
                taken[name] = OutputFile.of(path, output.sha256)
            os.utime(entry.path)
        return taken

    def store(self, record: Checkpoint, directory: Path) -> None:
        """Keep the result of a stage, unless it was made without something that was asked for.

        Args:
            record: Its checkpoint.
            directory: Where its outputs are.

        Raises:
            OSError: The cache cannot be written; nothing half-written is ever found.
        """
        if not self.holds(record.stage) or ASKS_OUTSIDE in record.parameters or record.outages:
            return
        lesser = record.rungs or record.drifted or record.lacks or record.missing
        if lesser or record.unplaced or not record.is_told:
            return  # less than what was asked for, or not known whole: no equal of other results
        if size_of(record) > self._max_bytes:
            return
        with self._contents.locked(fcntl.LOCK_SH):
            if shutil.disk_usage(self.folder).free < size_of(record) + LEFT_FREE:
                raise OSError(errno.ENOSPC, "the disk has too little room for it")
            for name, output in record.outputs.items():
                self._contents.keep(directory / name, output)
            result = self.folder / RESULTS / record.stage / f"{_key(record)}.json"
            draft = self._contents.draft(result.name)
            write_json(draft, record.model_dump(mode="json"))
            put(draft, result)

    def entries(self) -> list[Entry]:
        """Return every result, of each stage the last used first."""
        return [entry for stage in STAGE_ORDER for entry in self._entries(stage)]

    def prune(self, everything: bool = False) -> Pruned:
        """Drop results that are too old, then the longest unused until all fit, and what is left.

        Args:
            everything: Drop all results.

        Returns:
            How much was removed.
        """
        if not self.folder.is_dir():
            return Pruned(0, 0, 0)
        with self._contents.locked(fcntl.LOCK_EX):
            oldest = time.time() - self._max_seconds
            found = sorted(self._index.all_results(), key=lambda kept: kept.used, reverse=True)
            # What results of other versions of this program need is not ours to drop.
            kept = {sha256 for one in found if one.kind == STRANGER for sha256 in one.contents}
            total = dropped = 0
            for one in found:
                if one.kind == STRANGER:
                    continue
                more = sum(size for sha256, size in one.contents.items() if sha256 not in kept)
                if everything or one.used < oldest or total + more > self._max_bytes:
                    one.path.unlink(missing_ok=True)
                    dropped += 1
                else:
                    kept |= one.contents.keys()
                    total += more
            objects, freed = self._contents.drop_all_but(kept)
        return Pruned(dropped, objects, freed)

    def tidy(self) -> None:
        """Remove what killed runs were writing, unless a run is writing now."""
        self._contents.drop_drafts()

    def verify(self) -> list[str]:
        """Read every content; drop damaged ones with their results; return a line for each."""
        found: list[str] = []
        if not self.folder.is_dir():
            return found
        with self._contents.locked(fcntl.LOCK_EX):
            for path in self._contents.paths():
                if not self._contents.is_whole(path.name):
                    found.append(f"damaged: {path}")
                    remove(path)
            records = [path for stage in STAGE_ORDER for path in self._records(stage)]
            entries = self.entries()  # drops those that cannot be read
            found += [f"damaged: {path}" for path in records if not path.exists()]
            for entry in entries:
                digests = [output.sha256 for output in entry.record.outputs.values()]
                if not all(self._contents.path(sha256).exists() for sha256 in digests):
                    found.append(f"incomplete: {entry.record.stage} of {entry.record.job_id}")
                    entry.path.unlink(missing_ok=True)
        return found

    def size(self) -> int:
        """Return the bytes of all contents."""
        return sum(self._contents.sizes())

    def _entries(self, stage: str) -> list[Entry]:
        """Return the results of a stage, the last used first; drop what is none."""
        self._contents.check()
        read = (self._read(path) for path in self._records(stage))
        found = [entry for entry in read if entry is not None]
        return sorted(found, key=lambda entry: entry.used, reverse=True)

    def _read(self, path: Path, drops: bool = True) -> Entry | None:
        """Return a result; None where it is none of ours, which is dropped, or is gone."""
        try:
            return read_entry(path)
        except UnreadableRecord:
            if drops:
                remove(path)
            return None

    def _records(self, stage: str) -> list[Path]:
        """Return the files of a stage's results, by the form of their names."""
        found = (self.folder / RESULTS / stage).glob("*.json")
        return sorted(path for path in found if RESULT_NAME.fullmatch(path.name))

    def _candidates(
        self, stage: str, fingerprints: Fingerprints, outputs: JobOutputs, drops: bool
    ) -> Iterator[Entry]:
        """Yield the results whose inputs are those of a job, the last used first."""
        self._contents.check()
        key_now = partial(fingerprints.inputs_key, outputs=outputs)
        for path in self._index.candidates(stage, key_now, writes=drops):
            entry = self._read(path, drops)
            if entry is not None and fingerprints.matches(entry.record, outputs):
                yield entry

    def _can_be_taken(self, entry: Entry) -> bool:
        if not (self._contents.may_lock() and os.access(entry.path, os.W_OK)):
            return False
        return all(self._contents.is_whole(o.sha256) for o in entry.record.outputs.values())


def _key(record: Checkpoint) -> str:
    """Return a digest of all that a result depended on: the same work is kept once."""
    depends = record.model_dump(mode="json", include=DEPENDS)
    depends["programs"] = {name: one.version for name, one in record.programs.items()}
    depends["film"] = record.film.sha256 if record.film is not None else None
    text = json.dumps(depends, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _is_sure(record: Checkpoint, outputs: JobOutputs) -> bool:
    """Return whether nothing that comes before its stage can change what a result depends on.

    A stage may have to run first, or a model that was not there be fetched.
    """
    lacks_model = any(
        name.startswith(MODEL_MARK) and digest is None for name, digest in record.inputs.items()
    )
    return not lacks_model and outputs.open_stage(record.inputs) is None
