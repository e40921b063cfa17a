#!/usr/bin/env python3
"""Tests of shared/observability/progress.py: what a person or a program reads during a run."""

from __future__ import annotations

import contextlib
import io
import json
import pty
import threading
from pathlib import Path

import pytest

from shared.observability.json_display import JsonDisplay
from shared.observability.progress import PlainDisplay, TerminalDisplay, make_display
from shared.pipeline.job.job import load_job
from shared.pipeline.plan.missing import Missing
from shared.pipeline.plan.plan import Step
from shared.pipeline.run.result import StageResult

STEPS = [
    Step("demux", "keep", "done yesterday"),
    Step("tmdb", "skip", "no key"),
    Step("asr", "run", "not done yet"),
]
EXPECTED = {"asr": 75.0}
LESS = Missing(30.0, 0.5, 10.0, "repeats itself", 5.0, {"de": 2})
PROGRESS = {"event": "progress", "stage": "asr", "done": 30.0, "total": 60.0, "unit": "s"}
DONE = StageResult("asr", "done", 0, seconds=12.34, warnings=["a smaller model was taken"])
FAILED = StageResult("asr", "failed", 4, reason="broke", hint="mend", seconds=1.0)


def show(display: PlainDisplay | JsonDisplay, job_dir: Path, result: StageResult) -> None:
    """Show a run of one stage."""
    display.planned(load_job(job_dir), STEPS, EXPECTED, LESS)
    display.started(STEPS[2])
    display.event(PROGRESS)
    display.event({"event": "result", "stage": "asr"})
    display.ended(result)
    display.close()


def read_terminal(leader: int) -> str:
    """Return everything that a terminal shows until its program closes it."""
    told = b""
    with contextlib.suppress(OSError), open(leader, "rb", buffering=0) as stream:
        while block := stream.read(1 << 12):
            told += block
    return told.decode("utf-8")


def test_plain_lines_tell_plan_start_and_end(job_dir: Path) -> None:
    stream = io.StringIO()
    show(PlainDisplay(stream), job_dir, DONE)
    head, *plan, start, warning, end = stream.getvalue().splitlines()
    assert head == "Tiny Film: 0:01, hi to no translation"
    assert plan == [
        "  [ 1/12] demux                up to date: done yesterday",
        "  [ 2/12] tmdb                 skipped: no key",
        "  [ 6/12] asr                  run: not done yet",
        "  So far: 50% of 30.0 s of speech has text",
        "  So far: 10.0 s kept apart, not believed: repeats itself",
        "  So far: 5.0 s of speech without any text",
        "  So far: 2 lines not translated into de",
        "  It will take 0:30 to 5:00",
    ]
    assert start.startswith("[ 6/12] asr … 0:3")
    assert warning == "   ! a smaller model was taken"
    assert end == "[ 6/12] asr ✓ 12.3 s"


def test_an_edit_is_told_also_where_nothing_is_to_do(job_dir: Path) -> None:
    stream = io.StringIO()
    edit = Step("asr", "keep", "edited by hand: segments.json", edited=True)
    PlainDisplay(stream).planned(load_job(job_dir), [*STEPS[:2], edit], {}, Missing())
    assert stream.getvalue().splitlines()[1:] == [
        "Nothing to do: every stage is up to date",
        "  [ 6/12] asr                  kept: edited by hand: segments.json",
    ]


def test_a_stage_that_skips_itself_tells_why_and_a_failed_one_that_it_failed(job_dir: Path) -> None:
    stream = io.StringIO()
    show(PlainDisplay(stream), job_dir, StageResult("asr", "skipped", 0, reason="off"))
    show(PlainDisplay(stream), job_dir, FAILED)
    lines = stream.getvalue().splitlines()
    assert "[ 6/12] asr – 0.0 s: off" in lines
    assert "[ 6/12] asr ✗ 1.0 s" in lines


def test_progress_is_told_from_time_to_time(job_dir: Path) -> None:
    stream = io.StringIO()
    show(PlainDisplay(stream, interval=0.0), job_dir, DONE)
    assert "[ 6/12] asr 50%, 0:00 to 5:00 left" in stream.getvalue()


def test_a_terminal_without_unicode_gets_question_marks(job_dir: Path) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    show(PlainDisplay(stream), job_dir, DONE)
    stream.seek(0)
    assert "[ 6/12] asr ? 12.3 s" in stream.read()


def test_json_lines_are_complete(job_dir: Path) -> None:
    stream = io.StringIO()
    show(JsonDisplay(stream), job_dir, FAILED)
    plan, start, progress, end = map(json.loads, stream.getvalue().splitlines())
    assert [step["action"] for step in plan["steps"]] == ["keep", "skip", "run"]
    assert plan["expected_seconds"] == EXPECTED
    assert plan["missing"] == {
        "speech_seconds": 30.0,
        "text_share": 0.5,
        "quarantined_seconds": 10.0,
        "quarantine_reason": "repeats itself",
        "without_text_seconds": 5.0,
        "untranslated": {"de": 2},
    }
    assert start == {"event": "start", "stage": "asr", "action": "run", "reason": "not done yet"}
    assert progress == PROGRESS
    assert (end["status"], end["exit_code"], end["reason"], end["hint"]) == (
        *("failed", 4),
        *("broke", "mend"),
    )


def test_a_terminal_gets_a_bar_that_goes_away(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    leader, follower = pty.openpty()
    told: list[str] = []
    reader = threading.Thread(target=lambda: told.append(read_terminal(leader)))
    reader.start()
    with open(follower, "w", encoding="utf-8") as stream:
        display = make_display(as_json=False, stream=stream)
        assert isinstance(display, TerminalDisplay)
        show(display, job_dir, DONE)
    reader.join()
    assert "━" in told[0]
    assert told[0].endswith("[ 6/12] asr ✓ 12.3 s\r\n")


def test_a_file_gets_plain_lines_and_a_program_json() -> None:
    assert type(make_display(as_json=False, stream=io.StringIO())) is PlainDisplay
    assert isinstance(make_display(as_json=True), JsonDisplay)


@pytest.mark.parametrize("total", [0, None, -1])
def test_progress_without_a_total_is_no_error(job_dir: Path, total: float | None) -> None:
    stream = io.StringIO()
    display = PlainDisplay(stream, interval=0.0)
    display.planned(load_job(job_dir), STEPS, EXPECTED, LESS)
    display.started(STEPS[2])
    display.event(PROGRESS | {"total": total})
    assert " 0%, " in stream.getvalue().splitlines()[-1]


def test_a_note_a_retry_and_reused_work_are_told_to_people_and_programs(job_dir: Path) -> None:
    reused = StageResult("asr", "done", 0, reason="as in job 7", seconds=0.04, reused_from="7")
    plain, lines = io.StringIO(), io.StringIO()
    for display in (PlainDisplay(plain), JsonDisplay(lines)):
        display.planned(load_job(job_dir), STEPS, EXPECTED, LESS)
        display.noted("No sound can be decoded at 9 s")
        display.retried(FAILED, 5.0)
        display.ended(reused)
    told = plain.getvalue().splitlines()[-3:]
    assert told == [
        "   ! No sound can be decoded at 9 s",
        "   ! asr broke; tried again in 5 s",
        "[ 6/12] asr ✓ 0.0 s: as in job 7",
    ]
    note, retry, end = map(json.loads, lines.getvalue().splitlines()[1:])
    assert note == {"event": "note", "text": "No sound can be decoded at 9 s"}
    assert retry == {"event": "retry", "stage": "asr", "reason": "broke", "wait": 5.0}
    assert (end["stage"], end["reused_from"]) == ("asr", "7")
