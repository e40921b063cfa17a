#!/usr/bin/env python3
"""Tests of shared/pipeline/run/process.py: real programs that behave badly, none survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.watch import Limits
from tests.support.commands import HANG_SECONDS, wait_until
from tests.support.programs import make_program
from tests.support.stage_runner import Runner, lives

IGNORE_TERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
ENDLESS_CHILD = IGNORE_TERM + 'tell(event="pid", pid=os.getpid())\ntime.sleep(600)'
COMPUTE = "end = time.monotonic() + 5\nwhile time.monotonic() < end: sum(range(1000))"
CUT = b"[log cut here: LOG_MAX_MB reached]"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner in this test's folder."""
    return Runner(tmp_path)


def start_child(options: str) -> str:
    """Return code that starts the program 'child' and waits until it has told its pid."""
    return (
        "descriptor = int(os.environ['CP_EVENTS_FD'])\n"
        "here = os.path.dirname(os.environ['CP_STAGE_SCRATCH'])\n"
        "child = subprocess.Popen([here + '/child'], pass_fds=(descriptor,)"
        f"{options})\n"
        "while not os.path.exists(here + '/up'): time.sleep(0.01)\n"
    )


def make_child(runner: Runner) -> None:
    """Write the program 'child': ignores TERM, tells its pid, sleeps on."""
    body = ENDLESS_CHILD.replace(
        "time.sleep", f"open({str(runner.folder / 'up')!r}, 'w')\ntime.sleep"
    )
    make_program(runner.folder / "child", body)


def test_output_goes_to_the_log_and_events_to_the_listener(runner: Runner) -> None:
    outcome = runner.run(
        'print("out"); print("err", file=sys.stderr)\n'
        'tell(event="progress", done=1)\n'
        'tell(event="result", status="done")\n'
        "sys.exit(7)"
    )
    assert (outcome.exit_code, outcome.excess == "time") == (7, False)
    assert sorted(runner.log.read_text().split()) == ["err", "out"]
    assert [event["event"] for event in runner.events] == ["progress", "result"]
    assert outcome.result == {"event": "result", "status": "done"}
    assert outcome.peak_memory_mb > 1


def test_standard_input_is_closed(runner: Runner) -> None:
    assert runner.run("sys.exit(5 if sys.stdin.read() == '' else 6)").exit_code == 5


def test_the_log_goes_on_where_it_was(runner: Runner) -> None:
    runner.log.write_text("before\n")
    runner.run('print("after")')
    assert runner.log.read_text() == "before\nafter\n"


def test_a_program_without_a_result_has_none(runner: Runner) -> None:
    outcome = runner.run('tell(event="progress", done=1)')
    assert (outcome.exit_code, outcome.result) == (0, None)


def test_noise_on_the_event_pipe_is_left_out(runner: Runner) -> None:
    outcome = runner.run(
        "os.write(int(os.environ['CP_EVENTS_FD']), b'Downloading\\n\\xff\\n[1]\\n')\n"
        'tell(event="result", status="done")'
    )
    assert outcome.events == [{"event": "result", "status": "done"}]


def test_the_last_word_may_be_large(runner: Runner) -> None:
    outcome = runner.run('tell(event="result", warnings=["x" * 3_000_000])')
    assert outcome.result is not None and len(outcome.result["warnings"][0]) == 3_000_000


def test_a_hanging_program_is_ended_at_its_timeout(runner: Runner) -> None:
    with runner.start("time.sleep(600)", grace=HANG_SECONDS) as process:
        outcome = process.wait(Limits(0.3), runner.events.append)
    assert outcome.excess == "time" and outcome.exit_code == -signal.SIGTERM
    assert outcome.seconds < HANG_SECONDS


def test_a_program_may_clean_up_on_term(runner: Runner) -> None:
    body = (
        "def leave(*_):\n"
        "    open(os.environ['CP_STAGE_SCRATCH'] + '.cleaned', 'w'); sys.exit(9)\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        'tell(event="up")\n'
        "time.sleep(600)"
    )
    with pytest.raises(KeyboardInterrupt):
        with runner.start(body, grace=HANG_SECONDS) as process:
            process.wait(Limits(HANG_SECONDS), runner.interrupt)
    assert (runner.folder / "scratch.cleaned").exists()


def test_a_program_that_ignores_term_is_killed_after_the_grace_time(runner: Runner) -> None:
    ready = runner.folder / "ready"
    body = f"{IGNORE_TERM}open({str(ready)!r}, 'w').close()\ntime.sleep(600)"
    with runner.start(body, grace=0.3) as process:
        wait_until(ready.exists)
        outcome = process.wait(Limits(0.1), runner.events.append)
        assert outcome.excess == "time" and outcome.exit_code == -signal.SIGKILL
        assert not lives(process.pid)


def test_a_child_in_its_own_session_is_ended_with_a_program_that_hangs(runner: Runner) -> None:
    make_child(runner)

    with pytest.raises(KeyboardInterrupt):
        with runner.start(start_child(", start_new_session=True") + "time.sleep(600)") as process:
            process.wait(Limits(HANG_SECONDS), runner.interrupt)
    (child,) = runner.told_pids()
    wait_until(lambda: not lives(child))


@pytest.mark.parametrize("options", ["", ", start_new_session=True"])
@pytest.mark.parametrize("end", ["sys.exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_children_are_ended_with_a_program_that_leaves_them(
    runner: Runner, options: str, end: str
) -> None:
    make_child(runner)
    outcome = runner.run(start_child(options) + end)
    assert not outcome.excess == "time"
    (child,) = runner.told_pids()
    wait_until(lambda: not lives(child))


def test_a_program_killed_by_a_signal_says_so(runner: Runner) -> None:
    assert runner.run("os.kill(os.getpid(), signal.SIGSEGV)").exit_code == -signal.SIGSEGV


def test_a_gigabyte_without_a_line_feed_is_read_and_dropped(runner: Runner) -> None:
    body = "block = b'\\xff' * (1 << 20)\nfor _ in range(1024): os.write(1, block)\nsys.exit(3)"
    outcome = runner.run(body, cap=1 << 16)
    assert (outcome.exit_code, outcome.excess == "time") == (3, False)
    content = runner.log.read_bytes()
    assert content.startswith(b"\xff" * (1 << 16)) and content.count(CUT) == 1
    assert len(content) < (1 << 16) + 100


def test_an_error_of_the_listener_ends_the_program(runner: Runner) -> None:
    with pytest.raises(KeyboardInterrupt):
        with runner.start(ENDLESS_CHILD) as process:
            process.wait(Limits(HANG_SECONDS), runner.interrupt)
    assert not lives(runner.told_pids()[0])


def test_a_program_that_cannot_start_leaves_no_descriptor(runner: Runner) -> None:
    before = set(os.listdir("/dev/fd"))
    with pytest.raises(FileNotFoundError):
        StageProcess(
            ["./no such program"], runner.environment, StageLog(runner.log, 1), runner.lock, 1.0
        )
    runner.run("pass")
    assert set(os.listdir("/dev/fd")) == before


def test_a_stage_dies_with_its_orchestrator(runner: Runner) -> None:
    stage = make_program(
        runner.folder / "stage",
        f"sys.path.insert(0, {str(PROJECT_ROOT)!r})\n"
        "from shared.pipeline.job.lifeline import die_with_the_orchestrator\n"
        "from shared.config import LIFELINE_FD_VARIABLE, inherited_number\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "die_with_the_orchestrator(inherited_number(LIFELINE_FD_VARIABLE))\n"
        f"open({str(runner.folder / 'pid')!r}, 'w').write(str(os.getpid()) + '\\n')\n"
        "while True: time.sleep(0.01)",
    )
    orchestrator = f"""
import os, sys
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from pathlib import Path
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.watch import Limits
def environment(numbers):
    return {{**os.environ, **{{k: str(v) for k, v in numbers.items()}}}}
log = StageLog(Path({str(runner.log)!r}), 1000)
with StageProcess([{str(stage)!r}], environment, log, os.dup(0), 1.0) as process:
    process.wait(Limits(600.0), print)
"""
    parent = subprocess.Popen([sys.executable, "-c", orchestrator], stdin=subprocess.DEVNULL)
    pid_file = runner.folder / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
    stage_pid = int(pid_file.read_text())
    assert lives(stage_pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not lives(stage_pid))


PROGRESS = "tell(event='progress', done={0}, total=9, unit='s')\n"


@pytest.mark.parametrize(
    ("body", "excess"),
    [
        (PROGRESS.format(1) + "time.sleep(600)", "stall"),
        ("while True: tell(event='progress', done=1, total=9); time.sleep(0.05)", "stall"),
        ("for n in range(9): tell(event='progress', done=n, total=9); time.sleep(0.5)", ""),
        ("time.sleep(600)", "stall"),
        (PROGRESS.format(9) + "time.sleep(600)", "stall"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "stall"),
        (COMPUTE, ""),
        (PROGRESS.format(9) + COMPUTE, ""),
        (f"subprocess.run([sys.executable, '-c', {('import time;' + COMPUTE)!r}])", ""),
    ],
)
def test_a_stage_that_stands_still_is_ended_but_not_one_that_loads_or_writes(
    runner: Runner, body: str, excess: str
) -> None:
    # What is to go on goes on for longer than this, and moves many times meanwhile.
    stall = 1.5 if excess else 4.0
    with runner.start(body) as process:
        outcome = process.wait(Limits(HANG_SECONDS, stall_seconds=stall), runner.events.append)
    assert outcome.excess == excess
    assert outcome.exit_code == 0 or excess


def test_the_memory_of_all_processes_together_is_measured_and_limited(runner: Runner) -> None:
    make_program(runner.folder / "child", "x = bytearray(96 << 20)\ntime.sleep(600)")
    two = (
        "here = os.path.dirname(os.environ['CP_STAGE_SCRATCH'])\n"
        "for _ in range(2): subprocess.Popen([here + '/child'])\n"
        "time.sleep(600)"
    )
    with runner.start(two) as process:
        outcome = process.wait(Limits(HANG_SECONDS, memory_mb=150), runner.events.append)
    assert outcome.excess == "memory"
    assert outcome.peak_memory_mb > 150


def test_secrets_reach_neither_log_nor_events_however_they_are_cut(runner: Runner) -> None:
    secret = "s3cr3t/+key"
    body = (
        "os.write(1, b'before s3cr'); time.sleep(0.2); os.write(1, b'3t/+key after ')\n"
        "os.write(1, b'?key=s3cr3t%2F%2Bkey& end s3cr')\n"
        f"tell(event='result', reason='no {secret} here')"
    )
    with runner.start(body, secrets=(secret,)) as process:
        outcome = process.wait(Limits(HANG_SECONDS), runner.events.append)
    assert runner.log.read_text() == "before [secret] after ?key=[secret]& end s3cr"
    assert outcome.result is not None and outcome.result["reason"] == "no [secret] here"


def test_a_second_interrupt_takes_the_grace_time_away(runner: Runner) -> None:
    ready = runner.folder / "ready"
    body = f"{IGNORE_TERM}open({str(ready)!r}, 'w').close()\ntime.sleep(600)"
    stage = make_program(runner.folder / "stage", body)
    orchestrator = f"""
import os, sys
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from pathlib import Path
from shared.pipeline.run.command_line import run_command
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.watch import Limits
def environment(numbers):
    return {{**os.environ, **{{k: str(v) for k, v in numbers.items()}}}}
def main():
    log = StageLog(Path({str(runner.log)!r}), 1000)
    with StageProcess([{str(stage)!r}], environment, log, os.dup(0), 600.0) as process:
        print("started", process.pid, flush=True)
        process.wait(Limits(600.0), print)
sys.exit(run_command(main))
"""
    run = subprocess.Popen(
        [sys.executable, "-c", orchestrator],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    stage_pid = int(run.stdout.readline().split()[1])
    wait_until(ready.exists)
    run.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert run.poll() is None and lives(stage_pid), "it gives the stage its grace time"
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=HANG_SECONDS)
    assert run.returncode == 130 and told.startswith("error: Interrupted\n")
    assert "Traceback" not in told and not lives(stage_pid)
