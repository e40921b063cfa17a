#!/usr/bin/env python3
"""Tokens in addresses stand in no log, record, line on the terminal or list of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.checkout import copy_checkout
from tests.support.commands import run_script

TOKEN = "t0ken-that-nobody-sees"
ADDRESS = f"http://me:{TOKEN}@127.0.0.1:9/3?api_key={TOKEN}2"


def watched(command: list[str], environment: dict[str, str]) -> tuple[int, str, set[str]]:
    """Run a command; return its exit code, what it told, and every command line meanwhile."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seen: set[str] = set()
    root = psutil.Process(process.pid)
    while process.poll() is None:
        for one in [root, *_children(root)]:
            try:
                seen.add(" ".join(one.cmdline()))
            except psutil.Error:
                continue
        time.sleep(0.02)
    assert process.stdout is not None
    return process.returncode, process.stdout.read(), seen


def _children(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


def test_a_jobs_files_and_lines_hold_no_token_of_an_address(job_dir: Path) -> None:
    code, told, processes = watched(
        [str(PROJECT_ROOT / "run-pipeline.sh"), "transcribe", str(job_dir), "--to", "tmdb"],
        {
            "CP_TMDB_BASE_URL": ADDRESS,
            "TMDB_API_KEY": "a-key-that-nobody-sees",
            "CP_LOG_LEVEL": "DEBUG",
            "PIP_INDEX_URL": ADDRESS,
        },
    )
    assert code == 0, told
    texts = {"the terminal": told, "the list of processes": " ".join(processes)}
    for path in job_dir.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode("utf-8", "replace")
    record = texts[str(job_dir / ".checkpoints" / "tmdb.json")]
    assert "127.0.0.1:9" in record, "the address itself is recorded"
    assert not [place for place, text in texts.items() if TOKEN in text]
    again = run_script("run-pipeline", "transcribe", job_dir, "--to", "tmdb", "--dry-run")
    assert TOKEN not in again.stdout + again.stderr


def test_a_setting_with_a_token_goes_into_no_job(film: Path, output_root: Path) -> None:
    refused = run_script(
        *("prepare-job", "--media", film, "--workflow", "transcribe", "-s", "hi"),
        *("--set", f"TMDB_BASE_URL={ADDRESS}"),
    )
    assert refused.returncode == 2 and ".env.local" in refused.stderr
    assert TOKEN not in refused.stdout + refused.stderr
    assert not list(output_root.rglob("job.json"))


def test_set_up_tells_no_token_of_an_index(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "cp", Path(sys.executable).resolve())
    code, told, processes = watched(
        [str(checkout / "bootstrap.sh"), "--env", "llm", "--force"],
        {
            "PYTHON": sys.executable,
            "PIP_INDEX_URL": ADDRESS,
            "UV_DEFAULT_INDEX": ADDRESS,
            "UV_CACHE_DIR": str(tmp_path / "empty"),
            "UV_HTTP_RETRIES": "0",
        },
    )
    assert code == 4, told
    log = (checkout / "venv" / ".bootstrap.log").read_text()
    assert "could not be installed" in told and "127.0.0.1:9" in log
    assert TOKEN not in told + log + " ".join(processes)


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_the_locks_tell_no_index(name: str) -> None:
    for lock in (PROJECT_ROOT / "requirements" / "locks").glob("*.txt"):
        assert "://" not in lock.read_text(), f"{lock}: {name} would stand in it"
