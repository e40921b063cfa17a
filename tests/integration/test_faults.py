#!/usr/bin/env python3
"""
Faults: each row of the list of faults that a job must survive, by the test that shows it.

ROWS names the tests; those of a row that are not here stand beside the module that they are about.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.stage_order import get_stage_dir
from tests.support.commands import Finished, assert_refused
from tests.support.fault_harness import KINDS, Harness
from tests.support.fault_job import snapshot
from tests.support.jobs import make_film
from tests.support.web import film_database

pytestmark = pytest.mark.integration

HARNESS = "integration/test_faults.py::test_any_operation_may_fail"
KILLS = "integration/test_faults.py::test_killed_at_random_it_ends_like_an_undisturbed_run"
PROGRAMS = "integration/programs"
ROWS: dict[int, list[str]] = {
    1: [KILLS, "integration/test_resume.py::test_killed_again_and_again_it_ends_like"],
    2: [
        KILLS,
        HARNESS,
        f"{PROGRAMS}/test_attempt.py::test_leftovers_of_killed_attempts_are_discarded",
    ],
    3: ["unit/test_commit.py::test_a_commit_killed_at_any_step_is_finished_or_forgotten"],
    4: ["unit/test_lock.py::test_what_a_killed_run_left_keeps_the_lock_until_it_ends"],
    5: [f"{PROGRAMS}/test_demux.py::test_a_cut_off_film_is_refused_with_both_figures"],
    6: [f"{PROGRAMS}/test_run_pipeline.py::test_bad_input_is_refused_and_no_job_is_left"],
    7: [f"{PROGRAMS}/test_probe.py::test_the_suffix_says_nothing"],
    8: [f"{PROGRAMS}/test_prepare.py::test_a_film_without_sound_is_refused"],
    9: [
        "unit/test_choice.py::test_wanted_then_language_then_default",
        f"{PROGRAMS}/test_prepare.py::test_of_eight_sounds_the_choice_is_recorded_and_told",
    ],
    10: [f"{PROGRAMS}/test_demux.py::test_any_name_works_end_to_end"],
    11: [
        f"{PROGRAMS}/test_probe.py::test_any_name_is_a_file",
        "unit/test_ffmpeg.py::test_any_output",
    ],
    12: [
        "unit/test_ffmpeg.py::test_a_playlist_named_as_a_film_is_refused",
        "unit/test_ffmpeg.py::test_a_playlist_cannot_reach_another_file",
    ],
    13: [f"{PROGRAMS}/test_mux.py::test_subtitles_drawn_into_the_picture"],
    14: ["integration/test_faults.py::test_a_shell_loop_keeps_its_standard_input"],
    15: [f"{PROGRAMS}/test_run.py::test_a_second_run_is_refused_and_the_first_can_be_stopped"],
    16: ["unit/test_job.py::test_eight_processes_at_once_get_eight_jobs"],
    17: [
        f"{PROGRAMS}/test_preflight.py::test_too_little_disk_space_is_told_with_both_figures",
        "integration/test_faults.py::test_a_full_disk_in_the_middle",
    ],
    18: ["integration/test_faults.py::test_a_read_only_disk_is_told_before_any_work"],
    19: ["integration/test_faults.py::test_nothing_depends_on_the_clock"],
    20: [
        "unit/test_plan.py::test_whatever_a_stage_depends_on_makes_it_stale",
        f"{PROGRAMS}/test_run_pipeline.py::test_a_missing_environment_is_told_before_anything_runs",
    ],
    21: [
        f"{PROGRAMS}/test_process.py::test_a_stage_that_stands_still_is_ended",
        f"{PROGRAMS}/test_run.py::test_a_stage_that_is_killed_is_tried_again",
    ],
    22: [f"{PROGRAMS}/test_process.py::test_a_program_that_ignores_term_is_killed_after"],
    23: [f"{PROGRAMS}/test_process.py::test_a_child_in_its_own_session_is_ended"],
    24: [f"{PROGRAMS}/test_process.py::test_a_gigabyte_without_a_line_feed_is_read_and_dropped"],
    25: [
        f"{PROGRAMS}/test_attempt.py::test_a_failure_for_want_of_memory_names_the_next_rung",
        f"{PROGRAMS}/test_process.py::test_the_memory_of_all_processes_together_is_measured",
    ],
    26: [f"{PROGRAMS}/test_preflight.py::test_a_key_that_the_service_wants_is_named"],
    27: ["unit/test_tmdb_integration.py::test_nonsense_is_an_error_of_the_service"],
    28: [
        "unit/test_checkpoint.py::test_what_is_no_checkpoint_is_put_aside",
        "unit/test_commit.py::test_a_foreign_record_is_put_aside",
        "integration/test_faults.py::test_an_emptied_job_file_is_put_aside_and_made_again",
    ],
    29: ["unit/test_config.py::test_a_mistake_is_named_with_file_line_and_what_was_meant"],
    30: [
        "integration/test_faults.py::test_a_link_that_leaves_the_job_is_refused",
        "unit/test_places.py::test_a_place_that_is_a_link_is_refused_and_nothing_behind_it",
        f"{PROGRAMS}/test_cache.py::test_a_cache_that_lies_elsewhere_by_a_link_is_left_alone",
        f"{PROGRAMS}/test_cache.py::test_a_result_whose_record_points_elsewhere_removes_nothing",
        "unit/test_stage_utils.py::test_an_input_that_leaves_the_job_is_refused",
        "unit/test_stage_utils.py::test_an_output_that_leaves_the_stage_is_refused",
        "unit/test_fuzz.py::test_checkpoints",
        "unit/test_fuzz.py::test_jobs",
    ],
}
# Prime, so that over the kinds different operations fail; measure_faults.py fails each of them.
EVERY = {"open": 61, "write": 23, "rename": 13, "folder": 37, "fsync": 23, "spawn": 11}
SECRET = "s3cret/planted+here"


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Harness:
    """A copied checkout with a small prepared job, and what an undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("faults")
    return Harness(folder, make_film(folder / "Tiny.Film.2020.mkv"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of two MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("a disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def job_in(root: Path) -> Path:
    """Return the one job of an output folder."""
    return next(root.glob("*/*/*/me/1"))


@pytest.mark.parametrize("row", range(1, 31))
def test_each_row_has_a_test_that_is_there(row: int) -> None:
    for name in ROWS[row]:
        file, _, test = name.partition("::")
        text = (PROJECT_ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^ *def {test}", text, re.MULTILINE), name


@pytest.mark.parametrize("kind", KINDS)
def test_any_operation_may_fail(harness: Harness, kind: str) -> None:
    number, runs = 1, 0
    while harness.survives(kind, number):
        number += EVERY[kind]
        runs += 1
    assert runs >= 1, "nothing failed"
    assert harness.survives_preparing(kind, 1)


def test_killed_at_random_it_ends_like_an_undisturbed_run(harness: Harness) -> None:
    assert harness.survives_kills(6, seed=1) >= 1


def test_a_stage_that_is_not_wanted_any_more_may_meet_any_fault(harness: Harness) -> None:
    for kind in ("rename", "folder"):
        number = 1
        while harness.survives(kind, number, harness.skipped):
            number += EVERY[kind]
        assert number > 1, "nothing failed"
    assert harness.survives_kills(6, seed=2, work=harness.skipped) >= 1


def test_two_runs_two_prepares_and_an_edit_at_once(harness: Harness) -> None:
    for number in range(2):
        assert harness.after_crowd(number) == harness.reference


def test_a_shell_loop_keeps_its_standard_input(harness: Harness) -> None:
    root = harness.fresh("loop")
    listed = root / "list"
    listed.write_text(f"{job_in(root)}\n" * 2)
    loop = (
        'while read -r job; do ./run-pipeline.sh transcribe "$job" --to demux; echo done; '
        f"done < '{listed}'"
    )
    done = subprocess.run(
        ["bash", "-c", loop],
        cwd=harness.checkout,
        env=os.environ | {"CP_OUTPUT_ROOT": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("done\n") == 2, done.stderr


def test_a_full_disk_in_the_middle(harness: Harness, small_disk: Path, tmp_path: Path) -> None:
    root = small_disk / "out"
    shutil.copytree(harness.base, root)
    job_dir = job_in(root)
    filler = small_disk / "filler"
    run_there = {"CACHE_DIR": str(tmp_path / "cache")}
    refused = harness.run(root, **run_there)
    assert_refused(refused, 3, "Not enough disk space: 64 MiB (", "Free space on the disk")
    # Make it look large enough for the start; it fills up while demux writes.
    code = harness.checkout / "shared" / "pipeline" / "plan" / "preflight.py"
    real = code.read_text(encoding="utf-8")
    code.write_text(real.replace("FREE_RESERVE = 64 * MIB", "FREE_RESERVE = 0"), encoding="utf-8")
    try:
        with filler.open("wb") as stream:
            free = shutil.disk_usage(small_disk).free
            stream.write(b"x" * (free - 49_152))
        full = harness.run(root, **run_there)
        assert_refused(full, 3, "The disk is full", "run the same command again")
        assert not (job_dir / get_stage_dir("demux")).exists()
        filler.unlink()
        assert harness.run(root, **run_there).returncode == 0
    finally:
        code.write_text(real, encoding="utf-8")
    assert snapshot(job_dir) == harness.reference


def test_a_read_only_disk_is_told_before_any_work(harness: Harness, small_disk: Path) -> None:
    root = small_disk / "out"
    shutil.copytree(harness.base, root)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = sorted(root.rglob("*"))
    assert_refused(harness.run(root), 3, "Cannot write to ", "Make it writable")
    assert_refused(harness.prepare(root), 3, "Read-only file system", "writable")
    assert sorted(root.rglob("*")) == before


def test_nothing_depends_on_the_clock(harness: Harness) -> None:
    root = harness.fresh("clock")
    assert harness.run(root).returncode == 0
    job_dir = job_in(root)
    # As if the clock had been a year ahead when the job was made, or was set back since.
    for path in (job_dir / ".checkpoints").glob("*.json"):
        path.write_text(path.read_text().replace('"finished_at": "20', '"finished_at": "21'))
    for path in job_dir.rglob("*"):
        os.utime(path, (time.time() + 31e6,) * 2)
    again = harness.run(root)
    assert again.returncode == 0 and "Nothing to do" in again.stderr
    forced = harness.run(root, AUDIO_LOSS_TOLERANCE="0.03")
    assert forced.returncode == 0 and "demux ✓" in forced.stderr


@pytest.mark.parametrize("content", [b"", b"\0" * 512, None])
def test_an_emptied_job_file_is_put_aside_and_made_again(
    harness: Harness, content: bytes | None
) -> None:
    root = harness.fresh("emptied")
    assert harness.run(root).returncode == 0
    path = job_in(root) / "job.json"
    before = path.read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    again = harness.run(root)
    assert again.returncode == 0 and "Nothing to do" in again.stderr
    assert path.read_bytes() == before
    broken = path.with_name("job.json.broken")
    assert broken.exists() == (content is not None)


def test_a_link_that_leaves_the_job_is_refused(harness: Harness, tmp_path: Path) -> None:
    root = harness.fresh("link")
    assert harness.run(root).returncode == 0
    outside = tmp_path / "enrichment.json"
    outside.write_text("{}")
    folder = job_in(root) / get_stage_dir("tmdb")
    folder.mkdir()
    (folder / "enrichment.json").symlink_to(outside)
    done = harness.run(root)
    assert_refused(done, 2, "leads out of the job directory", "Use files, not links")


def everything_below(folder: Path) -> bytes:
    """Return the names and contents of all files below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + path.read_bytes() for path in files)


def assert_no_secret(harness: Harness, root: Path, *told: Finished) -> None:
    """Assert that a planted secret is in nothing that was written or said."""
    left = everything_below(root) + everything_below(harness.checkout / "out")
    left += "".join(done.stdout + done.stderr for done in told).encode()
    for form in (SECRET, "s3cret%2Fplanted%2Bhere"):
        assert form.encode() not in left


def test_a_planted_secret_is_found_nowhere(harness: Harness, tmp_path: Path) -> None:
    root = harness.fresh("secret")
    keys = {"TMDB_API_KEY": SECRET, "HF_TOKEN": SECRET, "LLM_API_KEY": SECRET, "DEBUG": "true"}
    with film_database() as address:
        asked = {"TMDB_ENABLED": "true", "TMDB_BASE_URL": address, "TMDB_ATTEMPTS": "1"}
        well = harness.run(root, **keys, **asked)
        assert well.returncode == 0, well.stderr
        # Nobody there; a key in the address of the service; a key in the name of a missing file.
        away = harness.run(
            root, **keys, **asked | {"TMDB_BASE_URL": f"http://127.0.0.1:9/{SECRET}"}
        )
        named = harness.run(root, **keys, **asked, GLOSSARY_FILES=f"/nowhere/{SECRET}.tsv")
    assert away.returncode == 0 and named.returncode == 2
    assert "[secret]" in named.stderr
    assert_no_secret(harness, root, well, away, named)


def test_a_secret_is_in_no_command_line_and_no_crash_tells_it(harness: Harness) -> None:
    root = harness.fresh("crash")
    code = harness.checkout / "shared" / "glossary_manager.py"
    real = code.read_text(encoding="utf-8")
    crash = "import os\nraise RuntimeError('no ' + os.environ['TMDB_API_KEY'])\n"
    first = "from __future__ import annotations\n"
    code.write_text(real.replace(first, first + crash), encoding="utf-8")
    try:
        done = harness.run(root, TMDB_API_KEY=SECRET)
    finally:
        code.write_text(real, encoding="utf-8")
    assert done.returncode == 1, done.stderr
    log = job_in(root) / "logs" / f"{get_stage_dir('glossary_load')}.log"
    assert "RuntimeError: no [secret]" in log.read_text(encoding="utf-8")
    assert_no_secret(harness, root, done)
