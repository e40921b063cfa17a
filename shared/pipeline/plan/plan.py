#!/usr/bin/env python3
"""
Plan: which stages a run will execute, and why, decided before anything starts.

A stage is in the plan as 'cached' where that is sure: where what it depends on, which may be the
outputs of other cached stages, is known without running anything. What reads the result of a stage
that has yet to run is in the plan as 'run', although the cache may then hold it.

Usage:
    from shared.pipeline.plan.plan import Planner, Selection

    for step in Planner(job_dir, Selection(), fingerprints, cache=cache).plan(stages): ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from shared.core.errors import InputError, nearest
from shared.core.identity import JOB_MARK
from shared.core.sharing import is_sound
from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.job.checkpoint import Checkpoint, CheckpointManager
from shared.pipeline.job.fingerprint import Change, Fingerprints
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.outputs import JobOutputs
from shared.stage_order import STAGE_ORDER, WORKFLOWS, get_stage_dir, get_workflow_stages

ALL = "all"
FORCED = "forced"
Workflow = Literal["transcribe", "translate", "subtitle"]


@dataclass(frozen=True)
class Selection:
    """What --from, --to, --only, --force and --profile ask for."""

    first: str | None = None
    last: str | None = None
    forced: tuple[str, ...] = ()
    profiled: str | None = None

    def is_forced(self, stage: str) -> bool:
        """Return whether a stage runs although nothing changed.

        Args:
            stage: A name in STAGE_ORDER.
        """
        return stage == self.profiled or stage in self.forced or ALL in self.forced


@dataclass(frozen=True)
class Step:
    """One stage of the plan."""

    stage: str
    action: Literal["run", "cached", "keep", "skip"]
    reason: str
    edited: bool = False

    @property
    def is_to_do(self) -> bool:
        """Whether the stage gets a new result."""
        return self.action in {"run", "cached"}


@dataclass(frozen=True)
class Findings:
    """What became of a finished stage: why it would run again, what a person edited."""

    reasons: list[Change]
    edited: list[str]


def check_workflow(name: str) -> Workflow:
    """Return a workflow's name, checked.

    Args:
        name: What the user wrote.

    Raises:
        InputError: When there is none of that name; with the nearest.
    """
    if name not in WORKFLOWS:
        raise InputError(
            f"Unknown workflow {name!r}",
            hint=nearest(name, WORKFLOWS) or f"Workflows: {', '.join(WORKFLOWS)}",
        )
    return cast(Workflow, name)


def check_stage(name: str, option: str, also: tuple[str, ...] = ()) -> str:
    """Return a stage's name, checked.

    Args:
        name: What the user wrote.
        option: The option it was given with.
        also: Other words the option takes.

    Raises:
        InputError: When there is none of that name; with the nearest.
    """
    if name not in STAGE_ORDER and name not in also:
        raise InputError(
            f"Unknown stage {name!r} ({option})",
            hint=nearest(name, STAGE_ORDER) or f"Stages: {', '.join(STAGE_ORDER)}",
        )
    return name


def selected_stages(workflow: str, selection: Selection) -> list[str]:
    """Return the stages that a run may touch, in order.

    Args:
        workflow: A name in WORKFLOWS.
        selection: What was asked for.

    Raises:
        InputError: When the selection leaves the workflow or is empty.
    """
    stages = get_workflow_stages(workflow)
    for name in (selection.first, selection.last):
        if name is not None and name not in stages:
            raise InputError(
                f"The workflow {workflow} has no stage {name}",
                hint=f"It runs: {', '.join(stages)}",
            )
    first = stages.index(selection.first) if selection.first else 0
    last = stages.index(selection.last) if selection.last else len(stages) - 1
    if last < first:
        raise InputError(
            f"{selection.last} comes before {selection.first}",
            hint="--from names the earlier stage, --to the later one",
        )
    chosen = stages[first : last + 1]
    asked = [("--force", name) for name in selection.forced if name != ALL]
    if selection.profiled is not None:
        asked.append(("--profile", selection.profiled))
    for option, name in asked:
        if name not in chosen:
            raise InputError(
                f"{option} {name} is not among the stages of this run",
                hint=f"It runs: {', '.join(chosen)}",
            )
    return chosen


class Planner:
    """Decides for one job; asked again before each stage, since results may turn out the same.

    Args:
        job_dir: The job directory.
        selection: What was asked for.
        fingerprints: What stages depend on, as it is now.
        job_id: The job's own; records of another job are put aside.
        cache: Where plan() looks for results; None = nowhere.
        only_looks: Whether even broken records stay where they are.
    """

    def __init__(
        self,
        job_dir: Path,
        selection: Selection,
        fingerprints: Fingerprints,
        job_id: str = "",
        cache: ResultCache | None = None,
        only_looks: bool = False,
    ) -> None:
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
            if self.checkpoint(stage) is None:
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

    def decide(self, stage: str, outputs: JobOutputs | None = None) -> Step:
        """Return what to do with one stage, judged by what is on the disk now.

        Args:
            stage: A name in STAGE_ORDER.
            outputs: What earlier stages will have written; None = what they have.
        """
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
        if checkpoint.status == "skipped":
            return Step(stage, "skip", checkpoint.reason)
        return Step(stage, "keep", f"done {checkpoint.finished_at}")

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
        """Return whether a file that is there holds something else than was recorded."""
        return not output.matches(path) and self._fingerprints.digest_of(path) != output.sha256

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
