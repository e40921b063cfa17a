#!/usr/bin/env python3
"""
Why: what a stage depends on, and what of it changed since it ran, from what to what.

Usage:
    from shared.pipeline.plan.why import explain

    for line in explain(job_dir, "asr"): ...
    for line in explain(job_dir, "asr", verbose=True): ...      # with every file and its digest
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from shared.config import load_config
from shared.core.errors import counted
from shared.core.identity import FILE_MARK, JOB_MARK, MEDIA_MARK, PROJECT_MARK
from shared.environment_manager import EnvironmentManager
from shared.pipeline.cache.opening import open_cache
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.job import load_job
from shared.pipeline.job.record.change import ABSENT, SHORT_DIGEST, Change, short
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.plan import Planner, Step
from shared.pipeline.plan.selection import Selection
from shared.pipeline.plan.unneeded import unneeded
from shared.stage_order import STAGE_ORDER

LONGEST_VALUE = 60
DIGEST = re.compile(f"[0-9a-f]{{{SHORT_DIGEST}}}")


def explain(job_dir: Path, stage: str, verbose: bool = False) -> list[str]:
    """Return why a stage would run again or not, in lines for a person.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
        verbose: Whether every file of the program and every digest is named.
    """
    job = load_job(job_dir)
    config = load_config(job_dir)
    fingerprints = Fingerprints(job_dir, job, config, EnvironmentManager())
    cache = open_cache(config)
    held = (job_dir, Selection(), fingerprints, job.job_id, cache)
    planner = Planner(*held, only_looks=True, unneeded=unneeded(job))
    steps = planner.plan(STAGE_ORDER[: STAGE_ORDER.index(stage) + 1])
    checkpoint = planner.checkpoint(stage)
    if checkpoint is None:
        return [f"{stage} {_fate(steps[-1], 'will run')}: it has not been done in this job"]
    found = planner.findings(checkpoint)
    edited, reasons = found.edited, found.reasons
    lines = []
    if edited:
        lines.append(f"{stage} is kept: edited by hand: {', '.join(edited)}")
        lines.append(f"  --force {stage} makes it anew; the edited files then go to edited/")
    elif reasons:
        lines.append(f"{stage} {_fate(steps[-1], 'will run again')}:")
    if reasons:
        return lines + (_each(reasons) if verbose else _in_words(reasons))
    earlier = _earlier_reasons(steps)
    if edited or earlier:
        return lines + earlier
    done = checkpoint.finished_at if verbose else checkpoint.finished_at[:16].replace("T", " ")
    depends = _depends(checkpoint) + (_exactly if verbose else _summed_up)(checkpoint)
    return [f"{stage} is up to date ({checkpoint.status} {done}); it depends on:", *depends]


def _each(reasons: Sequence[Change]) -> list[str]:
    lines = []
    for one in reasons:
        before, after = _facts(one.before), _facts(one.after)
        if not (before and after):
            lines.append(f"  {one.what}: {_cut(one.before)} -> {_cut(one.after)}")
        for name in sorted(before.keys() | after.keys()) if before and after else ():
            if before.get(name) != after.get(name):
                facts = (_cut(str(facts.get(name, ABSENT))) for facts in (before, after))
                lines.append(f"  {one.what}, {name}: {' -> '.join(facts)}")
    return lines


def _facts(value: str) -> dict[str, object]:
    """Return a value of several facts by name, {} of any other."""
    try:
        read = ast.literal_eval(value) if value.startswith("{") else {}
    except (ValueError, SyntaxError):
        read = {}
    return read if isinstance(read, dict) else {}


def _in_words(reasons: Sequence[Change]) -> list[str]:
    """Return changes as a person tells them: values from what to what, contents as changed."""
    lines, code = [], 0
    for one in reasons:
        if not (DIGEST.fullmatch(one.before) or DIGEST.fullmatch(one.after)):
            lines += _each([one])
        elif one.what.endswith(".py"):
            code += 1
        else:
            lines.append(f"  {_named(one.what)} {_what_became(one)}")
    if code:
        lines.append(f"  the program changed: {counted(code, 'file')} (-v names them)")
    return lines


def _what_became(one: Change) -> str:
    if one.before == ABSENT:
        return "is there now"
    return "is gone" if one.after == ABSENT else "changed"


def _named(name: str) -> str:
    """Return an input as a person calls it, without the mark of where it lies."""
    mark, colon, rest = name.partition(":")
    if mark + colon == MEDIA_MARK:
        return f"the film {rest}"
    return rest if mark + colon in (JOB_MARK, PROJECT_MARK, FILE_MARK) else name


def _fate(step: Step, run: str) -> str:
    """Return what will be done with a stage that gets a new result."""
    return f"will be taken from the cache, {step.reason}" if step.action == "cached" else run


def _earlier_reasons(steps: list[Step]) -> list[str]:
    """Return the line that names the earlier stages whose new results would reach the last one."""
    last = steps[-1]
    if not last.is_to_do:
        return []
    return [f"{last.stage} {_fate(last, f'will run again {last.reason}')}:"] + [
        f"  {step.stage}: {step.reason}" for step in steps[:-1] if step.is_to_do
    ]


def _depends(checkpoint: Checkpoint) -> list[str]:
    lines = [f"  {key} = {_cut(str(value))}" for key, value in checkpoint.parameters.items()]
    for key, value in checkpoint.job_fields.items():
        shown = value["path"] if isinstance(value, dict) and "path" in value else value
        lines.append(f"  {key.lower()} in job.json = {_cut(str(shown))}")
    return lines


def _exactly(checkpoint: Checkpoint) -> list[str]:
    """Return every file with its digest, every program and package with its version."""
    lines = [
        f"  {name} {short(digest)}"
        for name, digest in (*checkpoint.inputs.items(), *checkpoint.code.items())
    ]
    for name, program in checkpoint.programs.items():
        lines.append(f"  {name} {program.version}")
    for environment, packages in checkpoint.packages.items():
        told = ", ".join(f"{name} {version}" for name, version in packages.items())
        lines.append(f"  the environment {environment}: {told}")
    return lines


def _summed_up(checkpoint: Checkpoint) -> list[str]:
    """Return the files that it read, and how much of the program and of packages."""
    lines = [
        f"  {_named(name)}" + ("" if digest else f", {ABSENT}")
        for name, digest in checkpoint.inputs.items()
    ]
    lines += [f"  {name} {program.version}" for name, program in checkpoint.programs.items()]
    packages = [
        f"{counted(len(found), 'package')} of the environment {name}"
        for name, found in checkpoint.packages.items()
    ]
    program = [f"{counted(len(checkpoint.code), 'file')} of the program", *packages]
    return [*lines, f"  {', '.join(program)} (-v names them)"]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
