#!/usr/bin/env python3
"""
MLX weights: a CTranslate2 Whisper model in MLX's layout.

MLX has the weights of the original in its own layout: query, key and value apart, convolution
kernels as (out, width, in).

Usage:
    from scripts.whisper.mlx.mlx_weights import convert

    convert(Path("models/whisper/base"), Path("models/mlx/base"))
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.runtime.ctranslate2_weights import WEIGHTS, Variable, read_variables
from shared.core.errors import InputError, UnavailableError
from shared.core.files import read_record, sha256_of, write_json
from shared.models.packaged import move_into_place

MLX_WEIGHTS = "weights.safetensors"
ORIGIN = "converted_from.json"
HEAD_SIZE = 64
# Parts of a block: CTranslate2's name and MLX's.
ATTENTION = {"self_attention": "attn", "attention": "cross_attn"}
PLAIN = {
    "ffn/layer_norm": "mlp_ln",
    "ffn/linear_0": "mlp1",
    "ffn/linear_1": "mlp2",
    "self_attention/layer_norm": "attn_ln",
    "attention/layer_norm": "cross_attn_ln",
}
ENDS = {"gamma": "weight", "beta": "bias"}
LAYER = re.compile(r"(encoder|decoder)/layer_(\d+)/(.+)/(\w+)")


def convert(source: Path, target: Path) -> None:
    """Write a CTranslate2 Whisper model in MLX form; target appears only when it is whole.

    Args:
        source: Folder with model.bin (float32, float16, bfloat16, int8 or int16) and config.json.
        target: Folder to make: weights.safetensors (float16), config.json, and what it was made of.

    Raises:
        InputError: The source is not such a model.
        UnavailableError: The target cannot be written.
    """
    from scripts.runtime import (  # noqa: F401  before MLX: its user may go on in this process
        mlx_runtime,
    )

    import mlx.core as mx  # isort: skip

    variables = read_variables(source)
    try:
        dimensions = _dimensions(variables)
        weights = dict(_weights(variables, dimensions))
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{source} is not a Whisper model: {error}", hint="Name a folder of faster-whisper"
        ) from error
    heads = _alignment_heads(source)
    if heads:
        weights["alignment_heads"] = mx.array(heads)
    scratch: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        mx.save_safetensors(str(scratch / MLX_WEIGHTS), weights)
        write_json(scratch / "config.json", dimensions | {"model_type": "whisper"})
        origin = {"folder": source.name, "sha256": sha256_of(source / WEIGHTS)}
        write_json(scratch / ORIGIN, origin)
        scratch.chmod(0o755)
        move_into_place(scratch, target, MLX_WEIGHTS)
    except OSError as error:
        raise UnavailableError(
            f"{target} cannot be written: {error.strerror}", hint="Check its folder and disk space"
        ) from error
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _dimensions(variables: dict[str, Variable]) -> dict[str, int]:
    """Return the model's sizes as MLX's config.json names them."""
    width, mels, _ = variables["encoder/conv1/weight"].shape
    audio_context, _ = variables["encoder/position_encodings/encodings"].shape
    text_context, _ = variables["decoder/position_encodings/encodings"].shape
    vocabulary, text_width = variables["decoder/embeddings/weight"].shape
    return {
        "n_mels": mels,
        "n_audio_ctx": audio_context,
        "n_audio_state": width,
        "n_audio_head": width // HEAD_SIZE,
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": text_context,
        "n_text_state": text_width,
        "n_text_head": text_width // HEAD_SIZE,
        "n_text_layer": _layers(variables, "decoder"),
    }


def _layers(variables: dict[str, Variable], side: str) -> int:
    found = (LAYER.fullmatch(name) for name in variables)
    return 1 + max(int(one[2]) for one in found if one and one[1] == side)


def _weights(
    variables: dict[str, Variable], dimensions: dict[str, int]
) -> Iterator[tuple[str, Any]]:
    """Yield MLX's weights, float16, under their names."""
    import mlx.core as mx

    def half(array: Any) -> Any:
        return mx.array(array.astype("float16"))

    for name, variable in variables.items():
        match = LAYER.fullmatch(name)
        if match:
            for place, array in _block(match[3], match[4], variable):
                yield f"{match[1]}.blocks.{match[2]}.{place}", half(array)
    for number in ("1", "2"):
        kernel = variables[f"encoder/conv{number}/weight"].array()
        yield f"encoder.conv{number}.weight", half(kernel.transpose(0, 2, 1))
        yield f"encoder.conv{number}.bias", half(variables[f"encoder/conv{number}/bias"].array())
    for side, norm in (("encoder", "ln_post"), ("decoder", "ln")):
        for end, ours in ENDS.items():
            yield f"{side}.{norm}.{ours}", half(variables[f"{side}/layer_norm/{end}"].array())
    yield "decoder.token_embedding.weight", half(variables["decoder/embeddings/weight"].array())
    positions = variables["decoder/position_encodings/encodings"].array()
    yield "decoder.positional_embedding", half(positions)


def _block(part: str, end: str, variable: Variable) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of one variable of a block with MLX's names, fused ones taken apart."""
    if part in PLAIN:
        yield f"{PLAIN[part]}.{ENDS.get(end, end)}", variable.array()
        return
    kind, _, linear = part.partition("/")
    ours = ATTENTION[kind]
    names = {
        ("attn", "linear_0"): ("query", "key", "value"),
        ("attn", "linear_1"): ("out",),
        ("cross_attn", "linear_0"): ("query",),
        ("cross_attn", "linear_1"): ("key", "value"),
        ("cross_attn", "linear_2"): ("out",),
    }[ours, linear]
    array = variable.array()
    rows = len(array) // len(names)
    for index, name in enumerate(names):
        # Whisper's keys have no bias; the fused layer holds zeros there.
        if (name, end) != ("key", "bias"):
            yield f"{ours}.{name}.{end}", array[index * rows : (index + 1) * rows]


def _alignment_heads(source: Path) -> list[list[int]]:
    """Return the (layer, head) pairs that time the words, [] where they are not known."""
    try:
        config = read_record(source / "config.json") or {}
        return [[int(layer), int(head)] for layer, head in config.get("alignment_heads") or []]
    except (ValueError, TypeError):
        return []
