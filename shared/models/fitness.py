#!/usr/bin/env python3
"""
Fitness: whether a model is large enough for a language that it is to recognise.

How well Whisper knows a language follows how much of it there was in training (Radford et al. 2022,
figure 3 and appendix E): much of English, some of the larger European and East Asian languages,
little of Indian ones and most others.

Usage:
    from shared.models.fitness import model_advice

    model_advice("base", "hi")     # 'Recognised with base, …: Hindi will have many mistakes. …'
"""

from __future__ import annotations

from shared.core.languages import language_name, primary
from shared.models.tables import WHISPER

SIZES = ("tiny", "base", "small", "medium", "large")
CALLED = {
    "tiny": "the smallest model",
    "base": "the smallest model but one",
    "small": "a small model",
}
# The largest size with which text of a language has many mistakes.
TOO_SMALL = {"en": "tiny"} | dict.fromkeys(
    "ca de es fr id it ja ko nl pl pt ru sv tr uk vi zh".split(), "base"
)
ANY_OTHER = "small"
BETTER = {"tiny": "small", "base": "small", "small": "large-v3"}
BEST = "large-v3"


def model_advice(model: str, language: str) -> str:
    """Return what a person should know of a recognition that a small model made, "" of a good one.

    Args:
        model: A name of Whisper's: 'base', 'small.en'.
        language: That is spoken, BCP-47.
    """
    size = model.removeprefix("distil-").partition(".")[0].partition("-")[0]
    most = TOO_SMALL.get(primary(language), ANY_OTHER)
    if size not in CALLED or SIZES.index(size) > SIZES.index(most):
        return ""
    better = BEST if most == ANY_OTHER else BETTER[size]
    megabytes = next(row[2] for row in WHISPER if row[0] == better)
    return (
        f"Recognised with {model}, {CALLED[size]}: {language_name(language)} will have many "
        f"mistakes. Better: --set WHISPER_MODEL={better} ({megabytes / 1000:.1f} GB, fetched once)"
    )
