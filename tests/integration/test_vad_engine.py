#!/usr/bin/env python3
"""
Speech engines: the speaker embedding, and pyannote's weights and pipelines from local folders.

Needs the environment `pyannote`; test_engines.py runs it there.

Usage:
    pytest tests/integration/test_vad_engine.py
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="./bootstrap.sh --env pyannote")
torchaudio = pytest.importorskip("torchaudio", reason="./bootstrap.sh --env pyannote")
pytest.importorskip("pyannote.metrics", reason="./bootstrap.sh --env pyannote")

from scripts.runtime.onnx_network import torch_runner  # noqa: E402
from scripts.speech import campplus_integration as campplus  # noqa: E402
from scripts.speech import resemblyzer_diarization as diarization  # noqa: E402
from scripts.speech import resemblyzer_integration as embedding  # noqa: E402
from scripts.speech.methods import segmentation_weights, tell_speakers  # noqa: E402
from scripts.speech.pyannote_integration import find_weights  # noqa: E402
from scripts.speech.voice_clusters import SpeakerRules  # noqa: E402
from shared.core.errors import UnavailableError  # noqa: E402
from shared.core.paths import MODELS_DIR, SPEECH_FIXTURES_DIR  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.transcript.records.schemas import SpeechRegion, SpeechSegments  # noqa: E402
from tests.support.sounds import RATE, pcm  # noqa: E402


def nothing(_: Any) -> None:
    """Take a progress report or a warning."""


def line(name: str) -> Any:
    """Return a spoken line of the fixtures: float32, 16 kHz mono."""
    return pcm("-i", str(SPEECH_FIXTURES_DIR / f"{name}.opus"))


@pytest.fixture(scope="module")
def conversation() -> tuple[Any, list[SpeechRegion]]:
    """Six lines of two voices in turn: the sound and a region for each line."""
    pieces, regions, position = [], [], 0.0
    for number in range(1, 7):
        sound = line(f"en-0{number}")
        end = position + len(sound) / RATE
        regions.append(SpeechRegion(start=position, end=end, score=0.9))
        pieces += [sound, np.zeros(RATE // 2, np.float32)]
        position = end + 0.5
    return np.concatenate(pieces), regions


@pytest.fixture(scope="module")
def network() -> Any:
    """The embedding as the pipeline runs it, exported once."""
    return embedding.open_network(MODELS_DIR)


def test_the_spectrum_is_the_one_the_network_was_trained_on() -> None:
    slaney = {"norm": "slaney", "mel_scale": "slaney"}
    bank = torchaudio.functional.melscale_fbanks(201, 0.0, 8000.0, 40, RATE, **slaney)
    assert np.abs(bank.numpy().T - embedding.mel_bank()).max() < 1e-6
    sound = line("en-01")[:RATE]
    level = float(np.sqrt(np.mean(sound**2)))
    transform = torchaudio.transforms.MelSpectrogram(
        RATE, 400, hop_length=160, n_mels=40, pad_mode="constant", **slaney
    )
    expected = transform(torch.from_numpy(sound * np.float32(10**-1.5 / level))).numpy().T
    found = embedding.mel_spectrum(sound, embedding.mel_bank())
    assert found.shape == (101, 40) and np.abs(found - expected).max() < 1e-4 * expected.max()


@pytest.mark.parametrize("shape", [(1, 161, 40), (7, 161, 40), (3, 41, 40)])
def test_the_exported_embedding_agrees_with_torch(network: Any, shape: tuple[int, ...]) -> None:
    mels = np.abs(np.random.default_rng(1).standard_normal(shape)).astype(np.float32)
    module = embedding.load_with_torch(embedding.find_weights())
    voices = network(mels)
    assert np.abs(voices - torch_runner(module)(mels)).max() < 1e-4
    assert np.allclose(np.linalg.norm(voices, axis=1), 1.0, atol=1e-4)


def test_voices_do_not_depend_on_batch_or_order(network: Any) -> None:
    sound = np.concatenate([line("en-01"), line("en-02")])
    spans = [(0.0, 1.6), (0.5, 1.1), (1.0, 2.6), (2.0, 2.6)]
    together = embedding.embed(network, sound, spans, batch_size=16)
    for index, span in enumerate(spans):
        alone = embedding.embed(network, sound, [span], batch_size=1)
        assert np.abs(alone[0] - together[index]).max() < 1e-4


def told(audio: Any, regions: list[SpeechRegion], **rules: Any) -> list[str]:
    """Return who is said to speak most in each line."""
    turns = diarization.find_turns(
        audio,
        regions,
        rules=SpeakerRules(**rules),
        cache_dir=MODELS_DIR,
        batch_size=4,
        progress=nothing,
    )
    assert all(b.start >= a.end for a, b in zip(turns, turns[1:], strict=False))
    return [
        max(turns, key=lambda t: min(t.end, r.end) - max(t.start, r.start)).speaker for r in regions
    ]


def test_two_voices_are_told_apart(conversation: Any) -> None:
    assert told(*conversation) == ["SPEAKER_00", "SPEAKER_01"] * 3


def test_the_number_of_speakers_can_be_given(conversation: Any) -> None:
    assert set(told(*conversation, most=1)) == {"SPEAKER_00"}
    assert len(set(told(*conversation, fewest=3, most=3))) == 3


def test_one_voice_is_one_speaker(conversation: Any) -> None:
    audio, regions = conversation
    assert set(told(audio, regions[::2])) == {"SPEAKER_00"}
    assert told(audio, []) == []


def test_the_filter_banks_are_those_of_kaldi() -> None:
    sound = line("en-01")[: 3 * RATE]
    expected = torchaudio.compliance.kaldi.fbank(
        torch.from_numpy(sound.copy())[None], num_mel_bins=80, sample_frequency=RATE, dither=0.0
    ).numpy()
    found = campplus.spectrum(sound)
    assert found.shape == expected.shape and np.abs(found - expected).max() < 0.01


@pytest.mark.parametrize("frames", [100, 250, 350, 600])
def test_the_exported_voices_agree_with_torch(frames: int) -> None:
    spectra = np.random.default_rng(1).standard_normal((2, frames, 80)).astype(np.float32)
    module = campplus.load_with_torch(campplus.find_in_package(campplus.WEIGHTS))
    voices = campplus.open_network(MODELS_DIR)(spectra)
    assert np.abs(voices - torch_runner(module)(spectra)).max() < 1e-3


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save({"linear.weight": torch.zeros(2, 2)}, tmp_path / "other.pt")
    with pytest.raises(UnavailableError, match="another network"):
        campplus.load_with_torch(tmp_path / "other.pt")


def test_where_two_speak_at_once_both_are_named() -> None:
    first, second = (np.concatenate([line(f"en-0{n}") for n in many]) for many in ((1, 3), (2, 4)))
    both = 1.2  # seconds in which the second has begun and the first goes on
    start = len(first) / RATE - both
    sound = np.zeros(int(start * RATE) + len(second), np.float32)
    sound[: len(first)] += first
    sound[int(start * RATE) :] += second
    speech = SpeechSegments(
        engine="test",
        audio_duration=len(sound) / RATE,
        regions=[SpeechRegion(start=0.0, end=len(sound) / RATE, score=0.9)],
    )
    found = tell_speakers(
        sound,
        speech,
        PipelineConfig(diarization="embedding"),
        batch_size=4,
        warn=lambda told: pytest.fail(told),
        progress=nothing,
    )
    assert {one.speaker for one in found.regions} == {"SPEAKER_00", "SPEAKER_01"}
    together = [one for one in found.regions if one.others]
    assert together and all(
        {one.speaker, *one.others} == {"SPEAKER_00", "SPEAKER_01"} for one in together
    )
    assert all(start - 0.5 < one.start and one.end < start + both + 0.5 for one in together)


def test_auto_falls_back_to_the_embedding_and_says_so(conversation: Any, tmp_path: Path) -> None:
    audio, regions = conversation
    speech = SpeechSegments(engine="test", audio_duration=len(audio) / RATE, regions=regions)
    warnings: list[str] = []
    given: dict[str, Any] = {"batch_size": 4, "warn": warnings.append, "progress": nothing}
    asked = {"diarization_model": str(tmp_path)}
    found = tell_speakers(audio, speech, PipelineConfig(diarization="auto", **asked), **given)
    assert found.diarization == "embedding" and len(warnings) == 1
    assert [r.speaker for r in found.regions] == ["SPEAKER_00", "SPEAKER_01"] * 3
    with pytest.raises(UnavailableError):
        tell_speakers(audio, speech, PipelineConfig(diarization="pyannote", **asked), **given)


PIPELINE = """pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: $model/segmentation
    embedding: $model/embedding
    plda: $model/plda
    clustering: VBxClustering
params:
  segmentation: {threshold: 0.5, min_duration_off: 0.0}
  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}
"""
VOICE, REDUCED = 32, 16


def save_pipeline(folder: Path) -> None:
    """Write a pipeline with the files of the community one: segmentation as packaged, the speaker
    embedding and its PLDA of random numbers."""
    for name in ("segmentation", "embedding", "plda"):
        (folder / name).mkdir()
    (folder / "config.yaml").write_text(PIPELINE, encoding="utf-8")
    shutil.copy(find_weights(None), folder / "segmentation" / "pytorch_model.bin")
    torch.save(random_embedding(), folder / "embedding" / "pytorch_model.bin")
    draw = np.random.default_rng(2).standard_normal
    transform = {"mean1": draw(VOICE), "mean2": draw(REDUCED), "lda": draw((VOICE, REDUCED))}
    np.savez(folder / "plda" / "xvec_transform.npz", **transform)
    plda = {"mu": draw(REDUCED), "tr": np.eye(REDUCED), "psi": np.linspace(4.0, 1.0, REDUCED)}
    np.savez(folder / "plda" / "plda.npz", **plda)


def random_embedding() -> dict[str, Any]:
    """Return a checkpoint of a small x-vector network with random weights."""
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorMFCC

    torch.manual_seed(1)
    model = XVectorMFCC(sample_rate=RATE, num_channels=1, dimension=VOICE)
    return {
        "state_dict": model.state_dict(),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": "2.0.0",
        "pyannote.audio": {
            "versions": {"torch": "2.0.0", "pyannote.audio": "4.0.0"},
            "architecture": {"module": XVectorMFCC.__module__, "class": "XVectorMFCC"},
            "specifications": Specifications(
                problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=5.0
            ),
        },
    }


def test_a_pyannote_pipeline_is_run_from_its_folder(conversation: Any, tmp_path: Path) -> None:
    save_pipeline(tmp_path)
    audio, regions = conversation
    speech = SpeechSegments(engine="test", audio_duration=len(audio) / RATE, regions=regions)
    config = PipelineConfig(
        diarization="pyannote", diarization_model=str(tmp_path), min_speakers=2, max_speakers=2
    )
    found = tell_speakers(audio, speech, config, batch_size=4, warn=nothing, progress=nothing)
    assert found.diarization == "pyannote"
    # A random embedding tells nobody apart rightly: only the contract can be judged.
    speakers = {region.speaker for region in found.regions}
    assert speakers and speakers <= {"SPEAKER_00", "SPEAKER_01"}
    spoken = sum(region.duration for region in regions)
    assert sum(region.duration for region in found.regions) == pytest.approx(spoken, abs=0.01)


def test_segmentation_weights_by_file_folder_and_name(tmp_path: Path) -> None:
    weights = tmp_path / "pytorch_model.bin"
    shutil.copy(find_weights(None), weights)
    assert segmentation_weights("") is None
    assert segmentation_weights(str(weights)) == segmentation_weights(str(tmp_path)) == weights
    with pytest.raises(UnavailableError) as caught:
        segmentation_weights("nobody/nothing")
    assert "tools/models.py fetch pyannote nobody/nothing" in caught.value.hint
