#!/usr/bin/env python3
"""Tests of tools/generate_docs.py, on this checkout and on a copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT

GENERATED = ("config/.env.pipeline", "docs/CONFIGURATION.md", "docs/API.md")


def generate(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool of a checkout."""
    command = [sys.executable, str(root / "tools" / "generate_docs.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the tool reads and writes."""
    for folder in ("shared", "tools", "config", "docs"):
        ignored = shutil.ignore_patterns("__pycache__", "secrets.json")
        shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def test_what_is_generated_is_up_to_date() -> None:
    result = generate(PROJECT_ROOT, "--check")
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def test_a_file_out_of_date_is_found_and_mended(checkout: Path) -> None:
    page = checkout / "docs" / "CONFIGURATION.md"
    wanted = page.read_text(encoding="utf-8")
    page.write_text(wanted.replace("Beams of the search", "Beams"))
    (checkout / "docs" / "API.md").unlink()
    stale = generate(checkout, "--check")
    assert stale.returncode == 1
    assert stale.stdout.splitlines() == [f"out of date: {name}" for name in GENERATED[1:]]
    assert generate(checkout).returncode == 0
    assert page.read_text(encoding="utf-8") == wanted
    assert (checkout / "docs" / "API.md").is_file()
