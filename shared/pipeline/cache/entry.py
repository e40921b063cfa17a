#!/usr/bin/env python3
"""
Entry: one result of the cache, read from its record.

A record of a newer version of this program, or of a stage that it does not know, is not ours to
judge, nor is what it needs ours to drop.

Usage:
    from shared.pipeline.cache.entry import describe_result, read_entry

    read_entry(folder / "results" / "asr" / "0f….json")
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.core.errors import InputError
from shared.core.files import read_json
from shared.pipeline.cache.contents import RESULT_NAME
from shared.pipeline.cache.index import NONE, OURS, STRANGER, Described
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.job.record.shape import key_of, shape_of
from shared.stage_order import STAGE_ORDER

DIGESTS = re.compile(r"\b[0-9a-f]{64}\b")
SCHEMA_VERSION = Checkpoint.model_fields["schema_version"].default


class UnreadableRecord(Exception):
    """A file where a record should be that is none."""


@dataclass(frozen=True)
class Entry:
    """One cached result."""

    path: Path
    record: Checkpoint
    used: float

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return size_of(self.record)

    @property
    def source(self) -> str:
        """The job that did the work."""
        return self.record.reused_from or self.record.job_id


def read_entry(path: Path) -> Entry | None:
    """Return a result, None where it is a newer version's or gone meanwhile.

    Args:
        path: Its record, in the folder of its stage.

    Raises:
        UnreadableRecord: It is no record of that stage.
    """
    try:
        data = read_json(path)
        return None if _is_newer(data) else _entry(path, data)
    except FileNotFoundError:
        return None
    except (InputError, IsADirectoryError) as error:
        raise UnreadableRecord(path) from error


def describe_result(path: Path) -> Described | None:
    """Return what the index holds of a record; None where it is gone meanwhile.

    Args:
        path: A file in the folder of a stage.

    Raises:
        OSError: It cannot be read now; what it is, is not known.
    """
    try:
        is_known = path.parent.name in STAGE_ORDER
        data = read_json(path) if is_known else None
        if not is_known or _is_newer(data):
            text = path.read_text(encoding="utf-8")
            return Described(STRANGER, contents=dict.fromkeys(DIGESTS.findall(text), 0))
        if not RESULT_NAME.fullmatch(path.name):
            return Described(NONE)
        record = _entry(path, data).record
    except FileNotFoundError:
        return None
    except (InputError, IsADirectoryError, UnicodeDecodeError, UnreadableRecord):
        return Described(NONE)
    contents = {output.sha256: output.size for output in record.outputs.values()}
    return Described(OURS, shape_of(record), key_of(record), contents)


def size_of(record: Checkpoint) -> int:
    """Return the bytes of a result's files.

    Args:
        record: What the stage left in the cache.
    """
    return sum(output.size for output in record.outputs.values())


def _entry(path: Path, data: object) -> Entry:
    """Return the result that a file's content is.

    Raises:
        UnreadableRecord: It is no record of that stage.
        FileNotFoundError: The file is gone meanwhile.
    """
    try:
        record = Checkpoint.model_validate(data)
    except ValidationError as error:
        raise UnreadableRecord(path) from error
    if record.stage != path.parent.name or path.is_symlink():
        raise UnreadableRecord(path)
    return Entry(path, record, path.stat().st_mtime)


def _is_newer(data: object) -> bool:
    """Return whether a record was written by a later version of this program."""
    version = data.get("schema_version") if isinstance(data, dict) else None
    return isinstance(version, int) and version > SCHEMA_VERSION
