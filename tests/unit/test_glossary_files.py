#!/usr/bin/env python3
"""Tests of a person's glossary files: which are read, how, and what is told of the others."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest

from shared.config import load_config
from shared.core.errors import InputError
from shared.glossary import files
from shared.glossary.files import glossary_files, unread_files
from shared.glossary.table import read_table
from tests.support.commands import run_script

FILM = "Sholay (1975)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A glossary folder of this test's own."""
    monkeypatch.setattr(files, "GLOSSARY_DIR", tmp_path / "glossary")
    (tmp_path / "glossary").mkdir()
    return tmp_path / "glossary"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), []),
        (("README.md", ".DS_Store", "~$terms.xlsx", "terms.tsv~"), []),
        ((f"{FILM}.tsv", f"{FILM}.csv", "terms.csv", "learned.tsv", "Deewaar (1975).tsv"), []),
        (("mine.xlsx",), ["mine.xlsx; a glossary is .tsv or .csv"]),
        (("mine.csv",), [f"mine.csv; for this film {FILM}.tsv, terms.tsv, learned.tsv are read"]),
        (("Terms.TSV", "terms.txt"), ["Terms.TSV, terms.txt; a glossary is"]),
        (("a.ods", "b.tsv", "c.tsv"), ["a.ods; a", "b.tsv, c.tsv; for"]),
        (tuple(f"{n}.doc" for n in range(9)), ["0.doc, 1.doc, 2.doc and 6 more; a"]),
    ],
)
def test_what_nobody_reads_is_told(folder: Path, names: tuple[str, ...], told: list[str]) -> None:
    for name in names:
        (folder / name).touch()
    lines = unread_files(load_config(), FILM)
    assert [line.startswith(f"Not read in glossary/: {one}") for one, line in zip(told, lines)] == [
        True for _ in told
    ]
    assert len(lines) == len(told)
    for own in ({"GLOSSARY_FILES": "x.tsv"}, {"GLOSSARY_ENABLED": "false"}):
        assert unread_files(load_config(overrides=own), FILM) == []


def test_files_are_taken_by_name_from_the_most_trusted_on(folder: Path) -> None:
    for name in (f"{FILM}.csv", "terms.tsv", "terms.csv", "learned.tsv", "mine.tsv"):
        (folder / name).touch()
    taken = [(path.name, origin) for path, origin in glossary_files(load_config(), FILM)]
    assert taken == [
        (f"{FILM}.csv", "film"),
        *(("terms.tsv", "user"), ("terms.csv", "user"), ("learned.tsv", "learned")),
    ]


def test_each_run_tells_it_one_with_nothing_to_do_too(finished_job: Path, folder: Path) -> None:
    (folder / "mine.xlsx").touch()
    for arguments in ((), ("--dry-run",)):
        done = run_script(
            "run-pipeline", "transcribe", finished_job, "--to", "glossary_load", *arguments
        )
        told = done.stdout + done.stderr
        assert done.returncode == 0 and "Nothing to do" in told
        assert told.count("Not read in glossary/: mine.xlsx; ") == 1
    done = run_script("run-pipeline", "transcribe", finished_job, "--to", "tmdb")
    assert "mine.xlsx" not in done.stdout + done.stderr


def test_a_name_that_is_nearly_that_of_the_film_or_leads_nowhere_is_told(folder: Path) -> None:
    film = "Amélie (2001)"
    for name in (normalize("NFD", f"{film}.tsv"), "AMÉLIE (2001).csv", "Amelia (2001).tsv"):
        (folder / name).touch()
    (folder / "terms.tsv").symlink_to(folder / "gone")
    (folder / "learned.csv").mkdir()
    assert glossary_files(load_config(), film) == []
    near, nowhere = unread_files(load_config(), film)
    assert normalize("NFC", near).startswith(
        f"Not read in glossary/: AMÉLIE (2001).csv, {film}.tsv; for this film {film}.tsv, "
    )
    assert nowhere.startswith("Not read in glossary/: learned.csv, terms.tsv; there is no file")


def test_a_name_of_several_lines_is_told_in_one(folder: Path) -> None:
    (folder / "a\nb\x1b[31m.csv").touch()
    (line,) = unread_files(load_config(), FILM)
    assert line.isprintable() and "b" in line


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_that_a_spreadsheet_left_empty_are_none(tmp_path: Path, separator: str) -> None:
    rows = (["source", "preferred", "", ""], ["A", "B", "", ""], ["C", "D", "", "lost"], ["E"])
    text = "\n".join(separator.join(row) for row in rows)
    (tmp_path / "t.csv").write_text(text)
    faults: list[InputError] = []
    assert [one.source for one in read_table(tmp_path / "t.csv", "user", faults)] == ["A", "E"]
    (fault,) = faults
    assert fault.cause.endswith("t.csv:3: 4 cells under 2 columns") and "semicolon" in fault.hint


def test_blanks_after_commas_open_no_cell(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('source, preferred\n"Rao, Jr.", "Rao, the son"\n')
    (term,) = read_table(tmp_path / "t.csv", "user")
    assert (term.source, term.preferred) == ("Rao, Jr.", "Rao, the son")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_as_spreadsheets_write_it(tmp_path: Path, separator: str) -> None:
    rows = [
        ["# kept, by hand"],
        ["Source", "preferred", "preferred:hi", "notes"],
        ["Gabbar", "Gabbar", "गब्बर", '"says ""So, how many?"""'],
        ["", "", "", ""],
        ['"Rao, Jr."', '"Rao; Jr."', "", ""],
    ]
    text = "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "T.CSV").write_bytes(text.encode("utf-8-sig"))
    gabbar, rao = read_table(tmp_path / "T.CSV", "user")
    assert (gabbar.preferred_in, gabbar.notes) == ({"hi": "गब्बर"}, 'says "So, how many?"')
    assert (rao.source, rao.preferred) == ("Rao, Jr.", "Rao; Jr.")


def test_faulty_lines_of_a_csv_are_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('source,notes\nRaj,"two\nlines"\nA,B,C\nVijay,x\n' + "a" * 200_000 + "\n")
    faults: list[InputError] = []
    assert [term.source for term in read_table(path, "user", faults)] == ["Vijay"]
    assert [fault.cause.partition(": ")[2][:22] for fault in faults] == [
        *("a quote is opened and ", "a quote is opened and ", "3 cells under 2 columns"[:22]),
        "field larger than fiel",
    ]
    with pytest.raises(InputError, match="t.csv:2: a quote is opened and not closed"):
        read_table(path, "user")


def test_one_column_needs_no_separator(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("source\nRaj, the boy\n")
    assert [term.source for term in read_table(tmp_path / "t.csv", "user")] == ["Raj, the boy"]
