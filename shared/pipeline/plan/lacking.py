#!/usr/bin/env python3
"""
Lacking: finished stages that took a lesser model because theirs could not be had get another try.

Usage:
    from shared.pipeline.plan.lacking import fetch_what_lacked

    fetch_what_lacked(planner, stages, job, config)      # before the run is planned
"""

from __future__ import annotations

from shared.core.errors import PipelineError
from shared.core.identity import MODEL_MARK
from shared.core.settings import PipelineConfig
from shared.pipeline.job.job import Job
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.plan import Planner


def fetch_what_lacked(
    planner: Planner, stages: list[str], job: Job, config: PipelineConfig
) -> None:
    """Fetch the models that gave way to lesser ones, where they can be had now.

    A stage whose model has come runs again, for it is one of its inputs. Nothing is told of what
    still cannot be had: the plan does.

    Args:
        planner: Knows what the stages of the job recorded.
        stages: The selected ones, in order.
        job: Tells which models were chosen for this machine, not by a person.
        config: Which models and engines are wanted.
    """
    lesser = [stage for stage in stages if _lacks_model(planner.checkpoint(stage))]
    if not lesser:
        return
    # A run that has nothing to do need not wait for what this brings along.
    from shared.models.shown import shown_fetch
    from shared.pipeline.plan.needed import needed_models, provide_models

    try:
        needs = [need for need in needed_models(job, config, lesser) if need.gives_way_to]
        with shown_fetch() as progress:
            provide_models(needs, progress)
    except PipelineError:
        return


def _lacks_model(record: Checkpoint | None) -> bool:
    """Return whether a stage is done without a model that it looked for."""
    return (
        record is not None
        and bool(record.lacks)
        and any(
            name.startswith(MODEL_MARK) and digest is None for name, digest in record.inputs.items()
        )
    )
