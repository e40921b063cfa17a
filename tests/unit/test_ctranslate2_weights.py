#!/usr/bin/env python3
"""Tests of scripts/runtime/ctranslate2_weights.py, on files written as CTranslate2 writes them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from scripts.runtime.ctranslate2_weights import TYPES, read_variables
from shared.core.errors import InputError


def text(value: str) -> bytes:
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def variable(name: str, array: np.ndarray, kind: str = "") -> bytes:
    shape = b"".join(struct.pack("<I", size) for size in array.shape)
    head = text(name) + struct.pack("<B", array.ndim) + shape
    number = TYPES.index(kind or array.dtype.name)
    return head + struct.pack("<BI", number, array.nbytes) + array.tobytes()


def model(folder: Path, *variables: bytes, aliases: tuple[tuple[str, str], ...] = ()) -> Path:
    content = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(variables))
    content += b"".join(variables) + struct.pack("<I", len(aliases))
    content += b"".join(text(alias) + text(name) for alias, name in aliases)
    (folder / "model.bin").write_bytes(content)
    return folder


def test_numbers_are_read_as_they_were_written(tmp_path: Path) -> None:
    matrix = np.arange(6, dtype=np.float16).reshape(2, 3)
    found = read_variables(model(tmp_path, variable("a/w", matrix), aliases=(("b/w", "a/w"),)))
    assert found.keys() == {"a/w", "b/w"}
    assert found["b/w"].shape == (2, 3)
    assert np.array_equal(found["b/w"].array(), matrix)


def test_int8_rows_are_divided_by_their_scales(tmp_path: Path) -> None:
    rows = np.array([[127, -64], [10, 20]], np.int8)
    scale = np.array([254.0, 10.0], np.float32)
    found = read_variables(model(tmp_path, variable("w", rows), variable("w_scale", scale)))
    assert found.keys() == {"w"}
    assert np.allclose(found["w"].array(), [[0.5, -64 / 254], [1.0, 2.0]])


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    upper = (np.array([1.0, -2.5], np.float32).view(np.uint32) >> 16).astype(np.uint16)
    found = read_variables(model(tmp_path, variable("w", upper, "bfloat16")))
    assert found["w"].array().tolist() == [1.0, -2.5]


@pytest.mark.parametrize("content", [b"", b"\x06\0\0\0", struct.pack("<I", 99) + b"x" * 40])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(InputError, match="not a whole CTranslate2 model"):
        read_variables(tmp_path)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    folder = model(tmp_path, variable("w", np.zeros((4, 4), np.float32)))
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[:-20])
    with pytest.raises(InputError):
        read_variables(folder)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No model.bin"):
        read_variables(tmp_path)
