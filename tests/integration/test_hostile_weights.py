#!/usr/bin/env python3
"""
Weights that are programs: each way by which weights come in is tried with a pickle that would run.

Runs in the environments of the engines; each test needs the library of one.

Usage:
    venv/demucs/bin/python -m pytest tests/integration/test_hostile_weights.py -k demucs
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="./bootstrap.sh --env whisperx")

from scripts.runtime.weights_only import weights_only  # noqa: E402
from shared.core.configuration.variables import WEIGHTS_ONLY  # noqa: E402
from shared.core.errors import PipelineError  # noqa: E402

SIGNATURE, BAG = "a1b2c3d4", "955717e8"


class Program:
    """Says when it is unpickled: a file is made."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch '{self.mark}'",)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """What the program makes when it runs."""
    return tmp_path / "it-ran"


def assert_not_run(load: Callable[[], object], mark: Path, told: str) -> None:
    """The weights are refused with a cause and a hint, and ran nothing."""
    with pytest.raises(PipelineError, match=told) as caught:
        load()
    assert not mark.exists(), "the weights were run"
    assert caught.value.hint and "weights_only=False" not in caught.value.cause


def test_the_program_runs_where_nothing_is_held(tmp_path: Path, mark: Path) -> None:
    torch.save(Program(mark), tmp_path / "a.bin")
    torch.load(tmp_path / "a.bin", weights_only=False)
    assert mark.exists()


@pytest.mark.parametrize("how", ["stage", "context"])
def test_any_library_is_held(
    how: str, tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(Program(mark), tmp_path / "a.bin")
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    if how == "stage":
        for name, value in WEIGHTS_ONLY.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(pickle.UnpicklingError):
            torch.load(tmp_path / "a.bin", weights_only=False)
    else:
        with weights_only(), pytest.raises(pickle.UnpicklingError):
            torch.load(tmp_path / "a.bin", weights_only=False)
        assert os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] == "1"
    assert not mark.exists()


class TestDemucs:
    """A folder of Demucs networks: DEMUCS_REPO, the model store."""

    @pytest.fixture(autouse=True)
    def library(self) -> None:
        """Needs demucs."""
        pytest.importorskip("demucs", reason="./bootstrap.sh --env demucs")

    @pytest.mark.parametrize("where", ["klass", "args", "state", "training_args"])
    def test_demucs_pickle(self, where: str, tmp_path: Path, mark: Path) -> None:
        from demucs.htdemucs import HTDemucs

        from scripts.sound.demucs_weights import load_network

        package = {"klass": HTDemucs, "args": [], "kwargs": {}, "state": {}}
        torch.save(package | {where: Program(mark)}, tmp_path / f"{SIGNATURE}.th")
        assert_not_run(lambda: load_network(SIGNATURE, tmp_path), mark, "more than weights")

    def test_demucs_plain_pickle(self, tmp_path: Path, mark: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        (tmp_path / f"{SIGNATURE}.th").write_bytes(pickle.dumps(Program(mark)))
        assert_not_run(lambda: load_network(SIGNATURE, tmp_path), mark, SIGNATURE)

    @pytest.mark.parametrize(
        "facts",
        [
            {"klass": "os.system"},
            {"klass": "subprocess.getoutput"},
            {"klass": "demucs.htdemucs.HTDemucs", "structure": '{"_class": "os.system"}'},
            {},
        ],
    )
    def test_demucs_safetensors_that_name_code(
        self, facts: dict[str, str], tmp_path: Path, mark: Path
    ) -> None:
        from safetensors.torch import save_file

        from scripts.sound.demucs_weights import load_network

        described = {"args": json.dumps([f"touch '{mark}'"]), "kwargs": "{}"} | facts
        save_file({"a": torch.zeros(1)}, tmp_path / f"{BAG}.safetensors", described)
        (tmp_path / "htdemucs.yaml").write_text(f"models: ['{BAG}']")
        assert_not_run(lambda: load_network("htdemucs", tmp_path), mark, "no network of Demucs")

    def test_demucs_yaml(self, tmp_path: Path, mark: Path) -> None:
        import yaml

        from scripts.sound.demucs_weights import load_network

        text = f"models: !!python/object/apply:os.system [\"touch '{mark}'\"]"
        (tmp_path / "htdemucs.yaml").write_text(text)
        (tmp_path / f"{BAG}.safetensors").touch()
        with pytest.raises((yaml.YAMLError, PipelineError)):
            load_network("htdemucs", tmp_path)
        assert not mark.exists()


class TestPyannote:
    """Networks and pipelines of pyannote.audio: VAD_WEIGHTS, DIARIZATION_MODEL."""

    @pytest.fixture(autouse=True)
    def library(self) -> None:
        """Needs pyannote.audio."""
        pytest.importorskip("pyannote.audio", reason="./bootstrap.sh --env pyannote")

    @pytest.fixture
    def good(self) -> dict[str, Any]:
        """The checkpoint inside whisperx."""
        from scripts.speech.pyannote_checkpoint import _classes
        from scripts.speech.pyannote_integration import find_weights

        with weights_only(_classes()):
            content: dict[str, Any] = torch.load(find_weights(None), map_location="cpu")
        return content

    def assert_refused(self, content: Any, tmp_path: Path, mark: Path, told: str) -> None:
        """Save a checkpoint, and see it refused."""
        from scripts.speech.pyannote_integration import open_network

        weights = tmp_path / "pytorch_model.bin"
        torch.save(content, weights)
        assert_not_run(lambda: open_network(weights, tmp_path), mark, told)

    def test_pyannote_pickle(self, good: dict[str, Any], tmp_path: Path, mark: Path) -> None:
        self.assert_refused(
            good | {"callbacks": Program(mark)}, tmp_path, mark, "more than weights"
        )
        self.assert_refused(Program(mark), tmp_path, mark, "more than weights")
        self.assert_refused([1], tmp_path, mark, "no pyannote checkpoint")

    def test_pyannote_foreign_class(self, good: dict[str, Any], tmp_path: Path, mark: Path) -> None:
        (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')\n")
        facts = good["pyannote.audio"] | {"architecture": {"module": "evil", "class": "Network"}}
        self.assert_refused(
            good | {"pyannote.audio": facts}, tmp_path, mark, "asks for evil.Network"
        )

    def test_pyannote_named_function(
        self, good: dict[str, Any], tmp_path: Path, mark: Path
    ) -> None:
        named = dict(good["hyper_parameters"]) | {"_instantiator": "os.system"}
        self.assert_refused(
            good | {"hyper_parameters": named}, tmp_path, mark, "names code to be called"
        )

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("pipeline: {name: os.system, params: {}}", "asks for os.system"),
            ("pipeline: {name: pyannote.audio.pipelinesx.Evil}", "asks for pyannote"),
            (
                "pipeline: {name: pyannote.audio.pipelines.SpeakerDiarization}\n"
                "preprocessors: {audio: {name: os.system}}",
                "steps of its own",
            ),
            ("pipeline: !!python/name:os.system", ""),
            ("[]", ""),
        ],
    )
    def test_pyannote_pipeline(self, text: str, told: str, tmp_path: Path, mark: Path) -> None:
        from scripts.speech.pyannote_diarization import load_pipeline

        (tmp_path / "config.yaml").write_text(text)
        assert_not_run(lambda: load_pipeline(tmp_path, "cpu", 1), mark, told)

    def test_pyannote_pipeline_with_a_pickle(self, tmp_path: Path, mark: Path) -> None:
        from scripts.speech.pyannote_diarization import load_pipeline

        (tmp_path / "config.yaml").write_text(
            "pipeline: {name: pyannote.audio.pipelines.SpeakerDiarization, "
            "params: {segmentation: $model/segmentation}}"
        )
        (tmp_path / "segmentation").mkdir()
        torch.save(Program(mark), tmp_path / "segmentation" / "pytorch_model.bin")
        assert_not_run(lambda: load_pipeline(tmp_path, "cpu", 1), mark, "more than weights")

    def test_pyannote_speaker_embedding(self, tmp_path: Path, mark: Path) -> None:
        from scripts.speech.resemblyzer_integration import load_with_torch

        torch.save({"model_state": Program(mark)}, tmp_path / "pretrained.pt")
        with pytest.raises(pickle.UnpicklingError):
            load_with_torch(tmp_path / "pretrained.pt")
        assert not mark.exists()

    def test_pyannote_arrays(self, tmp_path: Path, mark: Path) -> None:
        import numpy as np
        from pyannote.audio.utils.vbx import vbx_setup

        for name in ("a.npz", "b.npz"):
            np.savez(tmp_path / name, mean1=np.array([Program(mark)], dtype=object))
        with pytest.raises(ValueError, match="allow_pickle"):
            vbx_setup(tmp_path / "a.npz", tmp_path / "b.npz")
        assert not mark.exists()


def test_wav2vec2_pickle(tmp_path: Path, mark: Path) -> None:
    pytest.importorskip("torchaudio", reason="./bootstrap.sh --env whisperx")
    from scripts.alignment.wav2vec2_model import load_network
    from tests.support.tiny_models import save_wav2vec2

    save_wav2vec2(tmp_path)
    for weights in tmp_path.glob("*.safetensors"):
        weights.unlink()
    torch.save({"a": Program(mark)}, tmp_path / "pytorch_model.bin")
    with pytest.raises((PipelineError, pickle.UnpicklingError)):
        load_network(tmp_path, device="cpu", threads=1, romanised=False)
    assert not mark.exists()


def test_indictrans2_pickle(tmp_path: Path, mark: Path) -> None:
    pytest.importorskip("safetensors", reason="./bootstrap.sh --env indictrans2")
    from scripts.translators.indictrans2_weights import read_weights

    torch.save({"a": Program(mark)}, tmp_path / "pytorch_model.bin")
    with pytest.raises((PipelineError, pickle.UnpicklingError)):
        read_weights(tmp_path)
    assert not mark.exists()


def test_nllb_pickle_and_code_beside_it(tmp_path: Path, mark: Path) -> None:
    pytest.importorskip("transformers", reason="./bootstrap.sh --env nllb")
    from transformers import M2M100Config

    from scripts.translators.nllb_integration import TransformersTranslator
    from shared.translation.backend import BackendOptions

    M2M100Config(vocab_size=8, d_model=8, encoder_layers=1, decoder_layers=1).save_pretrained(
        tmp_path
    )
    torch.save({"a": Program(mark)}, tmp_path / "pytorch_model.bin")
    options = BackendOptions(model="nllb")
    with pytest.raises((OSError, ValueError, RuntimeError, pickle.UnpicklingError)):
        TransformersTranslator(tmp_path, options, None)
    assert not mark.exists()
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')\n")
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.M"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises((OSError, ValueError)):
        TransformersTranslator(tmp_path, options, None)
    assert not mark.exists()
    shutil.rmtree(tmp_path)
