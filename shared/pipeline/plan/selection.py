#!/usr/bin/env python3
"""
Selection: which stages a run may touch, and which it runs although nothing changed.

Usage:
    from shared.pipeline.plan.selection import Selection, selected_stages

    selected_stages("subtitle", Selection(first="asr", last="translation"))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from shared.core.errors import InputError, nearest
from shared.stage_order import STAGE_ORDER, WORKFLOWS, get_workflow_stages

ALL = "all"
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
