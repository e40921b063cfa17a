#!/usr/bin/env python3
"""Tests of shared/pipeline/prepare/same_film.py: which job of a film is gone on with."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from shared.config import load_config
from shared.core.machine.tuning import Tuning, keep_tuning, tuning_key
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import JOB_FILE, Job, keep_copy, load_job
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.prepare.choices import resolve_auto
from shared.pipeline.prepare.prepare import check_request, create, listened
from shared.pipeline.prepare.request import Request
from shared.pipeline.prepare.same_film import alone, find_same, run_settings
from tests.support.checkpoints import make_checkpoint
from tests.support.commands import HANG_SECONDS
from tests.support.jobs import copy_job

USUAL: dict[str, Any] = {"workflow": "transcribe", "source": "hi", "user": "tester"}


@pytest.fixture
def own_film(film: Path, tmp_path: Path) -> Path:
    """A copy of the film that a test may change."""
    return Path(shutil.copy2(film, tmp_path / "Tiny.Film.2020.mkv"))


def asked(film: Path, **wanted: Any) -> Job:
    """Return what is wanted of a film."""
    return check_request(Request(media=film, **(USUAL | wanted))).job


def made(film: Path, **wanted: Any) -> Path:
    """Make a job of a film."""
    draft = check_request(Request(media=film, **(USUAL | wanted)))
    return create(draft, listened(draft)).job_dir


def test_the_newest_job_with_the_same_options_is_found(own_film: Path, output_root: Path) -> None:
    assert find_same(asked(own_film), output_root) is None
    first, second = made(own_film), made(own_film)
    made(own_film, source="en")
    assert first != second and find_same(asked(own_film), output_root) == second
    shutil.rmtree(second)
    assert find_same(asked(own_film), output_root) == first


@pytest.mark.parametrize(
    "wanted",
    [
        {"source": "en"},
        {"title": "Another"},
        {"year": 1999},
        {"start": "0.5"},
        {"end": "0.5"},
        {"audio_track": 1},
        {"user": "somebody"},
        {"workflow": "subtitle"},
        {"settings": {"WHISPER_MODEL": "tiny"}},
        {"settings": {"SDH": "on"}},
        {"settings": {"AUDIO_CHANNELS": "mix"}},
    ],
)
def test_other_options_make_another_job(
    own_film: Path, output_root: Path, wanted: dict[str, Any]
) -> None:
    made(own_film)
    assert find_same(asked(own_film, **wanted), output_root) is None
    other = made(own_film, **wanted)
    assert find_same(asked(own_film, **wanted), output_root) == other


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {"settings": {"LOG_LEVEL": "DEBUG", "STAGE_RETRIES": "0", "DELIVER_TO": "/x"}}),
        ({"settings": {"DELIVER_TO": "beside"}}, {}),
        ({"settings": {"SDH": "on", "ASR_BEAM_SIZE": "4"}},) * 2,
        ({"settings": {"MUX_UNTRANSLATED": "0.50"}}, {"settings": {"MUX_UNTRANSLATED": ".5"}}),
        ({"source": "Hindi"}, {"source": "hin"}),
        ({"end": "0:00.5"}, {"end": "0.5"}),
    ],
)
def test_what_shapes_no_result_may_differ(
    own_film: Path, output_root: Path, before: dict[str, Any], now: dict[str, Any]
) -> None:
    job = made(own_film, **before)
    assert find_same(asked(own_film, **now), output_root) == job


def test_a_setting_of_the_machine_counts_only_where_it_was_auto(
    own_film: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = made(own_film)
    monkeypatch.setenv("CP_SUBTITLE_PROFILE", "bbc")  # the plan shows what it makes stale
    assert find_same(asked(own_film), output_root) == job
    monkeypatch.setenv("CP_WHISPER_MODEL", "tiny")  # the job says what auto became
    assert find_same(asked(own_film), output_root) is None


def test_what_was_measured_of_the_machine_since_makes_no_other_job(
    own_film: Path, output_root: Path
) -> None:
    job, wanted = made(own_film), asked(own_film)
    fast = {"BATCH_SIZE": 32, "NUM_THREADS": 3}
    update = {"config": wanted.config | fast, "resolved": wanted.resolved | fast}
    assert find_same(wanted.model_copy(update=update), output_root) == job


def test_what_is_measured_on_the_machine_meanwhile_makes_no_other_job(
    own_film: Path, output_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hardware_cache.json"
    monkeypatch.setattr(resolve_auto, "__defaults__", (cache,))
    job = made(own_film)
    chosen = load_job(job).resolved
    key = tuning_key(*(chosen[name] for name in ("WHISPER_MODEL", "DEVICE", "COMPUTE_TYPE")))
    keep_tuning(cache, key, Tuning(batch_size=1, threads=1, speed=9.0))
    wanted = asked(own_film)
    assert wanted.resolved["BATCH_SIZE"] == 1 != chosen["BATCH_SIZE"]
    assert find_same(wanted, output_root) == job
    assert not load_config(made(own_film)).remarks, "a limit of the machine in a job is left out"


@pytest.mark.parametrize("left", [b"", b"\0" * 900, None])
def test_a_job_whose_file_a_power_cut_took_is_gone_on_with(
    own_film: Path, output_root: Path, left: bytes | None
) -> None:
    job = made(own_film)
    keep_copy(job)
    before = (job / JOB_FILE).read_bytes()
    (job / JOB_FILE).unlink()
    if left is not None:
        (job / JOB_FILE).write_bytes(left)
    assert find_same(asked(own_film, source="en"), output_root) is None
    assert find_same(asked(own_film), output_root) == job
    assert (job / JOB_FILE).read_bytes() == before


def test_a_film_that_moved_or_was_touched_is_the_same(own_film: Path, output_root: Path) -> None:
    job = made(own_film)
    os.utime(own_film, (1, 1))
    assert find_same(asked(own_film), output_root) == job
    elsewhere = own_film.parent / "elsewhere" / own_film.name
    elsewhere.parent.mkdir()
    shutil.move(own_film, elsewhere)
    assert find_same(asked(elsewhere), output_root) == job
    renamed = elsewhere.rename(elsewhere.with_name("Other.Film.2020.mkv"))
    assert find_same(asked(renamed), output_root) is None


def grown(film: Path, size: int = 9 << 20) -> Path:
    """Make a film so long that samples do not cover it: Matroska bears what comes after it."""
    with film.open("ab") as stream:
        stream.truncate(size)
    return film


@pytest.mark.parametrize("is_read", [True, False])
def test_a_film_that_changed_inside_is_another(
    own_film: Path, output_root: Path, is_read: bool
) -> None:
    job = made(grown(own_film))
    if is_read:
        record = make_checkpoint("demux", film=OutputFile.of(own_film))
        CheckpointManager(job).save_record(record)
    with own_film.open("r+b") as stream:
        stream.seek(3 << 20)  # between the samples
        stream.write(b"changed")
    # Before a stage has read it, nothing of the former film is in the job.
    assert (find_same(asked(own_film), output_root) is None) == is_read
    with own_film.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        stream.write(b"longer")
    assert find_same(asked(own_film), output_root) is None


def test_strays_in_the_output_folder_are_passed_over(own_film: Path, output_root: Path) -> None:
    job = made(own_film)
    day = job.parent
    (day / "12").mkdir()
    (day / "13").mkdir()
    os.mkfifo(day / "13" / "job.json")
    (day / "14").symlink_to(job)
    (day / "99999").write_text("no folder")
    (day / "²").mkdir()
    broken = day / "15"
    shutil.copytree(job, broken)
    text = (broken / "job.json").read_text()
    (broken / "job.json").write_text(text[:-20])
    foreign = day / "16"
    shutil.copytree(job, foreign)
    (foreign / "job.json").write_text(text.replace('"transcribe"', '"dance"'))
    (output_root / "9999" / "99").mkdir(parents=True)
    (output_root / "9999" / "99" / "99").write_text("no folder")
    assert find_same(asked(own_film), output_root) == job


def test_a_job_of_another_user_is_not_taken(
    own_film: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(own_film)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert find_same(asked(own_film), output_root) is None


def test_a_job_that_was_made_before_films_were_remembered_is_left_alone(
    film: Path, prepared_jobs: Path, output_root: Path
) -> None:
    job = copy_job(prepared_jobs, output_root)
    data = json.loads((job / "job.json").read_text())
    assert find_same(asked(film), output_root) == job
    del data["film"], data["audio_track"]
    (job / "job.json").write_text(json.dumps(data))
    assert load_job(job).film is None and find_same(asked(film), output_root) is None


def test_one_command_at_a_time_looks_and_makes(output_root: Path) -> None:
    order = []

    def second() -> None:
        with alone(output_root, "me"):
            order.append("second")

    with ThreadPoolExecutor() as pool, alone(output_root, "me"):
        waiting = pool.submit(second)
        with suppress(TimeoutError):
            waiting.result(0.3)
        order.append("first")
    waiting.result(HANG_SECONDS)
    assert order == ["first", "second"]


def test_where_nothing_can_be_locked_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("no folder")
    entered = False
    with alone(tmp_path / "out", "me"):
        entered = True
    assert entered


def test_settings_of_a_run_are_told_from_those_of_a_film() -> None:
    given = {"LOG_LEVEL": "DEBUG", "STAGE_RETRIES": "0", "SDH": "on", "DELIVER_TO": "/x"}
    assert run_settings(given).keys() == {"LOG_LEVEL", "STAGE_RETRIES", "DELIVER_TO"}
