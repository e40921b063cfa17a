#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/pace.py, with the records that finished stages really leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.config import load_config
from shared.core.files import write_text
from shared.environment_manager import EnvironmentManager
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.pace import USUAL_PACE, expected_times
from shared.stage_order import STAGE_ORDER
from tests.support.checkpoints import make_checkpoint

HOURS_2 = 7200.0
MINUTES = 120.0


@pytest.fixture
def job_of_two_hours(job_dir: Path) -> Path:
    """That job, as if its film were two hours long."""
    return of_length(job_dir, HOURS_2)


def of_length(job_dir: Path, seconds: float, targets: tuple[str, ...] = ()) -> Path:
    """Give a job's film another length, and languages; return the job directory."""
    job = load_job(job_dir)
    media = job.media.model_copy(update={"duration": seconds})
    job = job.model_copy(update={"media": media, "target_languages": list(targets)})
    write_text(job_dir / "job.json", job.model_dump_json())
    return job_dir


def expected(job_dir: Path, *stages: str, **settings: str) -> dict[str, float]:
    """Return what expected_times says of a job."""
    config = load_config(job_dir, {key.upper(): value for key, value in settings.items()})
    return expected_times(list(stages), load_job(job_dir), config, EnvironmentManager())


def took(seconds: float, stage: str = "asr", **fields: Any) -> Checkpoint:
    """Return the record of a stage that took so long."""
    environment = "whisperx" if stage in {"asr", "translation"} else "demucs"
    return make_checkpoint(stage, **{"seconds": seconds, "environment": environment} | fields)


def test_without_records_every_stage_has_a_first_guess(job_of_two_hours: Path) -> None:
    guessed = expected(job_of_two_hours, *STAGE_ORDER, whisper_model="base")
    assert list(guessed) == list(STAGE_ORDER)
    assert guessed["asr"] == pytest.approx(1 + USUAL_PACE["asr"] * MINUTES)
    assert all(seconds > 0 for seconds in guessed.values())


def test_a_larger_model_and_demucs_are_guessed_slower(job_of_two_hours: Path) -> None:
    base = expected(job_of_two_hours, "asr", "source_separation", whisper_model="base")
    slow = expected(
        job_of_two_hours,
        "asr",
        "source_separation",
        whisper_model="large-v3",
        source_separation="demucs",
    )
    assert slow["asr"] > 10 * base["asr"]
    assert slow["source_separation"] > 10 * base["source_separation"]


def test_a_film_done_before_says_what_the_next_one_takes(job_of_two_hours: Path) -> None:
    record = took(1800.0, parameters={"WHISPER_MODEL": "base", "ASR_MAX_GAP": 9})
    CheckpointManager(job_of_two_hours).save_record(record)
    seconds = expected(job_of_two_hours, "asr", whisper_model="base")["asr"]
    assert seconds == pytest.approx(1800, rel=0.05)


def test_a_clip_of_seconds_says_little_of_a_film(job_dir: Path) -> None:
    film = load_job(of_length(job_dir, HOURS_2))
    CheckpointManager(of_length(job_dir, 10.0)).save_record(took(30.0))
    guess = 1 + USUAL_PACE["asr"] * MINUTES
    config = load_config(job_dir, {"WHISPER_MODEL": "base"})
    seconds = expected_times(["asr"], film, config, EnvironmentManager())["asr"]
    assert guess < seconds < 2.2 * guess


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": {"WHISPER_MODEL": "large-v3"}},
        {"environment": "mlx"},
        {"reused_from": "20261124-me-1"},
        {"stage": "alignment"},
    ],
)
def test_other_work_does_not_count(job_of_two_hours: Path, fields: dict[str, Any]) -> None:
    guess = expected(job_of_two_hours, "asr", whisper_model="base")
    CheckpointManager(job_of_two_hours).save_record(took(9000.0, **fields))
    assert expected(job_of_two_hours, "asr", whisper_model="base") == guess


def test_what_was_skipped_last_time_is_expected_to_be_again(job_of_two_hours: Path) -> None:
    record = took(0.3, "source_separation", status="skipped")
    CheckpointManager(job_of_two_hours).save_record(record)
    assert expected(job_of_two_hours, "source_separation")["source_separation"] <= 1.0


def test_a_job_without_target_languages_translates_nothing(job_of_two_hours: Path) -> None:
    assert expected(job_of_two_hours, "translation")["translation"] == 1.0


def test_translation_takes_its_time_for_each_language(job_dir: Path) -> None:
    of_length(job_dir, HOURS_2, ("en",))
    one = expected(job_dir, "translation")["translation"]
    of_length(job_dir, HOURS_2, ("en", "de", "fr"))
    assert expected(job_dir, "translation")["translation"] == pytest.approx(1 + 3 * (one - 1))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"stage": 1}', "[" * 100_000, "\0"])
def test_a_damaged_record_is_passed_over_and_left_alone(
    job_of_two_hours: Path, content: str
) -> None:
    guess = expected(job_of_two_hours, "asr")
    path = job_of_two_hours / ".checkpoints" / "asr.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    assert expected(job_of_two_hours, "asr") == guess
    assert path.read_text(encoding="utf-8") == content


def test_a_time_that_is_no_number_does_not_count(job_of_two_hours: Path) -> None:
    guess = expected(job_of_two_hours, "asr")
    CheckpointManager(job_of_two_hours).save_record(took(7.5))
    path = job_of_two_hours / ".checkpoints" / "asr.json"
    text = path.read_text(encoding="utf-8")
    assert "7.5" in text and expected(job_of_two_hours, "asr") != guess
    path.write_text(text.replace("7.5", "NaN"), encoding="utf-8")
    assert expected(job_of_two_hours, "asr") == guess
