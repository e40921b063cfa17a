#!/usr/bin/env python3
"""Tests of shared/stage_utils.py: a real stage process, and StageIO's refusals."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from shared.core.errors import InputError
from shared.core.files import sha256_of
from shared.core.identity import MEDIA_MARK, media_identity
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.run.attempt import Attempt, run_attempt
from shared.pipeline.run.result import StageResult
from shared.stage_utils import StageIO, get_stage_logger
from tests.support.checkpoints import make_checkpoint
from tests.support.programs import make_program

STAGE = """
from pathlib import Path
from pydantic import BaseModel
from shared.config import load_config
from shared.core.errors import UnavailableError
from shared.stage_utils import StageIO, get_stage_logger
class Note(BaseModel):
    text: str
stage_io = StageIO("tmdb")
logger = get_stage_logger("tmdb", stage_io=stage_io)
try:
    config = load_config()
    {body}
except Exception as error:
    sys.exit(stage_io.fail(error))
"""


class Note(BaseModel):
    """A file that one stage hands to another."""

    text: str


def run_stage(
    job_dir: Path, *body: str, **settings: str
) -> tuple[StageResult, list[dict[str, Any]]]:
    """Run stage tmdb with these lines as its work; return its result and its events."""
    text = STAGE.format(body="\n    ".join(body))
    program = make_program(job_dir / "program", text, uses_project=True)
    events: list[dict[str, Any]] = []
    lock = os.open(job_dir / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        attempt = Attempt(job_dir, "tmdb", program, "common", "lock", 60.0, 1.0, 1)
        with pytest.MonkeyPatch.context() as patch:
            for key, value in settings.items():
                patch.setenv(f"CP_{key}", value)
            return run_attempt(attempt, lock, events.append), events
    finally:
        os.close(lock)


def record_of(job_dir: Path) -> Checkpoint:
    """Return the record of stage tmdb, which must be there."""
    record = CheckpointManager(job_dir).load_record("tmdb")
    assert record is not None
    return record


def log_of(job_dir: Path) -> str:
    """Return the log of stage tmdb."""
    return (job_dir / "logs" / "02_tmdb.log").read_text(encoding="utf-8")


@pytest.fixture
def stage_io(job_dir: Path, monkeypatch: pytest.MonkeyPatch) -> StageIO:
    """StageIO of stage tmdb in this process."""
    scratch = job_dir / ".scratch" / "tmdb.x"
    scratch.mkdir(parents=True)
    monkeypatch.setenv("CP_JOB_DIR", str(job_dir))
    monkeypatch.setenv("CP_STAGE_SCRATCH", str(scratch))
    return StageIO("tmdb")


def test_the_record_of_a_stage_is_true_without_anyone_declaring_it(job_dir: Path) -> None:
    (job_dir / "01_demux").mkdir()
    source = job_dir / "01_demux" / "media_info.json"
    source.write_text('{"text": "a"}')
    result, events = run_stage(
        job_dir,
        'note = stage_io.read_model(stage_io.get_input_path("media_info.json"), Note)',
        'stage_io.get_input_path("none.json", from_stage="demux")',
        "assert config.asr_beam_size == 5 and stage_io.job.title",
        "film = stage_io.get_media_path()",
        "[stage_io.progress(i, 1000) for i in range(1001)]",
        'stage_io.write_model("enrichment.json", Note(text=note.text + "ह"))',
        'stage_io.warn("one thing was left out")',
        "sys.exit(stage_io.succeed(count=1, share=1/3))",
    )
    record = record_of(job_dir)
    film = next(name for name in record.inputs if name.startswith("media:"))
    assert record.inputs == {
        "job:01_demux/media_info.json": sha256_of(source),
        "job:01_demux/none.json": None,
        film: record.inputs[film],
    }
    assert record.inputs[film] is not None
    assert record.parameters == {"ASR_BEAM_SIZE": 5}
    assert record.job_fields.keys() == {"TITLE", "MEDIA"}
    assert record.warnings == result.warnings == ["one thing was left out"]
    assert record.summary == {"count": 1, "share": 0.333}
    assert json.loads((job_dir / "02_tmdb" / "enrichment.json").read_text()) == {"text": "aह"}
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["done"] == 1000 and len(progress) < 10
    log = log_of(job_dir)
    assert "WARNING  [cp.tmdb] one thing was left out" in log
    assert "✓ Stage completed successfully count=1 share=0.333" in log


@pytest.mark.parametrize(
    "work",
    [
        ("stage_io.ready()", "stage_io.ready()", "stage_io.progress(1, 2)"),
        ("stage_io.progress(1, 2)",),
    ],
)
def test_a_stage_tells_once_that_its_model_is_ready(job_dir: Path, work: tuple[str, ...]) -> None:
    _, events = run_stage(job_dir, *work, "sys.exit(stage_io.succeed())")
    assert [event["event"] for event in events] == ["ready", "progress", "result"]
    assert events[0]["stage"] == "tmdb"


def test_a_users_error_keeps_code_cause_and_hint(job_dir: Path) -> None:
    result, _ = run_stage(job_dir, "raise UnavailableError('No key', hint='Get one')")
    assert (result.exit_code, result.reason, result.hint) == (3, "No key", "Get one")
    log = log_of(job_dir)
    assert "✗ Stage failed: No key" in log and "Hint: Get one" in log
    assert "Traceback" not in log


def test_with_debug_a_users_error_has_its_traceback_too(
    stage_io: StageIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CP_DEBUG", "true")
    monkeypatch.setenv("CP_LOG_FORMAT", "json")
    get_stage_logger("tmdb", stage_io=stage_io)
    assert stage_io.fail(InputError("No key", hint="Get one")) == 2
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {record["correlation_id"] for record in records} == {
        load_job(stage_io.output_base).job_id
    }
    assert [r["message"].split(":")[0].strip() for r in records] == [
        *("✗ Stage failed", "Hint"),
        "Traceback",
    ]


def test_a_bug_ends_with_1_and_its_traceback_is_in_the_log(job_dir: Path) -> None:
    result, _ = run_stage(job_dir, "{}['gone']")
    assert (result.exit_code, result.reason) == (1, "KeyError: 'gone'")
    assert "Traceback" in log_of(job_dir)
    assert result.hint == f"Read {job_dir}/logs/02_tmdb.log"


def test_want_of_memory_is_a_missing_resource_told_in_one_line(job_dir: Path) -> None:
    result, _ = run_stage(job_dir, "raise MemoryError('no 5 MiB\\nfor an array')")
    assert result.exit_code == 3
    assert result.reason == "Memory ran out: MemoryError: no 5 MiB for an array"
    assert "STAGE_MEMORY_MB" in result.hint


def test_a_configuration_mistake_is_told_by_the_stage(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "many")
    result, _ = run_stage(job_dir, "sys.exit(stage_io.succeed())")
    assert result.exit_code == 2
    assert re.match("environment variable CP_ASR_BEAM_SIZE: ASR_BEAM_SIZE=many", result.reason)


@pytest.mark.parametrize("name", ["../../job.json", "../x", "..", ".", "", "/etc/passwd"])
def test_an_output_that_leaves_the_stage_is_refused(stage_io: StageIO, name: str) -> None:
    with pytest.raises(InputError, match="leads out of the stage's directory") as caught:
        stage_io.get_output_path(name)
    assert caught.value.exit_code == 2 and caught.value.hint


@pytest.mark.parametrize("name", ["../../x", "..", "/etc/passwd"])
def test_an_input_that_leaves_the_job_is_refused(stage_io: StageIO, name: str) -> None:
    with pytest.raises(InputError, match="leads out of the job directory"):
        stage_io.get_input_path(name, from_stage="demux")


def test_a_link_that_leaves_the_job_is_refused(stage_io: StageIO, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    folder = stage_io.output_base / "01_demux"
    folder.mkdir()
    (folder / "media_info.json").symlink_to(secret)
    with pytest.raises(InputError, match="leads out of the job directory"):
        stage_io.get_input_path("media_info.json")


def test_the_stage_before_is_the_usual_source(stage_io: StageIO) -> None:
    path = stage_io.get_input_path("media_info.json")
    assert path == stage_io.output_base / "01_demux" / "media_info.json"
    assert stage_io.get_output_path("a.json") == stage_io.stage_dir / "a.json"


def test_the_nearest_existing_input_is_taken(stage_io: StageIO) -> None:
    candidates = [("source_separation", "vocals.wav"), ("demux", "audio.wav")]
    with pytest.raises(InputError, match="04_source_separation/vocals.wav or 01_demux/audio.wav"):
        stage_io.get_first_input(*candidates)
    for stage, name in reversed(candidates):
        path = stage_io.get_input_path(name, from_stage=stage)
        path.parent.mkdir()
        path.touch()
        assert stage_io.get_first_input(*candidates) == path


@pytest.mark.parametrize(
    ("content", "cause"), [(None, "Input file not found"), ("{", "JSON"), ('{"text": 1}', "text: ")]
)
def test_a_missing_or_broken_input_is_named(
    stage_io: StageIO, content: str | None, cause: str
) -> None:
    path = stage_io.get_input_path("media_info.json")
    if content is not None:
        path.parent.mkdir()
        path.write_text(content)
    with pytest.raises(InputError, match=cause) as caught:
        stage_io.read_model(path, Note)
    assert str(path) in caught.value.cause
    assert caught.value.hint.startswith("./run-pipeline.sh") or "--force demux" in caught.value.hint


def test_a_model_spoilt_after_it_was_made_is_not_written(stage_io: StageIO) -> None:
    note = Note(text="a")
    note.text = 5  # type: ignore[assignment]
    with pytest.raises(ValueError, match="text"), pytest.warns(UserWarning):
        stage_io.write_model("a.json", note)
    assert os.listdir(stage_io.stage_dir) == []


def test_a_film_that_is_gone_is_a_users_error(stage_io: StageIO, tmp_path: Path) -> None:
    stage_io.job.media.path = str(tmp_path / "gone.mkv")
    with pytest.raises(InputError, match="not there any more"):
        stage_io.get_media_path()


def test_a_film_that_took_the_place_of_the_one_that_was_heard_is_refused(
    stage_io: StageIO, tmp_path: Path
) -> None:
    film = tmp_path / "film.mkv"
    film.write_bytes(b"heard" * 1000)
    stage_io.job.media.path = str(film)
    heard = {MEDIA_MARK + str(film): media_identity(film)}
    CheckpointManager(stage_io.output_base).save_record(make_checkpoint("demux", inputs=heard))
    moved = film.rename(tmp_path / "renamed.mkv")
    film.write_bytes(b"other" * 1000)
    with pytest.raises(InputError, match="film.mkv is another film than the job began with"):
        stage_io.get_media_path()
    stage_io.job.media.path = str(moved)
    assert stage_io.get_media_path() == moved


def test_the_logger_works_before_the_configuration_does(
    stage_io: StageIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CP_LOG_LEVEL", "LOUD")
    get_stage_logger("tmdb", stage_io=stage_io).info("still here")
    assert "[cp.tmdb] still here" in capsys.readouterr().out


def test_what_no_search_finds_is_told_as_it_is_read(job_dir: Path) -> None:
    result, _ = run_stage(
        job_dir,
        "assert config.llm_model == ''",
        "assert config.device and config.device",
        'assert config.llm_base_url.startswith("https")',
        "mine = getattr(config, 'parameter_name', 'default_value')",
        "mine = getattr(config, 'parameter_name', 'default_value')",
        'sys.exit(stage_io.skip("done"))',
        LLM_BASE_URL="https://me:hush@example.org/v1",
    )
    assert result.status == "skipped", log_of(job_dir)
    log = log_of(job_dir)
    assert "  LLM_MODEL: (empty)\n" in log
    assert "  LLM_BASE_URL: https://[secret]@example.org/v1 (environment variable" in log
    assert "hush" not in log
    assert log.count("  DEVICE: cpu (job.json)\n") == 1
    assert log.count("PARAMETER_NAME is not declared, its default is used.") == 1
    assert "shared/core/settings.py" in log
    # Telling it reads nothing.
    record = record_of(job_dir)
    assert record.parameters.keys() == {"LLM_MODEL", "DEVICE", "LLM_BASE_URL", "PARAMETER_NAME"}
