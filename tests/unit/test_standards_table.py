#!/usr/bin/env python3
"""Tests of docs/STANDARDS.md: every section has its row, and everything it names exists."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from shared.config import known_keys
from shared.core.paths import PROJECT_ROOT
from tests.support.commands import HANG_SECONDS

TABLE = PROJECT_ROOT / "docs" / "STANDARDS.md"
SECTIONS = {1: 2, 2: 4, 3: 5, 4: 3, 5: 5, 6: 5, 7: 6, 8: 4, 9: 2, 10: 3, 11: 2, 12: 3, 13: 3}
EXPECTED = [f"{major}.{minor}" for major, last in SECTIONS.items() for minor in range(1, last + 1)]
EXPECTED += ["14", "15.1", "15.2", "15.3", "A", "B", "B"]
PATH = re.compile(r"^(?:python3 )?(?:\./)?([\w./-]+?)(?:::(\w+))?(?: (--[\w-]+))?$")
WORDS = {"getattr", "warn"}
KEY = re.compile(r"^([A-Z][A-Z0-9_]+)(=\w+)?$")


def rows() -> list[list[str]]:
    """Return the cells of every row below the head."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[1:]]


def names() -> list[str]:
    """Return what stands in backticks in the second column, and the files in the third."""
    here = {name for row in rows() for name in re.findall(r"`([^`]+)`", row[1])}
    otherwise = {name for row in rows() for name in re.findall(r"`([\w-]+/[\w/.-]+\.\w+)`", row[2])}
    return sorted(here | otherwise)


def defined(path: Path) -> set[str]:
    """Return the names that a module defines at its top."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def trouble(name: str) -> str:
    """Return what is wrong with a reference, '' when what it names exists."""
    key = KEY.match(name)
    if key:
        return "" if key[1] in known_keys() else "no such key"
    match = PATH.match(name)
    if match is None or not ("/" in match[1] or "." in match[1]):
        return "" if name in WORDS else "no reference"
    path = PROJECT_ROOT / match[1]
    if not path.exists():
        return "no such file"
    if match[2] and match[2] not in defined(path):
        return f"defines no {match[2]}"
    if match[3]:
        command = [str(path), "--help"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS).stdout
        return "" if match[3] in told else f"has no option {match[3]}"
    return ""


def test_every_section_of_the_standards_has_a_row_in_order() -> None:
    assert [row[0].split()[0] for row in rows()] == EXPECTED
    assert all(len(row) == 3 and row[1].strip() for row in rows())


@pytest.mark.parametrize("name", names())
def test_what_a_row_names_exists(name: str) -> None:
    assert trouble(name) == ""


@pytest.mark.parametrize(
    "name",
    ["shared/gone.py", "shared/config.py::gone", "./run-pipeline.sh --gone", "GONE_KEY", "x"],
)
def test_a_dead_reference_is_found(name: str) -> None:
    assert trouble(name)


@pytest.mark.parametrize("page", ["LIBRARIES.md", "ARCHITECTURE.md"])
def test_modules_that_a_page_names_exist(page: str) -> None:
    """A module stands there by the end of its path: `whisper/attention.py`, `attention.py`."""
    named = set(
        re.findall(r"`(?:\./)?([\w./-]+\.(?:py|sh))", (TABLE.parent / page).read_text("utf-8"))
    )
    folders = [PROJECT_ROOT / name for name in ("scripts", "shared", "tests", "tools")]
    there = [f"/{path.name}" for path in PROJECT_ROOT.glob("*.sh")]
    there += [f"/{path}" for folder in folders for path in folder.rglob("*.[ps][yh]")]
    assert named, "the page names modules"
    assert not [one for one in named if not any(path.endswith(f"/{one}") for path in there)]
