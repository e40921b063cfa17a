#!/usr/bin/env python3
"""
Shared folders: the folders of year, month, day and user, in which several people make their jobs.

Whoever comes first in a day makes its folders. They get the rights of the folder of all jobs: where
that lets others write (`chmod 1777 out`, or a group with `chmod 3775 out`), the first user's umask
locks nobody out. What a job holds is its own user's (JOB_READERS).

Usage:
    from shared.pipeline.prepare.shared_folders import make_shared_folder

    parent = make_shared_folder(output_root, "2026/11/30/me")
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from shared.core.files import make_folder


def make_shared_folder(root: Path, below: str) -> Path:
    """Return a folder below another, made with each one on the way that is not there yet.

    Args:
        root: Made with the usual rights if it is not there; else its rights hold for all below.
        below: Names separated by slashes.

    Raises:
        OSError: Names the folder that cannot be written, or the stranger's link on the way.
    """
    root.mkdir(parents=True, exist_ok=True)
    rights = stat.S_IMODE(root.stat().st_mode)
    folder = root
    for name in below.split("/"):
        folder = folder / name
        if not os.path.lexists(folder):
            make_folder(folder, rights)
        _refuse_strangers_link(folder, root)
    if not os.access(folder, os.W_OK | os.X_OK):
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
        number = errno.EROFS if read_only else errno.EACCES
        raise OSError(number, os.strerror(number), str(folder))
    return folder


def owner_of(path: Path) -> str:
    """Return who owns a file or folder: a name, or a number that has none; '' when it is not there.

    Args:
        path: The file or folder.
    """
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"
    except OSError:
        return ""


def _refuse_strangers_link(folder: Path, root: Path) -> None:
    """Refuse a link that a stranger made: it leads where its maker wants."""
    status = folder.lstat()
    trusted = {os.geteuid(), 0, root.stat().st_uid}
    if stat.S_ISLNK(status.st_mode) and status.st_uid not in trusted:
        raise OSError(errno.ELOOP, "a link that another user made", str(folder))
