#!/usr/bin/env python3
"""
Stray writes: what a stage writes into the job directory instead of its own.

`stage_io.output_base` is the job directory, and the template of standards 4.1 writes there. A
Python process is asked before each file that it opens for writing (sys.addaudithook):

    job.json, a stage's directory   refused: nothing there is this stage's to write now
    anything else in the job        told to the orchestrator, which moves it to the stage's outputs

A file that already lies there is first moved to `edited/`: it may be a person's. What a program
that the stage starts is told to write is told as well. Hidden names, logs and `edited/` are free.

Usage:
    from shared.pipeline.job.stray_writes import tell_stray_writes

    tell_stray_writes("asr", job_dir, lambda name, kept: ...)
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from shared.core.errors import InputError
from shared.core.files import free_name
from shared.pipeline.job.commit import EDITED_DIR
from shared.pipeline.job.places import FOLDERS, LOGS_DIR
from shared.stage_order import STAGE_ORDER, get_stage_dir

WROTE = "wrote"  # the event that tells of a place
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
STAGE_FOLDERS = frozenset(map(get_stage_dir, STAGE_ORDER))
PROTECTED = STAGE_FOLDERS | {"job.json", "events.jsonl"}
FREE = frozenset({LOGS_DIR, EDITED_DIR})
# Which argument of an audit event names what is written (docs.python.org: audit events table).
TARGETS = {"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1, "sqlite3.connect": 0}
REMOVALS = {"os.remove": 0, "os.rmdir": 0, "os.rename": 0}
STARTS = {"subprocess.Popen": 1, "os.posix_spawn": 1, "os.exec": 1}

Tell = Callable[[str, str], None]


def tell_stray_writes(stage: str, job_dir: Path, tell: Tell) -> None:
    """Watch over what this process, and what it forks, writes below a job directory.

    Args:
        stage: The stage that runs here.
        job_dir: The job directory.
        tell: Called once for each place, as a path in the job directory, with where what lay there
            was moved to, or ''. Called for folders and for what may not come to be written, too.
    """
    sys.addaudithook(_Watch(stage, job_dir, tell).hear)


class _Watch:
    def __init__(self, stage: str, job_dir: Path, tell: Tell) -> None:
        self._stage = stage
        self._job_dir = job_dir
        self._bases = tuple({os.path.abspath(job_dir) + "/", os.path.realpath(job_dir) + "/"})
        self._tell = tell
        self._told: set[str] = set()
        self._own = threading.local()  # what this module does itself, in each thread

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge one audit event; raises what the stage then gets instead of its file."""
        if getattr(self._own, "is_busy", False):
            return
        if event == "open":
            if isinstance(arguments[2], int) and arguments[2] & WRITING:
                self._written(arguments[0])
            return
        if event in REMOVALS:
            self._refuse_protected(self._inside(arguments[REMOVALS[event]]))
        if event in TARGETS:
            self._written(arguments[TARGETS[event]], is_folder=event == "os.mkdir")
        elif event in STARTS:
            self._started(arguments[STARTS[event]])

    def _inside(self, path: Any) -> str:
        """Return a path relative to the job directory, '' for one that is not a job's content."""
        if isinstance(path, int) or path is None:
            return ""
        try:
            text = os.path.abspath(os.fsdecode(path))
        except (TypeError, OSError):
            return ""
        base = next((base for base in self._bases if text.startswith(base)), "")
        inner = text[len(base) :] if base else ""
        first = inner.partition("/")[0]
        return "" if first.startswith(".") or first in FREE else inner

    def _written(self, path: Any, is_folder: bool = False) -> None:
        inner = self._inside(path)
        if not inner or inner in self._told:
            return
        if not (is_folder and (self._job_dir / inner).is_dir()):  # as mkdir(exist_ok=True)
            self._refuse_protected(inner)
        self._told.add(inner)
        self._own.is_busy = True
        try:
            self._tell(inner, "" if is_folder else self._make_room(inner))
        finally:
            self._own.is_busy = False

    def _refuse_protected(self, inner: str) -> None:
        first, _, rest = inner.partition("/")
        if first in PROTECTED:
            place = f"get_output_path({rest!r})" if rest else "stage_dir"
            raise InputError(
                f"{self._stage} may not write or remove {inner} in the job directory",
                hint=f"What it makes belongs into stage_io.{place}",
            )

    def _make_room(self, inner: str) -> str:
        """Move a file that lies where the stage is about to write; return its new path, or ''."""
        path = self._job_dir / inner
        if not path.is_file() and not path.is_symlink():
            return ""
        kept = free_name(self._job_dir / EDITED_DIR / inner)
        kept.parent.mkdir(parents=True, exist_ok=True)
        path.rename(kept)
        return str(kept)

    def _started(self, command: Any) -> None:
        """Tell what a program that the stage starts may be told to write: it may only read it."""
        words: Iterable[Any] = command if isinstance(command, list | tuple) else (command,)
        for word in words:
            text = os.fsdecode(word) if isinstance(word, str | bytes | os.PathLike) else ""
            inner = self._inside(text.removeprefix("file:")) if os.sep in text else ""
            if inner and inner not in self._told and inner.partition("/")[0] not in FOLDERS:
                self._told.add(inner)
                self._tell(inner, "")
