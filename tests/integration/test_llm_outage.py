#!/usr/bin/env python3
"""Tests of the stage translation with a language model's service that is dead, and back again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.stage_order import STAGE_ORDER, get_stage_dir
from shared.transcript.records.inputs import FINISHED_TRANSCRIPT, translated_file
from shared.transcript.records.schemas import Translation
from tests.support.checkpoints import make_checkpoint
from tests.support.language_model import KEY, Reply, completion, language_model, marked
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
    limits = {"LLM_TIMEOUT_SECONDS": "60", "TRANSLATION_ATTEMPTS": "3"}
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
        result = run_stage(first, "translation")
        asked = service.happened["500"]
        assert (result.status, asked) == ("done", 5)
        assert [told.partition(":")[0] for told in result.outages] == [
            "llm is not asked any more",
            f"{len(LINES)} lines could not be translated and are marked so",
        ]
        assert result.missing == ["translation"]
        assert texts(first) == [""] * len(LINES)
        record = CheckpointManager(first).load_record("translation")
        assert record is not None and record.outages == result.outages

        result = run_stage(second, "translation")
        assert "is not asked before" in result.outages[0]
        assert service.happened["500"] == asked

        service.faults = ()
        monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.01")
        result = run_stage(first, "translation")
        assert (result.status, result.outages, result.missing) == ("done", [], [])
        assert texts(first) == [marked(line) for line in LINES]


def finished_before(folder: Path, address: str) -> Path:
    """Return a job in which everything before the translation is done."""
    job_dir = job(folder, address)
    for stage in STAGE_ORDER[: STAGE_ORDER.index("translation")]:
        made = job_dir / get_stage_dir(stage)
        outputs = describe_outputs(made) if made.is_dir() else {}
        CheckpointManager(job_dir).save_record(make_checkpoint(stage, outputs=outputs))
    return job_dir


def translate(job_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ./run-pipeline.sh on the translation as a user would."""
    return subprocess.run(
        ["./run-pipeline.sh", "translate", str(job_dir), "--only", "translation", *options],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_against_a_dead_service_ends_with_4_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "out"
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(root))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.01")

    def cached() -> int:
        return len(list((root / ".cache" / "results" / "translation").glob("*.json")))

    with language_model(["500"], rate=1.0) as service:
        job_dir = finished_before(tmp_path / "a", service.openai_url)
        dead = translate(job_dir)
        assert dead.returncode == 4, dead.stderr
        assert "error: translation: llm is not asked any more" in dead.stderr
        assert f"{len(LINES)} lines could not be translated" in dead.stderr
        assert "Run the same command again" in dead.stderr
        assert texts(job_dir) == [""] * len(LINES) and cached() == 0
        # Nothing changed, and it is tried again: the plan says so.
        planned = translate(job_dir, "--dry-run")
        assert "tried again; last time: llm is not asked any more" in planned.stdout
        assert translate(job_dir).returncode == 4 and cached() == 0
        monkeypatch.setenv("CP_ALLOW_UNTRANSLATED", "on")
        assert translate(job_dir).returncode == 0 and cached() == 0
        monkeypatch.delenv("CP_ALLOW_UNTRANSLATED")

        service.faults = ()
        back = translate(job_dir)
        assert back.returncode == 0, back.stderr
        assert texts(job_dir) == [marked(line) for line in LINES] and cached() == 1
        assert "Nothing to do" in translate(job_dir).stderr
        other = finished_before(tmp_path / "b", service.openai_url)
        assert translate(other).returncode == 0
        assert texts(other) == [marked(line) for line in LINES]


def test_one_line_that_is_refused_among_good_ones_is_no_success_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "out"
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(root))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    refused = {LINES[4]}

    def censor(request: dict[str, Any], right: str) -> Reply:
        lines = json.loads(request["messages"][-1]["content"])["lines"]
        answer = json.loads(right)
        for told, line in zip(answer["lines"], lines, strict=True):
            if line["text"] in refused:
                told["text"] = "I'm sorry, but I can't help with that."
        return Reply(200, completion(json.dumps(answer)))

    with language_model(custom=censor) as service:
        job_dir = finished_before(tmp_path / "a", service.openai_url)
        done = translate(job_dir)
        assert done.returncode == 4, done.stderr
        assert "error: translation: 1 line could not be translated" in done.stderr
        wanted = [marked(line) for line in LINES]
        assert texts(job_dir) == [*wanted[:4], "", *wanted[5:]]
        refused.clear()
        assert translate(job_dir).returncode == 0 and texts(job_dir) == wanted
