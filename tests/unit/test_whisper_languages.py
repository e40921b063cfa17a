#!/usr/bin/env python3
"""Tests of shared/transcript/languages/whisper_languages.py."""

from __future__ import annotations

import pytest

from shared.transcript.languages.whisper_languages import WHISPER_CODES, whisper_code


@pytest.mark.parametrize(
    ("language", "code"),
    [("hi", "hi"), ("hi-Latn", "hi"), ("pt-BR", "pt"), ("nb", "no"), ("cmn", "zh"), ("jv", "jw")],
)
def test_a_language_has_whispers_code(language: str, code: str) -> None:
    assert whisper_code(language) == code
    assert code in WHISPER_CODES


@pytest.mark.parametrize("language", ["tlh", "und", "zxx"])
def test_an_unknown_language_has_none(language: str) -> None:
    assert whisper_code(language) is None
