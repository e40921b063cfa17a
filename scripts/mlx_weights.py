#!/usr/bin/env python3
"""
MLX weights: finds the weights of a Whisper model in MLX form, or makes them from CTranslate2's.

MLX has the weights of the original in its own layout: query, key and value apart, convolution
kernels as (out, width, in). A model that is on this machine for CTranslate2 is converted once, into
models/mlx/<name>, so that no model is fetched twice.

Usage:
    from scripts.mlx_weights import find_or_convert

    folder = find_or_convert("base")
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.ctranslate2_weights import WEIGHTS, Variable, read_variables
from shared.core.errors import InputError, UnavailableError
from shared.core.files import sha256_of, write_json
from shared.core.paths import MODELS_DIR
from shared.models.store import find_model, require_model

MLX_WEIGHTS = ("weights.safetensors", "weights.npz")
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


def find_or_convert(name: str, models_dir: Path = MODELS_DIR) -> Path:
    """Return the folder of a model's MLX weights, converted from CTranslate2's if need be.

    Args:
        name: A size ("base"), a hub repository or a folder of either form.
        models_dir: Folder with one sub-folder per engine.

    Raises:
        InputError: No model has this name, or the folder holds no weights.
        MissingModelError: The weights are on this machine in neither form.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if has_mlx_weights(folder):
            return folder.resolve()
        return _converted(folder, folder.name, models_dir)
    try:
        found = find_model("mlx", name, models_dir)
    except InputError:  # on the hub for CTranslate2 only
        found = None
    if found is not None and has_mlx_weights(found):
        return found
    source = _ctranslate2_folder(name, models_dir)
    return _converted(source, name, models_dir) if source else require_model("mlx", name)


def has_mlx_weights(folder: Path) -> bool:
    """Tell whether a folder is a model in MLX form."""
    return (folder / "config.json").is_file() and any(
        (folder / name).is_file() for name in MLX_WEIGHTS
    )


def _ctranslate2_folder(name: str, models_dir: Path) -> Path | None:
    """Return the folder of a model's CTranslate2 weights, None if it is not on this machine."""
    joined = models_dir / f"whisper-{name}"
    if (joined / WEIGHTS).is_file():
        return joined
    return find_model("whisper", name, models_dir)


def _converted(source: Path, name: str, models_dir: Path) -> Path:
    """Return the folder of the converted model, made at the first call."""
    target = models_dir / "mlx" / name.replace("/", "--")
    if not has_mlx_weights(target):
        convert(source, target)
    return target


def convert(source: Path, target: Path) -> None:
    """Write a CTranslate2 Whisper model in MLX form; target appears only when it is whole.

    Args:
        source: Folder with model.bin (float32, float16, bfloat16, int8 or int16) and config.json.
        target: Folder to make: weights.safetensors (float16), config.json, and what it was made of.

    Raises:
        InputError: The source is not such a model.
        UnavailableError: The target cannot be written.
    """
    import mlx.core as mx

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
        mx.save_safetensors(str(scratch / MLX_WEIGHTS[0]), weights)
        write_json(scratch / "config.json", dimensions | {"model_type": "whisper"})
        origin = {"folder": source.name, "sha256": sha256_of(source / WEIGHTS)}
        write_json(scratch / ORIGIN, origin)
        scratch.chmod(0o755)
        _move_into_place(scratch, target)
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
        config = json.loads((source / "config.json").read_text(encoding="utf-8"))
        return [[int(layer), int(head)] for layer, head in config.get("alignment_heads") or []]
    except (OSError, ValueError, TypeError, AttributeError):
        return []


def _move_into_place(scratch: Path, target: Path) -> None:
    """Rename scratch to target; if another process was faster, its folder stays."""
    try:
        os.rename(scratch, target)
    except OSError:
        if not has_mlx_weights(target):
            raise
