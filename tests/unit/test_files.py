#!/usr/bin/env python3
"""Tests of shared/core/files.py."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError
from shared.core.files import (
    HASH_BLOCK,
    make_folder,
    matching,
    read_json,
    sha256_of,
    write_json,
    write_text,
)
from shared.core.paths import PROJECT_ROOT
from tests.support.commands import HANG_SECONDS

KILLED_WRITER = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from shared.core import files
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
files.write_text(Path(sys.argv[1]), "new" * 100000)
"""
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "लिखा.txt"
    write_text(path, "one\r\ntwo\nतीन")
    assert path.read_bytes() == "one\r\ntwo\nतीन".encode()
    assert os.listdir(tmp_path) == [path.name]


def test_the_file_gets_the_usual_permissions(tmp_path: Path) -> None:
    written, touched = tmp_path / "written", tmp_path / "touched"
    write_text(written, "")
    touched.touch()
    assert written.stat().st_mode == touched.stat().st_mode


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "half\ud800")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_reader_has_the_old_file_or_the_new_one_never_a_mixture(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with path.open() as reader:
        write_text(path, "new and longer")
        assert reader.read() == "old"
    assert path.read_text() == "new and longer"


def test_a_killed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    command = [sys.executable, "-c", KILLED_WRITER, str(path), str(PROJECT_ROOT)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert path.read_text() == "old"


@given(JSON_VALUES)
def test_json_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.json"
    write_json(path, data)
    assert read_json(path) == data


def test_broken_json_names_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text('{\n  "a": 1,\n  oops\n}\n')
    with pytest.raises(InputError, match=r"job\.json:3:3: not valid JSON") as caught:
        read_json(path)
    assert caught.value.hint


def test_json_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_bytes(b'{"a": "\xff\xfe"}')
    with pytest.raises(InputError, match="not a UTF-8 text file"):
        read_json(path)


@pytest.mark.parametrize("text", [r"a\ud800b", r"\uDFFF", r"\ude00\ud83d"])
def test_half_a_character_is_refused_as_nothing_could_write_it_again(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "job.json"
    path.write_text(f'{{"{text}": ["{text}"]}}')
    with pytest.raises(InputError, match=r"holds '\\u.*', half a character"):
        read_json(path)


def test_two_halves_are_a_character_and_a_backslash_is_none(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text(r'["\ud83d\ude00", "\\ud800"]')
    assert read_json(path) == ["\U0001f600", r"\ud800"]


@pytest.mark.parametrize("size", [0, 1, HASH_BLOCK, HASH_BLOCK + 1])
def test_digest_is_that_of_the_whole_file(tmp_path: Path, size: int) -> None:
    content = b"\x07" * size
    (tmp_path / "a").write_bytes(content)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_many_who_make_one_folder_at_once_all_write_into_it(tmp_path: Path) -> None:
    def write(folder: Path, name: str, together: threading.Barrier) -> None:
        together.wait(HANG_SECONDS)
        if not folder.is_dir():
            make_folder(folder, 0o755)
        (folder / name).mkdir()

    with ThreadPoolExecutor(6) as pool:
        for number in range(200):
            folder, together = tmp_path / str(number), threading.Barrier(6)
            written = [pool.submit(write, folder, str(name), together) for name in range(6)]
            for one in written:
                one.result(HANG_SECONDS)
            assert len(list(folder.iterdir())) == 6


def test_what_vanishes_while_it_is_looked_for_is_not_there(tmp_path: Path) -> None:
    """A folder of a day is made under a hidden name; somebody who lists them meets it."""
    (tmp_path / "2026" / "11").mkdir(parents=True)
    stop = threading.Event()

    def make_and_remove() -> None:
        while not stop.is_set():
            for name in (".folder-1", "12"):
                (tmp_path / "2026" / name / "01").mkdir(parents=True)
                (tmp_path / "2026" / name / "01").rmdir()
                (tmp_path / "2026" / name).rmdir()

    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(make_and_remove)
        try:
            found = [matching(tmp_path, "[0-9]*/*/*") for _ in range(2000)]
        finally:
            stop.set()
        busy.result(HANG_SECONDS)
    assert {path.parts[-2:] for one in found for path in one} <= {("12", "01")}
    (tmp_path / "2026" / "11" / "30").mkdir()
    assert matching(tmp_path, "[0-9]*/*/*") == [tmp_path / "2026" / "11" / "30"]
