#!/usr/bin/env python3
"""
Env file: KEY=VALUE files read with the line of every value, so that errors can name it.

Usage:
    from shared.core.configuration.env_file import read_env_file

    values = read_env_file(path)
    values["DEVICE"].origin     # config/.env.pipeline:31
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream

from shared.core.errors import InputError

MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Origin:
    """Where one configured value comes from; line 0 means that there is no line."""

    place: str
    line: int

    def __str__(self) -> str:
        return f"{self.place}:{self.line}" if self.line else self.place


@dataclass(frozen=True)
class RawValue:
    """A value before validation, with its origin and, from a file, its line as it stands there."""

    value: Any
    origin: Origin
    written: str = ""


def read_env_file(path: Path) -> dict[str, RawValue]:
    """Read KEY=VALUE lines.

    Args:
        path: A file in dotenv form.

    Returns:
        Key to raw value with its line.

    Raises:
        InputError: When the file is missing, or a line is not KEY=VALUE or stands there twice.
    """
    values: dict[str, RawValue] = {}
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: larger than any settings", hint="Is it the right file?")
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: the configuration file is missing", hint=f"git checkout -- {path.name}"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a UTF-8 text file", hint="Save it as UTF-8") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", hint="Make it a readable file, or remove it"
        ) from error
    for binding in bindings:
        origin = Origin(str(path), _first_content_line(binding.original))
        if binding.error or (binding.key is not None and binding.value is None):
            raise InputError(f"{origin}: not a KEY=VALUE line", hint="Write KEY=VALUE")
        if binding.key is None:
            continue
        if binding.key in values:
            raise InputError(
                f"{origin}: {binding.key} stands there twice",
                hint=f"Keep one; the other is on line {values[binding.key].origin.line}",
            )
        values[binding.key] = RawValue(binding.value, origin, binding.original.string.strip())
    return values


def _first_content_line(original: Any) -> int:
    """Return the line of the binding itself: dotenv counts the blank lines in front to it."""
    text: str = original.string
    return int(original.line) + len(text) - len(text.lstrip("\n"))
