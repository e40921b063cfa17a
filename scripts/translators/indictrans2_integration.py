#!/usr/bin/env python3
"""
IndicTrans2: translation between English and the 22 scheduled languages of India.

The only place that imports IndicTransToolkit. Models are folders as AI4Bharat publishes them:
Hugging Face weights, which are converted to CTranslate2 once, or a conversion (model.bin). Each
knows one direction (en-indic, indic-en, indic-indic); without an indic-indic model such pairs go
through English. Which models a pair needs: shared/translation/weights.py.

Usage:
    from scripts.translators.indictrans2_integration import open_backend

    backend = open_backend(BackendOptions(model="indictrans2-indic-en-dist-200M"))
    texts = backend.translate(lines, source="hi", target="en")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scripts.translators.ctranslate2_translator import (
    WEIGHTS,
    TokenTranslator,
    converted_folder,
    model_label,
    stored_format,
)
from scripts.translators.indictrans2_vocabulary import Vocabulary, direction_of
from scripts.translators.indictrans2_weights import convert
from scripts.writing.xlit_integration import lines_in_devanagari
from shared.core.errors import InputError
from shared.core.paths import MODELS_DIR
from shared.translation.backend import BackendOptions, SourceLine
from shared.translation.flores import ENGLISH, INDICTRANS2_CODES, require_code
from shared.translation.pieces import Pieces
from shared.translation.weights import weights_folder

NAME = "indictrans2"
# The model's own limit, of source (with two language tags) and of answer.
MOST_TOKENS = 256
MOST_SOURCE_TOKENS = MOST_TOKENS - 16
# A text of so many characters has fewer tokens than that.
ALWAYS_FITS = MOST_SOURCE_TOKENS // 2
HINDI = "hin_Deva"
# Where conversions published with a folder around them keep the model.
CONVERSION_FOLDERS = (".", "ct2_model", "ct2_fp16_model", "ct2_int8_model")


def open_backend(options: BackendOptions) -> IndicTrans2:
    """Return IndicTrans2; the model of a direction is loaded when it is first asked for.

    Args:
        options: `model`: name or folder of the model of one direction. `extra["models"]`: names or
            folders of further directions.

    Raises:
        InputError: The folder holds no IndicTrans2 model.
        MissingModelError: The model is not on this machine.
    """
    return IndicTrans2(options)


class IndicTrans2:
    """One or several models, each for its direction."""

    name = NAME

    def __init__(self, options: BackendOptions) -> None:
        self._options = options
        folder = weights_folder(NAME, options.model)
        self.model = model_label(folder)
        self._folders = {direction_of(folder): folder}
        for name in options.extra.get("models", ()):
            other = weights_folder(NAME, name)
            self._folders.setdefault(direction_of(other), other)
        self._opened: dict[str, _Direction] = {}

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return the translation of each line by id; see Backend.

        Each line is taken for itself, whatever stands before it.

        Raises:
            InputError: A language that IndicTrans2 does not know, the same one twice, or no model
                for this direction was given.
        """
        from_code = require_code(source, INDICTRANS2_CODES, "IndicTrans2")
        to_code = require_code(target, INDICTRANS2_CODES, "IndicTrans2")
        if from_code == HINDI:  # as people and recognisers write it: the model reads Devanagari
            lines = lines_in_devanagari(lines, MODELS_DIR)
        for step_from, step_to in self._steps(from_code, to_code):
            texts = self._direction(_name(step_from, step_to)).translate(lines, step_from, step_to)
            lines = [replace(line, text=texts.get(line.id, "")) for line in lines]
        return {line.id: line.text for line in lines if line.text}

    def _steps(self, source: str, target: str) -> list[tuple[str, str]]:
        """Return the pairs to go through: one, or two by way of English."""
        if source == target:
            raise InputError(
                f"IndicTrans2 cannot translate from {source} into itself",
                hint="Choose another target language",
            )
        if ENGLISH in (source, target) or "indic-indic" in self._folders:
            return [(source, target)]
        return [(source, ENGLISH), (ENGLISH, target)]

    def _direction(self, direction: str) -> _Direction:
        if direction not in self._opened:
            if direction not in self._folders:
                raise InputError(
                    f"IndicTrans2 was given no {direction} model", hint="Check INDICTRANS2_MODELS"
                )
            self._opened[direction] = _Direction(self._folders[direction], self._options)
        return self._opened[direction]


class _Direction:
    """The model of one direction with its vocabularies."""

    def __init__(self, folder: Path, options: BackendOptions) -> None:
        self._vocabulary = Vocabulary(folder)
        weights = _conversion_in(folder) or converted_folder(
            folder, stored_format(options.device, options.compute_type), convert
        )
        self._translator = TokenTranslator(weights, options, MOST_TOKENS)

    def translate(self, lines: Sequence[SourceLine], source: str, target: str) -> Mapping[int, str]:
        """Return the translation of each line by id.

        Args:
            lines: In the language of `source`.
            source: FLORES code.
            target: FLORES code.
        """
        from IndicTransToolkit.processor import IndicProcessor

        # New for each call: they keep a queue of what they replaced, which an error would shift.
        processor, counter = IndicProcessor(inference=True), IndicProcessor(inference=True)

        def fits(text: str) -> bool:
            if len(text) <= ALWAYS_FITS:
                return True
            tagged = counter.preprocess_batch([text], src_lang=source, tgt_lang=target)
            return len(self._vocabulary.encode(tagged[0])) <= MOST_SOURCE_TOKENS

        pieces = Pieces(lines, fits)
        if not pieces.texts:
            return {}
        tagged = processor.preprocess_batch(pieces.texts, src_lang=source, tgt_lang=target)
        answers = self._translator.translate([self._vocabulary.encode(text) for text in tagged])
        decoded = [self._vocabulary.decode(tokens) for tokens in answers]
        return pieces.join(processor.postprocess_batch(decoded, lang=target))


def _conversion_in(folder: Path) -> Path | None:
    """Return where a folder holds a CTranslate2 model, None if it holds none."""
    places = (folder / place for place in CONVERSION_FOLDERS)
    return next((place for place in places if (place / WEIGHTS).is_file()), None)


def _name(source: str, target: str) -> str:
    """Return the direction of a pair of FLORES codes: en-indic, indic-en or indic-indic."""
    return "-".join("en" if code == ENGLISH else "indic" for code in (source, target))
