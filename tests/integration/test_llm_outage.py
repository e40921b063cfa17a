#!/usr/bin/env python3
"""Tests of the stage translation with a language model's service that is dead, and back again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from shared.environment_manager import EnvironmentManager
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.transcript.records.inputs import FINISHED_TRANSCRIPT, translated_file
from shared.transcript.records.schemas import Translation
from tests.support.language_model import KEY, language_model, marked
from tests.support.media import silence
from tests.support.media_job import make_job, output, put, run_stage, segment, transcript

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not EnvironmentManager().python("llm").exists(), reason="./bootstrap.sh --env llm"
    ),
]
LINES = [f"Zeile nummer{n}x sagt etwas{n * 7}y" for n in range(12)]


def job(folder: Path, address: str) -> Path:
    """Return a job whose transcript is finished."""
    film = silence(folder.parent / f"{folder.name}.wav")
    engine = {"TRANSLATION_ENGINE": "llm", "LLM_MODEL": "marker", "TRANSLATION_FALLBACKS": ""}
    limits = {"LLM_TIMEOUT_SECONDS": "2", "TRANSLATION_ATTEMPTS": "3"}
    settings = engine | limits | {"LLM_BASE_URL": address}
    job_dir = make_job(folder, film, source="de", targets=("en",), **settings)
    spoken = [segment(n, n, n + 0.9, text, language="de") for n, text in enumerate(LINES, 1)]
    stage, name = FINISHED_TRANSCRIPT[0]
    put(job_dir, stage, name, transcript(*spoken, language="de"))
    return job_dir


def texts(job_dir: Path) -> list[str]:
    """Return the translated lines."""
    path = output(job_dir, "translation", translated_file("en"))
    return [one.text for one in Translation.model_validate_json(path.read_text()).lines]


def test_a_dead_service_costs_one_film_and_the_same_stage_translates_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with language_model(["500"], rate=1.0) as service:
        first, second = (job(tmp_path / name, service.openai_url) for name in ("a", "b"))
        result = run_stage(first, "translation", timeout=120)
        asked = service.happened["500"]
        assert (result.status, asked) == ("done", 5)
        assert [told.partition(":")[0] for told in result.outages] == ["llm is not asked any more"]
        assert texts(first) == [""] * len(LINES)
        record = CheckpointManager(first).load_record("translation")
        assert record is not None and record.outages == result.outages

        began = time.monotonic()
        result = run_stage(second, "translation", timeout=120)
        assert "is not asked before" in result.outages[0]
        assert service.happened["500"] == asked and time.monotonic() - began < 60

        service.faults = ()
        monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.01")
        result = run_stage(first, "translation", timeout=120)
        assert (result.status, result.outages) == ("done", [])
        assert texts(first) == [marked(line) for line in LINES]
