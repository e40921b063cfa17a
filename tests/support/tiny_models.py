#!/usr/bin/env python3
"""
Tiny models: real architectures with random weights, saved as the published models are.

Runs inside an engine's environment, as a module or as a program.

Usage:
    venv/whisperx/bin/python tests/support/tiny_models.py wav2vec2 FOLDER
    venv/demucs/bin/python tests/support/tiny_models.py htdemucs FOLDER

wav2vec2-layer pads and so hears in batches; htdemucs-long hears 20 s at once.
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


def save_wav2vec2(folder: Path, norm: str = "group") -> None:
    """Save a CTC model of letters with its processor.

    Args:
        folder: An existing folder.
        norm: "group" as the small published models are, "layer" as the large and the MMS ones.
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
    Wav2Vec2ForCTC(
        Wav2Vec2Config(
            vocab_size=len(letters),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            conv_dim=(16,) * 7,
            num_conv_pos_embeddings=16,
            num_conv_pos_embedding_groups=2,
            pad_token_id=0,
            feat_extract_norm=norm,
            do_stable_layer_norm=norm == "layer",
            conv_bias=norm == "layer",
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


if __name__ == "__main__":
    kind, target = sys.argv[1], Path(sys.argv[2])
    if kind.startswith("wav2vec2"):
        save_wav2vec2(target, "layer" if kind.endswith("-layer") else "group")
    else:
        save_htdemucs(make_htdemucs(LONG_SEGMENT if kind.endswith("-long") else SEGMENT), target)
