#!/usr/bin/env python3
"""
IndicTrans2 vocabulary: the SentencePiece models of a model's two sides.

Usage:
    from scripts.translators.indictrans2_vocabulary import Vocabulary, direction_of

    direction_of(folder)                                     # 'indic-en'
    tokens = Vocabulary(folder).encode("hin_Deva eng_Latn यह ठीक है")
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.core.errors import InputError

# As published with Hugging Face weights, and with AI4Bharat's CTranslate2 conversions.
SOURCE_NAMES = ("model.SRC", "spm.SRC")
TARGET_NAMES = ("model.TGT", "spm.TGT")
PLACES = (".", "vocab", "..", "../vocab")
SPACE = "▁"
SPECIAL = frozenset({"<s>", "</s>", "<pad>", "<unk>"})
# The Indic side writes all its Brahmic scripts in Devanagari.
DEVANAGARI = ("\u0900", "\u097f")
INDIC_SHARE = 0.1


class Vocabulary:
    """Text into tokens of the source side, tokens of the target side into text.

    Args:
        folder: Holds the SentencePiece models, itself or in `vocab/`.

    Raises:
        InputError: It does not.
    """

    def __init__(self, folder: Path) -> None:
        self._source = _load(folder, SOURCE_NAMES)

    def encode(self, tagged: str) -> list[str]:
        """Return the tokens of a text.

        Args:
            tagged: "source target text", the first two being FLORES codes.
        """
        source, target, text = tagged.split(" ", 2)
        return [source, target, *self._source.encode(text, out_type=str)]

    def decode(self, tokens: Sequence[str]) -> str:
        """Return the text of an answer's tokens.

        Args:
            tokens: Pieces of the target vocabulary.
        """
        text = "".join(token for token in tokens if token not in SPECIAL)
        return text.replace(SPACE, " ").strip()


def direction_of(folder: Path) -> str:
    """Return which way a model translates: en-indic, indic-en or indic-indic.

    It follows from the letters in its vocabularies, whatever the folder is called.

    Args:
        folder: A model's folder with its dictionaries.

    Raises:
        InputError: The folder holds no IndicTrans2 model, or one without an Indic side.
    """
    sides = [_side(_load(folder, names)) for names in (SOURCE_NAMES, TARGET_NAMES)]
    if sides == ["en", "en"]:
        raise InputError(
            f"{folder} holds a model without an Indic language", hint="Check INDICTRANS2_MODELS"
        )
    return "-".join(sides)


def _side(pieces: Any) -> str:
    tokens = [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]
    low, high = DEVANAGARI
    indic = sum(any(low <= character <= high for character in token) for token in tokens)
    return "indic" if indic > INDIC_SHARE * len(tokens) else "en"


def _load(folder: Path, names: Sequence[str]) -> Any:
    """Return the SentencePiece model that has one of these names."""
    from sentencepiece import SentencePieceProcessor

    for place in PLACES:
        for name in names:
            file = folder / place / name
            if file.is_file():
                return SentencePieceProcessor(model_file=str(file))
    raise InputError(
        f"{folder} holds no IndicTrans2 model: {names[0]} is missing",
        hint="Fetch it again: python3 tools/models.py fetch indictrans2 NAME",
    )
