#!/usr/bin/env python3
"""
Translation engines: NLLB and IndicTrans2, run for real with small models that the test has taught.

Each model knows a cipher, so that a line which got another line's answer cannot pass. Runs in
venv/nllb and in venv/indictrans2, each the tests that have its name.

Usage:
    pytest tests/integration/test_mt_engines.py
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ctranslate2", reason="./bootstrap.sh --env nllb --env indictrans2")
pytest.importorskip("sentencepiece", reason="./bootstrap.sh --env nllb --env indictrans2")
pytest.importorskip("transformers", reason="./bootstrap.sh --env nllb --env indictrans2")

from scripts.translators import indictrans2_integration, nllb_integration  # noqa: E402
from scripts.translators.ctranslate2_translator import find_converted  # noqa: E402
from scripts.translators.indictrans2_weights import convert as convert_indictrans2  # noqa: E402
from scripts.translators.nllb_integration import TransformersTranslator  # noqa: E402
from shared.core.errors import InputError  # noqa: E402
from shared.translation.backend import Backend, BackendOptions, SourceLine  # noqa: E402
from shared.translation.flores import NLLB_CODES  # noqa: E402
from tests.support.tiny_translators import (  # noqa: E402
    enciphered,
    save_indictrans2,
    save_nllb,
    save_slow_tokenizer,
    sentences,
    translated,
)

INDIC_EN, EN_INDIC = ("hin_Deva", "eng_Latn"), ("eng_Latn", "hin_Deva")


@pytest.fixture(scope="module")
def nllb_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NLLB model as the hub has it."""
    folder = tmp_path_factory.mktemp("nllb") / "nllb-tiny"
    folder.mkdir()
    save_nllb(folder)
    return folder


@pytest.fixture(scope="module")
def networks() -> dict[Path, Any]:
    """The IndicTrans2 networks that were saved, to compare with."""
    return {}


@pytest.fixture(scope="module")
def indictrans2_models(
    tmp_path_factory: pytest.TempPathFactory, networks: dict[Path, Any]
) -> tuple[Path, Path]:
    """Models from Hindi into English and back, as AI4Bharat publishes them."""
    pytest.importorskip("IndicTransToolkit", reason="./bootstrap.sh --env indictrans2")
    folders = []
    for name, pair in (("there", INDIC_EN), ("back", EN_INDIC)):
        folder = tmp_path_factory.mktemp("indictrans2") / name
        folder.mkdir()
        networks[folder] = save_indictrans2(folder, *pair)
        folders.append(folder)
    return folders[0], folders[1]


def options(model: Path, compute_type: str = "float32", **others: Any) -> BackendOptions:
    """Return options for a CPU; one thread is the fastest for so small a network."""
    return BackendOptions(model=str(model), compute_type=compute_type, threads=1, **others)


def thousand(text: Callable[[str], str] = str) -> list[SourceLine]:
    """Return 1,000 lines whose ids say nothing of their order."""
    ids = random.Random(4).sample(range(10_000), 1000)
    return [SourceLine(id, text(t)) for id, t in zip(ids, sentences(1000, 77_777), strict=True)]


def in_batches(
    backend: Backend, lines: Sequence[SourceLine], source: str, target: str, size: int = 100
) -> dict[int, str]:
    """Return what a backend makes of lines, given a batch at a time."""
    texts: dict[int, str] = {}
    for start in range(0, len(lines), size):
        batch = lines[start : start + size]
        answer = backend.translate(batch, source, target)
        assert set(answer) <= {line.id for line in batch}
        texts |= answer
    return texts


def assert_no_line_shifts(
    backend: Backend, source: str, target: str, right: Callable[[str], str]
) -> None:
    """Translate 1,000 lines in order and shuffled; each id has its own line's translation."""
    lines = thousand(str if source == "hi" else translated)
    expected = {line.id: right(line.text) for line in lines}
    texts = in_batches(backend, lines, source, target)
    assert set(texts) == set(expected)
    wrong = {id for id, text in texts.items() if text != expected[id]}
    # How well a small network learns, and a word of which it is not sure, hang on the processor's
    # arithmetic: a few lines may be wrong. With lines shifted nearly all would be.
    assert len(wrong) <= 100
    shuffled = random.Random(9).sample(lines, len(lines))
    again = in_batches(backend, shuffled, source, target, size=37)
    assert set(again) == set(texts)
    assert sum(again[id] != text for id, text in texts.items()) <= 20


class TestNllb:
    """scripts.translators.nllb_integration"""

    def test_nllb_codes_are_those_of_the_published_tokenizer(self) -> None:
        from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

        assert set(FAIRSEQ_LANGUAGE_CODES) == NLLB_CODES

    def test_nllb_by_ctranslate2_keeps_a_thousand_lines(self, nllb_model: Path) -> None:
        backend = nllb_integration.open_backend(options(nllb_model, "int8", beam_size=2))
        assert find_converted(nllb_model, "int8") == nllb_model / "ct2-int8"
        assert (backend.name, backend.model) == ("nllb", "nllb-tiny")
        assert_no_line_shifts(backend, "hi", "en", translated)

    def test_nllb_by_transformers_keeps_a_thousand_lines(self, nllb_model: Path) -> None:
        backend = nllb_integration.open_backend(options(nllb_model, beam_size=1, batch_size=64))
        assert isinstance(backend._translator, TransformersTranslator)
        assert_no_line_shifts(backend, "hi", "en", translated)

    def test_nllb_by_either_way_says_the_same(self, nllb_model: Path, tmp_path: Path) -> None:
        nllb_integration.convert(nllb_model, tmp_path / "ct2", "float32")
        lines = thousand(translated)[:100]
        texts = [
            nllb_integration.open_backend(options(model)).translate(lines, "en", "hi")
            for model in (nllb_model, tmp_path / "ct2")
        ]
        assert sum(texts[0][line.id] != texts[1][line.id] for line in lines) <= 3
        assert sum(texts[0][line.id] == enciphered(line.text) for line in lines) >= 90

    def test_nllb_without_a_fast_tokenizer_is_converted_too(self, tmp_path: Path) -> None:
        save_nllb(tmp_path, steps=5)
        save_slow_tokenizer(tmp_path)
        backend = nllb_integration.open_backend(options(tmp_path, "int8"))
        assert find_converted(tmp_path, "int8") is not None
        answer = backend.translate([SourceLine(3, "मैं घर जाता")], "hi", "en")
        assert set(answer) <= {3}

    def test_nllb_takes_a_long_line_in_pieces(self, nllb_model: Path) -> None:
        backend = nllb_integration.open_backend(options(nllb_model, "int8"))
        line = SourceLine(8, "\n".join(sentences(120, 31)))
        assert len(line.text.split()) > nllb_integration.MOST_SOURCE_TOKENS
        texts = backend.translate([SourceLine(1, "  "), line, SourceLine(2, "कल")], "hi", "en")
        assert set(texts) == {8, 2}
        assert texts[2] == "tomorrow"

    @pytest.mark.parametrize(("source", "target"), [("tlh", "en"), ("hi", "tlh")])
    def test_nllb_names_a_language_it_does_not_know(
        self, nllb_model: Path, source: str, target: str
    ) -> None:
        backend = nllb_integration.open_backend(options(nllb_model, "int8"))
        with pytest.raises(InputError, match=r"nllb-tiny does not know Klingon \(tlh\)"):
            backend.translate([SourceLine(1, "कल")], source, target)

    def test_nllb_is_converted_again_when_the_weights_are_other_ones(
        self, nllb_model: Path
    ) -> None:
        nllb_integration.open_backend(options(nllb_model, "int8"))
        weights = nllb_model / "model.safetensors"
        os.utime(weights, (weights.stat().st_atime, weights.stat().st_mtime + 10))
        assert find_converted(nllb_model, "int8") is None
        nllb_integration.open_backend(options(nllb_model, "int8"))
        assert find_converted(nllb_model, "int8") is not None
        assert not list(nllb_model.glob(".ct2-*"))

    def test_nllb_needs_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="holds no NLLB model"):
            nllb_integration.open_backend(options(tmp_path))


class TestIndicTrans2:
    """scripts.translators.indictrans2_integration"""

    @pytest.mark.parametrize("compute_type", ["int8", "float32"])
    def test_indictrans2_keeps_a_thousand_lines(
        self, indictrans2_models: tuple[Path, Path], compute_type: str
    ) -> None:
        chosen = options(indictrans2_models[0], compute_type, beam_size=2)
        assert_no_line_shifts(indictrans2_integration.open_backend(chosen), "hi", "en", translated)

    def test_indictrans2_into_hindi(self, indictrans2_models: tuple[Path, Path]) -> None:
        backend = indictrans2_integration.open_backend(options(indictrans2_models[1], "int8"))
        assert_no_line_shifts(backend, "en", "hi", enciphered)

    def test_indictrans2_says_what_the_network_itself_says(
        self, indictrans2_models: tuple[Path, Path], networks: dict[Path, Any]
    ) -> None:
        import torch

        folder = indictrans2_models[0]
        source, target = (
            json.loads((folder / f"dict.{side}.json").read_text()) for side in ("SRC", "TGT")
        )
        words = {number: token for token, number in target.items()}
        lines = thousand()[:15]
        texts = indictrans2_integration.open_backend(options(folder)).translate(lines, "hi", "en")
        for line in lines:
            pieces = [f"▁{word}" for word in line.text.split()]
            row = [source[token] for token in (*INDIC_EN, *pieces, "</s>")]
            with torch.inference_mode():
                answer = networks[folder].generate(
                    input_ids=torch.tensor([row]), num_beams=5, max_length=48, do_sample=False
                )
            said = "".join(words[number] for number in answer[0].tolist() if number > 3)
            assert texts[line.id] == said.replace("▁", " ").strip()

    def test_indictrans2_scores_as_the_untaught_network_does(self, tmp_path: Path) -> None:
        import ctranslate2
        import torch

        network = save_indictrans2(tmp_path, *INDIC_EN, steps=5)
        convert_indictrans2(tmp_path, tmp_path / "ct2", "float32")
        source, target = (
            json.loads((tmp_path / f"dict.{side}.json").read_text()) for side in ("SRC", "TGT")
        )
        row = [*INDIC_EN, "▁मैं", "▁घर", "▁जाता"]
        answer = ["▁i", "▁home", "▁go", "▁go"]
        scores = ctranslate2.Translator(str(tmp_path / "ct2")).score_batch([row], [answer])[0]
        numbers = [2, *(target[token] for token in (*answer, "</s>"))]
        with torch.inference_mode():
            logits = network(
                input_ids=torch.tensor([[source[token] for token in (*row, "</s>")]]),
                decoder_input_ids=torch.tensor([numbers[:-1]]),
            ).logits[0]
        expected = logits.log_softmax(-1)[range(len(numbers) - 1), numbers[1:]].tolist()
        assert scores.log_probs == pytest.approx(expected, abs=1e-3)

    def test_indictrans2_goes_through_english_between_indic_languages(
        self, indictrans2_models: tuple[Path, Path]
    ) -> None:
        backend = indictrans2_integration.open_backend(
            options(indictrans2_models[0], extra={"models": [str(indictrans2_models[1])]})
        )
        assert backend._steps("hin_Deva", "tam_Taml") == [
            ("hin_Deva", "eng_Latn"),
            ("eng_Latn", "tam_Taml"),
        ]
        # Neither model was taught the tag of Marathi, which is written like Hindi.
        assert set(backend.translate([SourceLine(6, "मैं घर जाता")], "hi", "mr")) == {6}

    def test_indictrans2_without_a_model_for_the_direction_says_which(
        self, indictrans2_models: tuple[Path, Path]
    ) -> None:
        backend = indictrans2_integration.open_backend(options(indictrans2_models[0]))
        with pytest.raises(InputError, match="given no en-indic model") as caught:
            backend.translate([SourceLine(1, "home")], "en", "hi")
        assert "INDICTRANS2_MODELS" in caught.value.hint

    @pytest.mark.parametrize("pair", [("fr", "en"), ("hi", "fr"), ("hi", "hi-Latn")])
    def test_indictrans2_names_a_language_it_does_not_know(
        self, indictrans2_models: tuple[Path, Path], pair: tuple[str, str]
    ) -> None:
        backend = indictrans2_integration.open_backend(options(indictrans2_models[0]))
        with pytest.raises(InputError, match=r"IndicTrans2 does not know .*\((fr|hi-Latn)\)"):
            backend.translate([SourceLine(1, "घर")], *pair)

    def test_indictrans2_refuses_another_architecture(
        self, indictrans2_models: tuple[Path, Path], tmp_path: Path
    ) -> None:
        folder = tmp_path / "rotary"
        shutil.copytree(indictrans2_models[0], folder, ignore=shutil.ignore_patterns("ct2-*"))
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"model_type": "RotaryIndicTrans"}))
        backend = indictrans2_integration.open_backend(options(folder))
        with pytest.raises(InputError, match="holds no IndicTrans2 model"):
            backend.translate([SourceLine(1, "घर")], "hi", "en")

    def test_indictrans2_takes_a_conversion_in_a_folder_of_its_own(
        self, indictrans2_models: tuple[Path, Path], tmp_path: Path
    ) -> None:
        convert_indictrans2(indictrans2_models[0], tmp_path / "ct2_model", "float32")
        (tmp_path / "vocab").mkdir()
        for side in ("model.SRC", "model.TGT"):
            (tmp_path / "vocab" / side).write_bytes((indictrans2_models[0] / side).read_bytes())
        lines = thousand()[:20]
        texts = [
            indictrans2_integration.open_backend(options(model)).translate(lines, "hi", "en")
            for model in (tmp_path, indictrans2_models[0])
        ]
        assert texts[0] == texts[1]

    def test_indictrans2_leaves_out_a_line_without_text(
        self, indictrans2_models: tuple[Path, Path]
    ) -> None:
        backend = indictrans2_integration.open_backend(options(indictrans2_models[0]))
        lines = [SourceLine(4, " "), SourceLine(2, "कल", speaker="x")]
        assert backend.translate(lines, "hi", "en") == {2: "tomorrow"}

    def test_indictrans2_reads_hindi_in_roman_letters(
        self, indictrans2_models: tuple[Path, Path]
    ) -> None:
        backend = indictrans2_integration.open_backend(options(indictrans2_models[0]))
        lines = [SourceLine(1, "main ghar jaata"), SourceLine(2, "मैं घर जाता")]
        assert backend.translate(lines, "hi", "en") == {1: "i home go", 2: "i home go"}
