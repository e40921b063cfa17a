#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/needed.py and of the model check before a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import constants

from shared.config import load_config
from shared.pipeline.job.job import load_job
from shared.pipeline.plan.needed import needed_models
from shared.stage_order import STAGE_ORDER
from tests.support.commands import assert_refused, run_script


def needs(job_dir: Path, **settings: str) -> dict[str, str]:
    """Return engine/name to how much it is needed."""
    config = load_config(job_dir, overrides=settings)
    found = needed_models(load_job(job_dir), config, STAGE_ORDER)
    return {f"{n.engine}/{n.name}": "may" if n.optional else n.gives_way_to for n in found}


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub, and nothing in its cache."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def choose_model(job_dir: Path, name: str, automatic: bool) -> None:
    """Change the Whisper model of a job, as chosen for the hardware or by the user."""
    job = json.loads((job_dir / "job.json").read_text())
    job["config"]["WHISPER_MODEL"] = name
    job["resolved"] = {"WHISPER_MODEL": name} if automatic else {}
    (job_dir / "job.json").write_text(json.dumps(job))


def test_what_a_job_needs(job_dir: Path) -> None:
    choose_model(job_dir, "large-v3", automatic=False)
    usual = {"pyannote/segmentation": "may", "whisper/large-v3": "", "wav2vec2/hi": "may"}
    assert needs(job_dir) == usual
    choose_model(job_dir, "large-v3", automatic=True)
    assert needs(job_dir)["whisper/large-v3"] == "base"


def test_settings_add_and_remove_needs(job_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CP_SOURCE_SEPARATION", "demucs")
    monkeypatch.setenv("CP_ALIGNMENT_ENGINE", "wav2vec2")
    monkeypatch.setenv("CP_VAD_ENGINE", "silero")
    found = needs(job_dir)
    assert found["demucs/htdemucs"] == found["wav2vec2/hi"] == ""
    assert "pyannote/segmentation" not in found
    monkeypatch.setenv("CP_DEMUCS_REPO", "/somewhere")
    monkeypatch.setenv("CP_ALIGNMENT_ENGINE", "attention")
    assert list(needs(job_dir)) == [next(n for n in found if n.startswith("whisper/"))]


def test_telling_speakers_apart_needs_a_pipeline_only_if_it_was_named(job_dir: Path) -> None:
    pipeline = "pyannote/pyannote/speaker-diarization-community-1"
    assert pipeline not in needs(job_dir)
    assert needs(job_dir, DIARIZATION="auto")[pipeline] == "may"
    assert needs(job_dir, DIARIZATION="pyannote")[pipeline] == ""
    assert pipeline not in needs(job_dir, DIARIZATION="embedding")


def translate(job_dir: Path, target: str, engine: str) -> None:
    """Make a job one that translates with an engine that its user named."""
    job = json.loads((job_dir / "job.json").read_text())
    job |= {"workflow": "translate", "target_languages": target.split(",")}
    job["resolved"].pop("TRANSLATION_ENGINE", None)
    job["config"] |= {"WHISPER_MODEL": "base", "TRANSLATION_ENGINE": engine}
    (job_dir / "job.json").write_text(json.dumps(job))


@pytest.mark.usefixtures("offline")
def test_translation_needs_the_weights_of_its_engine(job_dir: Path) -> None:
    translate(job_dir, "ta", "indictrans2")
    assert needs(job_dir)["indictrans2/indictrans2-indic-indic-dist-320M"] == ""
    translate(job_dir, "en", "nllb")
    assert needs(job_dir)["nllb/nllb-200-distilled-600M"] == ""
    translate(job_dir, "hi", "nllb")
    assert not [name for name in needs(job_dir) if name.startswith("nllb")]


@pytest.mark.usefixtures("offline")
@pytest.mark.environments("common", "whisperx", "nllb")
def test_every_language_is_looked_at_and_not_the_first_alone(job_dir: Path) -> None:
    translate(job_dir, "en,de", "auto")
    found = needs(job_dir)
    assert {"whisper/base", "nllb/nllb-200-distilled-600M"} <= found.keys()


@pytest.mark.usefixtures("offline")
@pytest.mark.environments("common", "whisperx", "nllb")
@pytest.mark.parametrize("targets", ["de", "en,de"])
def test_a_language_without_a_model_is_refused_before_there_is_a_job(
    film: Path, output_root: Path, targets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("translate", film, "-s", "hi", "-t", targets)
    refused = run_script("run-pipeline", *asked)
    assert_refused(refused, 3, "No engine here translates into German", "fetch nllb nllb-200")
    assert not output_root.exists()
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    silent = run_script("run-pipeline", *asked)
    assert_refused(silent, 3, "not on this machine, and the model hub does not answer", "nllb")
    assert not list(output_root.glob("*/*/*/*/*/01_demux"))


def test_a_file_that_is_not_there_is_called_by_its_own_name(film: Path, output_root: Path) -> None:
    local = ("--set", "LLM_PROVIDER=local", "--set", "LLM_MODEL=/none/FILE.gguf")
    refused = run_script("run-pipeline", "translate", film, "-s", "hi", "-t", "de", *local)
    assert_refused(refused, 3, "There is no file /none/FILE.gguf", "LLM_PROVIDER=local")
    assert not output_root.exists()


@pytest.mark.usefixtures("offline")
@pytest.mark.environments("common", "demucs", "pyannote", "whisperx", "nllb")
def test_missing_translation_weights_end_a_run_before_any_stage(job_dir: Path) -> None:
    translate(job_dir, "ta", "nllb")
    result = run_script("run-pipeline", "translate", job_dir)
    command = "python3 tools/models.py fetch nllb nllb-200-distilled-600M"
    assert_refused(result, 3, "(2480 MB) is not on this machine", command)
    assert not (job_dir / "01_demux").exists()


@pytest.mark.usefixtures("offline")
@pytest.mark.environments("common", "demucs", "pyannote", "whisperx")
def test_a_missing_model_ends_a_run_before_any_stage(job_dir: Path) -> None:
    choose_model(job_dir, "large-v2", automatic=False)
    result = run_script("run-pipeline", "transcribe", job_dir)
    command = "python3 tools/models.py fetch whisper large-v2"
    assert_refused(result, 3, "large-v2 (3090 MB) is not on this machine", command)
    assert not (job_dir / "01_demux").exists()


@pytest.mark.usefixtures("offline")
@pytest.mark.environments("common", "demucs", "pyannote", "whisperx")
def test_a_name_that_no_model_has_ends_a_run_before_any_stage(job_dir: Path) -> None:
    choose_model(job_dir, "gigantic", automatic=False)
    result = run_script("run-pipeline", "transcribe", job_dir)
    assert_refused(result, 2, "No whisper model is called gigantic", "large-v3")
    assert not (job_dir / "01_demux").exists()
