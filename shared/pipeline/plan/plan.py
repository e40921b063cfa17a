#!/usr/bin/env python3
"""
Plan: which stages a run will execute, and why, decided before anything starts.

A stage is in the plan as 'cached' where that is sure: where what it depends on, which may be the
outputs of other cached stages, is known without running anything. What reads the result of a stage
that has yet to run is in the plan as 'run', although the cache may then hold it.

Usage:
    from shared.pipeline.plan.plan import Planner

    for step in Planner(job_dir, Selection(), fingerprints, cache=cache).plan(stages): ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from shared.core.errors import InputError
from shared.core.identity import JOB_MARK
from shared.core.sharing import is_sound
from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.outputs import JobOutputs
from shared.pipeline.job.record.change import Change
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.selection import Selection
from shared.stage_order import STAGE_ORDER, get_stage_dir

FORCED = "forced"


@dataclass(frozen=True)
class Step:
    """One stage of the plan; `lesser`: it is done for want of something that it looked for."""

    stage: str
    action: Literal["run", "cached", "keep", "skip"]
    reason: str
    edited: bool = False
    lesser: bool = False

    @property
    def is_to_do(self) -> bool:
        """Whether the stage gets a new result."""
        return self.action in {"run", "cached"}


@dataclass(frozen=True)
class Findings:
    """What became of a finished stage: why it would run again, what a person edited."""

    reasons: list[Change]
    edited: list[str]


class Planner:
    """Decides for one job; asked again before each stage, since results may turn out the same.

    Args:
        job_dir: The job directory.
        selection: What was asked for.
        fingerprints: What stages depend on, as it is now.
        job_id: The job's own; records of another job are put aside.
        cache: Where plan() looks for results; None = nowhere.
        only_looks: Whether even broken records stay where they are.
        unneeded: Stages that the job passes over, with the reason.
    """

    def __init__(
        self,
        job_dir: Path,
        selection: Selection,
        fingerprints: Fingerprints,
        job_id: str = "",
        cache: ResultCache | None = None,
        only_looks: bool = False,
        unneeded: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.unneeded = unneeded
        self._job_dir = job_dir
        self._selection = selection
        self._fingerprints = fingerprints
        self._cache = cache
        self._checkpoints = CheckpointManager(job_dir, job_id, only_looks)
        self._loaded: dict[str, Checkpoint | None] = {}

    def require_earlier_stages(self, stages: list[str]) -> None:
        """Refuse a selection whose earlier stages were never done.

        Args:
            stages: Those of the run, in order.

        Raises:
            InputError: Names the stage that is missing.
        """
        for stage in STAGE_ORDER[: STAGE_ORDER.index(stages[0])]:
            if self.checkpoint(stage) is None and stage not in self.unneeded:
                raise InputError(
                    f"{stages[0]} cannot start: {stage} has not been done in this job",
                    hint="Run without --from and --only once",
                )

    def plan(self, stages: list[str]) -> list[Step]:
        """Return the plan as far as it can be known now.

        Args:
            stages: What selected_stages returned.
        """
        steps: list[Step] = []
        foreseen: dict[str, Checkpoint | None] = {}
        for stage in stages:
            step, record = self._foresee(stage, self.known_outputs(foreseen))
            if step.is_to_do:
                foreseen[stage] = record
            steps.append(step)
        return steps

    def settle(self) -> None:
        """Record how the files lie that a plan had to read and that are what they were.

        After a restore every file has another inode: it is read once, not by each plan. Only under
        the job's lock.
        """
        for stage in STAGE_ORDER:
            record = self.checkpoint(stage)
            if record is None:
                continue
            folder, settled = self._job_dir / get_stage_dir(stage), self._fingerprints.settled
            outputs = {name: settled(folder / name, one) for name, one in record.outputs.items()}
            film = self._fingerprints.settled_film(record.film)
            if (outputs, film) != (record.outputs, record.film):
                again = record.model_copy(update={"outputs": outputs, "film": film})
                self._loaded[stage] = again
                self._checkpoints.save_record(again)

    def decide(self, stage: str, outputs: JobOutputs | None = None) -> Step:
        """Return what to do with one stage, judged by what is on the disk now.

        Args:
            stage: A name in STAGE_ORDER.
            outputs: What earlier stages will have written; None = what they have.
        """
        if stage in self.unneeded:
            return Step(stage, "skip", self.unneeded[stage])
        if self._selection.is_forced(stage):
            return Step(stage, "run", FORCED)
        checkpoint = self.checkpoint(stage)
        if checkpoint is None:
            return Step(stage, "run", "not done yet")
        found = self.findings(checkpoint, outputs)
        if found.edited:
            told = f"edited by hand: {', '.join(found.edited)}"
            if found.reasons:
                told += f"; kept although {found.reasons[0]} (--force {stage} makes it anew)"
            return Step(stage, "keep", told, edited=True)
        if found.reasons:
            return Step(stage, "run", str(found.reasons[0]))
        lacks = checkpoint.lacks
        without = f"; made again as soon as it can be: {'; '.join(lacks)}" if lacks else ""
        if checkpoint.status == "skipped":
            return Step(stage, "skip", f"{checkpoint.reason}{without}", lesser=bool(lacks))
        done = f"done {checkpoint.finished_at}{without}"
        return Step(stage, "keep", done, lesser=bool(lacks))

    def findings(self, checkpoint: Checkpoint, outputs: JobOutputs | None = None) -> Findings:
        """Return what became of a finished stage since.

        Args:
            checkpoint: Its record.
            outputs: What earlier stages will have written; None = what they have.
        """
        directory = self._job_dir / get_stage_dir(checkpoint.stage)
        lost: list[Change] = []
        edited: list[str] = []
        for name, output in checkpoint.outputs.items():
            path = directory / name
            how = output.loss(path)
            if not how and self._is_other(path, output):
                if not is_sound(path):
                    edited.append(name)
                    continue
                how = "not as it was written"
            if how:
                what = f"its output {name}"
                lost.append(Change(what, "there", how, f"{what} is {how}"))
        changes = self._fingerprints.changes(checkpoint, outputs or self.known_outputs())
        return Findings(lost + changes, edited)

    def checkpoint(self, stage: str) -> Checkpoint | None:
        """Return the checkpoint of a stage, read once.

        Args:
            stage: A name in STAGE_ORDER.
        """
        if stage not in self._loaded:
            self._loaded[stage] = self._checkpoints.load_record(stage)
        return self._loaded[stage]

    def forget(self, stage: str) -> None:
        """Read the checkpoint of a stage again at the next question: it has just run.

        Args:
            stage: A name in STAGE_ORDER.
        """
        self._loaded.pop(stage, None)

    def known_outputs(self, foreseen: Mapping[str, Checkpoint | None] | None = None) -> JobOutputs:
        """Return what the stages of the job have written.

        Args:
            foreseen: What some will have written, as for JobOutputs.
        """
        recorded = {
            f"{JOB_MARK}{get_stage_dir(stage)}/{name}": output
            for stage in STAGE_ORDER
            if (checkpoint := self.checkpoint(stage)) is not None
            for name, output in checkpoint.outputs.items()
        }
        return JobOutputs(recorded, foreseen or {})

    def _is_other(self, path: Path, output: OutputFile) -> bool:
        """Return whether a file holds something else than was recorded, or has just gone."""
        if output.matches(path):
            return False
        try:
            is_as_long = path.stat().st_size == output.size  # else it need not be read
            return not is_as_long or self._fingerprints.digest_of(path) != output.sha256
        except FileNotFoundError:  # a run is replacing it
            return True

    def _foresee(self, stage: str, outputs: JobOutputs) -> tuple[Step, Checkpoint | None]:
        """Return what a run will do with a stage, and the record that it then takes."""
        step = self.decide(stage, outputs)
        if step.action in {"keep", "skip"}:
            checkpoint = self.checkpoint(stage)
            earlier = outputs.open_stage(checkpoint.inputs) if checkpoint is not None else None
            if earlier is not None and not step.edited:
                step = Step(stage, "run", f"if the result of {earlier} changes")
        elif step.reason != FORCED and self._cache is not None:
            entry = self._cache.foresee(stage, self._fingerprints, outputs)
            if entry is not None:
                return Step(stage, "cached", f"as in job {entry.source}"), entry.record
        return step, None
