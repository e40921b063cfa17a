#!/usr/bin/env python3
"""Tests of adding an environment by the steps of standards 2.3, for real, in a copied checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.added_stage import (
    actions,
    add_stage,
    change,
    prepare,
    replace_all,
    stage_from_template,
)
from tests.support.commands import Finished, assert_refused, copy_checkout
from tests.support.jobs import make_film

pytestmark = pytest.mark.integration
ENV, STAGE = "your_new_env", "your_stage"
PACKAGE = "cp-tiny-scenes"
SECONDS = 400.0


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copied checkout with venv/common and uv; a folder of wheels holds the tiny package."""
    root = copy_checkout(tmp_path / "checkout")
    shutil.copy2(PROJECT_ROOT / "bootstrap.sh", root)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT_ROOT / "tools", root / "tools", ignore=ignored)
    shutil.copytree(PROJECT_ROOT / "venv" / ".uv", root / "venv" / ".uv", symlinks=True)
    monkeypatch.setenv("PYTHON", sys.executable)
    monkeypatch.setenv("UV_FIND_LINKS", str(make_wheel(tmp_path / "wheels")))
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    return root


def make_wheel(folder: Path) -> Path:
    """Write a wheel of the tiny package into a folder; return the folder."""
    folder.mkdir()
    name = PACKAGE.replace("-", "_")
    info = f"{name}-1.2.0.dist-info"
    files = {
        f"{name}/__init__.py": 'def scenes() -> str:\n    return "seven scenes"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.2.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1.2.0-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(path, text)
    return folder


def bootstrap(root: Path, *arguments: str) -> Finished:
    """Run bootstrap.sh of the copy."""
    return subprocess.run(
        [str(root / "bootstrap.sh"), *arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def list_in_bootstrap(root: Path) -> None:
    """Step 1: add the name to the array of bootstrap.sh."""
    path = root / "bootstrap.sh"
    text = path.read_text(encoding="utf-8")
    array = f'ENVIRONMENTS=(\n    "common"\n    "{ENV}"    # ADD HERE\n)\n'
    path.write_text(replace_all(text, {"ENVIRONMENTS=()\n": array}), encoding="utf-8")


def add_row(root: Path) -> None:
    """Step 3, its first half: add the row to ENVIRONMENTS."""
    head = "ENVIRONMENTS: dict[str, str] = {\n"
    change(root, "environment_manager.py", {head: f'{head}    "{ENV}": "venv/{ENV}",\n'})


def test_the_four_steps_make_an_environment_that_a_stage_runs_in(
    root: Path, tmp_path: Path
) -> None:
    list_in_bootstrap(root)
    requirements = root / "requirements" / f"requirements-{ENV}.txt"
    requirements.write_text(f"{PACKAGE}>=1.0.0\n# Pin exact versions\n", encoding="utf-8")
    add_row(root)
    work = "    from cp_tiny_scenes import scenes\n\n    output_file.write_text(scenes())\n"
    script = stage_from_template(STAGE, save=False).replace("    # ... save results ...\n", work)
    add_stage(root, STAGE, "tmdb", script, env=ENV)
    listed = bootstrap(root, "--check", "--quick", "--json")
    states = {env["name"]: env for env in json.loads(listed.stdout)["environments"]}
    assert states[ENV]["state"] == "missing" and states[ENV]["needed"], "a stage uses it"
    film = make_film(tmp_path / "film.mkv")
    job_dir = prepare(root, film)
    refused = subprocess.run(
        [str(root / "run-pipeline.sh"), "transcribe", str(job_dir), "--to", STAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert_refused(refused, 3, f"'{ENV}' is missing", f"./bootstrap.sh --env {ENV}")
    made = bootstrap(root, "--env", ENV)
    assert made.returncode == 0, made.stderr + (root / "venv" / ".bootstrap.log").read_text()
    assert f"{ENV}: locking" in made.stdout
    lock = (root / "requirements" / "locks" / f"{ENV}.txt").read_text(encoding="utf-8")
    assert f"{PACKAGE}==1.2.0" in lock and "pydantic==" in lock, "the core comes with it"
    proved = bootstrap(root, "--check", "--env", ENV)
    assert proved.returncode == 0 and f"✓ imported {PACKAGE}" in proved.stdout, proved.stdout
    assert bootstrap(root, "--env", ENV).stdout.startswith("Nothing to do")
    assert actions(root, job_dir, "--to", STAGE) == ["demux: done", f"{STAGE}: done"]
    assert (job_dir / f"02_{STAGE}" / "output.json").read_text() == "seven scenes"
    assert actions(root, job_dir, "--to", STAGE) == []


def test_each_step_that_is_left_out_is_named(root: Path) -> None:
    list_in_bootstrap(root)
    row = f'Add the row "{ENV}": "venv/{ENV}" to ENVIRONMENTS in shared/environment_manager.py'
    assert_bootstrap_says(bootstrap(root, "--env", ENV), f"bootstrap.sh lists '{ENV}'", row)
    add_row(root)
    wanted = f"requirements/requirements-{ENV}.txt"
    assert_bootstrap_says(bootstrap(root, "--env", ENV), "neither requirements nor a lock", wanted)


def test_requirements_without_a_row_name_the_row(root: Path) -> None:
    (root / "requirements" / f"requirements-{ENV}.txt").write_text(f"{PACKAGE}\n", encoding="utf-8")
    row = f'Add the row "{ENV}": "venv/{ENV}" to ENVIRONMENTS in shared/environment_manager.py'
    assert_bootstrap_says(bootstrap(root, "--env", ENV), f"no environment '{ENV}' yet", row)


def test_requirements_against_the_core_are_refused(root: Path) -> None:
    add_row(root)
    text = f"{PACKAGE}\npydantic<2\n"
    (root / "requirements" / f"requirements-{ENV}.txt").write_text(text, encoding="utf-8")
    said = bootstrap(root, "--env", ENV)
    assert said.returncode == 4 and "together with requirements-core.txt" in said.stderr
    assert not (root / "venv" / ENV).exists()


def test_a_stage_without_an_environment_names_the_table(root: Path, tmp_path: Path) -> None:
    add_stage(root, STAGE, "tmdb", stage_from_template(STAGE))
    change(root, "environment_manager.py", {f'    "{STAGE}": "common",\n': ""})
    job_dir = prepare(root, make_film(tmp_path / "film.mkv"))
    refused = subprocess.run(
        [str(root / "run-pipeline.sh"), "transcribe", str(job_dir), "--to", STAGE],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert_refused(refused, 2, f"The stage '{STAGE}' has no environment", f'"{STAGE}": "common"')


def assert_bootstrap_says(said: Finished, cause: str, hint: str) -> None:
    """Assert that bootstrap refused with one line of cause and one of hint, exit code 2."""
    assert said.returncode == 2, said.stderr
    told, how = said.stderr.splitlines()
    assert cause in told and hint in how, said.stderr
