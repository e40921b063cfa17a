#!/usr/bin/env python3
"""Tests of tools/compliance/checklist: appendix B's list finds what is left out, and only that."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tools.compliance.checklist.functions import docstring_reasons, public_functions
from tools.compliance.checklist.table import STAGE_ITEMS, check_list
from tools.compliance.checklist.tests_found import FoundTests

GOOD = '''
def cut(text: str, length: int = 10) -> str:
    """Return the beginning of a text.

    Args:
        text: In any script.
        length: Characters, above 0.

    Raises:
        ValueError: The length is 0 or less.
    """
    if length <= 0:
        raise ValueError("length")
    return text[:length]
'''
STAGE = '''"""Asr: hear it

Example:
    ./run-pipeline.sh transcribe JOB_DIR
"""
import sys
from shared.config import load_config
from shared.stage_utils import StageIO


def main() -> int:
    """Run the stage; return its exit code."""
    stage_io = StageIO("asr")
    try:
        config = load_config()
        return stage_io.succeed(model=config.whisper_model)
    except Exception as error:
        return stage_io.fail(error)


if __name__ == "__main__":
    sys.exit(main())
'''
ENV = "# WHISPER_MODEL: Model\n#   Values: a name\n#   Default: auto\nWHISPER_MODEL=auto\n"
TESTS = """
def test_ok():
    assert run_stage("asr").exit_code == 0

def test_bad():
    assert run_stage("asr").exit_code == 2
"""
STAGES = {"asr": "asr.py"}


def told(code: str, known: frozenset[str] = frozenset()) -> list[str]:
    """Return what the docstrings of a module leave out."""
    functions = public_functions("x.py", ast.parse(code))
    return [reason.message for one in functions for reason in docstring_reasons(one, known)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("        text: In any script.\n", "", "cut does not describe text under Args"),
        ("In any script.", "The text.", "cut only repeats the name of text under Args"),
        ("In any script.", "", "cut only repeats the name of text under Args"),
        ("Return the beginning", "The beginning", "cut does not say what it returns"),
        ("    Args:\n", "    Arguments:\n", "cut has no Args: text, length"),
        (
            "    Raises:\n        ValueError: The length is 0 or less.\n",
            "",
            "cut does not say that it raises ValueError",
        ),
    ],
)
def test_each_gap_in_a_docstring_is_told_alone(old: str, new: str, message: str) -> None:
    assert told(GOOD) == []
    assert old in GOOD
    assert told(GOOD.replace(old, new)) == [message]


def test_what_is_private_inherited_or_told_elsewhere_is_left_alone() -> None:
    assert told(GOOD.replace("def cut", "def _cut")) == []
    method = "class B(A):\n    def go(self, x: int) -> None:\n        '''Go.'''\n"
    assert told(method) == ["B.go has no Args: x"]
    assert told(method, frozenset({"A.go"})) == []
    see = method.replace("Go.", "Go; see Backend.")
    assert told(see) and told(see, frozenset({"Backend"})) == []
    assert told("def f(x):\n    pass\n") == ["f has no docstring"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one stage that misses nothing."""
    files = {"scripts/asr.py": STAGE, "config/.env.pipeline": ENV, "tests/test_asr.py": TESTS}
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    return tmp_path


def missing(project: Path) -> dict[str, list[str]]:
    """Return item to messages of the one stage."""
    row = check_list(project, STAGES, ["asr"])[0]
    assert list(row.reasons) == list(STAGE_ITEMS)
    return {item: [r.message for r in found] for item, found in row.reasons.items() if found}


@pytest.mark.parametrize(
    ("name", "old", "new", "item"),
    [
        ("scripts/asr.py", "Example:", "Purpose:", "example"),
        ("scripts/asr.py", "-> int", "", "type_hints"),
        ("scripts/asr.py", '    """Run the stage; return its exit code."""\n', "", "function_docs"),
        ("scripts/asr.py", "config.whisper_model", "config.own_key", "configuration"),
        ("scripts/asr.py", "config.whisper_model", 'getattr(config, "own", 1)', "configuration"),
        ("scripts/asr.py", 'StageIO("asr")', 'StageIO("asr", 7)', "no_hardcoded_values"),
        ("scripts/asr.py", "return stage_io.fail(error)", "return 0", "exit_codes"),
        ("config/.env.pipeline", "#   Values: a name\n", "", "configuration"),
        ("tests/test_asr.py", "== 2", "== 0", "test_failure"),
        ("tests/test_asr.py", "== 0", "== 3", "test_success"),
    ],
)
def test_each_planted_gap_fails_its_item_only(
    project: Path, name: str, old: str, new: str, item: str
) -> None:
    assert missing(project) == {}
    path = project / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert list(missing(project)) == [item]


@pytest.mark.parametrize(
    "test", ["# run_stage('asr')", "def test_x():\n    '''asr'''\n    assert 1"]
)
def test_a_word_in_a_comment_is_no_test(project: Path, test: str) -> None:
    (project / "tests" / "test_asr.py").write_text(test)
    found = FoundTests.read(project, STAGES)
    assert (found.success["asr"], found.failure["asr"]) == (set(), set())


def test_files_that_cannot_be_read_are_told_without_a_traceback(project: Path) -> None:
    (project / "scripts" / "asr.py").write_bytes(b"def main(:\n\0")
    (project / "tests" / "test_asr.py").write_text("def (")
    (project / "config" / ".env.pipeline").write_bytes(b"\xff")
    assert list(missing(project)) == list(STAGE_ITEMS)


def test_this_project_misses_nothing_and_is_scored_apart(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    command = [sys.executable, "tools/check_compliance.py", "--min-checklist", "100"]
    done = subprocess.run(
        [*command, "--output", str(page)], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((PROJECT_ROOT / "compliance_result.json").read_text())
    assert (result["total"], type(result["score"])) == (72, int)
    assert result["checklist"]["passed"] == result["checklist"]["total"] == 12 * 9 + 6
    assert "Checklist: 114/114 (100%)" in done.stdout
    assert "Checklist (appendix B): 114/114 items, 100%" in page.read_text()
