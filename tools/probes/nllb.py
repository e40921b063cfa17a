#!/usr/bin/env python3
"""
Probe of the environment nllb: a tiny network of its kind, with random weights, translates a line.

Usage:
    venv/nllb/bin/python tools/probes/nllb.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe  # noqa: E402

WORDS = 64


def work(device: str) -> str:
    """Generate a few tokens; load the tokenizer library and CTranslate2.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import ctranslate2
    import sentencepiece
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    if device == "cuda":
        require(ctranslate2.get_cuda_device_count(), "CTranslate2 sees no NVIDIA GPU")
    require("int8" in ctranslate2.get_supported_compute_types("cpu"), "CTranslate2 has no int8")
    torch.manual_seed(1)
    size = {"d_model": 16, "vocab_size": WORDS, "max_position_embeddings": 64}
    size |= {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16}
    size |= {"decoder_ffn_dim": 16, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    network = M2M100ForConditionalGeneration(M2M100Config(**size)).eval().to(device)
    line = torch.tensor([[5, 6, 7, 2]], device=device)
    written = network.generate(line, max_new_tokens=4, num_beams=2)
    require(written.shape[1] > 1 and int(written.max()) < WORDS, "no tokens were generated")
    return (
        f"a tiny network wrote {written.shape[1]} tokens; CTranslate2 {ctranslate2.__version__}, "
        f"sentencepiece {sentencepiece.__version__}"
    )


if __name__ == "__main__":
    run_probe("transformers, CTranslate2", work)
