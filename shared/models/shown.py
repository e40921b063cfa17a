#!/usr/bin/env python3
"""
Fetching: shows on standard error how a model comes in; a bar on a terminal, a line elsewhere.

Usage:
    from shared.models.shown import shown_fetch

    with shown_fetch() as progress:
        fetch_model(model, progress)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

from shared.models.fetch import Progress as FetchProgress

MB = 1_000_000
STEP = 10


@contextmanager
def shown_fetch() -> Iterator[FetchProgress]:
    """Yield what fetch_model is to call; draws nothing until it is called."""
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", visible=False)
        yield lambda done, total: bars.update(bar, completed=done, total=total, visible=True)


class _Lines:
    """One line every tenth, for logs."""

    def __init__(self) -> None:
        self._told = -1

    def tell(self, done: int, total: int) -> None:
        """Write a line when another tenth has arrived."""
        tenth = STEP * done // total if total else STEP
        if tenth != self._told:
            self._told = tenth
            sys.stderr.write(f"fetching: {done // MB} of {total // MB} MB\n")
