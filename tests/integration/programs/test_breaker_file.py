#!/usr/bin/env python3
"""Tests of shared/services/breaker_file.py: shared, atomic, and never open for ever."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.paths import PROJECT_ROOT
from shared.services.breaker import ServiceBreaker, ServiceOpenError
from shared.services.breaker_file import LOCK_NAME, BreakerFile
from tests.support.commands import HANG_SECONDS

RECOVERY = 300.0
ASK = """
import sys, time
from pathlib import Path
from shared.services.breaker import ServiceBreaker, ServiceOpenError
from shared.services.breaker_file import BreakerFile
path, does, recovery = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
breaker = ServiceBreaker("TMDB", BreakerFile(path, recovery), 5, recovery, lambda e: True,
                         lambda e: isinstance(e, TimeoutError))
def request():
    print("asked", flush=True)
    if does == "fails": raise ConnectionError
    if does == "hangs": time.sleep(600)
    time.sleep(0.5)
try:
    breaker.call(request)
except ServiceOpenError: print("refused", flush=True)
except ConnectionError: pass
"""


def breaker(path: Path, failures: int = 5, recovery: float = RECOVERY) -> ServiceBreaker:
    """Return a breaker for which every error is a failure, a TimeoutError a hang."""
    state = BreakerFile(path, recovery)
    hang = lambda error: isinstance(error, TimeoutError)  # noqa: E731
    return ServiceBreaker("TMDB", state, failures, recovery, lambda error: True, hang)


def fail(error: type[Exception] = ConnectionError) -> str:
    """Be a request that fails."""
    raise error


def is_asked(path: Path, **wanted: float) -> bool:
    """Return whether a new process would ask the service."""
    try:
        return breaker(path, **wanted).call(lambda: "asked") == "asked"  # type: ignore[arg-type]
    except ServiceOpenError:
        return False


def write(path: Path, **fields: object) -> None:
    """Write a record by hand."""
    usual = {"state": "open", "failures": 5, "opened_at": time.time(), "probe": ""}
    path.write_text(json.dumps(usual | fields))


def start(path: Path, does: str, recovery: float = RECOVERY) -> subprocess.Popen[str]:
    """Start another process that asks."""
    return subprocess.Popen(
        [sys.executable, "-c", ASK, str(path), does, str(recovery)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state is kept; the folder is not there yet."""
    return tmp_path / "services" / "tmdb.json"


class TestShared:
    """Several processes."""

    def test_failures_of_different_processes_count_together(self, path: Path) -> None:
        said = [start(path, "fails").communicate()[0] for _ in range(6)]
        assert said == ["asked\n"] * 5 + ["refused\n"]

    def test_no_count_is_lost_between_writers(self, path: Path) -> None:
        states = [BreakerFile(path, RECOVERY) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda state: [state.increment_counter() for _ in range(20)], states))
        assert BreakerFile(path, RECOVERY).counter == 160
        assert {one.name for one in path.parent.iterdir()} == {path.name, LOCK_NAME}

    def test_half_open_lets_one_process_through(self, path: Path) -> None:
        with pytest.raises(TimeoutError):
            breaker(path).call(lambda: fail(TimeoutError))
        write(path, opened_at=time.time() - RECOVERY - 1)
        others = [start(path, "answers") for _ in range(6)]
        said = [other.communicate()[0] for other in others]
        first = said.count("asked\n")
        # Those that come after the first one's success, half a second later, ask as usual.
        assert first >= 1 and said.count("refused\n") == 6 - first
        assert json.loads(path.read_text())["state"] == "closed"

    def test_of_callers_at_the_same_moment_one_asks(self, path: Path) -> None:
        path.parent.mkdir()
        write(path, opened_at=time.time() - RECOVERY - 1)
        asked: list[int] = []
        refused = threading.Semaphore(0)

        def request() -> None:
            asked.append(1)
            for _ in range(15):  # it takes until all others have been told
                assert refused.acquire(timeout=HANG_SECONDS), "more than one ask"

        def ask(number: int) -> bool:
            try:
                breaker(path).call(request)
            except ServiceOpenError:
                refused.release()
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(ask, range(16))) == len(asked) == 1
        assert is_asked(path)

    def test_a_process_that_dies_while_it_asks_blocks_nobody_for_ever(self, path: Path) -> None:
        path.parent.mkdir()
        write(path, opened_at=time.time() - 9)
        dead = start(path, "hangs", recovery=3.0)
        assert dead.stdout is not None and dead.stdout.readline() == "asked\n"
        dead.kill()
        dead.wait()
        left = json.loads(path.read_text())
        assert left["state"] == "half-open" and time.time() - left["opened_at"] < RECOVERY
        assert not is_asked(path)
        path.write_text(json.dumps(left | {"opened_at": left["opened_at"] - RECOVERY - 1}))
        assert is_asked(path)

    def test_a_failing_attempt_opens_it_again(self, path: Path) -> None:
        path.parent.mkdir()
        write(path, failures=0, opened_at=time.time() - RECOVERY - 1)
        with pytest.raises(ConnectionError):
            breaker(path).call(fail)
        assert not is_asked(path)


class TestClock:
    """The time of day is not to be trusted."""

    @pytest.mark.parametrize("state", ["open", "half-open"])
    @pytest.mark.parametrize("ahead", [1.0, 3600.0, 1e9, 1e12, 1e300])
    def test_a_time_that_lies_ahead_is_over(self, path: Path, state: str, ahead: float) -> None:
        path.parent.mkdir()
        write(path, state=state, probe="somebody", opened_at=time.time() + ahead)
        assert is_asked(path)

    @pytest.mark.parametrize("moment", [0, -1.0, -1e300, 1.0])
    def test_a_clock_that_was_far_behind(self, path: Path, moment: float) -> None:
        path.parent.mkdir()
        write(path, opened_at=moment)
        assert is_asked(path)

    def test_within_the_time_nobody_asks(self, path: Path) -> None:
        path.parent.mkdir()
        write(path, opened_at=time.time() - RECOVERY / 2)
        assert not is_asked(path)


class TestDamage:
    """What cannot be read is no state, what cannot be written stays in the process."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"null",
            b"[]",
            b'"open"',
            b"\xff\xfe",
            b"[" * 4096,
            b"{" + b" " * 100_000,
            b'{"state": "open"}',
            b'{"state": "ajar", "failures": 1, "opened_at": 9e9, "probe": ""}',
            b'{"state": ["open"], "failures": 1, "opened_at": 1, "probe": ""}',
            b'{"state": "open", "failures": -1, "opened_at": 1, "probe": ""}',
            b'{"state": "open", "failures": true, "opened_at": 1, "probe": ""}',
            b'{"state": "open", "failures": 1, "opened_at": NaN, "probe": ""}',
            b'{"state": "open", "failures": 1, "opened_at": Infinity, "probe": ""}',
            b'{"state": "open", "failures": 1, "opened_at": "now", "probe": ""}',
            b'{"state": "open", "failures": 1, "opened_at": 1, "probe": 5}',
        ],
    )
    def test_a_damaged_file_means_ask_and_is_written_anew(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        assert is_asked(path)
        with pytest.raises(TimeoutError):
            breaker(path).call(lambda: fail(TimeoutError))
        assert not is_asked(path)

    @given(content=st.binary(max_size=200))
    def test_whatever_it_holds_nothing_is_raised(self, content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tmdb.json"
            path.write_bytes(content)
            assert is_asked(path)

    @pytest.mark.parametrize("kind", ["folder", "pipe", "link to a pipe", "link to nothing"])
    def test_what_is_no_file_is_not_waited_for(self, path: Path, kind: str) -> None:
        path.parent.mkdir()
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            if "pipe" in kind:
                os.mkfifo(path.with_name("pipe"))
            path.symlink_to("pipe")
        one = breaker(path)
        with pytest.raises(TimeoutError):
            one.call(lambda: fail(TimeoutError))
        with pytest.raises(ServiceOpenError):
            one.call(lambda: "asked")

    def test_a_place_that_cannot_be_written_still_guards_this_process(self, path: Path) -> None:
        path.parent.write_text("a file where the folder belongs")
        one = breaker(path, failures=2)
        for _ in range(2):
            with pytest.raises(ConnectionError):
                one.call(fail)
        with pytest.raises(ServiceOpenError):
            one.call(lambda: "asked")
        assert is_asked(path)

    def test_a_folder_that_leads_elsewhere_is_not_written_to(self, path: Path) -> None:
        elsewhere = path.parent.with_name("elsewhere")
        elsewhere.mkdir()
        path.parent.symlink_to(elsewhere)
        with pytest.raises(TimeoutError):
            breaker(path).call(lambda: fail(TimeoutError))
        assert list(elsewhere.iterdir()) == []

    def test_a_lock_that_is_never_released_holds_nobody_up(self, path: Path) -> None:
        path.parent.mkdir()
        with (path.parent / LOCK_NAME).open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            one = breaker(path)
            with pytest.raises(TimeoutError):
                one.call(lambda: fail(TimeoutError))
            with pytest.raises(ServiceOpenError):
                one.call(lambda: "asked")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize(("state", "asked"), [("open", False), ("closed", True)])
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_state_of_another_user_is_read_where_it_may_be_and_never_an_obstacle(
    state: str, asked: bool, mode: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tmdb.json"
        os.chmod(folder, 0o755)
        write(path, state=state)
        path.chmod(mode)
        (path.parent / LOCK_NAME).touch(mode=0o644)
        child = os.fork()
        if child == 0:
            os.seteuid(65534)
            code = 9
            try:
                expected = asked or mode == 0o600
                if is_asked(path) is expected:
                    one = breaker(Path(folder) / "other.json")
                    code = 1
                    try:
                        one.call(lambda: fail(TimeoutError))
                    except TimeoutError:
                        code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert json.loads(path.read_text())["state"] == state
