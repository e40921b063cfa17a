#!/usr/bin/env python3
"""
Strays: what a stage left in the job directory instead of its own, put among its outputs.

What the stage's process told of (stray_writes.py) is its own and is moved; what nobody told of may
be a person's, who works in the job meanwhile: it stays, is named, and the result is not cached.

Usage:
    from shared.pipeline.run.strays import Strays

    strays = Strays(job_dir, "asr")         # before the stage begins
    found = strays.collect(told, scratch)   # when it has succeeded
    strays.discard(told)                    # when it has failed
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.core.files import sha256_of
from shared.pipeline.job.events import Event
from shared.pipeline.job.places import FILES, FOLDERS, NOT_OUTPUTS
from shared.pipeline.job.stray_writes import WROTE
from shared.stage_order import get_stage_dir

# ffmpeg's numbered files: frames/%04d.png
NUMBERED = re.compile(r"%\d*d")
State = tuple[int, int, int]


@dataclass(frozen=True)
class Found:
    """What lay in the job directory: moved to the stage's outputs, left there, in the way."""

    moved: list[str]
    unplaced: list[str]
    refused: str = ""


class Strays:
    """The files of a job that belong to no stage, as they are now.

    Args:
        job_dir: The job directory.
        stage: The stage that is about to run.
    """

    def __init__(self, job_dir: Path, stage: str) -> None:
        self._job_dir = job_dir
        self._own = get_stage_dir(stage)
        self._had_own = (job_dir / self._own).exists()
        self._before = dict(self._files())
        self._folders = {str(path) for path in _folders(job_dir, self._is_ours)}

    def collect(self, told: Iterable[str], scratch: Path) -> Found:
        """Move what the stage wrote into its scratch directory, under the same name.

        Args:
            told: Places that its process told of.
            scratch: Where its outputs are.

        Returns:
            What was moved, what stayed, and what was in the way.
        """
        places = list(told)
        moved: list[str] = []
        unplaced: list[str] = []
        for name in self._changed():
            if not _is_told(name, places):
                unplaced.append(name)
                continue
            source, target = self._job_dir / name, scratch / name
            if os.path.lexists(target) and not _is_same(source, target):
                return Found(moved, unplaced, f"{name}, both there and in its own directory")
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
            moved.append(name)
        self._leave_no_folder()
        return Found(moved, unplaced, self._in_own_folder())

    def discard(self, told: Iterable[str]) -> None:
        """Remove what a failed attempt told of and what was not there before.

        Args:
            told: Places that its process told of.
        """
        places = list(told)
        for name in self._changed():
            if name not in self._before and _is_told(name, places):
                (self._job_dir / name).unlink(missing_ok=True)
        self._leave_no_folder()

    def _in_own_folder(self) -> str:
        """Return a file that something other than Python wrote where outputs will be, or ''."""
        own = self._job_dir / self._own
        if self._had_own or not own.is_dir():
            return ""
        return next((str(p.relative_to(self._job_dir)) for p in own.rglob("*")), "")

    def _changed(self) -> list[str]:
        return [name for name, state in self._files() if self._before.get(name) != state]

    def _files(self) -> Iterator[tuple[str, State]]:
        """Yield name and state of every file of the job that belongs to nobody known."""
        for folder in (self._job_dir, *_folders(self._job_dir, self._is_ours)):
            for entry in sorted(_entries(folder), key=lambda one: one.name):
                name = os.path.relpath(entry.path, self._job_dir)
                if not self._is_ours(name) and not entry.is_dir(follow_symlinks=False):
                    with suppress(FileNotFoundError):
                        status = entry.stat(follow_symlinks=False)
                        yield name, (status.st_ino, status.st_size, status.st_mtime_ns)

    def _leave_no_folder(self) -> None:
        """Remove folders that the stage made and that are empty now."""
        for folder in reversed(list(_folders(self._job_dir, self._is_ours))):
            if str(folder) not in self._folders:
                with suppress(OSError):
                    folder.rmdir()

    @staticmethod
    def _is_ours(name: str) -> bool:
        """Return whether a name in the job directory is the pipeline's own."""
        first = name.partition("/")[0]
        return first.startswith(".") or first in FOLDERS | FILES | NOT_OUTPUTS


def places_told(events: Iterable[Event]) -> list[str]:
    """Return the places in the job directory that a stage's events told of.

    Args:
        events: The events of one attempt.
    """
    return [str(event.get("path")) for event in events if event["event"] == WROTE]


def files_kept(events: Iterable[Event]) -> list[str]:
    """Return where files went that lay where a stage wrote.

    Args:
        events: The events of one attempt.
    """
    return [str(e["kept"]) for e in events if e["event"] == WROTE and e.get("kept")]


def _folders(job_dir: Path, is_ours: Callable[[str], bool]) -> Iterator[Path]:
    """Yield the folders of a job that belong to no stage, parents first; none through a link."""
    waiting = [job_dir]
    while waiting:
        for entry in _entries(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                if not is_ours(os.path.relpath(entry.path, job_dir)):
                    waiting.append(Path(entry.path))
                    yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _is_told(name: str, places: list[str]) -> bool:
    """Return whether a file is one that was told of, or lies in a folder that was."""
    for place in places:
        if name == place or name.startswith(place + "/"):
            return True
        if NUMBERED.search(place) and fnmatch.fnmatchcase(name, NUMBERED.sub("*", place)):
            return True
    return False


def _is_same(one: Path, other: Path) -> bool:
    if not (one.is_file() and other.is_file() and one.stat().st_size == other.stat().st_size):
        return False
    return sha256_of(one) == sha256_of(other)
