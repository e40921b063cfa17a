#!/usr/bin/env python3
"""Tests of shared/core/machine/system_errors.py: real errors, each with cause and remedy."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.errors import EXIT_DEPENDENCY, EXIT_INVALID, EXIT_UNAVAILABLE
from shared.core.machine.system_errors import MEANINGS, unusable_machine
from shared.core.paths import PROJECT_ROOT

EXITS = {EXIT_INVALID, EXIT_UNAVAILABLE, EXIT_DEPENDENCY}


@pytest.mark.parametrize("number", sorted(MEANINGS))
def test_every_number_has_a_cause_that_names_the_path_and_a_hint(number: int) -> None:
    told = unusable_machine(OSError(number, os.strerror(number), "/somewhere/film.mkv"))
    assert told is not None and told.exit_code in EXITS
    assert told.cause.endswith("(/somewhere/film.mkv)") and told.hint
    assert "room" in told.hint or number not in {errno.ENOSPC, errno.EDQUOT}
    assert "room" not in told.hint or number in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def test_a_full_device_is_a_full_disk() -> None:
    with pytest.raises(OSError) as caught:
        Path("/dev/full").write_text("x")
    told = unusable_machine(caught.value)
    assert told is not None and "The disk is full" in told.cause and "Make room" in told.hint


def test_what_an_error_was_raised_from_counts() -> None:
    wrapped = ValueError("cannot save the model")
    wrapped.__cause__ = RuntimeError("in between")
    wrapped.__cause__.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    told = unusable_machine(wrapped)
    assert told is not None and told.cause == "The disk is full"


def test_too_many_open_files_is_no_matter_of_room() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        with pytest.raises(OSError) as caught:
            os.open("/dev/null", os.O_RDONLY)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    told = unusable_machine(caught.value)
    assert told is not None and "Too many files" in told.cause and "ulimit -n" in told.hint


def test_a_database_on_a_full_disk(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "index.db")
    connection.execute("create table one (text)")
    connection.execute("pragma max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("insert into one values (?)", ["x" * 100_000])
    told = unusable_machine(caught.value)
    assert told is not None and told.cause == "The disk is full"
    assert unusable_machine(sqlite3.OperationalError("no such table: one")) is None


def test_no_place_for_temporary_files_is_told_as_such() -> None:
    body = (
        "import sys, tempfile; sys.path.insert(0, sys.argv[1])\n"
        "from shared.pipeline.run.command_line import run_command\n"
        "tempfile._candidate_tempdir_list = lambda: ['/dev/full', '/proc/1']\n"
        "sys.exit(run_command(lambda: tempfile.mkdtemp()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", body, str(PROJECT_ROOT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == EXIT_UNAVAILABLE
    assert "No folder for temporary files" in done.stderr and "TMPDIR" in done.stderr
    assert "report it" not in done.stderr


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OSError("x"), TimeoutError()])
def test_a_fault_of_the_program_stays_one(error: Exception) -> None:
    assert unusable_machine(error) is None
