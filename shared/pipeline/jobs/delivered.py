#!/usr/bin/env python3
"""
Delivered: which files outside of the jobs are ours, as the jobs of a film recorded it.

A record names each place with the digest of what was put there, under this user's seal. It is
written before a file is placed, so that who is killed in between knows it for ours again.

Usage:
    from shared.pipeline.jobs.delivered import DeliveryRecord

    record = DeliveryRecord(job_dir, job)
    record.announce(target, digest)     # then place it
    record.confirm(target, digest)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from shared.core.configuration.seal import is_sealed, seal
from shared.core.files import matching, read_record, sha256_of, write_json
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.job import JOB_FILE, Job
from shared.pipeline.jobs.listing import PLACES

RECORD = "delivered.json"
NEXT = "next"


class DeliveryRecord:
    """What this and other jobs of the same film delivered, and were about to deliver.

    Args:
        job_dir: The job directory.
        job: Its job.
    """

    def __init__(self, job_dir: Path, job: Job) -> None:
        self._job_dir = job_dir
        self._film = job.media.path

    def announce(self, target: Path, digest: str) -> None:
        """Record what is about to be placed, beside what was placed before.

        Args:
            target: The place.
            digest: SHA-256 of the file.

        Raises:
            OSError: The record cannot be written.
        """
        self._write(target, {**self._own(target), NEXT: _facts(target, digest)})

    def withdraw(self, target: Path) -> None:
        """Take an announcement back: the file was not placed.

        Args:
            target: The place.

        Raises:
            OSError: The record cannot be written.
        """
        self._write(target, {key: one for key, one in self._own(target).items() if key != NEXT})

    def confirm(self, target: Path, digest: str) -> None:
        """Record what was placed.

        Args:
            target: The place.
            digest: SHA-256 of the file.

        Raises:
            OSError: The record cannot be written.
        """
        self._write(target, _facts(target, digest))

    def is_ours(self, target: Path) -> bool:
        """Return whether a file is what this user delivered there, unchanged since.

        Args:
            target: Any path.
        """
        digests = set(self._sealed(target))
        if not digests or target.is_symlink() or not target.is_file():
            return False
        try:
            # A name taken for a file that was about to come; nobody loses what is empty.
            is_name_alone = bool(self._own(target).get(NEXT)) and not target.stat().st_size
            return is_name_alone or sha256_of(target) in digests
        except (FileNotFoundError, PermissionError):
            return False

    def _sealed(self, target: Path) -> Iterator[str]:
        """Yield the digests that this user's seal stands under."""
        for record in (*self._others, _read(self._job_dir)):
            facts = record.get(str(target), {})
            for one in (facts, facts.get(NEXT)):
                digest, sealed = (one.get(key) for key in ("sha256", "seal")) if one else ("", "")
                if isinstance(sealed, dict) and is_sealed(str(target), digest, sealed):
                    yield str(digest)

    @cached_property
    def _others(self) -> list[Mapping[str, Mapping[str, Any]]]:
        """The records of other jobs of the film: the latest to deliver may be any of them."""
        found: list[Mapping[str, Mapping[str, Any]]] = []
        parents = self._job_dir.parents
        for other in matching(parents[4], PLACES) if len(parents) > 4 else ():
            media = (read_record(other / JOB_FILE) or {}).get("media")
            if isinstance(media, dict) and media.get("path") == self._film:
                found.append(_read(other))
        return found

    def _own(self, target: Path) -> Mapping[str, Any]:
        return _read(self._job_dir).get(str(target), {})

    def _write(self, target: Path, facts: Mapping[str, Any]) -> None:
        record = {**_read(self._job_dir), str(target): facts}
        path = self._job_dir / CHECKPOINT_DIR / RECORD
        write_json(path, {place: one for place, one in record.items() if one})


def _facts(target: Path, digest: str) -> dict[str, Any]:
    return {"sha256": digest, "seal": seal({str(target): digest})}


def _read(job_dir: Path) -> dict[str, Mapping[str, Any]]:
    """Return a job's record, what is none of it left out."""
    record = read_record(job_dir / CHECKPOINT_DIR / RECORD) or {}
    return {
        path: facts
        for path, facts in record.items()
        if isinstance(facts, dict) and isinstance(facts.get(NEXT, {}), dict)
    }
