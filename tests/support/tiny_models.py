#!/usr/bin/env python3
"""
Tiny models: real architectures with random weights, saved as the published models are.

Runs inside an engine's environment, as a module or as a program.

Usage:
    venv/whisperx/bin/python tests/support/tiny_models.py wav2vec2 FOLDER
    venv/demucs/bin/python tests/support/tiny_models.py htdemucs FOLDER

wav2vec2-layer pads and so hears in batches; wav2vec2-full has the size of the published base models
(for tools/measure/libraries.py); htdemucs-long hears 20 s at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SPEECH_RATE = 16_000
MUSIC_RATE = 44_100
# Seconds that the tiny HTDemucs hears at once; a longer one takes memory worth measuring.
SEGMENT, LONG_SEGMENT = 0.5, 20.0
HTDEMUCS_NAME = "a1b2c3d4"


def save_wav2vec2(folder: Path, norm: str = "group", *, full: bool = False) -> None:
    """Save a CTC model of letters with its processor.

    Args:
        folder: An existing folder.
        norm: "group" as the small published models are, "layer" as the large and the MMS ones.
        full: As large as the published base models: 95 million weights.
    """
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
        Wav2Vec2Processor,
    )

    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefghijklmnopqrstuvwxyz'"]
    (folder / "vocab.json").write_text(json.dumps({c: i for i, c in enumerate(letters)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), pad_token="<pad>")
    extractor = Wav2Vec2FeatureExtractor(sampling_rate=SPEECH_RATE, do_normalize=True)
    Wav2Vec2Processor(feature_extractor=extractor, tokenizer=tokenizer).save_pretrained(folder)
    torch.manual_seed(1)
    tiny = {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "conv_dim": (16,) * 7,
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 2,
    }
    Wav2Vec2ForCTC(
        Wav2Vec2Config(
            vocab_size=len(letters),
            pad_token_id=0,
            feat_extract_norm=norm,
            do_stable_layer_norm=norm == "layer",
            conv_bias=norm == "layer",
            **({} if full else tiny),
        )
    ).save_pretrained(folder)


def make_htdemucs(segment: float = SEGMENT) -> Any:
    """Return a small HTDemucs; louder than random weights are, so that a seam would show.

    Args:
        segment: Seconds that it hears at once.
    """
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(3)
    network = HTDemucs(
        sources=["drums", "bass", "other", "vocals"],
        channels=4,
        depth=4,
        t_layers=1,
        t_heads=2,
        bottom_channels=16,
        dconv_comp=2,
        samplerate=MUSIC_RATE,
        segment=segment,
    ).eval()
    with torch.no_grad():
        network.tdecoder[-1].conv_tr.weight.mul_(30)
        network.decoder[-1].conv_tr.weight.mul_(30)
    return network


def save_htdemucs(network: Any, folder: Path) -> None:
    """Save a model alone and in a bag, as demucs' own local folders are.

    Args:
        network: What make_htdemucs returned.
        folder: An existing folder.
    """
    import torch

    args, kwargs = network._init_args_kwargs
    state = network.state_dict()
    package = {"klass": type(network), "args": args, "kwargs": kwargs, "state": state}
    torch.save(package, folder / f"{HTDEMUCS_NAME}.th")
    weights = "[[1, 1, 1, 0], [1, 1, 1, 1]]"
    bag = f"models: [{HTDEMUCS_NAME}, {HTDEMUCS_NAME}]\nweights: {weights}\n"
    (folder / "bag.yaml").write_text(bag)


def save_llama(path: Path, says: str) -> None:
    """Save a language model of llama.cpp that writes one letter wherever it may.

    Args:
        path: The file to write, GGUF.
        says: The letter, ASCII.
    """
    import gguf
    import numpy

    width, heads, inner = 32, 4, 64
    kind = gguf.TokenType
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(8192)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([kind.UNKNOWN, kind.CONTROL, kind.CONTROL, *[kind.BYTE] * 256])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}\n{% endfor %}")
    tensors = {
        name: numpy.ones(width) for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")
    }
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensors[f"blk.0.{name}"] = numpy.zeros((width, width))
    for name, shape in (("gate", (inner, width)), ("up", (inner, width)), ("down", (width, inner))):
        tensors[f"blk.0.ffn_{name}"] = numpy.zeros(shape)
    tensors["token_embd"] = numpy.ones((len(tokens), width))
    output = tensors["output"] = numpy.zeros((len(tokens), width))
    # Ends a text as soon as it may; before that it writes its letter.
    for letter, weight in (('"', 1.0), (says, 0.5)):
        output[tokens.index(f"<0x{ord(letter):02X}>")] = weight
    for name, values in tensors.items():
        writer.add_tensor(f"{name}.weight", values.astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    kind, target = sys.argv[1], Path(sys.argv[2])
    if kind.startswith("wav2vec2"):
        norm = "layer" if kind.endswith("-layer") else "group"
        save_wav2vec2(target, norm, full=kind.endswith("-full"))
    else:
        save_htdemucs(make_htdemucs(LONG_SEGMENT if kind.endswith("-long") else SEGMENT), target)
