#!/usr/bin/env python3
"""
Contents: the files of the cache, each once under the SHA-256 of its content, and its lock.

    objects/ab/abcd…   a content, read-only
    drafts/            what a run is writing
    .lock              held shared by who takes and gives, alone by who drops

Usage:
    from shared.pipeline.cache.contents import Contents

    contents = Contents(folder)
    with contents.locked(fcntl.LOCK_SH):
        contents.keep(path, output)
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.core.files import free_name, sha256_of
from shared.core.sharing import refuse_links_in, share_file
from shared.pipeline.job.checkpoint import OutputFile

OBJECTS, RESULTS, DRAFTS, LOCK = "objects", "results", "drafts", ".lock"
READ_ONLY = 0o444
WRITABLE = 0o644


class Contents:
    """The contents below a cache's folder.

    Args:
        folder: The cache; made when the first content is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def locked(self, kind: int) -> Iterator[None]:
        """Hold the cache's lock.

        Args:
            kind: fcntl.LOCK_SH to take and keep, fcntl.LOCK_EX to drop.

        Raises:
            OSError: The folder cannot be written, or holds a link.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self.refuse_links()
        with (self._folder / LOCK).open("w") as stream:
            fcntl.flock(stream, kind)
            yield

    def may_lock(self) -> bool:
        """Return whether locked() will work, without trying."""
        lock = self._folder / LOCK
        return os.access(lock if lock.exists() else self._folder, os.W_OK)

    def refuse_links(self) -> None:
        """Refuse a cache whose lock or folders lie elsewhere; a linked content is only dropped."""
        refuse_links_in(self._folder, self._folder / OBJECTS, self._folder / RESULTS)

    def path(self, sha256: str) -> Path:
        """Return where a content lies, or would.

        Args:
            sha256: Its digest.
        """
        return self._folder / OBJECTS / sha256[:2] / sha256

    def paths(self) -> list[Path]:
        """Return where all contents lie, each under its digest."""
        return sorted((self._folder / OBJECTS).glob("??/" + "[0-9a-f]" * 64))

    def is_whole(self, sha256: str) -> bool:
        """Return whether a content is there and what its name says; reads it.

        Args:
            sha256: Its digest.
        """
        path = self.path(sha256)
        return _is_own_file(path) and sha256_of(path) == sha256

    def keep(self, path: Path, output: OutputFile) -> None:
        """Keep a file's content, if it is not there already.

        Args:
            path: The file.
            output: Its record.
        """
        content = self.path(output.sha256)
        if _is_own_file(content) and content.stat().st_size == output.size:
            return
        draft = self.draft(output.sha256)
        try:
            share_file(path, draft)
            draft.chmod(READ_ONLY)
            put(draft, content)
        finally:
            draft.unlink(missing_ok=True)

    def give(self, sha256: str, path: Path) -> None:
        """Put a content where a stage wants it: there a file that its owner may write.

        Args:
            sha256: Its digest.
            path: The new file.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if not share_file(self.path(sha256), path):
            path.chmod(WRITABLE)

    def draft(self, name: str) -> Path:
        """Return where something may be written before it is put in place.

        Args:
            name: Its final name.
        """
        folder = self._folder / DRAFTS
        folder.mkdir(parents=True, exist_ok=True)
        return free_name(folder / f"{os.getpid()}-{name}")

    def drop_drafts(self) -> None:
        """Remove what killed runs were writing, unless a run is writing now."""
        if not (self._folder / DRAFTS).is_dir():
            return
        self.refuse_links()
        with (self._folder / LOCK).open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for path in (self._folder / DRAFTS).iterdir():
                remove(path)

    def drop_all_but(self, kept: set[str]) -> tuple[int, int]:
        """Remove contents that no result names; return how many, and their bytes.

        Args:
            kept: The digests of those that stay.
        """
        count = freed = 0
        for path in (self._folder / OBJECTS).glob("??/*"):
            if path.name not in kept:
                freed += path.lstat().st_size
                remove(path)
                count += 1
        return count, freed


def put(draft: Path, final: Path) -> None:
    """Give a draft its final name.

    Args:
        draft: What Contents.draft returned.
        final: The name; what had it is replaced.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(final)


def remove(path: Path) -> None:
    """Remove what lies in a file's place: the file, a link, or a folder that has no place here.

    Args:
        path: The place.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
