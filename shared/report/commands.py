#!/usr/bin/env python3
"""
Commands: how a part of a job is done again, as somebody would type it.

Usage:
    from shared.report.commands import commands_of

    for what, command in commands_of(facts): ...
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from shared.core.paths import PROJECT_ROOT
from shared.report.facts import Facts

RUN = "./run-pipeline.sh"


def commands_of(facts: Facts) -> list[tuple[str, str]]:
    """Return what can be done with a job, and the commands, to be run in the project's folder.

    Args:
        facts: What is known of it.
    """
    return list(_commands(facts))


def _commands(facts: Facts) -> Iterator[tuple[str, str]]:
    job = shlex.quote(str(facts.job_dir))
    run = f"{RUN} {facts.job.workflow} {job}"
    yield "Go to the project first", f"cd {shlex.quote(str(PROJECT_ROOT))}"
    yield "Go on, or do what follows from an edit", run
    yield "See first what that would do, and why", f"{run} --dry-run"
    yield "Hear again", f"{run} --force asr"
    if facts.job.target_languages:
        yield "Translate again", f"{run} --force translation"
    if facts.job.workflow == "subtitle":
        yield "Make the subtitles again", f"{run} --force subtitle_generation"
    if "asr" in facts.records:
        yield "What changed since it was heard", f"{RUN} why asr {job}"
    yield "All files of the job", f"{RUN} jobs show {job}"
    yield "This page again", f"{RUN} report {job}"
