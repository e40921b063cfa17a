#!/usr/bin/env python3
"""One lock: set-up clears no environment that is in use, and nothing starts in a half-made one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.core.environment_lock import hold_alone, lock_of, share
from shared.core.errors import UnavailableError
from shared.core.paths import PROJECT_ROOT
from tests.support.checkout import copy_checkout
from tests.support.commands import HANG_SECONDS, wait_until

SLOW_STAGE = """
import sys, time
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from shared.stage_utils import StageIO
stage_io = StageIO("demux")
Path("{mark}").write_text(str(__import__("os").getpid()))
time.sleep(600)
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program whose environment `common` may be fought over."""
    return copy_checkout(tmp_path_factory.mktemp("locked") / "cp", Path(sys.executable).resolve())


@contextmanager
def stage_at_work(checkout: Path, job_dir: Path, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Run a job whose first stage takes long; yields the ids of the run and of the stage."""
    mark, script = tmp_path / "mark", checkout / "scripts" / "demux.py"
    original = script.read_text()
    script.write_text(SLOW_STAGE.format(mark=mark))
    run = subprocess.Popen(
        [str(checkout / "run-pipeline.sh"), "transcribe", str(job_dir), "--to", "demux"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: run.poll() is not None or (mark.exists() and mark.read_text()))
        assert run.poll() is None
        yield run.pid, int(mark.read_text())
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
        script.write_text(original)


def test_set_up_does_not_clear_what_a_stage_runs_in(
    checkout: Path, job_dir: Path, tmp_path: Path
) -> None:
    common = checkout / "venv" / "common"
    (common / "bin" / "kept").touch()
    with stage_at_work(checkout, job_dir, tmp_path):
        told = subprocess.run(
            [str(checkout / "bootstrap.sh"), "--env", "common", "--force"],
            env={**os.environ, "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 3, told.stderr
    assert "The environment 'common' is being used" in told.stderr
    assert (common / "bin" / "kept").exists() and (common / "bin" / "python").exists()


def test_the_lock_is_free_when_the_run_is_killed_with_its_stage(
    checkout: Path, job_dir: Path, tmp_path: Path
) -> None:
    common = checkout / "venv" / "common"
    with stage_at_work(checkout, job_dir, tmp_path) as (run, _):
        with pytest.raises(UnavailableError, match="is being used"), hold_alone(common, 0.2):
            pytest.fail("two hold it")
        os.kill(run, signal.SIGKILL)
        with hold_alone(common, HANG_SECONDS):
            pass


def test_nothing_starts_in_an_environment_that_is_being_set_up(
    checkout: Path, job_dir: Path
) -> None:
    with hold_alone(checkout / "venv" / "common", 1.0):
        told = subprocess.run(
            [str(checkout / "run-pipeline.sh"), "transcribe", str(job_dir), "--dry-run"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 3, told.stderr
    assert "The environment 'common' is being set up by another process" in told.stderr
    again = subprocess.run(
        [str(checkout / "run-pipeline.sh"), "transcribe", str(job_dir), "--dry-run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr


def test_many_share_one_environment(tmp_path: Path) -> None:
    folder = tmp_path / "demucs"
    held = [share(folder, 0.0), share(folder, 0.0)]
    for descriptor in held:
        with pytest.raises(UnavailableError), hold_alone(folder, 0.1):
            pytest.fail("it is in use")
        assert descriptor is not None
        os.close(descriptor)
    with hold_alone(folder, 0.1), pytest.raises(UnavailableError):
        share(folder, 0.1)


def test_a_link_in_the_locks_place_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    lock_of(tmp_path / "llm").symlink_to(precious)
    with pytest.raises(OSError), hold_alone(tmp_path / "llm", 0.1):
        pytest.fail("followed")
    assert not precious.exists()


def test_a_python_from_elsewhere_locks_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from shared.core.environment_lock import share_own; share_own(Path(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", code, str(PROJECT_ROOT), str(tmp_path)], check=True)
    assert not list(tmp_path.iterdir())
