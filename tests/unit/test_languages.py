#!/usr/bin/env python3
"""Tests of shared/core/languages.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError
from shared.core.languages import (
    alpha3,
    are_near,
    language_name,
    native_name,
    nearest_known,
    parse_language,
    primary,
)
from shared.transcript.languages.whisper_languages import whisper_code


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("hi", "hi"),
        ("HI", "hi"),
        ("hin", "hi"),
        ("Hindi", "hi"),
        (" hindi ", "hi"),
        ("en", "en"),
        ("eng", "en"),
        ("English", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("German", "de"),
        ("fre", "fr"),
        ("ta", "ta"),
        ("pt-BR", "pt-BR"),
        ("pt_br", "pt-BR"),
        ("zh-Hant", "zh-Hant"),
        ("ur", "ur"),
    ],
)
def test_a_language_is_found_by_tag_code_and_name(typed: str, tag: str) -> None:
    assert parse_language(typed) == tag


@pytest.mark.parametrize("typed", ["", " ", "und", "qwertz", "hi,en", "12", "xx", "h\0i"])
def test_what_is_no_language_is_refused(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_language(typed, "-t")
    assert "-t" in caught.value.cause
    assert caught.value.hint


def test_the_nearest_name_is_offered() -> None:
    for typed, meant in (("hxindi", "hindi"), ("hindy", "hindi"), ("klingonnn", "klingon")):
        with pytest.raises(InputError) as caught:
            parse_language(typed)
        assert caught.value.hint == f"Did you mean {meant}?"


@given(st.text(max_size=20))
def test_any_text_is_a_language_or_a_users_error(text: str) -> None:
    try:
        tag = parse_language(text)
    except InputError:
        return
    assert parse_language(tag) == tag


def test_names_for_people_and_codes_for_matroska() -> None:
    assert language_name("hi") == "Hindi"
    assert native_name("hi") == "हिन्दी"
    assert native_name("fr") == "Français"
    assert [alpha3(tag) for tag in ("de", "hi", "en", "fr")] == [
        "ger",
        "hin",
        "eng",
        "fre",
    ]
    assert primary("pt-BR") == "pt"
    assert primary("zh-Hant") == "zh"


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        *[("gsw", "de"), ("de-AT", "de"), ("cmn", "zh"), ("zh-TW", "zh"), ("wuu", "zh")],
        *[("nb", "no"), ("nn", "nn"), ("fil", "tl"), ("tl", "tl"), ("arb", "ar"), ("arz", "ar")],
        *[("pes", "fa"), ("prs", "fa"), ("zsm", "ms"), ("sr-Latn", "sr"), ("sh", "sr")],
        *[("uzn", "uz"), ("khk", "mn"), ("lvs", "lv"), ("ekk", "et"), ("swh", "sw")],
        *[("npi", "ne"), ("als", "sq"), ("azj", "az"), ("ydd", "yi"), ("plt", "mg")],
        *[("hi-Latn", "hi"), ("pa-Arab", "pa"), ("pt-BR", "pt"), ("iw", "he"), ("in", "id")],
        *[("jv", "jw"), ("yue", "yue"), ("zu", None), ("tlh", None), ("qu", None)],
        *[("om", None), ("ckb", None), ("kmr", None), ("ga", None)],
    ],
)
def test_members_and_dialects_find_the_language_that_whisper_knows(
    tag: str, known: str | None
) -> None:
    assert whisper_code(tag) == known


def test_a_model_without_cantonese_hears_chinese() -> None:
    assert nearest_known("yue", {"zh", "en"}) == "zh"
    assert nearest_known("zh", {"yue", "en"}) is None


def test_languages_that_a_line_does_not_tell_apart() -> None:
    assert are_near("nb", "da") and are_near("sr", "hr") and are_near("id", "ms")
    assert not are_near("de", "nl") and not are_near("es", "pt") and not are_near("uk", "ru")
