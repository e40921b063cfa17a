#!/usr/bin/env python3
"""Tests of tools/generate_docs.py, on this checkout and on a copy."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import HALF_COMPILED

GENERATED = ("config/.env.pipeline", "docs/CONFIGURATION.md", "docs/API.md")


def generate(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool of a checkout."""
    command = [sys.executable, str(root / "tools" / "generate_docs.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the tool reads and writes, with every value as it is by default."""
    for folder in ("shared", "tools", "config", "docs"):
        ignored = shutil.ignore_patterns(HALF_COMPILED, "secrets.json")
        shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder, ignore=ignored)
    (tmp_path / "config" / ".env.pipeline").unlink()
    generate(tmp_path)
    return tmp_path


def test_what_is_generated_is_up_to_date() -> None:
    result = generate(PROJECT_ROOT, "--check")
    assert result.returncode == 0, result.stdout + result.stderr


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


def test_a_persons_order_comments_and_gaps_are_no_fault_and_comments_stay(checkout: Path) -> None:
    settings = checkout / "config" / ".env.pipeline"
    text = settings.read_text(encoding="utf-8")
    taken = [
        ("DEBUG=false\n", "# DEBUG=true shows more; asked for by Mira\nDEBUG=false\n"),
        ("# LOG_MAX_MB: Size in MiB at which the log of one stage stops growing\n", ""),
        ("#   Values: integer, >= 1, <= 10000\n", ""),
        ("#   Default: 50\n", ""),
        ("\nDEVICE=auto\n", "\n"),
        ("STAGE_RETRIES=2\n", ""),
        ("#   Note: A relative folder lies in the project\n", "# NOTE: on the big disk\n"),
    ]
    edited = text
    for old, new in taken:
        assert edited.count(old) == 1, old
        edited = edited.replace(old, new)
    edited = re.sub(r"#   Note: What a stage prints beyond.*\n", "", edited)
    edited = f"LLM_MODEL=mine\n{edited}".replace("\nLLM_MODEL=\n", "\n")
    edited += "\n# moved down\nDEVICE=cuda\n# the last word\n"
    settings.write_text(edited, encoding="utf-8")
    checked = generate(checkout, "--check")
    assert checked.returncode == 0, checked.stdout
    assert "defaults hold: STAGE_RETRIES\n" in checked.stdout
    assert re.search(r"without documentation there: .*\bLOG_MAX_MB\b", checked.stdout)
    assert generate(checkout).returncode == 0
    wanted = text.replace("LLM_MODEL=\n", "LLM_MODEL=mine\n").replace("DEVICE=auto", "DEVICE=cuda")
    wanted = wanted.replace("# DEBUG: ", "# DEBUG=true shows more; asked for by Mira\n# DEBUG: ", 1)
    wanted = wanted.replace("# OUTPUT_ROOT: ", "# NOTE: on the big disk\n# OUTPUT_ROOT: ")
    wanted = wanted.replace("# DEVICE: ", "# moved down\n# DEVICE: ") + "\n# the last word\n"
    assert settings.read_text(encoding="utf-8") == wanted
    assert generate(checkout, "--check").stdout == ""
    assert generate(checkout).stdout == "", "once is enough"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# DEBUG: Write", "# DEBUG: Writes"),
        ("# ---- Hardware ----", "# ---- Machines ----"),
        ("comments are made by", "comments are written by"),
        ("LOG_LEVEL=INFO\n", "LOG_LEVEL=INFO\nMY_OWN_KEY=3\n"),
        ("# DEBUG: ", "# OLD_KEY: What it was\n#   Values: text\n# DEBUG: "),
    ],
)
def test_what_stands_there_and_is_not_so_is_out_of_date(checkout: Path, old: str, new: str) -> None:
    settings = checkout / "config" / ".env.pipeline"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace(old, new), encoding="utf-8")
    checked = generate(checkout, "--check")
    assert checked.returncode == 1 and "out of date: config/.env.pipeline" in checked.stdout
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
