#!/usr/bin/env python3
"""
Textfile: counts kept in a file that node_exporter's textfile collector reads.

The file itself is the memory: a run reads it, adds what it did and replaces it, under a lock: runs
at the same time lose nothing of one another, and a reader never sees half a file. Counters and sums
add up; a gauge is what the last run set. A file that is gone or damaged begins anew, which
Prometheus takes for the reset of a counter.

Usage:
    from shared.observability.metrics.textfile import add_to_textfile, textfile

    add_to_textfile(textfile("/var/lib/node_exporter"), instruments.registry)
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from shared.core.errors import InputError, UnavailableError
from shared.core.files import lock_within, write_text
from shared.core.paths import PROJECT_ROOT
from shared.observability.metrics.instruments import PREFIX

FILE_NAME = "cp_whisperx.prom"
LOCK_SECONDS = 10.0
LARGEST = 8 << 20
# How a file of ours begins, whatever happened to the rest of it.
BEGINNINGS = tuple(f"{mark}{PREFIX}".encode() for mark in ("# HELP ", "# TYPE ", ""))
Labels = tuple[str, tuple[tuple[str, str], ...]]


def textfile(setting: str) -> Path:
    """Return the file that METRICS_FILE means.

    Args:
        setting: A file, or a folder that is there; relative ones lie in the project.
    """
    path = PROJECT_ROOT / Path(setting).expanduser()
    return path / FILE_NAME if path.is_dir() else path


def add_to_textfile(path: Path, registry: CollectorRegistry) -> None:
    """Add what a registry counted to a file, atomically.

    Args:
        path: The file; made with its folder when it is not there.
        registry: What one run counted.

    Raises:
        InputError: The file holds other programs' metrics: it stays as it is.
        UnavailableError: Somebody holds its lock.
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        merged = merge(read_textfile(path), registry.collect())
        write_text(path, text_of(merged))


def read_textfile(path: Path) -> list[Metric]:
    """Return the metrics in a file; none where it is not there or damaged.

    Args:
        path: The file.

    Raises:
        InputError: It holds other programs' metrics, or something else of somebody's.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path} is no file", hint="Name another one in METRICS_FILE")
        families = _families_in(path) if found.st_size <= LARGEST else []
        if not families and not _is_damaged(path):
            raise _is_foreign(path, "something else than metrics")
    except FileNotFoundError:
        return []
    foreign = [family.name for family in families if not family.name.startswith(PREFIX)]
    if foreign:
        raise _is_foreign(path, f"{foreign[0]}, which is another program's")
    return families


def _families_in(path: Path) -> list[Metric]:
    try:
        return list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, IndexError, TypeError):
        return []


def _is_damaged(path: Path) -> bool:
    """Return whether a file was one of ours: it begins so, or holds but zeros after a power cut."""
    with path.open("rb") as stream:
        begin = stream.read(LARGEST + 1)
    is_empty = len(begin) <= LARGEST and not begin.strip(b"\0")
    return is_empty or begin.startswith(BEGINNINGS)


def _is_foreign(path: Path, what: str) -> InputError:
    return InputError(f"{path} holds {what}", hint="Name another file in METRICS_FILE")


def merge(before: Iterable[Metric], now: Iterable[Metric]) -> list[Metric]:
    """Return metrics that hold what both say.

    Args:
        before: What was counted so far.
        now: What is added; of a gauge, what holds from now on.
    """
    found: dict[str, Metric] = {}
    values: dict[str, dict[Labels, float]] = {}
    for family in (*before, *now):
        one = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
        if one.type != family.type:  # it was counted otherwise once
            found[family.name] = Metric(family.name, family.documentation, family.type)
            values[family.name] = {}
        kept = values.setdefault(family.name, {})
        for sample in family.samples:
            if sample.name.endswith("_created"):
                continue
            key = (sample.name, tuple(sorted(sample.labels.items())))
            is_sum = family.type != "gauge"
            kept[key] = kept.get(key, 0.0) * is_sum + sample.value
    for name, family in found.items():
        for (sample_name, labels), value in values[name].items():
            family.add_sample(sample_name, dict(labels), value)
    return list(found.values())


def text_of(families: list[Metric]) -> str:
    """Return metrics in Prometheus' text form.

    Args:
        families: As merge() returns them.
    """
    return generate_latest(_Kept(families)).decode("utf-8")


class _Kept(CollectorRegistry):
    """Metrics as they are, for generate_latest()."""

    def __init__(self, families: list[Metric]) -> None:
        super().__init__()
        self.register(_Families(families))


class _Families(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield what there is."""
        yield from self._families


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which lies beside it and is no metric's."""
    lock = path.with_name(f".{path.name}.lock")
    # Another user's, too; what is no file is not waited for.
    flags = os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(lock, flags, 0o666)
    try:
        if not lock_within(descriptor, fcntl.LOCK_EX, LOCK_SECONDS):
            raise UnavailableError(f"Somebody holds {lock}", hint="Who it is: fuser")
        yield
    finally:
        os.close(descriptor)
