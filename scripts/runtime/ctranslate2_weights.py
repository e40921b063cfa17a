#!/usr/bin/env python3
"""
CTranslate2 weights: reads the variables of a model.bin, quantised ones restored to numbers.

The file is a header (version, name of the specification, its revision), then each variable with its
name, shape, type and bytes, then aliases. The file is mapped, not loaded: a variable costs memory
only while it is used.

Usage:
    from scripts.runtime.ctranslate2_weights import read_variables

    variables = read_variables(Path("models/whisper/base"))
    variables["encoder/conv1/weight"].array()   # float32, shape (512, 80, 3)
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.core.errors import InputError

WEIGHTS = "model.bin"
NEWEST_VERSION = 6
# In the order of their numbers in the file; bfloat16 is the upper half of a float32.
TYPES = ("float32", "int8", "int16", "int32", "float16", "bfloat16")
SCALE_SUFFIX = "_scale"


@dataclass(frozen=True)
class Variable:
    """One variable of a model: its shape, and its numbers when asked for."""

    shape: tuple[int, ...]
    array: Callable[[], Any]


def read_variables(folder: Path) -> dict[str, Variable]:
    """Return the variables of a model by name; aliases and scales are resolved.

    Args:
        folder: Holds model.bin.

    Returns:
        Variables whose array() gives numpy arrays; quantised weights as float32.

    Raises:
        InputError: There is no such file, or it is not one of CTranslate2.
    """
    path = folder / WEIGHTS
    try:
        with path.open("rb") as stream:
            memory = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        return _parse(memory)
    except FileNotFoundError as error:
        raise InputError(f"No {WEIGHTS} in {folder}", hint="Name a CTranslate2 folder") from error
    except (ValueError, IndexError, struct.error) as error:
        raise InputError(
            f"{path} is not a whole CTranslate2 model: {error}", hint="Fetch it again"
        ) from error


def _parse(memory: mmap.mmap) -> dict[str, Variable]:
    cursor = _Cursor(memory)
    version = cursor.number("I")
    if not 5 <= version <= NEWEST_VERSION:
        raise ValueError(f"unknown version {version}")
    cursor.text()
    cursor.number("I")
    raw: dict[str, Variable] = {}
    for _ in range(cursor.number("I")):
        name = cursor.text()
        shape = tuple(cursor.number("I") for _ in range(cursor.number("B")))
        kind = TYPES[cursor.number("B")]
        size = cursor.number("I")
        raw[name] = Variable(shape, _reader(memory, cursor.skip(size), size, kind, shape))
    for _ in range(cursor.number("I")):
        alias = cursor.text()
        raw[alias] = raw[cursor.text()]
    return {
        name: _restored(variable, raw.get(name + SCALE_SUFFIX))
        for name, variable in raw.items()
        if not name.endswith(SCALE_SUFFIX)
    }


class _Cursor:
    """Reads little-endian numbers and strings one after the other.

    Args:
        memory: The mapped file.
    """

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._place = 0

    def number(self, kind: str) -> int:
        """Return the next number (struct's B, H or I)."""
        (value,) = struct.unpack_from(f"<{kind}", self._memory, self._place)
        self._place += struct.calcsize(f"<{kind}")
        return int(value)

    def text(self) -> str:
        """Return the next string; its length counts the zero at its end."""
        start = self.skip(self.number("H"))
        return self._memory[start : self._place - 1].decode("utf-8")

    def skip(self, size: int) -> int:
        """Go on by size bytes; return where they start."""
        start = self._place
        self._place += size
        if self._place > len(self._memory):
            raise ValueError("it ends too early")
        return start


def _reader(
    memory: mmap.mmap, start: int, size: int, kind: str, shape: tuple[int, ...]
) -> Callable[[], Any]:
    """Return a function that gives the numbers of one variable."""

    def read() -> Any:
        import numpy as np

        stored = "uint16" if kind == "bfloat16" else kind
        dtype = np.dtype(stored).newbyteorder("<")
        values = np.frombuffer(memory, dtype, count=size // dtype.itemsize, offset=start)
        if kind == "bfloat16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values.reshape(shape)

    return read


def _restored(variable: Variable, scale: Variable | None) -> Variable:
    """Return a quantised variable as float32 numbers; others as they are."""
    if scale is None:
        return variable

    def read() -> Any:
        import numpy as np

        factor = scale.array().astype(np.float32)
        if factor.ndim == 1 and len(variable.shape) > 1:
            factor = factor.reshape(-1, *(1 for _ in variable.shape[1:]))
        return variable.array().astype(np.float32) / factor

    return Variable(variable.shape, read)
