#!/usr/bin/env python3
"""Many people on one machine: real second users share an output folder and lock nobody out."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.cache.contents import LOCK_SECONDS
from tests.support.checkout import copy_checkout
from tests.support.commands import HANG_SECONDS

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed"),
]
# Numbers that no passwd file of a usual machine knows.
FIRST, SECOND, THIRD = 61001, 61002, 61003
STRICT = 0o077


def as_user(
    user: int,
    *command: str | Path,
    umask: int = 0o022,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run a command as another user, with little in the environment."""
    return subprocess.run(
        ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *map(str, command)],
        env={"PATH": os.environ["PATH"], **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=umask,
        timeout=2 * HANG_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A checkout of root's that every user may enter, with an environment that they can start.

    The environment of the tests may use a Python that lies in a home folder.
    """
    program = f"python3.{sys.version_info.minor}"
    found = [Path(folder) / program for folder in ("/usr/local/bin", "/usr/bin")]
    python = next((path for path in found if path.exists()), None)
    if python is None or as_user(FIRST, "ls", PROJECT_ROOT / "venv/common/lib").returncode:
        pytest.skip(f"no {program} or no checkout that other users may enter")
    root = Path(tempfile.mkdtemp()).resolve()  # pytest's own folders are closed to others
    root.chmod(0o755)
    yield copy_checkout(root / "cp", python)
    shutil.rmtree(root)


@pytest.fixture
def shared(checkout: Path, film: Path) -> Iterator[Path]:
    """The checkout with an output folder for everybody and a film that every user may read."""
    shutil.copyfile(film, checkout / "Film (2020).mkv")
    (checkout / "Film (2020).mkv").chmod(0o644)
    (checkout / "out").mkdir()
    (checkout / "out").chmod(0o1777)
    yield checkout
    shutil.rmtree(checkout / "out")


def prepare(
    user: int, shared: Path, *options: str, umask: int = 0o022, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Prepare a job of a user in the common output folder."""
    return as_user(
        user,
        shared / "prepare-job.sh",
        *("--media", shared / "Film (2020).mkv", "--workflow", "transcribe", "-s", "hi"),
        *options,
        umask=umask,
        settings={"CP_OUTPUT_ROOT": str(shared / "out"), **environment},
    )


def mode(path: Path) -> int:
    """Return the rights of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_whoever_comes_first_in_a_day_locks_nobody_out(shared: Path) -> None:
    jobs = []
    for user in (FIRST, SECOND, THIRD):
        made = prepare(user, shared, "--user", f"u{user}", umask=STRICT)
        assert made.returncode == 0, made.stderr
        jobs.append(Path(made.stdout.strip().splitlines()[-1]))
    assert [job.stat().st_uid for job in jobs] == [FIRST, SECOND, THIRD]
    assert {mode(job) for job in jobs} == {0o700}
    day = jobs[0].parents[1]
    assert {mode(day), mode(day.parent), mode(jobs[0].parent)} == {0o1777}
    seen = as_user(SECOND, "cat", jobs[0] / "job.json")
    assert seen.returncode != 0, "a job is open to another user"


def test_two_people_under_one_name_get_two_numbers(shared: Path) -> None:
    made = [prepare(user, shared, "--user", "us") for user in (FIRST, SECOND, FIRST)]
    assert [one.returncode for one in made] == [0, 0, 0], made[1].stderr
    assert [one.stdout.strip().rpartition("/")[2] for one in made] == ["1", "2", "3"]


def test_many_users_at_once_make_a_new_day(shared: Path) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from shared.pipeline.prepare.shared_folders import make_shared_folder as make;"
        "make(Path(sys.argv[2]), f'2026/11/30/{sys.argv[3]}')"
    )
    python = shared / "venv" / "common" / "bin" / "python"
    running = [
        subprocess.Popen(
            [
                *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
                *(str(python), "-c", code, str(shared), str(shared / "out"), f"u{user}"),
            ],
            env={"PATH": os.environ["PATH"]},
            umask=STRICT,
            stderr=subprocess.PIPE,
        )
        for user in range(FIRST, FIRST + 8)
    ]
    assert [(one.communicate()[1], one.returncode) for one in running] == [(b"", 0)] * 8
    day = shared / "out" / "2026" / "11" / "30"
    assert sorted(os.listdir(day)) == [f"u{user}" for user in range(FIRST, FIRST + 8)]


@pytest.mark.parametrize("readers, rights", [("group", 0o750), ("everyone", 0o755)])
def test_a_job_is_shared_where_that_is_asked_for(shared: Path, readers: str, rights: int) -> None:
    made = prepare(FIRST, shared, "--user", "me", umask=STRICT, CP_JOB_READERS=readers)
    assert made.returncode == 0, made.stderr
    assert mode(Path(made.stdout.strip().splitlines()[-1])) == rights


def test_a_folder_that_is_not_shared_is_told_with_who_can_change_that(shared: Path) -> None:
    (shared / "out").chmod(0o755)
    made = prepare(FIRST, shared, "--user", "me")
    assert made.returncode == 3
    assert f"Cannot write to {shared}/out: it belongs to root" in made.stderr
    assert f"chmod 1777 '{shared}/out'" in made.stderr


def test_another_users_link_is_not_followed(shared: Path) -> None:
    year = time.strftime("%Y")
    target = shared / "elsewhere"
    target.mkdir()
    target.chmod(0o777)
    assert as_user(SECOND, "ln", "-s", target, shared / "out" / year).returncode == 0
    made = prepare(FIRST, shared, "--user", "me")
    assert made.returncode == 3 and "a link that another user made" in made.stderr
    assert not os.listdir(target)


def test_each_user_has_a_cache_of_their_own(shared: Path) -> None:
    for user in (FIRST, SECOND):
        made = prepare(user, shared, "--user", f"u{user}")
        job = Path(made.stdout.strip().splitlines()[-1])
        ran = as_user(
            user,
            *(shared / "run-pipeline.sh", "transcribe", job, "--to", "demux"),
            settings={"CP_OUTPUT_ROOT": str(shared / "out")},
        )
        assert ran.returncode == 0, ran.stderr
        assert "not in the cache" not in ran.stderr, "the second user is kept from caching"
        assert mode(job / ".lock") == 0o600
    caches = sorted((shared / "out").glob(".cache*"))
    assert [(path.stat().st_uid, mode(path)) for path in caches] == [
        (FIRST, 0o700),
        (SECOND, 0o700),
    ]
    assert mode(caches[0] / ".lock") == 0o600


def test_runs_of_two_users_do_not_count_on_the_same_disk_space(shared: Path) -> None:
    """The first user's umask closes every file to others; space is held all the same."""
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from shared.pipeline.plan.space import reserve_space;"
        "root = Path(sys.argv[2]); job = root / sys.argv[3]; job.mkdir(0o700);"
        "held = reserve_space(job, root, int(sys.argv[4])); held.__enter__();"
        "print('holds', flush=True); sys.stdin.read()"
    )
    out = shared / "out"
    free = shutil.disk_usage(out).free
    command = [
        str(shared / "venv" / "common" / "bin" / "python"),
        "-c",
        code,
        str(shared),
        str(out),
    ]
    with subprocess.Popen(
        [*command, "first", str(int(free * 0.8))],
        user=FIRST,
        group=FIRST,
        umask=STRICT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as first:
        assert first.stdout is not None and first.stdout.readline() == b"holds\n"
        refused = as_user(SECOND, *command, "second", str(int(free * 0.5)))
        assert "Not enough disk space" in refused.stderr and "for another run" in refused.stderr
        with (out / ".reserved" / ".turn").open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            begun = time.monotonic()
            admitted = as_user(SECOND, *command, "third", "1")
        assert admitted.returncode == 0, admitted.stderr
        assert time.monotonic() - begun > 4.0, "the second user does not wait for its turn"
        first.communicate(b"")


def test_a_foreign_holder_of_the_caches_lock_costs_one_warning(shared: Path) -> None:
    """Whoever holds the lock for ever is waited for once in a run, not at every stage."""
    made = prepare(FIRST, shared, "--user", "me")
    job = Path(made.stdout.strip().splitlines()[-1])
    run = (shared / "run-pipeline.sh", "transcribe", job, "--to")
    settings = {"CP_OUTPUT_ROOT": str(shared / "out"), "CP_TMDB_ENABLED": "false"}
    first = as_user(FIRST, *run, "demux", settings=settings)
    assert first.returncode == 0, first.stderr
    with (shared / "out" / ".cache" / ".lock").open() as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        begun = time.monotonic()
        second = as_user(FIRST, *run, "glossary_load", settings=settings)
        took = time.monotonic() - begun
    begun = time.monotonic()
    forced = as_user(FIRST, *run, "glossary_load", "--force", "tmdb", settings=settings)
    usual = time.monotonic() - begun
    assert forced.returncode == 0, forced.stderr
    assert second.returncode == 0, second.stderr
    assert second.stderr.count("holds its lock") == 1
    assert took - usual < 3 * LOCK_SECONDS, f"{took:.0f} s: every stage waited"


def test_the_last_error_is_never_written_through_a_link(shared: Path) -> None:
    precious = shared / "precious"
    precious.write_text("mine")
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from shared.pipeline.run import command_line as one;"
        "one.ERROR_LOG = Path(sys.argv[2]);"
        "sys.exit(one.run_command(lambda: 1 // 0))"
    )
    log = shared / "out" / "last_error.log"
    assert as_user(SECOND, "ln", "-s", precious, log).returncode == 0
    python = shared / "venv" / "common" / "bin" / "python"
    told = as_user(0, python, "-c", code, shared, log)
    assert told.returncode == 1 and "ZeroDivisionError" in told.stderr
    assert precious.read_text() == "mine"
    written = Path(told.stderr.partition("The traceback is in ")[2].partition(";")[0])
    assert "ZeroDivisionError" in written.read_text() and not written.is_symlink()
    other = as_user(FIRST, python, "-c", code, shared, log)
    assert f"{log.parent}/last_error-{FIRST}.log" in other.stderr


def test_a_number_that_no_passwd_file_knows_works_without_a_home(shared: Path) -> None:
    """As a container runs with --user 61001: no name, no home folder, nothing to write to."""
    made = prepare(FIRST, shared)
    assert made.returncode == 0, made.stderr
    job = Path(made.stdout.strip().splitlines()[-1])
    assert job.parent.name == f"uid-{FIRST}"
    for environment in ({}, {"HOME": "/"}, {"HOME": str(shared / "no such folder")}):
        ran = as_user(
            FIRST,
            *(shared / "run-pipeline.sh", "transcribe", job, "--to", "glossary_load"),
            settings={
                "CP_OUTPUT_ROOT": str(shared / "out"),
                "CP_TMDB_ENABLED": "false",
                **environment,
            },
        )
        assert ran.returncode == 0, ran.stderr
    python = shared / "venv" / "common" / "bin" / "python"
    found = as_user(FIRST, python, shared / "tools" / "models.py", "list", "whisper")
    assert found.returncode == 0, found.stderr
    lost = as_user(
        FIRST,
        *(shared / "run-pipeline.sh", "transcribe", job, "--dry-run"),
        settings={"CP_CACHE_DIR": "~/cache"},
    )
    assert lost.returncode == 3 and "~ stands for no folder here" in lost.stderr


def test_two_users_count_into_one_file_of_metrics(shared: Path) -> None:
    folder = shared / "collector"
    folder.mkdir()
    folder.chmod(0o777)
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from shared.observability.metrics.instruments import Instruments;"
        "from shared.observability.metrics.textfile import add_to_textfile, textfile;"
        "one = Instruments(); one.speech_seconds.inc(2.0);"
        "add_to_textfile(textfile(sys.argv[2]), one.registry)"
    )
    python = shared / "venv" / "common" / "bin" / "python"
    for user in (FIRST, SECOND, FIRST):
        done = as_user(user, python, "-c", code, shared, folder)
        assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.prom")
    assert "\npipeline_speech_seconds_total 6.0\n" in file.read_text("utf-8")
    assert mode(file) == 0o644
