#!/usr/bin/env python3
"""Tests of shared/translation/plausible.py."""

from __future__ import annotations

import pytest

from shared.translation.plausible import objection


@pytest.mark.parametrize(
    ("source_text", "text", "pair"),
    [
        ("Wo bist du?", "Where are you?", "de-en"),
        ("Nein!", "No, I really do not think so!", "de-en"),
        ("Vijay!", "Vijay!", "hi-Latn-en"),
        ("तुम कहाँ हो?", "Where are you?", "hi-en"),
        ("Where are you?", "तुम कहाँ हो?", "en-hi"),
        ("Call the FBI", "FBI को बुलाओ", "en-hi"),
        ("1. Mai", "1. May", "de-en"),
        ("Was machst du denn hier?", "何をしているの?", "de-ja"),
        ("42", "42", "de-en"),
    ],
)
def test_nothing_speaks_against_a_translation(source_text: str, text: str, pair: str) -> None:
    source, _, target = pair.rpartition("-")
    assert objection(source_text, text, source, target) == ""


@pytest.mark.parametrize(
    ("source_text", "text", "pair", "why"),
    [
        ("Ja", " ", "de-en", "no text"),
        ("Ja", "```json", "de-en", "markup"),
        ("Ja", "deu_Latn eng_Latn Yes", "de-en", "markup"),
        ("Ja", "Here is the translation: Yes", "de-en", "markup"),
        ("Ja", "[3] Yes", "de-en", "number"),
        ("Ja", "Yes\nNo", "de-en", "several lines"),
        ("Ja", "Yes " * 20, "de-en", "longer"),
        ("Ein langer Satz, der vieles sagt. " * 4, "Yes", "de-en", "shorter"),
        ("तुम कहाँ हो?", "तुम कहाँ हो?", "hi-en", "script"),
        ("विजय", "विजय", "hi-en", "script"),
        ("Where are you?", "Where are you?", "en-hi", "script"),
        ("Ich gehe jetzt nach Hause", "Ich gehe jetzt nach Hause.", "de-en", "untranslated"),
    ],
)
def test_what_speaks_against_a_text_is_named(
    source_text: str, text: str, pair: str, why: str
) -> None:
    source, _, target = pair.rpartition("-")
    assert why in objection(source_text, text, source, target)


def test_a_text_that_holds_another_line_is_none() -> None:
    others = ["Wer ist an der Tür?"]
    assert objection("Ja", "Yes. Wer ist an der Tür", "de", "en", others) == "holds another line"
