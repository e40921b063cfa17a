#!/usr/bin/env python3
"""
Tests of shared/pipeline/run/run.py: real stages demux, tmdb and glossary_load through
./run-pipeline.sh, undisturbed, disturbed, killed and resumed.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shared.config import SECRET_NAMES
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.stage_order import get_stage_dir
from tests.support.commands import (
    HANG_SECONDS,
    Finished,
    assert_refused,
    run_script,
    start_command,
    wait_until,
)
from tests.support.jobs import files_below
from tests.support.logs import json_lines, parameters_at_the_top
from tests.support.web import film_database

STAGES = ["demux", "tmdb", "glossary_load"]
# What is recorded differently by every run: times, measures and the order of writing.
PASSING = {"finished_at", "seconds", "cpu_seconds", "peak_memory_mb", "mtime_ns", "inode"}
OF_STAGES = {"start", "end", "retry", "rung", "interrupted"}


def run_job(job_dir: Path, *options: str) -> Finished:
    """Run a job up to glossary_load, or as the options say."""
    selection = options if {"--only", "--to"} & set(options) else ("--to", STAGES[-1], *options)
    return run_script("run-pipeline", "transcribe", job_dir, *selection)


def started(told: str) -> list[str]:
    """Return the stages that a run says to have started."""
    return re.findall(r"^\[ ?\d+/12\] (\w+) …", told, re.MULTILINE)


def plan_of(told: str) -> dict[str, str]:
    """Return 'action: reason' by stage from the plan that a run shows."""
    return dict(re.findall(r"^  \[ ?\d+/12\] (\w+) +(.+)$", told, re.MULTILINE))


def events_of(job_dir: Path) -> list[tuple[str, str]]:
    """Return (event, stage) of the job's event stream: how its stages began and ended."""
    lines = (job_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    return [(e["event"], e["stage"]) for e in events if e["event"] in OF_STAGES]


def results_of(job_dir: Path) -> dict[str, object]:
    """Return the records of all stages without what differs from run to run."""
    records = sorted((job_dir / ".checkpoints").iterdir())
    return {path.name: _without_passing(json.loads(path.read_bytes())) for path in records}


def _without_passing(value: object) -> object:
    if isinstance(value, dict):
        return {k: _without_passing(v) for k, v in value.items() if k not in PASSING}
    return value


def processes_of(job_dir: Path) -> list[psutil.Process]:
    """Return the stage processes that work on a job."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CP_JOB_DIR") == str(job_dir):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def hanging(finished_job: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A job whose demux is done and whose tmdb waits for an answer that never comes."""
    for stage in STAGES[1:]:
        (finished_job / ".checkpoints" / f"{stage}.json").unlink()
    monkeypatch.setenv("CP_STAGE_GRACE_SECONDS", "1")
    with film_database(answers=False) as address:
        monkeypatch.setenv("CP_TMDB_ENABLED", "true")
        monkeypatch.setenv("TMDB_API_KEY", "hush")
        monkeypatch.setenv("CP_TMDB_TIMEOUT_SECONDS", "120")
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        (finished_job / "logs" / "02_tmdb.log").unlink()
        yield finished_job


def start_hanging_run(job_dir: Path) -> subprocess.Popen[str]:
    """Start a run and wait until its tmdb stage waits for the database."""
    run = start_command("./run-pipeline.sh", "transcribe", str(job_dir), "--to", STAGES[-1])
    log = job_dir / "logs" / "02_tmdb.log"
    wait_until(lambda: log.exists() and "TMDB: ask" in log.read_text(encoding="utf-8"))
    return run


def test_each_stages_log_begins_with_the_parameters_that_it_reads(finished_job: Path) -> None:
    for stage in STAGES:
        text = (finished_job / "logs" / f"{get_stage_dir(stage)}.log").read_text(encoding="utf-8")
        messages = [line.partition("] ")[2] for line in text.splitlines()]
        record = CheckpointManager(finished_job).load_record(stage)
        assert record is not None and record.parameters
        told = parameters_at_the_top(messages)
        secrets = {key for key in record.parameters if key in SECRET_NAMES}
        assert record.parameters.keys() <= told.keys()
        assert {told[key] for key in secrets} <= {"not set", "set [secret]"}


def test_the_lines_of_a_job_are_joined_by_its_id(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(finished_job / "logs")
    monkeypatch.setenv("CP_LOG_FORMAT", "json")
    monkeypatch.setenv("CP_WHISPER_MODLE", "base")
    monkeypatch.setenv("TMDB_API_KEY", "hush-hush-key")
    done = run_job(finished_job, "--force", "all")
    assert done.returncode == 0, done.stderr
    assert "warning: environment variable CP_WHISPER_MODLE: Did you mean" in done.stderr
    logs = json_lines(finished_job)
    lines = [line for records in logs.values() for line in records]
    assert {line["correlation_id"] for line in lines} == {load_job(finished_job).job_id}
    names = {line["name"] for line in lines}
    assert names >= {"cp.pipeline", "cp.demux", "cp.tmdb", "cp.glossary_load"}
    assert any("WHISPER_MODEL?" in line["message"] for line in lines)
    ended = [line for line in lines if line["message"] == "demux: done"]
    assert ended and ended[0]["seconds"] > 0 and ended[0]["peak_memory_mb"] > 1
    assert "  TMDB_API_KEY: set [secret]" in {line["message"] for line in lines}
    assert "hush-hush" not in str(logs)


def test_a_first_run_does_every_stage_and_says_so(finished_job: Path) -> None:
    told = (finished_job / "first_run.txt").read_text(encoding="utf-8")
    assert started(told) == STAGES
    assert plan_of(told)["demux"] == "run: not done yet"
    assert (finished_job / "01_demux" / "audio.wav").stat().st_size > 30_000
    assert events_of(finished_job) == [(k, stage) for stage in STAGES for k in ("start", "end")]
    logs = {path.name[:3] for path in (finished_job / "logs").glob("*.log")}
    assert logs == {"01_", "02_", "03_", "99_"}
    (pipeline_log,) = (finished_job / "logs").glob("99_pipeline_*.log")
    assert "[cp.pipeline] glossary_load: done" in pipeline_log.read_text(encoding="utf-8")


def test_a_finished_selection_starts_no_stage(finished_job: Path) -> None:
    again = run_job(finished_job)
    assert again.returncode == 0
    assert "Nothing to do: every stage is up to date" in again.stderr
    assert started(again.stderr) == []
    assert len(events_of(finished_job)) == 6


def test_work_that_is_done_stays_done_while_the_film_is_away(
    finished_job: Path, tmp_path: Path
) -> None:
    path = finished_job / "job.json"
    job = json.loads(path.read_text(encoding="utf-8"))
    there, job["media"]["path"] = job["media"]["path"], str(tmp_path / "away.mkv")
    path.write_text(json.dumps(job))
    again = run_job(finished_job)
    assert again.returncode == 0 and "Nothing to do" in again.stderr, again.stderr
    alone = run_job(finished_job, "--only", "glossary_load", "--force", "all")
    assert (alone.returncode, started(alone.stderr)) == (0, ["glossary_load"])
    forced = run_job(finished_job, "--force", "demux")
    assert_refused(forced, 2, "The film is not there any more", "Put it back")
    shutil.copyfile(finished_job / "01_demux" / "audio.wav", tmp_path / "away.mkv")
    told = plan_of(run_job(finished_job, "--dry-run").stdout)["demux"]
    assert told == f"run: {there} changed"


def test_only_what_a_changed_parameter_reaches_runs_again(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.03")
    plan = run_job(finished_job, "--dry-run")
    assert plan_of(plan.stdout)["demux"] == "run: AUDIO_LOSS_TOLERANCE changed from 0.02 to 0.03"
    assert (plan.returncode, started(plan.stderr)) == (0, [])
    # demux writes what it wrote before, so nothing that follows has to run.
    assert started(run_job(finished_job).stderr) == ["demux"]


def test_a_forced_stage_runs_alone_with_json_lines(finished_job: Path) -> None:
    result = run_job(finished_job, "--only", "glossary_load", "--force", "all", "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["event"] for event in events] == ["plan", "start", "end", "result"]
    assert [step["stage"] for step in events[0]["steps"]] == ["glossary_load"]
    assert (events[2]["stage"], events[2]["status"]) == ("glossary_load", "done")
    assert result.stderr == ""


def test_an_output_edited_by_hand_is_noticed_by_the_next_stage(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    glossary = finished_job / "03_glossary_load" / "glossary.json"
    with film_database() as address:
        monkeypatch.setenv("CP_TMDB_ENABLED", "true")
        monkeypatch.setenv("TMDB_API_KEY", "hush")
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        # A new result of tmdb makes the stage that read the old one run too.
        assert started(run_job(finished_job).stderr) == STAGES[1:]
        assert "Vijay" in glossary.read_text(encoding="utf-8")
        path = finished_job / "02_tmdb" / "enrichment.json"
        path.write_text(path.read_text(encoding="utf-8").replace("Vijay", "Inspector Vijay"))
        edited = run_job(finished_job)
    assert started(edited.stderr) == ["glossary_load"]
    assert plan_of(edited.stderr)["glossary_load"] == "run: 02_tmdb/enrichment.json changed"
    assert "Inspector Vijay" in glossary.read_text(encoding="utf-8")
    files = [path for path in files_below(finished_job) if path.is_file()]
    assert not any(b"hush" in path.read_bytes() for path in files)


def test_damaged_sound_is_put_aside_and_made_again(finished_job: Path) -> None:
    sound = finished_job / "01_demux" / "audio.wav"
    content = sound.read_bytes()
    damaged = content[:-9] + b"x" + content[-8:]
    sound.write_bytes(damaged)
    again = run_job(finished_job)
    assert plan_of(again.stderr)["demux"] == "run: its output audio.wav is not as it was written"
    # It comes out as before, so that nothing after it has to run.
    assert (again.returncode, started(again.stderr)) == (0, ["demux"])
    assert sound.read_bytes() == content
    aside = finished_job / "edited" / "01_demux" / "audio.wav"
    assert aside.read_bytes() == damaged
    assert f"made anew: the damaged file is now {aside}" in again.stderr


def test_a_second_run_is_refused_and_the_first_can_be_stopped(
    hanging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start_hanging_run(hanging)
    second = run_job(hanging)
    assert_refused(second, 3, f"is being run by process {first.pid} on ", "run again")
    first.send_signal(signal.SIGTERM)
    _, told = first.communicate(timeout=HANG_SECONDS)
    assert first.returncode == 130
    assert "error: Stopped by SIGTERM\nhint: Run the same command again" in told
    assert "Traceback" not in told
    assert processes_of(hanging) == []
    assert files_below(hanging / ".scratch") == []
    assert events_of(hanging)[-1] == ("interrupted", "tmdb")


def test_a_killed_run_takes_its_stage_along_and_a_new_run_completes_the_job(
    hanging: Path, finished_jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_hanging_run(hanging)
    assert processes_of(hanging)
    run.kill()
    run.communicate(timeout=HANG_SECONDS)
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    # At once: the new run waits for what the killed one left behind.
    result = run_job(hanging)
    assert result.returncode == 0, result.stderr
    assert started(result.stderr) == STAGES[1:]
    assert processes_of(hanging) == []
    assert files_below(hanging / ".scratch") == []
    (undisturbed,) = finished_jobs.glob("*/*/*/*/1")
    assert results_of(hanging) == results_of(undisturbed)


@pytest.mark.parametrize("reader", ["| true", "2>&1 | head -1", ">/dev/full 2>&1", ">&- 2>&-"])
def test_a_run_that_nobody_listens_to_does_all_its_work(finished_job: Path, reader: str) -> None:
    command = f'"$@" {reader}; exit "${{PIPESTATUS[0]}}"'
    arguments = ("transcribe", str(finished_job), "--to", STAGES[-1], "--force", STAGES[-1])
    for options in ((), ("--json",)):
        run = start_command(
            "bash", "-c", command, "bash", "./run-pipeline.sh", *arguments, *options
        )
        _, told = run.communicate(timeout=HANG_SECONDS)
        assert (run.returncode, "Traceback" in told) == (0, False), told
    assert events_of(finished_job)[6:] == [("start", STAGES[-1]), ("end", STAGES[-1])] * 2


def test_a_plan_that_a_full_disk_does_not_take_is_a_failure(finished_job: Path) -> None:
    command = f"./run-pipeline.sh transcribe '{finished_job}' --dry-run --json >/dev/full"
    told = start_command("bash", "-c", command)
    cause, hint = told.communicate(timeout=HANG_SECONDS)[1].splitlines()
    assert told.returncode == 1
    assert cause == "error: Standard output cannot be written: No space left on device"
    assert hint.startswith("hint: ")


def test_a_stage_that_takes_too_long_is_stopped(
    hanging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_STAGE_TIMEOUT_MINIMUM", "1")
    result = run_job(hanging)
    assert_refused(result, 1, "tmdb: took longer than 1 s", "STAGE_TIMEOUT_FACTOR")
    assert "Nothing is lost: run the same command" in result.stderr
    assert processes_of(hanging) == []
    assert events_of(hanging)[-1] == ("end", "tmdb")


def test_a_stage_that_is_killed_is_tried_again_as_configured(
    hanging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_STAGE_RETRIES", "1")
    monkeypatch.setenv("CP_STAGE_RETRY_SECONDS", "0.1")
    run = start_hanging_run(hanging)
    log = hanging / "logs" / "02_tmdb.log"
    for asked in (1, 2):
        wait_until(lambda: log.read_text(encoding="utf-8").count("TMDB: ask") == asked)
        asking = [p for p in processes_of(hanging) if "tmdb" in " ".join(p.cmdline())]
        (stage,) = asking
        stage.kill()
    _, told = run.communicate(timeout=HANG_SECONDS)
    assert run.returncode == 1 and "error: tmdb: was killed by signal 9" in told
    assert told.count("tmdb was killed by signal 9; tried again in 0.1 s") == 1
    assert [e for e, _ in events_of(hanging)[-3:]] == ["start", "retry", "end"]
