#!/usr/bin/env python3
"""Tests of .github/workflows: pinned actions, what is tested where, and commands that there are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import ENVIRONMENTS

FOLDER = PROJECT_ROOT / ".github" / "workflows"
FILES = {path.name: path for path in sorted(FOLDER.glob("*.yml"))}
# GitHub's own word `on` is a truth value in YAML 1.1.
WORKFLOWS = {name: yaml.safe_load(path.read_text("utf-8")) for name, path in FILES.items()}
PINNED = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40})  # v(\d+)\.\d+\.\d+$")
# The newest major version of each action when they were last looked at (November 2026).
MAJOR = {
    "actions/checkout": 7,
    "actions/setup-python": 7,
    "actions/cache": 6,
    "actions/upload-artifact": 7,
}
COMMAND = re.compile(r"(?:^|[\s|;&])((?:\./|tools/|tests/|venv/common/bin/|\.ci/)[\w./-]+)")


def steps(name: str) -> Iterator[dict[str, Any]]:
    """Yield the steps of a workflow."""
    for job in WORKFLOWS[name]["jobs"].values():
        yield from job["steps"]


def commands(name: str) -> str:
    """Return all that a workflow runs."""
    return "\n".join(step.get("run", "") for step in steps(name))


def test_there_are_those_that_the_standards_and_the_docs_need() -> None:
    assert set(FILES) == {"compliance-check.yml", "test.yml", "security.yml", "docs.yml"}


@pytest.mark.parametrize("name", FILES)
def test_every_action_is_pinned_and_current(name: str) -> None:
    lines = [line for line in FILES[name].read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        found = PINNED.search(line)
        assert found is not None, line
        assert int(found[3]) == MAJOR[found[1]]
    used = {
        line.split("uses: ")[1]
        for path in FILES.values()
        for line in path.open()
        if "uses:" in line
    }
    assert len({one.split("@")[0] for one in used}) == len(used), "one version of each"


@pytest.mark.parametrize("name", FILES)
def test_no_workflow_can_write_or_run_for_ever(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    for job in WORKFLOWS[name]["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 90 and "permissions" not in job
    for step in steps(name):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", FILES)
def test_every_command_is_there(name: str) -> None:
    for program in COMMAND.findall(commands(name)):
        made = re.match(r"venv/(\w+)/", program)  # by bootstrap, before
        is_there = made[1] in ENVIRONMENTS if made else (PROJECT_ROOT / program).exists()
        assert is_there, program
    assert "|| true" not in commands(name)


def test_tests_run_on_every_python_that_the_project_supports() -> None:
    (job,) = WORKFLOWS["test.yml"]["jobs"].values()
    matrix = job["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest"]
    assert matrix["python-version"] == ["3.11", "3.12", "3.13"]
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == f">={matrix['python-version'][0]}"
    locks = (PROJECT_ROOT / "tools" / "lock-requirements.sh").read_text("utf-8")
    last = int(matrix["python-version"][-1].split(".")[1])
    assert f"<3.{last + 1}" in locks
    assert ".ci/run" in commands("test.yml")


def test_the_audit_looks_at_every_lock_each_week() -> None:
    triggers = WORKFLOWS["security.yml"][True]
    assert triggers["schedule"] and triggers["pull_request"]["paths"] == ["requirements/**"]
    assert re.search(r"^tools/audit-dependencies\.sh$", commands("security.yml"), re.M)
