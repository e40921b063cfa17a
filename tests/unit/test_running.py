#!/usr/bin/env python3
"""Tests of shared/core/ran/running.py: what is recorded is what really ran."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT
from shared.core.ran.running import joined


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code that may be changed."""
    for folder in ("shared", "scripts"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT_ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def run_there(checkout: Path, code: str) -> dict[str, Any]:
    """Run code that prints JSON in a process of its own, with the copy's modules."""
    script = checkout / "scripts" / "probe.py"
    head = f"import sys; sys.path.insert(0, {str(checkout)!r})\nimport json, time\n"
    script.write_text(head + textwrap.dedent(code))
    command = [sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_the_code_is_what_can_shape_a_result(checkout: Path) -> None:
    code = run_there(
        checkout,
        """
        import shared.media.timecode, shared.pipeline.job.lock, shared.core.languages
        from shared.core.ran.running import running_code
        print(json.dumps(running_code()))
        """,
    )
    digest = sha256_of(PROJECT_ROOT / "shared" / "media" / "timecode.py")
    # Modules that compute or name: not the package that carries files, not the lock.
    assert code["shared/media/timecode.py"] == digest
    assert "shared/core/languages.py" in code and "shared/core/files.py" not in code
    assert not any(name.startswith("shared/pipeline") for name in code)


def test_what_is_put_in_the_place_of_code_that_runs_is_not_recorded(checkout: Path) -> None:
    files = [f"shared/media/{name}.py" for name in ("timecode", "title", "clip")]
    before = {name: sha256_of(checkout / name) for name in files}
    ran = run_there(
        checkout,
        f"""
        from pathlib import Path
        import shared.media.timecode            # before anybody watches
        from shared.core.ran.running import watch, what_ran
        watch(since=time.time())
        import shared.media.title
        for name in {files!r}:
            path = Path({str(checkout)!r}, name)
            path.write_text(path.read_text() + "PULLED = True\\n")
        import shared.media.clip                # as late imports do
        assert shared.media.clip.PULLED
        print(json.dumps(what_ran()))
        """,
    )["code"]
    timecode, title, clip = files
    assert (ran[timecode], ran[title]) == (before[timecode], before[title])
    assert ran[clip] == sha256_of(checkout / clip) != before[clip]


def test_code_that_changed_while_it_was_imported_is_not_known(checkout: Path) -> None:
    ran = run_there(
        checkout,
        """
        import os
        started = time.time() - 0.01
        import shared.media.timecode
        from pathlib import Path
        path = Path(shared.media.timecode.__file__)
        text, status = path.read_text(), path.stat()
        path.write_text(text + "PULLED = True\\n")
        os.utime(path, (status.st_atime, status.st_mtime))  # as rsync -a does
        from shared.core.ran.running import watch, what_ran
        watch(since=started)
        print(json.dumps(what_ran()))
        """,
    )["code"]
    assert ran["shared/media/timecode.py"] == "0" * 64


def test_programs_are_recorded_by_whoever_starts_them(checkout: Path) -> None:
    ran = run_there(
        checkout,
        """
        from shared.core.ran.running import watch, what_ran
        watch(since=time.time())
        from shared.media.processes import communicate
        communicate(["ffprobe", "-version"], timeout=120)
        print(json.dumps(what_ran()))
        """,
    )
    version = subprocess.run(["ffprobe", "-version"], capture_output=True, text=True).stdout
    (program,) = ran["programs"].items()
    assert program[0] == "ffprobe" and program[1]["version"].split()[0] in version
    assert Path(program[1]["path"]).stat().st_size == program[1]["size"]


def test_what_helpers_ran_is_the_stages_own() -> None:
    own = {"code": {"a.py": "1"}, "packages": {"common": {"x": "1"}}, "programs": {}}
    helper = {"code": {"b.py": "2"}, "packages": {"llm": {"x": "2"}, "common": {"y": "1"}}}
    assert joined([own, helper, {}]) == {
        "code": {"a.py": "1", "b.py": "2"},
        "packages": {"common": {"x": "1", "y": "1"}, "llm": {"x": "2"}},
        "programs": {},
    }
    assert own["packages"] == {"common": {"x": "1"}}


def test_code_that_changed_between_a_stage_and_its_helper_is_not_known() -> None:
    own, helper = {"code": {"a.py": "1", "b.py": "1"}}, {"code": {"a.py": "2", "b.py": "1"}}
    for parts in ([own, helper], [own, helper, helper], [helper, own, own]):
        assert joined(parts)["code"] == {"a.py": "0" * 64, "b.py": "1"}
