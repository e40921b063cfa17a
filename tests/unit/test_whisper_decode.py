#!/usr/bin/env python3
"""Tests of scripts/whisper_decode.py: what is heard with words to expect, and what without."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scripts.whisper_decode import Chunk, DecodeOptions, decode_chunk
from shared.transcript.schemas import SpeechRegion


class Engine:
    """Stands for faster-whisper, whose weights are not here: led astray by words to expect.

    Args:
        astray: Mean log-probability of what it writes with such words.
    """

    model = SimpleNamespace(is_multilingual=True)
    supported_languages = ("en",)

    def __init__(self, astray: float) -> None:
        self._astray = astray

    def transcribe(self, audio: Any, **options: Any) -> tuple[list[Any], None]:
        """Return one segment, in the form of the library."""
        told = options["hotwords"]
        text = " Gabbar" if told else " grabber"
        word = SimpleNamespace(word=text, start=0.1, end=0.9, probability=0.9)
        found = SimpleNamespace(
            words=[word],
            avg_logprob=self._astray if told else -0.2,
            no_speech_prob=0.1,
            compression_ratio=1.0,
            temperature=0.0,
        )
        return [found], None


@pytest.mark.parametrize(("astray", "text"), [(-0.3, "Gabbar"), (-2.0, "grabber")])
def test_what_looks_wrong_with_words_to_expect_is_heard_again_without(
    astray: float, text: str
) -> None:
    options = DecodeOptions(
        language="en",
        multilingual=False,
        beam_size=1,
        temperatures=(0.0, 0.4),
        chunk_length=28,
        max_gap=2,
        context=0,
        max_pause=1,
        max_segment=15,
        hotwords="Gabbar",
    )
    region = SpeechRegion(start=0, end=1, score=0.9)
    chunk = Chunk(regions=(region,), language="en", start=0, end=1)
    (heard,) = decode_chunk(Engine(astray), np.zeros(16000, np.float32), chunk, options)
    assert heard.text == text
