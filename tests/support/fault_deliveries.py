#!/usr/bin/env python3
"""
Fault deliveries: results that are delivered, jobs that are removed, and several films in one
command, each with one fault; see fault_harness.py.

Usage:
    from tests.support.fault_deliveries import Deliveries

    deliveries = Deliveries(Harness(folder, film))
    while deliveries.survives_delivering("rename", number): number += 1
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from shared.core.errors import EXIT_INVALID
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.stage_order import STAGE_ORDER, get_stage_dir
from tests.support.checkpoints import make_checkpoint
from tests.support.fault_harness import EXIT_CODES, Harness
from tests.support.fault_job import job_of, snapshot

STAGE = "export_transcript"
FOREIGN, OURS = "Tiny.Film.2020.transcript.txt", "Tiny.Film.2020.2.transcript.txt"
SAID, SAID_BY_OTHERS = b"What is said.\n", b"Somebody else's.\n"


class Deliveries:
    """Does what comes after the stages, and what is done with jobs, each time disturbed.

    Args:
        harness: Its job and its way to disturb a command.
    """

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.start = harness.fresh("with-results")
        job_dir = job_of(self.start)
        folder = job_dir / get_stage_dir(STAGE)
        folder.mkdir()
        (folder / "transcript.txt").write_bytes(SAID)
        records = CheckpointManager(job_dir)
        records.save_record(make_checkpoint(STAGE, outputs=describe_outputs(folder)))
        for stage in STAGE_ORDER[: STAGE_ORDER.index(STAGE)]:
            records.save_record(make_checkpoint(stage, status="skipped"))
        (self.start / "films").mkdir()
        (self.start / "films" / FOREIGN).write_bytes(SAID_BY_OTHERS)

    def survives_delivering(self, kind: str, number: int) -> bool:
        """Deliver with the N-th operation of a kind failing, then again without.

        Args:
            kind: One of KINDS.
            number: Which operation.

        Returns:
            Whether there was an N-th operation.
        """
        root = self.harness.fresh("delivering", self.start)
        work = ["./run-pipeline.sh", "transcribe", str(job_of(root))]
        work += ["--deliver", str(root / "films")]
        told = self._disturbed(work, kind, number, root)
        again = self.harness.finish(work, root, {})
        assert again.returncode == 0, f"{told}\nagain: {again.stderr}"
        there = {path.name: path.read_bytes() for path in (root / "films").iterdir()}
        if kind == "folder":  # a draft that cannot be removed stays for a day
            there = {name: text for name, text in there.items() if not name.startswith(".")}
        assert there == {FOREIGN: SAID_BY_OTHERS, OURS: SAID}, told
        assert (job_of(root) / get_stage_dir(STAGE) / "transcript.txt").read_bytes() == SAID, told
        return self._was_met(number)

    def survives_removing(self, kind: str, number: int) -> bool:
        """Remove one of two jobs with the N-th operation failing, then again without.

        Args:
            kind: One of KINDS.
            number: Which operation.

        Returns:
            Whether there was an N-th operation.
        """
        root = self.harness.fresh("removing", self.start)
        job_dir, other = job_of(root), job_of(root).with_name("2")
        shutil.copytree(job_dir, other)
        before = snapshot(other)
        work = ["./run-pipeline.sh", "jobs", "remove", str(job_dir), "--yes"]
        told = self._disturbed(work, kind, number, root)
        again = self.harness.finish(work, root, {})
        # Gone at the first time, or at the second.
        assert again.returncode in (0, EXIT_INVALID) and not job_dir.exists(), told
        for left in job_dir.parent.glob(".new-removed-*"):
            os.utime(left, (1, 1))
        swept = self.harness.finish(
            ["./run-pipeline.sh", "jobs", "clean", "--older-than", "9d"], root, {}
        )
        assert swept.returncode == 0 and os.listdir(job_dir.parent) == ["2"], told
        assert snapshot(other) == before, told
        return self._was_met(number)

    def survives_several(self, kind: str, number: int) -> bool:
        """Run two films in one command with the N-th operation failing; the other one is done.

        Args:
            kind: One of KINDS.
            number: Which operation.

        Returns:
            Whether there was an N-th operation.
        """
        root = self.harness.folder / "several"
        shutil.rmtree(root, ignore_errors=True)
        films = root / "films"
        films.mkdir(parents=True)
        for name in ("one.mkv", "two.mkv"):
            shutil.copyfile(self.harness.film, films / name)
        work = ["./run-pipeline.sh", "transcribe", str(films / "one.mkv"), str(films / "two.mkv")]
        work += ["-s", "hi", "--user", "me", "--to", "demux"]
        told = self._disturbed(work, kind, number, root, is_several=True)
        jobs = sorted(root.glob("*/*/*/me/[0-9]*"))
        done = [one for one in jobs if (one / ".checkpoints" / "demux.json").is_file()]
        assert len(done) >= 1 and len(jobs) <= 2, told
        for job_dir in jobs:
            resume = ["./run-pipeline.sh", "transcribe", str(job_dir), "--to", "demux"]
            resumed = self.harness.finish(resume, root, {})
            assert resumed.returncode == 0, f"{told}\nresumed: {resumed.stderr}"
            sound = Path(get_stage_dir("demux"), "audio.wav")
            assert snapshot(job_dir)[str(sound)] == self.harness.reference[str(sound)], told
        return self._was_met(number)

    def _disturbed(
        self, work: list[str], kind: str, number: int, root: Path, is_several: bool = False
    ) -> str:
        """Do it with the fault; return what that told."""
        fault = self.harness.fault(kind, number, root)
        done: subprocess.CompletedProcess[str] = self.harness.finish(work, root, fault)
        told = f"{kind} {number}: exit {done.returncode}\n{done.stderr}"
        assert done.returncode in EXIT_CODES and "Traceback" not in done.stderr, told
        errors = done.stderr.count("\nerror: ") + done.stderr.startswith("error:")
        assert is_several or errors == (done.returncode != 0), told
        return told

    def _was_met(self, number: int) -> bool:
        counter = self.harness.counter
        return counter.exists() and counter.stat().st_size >= number
