#!/usr/bin/env python3
"""
Fault harness: a small job of real stages in a copied checkout, run with one fault or one kill.

Usage:
    from tests.support.fault_harness import Harness

    harness = Harness(folder, film)
    while harness.survives("rename", number): number += 1
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import psutil

from shared.core.files import sha256_of
from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.cache.opening import CACHE_FOLDER
from shared.pipeline.job.commit import EDITED_DIR
from shared.stage_order import get_stage_dir
from tests.support.commands import HANG_SECONDS, in_environment, wait_until
from tests.support.fault_job import committed, job_of, kill, make_checkout, snapshot

Cache = Literal["off", "on", "full"]
KINDS = ("open", "write", "rename", "folder", "fsync", "spawn")
LAST_STAGE = "glossary_load"
EXIT_CODES = {0, 3}
SLOWER = 1.25
EDITED = "glossary.json"
NO_TERMS = '{"schema_version": 1, "terms": []}'


@dataclass(frozen=True)
class Work:
    """A run that may be disturbed: where it starts, how it is started, what it must end as."""

    start: Path
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)


def results_of(folder: Path) -> ResultCache:
    """Return a cache that is large enough and keeps everything."""
    return ResultCache(folder, 1 << 40, 1e9)


class Harness:
    """Runs one small job again and again, each time disturbed, and compares its end.

    Args:
        folder: An empty folder for everything.
        film: The film.
        cache: 'off', 'on' (it is empty at first) or 'full' (it holds what is to be made).
    """

    def __init__(self, folder: Path, film: Path, cache: Cache = "on") -> None:
        self.folder = folder
        self.film = film
        self.last = LAST_STAGE
        self.cache = cache
        self.checkout = make_checkout(folder / "checkout")
        self.counter = folder / "count"
        self.base = folder / "base"
        prepared = self.prepare(self.base)
        assert prepared.returncode == 0, prepared.stderr
        reference = self.fresh("reference")
        started = time.monotonic()
        done = self.run(reference)
        self.seconds = time.monotonic() - started
        assert done.returncode == 0, done.stderr
        self.reference = snapshot(job_of(reference))
        assert (reference / CACHE_FOLDER / "results").is_dir() == (cache != "off")
        if cache == "full":
            shutil.copytree(reference / CACHE_FOLDER, self.base / CACHE_FOLDER)
        self.made = Work(self.base, end=self.reference)
        self.skipped = self._skipping_an_edited_stage()

    def _skipping_an_edited_stage(self) -> Work:
        """Return the run in which the last stage, done and then edited, is not wanted any more."""
        edited = self.folder / "edited"
        shutil.copytree(self.folder / "reference", edited)
        (job_of(edited) / get_stage_dir(self.last) / EDITED).write_text(NO_TERMS, encoding="utf-8")
        work = Work(edited, ("--force", self.last), {"GLOSSARY_ENABLED": "false"})
        undisturbed = self.folder / "skipped"
        shutil.copytree(edited, undisturbed)
        assert self.run(undisturbed, work).returncode == 0
        end = snapshot(job_of(undisturbed))
        kept = f"{EDITED_DIR}/{get_stage_dir(self.last)}/{EDITED}"
        assert kept in end and end[f".checkpoints/{self.last}.json"]["status"] == "skipped"
        return replace(work, end=end)

    def prepare(self, root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Prepare the job in an output folder."""
        command = ["./prepare-job.sh", "--media", str(self.film), "--workflow", "transcribe"]
        return self.finish([*command, "-s", "hi", "--user", "me"], root, variables)

    def fresh(self, name: str, start: Path | None = None) -> Path:
        """Return an output folder with the prepared job, or the job as it is elsewhere."""
        root = self.folder / name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(start or self.base, root)
        return root

    def run(
        self, root: Path, work: Work | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the job in an output folder to its end."""
        options, usual = (work.options, work.variables) if work else ((), {})
        return self.finish([*self._command(root), *options], root, {**usual, **variables})

    def survives(self, kind: str, number: int, work: Work | None = None) -> bool:
        """Run with the N-th operation of a kind failing, then again without.

        Args:
            kind: One of KINDS.
            number: Which operation.
            work: The run; None = all stages of a job that was just prepared.

        Returns:
            Whether there was an N-th operation.

        Raises:
            AssertionError: The disturbed run ended badly, or its resumed result is not the same.
        """
        work = work or self.made
        root = self.fresh("disturbed", work.start)
        disturbed = self.run(root, work, **self.fault(kind, number, root))
        told = f"{kind} {number}: exit {disturbed.returncode}\n{disturbed.stderr}"
        assert disturbed.returncode in EXIT_CODES and "Traceback" not in disturbed.stderr, told
        if disturbed.returncode:
            assert disturbed.stderr.count("\nerror: ") + disturbed.stderr.startswith("error:"), told
        self._check(root, told, work)
        # A run that has nothing to count writes no counter.
        return self.counter.exists() and self.counter.stat().st_size >= number

    def survives_preparing(self, kind: str, number: int) -> bool:
        """Prepare with the N-th operation of a kind failing: a whole job is left, or none.

        Returns:
            Whether there was an N-th operation.
        """
        root = self.folder / "preparing"
        shutil.rmtree(root, ignore_errors=True)
        done = self.prepare(root, **self.fault(kind, number, root))
        told = f"prepare, {kind} {number}: exit {done.returncode}\n{done.stderr}"
        assert done.returncode in EXIT_CODES and "Traceback" not in done.stderr, told
        left = [p for p in root.glob("*/*/*/me/*") if p.is_dir()]
        if kind != "folder":  # what cannot be removed stays
            assert len(left) == (1 if done.returncode == 0 else 0), told
        for job_dir in left:
            assert (job_dir / "job.json").is_file() or job_dir.name.startswith("."), told
        return self.counter.exists() and self.counter.stat().st_size >= number

    def survives_kills(self, kills: int, seed: int = 0, work: Work | None = None) -> int:
        """Kill -9 at random moments until that many kills have hit a running job.

        Half of them kill the orchestrator alone, half everything at once. The moments lie between
        the start and what a run takes, which is learnt again as the machine's load changes.

        Returns:
            How many jobs were completed in between.
        """
        work = work or self.made
        chance = random.Random(seed)
        done = completed = 0
        longest = self.seconds
        while done < kills:
            root = self.fresh("killed", work.start)
            while True:
                before, started = committed(root), time.monotonic()
                process = subprocess.Popen(
                    [*self._command(root), *work.options],
                    cwd=self.checkout,
                    env=self._environment(root, work.variables),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                time.sleep(chance.uniform(0.0, longest))
                if process.poll() is not None:
                    longest = min(longest, time.monotonic() - started)
                    break
                alone = chance.random() < 0.5
                kill([process.pid] if alone else [process.pid, *self.living()])
                process.wait()
                done += 1
                if done >= kills:
                    break
                if committed(root) <= before:  # else it would never get any further
                    longest *= SLOWER
            self._check(root, f"after kill {done} of seed {seed}", work)
            completed += 1
        return completed

    def after_crowd(self, number: int) -> dict[str, Any]:
        """Run twice, prepare twice and edit, all at once; nothing is lost or mixed up.

        Args:
            number: Which time; says when the edit comes.

        Returns:
            The job's files when the edited stage has been run once more; see snapshot.

        Raises:
            AssertionError: Something was not refused clearly, or an edit or a result is lost.
        """
        root = self.folder / "crowd"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.folder / "reference", root)
        job_dir = job_of(root)
        film = ["--media", str(self.film), "--workflow", "transcribe", "-s", "hi", "--user", "me"]
        again = [*self._command(root), "--force", "all"]
        runs = [self._start(again, root) for _ in range(2)]
        prepares = [self._start(["./prepare-job.sh", *film], root) for _ in range(2)]
        time.sleep(random.Random(number).uniform(0.0, self.seconds))
        edited = job_dir / get_stage_dir(self.last) / EDITED
        try:
            edited.write_text(NO_TERMS, encoding="utf-8")
            mark = sha256_of(edited)
        except FileNotFoundError:  # just being replaced
            mark = ""
        told = [process.communicate(timeout=2 * HANG_SECONDS)[1] for process in runs]
        codes = sorted(process.returncode for process in runs)
        assert codes in ([0, 0], [0, 3]), told
        assert codes == [0, 0] or any("is being run by" in text for text in told), told
        places = {process.communicate(timeout=2 * HANG_SECONDS)[0].strip() for process in prepares}
        assert len(places) == 2 and all(Path(place, "job.json").is_file() for place in places)
        assert self.run(root).returncode == 0
        files = [path for path in job_dir.rglob("glossary.json*") if path.is_file()]
        assert not mark or mark in map(sha256_of, files), "the edit is lost"
        forced = self.finish([*self._command(root), "--force", self.last], root, {})
        assert forced.returncode == 0, forced.stderr
        shutil.rmtree(job_dir / EDITED_DIR, ignore_errors=True)
        return snapshot(job_dir)

    def living(self) -> list[int]:
        """Return the processes of this harness that live."""
        found = []
        mark = str(self.counter)
        for process in psutil.process_iter():
            try:
                is_ours = process.environ().get("FAULT_COUNTER") == mark
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    def _check(self, root: Path, told: str, work: Work) -> None:
        wait_until(lambda: self.living() == [])  # no process is left
        resumed = self.run(root, work)
        assert resumed.returncode == 0, f"{told}\nresumed: {resumed.stderr}"
        assert snapshot(job_of(root)) == work.end, told
        left = [p for p in (root / CACHE_FOLDER).rglob("*") if "drafts" in p.parts and p.is_file()]
        if left:  # swept by the next run that has work to do
            assert self.run(root, work, AUDIO_LOSS_TOLERANCE="0.03").returncode == 0
            left = [path for path in left if path.exists()]
        assert left == [], told
        assert self.cache == "off" or results_of(root / CACHE_FOLDER).verify() == [], told

    def _command(self, root: Path) -> list[str]:
        return ["./run-pipeline.sh", "transcribe", str(job_of(root)), "--to", self.last]

    def fault(self, kind: str, number: int, root: Path) -> dict[str, str]:
        """Return the variables that make the N-th operation of a kind below a folder fail."""
        self.counter.unlink(missing_ok=True)
        return {"FAULT_KIND": kind, "FAULT_NUMBER": str(number), "FAULT_ROOT": str(root)}

    def finish(
        self, command: list[str], root: Path, variables: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the checkout to its end, its jobs in an output folder."""
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=self._environment(root, variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * HANG_SECONDS,
            check=False,
        )

    def _start(self, command: list[str], root: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.checkout,
            env=self._environment(root, {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self, root: Path, variables: Mapping[str, str]) -> dict[str, str]:
        usual = {"OUTPUT_ROOT": str(root), "TMDB_ENABLED": "false", "STAGE_RETRY_SECONDS": "0"}
        usual |= {"CACHE_MAX_GB": "0"} if self.cache == "off" else {}
        usual |= {"FAULT_COUNTER": str(self.counter), "STAGE_GRACE_SECONDS": "2"}
        return {**os.environ, **in_environment({**usual, **variables})}
