#!/usr/bin/env python3
"""Tests of shared/subtitles/files/header.py."""

from __future__ import annotations

import pytest

from shared.subtitles.files.header import header_language
from shared.subtitles.files.source import SourceFile

TTML = '<?xml version="1.0"?>\n<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" {}>\n</tt:tt>'


@pytest.mark.parametrize(
    ("kind", "text", "language"),
    [
        ("ttml", TTML.format('xml:lang="hi"'), "hi"),
        ("ttml", TTML.format("xml:lang='pt-br'"), "pt-BR"),
        ("ttml", TTML.format('xml:lang=""'), "und"),
        ("ttml", TTML.format('xml:lang="nonsense"'), "und"),
        ("vtt", "WEBVTT - Film\r\nKind: captions\r\nLanguage: ta\r\n\r\n", "ta"),
        ("vtt", "WEBVTT\n\nNOTE\nLanguage: ta\n", "und"),
        ("srt", "1\nLanguage: ta\n", "und"),
    ],
)
def test_the_language_that_a_file_names(kind: str, text: str, language: str) -> None:
    assert header_language(SourceFile(format=kind, text=text)) == language
