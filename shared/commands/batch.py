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
from pathlib import Path

from shared.commands.batch_options import batch_parser, watch_parser
from shared.commands.batch_shop import open_shop
from shared.config import load_config, use_settings
from shared.core.errors import InputError, shown
from shared.core.output import only_tells
from shared.core.settings import PipelineConfig
from shared.hardware_detection import detect_hardware
from shared.observability.batch_display import BatchTeller
from shared.observability.batch_table import batch_lines
from shared.observability.publish import published
from shared.pipeline.batch.after import run_after
from shared.pipeline.batch.batch import Batch
from shared.pipeline.batch.control import hold_batch
from shared.pipeline.batch.film_run import Treatment, films_to_run
from shared.pipeline.batch.films.earlier_jobs import EarlierJobs
from shared.pipeline.batch.films.finding import NO_FILM, Candidate, find_candidates
from shared.pipeline.batch.films.judging import Judge, Judged, Wanted
from shared.pipeline.batch.films.watching import Watching
from shared.pipeline.batch.hours import Hours, parse_clock, parse_hours
from shared.pipeline.batch.needs import memory_budget_mb
from shared.pipeline.batch.notifications import Notifier
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
from shared.pipeline.prepare.set_up import go_on_in
from shared.pipeline.prepare.target import delivery_setting
from shared.report.at_end import page_at_end

ENVIRONMENT = "batch"


def main(argv: list[str], verb: str = "batch") -> int:
    """Find, judge and run films; return the exit code.

    Args:
        argv: The arguments after the verb.
        verb: 'batch', or 'watch', which goes on for ever.

    Raises:
        InputError: They make no sense.
        UnavailableError: A batch of the same is running, or something is not here.
        DependencyError: The scheduler does not start.
    """
    make_parser = batch_parser if verb == "batch" else watch_parser
    arguments = make_parser().parse_intermixed_args(argv)
    request, hours = _checked(arguments)
    if not arguments.dry_run:
        go_on_in(ENVIRONMENT, "a batch", [verb, *argv])
        only_tells()  # jobs are the result: the exit code is the work's, whoever listens
    config = load_config(overrides=request.settings)
    notifier = Notifier.from_config(config)
    use_settings(run_settings(request.settings))
    record = _record(arguments, argv, request, config)
    root = output_root(config)
    if verb == "watch":
        record.watched = [str(one) for one in _folders(arguments.targets)]
        record.key = f"watch {record.key}"
        found = []
    else:
        found = find_candidates(arguments.targets, arguments.lists, arguments.recursive, root)
    if arguments.dry_run:
        _judge(found, arguments, request, record, config)
        _tell(record, arguments.json, planned=True)
        return 0
    with hold_batch(root, record) as folder:
        sys.stderr.write(shown(f"Batch: {folder}") + "\n")
        to_do = _judge(found, arguments, request, record, config)
        selection, teller = Selection(last=arguments.last), BatchTeller(arguments.json)
        with _watching(arguments, request, record, config, teller, notifier) as feed:
            with open_shop(config, arguments.scheduler, to_do, selection) as shop:
                command = config.after_film_command
                after = (selection, command, notifier)
                treatment = Treatment(teller.display, page_at_end, published, *after)
                batch = Batch(record, folder, to_do, shop, hours, treatment, feed=feed)
                code = batch.run()
        troubles = (
            run_after(config.after_batch_command, record.model_dump(mode="json")),
            notifier.batch_ended(record),
        )
    for trouble in filter(None, troubles):
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
    judged = _judge_for(arguments, request, record, config).judge(found)
    record.films = [one.record for one in judged]
    to_do = films_to_run(judged)
    if arguments.limit is not None:
        for one in to_do[arguments.limit :]:
            one.record.state, one.record.reason = "not begun", f"--limit {arguments.limit}"
        to_do = to_do[: arguments.limit]
    return to_do


def _judge_for(
    arguments: argparse.Namespace,
    request: Request,
    record: BatchRecord,
    config: PipelineConfig,
    retry_failed: bool = False,
) -> Judge:
    tried_again = arguments.retry_failed or retry_failed
    wanted = Wanted(request, arguments.again, tried_again, Selection(last=arguments.last))
    jobs = EarlierJobs(output_root(config), record.user)
    return Judge(wanted, jobs, config.batch_still_seconds)


def _folders(targets: Sequence[str]) -> list[Path]:
    """Return the folders to watch.

    Raises:
        InputError: One is not there, or is no folder.
    """
    folders = [Path(os.path.abspath(os.path.expanduser(one))) for one in targets]
    for target, folder in zip(targets, folders, strict=True):
        if not target.strip() or not folder.is_dir():
            raise InputError(f"{target or 'the empty name'} is no folder", hint="Watch a folder")
    return folders


@contextmanager
def _watching(
    arguments: argparse.Namespace,
    request: Request,
    record: BatchRecord,
    config: PipelineConfig,
    teller: BatchTeller,
    notifier: Notifier,
) -> Iterator[Watching | None]:
    """Watch the folders of a record as long as the batch runs; None where there are none."""
    if not record.watched:
        yield None
        return

    def judge(found: Sequence[Candidate], retry_failed: bool) -> list[Judged]:
        judged = _judge_for(arguments, request, record, config, retry_failed).judge(found)
        for one in judged:
            if one.draft is None and one.record.reason != NO_FILM:
                words = f"{one.record.state}: {one.record.reason}"
                teller.tell("judged", one.record, words, state=one.record.state)
                if trouble := notifier.film_ended(one.record):
                    teller.remark(trouble)
        return judged

    watching = Watching(
        list(map(Path, record.watched)),
        arguments.recursive,
        output_root(config),
        judge,
        config.watch_seconds,
        teller.remark,
    )
    watching.start()
    try:
        yield watching
    finally:
        watching.end()


def _tell(record: BatchRecord, as_json: bool, planned: bool = False) -> None:
    if as_json:
        data = {"event": "batch", **record.model_dump(mode="json")}
        sys.stdout.write(json.dumps(data) + "\n")
        return
    for line in batch_lines(record, planned):
        sys.stdout.write(shown(line) + "\n")
