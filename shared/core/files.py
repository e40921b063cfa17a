#!/usr/bin/env python3
"""
Files: writing so that a final name never holds a partial file, digests of content, locks.

Usage:
    from shared.core.files import read_json, sha256_of, write_json

    write_json(path, {"a": 1})
    sha256_of(path)
"""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from shared.core.errors import InputError

HASH_BLOCK = 1 << 20
LOCK_POLL_SECONDS = 0.05
LONGEST_TURN = 5.0  # seconds
BLOCK = 512  # of st_blocks, whatever the disk's own is
# A transcript of ten hours with every word is a tenth of it.
MOST_JSON_BYTES = 256 << 20
# Half a character, which JSON can say and no UTF-8 file holds; two halves make one.
HALF = re.compile(r"\\u[dD][89a-fA-F]")


def write_text(path: Path, text: str) -> None:
    """Write text atomically and durably: temporary file, fsync, replace.

    Args:
        path: The final name; its folder must exist.
        text: The content, written as UTF-8 with line feeds kept as they are.
    """
    with draft_of(path) as draft:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Let a file be written under another name beside its own, which it gets when it is whole.

    Args:
        path: The final name; its folder must exist.

    Yields:
        A name that nothing has; where writing fails, nothing is left under it.
    """
    draft = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}")
    try:
        yield draft
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_json(path: Path, data: Any) -> None:
    """Write data as indented JSON, atomically.

    Args:
        path: The final name; its folder must exist.
        data: Anything the json module can write.
    """
    write_text(path, json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path, *, halves: bool = False) -> Any:
    """Read a JSON file.

    Args:
        path: The file.
        halves: Whether half characters may be in it: names of files that are no UTF-8.

    Returns:
        What the file holds.

    Raises:
        InputError: When it is too large, cannot be read or is not valid JSON (line and column).
    """
    try:
        if path.stat().st_size > MOST_JSON_BYTES:
            raise InputError(
                f"{path}: larger than any file of this kind", hint="Is it the right file?"
            )
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows add a mark
        content = json.loads(text)
        if not halves and HALF.search(text):
            json.dumps(content, ensure_ascii=False).encode()
        return content
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}:{error.lineno}:{error.colno}: not valid JSON ({error.msg})",
            hint="Mend that line, or delete the file and prepare the job again",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not a UTF-8 text file", hint="Save the file again as UTF-8"
        ) from error
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise InputError(
            f"{path}: holds {half}, half a character", hint="Write the text again"
        ) from error
    except (ValueError, RecursionError) as error:  # thousands of digits, thousands of brackets
        raise InputError(
            f"{path}: not JSON that can be read ({error})", hint="Is it the right file?"
        ) from error


def read_record(path: Path) -> dict[str, Any] | None:
    """Return the object that a JSON file of the program's own holds, which can be made again.

    Args:
        path: The file.

    Returns:
        None when it is not there, cannot be read, is damaged or no object.
    """
    try:
        content = read_json(path)
    except (OSError, InputError):
        return None
    return content if isinstance(content, dict) else None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hex digits.

    Args:
        path: The file, read in blocks of one MiB.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def free_name(path: Path) -> Path:
    """Return a path that nothing has yet: itself, or itself with the next free number.

    Args:
        path: The wanted path.
    """
    number, free = 0, path
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free


def fsync_tree(folder: Path) -> None:
    """Make every file below a folder, and the folders themselves, durable.

    Args:
        folder: The folder; links in it are left alone.
    """
    for path in folder.rglob("*"):
        if not path.is_symlink():
            fsync_directory(path)
    fsync_directory(folder)


def fsync_directory(path: Path) -> None:
    """Make a rename inside a directory, or the content of a file, durable.

    Args:
        path: The directory or file.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def bytes_on_disk(folder: Path) -> dict[tuple[int, int], int]:
    """Return the bytes that each file below a folder takes on the disk, by device and inode.

    Args:
        folder: The folder; links in it are not followed. What cannot be read, or goes meanwhile,
            takes none.
    """
    found: dict[tuple[int, int], int] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                status = os.lstat(os.path.join(parent, name))
                found[status.st_dev, status.st_ino] = status.st_blocks * BLOCK
    return found


def size_on_disk(folder: Path) -> int:
    """Return the bytes that a folder takes on the disk, a file with two names in it once.

    Args:
        folder: As for bytes_on_disk.
    """
    return sum(bytes_on_disk(folder).values())


def lock_within(descriptor: int, kind: int, seconds: float) -> bool:
    """Take the lock of an open file (flock), waiting for a bounded time.

    Args:
        descriptor: The file, open for reading at least; the lock ends with its last descriptor.
        kind: fcntl.LOCK_SH or fcntl.LOCK_EX.
        seconds: Longest wait; 0 looks once.

    Returns:
        Whether it was to be had.
    """
    until, pause = time.monotonic() + seconds, LOCK_POLL_SECONDS / 64
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(pause)
            pause = min(2 * pause, LOCK_POLL_SECONDS)


def new_folder(parent: Path, prefix: str, mode: int = 0o777) -> Path:
    """Return a new empty folder with a name that nothing has.

    Args:
        parent: Where it is made; must exist.
        prefix: How its name begins.
        mode: Its permissions, of which the umask takes away; the usual ones if left out.

    Raises:
        OSError: The parent cannot be written.
    """
    folder = parent / f"{prefix}{secrets.token_hex(4)}"
    folder.mkdir(mode)
    return folder


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder that has its rights from its first moment; another process may be faster.

    Args:
        folder: The folder; the one around it must exist.
        mode: Its permissions, whatever the umask; a file system without rights has none to give.

    Raises:
        OSError: It cannot be made, or its name is another thing's.
    """
    draft = new_folder(folder.parent, ".folder-")
    try:
        with suppress(OSError):
            draft.chmod(mode)
        with _turn_in(folder.parent):  # a new name takes another's empty folder away from under it
            if not folder.is_dir():
                draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        with suppress(OSError):
            draft.rmdir()


@contextmanager
def _turn_in(folder: Path) -> Iterator[None]:
    """Let one at a time work in a folder that can be locked, and wait for nobody without end."""
    with ExitStack() as held:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, descriptor)
            lock_within(descriptor, fcntl.LOCK_EX, LONGEST_TURN)
        yield


def matching(folder: Path, pattern: str) -> list[Path]:
    """Return what fits a pattern, without what is hidden or goes while it is looked for.

    Args:
        folder: Where it is looked for; what its own name holds is no pattern.
        pattern: As for glob, names between slashes.
    """
    return [folder / name for name in glob.glob(pattern, root_dir=folder)]


def remove_whole(path: Path) -> None:
    """Remove a folder with all that it holds, a file, or a link (not what it leads to).

    Args:
        path: Need not be there.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
