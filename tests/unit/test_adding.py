#!/usr/bin/env python3
"""Tests of shared/glossary/adding.py: a person's glossary file gains a term and loses nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.glossary.adding import add_term
from shared.glossary.records import GlossaryTerm
from shared.glossary.table import read_table


def term(source: str, **fields: object) -> GlossaryTerm:
    """Return a term of a film."""
    return GlossaryTerm.model_validate({"source": source, "origin": "film", **fields})


def test_a_file_is_made_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "glossary" / "Film (2020).tsv"
    first = term("Gabbar", alternatives=["Gabber"])
    second = term("Jai", alternatives=["J"])
    add_term(path, first)
    add_term(path, second)
    assert read_table(path, "film") == [first, second]


def test_what_a_person_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    before = "# mine\r\nnotes\tSource\tAlternatives\r\nvillain\tGabbar\tGabber|Gobar\r\n\r\n# end"
    path.write_bytes(before.encode("utf-8-sig"))
    add_term(path, term("Jai", alternatives=["J\tay\n"]))
    assert path.read_bytes().decode() == before + "\n\tJai\tJ ay\n"


@pytest.mark.parametrize(
    ("there", "added", "told"),
    [
        ("source\nGabbar\n", term("Jai", alternatives=["J"]), "no column alternatives"),
        ("source\tpreferred\n", term("जय", preferred_in={"en": "Jay"}), "no column preferred:en"),
        ("nothing\n", term("Jai"), ":1: no column 'source'"),
        ("source\na\tb\n", term("Jai"), ":2: 2 cells"),
        ("source\nGabbar\n", term("?!"), ":3: the cell 'source' holds no letter"),
        ("source\nGabbar\n", term("x" * 300), ":3: the cell 'source' has 300"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    tmp_path: Path, there: str, added: GlossaryTerm, told: str
) -> None:
    path = tmp_path / "terms.tsv"
    path.write_text(there)
    with pytest.raises(InputError, match="terms.tsv") as caught:
        add_term(path, added)
    assert told in caught.value.cause and path.read_text() == there
    assert list(tmp_path.iterdir()) == [path]


def test_several_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: add_term(path, term(f"Name{n}")), range(30)))
    assert {one.source for one in read_table(path, "film")} == {f"Name{n}" for n in range(30)}
