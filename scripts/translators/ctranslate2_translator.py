#!/usr/bin/env python3
"""
CTranslate2: runs encoder-decoder models on tokens, and keeps their conversions.

Used by the engines whose models have a conversion (NLLB, IndicTrans2). A conversion lies in the
model's own folder, `ct2-<number format>/`, and is made again when the weights are other ones. On a
CPU, int8 needs a quarter of the memory of float32.

Usage:
    from scripts.translators.ctranslate2_translator import TokenTranslator, converted_folder

    folder = converted_folder(model_dir, "int8", convert)
    translator = TokenTranslator(folder, options, most_tokens=256)
    answers = translator.translate([["hin_Deva", "eng_Latn", "▁यह"]])
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from scripts.runtime.ctranslate2_runtime import thread_count
from shared.core.files import read_record
from shared.translation.backend import BackendOptions
from shared.translation.pieces import length_batches

WEIGHTS = "model.bin"
RECORD = "conversion.json"
# An answer may have this many tokens for each of the source, and these in any case.
TOKENS_PER_TOKEN = 3
TOKENS_MORE = 32


class TokenTranslator:
    """A CTranslate2 model that takes and gives tokens.

    Args:
        folder: Holds model.bin.
        options: Device, number format, batch and beam size, threads.
        most_tokens: Longest answer that the model can give, in tokens.
    """

    def __init__(self, folder: Path, options: BackendOptions, most_tokens: int) -> None:
        import ctranslate2

        kind, _, index = options.device.partition(":")
        device = kind if kind == "cuda" else "cpu"
        self._translator = ctranslate2.Translator(
            str(folder),
            device=device,
            device_index=int(index or 0),
            compute_type=_compute_type(device, options.compute_type),
            intra_threads=thread_count(options.threads),
        )
        self._options = options
        self._most_tokens = most_tokens

    def translate(self, texts: Sequence[Sequence[str]], prefix: str = "") -> list[list[str]]:
        """Return the answer to each text, in the same order; tokens of the prefix are not in it.

        Args:
            texts: Tokens of each text.
            prefix: Token that every answer begins with, "" = none.

        Raises:
            RuntimeError: Out of memory, or the device failed.
        """
        answers: dict[int, list[str]] = {}
        for batch in length_batches([len(text) for text in texts], self._options.batch_size):
            results = self._translator.translate_batch(
                [list(texts[index]) for index in batch.indices],
                target_prefix=[[prefix]] * len(batch.indices) if prefix else None,
                beam_size=self._options.beam_size,
                max_decoding_length=answer_limit(batch.longest, self._most_tokens),
                max_input_length=0,
                disable_unk=True,
            )
            for index, result in zip(batch.indices, results, strict=True):
                answers[index] = list(result.hypotheses[0][1 if prefix else 0 :])
        return [answers[index] for index in range(len(texts))]


def answer_limit(longest: int, most_tokens: int) -> int:
    """Return the most tokens an answer may have.

    Args:
        longest: Tokens of the longest source text of its length class.
        most_tokens: What the model can give at most.
    """
    return min(most_tokens, TOKENS_PER_TOKEN * longest + TOKENS_MORE)


def stored_format(device: str, compute_type: str) -> str:
    """Return the number format in which weights are to be stored for a way of computing.

    Args:
        device: cpu, cuda, cuda:1 or mps.
        compute_type: auto, int8, int8_float16, float16, bfloat16 or float32.
    """
    if compute_type == "auto":
        return "float16" if device.startswith("cuda") else "int8"
    return compute_type.partition("_")[0]


def find_converted(model_dir: Path, number_format: str) -> Path | None:
    """Return the folder of a model's conversion, None if there is none of these weights.

    Args:
        model_dir: Folder of the weights as published.
        number_format: int8, float16, bfloat16 or float32.
    """
    folder = model_dir / f"ct2-{number_format}"
    if not (folder / WEIGHTS).is_file():
        return None
    return folder if read_record(folder / RECORD) == _record(model_dir) else None


def converted_folder(
    model_dir: Path, number_format: str, convert: Callable[[Path, Path, str], None]
) -> Path:
    """Return the folder of a model's conversion, made now if it is not there.

    Where the model's folder cannot be written to, the conversion lasts as long as this process.

    Args:
        model_dir: Folder of the weights as published.
        number_format: int8, float16, bfloat16 or float32.
        convert: Given the model's folder, a folder that is not there yet, and the number format.
    """
    found = find_converted(model_dir, number_format)
    if found is not None:
        return found
    lasting = os.access(model_dir, os.W_OK)
    scratch = Path(tempfile.mkdtemp(prefix=".ct2-", dir=model_dir if lasting else None))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    made = scratch / "made"
    convert(model_dir, made, number_format)
    (made / RECORD).write_text(json.dumps(_record(model_dir)), encoding="utf-8")
    if not lasting:
        return made
    target = model_dir / f"ct2-{number_format}"
    with suppress(FileNotFoundError):  # another process has put it aside already
        if find_converted(model_dir, number_format) is None:
            target.rename(scratch / "outdated")
    try:
        made.rename(target)
    except OSError:
        # Another process was faster.
        if find_converted(model_dir, number_format) is None:
            raise
    shutil.rmtree(scratch, ignore_errors=True)
    return target


def model_label(folder: Path) -> str:
    """Return the name of a model for people: its folder's, or its repository's in a hub cache.

    Args:
        folder: A model's folder, in models/ or in a hub cache.
    """
    if folder.parent.name == "snapshots":
        return folder.parent.parent.name.removeprefix("models--").replace("--", "/")
    return folder.name


def _compute_type(device: str, wanted: str) -> str:
    """Return the nearest number format that the device computes in."""
    import ctranslate2

    if wanted == "auto":
        wanted = "float16" if device == "cuda" else "int8"
    supported = ctranslate2.get_supported_compute_types(device)
    return wanted if wanted in supported else "auto"


def _record(model_dir: Path) -> dict[str, list[int]]:
    """Return what tells these weights from others: name, size and time of their files."""
    files = [*model_dir.glob("*.safetensors"), *model_dir.glob("pytorch_model*.bin")]
    return {file.name: [file.stat().st_size, int(file.stat().st_mtime)] for file in sorted(files)}
