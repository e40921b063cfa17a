#!/usr/bin/env python3
"""
Sharing: a second name for a file's content that costs no space where the file system allows it.

Usage:
    from shared.core.sharing import share_file

    share_file(source, target)
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import sys
from pathlib import Path

# Linux: _IOW(0x94, 9, int), clone a whole file (btrfs, XFS, bcachefs, overlay on them).
FICLONE = 0x40049409
# What people do not open in an editor; smaller or other files are not worth a shared inode.
MEDIA_SUFFIXES = frozenset({".wav", ".flac"})
LINKED_FROM_BYTES = 1 << 20


def share_file(source: Path, target: Path) -> bool:
    """Give a file's content a second name: a clone, else a hard link where safe, else a copy.

    A hard link is one file under two names: writing to one would change the other. It is made only
    of large media files, read-only, and only where that holds the user back (root writes anyway).

    Args:
        source: The file.
        target: The new name; must not exist.

    Returns:
        Whether both names are now one file.

    Raises:
        OSError: It cannot be written.
    """
    if _clone(source, target):
        return False
    if _may_link(source, target):
        try:
            source.chmod(source.stat().st_mode & ~0o222)
            os.link(source, target)
            return True
        except OSError:
            target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    return False


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's content: a clone where the file system has them, which takes no space.

    Args:
        source: The file.
        target: The new name; must not exist.

    Raises:
        OSError: It cannot be written.
    """
    if not _clone(source, target):
        shutil.copyfile(source, target)


def has_second_name(path: Path) -> bool:
    """Return whether a file has another name (a hard link), perhaps somebody else's.

    Args:
        path: A file, a link, a folder or nothing; of these only a file can.
    """
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


def make_own(path: Path, most: int = 0) -> None:
    """Put a file of its own in a file's place; its other name keeps what it had.

    Args:
        path: A file that has_second_name().
        most: Bytes up to which its content is copied; of a longer one nothing is.

    Raises:
        OSError: The folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.own")
    draft.unlink(missing_ok=True)  # of a run that was killed here
    target = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb") as writing:
        if path.stat().st_size <= most:
            with path.open("rb") as reading:
                shutil.copyfileobj(reading, writing)
            os.fchmod(target, stat.S_IMODE(path.stat().st_mode) & 0o777)
    draft.replace(path)


def is_sound(path: Path) -> bool:
    """Return whether a file is what nobody edits by hand: sound between two stages.

    Args:
        path: The file; its suffix tells.
    """
    return path.suffix.lower() in MEDIA_SUFFIXES


def refuse_links_in(*folders: Path) -> None:
    """Refuse folders that hold a link: what is written or removed behind it is not ours.

    Args:
        folders: Those that are there are looked through, not what is below them.

    Raises:
        OSError: Names the first link.
    """
    for folder in filter(Path.is_dir, folders):
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    raise OSError(errno.ELOOP, "a link where none belongs", entry.path)


def _clone(source: Path, target: Path) -> bool:
    if sys.platform != "linux":
        return False
    try:
        with source.open("rb") as reading, target.open("xb") as writing:
            fcntl.ioctl(writing, FICLONE, reading.fileno())
        return True
    except OSError:
        target.unlink(missing_ok=True)
        return False


def _may_link(source: Path, target: Path) -> bool:
    is_media = is_sound(source) or is_sound(target)
    status = source.stat()
    if status.st_nlink > 1 and status.st_mode & 0o222:
        return False  # under a name that is not ours somebody may want to write it
    return is_media and status.st_size >= LINKED_FROM_BYTES and os.geteuid() != 0
