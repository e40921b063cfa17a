#!/usr/bin/env python3
"""Tests of shared/pipeline/prepare/films.py: names, patterns, folders and lists of films."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.pipeline.prepare.films import named_films

ODD = ("a b.mkv", 'It\'s "odd" 🎬 [1].mp4', "मेरी फ़िल्म.MKV", "-x.avi", "two\nlines.mkv", "#1.mkv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with films of odd names, and what is none."""
    folder = tmp_path / "films"
    (folder / "season 1").mkdir(parents=True)
    for name in (*ODD, "a b.en.srt", "notes.txt", ".hidden.mkv", "season 1/e1.mkv"):
        (folder / name).write_bytes(b"x")
    (folder / "folder.mkv").mkdir()
    return folder


def names(found: Sequence[str], folder: Path) -> list[str]:
    """Return what was found by its name in a folder."""
    return [str(Path(one).relative_to(folder)) for one in found]


def test_a_folder_stands_for_the_films_in_it(folder: Path) -> None:
    assert names(named_films([str(folder)]), folder) == sorted(ODD)
    assert "season 1/e1.mkv" in names(named_films([f"{folder}/**/*.mkv"]), folder)


def test_a_folder_that_is_a_job_is_one(folder: Path) -> None:
    (folder / "job.json").write_text("broken")
    assert named_films([str(folder)]) == [str(folder)]
    (folder / "job.json").unlink()
    (folder / ".checkpoints").mkdir()
    assert named_films([str(folder)]) == [str(folder)]


def test_what_we_delivered_beside_a_film_is_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = ("a b.subtitled.mkv", "a b.2.subtitled.mkv", "x.subtitled.mp4")  # of -x.avi, made safe
    for name in (*ours, "other.subtitled.mkv"):
        (folder / name).write_bytes(b"x")
    assert names(named_films([str(folder)]), folder) == sorted((*ODD, "other.subtitled.mkv"))
    assert capsys.readouterr().err.count("Left out") == 3
    assert named_films([str(folder / ours[0])]) == [str(folder / ours[0])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_holds_a_name_a_line(folder: Path, end: str, mark: str) -> None:
    lines = ["# tonight", "", "  a b.mkv  ", "\t", "gone.mkv", ODD[1], ODD[2], "-x.avi", "a b.mkv"]
    lines += ["  # another remark", "./#1.mkv", "season*/*.mkv"]
    path = folder / "my list.txt"
    path.write_bytes((mark + end.join(lines)).encode())
    expected = ["a b.mkv", "gone.mkv", ODD[1], ODD[2], "-x.avi", "#1.mkv", "season 1/e1.mkv"]
    for found in (named_films([f"@{path}"]), named_films([], [str(path)])):
        assert names(found, folder) == expected


def test_a_list_names_what_lies_where_the_command_runs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list").write_text("season 1/e1.mkv\n" + str(folder / "a b.mkv"))
    monkeypatch.chdir(folder)
    assert named_films(["@" + str(tmp_path / "list")]) == ["season 1/e1.mkv", f"{folder}/a b.mkv"]


def test_names_with_line_breaks_come_from_find(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = b"".join(str(folder / name).encode() + b"\0" for name in ODD)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(told)))
    assert names(named_films([], ["-"]), folder) == list(ODD)


def test_a_file_whose_name_begins_with_the_mark_of_a_list_is_a_film(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "@home.mkv").write_bytes(b"x")
    assert named_films(["@home.mkv"]) == ["@home.mkv"]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "cannot be read: No such file"),
        (b"", "names no film"),
        (b"# only\n\n  \n", "names no film"),
        ("a b.mkv".encode("utf-16"), "is not UTF-8 text"),
    ],
)
def test_a_list_that_is_none_is_told(tmp_path: Path, content: bytes | None, cause: str) -> None:
    if content is not None:
        (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(InputError, match=cause) as caught:
        named_films([f"@{tmp_path / 'list.txt'}"])
    assert caught.value.hint


@pytest.mark.parametrize(("targets", "lists"), [([""], []), (["a", " "], []), ([], [""])])
def test_an_empty_name_is_no_film(targets: list[str], lists: list[str]) -> None:
    with pytest.raises(InputError, match="No file is named"):
        named_films(targets, lists)


def test_a_folder_without_films_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it has no job.json; and it holds no film"):
        named_films([str(tmp_path)])
