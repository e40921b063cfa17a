#!/usr/bin/env python3
"""
Encoder length: no frame of sound is left out, little of the padding is kept.

Usage:
    ./tests/run-tests.sh tests/unit/test_encoder_length.py
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.runtime.encoder_length import KEPT_PADDING, encoding_only_sound, without_padding

MELS, WHOLE = 4, 3000


def padded(*lengths: int) -> Any:
    """Return windows of so many frames of sound each, zeros behind them."""
    features = np.zeros((len(lengths), MELS, WHOLE), np.float32)
    for window, length in zip(features, lengths, strict=True):
        window[:, :length] = np.linspace(-0.7, 1.3, MELS * length).reshape(MELS, length)
    return features


@given(st.lists(st.integers(0, WHOLE), min_size=1, max_size=3))
def test_all_sound_is_kept_and_the_frames_can_be_halved(lengths: list[int]) -> None:
    features = padded(*lengths)
    kept = without_padding(features)
    count = kept.shape[-1]
    assert count % 2 == 0 and max(lengths) <= count <= WHOLE
    assert count == WHOLE or count >= max(lengths) + KEPT_PADDING
    assert np.array_equal(kept, features[..., :count]) and not features[..., count:].any()
    assert kept.flags.c_contiguous


def test_three_seconds_are_not_thirty() -> None:
    assert without_padding(padded(300)).shape == (1, MELS, 300 + KEPT_PADDING)
    assert without_padding(padded(300)[0]).shape == (MELS, 300 + KEPT_PADDING)


def test_silence_within_sound_is_no_padding() -> None:
    features = padded(200)
    features[..., 2400:2500] = 0.5
    assert without_padding(features).shape[-1] == 2500 + KEPT_PADDING


@pytest.mark.parametrize("windows", [1, 2])
def test_only_the_encoder_of_the_new_kind_is_another(windows: int) -> None:
    class Whisper:
        """As much of a Whisper as an encoder needs."""

        kind = "whisper"

        def encode(self, features: Any) -> Any:
            return features.shape

    made = encoding_only_sound(Whisper)()
    assert isinstance(made, Whisper) and made.kind == "whisper"
    assert made.encode(padded(*[300] * windows)) == (windows, MELS, 300 + KEPT_PADDING)
    assert Whisper().encode(padded(300)) == (1, MELS, WHOLE)


def test_what_was_encoded_ahead_is_given_once_and_only_for_the_same_sound() -> None:
    class Whisper:
        """As much of a Whisper as an encoder needs."""

        encodings = 0

        def encode(self, features: Any) -> int:
            self.encodings += 1
            return self.encodings

    made = encoding_only_sound(Whisper)()
    assert made.encode_ahead(padded(300)) == made.encode(padded(300)) == 1
    assert made.encode(padded(300)) == 2
    assert made.encode_ahead(padded(300)) == 3
    assert made.encode(padded(302)) == 4
    assert made.encode(padded(300)) == 5, "what was not asked for next is kept no longer"
