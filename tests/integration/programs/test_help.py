#!/usr/bin/env python3
"""Tests of --help: every command and tool shows it where no environment is, and makes none."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import COPIED_FOLDERS, Finished, run_command
from tests.support.jobs import files_below

SCRIPTS = ("run-pipeline.sh", "prepare-job.sh", "bootstrap.sh")
RUN = "./run-pipeline.sh"
COMMANDS = (
    *((f"./{name}",) for name in SCRIPTS),
    (RUN, "subtitle", "film.mkv"),
    (RUN, "jobs"),
    (RUN, "why"),
    (RUN, "report"),
    (RUN, "desk"),
    (RUN, "completion"),
    *(
        (RUN, verb)
        for verb in ("batch", "watch", "status", "pause", "resume", "stop", "cancel", "first")
    ),
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone: no environment, nothing made."""
    root = tmp_path_factory.mktemp("bare")
    ignored = shutil.ignore_patterns("__pycache__", "secrets.json")
    for folder in (*COPIED_FOLDERS, "tools", "tests/support"):
        shutil.copytree(PROJECT_ROOT / folder, root / folder, ignore=ignored)
    for name in (*SCRIPTS, "tests/run-tests.sh"):
        shutil.copy2(PROJECT_ROOT / name, root / name)
    return root


def tools(root: Path) -> list[Sequence[str]]:
    """Return how each tool is started."""
    python = [("python3", "-B", str(one)) for one in sorted(root.glob("tools/[a-z]*.py"))]
    return [*python, *((str(one),) for one in sorted(root.glob("t*/*.sh")))]


def made_of(root: Path) -> list[Path]:
    """Return all that lies there, but for what Python compiles."""
    return [path for path in files_below(root) if "__pycache__" not in path.parts]


def assert_is_help(done: Finished, examples: tuple[str, ...] = ("examples:",)) -> None:
    """Assert that something is the help of a command, with its examples and exit codes."""
    text = done.stdout.lower()
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "exit code" in text and any(word in text for word in examples), done


def test_help_needs_no_environment_and_makes_nothing(bare: Path) -> None:
    before = made_of(bare)
    commands = [*COMMANDS, *tools(bare)]
    assert len(commands) > 18
    with ThreadPoolExecutor(2) as threads:
        shown = list(threads.map(lambda one: run_command(*one, "--help", root=bare), commands))
    for done in shown:
        assert_is_help(done, ("examples:", "usage:\n"))
    assert made_of(bare) == before
    assert [done for done in shown if "--from STAGE" in done.stdout]


def test_wrong_usage_beside_help_is_told_without_an_environment(bare: Path) -> None:
    done = run_command(RUN, "subtitle", "--year", "soon", "--help", root=bare)
    assert done.returncode == 2 and done.stderr.startswith("error: ") and "hint: " in done.stderr


def test_help_shows_options_examples_and_codes_where_the_environment_is() -> None:
    names = ("cache", "doctor", "evaluate", "learn_terms", "lint_subtitles", "models")
    for name in names:
        done = run_command("python3", f"tools/{name}.py", "--help")
        assert_is_help(done)
        assert "options:" in done.stdout


@pytest.mark.parametrize(
    ("command", "verbs"),
    [
        ((RUN, "jobs"), ("list", "find", "show", "remove", "clean")),
        (("python3", "tools/cache.py"), ("list", "prune", "verify")),
        (("python3", "tools/models.py"), ("list", "fetch", "verify", "path")),
    ],
)
def test_each_verb_of_a_command_shows_its_own_examples(
    command: tuple[str, ...], verbs: tuple[str, ...]
) -> None:
    for verb in verbs:
        done = run_command(*command, verb, "-h")
        assert_is_help(done)
        examples = done.stdout.partition("examples:\n")[2].partition("\n\n")[0]
        assert all(f" {verb}" in line for line in examples.splitlines()) and verb in examples


@pytest.mark.parametrize("reader", ["true", "head -1 >/dev/null"])
def test_help_that_nobody_reads_is_no_traceback(reader: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{RUN} --help | {reader}"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        env=os.environ,
        check=False,
    )
    assert done.stderr == ""
