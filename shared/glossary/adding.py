#!/usr/bin/env python3
"""
Adding: one term put into a glossary file that a person keeps; all else in it stays as it is.

Usage:
    from shared.glossary.adding import add_term

    add_term(path, GlossaryTerm(source="Gabbar", alternatives=["Gabber"], origin="film"))
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from shared.core.errors import InputError, UnavailableError
from shared.core.files import draft_of
from shared.glossary.records import GlossaryTerm
from shared.glossary.table import (
    COMMENT,
    LINE_END,
    TAB,
    cells_of,
    columns_in,
    columns_of,
    read_table,
)

TOP = f"{COMMENT} Terms of this film. Edit as you like\n"


def add_term(path: Path, term: GlossaryTerm) -> None:
    """Add a term as the last row of a .tsv file, atomically, also beside another process.

    Rows of one file that agree are one term: a term that is there gains what it lacks.

    Args:
        path: The file; made if it is not there.
        term: What to add.

    Raises:
        InputError: The file is damaged or lacks a column that the term needs, or the term is none.
        UnavailableError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            _write(path, term)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnavailableError(f"{path} cannot be written: {error.strerror}") from error


def _write(path: Path, term: GlossaryTerm) -> None:
    text = ""
    if path.exists():
        read_table(path, term.origin)  # what is damaged is told before anything is added
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8", hint="Save it as UTF-8") from error
    header = _header(text, path)
    if not header:
        header = columns_of([term])
        text += TOP + TAB.join(header) + "\n"
    cells = cells_of(term)
    lacking = [name for name, cell in cells.items() if cell and name not in header]
    if lacking:
        raise InputError(f"{path} has no column {lacking[0]}", hint="Add it to the first line")
    row = TAB.join(" ".join(cells.get(name, "").split()) for name in header)
    text += ("" if text.endswith(("\n", "\r")) else "\n") + row + "\n"
    with draft_of(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")
        try:
            read_table(draft, term.origin)
        except InputError as error:  # the term: the rest has been read
            cause = error.cause.replace(str(draft), str(path))
            raise InputError(cause, hint=error.hint) from error


def _header(text: str, path: Path) -> list[str]:
    """Return the names of a file's columns, [] without any."""
    for line in LINE_END.split(text):
        if line.strip() and not line.startswith(COMMENT):
            return columns_in(line, path)
    return []
