#!/usr/bin/env python3
"""Tests of scripts/whisper/decode.py: what is heard with words to expect, and what without."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from scripts.whisper.decode import Chunk, decode_chunk
from scripts.whisper.engine import DecodeOptions, RecognisedWord, WhisperEngine, make_utterance
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.records.schemas import SpeechRegion


class Engine:
    """Stands for an engine whose weights are not here: led astray by words to expect.

    Args:
        astray: Mean log-probability of what it writes with such words.
    """

    languages = ("en",)

    def __init__(self, astray: float) -> None:
        self._astray = astray

    def decode(
        self, piece: Any, offset: float, code: str, options: DecodeOptions, temperatures: Any
    ) -> list[Utterance]:
        """Return one piece of text; see scripts/whisper/engine.py."""
        text = " Gabbar" if options.hotwords else " grabber"
        return [
            make_utterance(
                [RecognisedWord(text, 0.1, 0.9, 0.9)],
                offset,
                log_probability=self._astray if options.hotwords else -0.2,
                no_speech=0.1,
                compression=1.0,
                temperature=0.0,
            )
        ]


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
    (heard,) = decode_chunk(
        cast(WhisperEngine, Engine(astray)), np.zeros(16000, np.float32), chunk, options
    )
    assert heard.text == text
