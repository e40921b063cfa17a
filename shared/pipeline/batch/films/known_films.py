#!/usr/bin/env python3
"""
Known films: find_same for who asks about many films: each job.json is read once.

Folders are listed again where they have changed, and what is found is looked at as find_same does.
A job that another command gives another film meanwhile is known by the one that it had.

Usage:
    from shared.pipeline.batch.films.known_films import KnownFilms

    known = KnownFilms()
    known.find(job, root)
"""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.core.file_names import safe_file_name
from shared.pipeline.job.job import JOB_FILE, Job
from shared.pipeline.prepare.same_film import content_of, first_same, numbered

IDENTITY = re.compile(rb'"identity": "([0-9a-f]{64})"')
# A folder that changed this short ago may change again without its time telling so.
SETTLED_NS = 2 * 10**9


@dataclass
class _Folder:
    changed_ns: int = -1
    films: dict[str, str] = field(default_factory=dict)


class KnownFilms:
    """The jobs of films, by what their job.json said when it was read; of any threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folders: dict[Path, _Folder] = {}
        self._by_film: dict[str, list[Path]] = {}

    def find(self, job: Job, output_root: Path) -> Path | None:
        """Return what find_same does.

        Args:
            job: What is wanted; need not be listened for.
            output_root: Where jobs of all dates and users lie; need not exist.
        """
        assert job.film is not None
        with self._lock:
            for year in numbered(output_root):
                for month in numbered(year):
                    for day in numbered(month):
                        self._look_into(day / safe_file_name(job.user))
            # What says nothing of its film may have been taken by a power cut: it is looked at.
            places = [*self._by_film.get(job.film.identity, ()), *self._by_film.get("", ())]
        ordered = sorted(places, key=lambda one: (one.parent, int(one.name)), reverse=True)
        return first_same(job, ordered)

    def _look_into(self, folder: Path) -> None:
        with suppress(OSError):
            changed = folder.stat().st_mtime_ns
            known = self._folders.setdefault(folder, _Folder())
            if known.changed_ns == changed:
                return
            names = set(os.listdir(folder))
            for name in names - known.films.keys():
                if name.isascii() and name.isdigit():
                    known.films[name] = _film_of(folder / name)
                    self._by_film.setdefault(known.films[name], []).append(folder / name)
            for name in known.films.keys() - names:
                self._by_film[known.films.pop(name)].remove(folder / name)
            is_settled = time.time_ns() - changed > SETTLED_NS
            known.changed_ns = changed if is_settled else -1


def _film_of(place: Path) -> str:
    """Return the identity of a job's film, '' where it does not say."""
    with suppress(OSError):
        found = IDENTITY.search(content_of(place / JOB_FILE))
        return found.group(1).decode("ascii") if found else ""
    return ""
