#!/usr/bin/env python3
"""
Contents: the files of the cache, each once under the SHA-256 of its content, and its lock.

    CACHEDIR.TAG       says that the folder is a cache of this program; backups leave it out
    objects/ab/abcd…   a content, read-only
    drafts/            what a run is writing
    .lock              held shared by who takes and gives, alone by who drops

A folder without that tag is another's unless it is empty: nothing in it is read, written or
removed. In its own folder only names of its own form are removed; a stranger's file stays.

Usage:
    from shared.pipeline.cache.contents import Contents

    contents = Contents(folder)
    with contents.locked(fcntl.LOCK_SH):
        contents.keep(path, output)
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.core.files import lock_within, sha256_of
from shared.core.sharing import refuse_links_in, share_file
from shared.pipeline.job.output_file import OutputFile

OBJECTS, RESULTS, DRAFTS, LOCK = "objects", "results", "drafts", ".lock"
# It holds what jobs hold, whose folders only their owner may enter.
PRIVATE, PRIVATE_FILE = 0o700, 0o600
READ_ONLY = 0o444
WRITABLE = 0o644
# The first line is that of the Cache Directory Tagging Specification: backup programs know it.
TAG, TAG_DRAFT = "CACHEDIR.TAG", ".tag-"
OURS = "# Results of CP-WhisperX jobs; may be deleted at any time."
TAG_TEXT = f"Signature: 8a477f597d28d172789f06886806bc55\n{OURS}\n"
DIGEST = re.compile(r"[0-9a-f]{64}")
RESULT_NAME = re.compile(r"[0-9a-f]{64}\.json")
DRAFT_NAME = re.compile(r"[0-9]+-[0-9a-f]{64}(\.json)?(\.[0-9]+)?|\..*")
# Who drops holds the lock for as long as it reads: a run does not wait for that, it works.
LOCK_SECONDS = 20.0


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
            OSError: The folder cannot be written, is another's, holds a link, or its lock is not
                to be had in time.
        """
        self._folder.mkdir(PRIVATE, parents=True, exist_ok=True)
        self._make_own()
        self.check()
        with open(self._folder / LOCK, "a", opener=_private) as stream:
            if not lock_within(stream.fileno(), kind, LOCK_SECONDS):
                raise OSError(errno.EAGAIN, "another program holds its lock")
            yield

    def may_lock(self) -> bool:
        """Return whether locked() will work, without trying."""
        lock = self._folder / LOCK
        return os.access(lock if lock.exists() else self._folder, os.W_OK)

    def check(self) -> None:
        """Refuse a folder that is not the cache's own, or whose parts lie elsewhere.

        A folder that is not there, or is empty, will become one.

        Raises:
            OSError: Says what the folder is.
        """
        if not self._folder.is_dir() or self._is_blank():
            return
        if not self._is_own():
            told = "not empty and no cache of this program: nothing in it is touched"
            raise OSError(errno.EEXIST, told, str(self._folder))
        refuse_links_in(self._folder, self._folder / OBJECTS, self._folder / RESULTS)

    def path(self, sha256: str) -> Path:
        """Return where a content lies, or would.

        Args:
            sha256: Its digest.
        """
        return self._folder / OBJECTS / sha256[:2] / sha256

    def paths(self) -> list[Path]:
        """Return where all contents lie, each under its digest."""
        found = (self._folder / OBJECTS).glob("[0-9a-f][0-9a-f]/*")
        return sorted(p for p in found if _is_content_name(p))

    def sizes(self) -> Iterator[int]:
        """Yield the bytes of each content; what another process drops meanwhile has none."""
        for path in self.paths():
            with suppress(FileNotFoundError):
                yield path.lstat().st_size

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
        """Return where something may be written before it is put in place: a new name each time.

        Neither a process's number nor a look at the folder would do: threads share the one, and
        containers that share the folder may all be process 1.

        Args:
            name: Its final name.
        """
        folder = self._folder / DRAFTS
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{secrets.randbits(64)}-{name}"

    def drop_drafts(self) -> None:
        """Remove what killed runs were writing, unless a run is writing now."""
        if not (self._folder / DRAFTS).is_dir():
            return
        self.check()
        with open(self._folder / LOCK, "a", opener=_private) as stream:
            if not lock_within(stream.fileno(), fcntl.LOCK_EX, 0.0):
                return
            for path in (self._folder / DRAFTS).iterdir():
                if DRAFT_NAME.fullmatch(path.name):
                    remove(path)

    def drop_all_but(self, kept: set[str]) -> tuple[int, int]:
        """Remove contents that no result names; return how many, and their bytes.

        Args:
            kept: The digests of those that stay.
        """
        count = freed = 0
        for path in self.paths():
            if path.name not in kept:
                size = path.lstat().st_size
                if remove(path):
                    freed += size
                    count += 1
        return count, freed

    def _make_own(self) -> None:
        """Tag an empty folder as the cache's own; two runs may do so at once."""
        if not self._is_blank():
            return
        draft = self._folder / f"{TAG_DRAFT}{secrets.randbits(64)}"
        draft.write_text(TAG_TEXT, encoding="utf-8")
        draft.replace(self._folder / TAG)

    def _is_blank(self) -> bool:
        with os.scandir(self._folder) as entries:
            return all(entry.name.startswith(TAG_DRAFT) for entry in entries)

    def _is_own(self) -> bool:
        tag = self._folder / TAG
        try:
            return _is_own_file(tag) and OURS in tag.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return False


def put(draft: Path, final: Path) -> None:
    """Give a draft its final name.

    Args:
        draft: What Contents.draft returned.
        final: The name; what had it is replaced.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(final)


def remove(path: Path) -> bool:
    """Remove a file or a link of ours; what a person put into a folder of that name stays.

    Args:
        path: The place.

    Returns:
        Whether nothing is there any more.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def _private(path: str, flags: int) -> int:
    """Open a file of the cache's own that nobody else may hold a lock on."""
    return os.open(path, flags | os.O_NOFOLLOW, PRIVATE_FILE)


def _is_content_name(path: Path) -> bool:
    return bool(DIGEST.fullmatch(path.name)) and path.parent.name == path.name[:2]


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
