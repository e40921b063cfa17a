#!/usr/bin/env python3
"""
Batch: the verb that finds films and runs those that need it, several at once.

It runs in an environment of its own, venv/batch, made when it is first used.

Usage:
    ./run-pipeline.sh batch films/ -s hi -t en --beside
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from shared.commands.batch_options import batch_parser
from shared.config import load_config, use_settings
from shared.core.errors import InputError, shown
from shared.core.output import only_tells
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import detect_hardware
from shared.observability.batch_display import BatchTeller
from shared.observability.batch_table import batch_lines
from shared.observability.publish import published
from shared.pipeline.batch.after import run_after
from shared.pipeline.batch.batch import Batch
from shared.pipeline.batch.cluster.trust import Trust
from shared.pipeline.batch.control import hold_batch
from shared.pipeline.batch.film_run import Treatment, films_to_run
from shared.pipeline.batch.films.earlier_jobs import EarlierJobs
from shared.pipeline.batch.films.finding import Candidate, find_candidates
from shared.pipeline.batch.films.judging import Judge, Judged, Wanted
from shared.pipeline.batch.gate import Gate
from shared.pipeline.batch.hours import Hours, parse_clock, parse_hours
from shared.pipeline.batch.needs import Needs, memory_budget_mb, slots_of
from shared.pipeline.batch.place import Shop
from shared.pipeline.batch.record import BatchRecord
from shared.pipeline.job.checkpoint import now
from shared.pipeline.job.job import output_root
from shared.pipeline.plan.selection import (
    Selection,
    check_stage,
    check_workflow,
    selected_stages,
)
from shared.pipeline.prepare.options import request_from
from shared.pipeline.prepare.prepare import user_name
from shared.pipeline.prepare.request import Request, check_names, spoken, wanted_targets
from shared.pipeline.prepare.same_film import run_settings
from shared.pipeline.prepare.set_up import set_up
from shared.pipeline.prepare.target import delivery_setting
from shared.report.at_end import page_at_end

ENVIRONMENT = "batch"


def main(argv: list[str]) -> int:
    """Find, judge and run films; return the exit code.

    Args:
        argv: The arguments after 'batch'.

    Raises:
        InputError: They make no sense.
        UnavailableError: A batch of the same is running, or something is not here.
        DependencyError: The scheduler does not start.
    """
    arguments = batch_parser().parse_intermixed_args(argv)
    request, hours = _checked(arguments)
    if not arguments.dry_run:
        _go_on_in_own_environment(argv)
        only_tells()  # jobs are the result: the exit code is the work's, whoever listens
    config = load_config(overrides=request.settings)
    use_settings(run_settings(request.settings))
    record = _record(arguments, argv, request, config)
    root = output_root(config)
    found = find_candidates(arguments.targets, arguments.lists, arguments.recursive, root)
    if arguments.dry_run:
        _judge(found, arguments, request, record, config)
        _tell(record, arguments.json, planned=True)
        return 0
    with hold_batch(root, record) as folder:
        sys.stderr.write(shown(f"Batch: {folder}") + "\n")
        to_do = _judge(found, arguments, request, record, config)
        selection, teller = Selection(last=arguments.last), BatchTeller(arguments.json)
        with _shop(config, arguments.scheduler) as shop:
            if arguments.scheduler is not None:
                _require_workers(shop, to_do, selection)
            treatment = Treatment(
                teller.display, page_at_end, published, selection, config.after_film_command
            )
            code = Batch(record, folder, to_do, shop, hours, treatment).run()
        trouble = run_after(config.after_batch_command, record.model_dump(mode="json"))
    if trouble:
        sys.stderr.write(f"warning: {shown(trouble)}\n")
    _tell(record, arguments.json)
    return code


def _checked(arguments: argparse.Namespace) -> tuple[Request, Hours]:
    """Return what is asked for of each film, and when, checked as far as no film is needed."""
    if not [*arguments.targets, *arguments.lists]:
        raise InputError("Name a folder, films or a list", hint="./run-pipeline.sh batch DIR -s hi")
    for option in ("title", "year"):
        if getattr(arguments, option) is not None:
            raise InputError(
                f"--{option} is of one film", hint=f"{option.upper()}=… in Film.cp.env beside it"
            )
    workflow = check_workflow(arguments.workflow)
    if arguments.last is not None:
        check_stage(arguments.last, "--to")
    selected_stages(workflow, Selection(last=arguments.last))
    arguments.settings = [*(arguments.settings or []), *delivery_setting(arguments)]
    request = request_from(arguments, Path("film"), workflow)
    check_names(request)
    spoken(request.source)
    wanted_targets(request.targets, workflow)
    until, quiet = arguments.until, arguments.not_between
    return request, Hours(
        parse_clock(until, "--until") if until is not None else None,
        parse_hours(quiet) if quiet is not None else None,
    )


def _record(
    arguments: argparse.Namespace, argv: list[str], request: Request, config: PipelineConfig
) -> BatchRecord:
    names = [os.path.realpath(os.path.expanduser(one)) for one in arguments.targets]
    asked = [names, arguments.lists, arguments.workflow, request.source, request.targets]
    asked += [arguments.last, arguments.recursive, arguments.again, arguments.retry_failed]
    asked += [request.start, request.end, request.audio_track, sorted(request.settings.items())]
    key = hashlib.sha256(json.dumps(asked).encode("utf-8", "surrogateescape")).hexdigest()
    return BatchRecord(
        key=key,
        command=argv,
        workflow=arguments.workflow,
        user=request.user or user_name(),
        host=platform.node(),
        pid=os.getpid(),
        created_at=now(),
        memory_budget_mb=memory_budget_mb(config, detect_hardware()),
    )


def _judge(
    found: Sequence[Candidate],
    arguments: argparse.Namespace,
    request: Request,
    record: BatchRecord,
    config: PipelineConfig,
) -> list[Judged]:
    """Look at all files; note what is to be done with each, and return those to be done."""
    root = output_root(config)
    selection = Selection(last=arguments.last)
    wanted = Wanted(request, arguments.again, arguments.retry_failed, selection)
    judge = Judge(wanted, EarlierJobs(root, record.user), config.batch_still_seconds)
    judged = judge.judge(found)
    record.films = [one.record for one in judged]
    to_do = films_to_run(judged)
    if arguments.limit is not None:
        for one in to_do[arguments.limit :]:
            one.record.state, one.record.reason = "not begun", f"--limit {arguments.limit}"
        to_do = to_do[: arguments.limit]
    return to_do


def _require_workers(shop: Shop, to_do: list[Judged], selection: Selection) -> None:
    from shared.pipeline.batch.cluster.runner import require_workers

    require_workers(shop.gate, to_do, selection)


@contextmanager
def _shop(config: PipelineConfig, scheduler: str | None) -> Iterator[Shop]:
    """Yield where attempts run: on this machine, and on the workers of a cluster that is named.

    Raises:
        InputError: That is no address of a cluster.
        UnavailableError: No scheduler answers there, or certificates are missing.
        DependencyError: The scheduler of this machine does not start.
    """
    from shared.pipeline.batch.dask_executor import DaskExecutor

    hardware = detect_hardware()
    slots = slots_of(hardware)
    preparing = Needs(config, EnvironmentManager()).preparing()
    if scheduler is None:
        with DaskExecutor(slots) as executor:
            yield Shop(Gate(slots), executor, slots, preparing)
        return
    from shared.pipeline.batch.cluster.cluster import Cluster
    from shared.pipeline.batch.cluster.offers import HOME
    from shared.pipeline.batch.cluster.runner import ClusterRunner

    home = [replace(slots[0], offers=frozenset({HOME}))]
    with (
        DaskExecutor(home) as executor,
        Cluster(scheduler, Trust.of(config), home, hardware) as cluster,
    ):
        gate = Gate(cluster.slots())
        cluster.feed(gate)
        make_runner = partial(ClusterRunner, cluster)
        yield Shop(gate, executor, home, preparing, make_runner=make_runner)


def _tell(record: BatchRecord, as_json: bool, planned: bool = False) -> None:
    if as_json:
        data = {"event": "batch", **record.model_dump(mode="json")}
        sys.stdout.write(json.dumps(data) + "\n")
        return
    for line in batch_lines(record, planned):
        sys.stdout.write(shown(line) + "\n")


def _go_on_in_own_environment(argv: list[str]) -> None:
    """Start again in venv/batch, which is made where it is not there, unless it is what runs this.

    Raises:
        UnavailableError: It cannot be made.
    """
    environments = EnvironmentManager()
    if Path(sys.prefix).resolve() == environments.folder(ENVIRONMENT).resolve():
        return
    if environments.status(ENVIRONMENT).state != "good":
        sys.stderr.write("Setting up what a batch needs (once)\n")
        set_up(ENVIRONMENT)
    python = str(environments.python(ENVIRONMENT))
    script = str(PROJECT_ROOT / "scripts" / "run-pipeline.py")
    os.execv(python, [python, script, "batch", *argv])
