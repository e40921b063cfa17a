#!/usr/bin/env python3
"""
Table: a glossary file, tab-separated values with a header, read and written; .csv is read, too.

Columns: `source` (the word as spoken, required), `preferred` (how to write it, or its translation),
`preferred:<language>` (the same for one language), `alternatives` (separated by |), `notes`,
`context`, `speaker`. glossary/README.md says what they mean.

Usage:
    from shared.glossary.table import read_table, write_table

    terms = read_table(path, origin="user")
    terms = read_table(path, origin="user", faults=(faults := []))    # faulty lines are left out
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from pathlib import Path
from unicodedata import category

from shared.core.errors import InputError, nearest
from shared.core.files import write_text
from shared.core.languages import parse_language
from shared.glossary.records import GlossaryTerm, Origin

COLUMNS = ("source", "preferred", "alternatives", "notes", "context", "speaker")
IN_LANGUAGE = "preferred:"
ALTERNATIVES_SEPARATOR = "|"
# As editors count lines; str.splitlines() takes six more characters for line ends.
LINE_END = re.compile(r"\r\n|\r|\n")
COMMENT = "#"
TAB = "\t"
# Of a .csv, as spreadsheets write it: where a comma stands in numbers, they take the semicolon.
CSV, CSV_SEPARATORS = ".csv", ",;\t"
# Characters of a word or a phrase; more is a line that lost its tabs.
LONGEST_TERM = 200


def read_table(
    path: Path, origin: Origin, faults: list[InputError] | None = None
) -> list[GlossaryTerm]:
    """Return the terms of a file, in its order.

    Args:
        path: The file.
        origin: film, user or learned.
        faults: Where faulty lines are told, which are then left out; a faulty header leaves out
            the file. None = the first one is raised.

    Raises:
        InputError: Names file, line and what is wrong; always where the file cannot be read.
    """
    header: list[str] | None = None
    separator = ""
    terms: list[GlossaryTerm] = []
    for number, line in enumerate(LINE_END.split(_read(path, faults)), 1):
        if header is None and path.suffix.lower() == CSV:
            separator = next((char for char in line if char in CSV_SEPARATORS), TAB)
        try:
            row = _cells(line, separator, f"{path}:{number}")
            if not any(cell.strip() for cell in row) or row[0].startswith(COMMENT):
                continue
            _check_characters(line, path, number)
            if header is None:
                header = _check_header(_without_empty_end(row), path, number)
            else:
                terms.append(_term(row, header, origin, path, number))
        except InputError as fault:
            if faults is None:
                raise
            faults.append(fault)
            if header is None:
                break
    return terms


def write_table(path: Path, terms: Sequence[GlossaryTerm], comment: str) -> None:
    """Write terms to a file, atomically.

    Args:
        path: The file.
        terms: In their order.
        comment: A line for people on top.
    """
    columns = columns_of(terms)
    rows = [f"{COMMENT} {comment}", TAB.join(columns)]
    for term in terms:
        cells = cells_of(term)
        rows.append(TAB.join(" ".join(cells.get(name, "").split()) for name in columns))
    write_text(path, "\n".join(rows) + "\n")


def columns_of(terms: Sequence[GlossaryTerm]) -> list[str]:
    """Return the columns that a file of these terms has.

    Args:
        terms: What it holds.
    """
    languages = sorted({tag for term in terms for tag in term.preferred_in})
    return [*COLUMNS[:2], *(IN_LANGUAGE + tag for tag in languages), *COLUMNS[2:]]


def columns_in(line: str, path: Path) -> list[str]:
    """Return the columns that the first line of a .tsv file names.

    Args:
        line: Without its end.
        path: For what is told.

    Raises:
        InputError: It names none.
    """
    return _check_header(_without_empty_end(line.split(TAB)), path, 1)


def cells_of(term: GlossaryTerm) -> dict[str, str]:
    """Return what a term has in each column.

    Args:
        term: What a row says.
    """
    cells = {name: str(value) for name, value in term.model_dump(include=set(COLUMNS)).items()}
    cells |= {IN_LANGUAGE + tag: text for tag, text in term.preferred_in.items()}
    return cells | {"alternatives": ALTERNATIVES_SEPARATOR.join(term.alternatives)}


def _cells(line: str, separator: str, where: str) -> list[str]:
    """Return the cells of a line; in a .csv, which has a separator, quotes hold one together."""
    if not separator:
        return line.split(TAB)
    if line.count('"') % 2:
        raise InputError(
            f"{where}: a quote is opened and not closed",
            hint='A cell lies on one line, a quote in it is written ""',
        )
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise InputError(f"{where}: {error}", hint="Is a line end missing?") from error


def _read(path: Path, faults: list[InputError] | None) -> str:
    """Return a file's text; where faults are told, lines that are none hold surrogates."""
    if path.exists() and not path.is_file():  # a pipe or a device may have no end
        raise InputError(f"{path} cannot be read: not a regular file", hint="Check GLOSSARY_FILES")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"No such glossary: {path}", hint="Check GLOSSARY_FILES") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", hint="Check GLOSSARY_FILES"
        ) from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-16" if wide else "utf-8-sig", "replace")
        fault = _not_text(path, len(LINE_END.split(before)))
        if faults is None:
            raise fault from error
        if not wide:
            return data.decode("utf-8-sig", "surrogateescape")
        faults.append(fault)
        return ""


def _without_empty_end(row: Sequence[str]) -> list[str]:
    """Return the cells of a line up to its last filled one: spreadsheets write more of them."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _between(path: Path) -> str:
    return "a comma, semicolon or tab" if path.suffix.lower() == CSV else "one tab"


def _not_text(path: Path, line: int) -> InputError:
    return InputError(f"{path}:{line}: not UTF-8 text", hint="Save it as UTF-8")


def _check_header(cells: Sequence[str], path: Path, line: int) -> list[str]:
    header = [_column(cell, path, line) for cell in cells]
    if "source" not in header:
        raise InputError(
            f"{path}:{line}: no column 'source'",
            hint=f"The first line names the columns, between them {_between(path)}: "
            + " ".join(COLUMNS[:2]),
        )
    for name in header:
        if name not in COLUMNS and not name.startswith(IN_LANGUAGE):
            raise InputError(
                f"{path}:{line}: unknown column {name!r}",
                hint=nearest(name, COLUMNS)
                or f"Columns: {', '.join(COLUMNS)}, {IN_LANGUAGE}<language>",
            )
        if header.count(name) > 1:
            raise InputError(
                f"{path}:{line}: column {name!r} stands there twice", hint="Keep one of the two"
            )
    return header


def _column(cell: str, path: Path, line: int) -> str:
    """Return the name of a column in lower case, its language as a tag."""
    name = cell.lower()
    if not name.startswith(IN_LANGUAGE):
        return name
    try:
        return IN_LANGUAGE + parse_language(cell[len(IN_LANGUAGE) :].strip(), f"column {cell}")
    except InputError as error:
        raise InputError(f"{path}:{line}: {error.cause}", hint=error.hint) from error


def _term(
    row: Sequence[str], header: Sequence[str], origin: Origin, path: Path, line: int
) -> GlossaryTerm:
    row = _without_empty_end(row)
    if len(row) > len(header):
        raise InputError(
            f"{path}:{line}: {len(row)} cells under {len(header)} columns",
            hint=f"One too many? Between two cells is {_between(path)}",
        )
    cells = dict(zip(header, row, strict=False))
    for name, cell in cells.items():
        _check_cell(name, cell, f"{path}:{line}")
    if not cells.get("source"):
        raise InputError(f"{path}:{line}: the cell 'source' is empty", hint="Fill it or remove it")
    alternatives = cells.pop("alternatives", "").split(ALTERNATIVES_SEPARATOR)
    preferred_in = {
        name.removeprefix(IN_LANGUAGE): cells.pop(name)
        for name in list(cells)
        if name.startswith(IN_LANGUAGE)
    }
    return GlossaryTerm(
        **cells,
        preferred_in={tag: text for tag, text in preferred_in.items() if text},
        alternatives=[text.strip() for text in alternatives if text.strip()],
        origin=origin,
    )


def _check_characters(text: str, path: Path, line: int) -> None:
    if any(category(char) == "Cs" for char in text):
        raise _not_text(path, line)
    control = next((char for char in text if category(char) == "Cc" and not char.isspace()), "")
    if control:
        raise InputError(
            f"{path}:{line}: a control character (U+{ord(control):04X})",
            hint="Remove it; if there are many, save the file as UTF-8",
        )


def _check_cell(name: str, cell: str, where: str) -> None:
    """Refuse what can be no word."""
    if name in ("notes", "context", "speaker"):
        return
    for word in cell.split(ALTERNATIVES_SEPARATOR) if name == "alternatives" else [cell]:
        if len(word) > LONGEST_TERM:
            raise InputError(
                f"{where}: the cell '{name}' has {len(word)} characters, the limit is "
                f"{LONGEST_TERM}",
                hint="Is a tab or a line end missing?",
            )
        if word.strip() and not any(char.isalnum() for char in word):
            raise InputError(
                f"{where}: the cell '{name}' holds no letter and no digit: {word.strip()}",
                hint="Write a word, or leave the cell empty",
            )
