#!/usr/bin/env python3
"""
Watching: folders looked at for ever; what is new or has changed there is handed to a batch.

A folder is looked at when the system tells of a change (watchfiles) and every WATCH_SECONDS, for a
network folder tells of nothing. What has been judged is judged again when it, or the settings
beside it, have changed. A folder that is away is waited for; films of it that failed meanwhile are
tried again when it is back.

Usage:
    from shared.pipeline.batch.films.watching import Watching

    watching = Watching(folders, recursive, apart, judge, every=30.0, tell=print)
    watching.start()
    watching.take()
    watching.end()
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from shared.core.errors import InputError
from shared.pipeline.batch.films.film_settings import settings_file
from shared.pipeline.batch.films.finding import Candidate, find_candidates, state_of
from shared.pipeline.batch.films.judging import Judged
from shared.pipeline.run.command_line import as_told

END_SECONDS = 5.0
Key = tuple[tuple[int, int, int] | None, ...]
# From files, and whether those that failed before are tried again, to what is to be done with each.
JudgeAll = Callable[[Sequence[Candidate], bool], list[Judged]]


class Watching:
    """Folders that are watched, from a thread of its own.

    Args:
        folders: They are there now.
        recursive: Whether the folders in a folder are looked through.
        apart: Where the jobs lie; nothing in there is a film.
        judge: Says what is to be done with files.
        every: Seconds between two looks where the system tells of nothing.
        tell: Is told of a folder that is away, and back.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        recursive: bool,
        apart: Path,
        judge: JudgeAll,
        every: float,
        tell: Callable[[str], None],
    ) -> None:
        self._folders = list(folders)
        self._recursive = recursive
        self._apart = apart
        self._judge = judge
        self._every = every
        self._tell = tell
        self._away: set[Path] = set()
        self._seen: dict[Path, Key] = {}
        self._judged: dict[Path, Judged] = {}
        self._found: queue.SimpleQueue[Judged] = queue.SimpleQueue()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watching", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ends.set()
        self._thread.join(END_SECONDS)  # a network folder may hold it up

    def take(self) -> list[Judged]:
        """Return what was found since it was asked the last time."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._found.get_nowait())
        return found

    def _watch(self) -> None:
        while not self._ends.is_set():
            try:
                self.look()
            except Exception as error:  # the boundary of one look: the next may do better
                self._tell(f"Looking at the folders failed: {as_told(error).cause}")
            self._wait()

    def look(self) -> None:
        """Look at all folders once."""
        for folder in self._folders:
            try:
                candidates = find_candidates([str(folder)], [], self._recursive, self._apart)
            except InputError as error:
                if folder not in self._away:
                    self._away.add(folder)
                    self._tell(f"{folder} is away and waited for: {error.cause}")
                continue
            if folder in self._away:
                self._away.discard(folder)
                self._tell(f"{folder} is back")
                self._forget_failed(folder)
            self._look_at(candidates)

    def _look_at(self, candidates: Sequence[Candidate]) -> None:
        fresh: list[Candidate] = []
        again: list[Candidate] = []
        keys = {one.path: _key(one.path) for one in candidates}
        for one in candidates:
            if keys[one.path] != self._seen.get(one.path):
                (again if one.path in self._judged else fresh).append(one)
        for group, has_failed in ((fresh, False), (again, True)):
            for judged in self._judge(group, has_failed) if group else ():
                path = Path(judged.record.path)
                self._judged[path] = judged
                if not judged.grows:
                    self._seen[path] = keys[path]
                self._found.put(judged)

    def _forget_failed(self, folder: Path) -> None:
        """Have those films judged again that failed in a folder while it was away."""
        for path, judged in self._judged.items():
            if judged.record.state == "failed" and path.is_relative_to(folder):
                self._seen.pop(path, None)

    def _wait(self) -> None:
        """Return when something changes, or after some seconds, or at the end."""
        from watchfiles import watch

        there = [str(folder) for folder in self._folders if folder not in self._away]
        # A folder that goes away at this moment is an error of the system's, of several kinds.
        with suppress(OSError, RuntimeError):
            if there:
                changes = watch(
                    *there,
                    recursive=self._recursive,
                    stop_event=self._ends,
                    rust_timeout=max(1, int(self._every * 1000)),
                    yield_on_timeout=True,
                    raise_interrupt=False,
                )
                next(changes, None)
                return
        self._ends.wait(self._every)


def _key(path: Path) -> Key:
    """Return what tells that a film, or the settings beside it, is another one."""
    return state_of(path), state_of(settings_file(path))
