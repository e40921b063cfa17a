#!/usr/bin/env python3
"""
Tests of how runs stop: limits of a whole tree of processes, signals, stop tokens, dead parents.

Each program that is to be ended ends by itself after a while, so that a fault is a failure and not
a test that never ends.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from shared.core.errors import InterruptedRun, UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.events import Event
from shared.pipeline.job.lock import hold_job_lock
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.watch import SAMPLE_SECONDS, Limits
from tests.support.commands import HANG_SECONDS, copy_checkout, wait_until
from tests.support.hub import Hub, serve
from tests.support.programs import make_program
from tests.support.stage_runner import Runner, lives

LONG = 240  # seconds after which what should have been ended ends by itself
HERE = "here = os.path.dirname(os.environ['CP_STAGE_SCRATCH'])\n"
NOISY = f"""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell(event="pid", pid=os.getpid())
end = time.monotonic() + {LONG}
while time.monotonic() < end:
    print("still here", flush=True)
    tell(event="progress", done=time.monotonic(), total=1e9)
    time.sleep(0.05)
"""
# Starts the program 'child' through a process that ends at once: it is nobody's child then.
ORPHAN = (
    HERE
    + "descriptor = int(os.environ['CP_EVENTS_FD'])\n"
    + "if os.fork() == 0:\n"
    + "    subprocess.Popen([here + '/child'], pass_fds=(descriptor,), start_new_session={0})\n"
    + "    os._exit(0)\n"
    + "os.wait()\n"
)
COMMAND = f"""
import os, signal, sys, threading, time
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from pathlib import Path
from shared.logger import PipelineLogger
from shared.pipeline.run.command_line import run_command
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.watch import Limits

def environment(numbers):
    return {{**os.environ, **{{k: str(v) for k, v in numbers.items()}}}}

def stage(program, grace=1.0):
    log = StageLog(Path(program + ".log"), 1000)
    return StageProcess([program], environment, log, os.dup(0), grace)
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner in this test's folder."""
    return Runner(tmp_path)


def start(code: str, **options: object) -> subprocess.Popen[str]:
    """Start a program that has COMMAND before it."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND + code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return exit code, output and errors of a program that has ended by now, or soon will."""
    try:
        output, errors = process.communicate(timeout=LONG)
    finally:
        process.kill()
    return process.returncode, output, errors


@pytest.mark.parametrize("session", [False, True])
def test_what_a_stage_leaves_behind_is_not_waited_for_however_it_talks(
    runner: Runner, session: bool
) -> None:
    make_program(runner.folder / "child", NOISY)
    started = time.monotonic()
    outcome = runner.run(ORPHAN.format(session) + "time.sleep(1)\nprint('end')\nsys.exit(7)")
    assert (outcome.exit_code, outcome.excess) == (7, "")
    assert time.monotonic() - started < LONG / 2
    assert "end" in runner.log.read_text()
    wait_until(lambda: not any(map(lives, runner.told_pids())))


def test_the_memory_of_a_process_that_left_its_session_counts(runner: Runner) -> None:
    make_program(runner.folder / "child", f"x = bytearray(200 << 20)\ntime.sleep({LONG})")
    outcome = runner.run(ORPHAN.format(True) + f"time.sleep({LONG})", memory_mb=150)
    assert outcome.excess == "memory" and outcome.peak_memory_mb > 150


def test_a_process_that_left_its_session_works_for_its_stage(runner: Runner) -> None:
    work = "end = time.monotonic() + 6\nwhile time.monotonic() < end: sum(range(1000))\n"
    make_program(runner.folder / "child", work + f"open({str(runner.folder / 'ready')!r}, 'w')")
    wait = "while not os.path.exists(here + '/ready'): time.sleep(0.05)"
    outcome = runner.run(ORPHAN.format(True) + wait, stall_seconds=4.0)
    assert (outcome.exit_code, outcome.excess) == (0, "")


def test_a_process_that_drops_its_mark_is_ended_once_it_was_seen(runner: Runner) -> None:
    """It has no parent, no group and no variable in common with its stage any more."""
    seen = runner.folder / "seen"
    bare = (
        "import os, sys, time\n"
        'os.write(int(sys.argv[1]), b\'{"event": "bare"}\\n\')\n'
        f"time.sleep({LONG})"
    )
    make_program(
        runner.folder / "child",
        'tell(event="pid", pid=os.getpid())\n'
        f"while not os.path.exists({str(seen)!r}):\n"
        "    tell(event='step')\n"
        "    time.sleep(0.1)\n"
        f"command = [sys.executable, '-c', {bare!r}, os.environ['CP_EVENTS_FD']]\n"
        "os.execve(sys.executable, command, {})",
    )
    heard: list[float] = []

    def listen(event: Event) -> None:
        runner.events.append(event)
        if event["event"] == "bare":
            raise KeyboardInterrupt
        heard.append(time.monotonic())
        # Between two events so far apart the stage's processes have been looked at.
        if heard[-1] - heard[0] > 2 * SAMPLE_SECONDS:
            seen.touch()

    with pytest.raises(KeyboardInterrupt):
        with runner.start(ORPHAN.format(True) + f"time.sleep({LONG})") as process:
            process.wait(Limits(LONG), listen)
    (child,) = runner.told_pids()
    wait_until(lambda: not lives(child))


# Starts a process that nothing tells of: no mark, no session, no parent, within milliseconds.
ESCAPE = (
    HERE
    + "def escape():\n"
    + "    alive, mine = os.pipe()\n"  # closed when the other program has begun
    + "    if os.fork() == 0:\n"
    + "        if os.fork() == 0:\n"
    + "            os.setsid()\n"
    + f"            code = 'import os, time; x = bytearray({{}} << 20); time.sleep({LONG})'\n"
    + "            tell(event='pid', pid=os.getpid())\n"
    + "            os.execve(sys.executable, [sys.executable, '-c', code], {{}})\n"
    + "        os._exit(0)\n"
    + "    os.close(mine)\n"
    + "    os.wait()\n"
    + "    os.read(alive, 1)\n"
)
ADOPTING = (
    "from shared.pipeline.stage.orphans import adopt_orphans\nassert adopt_orphans()\n"
    if sys.platform == "linux"
    else ""
)


def test_a_process_that_its_session_alone_tells_of_is_ended_where_nobody_adopts(
    runner: Runner,
) -> None:
    runner.run(ESCAPE.format(1).replace("os.setsid()", "os.setpgid(0, 0)") + "escape()")
    (child,) = runner.told_pids()
    wait_until(lambda: not lives(child))
    assert not lives(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_a_process_that_nothing_tells_of_is_its_stages_all_the_same(runner: Runner) -> None:
    body = ADOPTING + ESCAPE.format(200) + f"escape()\ntime.sleep({LONG})"
    outcome = runner.run(body, memory_mb=150, uses_project=True)
    assert outcome.excess == "memory" and outcome.peak_memory_mb > 150
    (child,) = runner.told_pids()
    wait_until(lambda: not lives(child))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "sys.exit(3)"])
def test_what_a_stage_leaves_in_its_last_moment_is_ended_by_the_command(
    tmp_path: Path, end: str
) -> None:
    body = ADOPTING + ESCAPE.format(1) + f"for _ in range(3): escape()\n{end}"
    program = make_program(tmp_path / "program", body, uses_project=True)
    code = f"""
from shared.pipeline.stage.orphans import adopt_what_stages_leave
def main():
    adopt_what_stages_leave()
    beside = subprocess.Popen(["sleep", "{LONG}"])
    os.environ["CP_STAGE_SCRATCH"] = {str(tmp_path / "scratch")!r}
    with stage({str(program)!r}) as process:
        process.wait(Limits({LONG}), lambda event: print(event["pid"], flush=True))
    assert beside.poll() is None, "another child of the command"
    beside.kill()
    beside.wait()
    assert not psutil.Process().children(), "a zombie is left"
    return 0
sys.exit(run_command(main))
"""
    code_, output, errors = ended(start("import psutil, subprocess\n" + code))
    assert code_ == 0, errors
    children = list(map(int, output.split()))
    assert len(children) == 3 and not any(map(lives, children))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_what_a_shell_started_before_it_gave_way_to_a_command_is_let_be(tmp_path: Path) -> None:
    program = make_program(tmp_path / "program", "sys.exit(0)")
    code = f"""
from shared.pipeline.stage.orphans import adopt_what_stages_leave
def main():
    adopt_what_stages_leave()
    left = Path({str(tmp_path / "pid")!r})
    while not (left.exists() and left.read_text().endswith("\\n")):
        time.sleep(0.01)
    time.sleep(0.5)  # the other's child has lost its parent by now
    with stage({str(program)!r}) as process:
        process.wait(Limits({LONG}), print)
    return 0
sys.exit(run_command(main))
"""
    (tmp_path / "code.py").write_text(COMMAND + code)
    left = tmp_path / "pid"
    script = (
        f"(sleep 0.2; setsid sleep {LONG} >&- 2>&- & echo $! > {left}) & "
        f"exec {sys.executable} {tmp_path}/code.py"
    )
    done = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pid = int(left.read_text())
    assert lives(pid)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_a_process_that_nothing_tells_of_dies_with_the_orchestrator(tmp_path: Path) -> None:
    stage = make_program(
        tmp_path / "stage",
        ADOPTING + "from shared.pipeline.stage.start import end_others\n"
        "from shared.pipeline.job.lifeline import die_with_the_orchestrator\n"
        "from shared.config import LIFELINE_FD_VARIABLE, inherited_number\n"
        "die_with_the_orchestrator(inherited_number(LIFELINE_FD_VARIABLE), end_others)\n"
        + ESCAPE.format(1)
        + f"escape()\ntime.sleep({LONG})",
        uses_project=True,
    )
    code = f"""
os.environ["CP_STAGE_SCRATCH"] = {str(tmp_path / "scratch")!r}
with stage({str(stage)!r}) as process:
    process.wait(Limits({LONG}), lambda event: print(event["pid"], flush=True))
"""
    parent = start(code)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_until(lambda: not lives(child))


def test_a_stage_that_a_thread_runs_is_stopped_by_its_token(runner: Runner) -> None:
    stop = Stop()
    body = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(runner.folder / 'up')!r}, 'w').close()\ntime.sleep({LONG})"
    )
    caught: list[BaseException] = []
    with runner.start(body, grace=LONG, stop=stop) as process:
        wait_until((runner.folder / "up").exists)  # the program ignores TERM by now

        def work() -> None:
            try:
                process.wait(Limits(LONG), runner.events.append)
            except BaseException as error:
                caught.append(error)
                process.end()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        stop.ask("Stopped at the desk")
        time.sleep(1.0)
        assert lives(process.pid), "it has its grace time"
        stop.ask()
        thread.join(HANG_SECONDS)
        assert not thread.is_alive() and not lives(process.pid)
    assert isinstance(caught[0], InterruptedRun) and not isinstance(caught[0], Exception)
    assert str(caught[0]) == "Stopped at the desk"


def test_a_signal_in_the_middle_of_a_log_line_is_not_lost() -> None:
    code = """
class Telling:
    def write(self, text):
        if "line" in text:
            os.kill(os.getpid(), signal.SIGTERM)
    def flush(self):
        pass
def main():
    PipelineLogger("x", stream=Telling()).info("line")
    print("went on")
    return 0
sys.exit(run_command(main))
"""
    code_, output, errors = ended(start(code))
    assert (code_, output) == (130, ""), errors
    assert errors.startswith("error: Stopped by SIGTERM\nhint: ")


def test_a_signal_that_python_swallows_stops_the_stage(tmp_path: Path) -> None:
    program = make_program(tmp_path / "program", f"time.sleep({LONG})")
    code = f"""
class Leaving:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
def main():
    with stage({str(program)!r}) as process:
        print(process.pid, flush=True)
        Leaving()
        process.wait(Limits({LONG}), print)
    print("went on")
    return 0
sys.exit(run_command(main))
"""
    code_, output, errors = ended(start(code))
    assert code_ == 130 and "went on" not in output, errors
    assert not lives(int(output))


def test_the_second_signal_ends_what_does_not_listen(tmp_path: Path) -> None:
    program = make_program(tmp_path / "program", f"time.sleep({LONG})")
    code = f"""
import hashlib
def main():
    with stage({str(program)!r}) as process:
        try:
            print(process.pid, flush=True)
            while True:
                hashlib.pbkdf2_hmac("sha1", b"x", b"y", 20_000_000)
        except BaseException:
            while True:
                hashlib.pbkdf2_hmac("sha1", b"x", b"y", 20_000_000)
sys.exit(run_command(main))
"""
    process = start(code)
    assert process.stdout is not None
    stage = int(process.stdout.readline())
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(2.0)  # two that wait together would be one
    code_, _, errors = ended(process)
    assert code_ == 130 and errors.startswith("error: Interrupted\nhint: "), errors
    if lives(stage):  # no StageIO in it, which ends a stage with its orchestrator
        os.kill(stage, signal.SIGKILL)


def test_an_interrupted_fetch_does_not_go_on_with_another_model(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    base = checkout / "models" / "whisper" / "base"
    base.mkdir(parents=True)
    for name in ("model.bin", "config.json", "vocabulary.txt", "tokenizer.json"):
        (base / name).write_text("{}")
    hub = Hub({"Systran/faster-whisper-tiny": {"model.bin": b"x" * 100_000, "config.json": b"{}"}})
    hub.file_faults = ["hang"]
    code = f"""
sys.path.insert(0, {str(checkout)!r})
from shared.models.pins import PINS
from shared.pipeline.plan import needed
from shared.pipeline.plan.needed import NeededModel, provide_models
from shared.pipeline.run.command_line import run_command
def main():
    needed.PREFLIGHT_PATIENCE = {HANG_SECONDS}  # the hub answers, be the machine as slow as it may
    PINS.pop(("whisper", "tiny"))
    provide_models([NeededModel("whisper", "tiny", "", gives_way_to="base")], lambda *a: None)
    print("went on")
    return 0
sys.exit(run_command(main))
"""
    with serve(hub) as address:
        process = subprocess.Popen(
            [sys.executable, "-c", "import os, sys" + code],
            env=os.environ | {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hub")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: any(one.startswith("GET") and "model.bin" in one for one in hub.asked))
        process.send_signal(signal.SIGINT)
        code_, output, errors = ended(process)
    assert (code_, output) == (130, ""), errors


def test_a_run_started_with_children_ignored_and_signals_blocked_works(tmp_path: Path) -> None:
    program = make_program(tmp_path / "program", "time.sleep(0.5)\nsys.exit(7)")
    slow = make_program(tmp_path / "slow", f"time.sleep({LONG})")
    code = f"""
def main():
    with stage({str(program)!r}) as process:
        print(process.wait(Limits({LONG}), print).exit_code, flush=True)
    with stage({str(slow)!r}) as process:
        print("up", flush=True)
        process.wait(Limits({LONG}), print)
sys.exit(run_command(main))
"""

    def misbehave() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})

    process = start(code, preexec_fn=misbehave)
    assert process.stdout is not None
    assert process.stdout.readline() == "7\n"
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == 130


def test_ignored_children_are_refused_where_they_cannot_be_waited_for(runner: Runner) -> None:
    former = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    caught: list[BaseException] = []

    def work() -> None:
        try:
            runner.run("sys.exit(3)")
        except UnavailableError as error:
            caught.append(error)

    try:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join()
        assert "SIGCHLD is ignored" in str(caught[0])
        assert runner.run("time.sleep(0.3)\nsys.exit(3)").exit_code == 3
    finally:
        signal.signal(signal.SIGCHLD, former)


def test_a_stage_that_somebody_else_waited_for_has_failed(runner: Runner) -> None:
    with runner.start("sys.exit(0)") as process:
        os.waitpid(process.pid, 0)
        outcome = process.wait(Limits(LONG), runner.events.append)
    assert outcome.exit_code == 1 and b"something else in this program" in outcome.printed


def test_stages_die_and_the_job_is_free_although_the_orchestrator_forked(tmp_path: Path) -> None:
    stage = make_program(
        tmp_path / "stage",
        "from shared.pipeline.job.lifeline import die_with_the_orchestrator\n"
        "from shared.config import LIFELINE_FD_VARIABLE, inherited_number\n"
        "die_with_the_orchestrator(inherited_number(LIFELINE_FD_VARIABLE))\n"
        f"open({str(tmp_path / 'up')!r}, 'w').close()\n"
        f"time.sleep({LONG})",
        uses_project=True,
    )
    code = f"""
from shared.pipeline.job.lock import hold_job_lock
with hold_job_lock(Path({str(tmp_path)!r}), 0) as lock:
    log = StageLog(Path({str(tmp_path / "log")!r}), 1000)
    with StageProcess([{str(stage)!r}], environment, log, lock, 1.0) as process:
        while not os.path.exists({str(tmp_path / "up")!r}): time.sleep(0.01)
        child = os.fork()
        if child == 0:
            os.close(0); os.close(1); os.close(2)
            time.sleep({LONG}); os._exit(0)
        print(process.pid, child, flush=True)
        process.wait(Limits({LONG}), print)
"""
    parent = start(code)
    assert parent.stdout is not None
    stage_pid, child = map(int, parent.stdout.readline().split())
    parent.kill()
    parent.wait()
    try:
        wait_until(lambda: not lives(stage_pid))
        assert lives(child)
        with hold_job_lock(tmp_path, wait=HANG_SECONDS):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_forked_process_ends_no_stage_of_its_parent(runner: Runner) -> None:
    with runner.start(f"time.sleep({LONG})") as process:
        child = os.fork()
        if child == 0:
            try:
                process.end()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert lives(process.pid)


def test_what_left_the_group_of_a_stage_dies_with_the_orchestrator_too(tmp_path: Path) -> None:
    stage = make_program(
        tmp_path / "stage",
        "from shared.pipeline.stage.start import end_others\n"
        "from shared.pipeline.job.lifeline import die_with_the_orchestrator\n"
        "from shared.config import LIFELINE_FD_VARIABLE, inherited_number\n"
        "die_with_the_orchestrator(inherited_number(LIFELINE_FD_VARIABLE), end_others)\n"
        f"child = subprocess.Popen(['sleep', '{LONG}'], start_new_session=True)\n"
        f"open({str(tmp_path / 'up')!r}, 'w').write(f'{{child.pid}}\\n')\n"
        f"time.sleep({LONG})",
        uses_project=True,
    )
    code = f"""
os.environ["CP_STAGE_SCRATCH"] = {str(tmp_path / "scratch")!r}
with stage({str(stage)!r}) as process:
    process.wait(Limits({LONG}), print)
"""
    parent = start(code)
    up = tmp_path / "up"
    wait_until(lambda: up.exists() and up.read_text().endswith("\n"))
    child = int(up.read_text())
    assert lives(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not lives(child))


def test_two_hundred_failed_starts_leave_no_descriptor(runner: Runner) -> None:
    def no_environment(numbers: object) -> dict[str, str]:
        raise ValueError("no environment")

    def failed_starts() -> int:
        folder = Path("/proc/self/fd" if Path("/proc/self/fd").exists() else "/dev/fd")
        for number in range(200):
            make = (runner.environment, no_environment)[number % 2]
            with pytest.raises((FileNotFoundError, ValueError)):
                StageProcess(["./no such program"], make, StageLog(runner.log, 1), runner.lock, 1.0)
        return len(os.listdir(folder))

    first = failed_starts()
    assert failed_starts() == first
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = os.dup(runner.lock)
    os.close(highest)
    # One more descriptor each time, until a start gets as far as its program.
    for allowed in range(highest, highest + 14):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        try:
            with pytest.raises(OSError):
                StageProcess(
                    ["./no such program"],
                    runner.environment,
                    StageLog(runner.log, 1),
                    runner.lock,
                    1.0,
                )
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert failed_starts() == first


def test_a_full_disk_for_a_moment_costs_lines_of_the_log_and_not_the_stage(
    runner: Runner,
) -> None:
    body = (
        HERE + "for number in range(40):\n"
        "    print(f'line {number:02}', flush=True)\n"
        "    tell(event='step', number=number)\n"
        "    while not os.path.exists(here + f'/heard {number}'): time.sleep(0.01)\n"
        "sys.exit(7)"
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def disk(event: dict[str, object]) -> None:
        """Let files grow no further for a while, as a full disk does."""
        if event["number"] == 10:
            resource.setrlimit(resource.RLIMIT_FSIZE, (runner.log.stat().st_size + 3, hard))
        if event["number"] == 25:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        (runner.folder / f"heard {event['number']}").touch()

    try:
        with runner.start(body) as process:
            outcome = process.wait(Limits(LONG), disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (outcome.exit_code, outcome.excess) == (7, "")
    lines = runner.log.read_text().splitlines()
    assert lines[0] == "line 00" and lines[-1] == "line 39"
    assert any("bytes lost here: the disk took no more" in line for line in lines)
    assert sum(line.startswith("line ") for line in lines) < 40
