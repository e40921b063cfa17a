#!/usr/bin/env python3
"""
NLLB: translation between 200 languages (NLLB-200 and what is tuned from it).

A model is a folder of Hugging Face weights or of their CTranslate2 conversion (model.bin).
Computing in int8 (the way on a CPU) converts the weights once; other number formats use a
conversion that is there, and transformers otherwise.

Usage:
    from scripts.translators.nllb_integration import open_backend

    backend = open_backend(BackendOptions(model="nllb-200-distilled-600M"))
    texts = backend.translate(lines, source="hi", target="en")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from scripts.translators.ctranslate2_translator import (
    WEIGHTS,
    TokenTranslator,
    answer_limit,
    converted_folder,
    find_converted,
    model_label,
    stored_format,
)
from shared.core.errors import InputError
from shared.core.machine.cpu_share import stage_cpus
from shared.translation.backend import BackendOptions, SourceLine
from shared.translation.flores import NLLB_CODES, require_code
from shared.translation.pieces import Pieces, length_batches
from shared.translation.weights import weights_folder

NAME = "nllb"
# Longest answer and longest source, in tokens.
MOST_TOKENS = 512
MOST_SOURCE_TOKENS = 256
# A text of so many characters has fewer tokens than that.
ALWAYS_FITS = MOST_SOURCE_TOKENS // 2
TOKENIZER_FILES = ("tokenizer.json", "sentencepiece.bpe.model")
COPIED_FILES = (*TOKENIZER_FILES, "tokenizer_config.json", "special_tokens_map.json")


class Translator(Protocol):
    """What translates tokens: CTranslate2 or transformers."""

    def translate(self, texts: Sequence[Sequence[str]], prefix: str = "") -> list[list[str]]:
        """Return the tokens of each answer, without the prefix, in the same order.

        Args:
            texts: Tokens of each line.
            prefix: The token of the target language that every answer begins with.
        """


def open_backend(options: BackendOptions) -> NLLB:
    """Return NLLB with its model loaded.

    Args:
        options: `model`: name, or folder of the weights or of their conversion.

    Raises:
        InputError: The folder holds no NLLB model.
        MissingModelError: The model is not on this machine.
    """
    return NLLB(options)


class NLLB:
    """A loaded model and its tokenizer."""

    name = NAME

    def __init__(self, options: BackendOptions) -> None:
        folder = weights_folder(NAME, options.model)
        self.model = model_label(folder)
        self._tokenizer = _load_tokenizer(folder)
        vocabulary = self._tokenizer.get_vocab()
        self._known = frozenset(code for code in NLLB_CODES if code in vocabulary)
        self._translator = _open_translator(folder, options, self._tokenizer)

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
            InputError: A language that the model does not know.
        """
        prefix = require_code(target, self._known, self.model)
        self._tokenizer.src_lang = require_code(source, self._known, self.model)
        pieces = Pieces(lines, self._fits)
        answers = self._translator.translate([self._encode(text) for text in pieces.texts], prefix)
        return pieces.join([self._decode(tokens) for tokens in answers])

    def _fits(self, text: str) -> bool:
        return len(text) <= ALWAYS_FITS or len(self._encode(text)) <= MOST_SOURCE_TOKENS

    def _encode(self, text: str) -> list[str]:
        numbers = self._tokenizer(text)["input_ids"]
        return list(self._tokenizer.convert_ids_to_tokens(numbers))

    def _decode(self, tokens: Sequence[str]) -> str:
        numbers = self._tokenizer.convert_tokens_to_ids(list(tokens))
        return str(self._tokenizer.decode(numbers, skip_special_tokens=True))


class TransformersTranslator:
    """A model run by transformers; the counterpart of TokenTranslator.

    Args:
        folder: Hugging Face weights.
        options: Device, number format, batch and beam size, threads.
        tokenizer: The model's.
    """

    def __init__(self, folder: Path, options: BackendOptions, tokenizer: Any) -> None:
        import torch
        from transformers import AutoModelForSeq2SeqLM

        if options.threads:
            torch.set_num_threads(min(options.threads, stage_cpus()))
        number_format = stored_format(options.device, options.compute_type)
        half = torch.bfloat16 if options.device == "cpu" else torch.float16
        formats = {"float32": torch.float32, "bfloat16": torch.bfloat16}
        self._model = AutoModelForSeq2SeqLM.from_pretrained(
            folder,
            dtype=formats.get(number_format, half),
            local_files_only=True,
            trust_remote_code=False,
        )
        self._model.to(options.device).eval()
        self._options = options
        self._tokenizer = tokenizer

    def translate(self, texts: Sequence[Sequence[str]], prefix: str = "") -> list[list[str]]:
        """Return the tokens of each answer, without the prefix, in the same order.

        Args:
            texts: Tokens of each line.
            prefix: The token of the target language that every answer begins with.
        """
        answers: dict[int, list[str]] = {}
        for batch in length_batches([len(text) for text in texts], self._options.batch_size):
            limit = answer_limit(batch.longest, MOST_TOKENS)
            found = self._generate([texts[index] for index in batch.indices], prefix, limit)
            answers |= dict(zip(batch.indices, found, strict=True))
        return [answers[index] for index in range(len(texts))]

    def _generate(self, texts: Sequence[Sequence[str]], prefix: str, limit: int) -> list[list[str]]:
        import torch

        numbers = [self._tokenizer.convert_tokens_to_ids(list(text)) for text in texts]
        longest = max(len(row) for row in numbers)
        padding = self._tokenizer.pad_token_id
        rows = torch.tensor([[*row, *[padding] * (longest - len(row))] for row in numbers])
        rows = rows.to(self._model.device)
        with torch.inference_mode():
            generated = self._model.generate(
                input_ids=rows,
                attention_mask=(rows != padding).long(),
                forced_bos_token_id=self._tokenizer.convert_tokens_to_ids(prefix),
                num_beams=self._options.beam_size,
                max_new_tokens=limit + 1,
                max_length=None,
                do_sample=False,
            )
        special = set(self._tokenizer.all_special_tokens)
        return [
            [token for token in self._tokenizer.convert_ids_to_tokens(row) if token not in special]
            for row in generated.tolist()
        ]


def convert(model_dir: Path, target: Path, number_format: str) -> None:
    """Write the CTranslate2 form of a model, with its tokenizer.

    Args:
        model_dir: Folder of Hugging Face weights.
        target: Folder to make.
        number_format: int8, float16, bfloat16 or float32.

    Raises:
        InputError: The folder holds no such model.
    """
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]
        """Takes the tokenizer that is there; its own way wants protobuf to make a fast one."""

        def load_tokenizer(self, _: Any, name: str, **__: Any) -> Any:
            """Return the tokenizer of a folder."""
            return _load_tokenizer(Path(name))

    copied = [name for name in COPIED_FILES if (model_dir / name).is_file()]
    try:
        Converter(str(model_dir), copy_files=copied).convert(
            str(target), quantization=None if number_format == "float32" else number_format
        )
    except ValueError as error:
        raise InputError(
            f"{model_dir} holds no NLLB model that CTranslate2 can take: {error}",
            hint="Fetch it again: python3 tools/models.py fetch nllb NAME",
        ) from error


def _open_translator(folder: Path, options: BackendOptions, tokenizer: Any) -> Translator:
    if (folder / WEIGHTS).is_file():
        return TokenTranslator(folder, options, MOST_TOKENS)
    number_format = stored_format(options.device, options.compute_type)
    if options.device != "mps":
        converted = find_converted(folder, number_format)
        if converted is None and number_format == "int8":
            converted = converted_folder(folder, number_format, convert)
        if converted is not None:
            return TokenTranslator(converted, options, MOST_TOKENS)
    return TransformersTranslator(folder, options, tokenizer)


def _load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of a model, the fast one where its file is there."""
    from transformers import NllbTokenizer, NllbTokenizerFast

    for place in (folder, folder.parent):
        if (place / TOKENIZER_FILES[0]).is_file():
            return NllbTokenizerFast.from_pretrained(place, local_files_only=True)
        if (place / TOKENIZER_FILES[1]).is_file():
            return NllbTokenizer.from_pretrained(place, local_files_only=True)
    raise InputError(
        f"{folder} holds no NLLB model: {TOKENIZER_FILES[0]} is missing",
        hint="Fetch it again: python3 tools/models.py fetch nllb NAME",
    )
