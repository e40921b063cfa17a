#!/usr/bin/env python3
"""Tests of .pre-commit-config.yaml: it runs clean, fetches nothing, and finds what it is for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from shared.core.paths import PROJECT_ROOT

CONFIG = PROJECT_ROOT / ".pre-commit-config.yaml"
REPOSITORIES = yaml.safe_load(CONFIG.read_text("utf-8"))["repos"]
HOOKS = {hook["id"]: hook for repository in REPOSITORIES for hook in repository["hooks"]}
PROGRAM = PROJECT_ROOT / "venv" / "common" / "bin" / "pre-commit"
# What looks at the whole project, whatever changed: their own tests and .ci/run hold them.
WHOLE = "mypy,generated-docs,compliance-check"
# What .ci/run lets look at all files itself.
LOOKED_AT = "black,isort,flake8"
SPOILED = {
    "trailing-whitespace": ("a.md", "words  \n"),
    "end-of-file-fixer": ("b.md", "words"),
    "check-yaml": ("c.yml", "a: [\n"),
    "check-json": ("d.json", '{"a": }\n'),
    "check-toml": ("e.toml", "a = [\n"),
    "check-added-large-files": ("f.bin", "x" * 1_100_000),
    "check-merge-conflict": ("g.md", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"),
    "black": ("h.py", "x = {  'a':1 }\n"),
    "isort": ("i.py", "import sys\nimport os\n"),
    "flake8": ("j.py", "import os\n"),
    "shellcheck": ("k.sh", "#!/bin/bash\nrm $1\n"),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of git with this configuration and these tools, and nothing else in it."""
    for name in (".pre-commit-config.yaml", "pyproject.toml", ".flake8"):
        shutil.copy(PROJECT_ROOT / name, tmp_path)
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "common").symlink_to(PROJECT_ROOT / "venv" / "common")
    (tmp_path / ".git" / "info").mkdir(parents=True)
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".git" / "info" / "exclude").write_text("/venv\n")
    git(tmp_path, "add", ".")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def run_hooks(folder: Path, home: Path, *hooks: str) -> subprocess.CompletedProcess[str]:
    """Run hooks over all files of a repository, without a network."""
    closed = "http://127.0.0.1:9"
    skipped = WHOLE if hooks or folder != PROJECT_ROOT else f"{WHOLE},{LOOKED_AT}"
    variables = {"PRE_COMMIT_HOME": str(home), "SKIP": skipped}
    variables |= {"http_proxy": closed, "https_proxy": closed}
    return subprocess.run(
        [str(PROGRAM), "run", "--all-files", *hooks],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_hook_is_a_program_of_ours() -> None:
    assert {repository["repo"] for repository in REPOSITORIES} == {"local"}
    for hook in HOOKS.values():
        program = hook["entry"].split()[0]
        assert program == "python3" or (PROJECT_ROOT / program).is_file()
        assert hook["language"] == "unsupported"
    assert HOOKS.keys() - set(SPOILED) == set(WHOLE.split(","))


def test_this_checkout_is_clean(tmp_path: Path) -> None:
    if not (PROJECT_ROOT / ".git").exists():
        pytest.skip("there is no repository here")
    before = subprocess.run(["git", "diff"], cwd=PROJECT_ROOT, capture_output=True, check=True)
    done = run_hooks(PROJECT_ROOT, tmp_path)
    after = subprocess.run(["git", "diff"], cwd=PROJECT_ROOT, capture_output=True, check=True)
    assert done.returncode == 0, done.stdout
    assert before.stdout == after.stdout


def test_a_good_file_passes(checkout: Path, tmp_path: Path) -> None:
    (checkout / "good.py").write_text('"""A module."""\n')
    git(checkout, "add", ".")
    done = run_hooks(checkout, tmp_path / "home")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("hook", SPOILED)
def test_a_hook_finds_what_it_is_for(checkout: Path, tmp_path: Path, hook: str) -> None:
    name, text = SPOILED[hook]
    (checkout / name).write_text(text)
    git(checkout, "add", ".")
    done = run_hooks(checkout, tmp_path / "home", hook)
    assert done.returncode == 1, done.stdout
    assert f"- hook id: {hook}" in done.stdout
