#!/usr/bin/env python3
"""
IndicTrans2 weights: from the published form to CTranslate2, without running the code beside them.

The published repositories carry their own modelling code, which would have to be trusted and is
reported not to work with the transformers release used here. The network is fairseq's Transformer:
pre-norm, sinusoidal positions counted from 2, a vocabulary for either side. So the weights are read
and described to CTranslate2 here.

Usage:
    from scripts.translators.indictrans2_weights import convert

    convert(Path("models/indictrans2/indictrans2-indic-en-dist-200M"), Path("ct2-int8"), "int8")
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.core.errors import InputError
from shared.core.files import read_record

# Others (with rotary positions, for example) are other networks.
MODEL_TYPE = "IndicTrans"
SOURCE_DICTIONARY = "dict.SRC.json"
TARGET_DICTIONARY = "dict.TGT.json"
# fairseq counts positions from the index of the padding, 1, and one more.
FIRST_POSITION = 2
MOST_POSITIONS = 1024


def convert(model_dir: Path, target: Path, number_format: str) -> None:
    """Write the CTranslate2 form of a model.

    Args:
        model_dir: Folder with config.json, dict.SRC.json, dict.TGT.json and the weights.
        target: Folder to make.
        number_format: int8, float16, bfloat16 or float32.

    Raises:
        InputError: The folder holds no IndicTrans2 model.
    """
    config, weights = _read_config(model_dir), read_weights(model_dir)
    try:
        specification = _specification(config, weights)
        specification.register_source_vocabulary(
            _vocabulary(model_dir / SOURCE_DICTIONARY, int(config["encoder_vocab_size"]))
        )
        specification.register_target_vocabulary(
            _vocabulary(model_dir / TARGET_DICTIONARY, int(config["decoder_vocab_size"]))
        )
    except (KeyError, OSError) as error:
        raise _not_indictrans2(model_dir) from error
    specification.config.bos_token = "<s>"
    specification.config.eos_token = "</s>"
    specification.config.unk_token = "<unk>"
    specification.config.decoder_start_token = "</s>"
    specification.config.add_source_eos = True
    specification.validate()
    specification.optimize(quantization=None if number_format == "float32" else number_format)
    target.mkdir(parents=True)
    specification.save(str(target))


def read_weights(model_dir: Path) -> dict[str, Any]:
    """Return the tensors of a model by name, from safetensors where there are some.

    Args:
        model_dir: A folder in the hub's layout.

    Raises:
        InputError: The folder holds no weights.
    """
    import torch
    from safetensors.torch import load_file

    weights: dict[str, Any] = {}
    for file in sorted(model_dir.glob("*.safetensors")):
        weights |= load_file(file)
    if not weights:
        for file in sorted(model_dir.glob("pytorch_model*.bin")):
            weights |= torch.load(file, map_location="cpu", mmap=True, weights_only=True)
    if not weights:
        raise InputError(
            f"No weights in {model_dir}", hint="The folder must hold model.safetensors or model.bin"
        )
    return weights


def sinusoids(positions: int, depth: int) -> Any:
    """Return the encodings of the positions from FIRST_POSITION on, tensor (positions, depth).

    Args:
        positions: How many, one a row.
        depth: Width of the model, even.
    """
    import torch

    half = depth // 2
    steps = torch.exp(torch.arange(half, dtype=torch.float) * -(math.log(10000) / (half - 1)))
    angles = torch.arange(FIRST_POSITION, FIRST_POSITION + positions).float()[:, None] * steps
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


def _read_config(model_dir: Path) -> dict[str, Any]:
    config = read_record(model_dir / "config.json")
    if config is None or config.get("model_type") != MODEL_TYPE:
        raise _not_indictrans2(model_dir)
    return config


def _not_indictrans2(model_dir: Path) -> InputError:
    return InputError(
        f"{model_dir} holds no IndicTrans2 model",
        hint="It must hold config.json, dict.SRC.json, dict.TGT.json, model.SRC, model.TGT"
        " and model.safetensors",
    )


def _vocabulary(file: Path, size: int) -> list[str]:
    """Return the tokens of a dictionary in the order of their numbers."""
    numbers = read_record(file)
    if not numbers or not all(isinstance(number, int) for number in numbers.values()):
        raise _not_indictrans2(file.parent)
    by_number = {number: token for token, number in numbers.items()}
    return [by_number.get(number, f"<unused{number}>") for number in range(size)]


def _specification(config: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
    """Return CTranslate2's description of the network, filled."""
    from ctranslate2.specs import TransformerSpec
    from ctranslate2.specs.common_spec import Activation

    activations = {"relu": Activation.RELU, "gelu": Activation.GELU, "silu": Activation.SWISH}
    specification = TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=config["encoder_normalize_before"],
        activation=activations[config["activation_function"]],
        layernorm_embedding=config["layernorm_embedding"],
    )
    for side, spec in (("encoder", specification.encoder), ("decoder", specification.decoder)):
        _fill_stack(spec, weights, f"model.{side}.", config)
    output = "lm_head.weight"
    if config.get("share_decoder_input_output_embed") or output not in weights:
        output = "model.decoder.embed_tokens.weight"
    specification.decoder.projection.weight = weights[output]
    return specification


def _fill_stack(
    spec: Any, weights: Mapping[str, Any], name: str, config: Mapping[str, Any]
) -> None:
    """Fill the description of the encoder or the decoder."""
    embeddings = weights[f"{name}embed_tokens.weight"]
    depth = embeddings.shape[1]
    decoder = name.endswith("decoder.")
    (spec.embeddings if decoder else spec.embeddings[0]).weight = embeddings
    spec.scale_embeddings = math.sqrt(depth) if config["scale_embedding"] else 1.0
    spec.position_encodings.encodings = sinusoids(MOST_POSITIONS, depth)
    if config["layernorm_embedding"]:
        _fill_norm(spec.layernorm_embedding, weights, f"{name}layernorm_embedding")
    if config["encoder_normalize_before"]:
        _fill_norm(spec.layer_norm, weights, f"{name}layer_norm")
    for number, layer in enumerate(spec.layer):
        place = f"{name}layers.{number}."
        _fill_attention(layer.self_attention, weights, place + "self_attn", fused=3)
        if decoder:
            _fill_attention(layer.attention, weights, place + "encoder_attn", fused=1)
        _fill_linear(layer.ffn.linear_0, weights, place + "fc1")
        _fill_linear(layer.ffn.linear_1, weights, place + "fc2")
        _fill_norm(layer.ffn.layer_norm, weights, place + "final_layer_norm")


def _fill_attention(spec: Any, weights: Mapping[str, Any], name: str, fused: int) -> None:
    """Fill an attention; `fused`: how many of query, key and value are one matrix, the first."""
    from ctranslate2.converters.utils import fuse_linear
    from ctranslate2.specs.common_spec import LinearSpec

    parts = [LinearSpec() for _ in range(3)]
    for part, kind in zip(parts, "qkv", strict=True):
        _fill_linear(part, weights, f"{name}.{kind}_proj")
    fuse_linear(spec.linear[0], parts[:fused])
    if fused < len(parts):
        fuse_linear(spec.linear[1], parts[fused:])
    _fill_linear(spec.linear[-1], weights, f"{name}.out_proj")
    _fill_norm(spec.layer_norm, weights, f"{name}_layer_norm")


def _fill_linear(spec: Any, weights: Mapping[str, Any], name: str) -> None:
    spec.weight = weights[f"{name}.weight"]
    spec.bias = weights[f"{name}.bias"]


def _fill_norm(spec: Any, weights: Mapping[str, Any], name: str) -> None:
    spec.gamma = weights[f"{name}.weight"]
    spec.beta = weights[f"{name}.bias"]
