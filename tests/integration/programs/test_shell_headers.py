#!/usr/bin/env python3
"""Tests of the shell scripts: the header of standards 13.3, strict mode, a help that shows it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import HANG_SECONDS

FOLDERS = (".", "tools", "tests")
SCRIPTS = [path for folder in FOLDERS for path in sorted((PROJECT_ROOT / folder).glob("*.sh"))]
PARTS = ("# Version: ", "# Date: ", "# Usage:", "# Options:", "# Examples:")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
class TestShellScripts:
    """Every shell script that a person starts."""

    def test_name_is_in_kebab_case(self, script: Path) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.sh", script.name)

    def test_header_has_every_part_in_order(self, script: Path) -> None:
        lines = script.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "#!/bin/bash"
        assert lines[2].startswith(f"# {script.name} - ")
        found = [next(i for i, line in enumerate(lines) if line.startswith(p)) for p in PARTS]
        assert found == sorted(found)

    def test_fails_on_errors_and_unset_variables(self, script: Path) -> None:
        code = [line for line in script.read_text().splitlines() if line and line[0] != "#"]
        assert code[0] == "set -euo pipefail"

    def test_help_is_shown_and_changes_nothing(self, script: Path) -> None:
        done = subprocess.run(
            [str(script), "--help"],
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        assert "usage" in done.stdout.lower() and "--help" in done.stdout


def test_shellcheck_finds_nothing_in_any_shell_file() -> None:
    scripts = [
        path for path in PROJECT_ROOT.rglob("*.sh") if not {"venv", "out", ".git"} & set(path.parts)
    ]
    scripts.append(PROJECT_ROOT / ".ci" / "run")
    assert set(SCRIPTS) < set(scripts)
    done = subprocess.run(
        [PROJECT_ROOT / "venv" / "common" / "bin" / "shellcheck", "-x", *scripts],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
