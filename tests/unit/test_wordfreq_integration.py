#!/usr/bin/env python3
"""Tests of scripts/writing/wordfreq_integration.py with the real word lists."""

from __future__ import annotations

import pytest

from scripts.writing.wordfreq_integration import common_words
from shared.glossary.records import Glossary, GlossaryTerm
from shared.glossary.wordings import Wordings

pytest.importorskip("wordfreq")


def test_common_words_are_those_that_people_use() -> None:
    assert {"very", "mother", "police"} <= common_words("en")
    assert {"नहीं", "राज"} <= common_words("hi-IN")
    assert "gabbar" not in common_words("en")
    assert not common_words("tlh") and not common_words("auto")


def test_a_name_is_kept_from_the_words_around_it() -> None:
    terms = [GlossaryTerm(source=name, origin="film") for name in ("Aman", "Veeru", "Mathur")]
    made = Wordings(Glossary(terms=terms), "en", common_words).transcript()
    aman, veeru, mathur = (set(one.common) for one in made.terms)
    assert {"a", "man", "amen", "amman"} <= aman
    assert "mother" in mathur and "virus" in veeru
