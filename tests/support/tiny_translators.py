#!/usr/bin/env python3
"""
Tiny translators: real architectures, taught a cipher for some seconds, saved as published.

The cipher gives each Hindi word one English word, in the same order, so that an answer given to the
wrong line, or lines merged or cut, cannot pass. Runs inside venv/nllb or venv/indictrans2.

Usage:
    venv/nllb/bin/python tests/support/tiny_translators.py nllb FOLDER
    save_nllb(folder)
    save_indictrans2(folder, "hin_Deva", "eng_Latn")
    translated("मैं घर जाता")   # 'i home go'
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

CIPHER = dict(
    pair.split("=")
    for pair in (
        "मैं=i तुम=you वह=she हम=we घर=home पानी=water रात=night दिन=day आदमी=man बात=word "
        "दोस्त=friend माँ=mother शहर=city रास्ता=road काम=work गाना=song किताब=book लड़का=boy "
        "जाता=go आता=come खाता=eat सोता=sleep देखता=see सुनता=hear बोलता=speak रोता=cry "
        "आज=today कल=tomorrow यहाँ=here वहाँ=there"
    ).split()
)
HINDI, ENGLISH = "hin_Deva", "eng_Latn"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
START, PAD, END = 0, 1, 2
LONGEST = 6
DEPTH = 64
NLLB_STEPS, INDICTRANS2_STEPS = 600, 250


def sentences(count: int, seed: int, longest: int = LONGEST) -> list[str]:
    """Return so many Hindi sentences of 1 to `longest` words."""
    rng = random.Random(seed)
    return [" ".join(rng.choices(list(CIPHER), k=rng.randint(1, longest))) for _ in range(count)]


def translated(text: str) -> str:
    """Return the English of a Hindi sentence."""
    return " ".join(CIPHER[word] for word in text.split())


def enciphered(text: str) -> str:
    """Return the Hindi of an English sentence."""
    back = {english: hindi for hindi, english in CIPHER.items()}
    return " ".join(back[word] for word in text.split())


def train_sentencepiece(file: Path, words: Sequence[str], **options: Any) -> None:
    """Write a SentencePiece model of some words."""
    import sentencepiece

    with open(file, "wb") as writer:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([" ".join(words)] * 3 + list(words) * 3),
            model_writer=writer,
            vocab_size=4000,
            hard_vocab_limit=False,
            character_coverage=1.0,
            minloglevel=2,
            **options,
        )


def teach(
    logits: Callable[..., Any],
    parameters: Any,
    examples: Callable[[int], tuple[list[list[int]], list[list[int]]]],
    steps: int,
) -> None:
    """Train a network on pairs of token numbers.

    Args:
        logits: Given input_ids, attention_mask and decoder_input_ids.
        parameters: To be learnt.
        examples: Given a seed, sources and targets; a target begins with the decoder's start.
        steps: Batches.
    """
    import torch

    # So small a network is slower on several threads.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for step in range(steps):
        sources, targets = (_padded(rows) for rows in examples(step))
        output = logits(
            input_ids=sources,
            attention_mask=(sources != PAD).long(),
            decoder_input_ids=targets[:, :-1],
        )
        loss = torch.nn.functional.cross_entropy(
            output.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=PAD
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    torch.set_num_threads(threads)


def save_nllb(folder: Path, steps: int = NLLB_STEPS) -> None:
    """Save an NLLB model that knows Hindi and English, as the hub has them.

    Args:
        folder: An existing folder.
        steps: Of training.
    """
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    tokenizer = _fast_tokenizer()
    tokenizer.save_pretrained(folder)
    torch.manual_seed(5)
    model = M2M100ForConditionalGeneration(
        M2M100Config(
            vocab_size=len(tokenizer),
            d_model=DEPTH,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=DEPTH * 2,
            decoder_ffn_dim=DEPTH * 2,
            max_position_embeddings=1024,
            dropout=0.0,
            attention_dropout=0.0,
            encoder_layerdrop=0.0,
            decoder_layerdrop=0.0,
            scale_embedding=True,
            init_std=0.1,
        )
    )

    def examples(seed: int) -> tuple[list[list[int]], list[list[int]]]:
        hindi = sentences(32, seed)
        sides = {HINDI: hindi, ENGLISH: [translated(text) for text in hindi]}
        source, target = (HINDI, ENGLISH) if seed % 2 else (ENGLISH, HINDI)
        tokenizer.src_lang = source
        rows = tokenizer(sides[source])["input_ids"]
        tokenizer.src_lang = target
        return rows, [[END, *row] for row in tokenizer(sides[target])["input_ids"]]

    teach(lambda **given: model(**given).logits, model.parameters(), examples, steps)
    model.eval().save_pretrained(folder)


def save_slow_tokenizer(folder: Path) -> None:
    """Replace the tokenizer of a folder by one that has only its SentencePiece model.

    Args:
        folder: Holds what save_nllb wrote; the numbers of the tokens are not the same.
    """
    from transformers import NllbTokenizer

    (folder / "tokenizer.json").unlink()
    file = folder / "sentencepiece.bpe.model"
    train_sentencepiece(file, [*CIPHER, *CIPHER.values()], model_type="unigram")
    NllbTokenizer(str(file)).save_pretrained(folder)


def save_indictrans2(folder: Path, source: str, target: str, steps: int = INDICTRANS2_STEPS) -> Any:
    """Save a model of IndicTrans2's architecture, named and laid out as AI4Bharat's are.

    The network is put together from transformers' MBart layers, which are the same ones (pre-norm,
    norm after the embeddings), with fairseq's sinusoidal positions and two vocabularies.

    Args:
        folder: An existing folder.
        source: hin_Deva or eng_Latn.
        target: The other one.
        steps: Of training.

    Returns:
        The network, to compare with.
    """
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(6)
    numbers = [
        _save_side(folder, *side) for side in (("SRC", source, target), ("TGT", target, source))
    ]
    network = _indictrans2_network(*(len(side) for side in numbers))

    def examples(seed: int) -> tuple[list[list[int]], list[list[int]]]:
        hindi = sentences(32, seed)
        sides = {HINDI: hindi, ENGLISH: [translated(text) for text in hindi]}
        sources = [
            [numbers[0][token] for token in (source, target, *_pieces(text), "</s>")]
            for text in sides[source]
        ]
        targets = [
            [END, *(numbers[1][token] for token in (*_pieces(text), "</s>"))]
            for text in sides[target]
        ]
        return sources, targets

    learnt = [value for name, value in network.named_parameters() if "positions" not in name]
    teach(lambda **given: network(**given).logits, learnt, examples, steps)
    network.eval()
    weights = {
        name: value.contiguous()
        for name, value in network.state_dict().items()
        if name.startswith(("model.encoder.", "model.decoder.", "lm_head."))
        and "embed_positions" not in name
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(_indictrans2_config(numbers)))
    return network


def _fast_tokenizer() -> Any:
    """Return NLLB's fast tokenizer over the words of the cipher, one token each."""
    from tokenizers import Tokenizer
    from tokenizers.decoders import Metaspace as MetaspaceDecoder
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import Metaspace
    from tokenizers.trainers import BpeTrainer
    from transformers import NllbTokenizerFast

    words = [*CIPHER, *CIPHER.values()]
    tokenizer = Tokenizer(BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer, tokenizer.decoder = Metaspace(), MetaspaceDecoder()
    trainer = BpeTrainer(vocab_size=4000, special_tokens=list(SPECIAL), show_progress=False)
    tokenizer.train_from_iterator(words, trainer)
    return NllbTokenizerFast(tokenizer_object=tokenizer, src_lang=HINDI)


def _pieces(text: str) -> list[str]:
    return [f"▁{word}" for word in text.split()]


def _save_side(folder: Path, side: str, own: str, other: str) -> dict[str, int]:
    """Write the vocabulary of one side and return its numbers."""
    words = list(CIPHER) if own == HINDI else list(CIPHER.values())
    train_sentencepiece(folder / f"model.{side}", words, model_type="word")
    tags = [own, other] if side == "SRC" else []
    tokens = [*SPECIAL, *tags, *(f"▁{word}" for word in words)]
    numbers = {token: number for number, token in enumerate(tokens)}
    (folder / f"dict.{side}.json").write_text(json.dumps(numbers), encoding="utf-8")
    return numbers


def _indictrans2_network(source_size: int, target_size: int) -> Any:
    import torch
    from transformers import MBartConfig, MBartForConditionalGeneration
    from transformers.models.m2m_100.modeling_m2m_100 import M2M100SinusoidalPositionalEmbedding
    from transformers.models.mbart.modeling_mbart import MBartScaledWordEmbedding

    network = MBartForConditionalGeneration(
        MBartConfig(
            vocab_size=target_size,
            d_model=DEPTH,
            encoder_layers=2,
            decoder_layers=1,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            encoder_ffn_dim=DEPTH * 2,
            decoder_ffn_dim=DEPTH * 2,
            max_position_embeddings=256,
            activation_function="gelu",
            scale_embedding=True,
            tie_word_embeddings=False,
            dropout=0.0,
            attention_dropout=0.0,
            bos_token_id=START,
            pad_token_id=PAD,
            eos_token_id=END,
            decoder_start_token_id=END,
            forced_eos_token_id=None,
            init_std=0.1,
        )
    )
    scale = math.sqrt(DEPTH)
    encoder, decoder = network.model.encoder, network.model.decoder
    encoder.embed_tokens = MBartScaledWordEmbedding(source_size, DEPTH, PAD, embed_scale=scale)
    decoder.embed_tokens = MBartScaledWordEmbedding(target_size, DEPTH, PAD, embed_scale=scale)
    for stack in (encoder, decoder):
        torch.nn.init.normal_(stack.embed_tokens.weight, std=0.1)
        positions = stack.embed_positions.weight
        table = M2M100SinusoidalPositionalEmbedding.get_embedding(len(positions), DEPTH, PAD)
        with torch.no_grad():
            positions.copy_(table)
    return network


def _indictrans2_config(numbers: Sequence[dict[str, int]]) -> dict[str, Any]:
    """Return a config.json with the keys that the published ones have."""
    return {
        "model_type": "IndicTrans",
        "architectures": ["IndicTransForConditionalGeneration"],
        "activation_function": "gelu",
        "encoder_vocab_size": len(numbers[0]),
        "decoder_vocab_size": len(numbers[1]),
        "encoder_embed_dim": DEPTH,
        "decoder_embed_dim": DEPTH,
        "encoder_layers": 2,
        "decoder_layers": 1,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": DEPTH * 2,
        "decoder_ffn_dim": DEPTH * 2,
        "encoder_normalize_before": True,
        "decoder_normalize_before": True,
        "layernorm_embedding": True,
        "scale_embedding": True,
        "share_decoder_input_output_embed": False,
        "max_source_positions": 256,
        "max_target_positions": 256,
    }


def _padded(rows: Sequence[Sequence[int]]) -> Any:
    import torch

    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


if __name__ == "__main__":
    kind, place = sys.argv[1], Path(sys.argv[2])
    if kind == "nllb":
        save_nllb(place)
    else:
        save_indictrans2(place, HINDI, ENGLISH)
