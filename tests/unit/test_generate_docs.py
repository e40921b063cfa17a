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
    """A copy of what the tool reads and writes, with every value as it is by default."""
    for folder in ("shared", "tools", "config", "docs"):
        ignored = shutil.ignore_patterns("__pycache__", "secrets.json")
        shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder, ignore=ignored)
    (tmp_path / "config" / ".env.pipeline").unlink()
    generate(tmp_path)
    return tmp_path


def test_what_is_generated_is_up_to_date() -> None:
    result = generate(PROJECT_ROOT, "--check")
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def test_values_are_the_users_and_stay_as_they_are_written(checkout: Path) -> None:
    settings = checkout / "config" / ".env.pipeline"
    text = settings.read_text(encoding="utf-8")
    for old, new in [
        ("DEBUG=false", "DEBUG=true"),
        ("LOG_LEVEL=INFO", "LOG_LEVEL=  'WARNING'   # quieter"),
        ("WHISPER_MODEL=auto", 'WHISPER_MODEL="small"'),
        ("SUBTITLE_PROFILE=netflix", "export SUBTITLE_PROFILE=bbc"),
        ("OUTPUT_ROOT=out", "OUTPUT_ROOT=/srv/पिक्चर"),
        ("CACHE_MAX_GB=20.0", "CACHE_MAX_GB=none at all"),
    ]:
        assert f"\n{old}\n" in text
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    settings.write_text(text, encoding="utf-8")
    assert generate(checkout, "--check").returncode == 0
    assert generate(checkout).returncode == 0
    assert settings.read_text(encoding="utf-8") == text
    settings.write_text(text.replace("#   Default: INFO", "#   Default: none"), encoding="utf-8")
    stale = generate(checkout, "--check")
    assert (stale.returncode, stale.stdout) == (1, "out of date: config/.env.pipeline\n")
    assert generate(checkout).returncode == 0
    assert settings.read_text(encoding="utf-8") == text


def test_a_new_parameter_comes_with_its_default_and_one_that_is_gone_is_told(
    checkout: Path,
) -> None:
    settings = checkout / "config" / ".env.pipeline"
    text = settings.read_text(encoding="utf-8")
    settings.write_text("DEBUG=true\nNO_SUCH_KEY=7\n", encoding="utf-8")
    made = generate(checkout)
    assert f"{settings}:2: no such parameter, left out: NO_SUCH_KEY=7" in made.stdout
    assert settings.read_text(encoding="utf-8") == text.replace("DEBUG=false", "DEBUG=true")
    settings.write_text("DEBUG\n")
    broken = generate(checkout)
    assert broken.returncode == 2 and ":1: not a KEY=VALUE line" in broken.stderr
    assert settings.read_text() == "DEBUG\n"


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
