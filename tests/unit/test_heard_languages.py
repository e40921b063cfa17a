#!/usr/bin/env python3
"""Tests of scripts/whisper/heard_languages.py: when what recognition encodes tells the language."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, cast

import numpy as np
import pytest

from scripts.whisper.engine import LanguageRules, WhisperEngine
from scripts.whisper.first_pass import SpokenWindow
from scripts.whisper.heard_languages import HeardLanguages, hear_ahead, hear_languages
from shared.transcript.records.schemas import SpeechRegion, TimeSpan
from shared.transcript.sound.windows import Window

RATE, BATCH = 16_000, 4
HINDI, ENGLISH = {"hi": 0.7, "ur": 0.29, "en": 0.01}, {"en": 0.99, "hi": 0.01}
MIXED = {"en": 0.9, "hi": 0.1}
UNSURE = {"yi": 0.6, "de": 0.4}


class Engine:
    """Stands for an engine whose weights are not here; a window's first sample tells its language.

    Args:
        tongues: What it hears, each by its number.
        closely: What it hears with all of the padding, where that is something else.
    """

    languages = ("en", "hi", "ur", "de", "yi")

    def __init__(
        self, tongues: list[dict[str, float]], closely: dict[str, float] | None = None
    ) -> None:
        self._tongues = tongues
        self._closely = closely
        self.heard_closely = 0

    def hear_ahead(self, pieces: Iterable[Any]) -> list[dict[str, float]]:
        """Return the probabilities of the first pieces; see scripts/whisper/engine.py."""
        return [self._tongues[int(piece[0])] for piece in islice(pieces, BATCH)]

    def language_probabilities(self, piece: Any) -> dict[str, float]:
        """Return the probabilities of one piece; see scripts/whisper/engine.py."""
        self.heard_closely += 1
        return self._closely or self._tongues[int(piece[0])]


def heard_in(engine: Engine, said: str | None, *lengths: float) -> HeardLanguages | None:
    """Return what windows of so many seconds tell, each of the language of its number."""
    windows, parts, start = [], [], 0.0
    for number, length in enumerate(lengths):
        region = SpeechRegion(start=start, end=start + length, score=1.0)
        span = TimeSpan(start=start, end=start + length)
        windows.append(SpokenWindow(Window((region,), (span,)), ""))
        parts.append(np.full(int(length * RATE), number, np.float32))
        start += length
    audio = np.concatenate(parts)
    return hear_ahead(cast(WhisperEngine, engine), audio, windows, said, LanguageRules(windows=3))


def test_windows_clearly_in_one_language_need_no_closer_hearing() -> None:
    engine = Engine([ENGLISH] * 3)
    heard = heard_in(engine, None, 25, 24, 11)
    assert heard is not None and heard.main[0] == "en" and heard.shares == {"en": 1.0}
    assert not engine.heard_closely


def test_a_sister_language_is_the_same() -> None:
    heard = heard_in(Engine([HINDI] * 2), "hi-Latn", 25, 25)
    assert heard is not None and heard.main[0] == "hi"


@pytest.mark.parametrize("place", range(4))
def test_one_window_with_something_of_another_language_asks_for_closer_hearing(place: int) -> None:
    tongues = [ENGLISH] * 4
    for other in (MIXED, HINDI, UNSURE):
        tongues[place] = other
        assert heard_in(Engine(tongues), "en", 25, 25, 25, 25) is None
        assert heard_in(Engine(tongues), None, 25, 25, 25, 25) is None


def test_another_language_than_was_said_asks_for_closer_hearing() -> None:
    assert heard_in(Engine([HINDI] * 2), "en", 25, 25) is None


def test_the_later_parts_of_a_long_film_are_heard_too() -> None:
    clear = Engine([ENGLISH] * 30)
    assert heard_in(clear, "en", *[25] * 30) is not None and clear.heard_closely == 3 - 1
    late = Engine([*[ENGLISH] * 20, *[HINDI] * 10])
    assert heard_in(late, "en", *[25] * 30) is None


def test_a_short_window_is_heard_with_all_of_its_padding() -> None:
    german = {"de": 0.98, "yi": 0.02}
    engine = Engine([UNSURE], closely=german)
    heard = heard_in(engine, "de", 4)
    assert heard is not None and heard.main[0] == "de" and engine.heard_closely == 1


def test_where_nobody_speaks_there_is_no_language() -> None:
    engine = cast(WhisperEngine, Engine([]))
    silence = np.zeros(RATE, np.float32)
    assert hear_ahead(engine, silence, [], None, LanguageRules()) is None
    assert hear_languages(engine, silence, [], LanguageRules()).main == ("und", 0.0)
