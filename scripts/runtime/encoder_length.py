#!/usr/bin/env python3
"""
Encoder length: Whisper encodes the sound there is, not the 30 s that it is padded to.

faster_whisper fills every window with zeros to 30 s, and the encoder's cost grows faster than its
length: 5 s cost a tenth of 30 s. Some empty seconds behind the sound are kept, for the model learnt
with padding: with 1 s it mishears what it hears with 3 s and more (Whisper base).

What is encoded ahead, to hear its language, is kept until recognition asks for the same.

Usage:
    from scripts.runtime.encoder_length import encoding_only_sound

    engine = encoding_only_sound(WhisperModel)(folder)
"""

from __future__ import annotations

from typing import Any

# Frames of the spectrogram (10 ms): what is kept of the padding. An even number, for the encoder
# halves the frames.
KEPT_PADDING = 500


def encoding_only_sound(model_class: Any) -> Any:
    """Return a kind of WhisperModel whose encoder leaves out most of the padding.

    What its encode_ahead returns, encode returns once more for the same features if it is asked for
    them next; nothing is kept for longer.

    Args:
        model_class: faster_whisper.WhisperModel.
    """

    def encode(self: Any, features: Any) -> Any:
        import numpy as np

        sound = without_padding(features)
        known, self.__dict__["_ahead"] = self.__dict__.get("_ahead"), None
        if known is not None and np.array_equal(known[0], sound):
            return known[1]
        return model_class.encode(self, sound)

    def encode_ahead(self: Any, features: Any) -> Any:
        sound = without_padding(features)
        encoded = model_class.encode(self, sound)
        self.__dict__["_ahead"] = sound, encoded
        return encoded

    members = {"encode": encode, "encode_ahead": encode_ahead}
    return type(model_class.__name__, (model_class,), members)


def without_padding(features: Any) -> Any:
    """Return features without the zeros behind the longest sound, but for KEPT_PADDING.

    Args:
        features: float32, shape (mels, frames) or (windows, mels, frames); an even number of
            frames. Padding is exactly zero, which no frame of sound is.
    """
    import numpy as np

    frames = features.any(axis=tuple(range(features.ndim - 1)))
    sounding = np.flatnonzero(frames)
    used = int(sounding[-1]) + 1 if len(sounding) else 0
    kept = used + used % 2 + KEPT_PADDING
    return np.ascontiguousarray(features[..., :kept])
