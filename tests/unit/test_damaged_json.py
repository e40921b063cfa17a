#!/usr/bin/env python3
"""
Tests of every JSON file that a crash, a disk or a person may damage, through its real reader: what
is a person's is told with its name and exit code 2, what the program made itself is made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.translators.ctranslate2_translator import RECORD, WEIGHTS, find_converted
from shared.config import load_config, load_secret
from shared.core.environment_stamp import STAMP_NAME, read_stamp
from shared.core.errors import InputError
from shared.core.files import read_json, read_record
from shared.doctor.machine import check_secrets
from shared.glossary.records import ADHERENCE
from shared.hardware_detection import detect_hardware
from shared.media.shots import read_shot_changes
from shared.models.store import find_model
from shared.observability.summary import describe_results
from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import recover
from shared.pipeline.job.job import load_job
from shared.pipeline.job.lock import LOCK_FILE, hold_job_lock
from shared.stage_utils import StageIO
from shared.transcript.records.schemas import SpeechSegments

DAMAGED: dict[str, bytes] = {
    "nothing": b"",
    "zeros, as after a power cut": b"\0" * 512,
    "a cut object": b'{"schema_version": 1, "stage": "asr", "fil',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b'{"schema_version": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a number of 5000 digits": b"1" * 5000,
    "a field of 5000 digits": b'{"schema_version": ' + b"1" * 5000 + b"}",
    "no number": b"NaN",
    "a field that is no number": b'{"schema_version": NaN, "gpus": -Infinity}',
    "a list": b'[{"schema_version": 1}]',
    "a text": b'"schema_version"',
    "null": b"null",
    "an empty object": b"{}",
    "an object of nulls": b'{"schema_version": 1, "hardware": null, "entries": null}',
    "half a character": b'{"stage": "\xe0\xa4"}',
    "Latin-1": b'{"stage": "caf\xe9"}',
    "UTF-16": '{"stage": "asr"}'.encode("utf-16"),
    "a lone surrogate": b'"\\ud800"',
    "not JSON": b"# TMDB_API_KEY=x\n",
}
NO_OBJECT = set(DAMAGED) - {
    "a field that is no number",
    "an empty object",
    "an object of nulls",
}
damaged = pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)


def put(path: Path, content: bytes) -> Path:
    """Write a file and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def assert_told(read: Callable[[], object], path: Path) -> None:
    """Assert that a reader refuses a file by its name, in one line, with a hint."""
    with pytest.raises(InputError) as caught:
        read()
    assert str(path) in caught.value.cause and caught.value.hint
    assert len(caught.value.cause) < 1000


@damaged
def test_a_job_is_told(job_dir: Path, content: bytes) -> None:
    path = put(job_dir / "job.json", content)
    assert_told(lambda: load_job(job_dir), path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", sorted(NO_OBJECT))
def test_a_jobs_configuration_is_told(job_dir: Path, name: str) -> None:
    path = put(job_dir / "job.json", DAMAGED[name])
    assert_told(lambda: load_config(job_dir), path)


@pytest.mark.parametrize("name", sorted(NO_OBJECT))
def test_secrets_are_told_and_the_doctor_says_so(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "secrets.json", DAMAGED[name])
    path.chmod(0o600)
    assert_told(lambda: load_secret("HF_TOKEN", path), path)
    (finding,) = check_secrets(path, {})
    assert finding.level == "missing" and str(path) in finding.detail


@damaged
def test_what_an_earlier_stage_wrote_is_told(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("CP_JOB_DIR", str(job_dir))
    monkeypatch.setenv("CP_STAGE_SCRATCH", str(job_dir))
    stage_io = StageIO("asr")
    path = put(job_dir / "05_pyannote_vad" / "speech_segments.json", content)
    assert_told(lambda: stage_io.read_model(path, SpeechSegments), path)


@damaged
def test_a_checkpoint_is_put_aside_and_what_was_announced_forgotten(
    job_dir: Path, content: bytes
) -> None:
    folder = job_dir / ".checkpoints"
    put(folder / "asr.json", content)
    put(folder / "demux.json.announced", content)
    assert recover(job_dir, "") == []
    assert CheckpointManager(job_dir).load_record("asr") is None
    assert (folder / "asr.json.broken").read_bytes() == content
    assert (folder / "demux.json.announced.broken").read_bytes() == content


@damaged
def test_a_cached_result_is_dropped(tmp_path: Path, content: bytes) -> None:
    cache = ResultCache(tmp_path, 1 << 20, 1000.0)
    assert cache.prune().results == 0  # the folder is the cache's own now
    path = put(tmp_path / "results" / "asr" / ("ab" * 32 + ".json"), content)
    assert cache.entries() == [] and not path.exists()
    put(path, content)
    assert cache.verify() == [f"damaged: {path}"] and cache.prune().results == 0


@damaged
def test_what_the_program_made_itself_counts_as_not_there(tmp_path: Path, content: bytes) -> None:
    put(tmp_path / STAMP_NAME, content)
    assert read_stamp(tmp_path) is None
    put(tmp_path / "model.safetensors", b"published")
    put(tmp_path / "ct2-int8" / WEIGHTS, b"weights")
    put(tmp_path / "ct2-int8" / RECORD, content)
    assert find_converted(tmp_path, "int8") is None
    path = put(tmp_path / "shot_changes.json", content)
    assert read_shot_changes(path, tmp_path / "film.mkv", None) is None


@damaged
def test_a_lock_file_names_nobody_and_holds_nobody_up(job_dir: Path, content: bytes) -> None:
    path = put(job_dir / LOCK_FILE, content)
    with hold_job_lock(job_dir, 0.0):
        assert json.loads(path.read_bytes())["pid"] > 0


@damaged
def test_the_hardware_is_detected_anew(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path / "hardware_cache.json", content)
    found = detect_hardware(path)
    assert found.profile in {"cpu", "cuda", "mlx"} and found.cpu_count >= 1
    assert json.loads(path.read_bytes())["hardware"]["cpu_count"] == found.cpu_count


@damaged
def test_a_model_whose_list_of_parts_is_damaged_is_told(tmp_path: Path, content: bytes) -> None:
    put(tmp_path / "config.json", b"{}")
    put(tmp_path / "model.safetensors.index.json", content)
    assert_told(lambda: find_model("nllb", str(tmp_path)), tmp_path)


@damaged
def test_the_last_words_of_a_run_are_told_all_the_same(job_dir: Path, content: bytes) -> None:
    report = put(job_dir / "10_translation" / ADHERENCE, content)
    subtitles = put(job_dir / "11_subtitle_generation" / "Film.en.srt", content)
    told = describe_results(job_dir)
    is_told = any(str(report) in line and "cannot be read" in line for line in told)
    assert is_told or content == b"{}", "a report of nothing is one"
    assert any(line.endswith(str(subtitles)) for line in told)


def test_a_mark_that_windows_editors_write_is_no_damage(job_dir: Path, tmp_path: Path) -> None:
    path = job_dir / "job.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_job(job_dir).workflow == "transcribe"
    assert load_config(job_dir).debug is False
    secrets = put(tmp_path / "secrets.json", b'\xef\xbb\xbf{"HF_TOKEN": "hush"}')
    secrets.chmod(0o600)
    assert load_secret("HF_TOKEN", secrets) == "hush"


def test_a_file_that_is_not_there_and_a_folder_are_no_records(tmp_path: Path) -> None:
    assert read_record(tmp_path / "none.json") is None
    assert read_record(tmp_path) is None
    assert read_record(put(tmp_path / "good.json", b'{"a": 1}')) == {"a": 1}
    assert read_json(tmp_path / "good.json") == {"a": 1}
