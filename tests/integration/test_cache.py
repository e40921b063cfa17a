#!/usr/bin/env python3
"""
Cache: the same film prepared again through every stage: the plan says what the run then does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.stage_order import STAGE_ORDER, get_stage_dir
from tests.integration.conftest import FinishedJob, run_pipeline

pytestmark = pytest.mark.integration

COSTLY = ("demux", "pyannote_vad", "asr", "alignment", "lyrics_detection")
UNTOUCHED = {"keep", "skip"}


@pytest.fixture
def root(finished_job: FinishedJob, tmp_path: Path) -> Path:
    """An output folder whose cache holds what the finished job made."""
    root = tmp_path / "out"
    shared = next(p for p in finished_job.job_dir.parents if (p / ".cache").is_dir())
    shutil.copytree(shared / ".cache", root / ".cache")
    return root


def prepared(finished_job: FinishedJob, root: Path, *options: str) -> Path:
    """Prepare the film of the finished job again; return the new job."""
    done = subprocess.run(
        [
            *(str(PROJECT_ROOT / "prepare-job.sh"), "--media", str(finished_job.film.path)),
            *("--workflow", "subtitle", "-s", "auto", "--set", "ASR_MULTILINGUAL=true", *options),
        ],
        env=os.environ | {"CP_OUTPUT_ROOT": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def plan(job_dir: Path, root: Path, **settings: str) -> dict[str, str]:
    """Return what a run would do, by stage; nothing is touched by asking."""
    before = state_of(root)
    done = run_pipeline(
        *("subtitle", job_dir, "--dry-run", "--json"), cwd=root, output_root=root, **settings
    )
    assert done.returncode == 0, done.stderr
    assert state_of(root) == before
    return {
        step["stage"]: step["action"] for step in json.loads(done.stdout.splitlines()[0])["steps"]
    }


def run(job_dir: Path, root: Path, **settings: str) -> dict[str, str]:
    """Run a job; return what was done, by stage that got a new result."""
    done = run_pipeline("subtitle", job_dir, "--json", cwd=root, output_root=root, **settings)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ends = [event for event in events if event["event"] == "end"]
    return {e["stage"]: "cached" if e["reused_from"] else "run" for e in ends}


def state_of(folder: Path) -> set[tuple[str, int, int, int]]:
    """Return name, inode, links and time of everything below a folder."""
    found = [(path, path.lstat()) for path in (folder, *folder.rglob("*"))]
    return {(str(p), s.st_ino, s.st_nlink, s.st_mtime_ns) for p, s in found}


def assert_kept(foreseen: dict[str, str], done: dict[str, str], job_dir: Path) -> None:
    """Assert that a run did what its plan said, stage by stage.

    What reads the result of a stage that has run could not be known before: it is in the plan as
    to run, and may then have turned out the same.
    """
    for stage in STAGE_ORDER:
        if foreseen[stage] in UNTOUCHED:
            assert stage not in done, stage
        elif foreseen[stage] == "cached" or not reads_result_of_run(stage, foreseen, job_dir):
            assert done.get(stage) == foreseen[stage], stage


def reads_result_of_run(stage: str, foreseen: dict[str, str], job_dir: Path) -> bool:
    """Return whether a stage read, as its record says, what one that was to run wrote."""
    record = json.loads((job_dir / ".checkpoints" / f"{stage}.json").read_bytes())
    folders = {name.removeprefix("job:").partition("/")[0] for name in record["inputs"]}
    return any(foreseen[s] == "run" for s in STAGE_ORDER if get_stage_dir(s) in folders)


def test_a_film_prepared_for_other_languages_is_planned_as_it_is_then_done(
    finished_job: FinishedJob, root: Path
) -> None:
    second = prepared(finished_job, root)
    foreseen = plan(second, root)
    assert {foreseen[stage] for stage in COSTLY} == {"cached"}, foreseen
    assert {foreseen[stage] for stage in ("glossary_load", "mux")} == {"run"}, foreseen
    done = run(second, root)
    assert_kept(foreseen, done, second)
    assert set(plan(second, root).values()) <= UNTOUCHED
    # A parameter of the middle: what is before stays, what follows is what cannot be known.
    changed = {"ASR_BEAM_SIZE": "2"}
    foreseen = plan(second, root, **changed)
    assert foreseen["asr"] == foreseen["alignment"] == "run" and foreseen["demux"] == "keep"
    done = run(second, root, **changed)
    assert_kept(foreseen, done, second)
    # And back again: it is all there.
    foreseen = plan(second, root)
    assert {foreseen["asr"], *(done[s] for s in done if done[s] == "run")} <= {"cached", "run"}
    assert foreseen["asr"] == "cached"
    assert_kept(foreseen, run(second, root), second)


def test_the_plan_foresees_that_a_damaged_result_is_made_again(
    finished_job: FinishedJob, root: Path
) -> None:
    (result,) = (root / ".cache" / "results" / "alignment").glob("*.json")
    (output,) = json.loads(result.read_bytes())["outputs"].values()
    damaged = root / ".cache" / "objects" / output["sha256"][:2] / output["sha256"]
    damaged.chmod(0o644)
    damaged.write_bytes(b"[" + damaged.read_bytes()[1:])
    second = prepared(finished_job, root, "-t", "en")
    foreseen = plan(second, root)
    assert (foreseen["asr"], foreseen["alignment"]) == ("cached", "run")
    assert_kept(foreseen, run(second, root), second)
