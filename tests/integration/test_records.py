#!/usr/bin/env python3
"""
Records: what makes a finished job stale on a machine that changes, and what does not.

Each job runs in a copied checkout whose environment `common` may be changed as pip does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.record.manifest import Checkpoint
from tests.support.commands import in_environment
from tests.support.fault_job import job_of, make_checkout

pytestmark = pytest.mark.integration

LAST = "glossary_load"
STAGES = ["demux", "tmdb", LAST]


class Machine:
    """A checkout with an environment of its own, and one job in it."""

    def __init__(self, folder: Path) -> None:
        self.checkout = make_checkout(folder / "checkout")
        common = self.checkout / "venv" / "common"
        shutil.rmtree(common)
        real = PROJECT_ROOT / "venv" / "common"
        shutil.copytree(real, common, symlinks=True, copy_function=os.link)
        self.site = next(common.glob("lib/python3.*/site-packages"))
        self.root = folder / "out"
        self.film = folder / "Tiny.Film.2020.mkv"
        make_large_film(self.film)
        self.path = os.environ["PATH"]
        prepared = self.command("./prepare-job.sh", "--media", str(self.film), *JOB)
        assert prepared.returncode == 0, prepared.stderr
        self.job_dir = job_of(self.root)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the checkout."""
        usual = {"OUTPUT_ROOT": str(self.root), "TMDB_ENABLED": "false", "PATH": self.path}
        return subprocess.run(
            words,
            cwd=self.checkout,
            env=os.environ | in_environment(usual),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, *options: str) -> str:
        """Run the job; return what it told."""
        done = self.command(
            "./run-pipeline.sh", "transcribe", str(self.job_dir), "--to", LAST, *options
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def stale(self) -> dict[str, str]:
        """Return which stages would run, and why."""
        plan, _ = self.run("--dry-run", "--json").splitlines()
        return {s["stage"]: s["reason"] for s in json.loads(plan)["steps"] if s["action"] == "run"}

    def record(self, stage: str) -> Checkpoint:
        """Return a stage's record."""
        record = CheckpointManager(self.job_dir).load_record(stage)
        assert record is not None
        return record

    def upgrade(self, package: str, version: str) -> None:
        """Give an installed package another version, as pip does with its folder."""
        (old,) = self.site.glob(f"{package}-*.dist-info")
        old.rename(self.site / f"{package}-{version}.dist-info")


JOB = ("--workflow", "transcribe", "-s", "hi", "--user", "me")


def make_large_film(path: Path) -> None:
    """Make a film of which the samples that identify it are the smaller part."""
    picture, sound = "testsrc2=s=640x360:r=25:d=2", "sine=d=2"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", picture]
    command += ["-f", "lavfi", "-i", sound, "-c:v", "rawvideo", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-y", str(path)], check=True, stdin=subprocess.DEVNULL)
    assert path.stat().st_size > 10 << 20


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine whose job has been done."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.run()
    assert machine.stale() == {} and "Nothing to do" in machine.run()
    return machine


def test_what_is_recorded_is_what_was_used(finished: Machine) -> None:
    demux, glossary = finished.record("demux"), finished.record(LAST)
    assert {"ffmpeg", "ffprobe"} <= demux.programs.keys() and glossary.programs == {}
    assert "ffmpeg-python" in demux.packages["common"]
    assert "ffmpeg-python" not in glossary.packages["common"]
    for record in (demux, glossary):
        assert not {"pytest", "black", "coverage"} & record.packages["common"].keys()
        assert record.drifted == []


def test_another_ffmpeg_makes_stale_what_ran_it(finished: Machine, tmp_path: Path) -> None:
    real = shutil.which("ffmpeg")
    other = tmp_path / "ffmpeg"
    says = 'case "$*" in *-version*) echo "ffmpeg version 99.0 of a test"; exit;; esac'
    other.write_text(f'#!/bin/sh\n{says}\nexec {real} "$@"\n')
    other.chmod(0o755)
    before = finished.path
    finished.path = f"{tmp_path}{os.pathsep}{before}"
    try:
        assert finished.stale() == {"demux": "ffmpeg changed"}
        # The same program in another file is no other program.
        other.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
        assert finished.stale() == {}
    finally:
        finished.path = before


def test_a_film_that_changed_inside_in_place_is_noticed(finished: Machine) -> None:
    content = bytearray(finished.film.read_bytes())
    status = finished.film.stat()
    try:
        os.utime(finished.film, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
        assert finished.stale() == {}, "only touched"
        assert "Nothing to do" in finished.run()
        demux = finished.record("demux").film
        assert demux is not None and demux.matches(finished.film), "it is read again by each plan"
        place = len(content) // 4  # between the samples
        content[place] ^= 0xFF
        with finished.film.open("r+b") as stream:
            stream.seek(place)
            stream.write(content[place : place + 1])
        assert finished.film.stat().st_size == status.st_size
        (reason,) = finished.stale().values()
        assert reason == f"{finished.film} changed"
    finally:
        content[len(content) // 4] ^= 0xFF
        finished.film.write_bytes(content)
    assert finished.stale() == {}


def test_a_pull_while_a_stage_runs_is_done_again(finished: Machine) -> None:
    module = finished.checkout / "shared" / "glossary_manager.py"
    script = finished.checkout / "scripts" / "glossary_builder.py"
    own, before = script.read_text(), module.read_text()
    pull = (
        f"        from pathlib import Path as P; p = P({str(module)!r}); "
        "p.write_text(p.read_text() + '# pulled\\n')\n"
    )
    mark = "        config = load_config()\n"
    assert mark in own
    script.write_text(own.replace(mark, mark + pull, 1))
    try:
        assert "glossary_load ✓" in finished.run("--force", LAST)
        assert module.read_text() != before
        assert finished.stale() == {LAST: "shared/glossary_manager.py changed"}
    finally:
        module.write_text(before)
        script.write_text(own)
    finished.run()
    assert finished.stale() == {}


def test_a_drifted_environment_is_told_and_its_results_go_to_no_other_job(
    finished: Machine,
) -> None:
    def cached() -> int:
        return len(list((finished.root / ".cache" / "results" / "demux").glob("*.json")))

    before = cached()
    version = finished.record("demux").packages["common"]["ffmpeg-python"]
    finished.upgrade("ffmpeg_python", "0.1.9")
    try:
        told = f"ffmpeg-python in common changed from {version} to 0.1.9"
        assert finished.stale() == {"demux": told}
        told = finished.run()
        assert "Not as locked" in told and f"common: ffmpeg-python 0.1.9 ({version})" in told
        assert finished.record("demux").drifted and cached() == before
        assert finished.stale() == {}, "it was done with what is here"
    finally:
        finished.upgrade("ffmpeg_python", version)
    finished.run()
    assert finished.record("demux").drifted == []
    assert finished.record("demux").reused_from, "the result of the locked package was cached"


def test_development_tools_make_nothing_stale(finished: Machine) -> None:
    uv = PROJECT_ROOT / "venv" / ".uv" / "bin" / "uv"
    python = finished.checkout / "venv" / "common" / "bin" / "python"
    tools = ["black", "flake8", "hypothesis"]
    removed = subprocess.run(
        [str(uv), "pip", "uninstall", "--python", str(python), *tools], capture_output=True
    )
    assert removed.returncode == 0, removed.stderr
    assert not list(finished.site.glob("black-*"))
    finished.upgrade("isort", "99.0")
    lock = finished.checkout / "requirements" / "locks" / "common.txt"
    lock.write_text("# a comment\n" + lock.read_text() + "\nnew-test-tool==1.0\n")
    assert finished.stale() == {}
    assert "Nothing to do" in finished.run()
