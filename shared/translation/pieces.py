#!/usr/bin/env python3
"""
Pieces: lines cut so that a model can hold them, batched by length, and put together again by id.

A text gets the same translation whatever batch it comes in: batches hold only texts of the same
length class, and the longest answer that the model may give follows from that class alone.

Usage:
    from shared.translation.pieces import Pieces, length_batches

    pieces = Pieces(lines, fits=lambda text: count(text) <= 200)
    texts = pieces.join(translate(pieces.texts))   # id to translation
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.translation.backend import SourceLine

# Texts within this many tokens of each other share batches.
LENGTH_CLASS = 16
# Best places to cut first: after a sentence, after a clause, between words. Behind the wide signs
# of Chinese and Japanese stands no space.
CUTS = (
    re.compile(
        r"(?<=[.!?…।॥؟۔᱾꯫])[\"'”’»)\]]*\s+|(?<=[。！？])[」』）】”’]*(?![。！？」』）】”’])"
    ),
    re.compile(r"(?<=[,;:،؛–—])\s+|(?<=[、，；：])"),
    re.compile(r"\s+"),
)

WIDE_END = re.compile(r"[。！？、，；：][」』）】”’]*$")


class Pieces:
    """The lines of a batch in pieces that fit a model.

    Args:
        lines: Lines without any text give no piece.
        fits: Whether a model can take a text in one go.
    """

    def __init__(self, lines: Sequence[SourceLine], fits: Callable[[str], bool]) -> None:
        self.texts: list[str] = []
        self._owners: list[int] = []
        for line in lines:
            text = " ".join(line.text.split())
            for piece in split_text(text, fits) if text else ():
                self.texts.append(piece)
                self._owners.append(line.id)

    def join(self, translations: Sequence[str]) -> Mapping[int, str]:
        """Return the translation of each line by id; a line with an empty piece is left out.

        Args:
            translations: One for each of `texts`, in their order.

        Raises:
            ValueError: There are more or fewer.
        """
        parts: dict[int, list[str]] = {}
        for owner, translation in zip(self._owners, translations, strict=True):
            parts.setdefault(owner, []).append(translation.strip())
        return {owner: " ".join(found) for owner, found in parts.items() if all(found)}


def split_text(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return a text in pieces that fit, cut as rarely and at as good a place as can be.

    Args:
        text: Stripped.
        fits: Whether a piece is short enough. One word that is not stays as it is.
    """
    if fits(text):
        return [text]
    for cut in CUTS:
        parts = [part for part in _cut(text, cut) if part]
        if len(parts) > 1:
            short = [piece for part in parts for piece in split_text(part, fits)]
            return _packed(short, fits)
    return [text]


@dataclass(frozen=True)
class LengthBatch:
    """Texts of one length class.

    `indices`: where they stand among all. `longest`: tokens that the longest of the class has.
    """

    indices: tuple[int, ...]
    longest: int


def length_batches(lengths: Sequence[int], batch_size: int) -> Iterator[LengthBatch]:
    """Yield batches of texts of like length, longest first: memory runs out early or never.

    Args:
        lengths: Tokens of each text.
        batch_size: Most texts in a batch.
    """
    classes: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        longest = -(-max(1, length) // LENGTH_CLASS) * LENGTH_CLASS
        classes.setdefault(longest, []).append(index)
    for longest in sorted(classes, reverse=True):
        members = classes[longest]
        for start in range(0, len(members), batch_size):
            yield LengthBatch(tuple(members[start : start + batch_size]), longest)


def _cut(text: str, where: re.Pattern[str]) -> list[str]:
    """Return the parts of a text; what closes a quotation stays with the part before."""
    ends = [match.end() for match in where.finditer(text)]
    bounds = [0, *ends, len(text)]
    return [text[a:b].strip() for a, b in zip(bounds, bounds[1:], strict=False)]


def _packed(parts: Sequence[str], fits: Callable[[str], bool]) -> list[str]:
    """Return neighbouring parts put together again as far as they fit."""
    packed: list[str] = []
    for part in parts:
        between = "" if packed and WIDE_END.search(packed[-1]) else " "
        joined = f"{packed[-1]}{between}{part}" if packed else part
        if packed and fits(joined):
            packed[-1] = joined
        else:
            packed.append(part)
    return packed
