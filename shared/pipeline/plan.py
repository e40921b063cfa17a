#!/usr/bin/env python3
"""
Plan: which stages a run will execute, and why, decided before anything starts.

Usage:
    from shared.pipeline.plan import Selection, make_plan

    for step in make_plan(job_dir, workflow, Selection(), fingerprints): ...
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from shared.config import nearest
from shared.core.errors import InputError
from shared.core.identity import JOB_MARK
from shared.pipeline.checkpoint import Checkpoint, CheckpointManager, OutputFile
from shared.pipeline.fingerprint import Change, Fingerprints
from shared.stage_order import STAGE_ORDER, WORKFLOWS, get_stage_dir, get_workflow_stages

ALL = "all"
FORCED = "forced"
Workflow = Literal["transcribe", "translate", "subtitle"]


@dataclass(frozen=True)
class Selection:
    """What --from, --to, --only and --force ask for."""

    first: str | None = None
    last: str | None = None
    forced: tuple[str, ...] = ()

    def is_forced(self, stage: str) -> bool:
        """Return whether a stage runs although nothing changed."""
        return stage in self.forced or ALL in self.forced


@dataclass(frozen=True)
class Step:
    """One stage of the plan."""

    stage: str
    action: Literal["run", "keep", "skip"]
    reason: str
    edited: bool = False


def check_workflow(name: str) -> Workflow:
    """Return a workflow's name, checked.

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
    for name in selection.forced:
        if name != ALL and name not in chosen:
            raise InputError(
                f"--force {name} is not among the stages of this run",
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
    """

    def __init__(
        self, job_dir: Path, selection: Selection, fingerprints: Fingerprints, job_id: str = ""
    ) -> None:
        self._job_dir = job_dir
        self._selection = selection
        self._fingerprints = fingerprints
        self._checkpoints = CheckpointManager(job_dir, job_id)
        self._loaded: dict[str, Checkpoint | None] = {}

    def require_earlier_stages(self, stages: list[str]) -> None:
        """Refuse a selection whose earlier stages were never done.

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
        rerun: str | None = None
        for stage in stages:
            step = self.decide(stage)
            if step.action != "run" and rerun is not None and self._follows(stage, rerun):
                step = Step(stage, "run", f"if the result of {rerun} changes")
            if step.action == "run" and rerun is None:
                rerun = stage
            steps.append(step)
        return steps

    def decide(self, stage: str) -> Step:
        """Return what to do with one stage, judged by what is on the disk now.

        Args:
            stage: A name in STAGE_ORDER.
        """
        if self._selection.is_forced(stage):
            return Step(stage, "run", FORCED)
        checkpoint = self.checkpoint(stage)
        if checkpoint is None:
            return Step(stage, "run", "not done yet")
        reasons, edited = self.reasons(checkpoint), self.edited(checkpoint)
        if edited:
            told = f"edited by hand: {', '.join(edited)}"
            if reasons:
                told += f"; kept although {reasons[0]} (--force {stage} makes it anew)"
            return Step(stage, "keep", told, edited=True)
        if reasons:
            return Step(stage, "run", str(reasons[0]))
        if checkpoint.status == "skipped":
            return Step(stage, "skip", checkpoint.reason)
        return Step(stage, "keep", f"done {checkpoint.finished_at}")

    def reasons(self, checkpoint: Checkpoint) -> list[Change]:
        """Return why a finished stage would run again; empty when it need not.

        Args:
            checkpoint: Its record.
        """
        directory = self._job_dir / get_stage_dir(checkpoint.stage)
        lost = [
            Change(f"its output {name}", "there", how, f"its output {name} is {how}")
            for name, output in checkpoint.outputs.items()
            if (how := output.loss(directory / name))
        ]
        return lost + self._fingerprints.changes(checkpoint, self.known_outputs())

    def edited(self, checkpoint: Checkpoint) -> list[str]:
        """Return the outputs of a finished stage that a person changed since.

        Args:
            checkpoint: Its record.
        """
        directory = self._job_dir / get_stage_dir(checkpoint.stage)
        return [
            name
            for name, output in checkpoint.outputs.items()
            if not output.loss(path := directory / name)
            and not output.matches(path)
            and self._fingerprints.digest_of(path) != output.sha256
        ]

    def checkpoint(self, stage: str) -> Checkpoint | None:
        """Return the checkpoint of a stage, read once."""
        if stage not in self._loaded:
            self._loaded[stage] = self._checkpoints.load_checkpoint(stage)
        return self._loaded[stage]

    def forget(self, stage: str) -> None:
        """Read the checkpoint of a stage again at the next question: it has just run."""
        self._loaded.pop(stage, None)

    def known_outputs(self) -> dict[str, OutputFile]:
        """Return every recorded output of the job by the name under which stages read it."""
        return {
            f"{JOB_MARK}{get_stage_dir(stage)}/{name}": output
            for stage in STAGE_ORDER
            if (checkpoint := self.checkpoint(stage)) is not None
            for name, output in checkpoint.outputs.items()
        }

    def _follows(self, stage: str, changed: str) -> bool:
        """Return whether a stage read, directly or through others, what a changed stage writes."""
        checkpoint = self.checkpoint(stage)
        if checkpoint is None:
            return True
        sources = {name.split("/")[0].removeprefix(JOB_MARK)[3:] for name in checkpoint.inputs}
        sources &= set(STAGE_ORDER) - {stage}
        return changed in sources or any(self._follows(source, changed) for source in sources)
