#!/usr/bin/env python3
"""
Wav2vec2 model: a Wav2Vec2ForCTC folder, read and run without the transformers library.

Belongs to wav2vec2_integration, which alone uses it. torchaudio has the same network (equal
logits), so only names and files are translated: transformers would cost 2.5 s and 220 MB more for
each film (docs/LIBRARIES.md).

Usage:
    from scripts.alignment.wav2vec2_model import load_network

    network = load_network(folder, device="cpu", threads=0, romanised=False)
    scores = network.log_probs([waveform])[0]     # (frames, codes + 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from scripts.alignment.ctc_labels import Alphabet
from shared.core.errors import InputError, UnavailableError
from shared.core.files import read_record
from shared.core.machine.cpu_share import stage_cpus

BLANKS = ("<blank>", "[blank]", "<pad>", "[pad]")
SEPARATORS = ("|", " ")
# A star goes on over a blank frame at this price: less than leaving out a sound, more than silence.
STAR_OVER_BLANK = 0.5
# Where the same things are kept: Wav2Vec2ForCTC, torchaudio.
PLACES = (
    ("wav2vec2.feature_extractor.", "feature_extractor."),
    ("wav2vec2.feature_projection.", "encoder.feature_projection."),
    ("wav2vec2.encoder.", "encoder.transformer."),
    ("lm_head.", "aux."),
)
# The names of a normalised weight before and since PyTorch 2.
OLD_NAMES = {
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
}


@dataclass
class Network:
    """A model ready to hear.

    `stride`: samples from one frame to the next. `least`: samples that give the first frame.
    `normalises`: it wants sound of mean 0 and variance 1. `pads`: sounds of different lengths may
    be heard in one batch.
    """

    module: Any
    alphabet: Alphabet
    device: str
    stride: int
    least: int
    normalises: bool
    pads: bool

    def log_probs(self, waveforms: Sequence[Any]) -> list[Any]:
        """Return the log-probabilities of each sound, float32 arrays of shape (frames, codes + 1).

        Args:
            waveforms: float32 arrays, 16 kHz mono, each at least `least` samples long; of one
                length where the network does not pad.

        Returns:
            The last code is the star: some letter, or a pause between two of them.
        """
        import torch

        lengths = torch.tensor([len(one) for one in waveforms], device=self.device)
        batch = torch.nn.utils.rnn.pad_sequence(
            [torch.from_numpy(one.copy()) for one in waveforms], batch_first=True
        )
        with torch.inference_mode():
            padded = lengths if len({len(one) for one in waveforms}) > 1 else None
            scores, frames = self.module(batch.to(self.device), padded)
            scores = torch.log_softmax(scores.float(), dim=-1)
            letters = scores[..., sorted(set(self.alphabet.codes.values()))].logsumexp(-1)
            pause = scores[..., self.alphabet.blank] - STAR_OVER_BLANK
            scores = torch.cat([scores, torch.maximum(letters, pause)[..., None]], dim=-1).cpu()
        counts = [scores.shape[1]] * len(waveforms) if frames is None else frames.tolist()
        return [one[:count].numpy() for one, count in zip(scores, counts, strict=True)]


def load_network(folder: Path, *, device: str, threads: int, romanised: bool) -> Network:
    """Load a model.

    Args:
        folder: config.json, vocab.json and weights of a Wav2Vec2ForCTC.
        device: "cpu", "cuda" or "mps".
        threads: CPU threads; 0 = as many as torch likes.
        romanised: It reads all languages in Latin letters.

    Returns:
        The network in evaluation mode.

    Raises:
        InputError: The folder holds no such model.
        UnavailableError: The device cannot be used.
    """
    import torch
    from torchaudio.models import wav2vec2_model

    if threads:
        torch.set_num_threads(min(threads, stage_cpus()))
    config = _read_json(folder, "config.json")
    try:
        if config.get("adapter_attn_dim"):
            raise InputError(f"{folder} needs adapters, which are not supported", hint=_HINT)
        module = wav2vec2_model(**_architecture(config))
        missing, _ = module.load_state_dict(_weights(folder), strict=False)
    except (KeyError, RuntimeError, UnpicklingError, ValueError) as error:
        raise _no_model(folder, str(error).splitlines()[0]) from error
    if missing:
        raise _no_model(folder, f"it lacks {missing[0]}")
    try:
        module.to(device).eval()
    except (AssertionError, NotImplementedError) as error:
        raise UnavailableError(
            f"Device {device} cannot be used by torch", hint="Set DEVICE=cpu"
        ) from error
    extractor = _read_json(folder, "preprocessor_config.json", {})
    return Network(
        module=module,
        alphabet=_alphabet(folder, config, romanised),
        device=device,
        stride=prod(config["conv_stride"]),
        least=_receptive_field(config["conv_kernel"], config["conv_stride"]),
        normalises=bool(extractor.get("do_normalize", True)),
        # With group norm over time, padding would change what is heard.
        pads=config["feat_extract_norm"] == "layer",
    )


_HINT = "Check ALIGNMENT_MODEL"


def _no_model(folder: Path, why: str) -> InputError:
    return InputError(f"{folder} is no Wav2Vec2ForCTC model: {why}", hint=_HINT)


def _read_json(folder: Path, name: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
    path = folder / name
    if default is not None and not path.is_file():
        return default
    content = read_record(path)
    if content is None:
        raise _no_model(folder, f"{name} cannot be read")
    return content


def _architecture(config: dict[str, Any]) -> dict[str, Any]:
    """Return what torchaudio calls the parts of a configuration."""
    layers = zip(config["conv_dim"], config["conv_kernel"], config["conv_stride"], strict=True)
    return {
        "extractor_mode": f"{config['feat_extract_norm']}_norm",
        "extractor_conv_layer_config": list(layers),
        "extractor_conv_bias": config["conv_bias"],
        "encoder_embed_dim": config["hidden_size"],
        "encoder_projection_dropout": 0.0,
        "encoder_pos_conv_kernel": config["num_conv_pos_embeddings"],
        "encoder_pos_conv_groups": config["num_conv_pos_embedding_groups"],
        "encoder_num_layers": config["num_hidden_layers"],
        "encoder_num_heads": config["num_attention_heads"],
        "encoder_attention_dropout": 0.0,
        "encoder_ff_interm_features": config["intermediate_size"],
        "encoder_ff_interm_dropout": 0.0,
        "encoder_dropout": 0.0,
        "encoder_layer_norm_first": config["do_stable_layer_norm"],
        "encoder_layer_drop": 0.0,
        "aux_num_out": config["vocab_size"],
    }


def _weights(folder: Path) -> dict[str, Any]:
    """Return the weights by torchaudio's names."""
    import torch
    from safetensors.torch import load_file

    found: dict[str, Any] = {}
    for path in sorted(folder.glob("model*.safetensors")):
        found |= load_file(path)
    if not found:
        for path in sorted(folder.glob("pytorch_model*.bin")):
            found |= torch.load(path, map_location="cpu", weights_only=True)
    if not found:
        raise _no_model(folder, "no weights")
    renamed: dict[str, Any] = {}
    for name, value in found.items():
        for theirs, ours in PLACES:
            if name.startswith(theirs):
                stem, _, last = name.rpartition(".")
                name = f"{stem}.{OLD_NAMES.get(last, last)}"
                renamed[ours + name[len(theirs) :]] = value
    return renamed


def _alphabet(folder: Path, config: dict[str, Any], romanised: bool) -> Alphabet:
    """Return the characters of a model; several languages in one file are told apart by name."""
    vocabulary = _read_json(folder, "vocab.json")
    if vocabulary and all(isinstance(value, dict) for value in vocabulary.values()):
        target = _read_json(folder, "tokenizer_config.json", {}).get("target_lang")
        vocabulary = vocabulary.get(str(target), next(iter(vocabulary.values())))
    lowered = {str(text).lower(): int(code) for text, code in vocabulary.items()}
    blank = next((lowered[one] for one in BLANKS if one in lowered), config.get("pad_token_id"))
    codes = {c: code for c, code in lowered.items() if len(c) == 1 and c not in SEPARATORS}
    if not codes or max(lowered.values()) >= config["vocab_size"]:
        raise _no_model(folder, "vocab.json does not fit it")
    return Alphabet(
        codes={c: code for c, code in codes.items() if code != blank},
        blank=int(blank or 0),
        separator=next((lowered[one] for one in SEPARATORS if one in lowered), None),
        star=int(config["vocab_size"]),
        romanised=romanised,
    )


def _receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many samples the first frame hears."""
    samples = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        samples = (samples - 1) * stride + kernel
    return samples
