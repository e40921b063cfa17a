#!/usr/bin/env python3
"""
Jobs: the verb that lists, finds, shows and removes the jobs there are.

Usage:
    ./run-pipeline.sh jobs
    ./run-pipeline.sh jobs find harbour lights
    ./run-pipeline.sh jobs show out/2026/11/23/me/1
    ./run-pipeline.sh jobs remove out/2026/11/23/me/1
    ./run-pipeline.sh jobs clean --older-than 30d
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from shared.commands.options import DAY, jobs_parser
from shared.config import load_config
from shared.core.errors import EXIT_SUCCESS, InputError, ToldError, counted, first_of, shown
from shared.core.files import size_on_disk
from shared.pipeline.job.job import output_root
from shared.pipeline.jobs.listing import JobSummary, find_jobs, list_jobs, show_job
from shared.pipeline.jobs.removing import is_job, last_touched, made_by_hand, remove_job, sweep
from shared.pipeline.jobs.results import results
from shared.pipeline.run.command_line import tell_error

MB, GB = 1_000_000, 1_000_000_000
MOST_NAMED = 5


def main(argv: list[str]) -> int:
    """Do what was asked; return the exit code.

    Args:
        argv: The arguments after 'jobs'.

    Raises:
        InputError: No such job, or nobody to answer whether a person's work may go.
        UnavailableError: A job to remove is being run.
    """
    arguments = jobs_parser().parse_args(argv)
    root = output_root(load_config())
    if arguments.verb in (None, "list"):
        return _tell(list_jobs(root), arguments.json, f"There are no jobs in {root}")
    if arguments.verb == "find":
        words = " ".join(arguments.words)
        return _tell(find_jobs(root, words), arguments.json, f"No job has all of: {words}")
    if arguments.verb == "show":
        return _show(_one_job(root, " ".join(arguments.job)), arguments.json)
    if arguments.verb == "remove":
        return _remove(_named_jobs(root, arguments.job), arguments)
    return _clean(root, arguments)


def _tell(jobs: Sequence[JobSummary], as_json: bool, none: str) -> int:
    """Print a table of jobs, or a line that says that there are none."""
    sizes = [size_on_disk(one.job_dir) for one in jobs]
    if as_json:
        rows = [one.as_data() | {"bytes": size} for one, size in zip(jobs, sizes, strict=True)]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return EXIT_SUCCESS
    if not jobs:
        sys.stdout.write(shown(none) + "\n")
        return EXIT_SUCCESS
    sys.stdout.write(f"{'made':<16}  {'state':<7}  {'MB':>8}  {'languages':<12}  job, film\n")
    for one, size in zip(jobs, sizes, strict=True):
        sys.stdout.write(shown(_row(one, size)) + "\n")
    total = _amount(sum(sizes))
    sys.stdout.write(f"{counted(len(jobs), 'job')}, {total} on the disk\n")
    return EXIT_SUCCESS


def _row(one: JobSummary, size: int) -> str:
    if one.job is None:
        return (
            f"{'':<16}  {one.state:<7}  {size / MB:>8.1f}  {'':<12}  {one.job_dir}: {one.problem}"
        )
    job = one.job
    made = job.created_at[:16].replace("T", " ")
    languages = f"{job.source_language}>{','.join(job.target_languages)}".rstrip(">")
    film = job.title if job.year is None else f"{job.title} ({job.year})"
    row = f"{made:<16}  {one.state:<7}  {size / MB:>8.1f}  {languages:<12}  {one.job_dir}  {film}"
    return f"{row}: {one.problem}" if one.problem else row


def _show(one: JobSummary, as_json: bool) -> int:
    """Print one job with its stages and files."""
    files = results(one.job_dir) if one.job is not None else []
    size, by_hand = size_on_disk(one.job_dir), made_by_hand(one.job_dir)
    if as_json:
        data = one.as_data() | {
            "bytes": size,
            "results": [file.as_data() for file in files],
            "made_by_hand": by_hand,
        }
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        return EXIT_SUCCESS
    lines = [f"{one.job_dir}: {one.state}" + (f" ({one.problem})" if one.problem else "")]
    if one.job is not None:
        job = one.job
        lines += [f"{'Film:':<12} {job.media.path}", f"{'Workflow:':<12} {job.workflow}"]
        targets = ", ".join(job.target_languages) or "none"
        lines += [f"{'Languages:':<12} {job.source_language}, into {targets}"]
        lines += [f"{'Stages:':<12} {len(one.stages)} done" + _next(one)]
    lines += [f"{'Size:':<12} {_amount(size)}"]
    for file in files:
        note = "" if file.state == "as written" else f"  ({file.state})"
        lines.append(f"  {file.size / MB:>9.2f} MB  {file.name}{note}")
    if by_hand:
        lines.append(f"{'By hand:':<12} {first_of(by_hand, MOST_NAMED)}")
    for line in lines:
        sys.stdout.write(shown(line) + "\n")
    return EXIT_SUCCESS


def _next(one: JobSummary) -> str:
    return f", next: {one.next_stage}" if one.next_stage else ""


def _clean(root: Path, arguments: argparse.Namespace) -> int:
    """Remove finished jobs of old; tell which of them stay, and why."""
    wanted, kept = [], []
    if not arguments.dry_run:
        sweep(root)
    for one in list_jobs(root):
        age = time.time() - last_touched(one.job_dir)
        if age < -DAY:
            kept.append(f"{one.job_dir}: its files are of the future, so that nobody knows its age")
        if age < arguments.older_than:
            continue
        if one.state == "running":
            kept.append(f"{one.job_dir}: it is being run")
        elif one.state == "done" or arguments.unfinished:
            wanted.append(one)
        else:
            kept.append(f"{one.job_dir}: {one.state}; --unfinished removes it too")
    for line in kept:
        sys.stderr.write(f"kept: {shown(line)}\n")
    return _remove(wanted, arguments)


def _remove(jobs: Sequence[JobSummary], arguments: argparse.Namespace) -> int:
    """Remove jobs, after a question where a person's work would go with one."""
    freed, gone = 0, []
    kept: list[ToldError] = []
    for one in {one.job_dir: one for one in jobs}.values():
        try:
            by_hand = made_by_hand(one.job_dir)
            if by_hand and not arguments.yes and not arguments.dry_run:
                told = f"{one.job_dir} holds what a person made: {first_of(by_hand, MOST_NAMED)}"
                if not _may_go(told, is_named=arguments.verb == "remove"):
                    continue
            look = size_on_disk if arguments.dry_run else remove_job
            freed += look(one.job_dir)
        except ToldError as error:  # the others are told all the same
            kept.append(error)
            continue
        gone.append(str(one.job_dir))
    if arguments.json:
        data = {"removed": gone, "bytes": freed, "dry_run": arguments.dry_run}
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    else:
        said = "would be removed" if arguments.dry_run else "removed"
        for job in gone:
            sys.stdout.write(f"{said}: {shown(job)}\n")
        if gone or not kept:
            sys.stdout.write(f"{counted(len(gone), 'job')} {said}, {_amount(freed)}\n")
    for one_kept in kept[:-1]:
        tell_error(one_kept)
    if kept:
        raise kept[-1]
    return EXIT_SUCCESS


def _may_go(told: str, is_named: bool) -> bool:
    """Ask whether a person's work may go; of a job that nobody named it stays without a question.

    Raises:
        InputError: There is nobody to ask.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        sys.stderr.write(f"{shown(told)}\nRemove it all the same? [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().casefold() in {"y", "yes"}
    if is_named:
        raise InputError(
            told, hint="Copy what you want to keep; --yes removes it without a question"
        )
    sys.stderr.write(f"kept: {shown(told)}; --yes removes it too\n")
    return False


def _named_jobs(root: Path, given: Sequence[str]) -> list[JobSummary]:
    """Return the jobs that were named: job directories, or words that find one job alone."""
    paths = [Path(text).expanduser() for text in given]
    if all(path.is_dir() for path in paths):
        return [_at(path) for path in paths]
    return [_one_job(root, " ".join(given))]


def _one_job(root: Path, text: str) -> JobSummary:
    path = Path(text).expanduser()
    if path.is_dir():
        return _at(path)
    found = find_jobs(root, text) if text.strip() else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"There is no job {text}", hint="./run-pipeline.sh jobs list")
    places = ", ".join(str(one.job_dir) for one in found[:MOST_NAMED])
    raise InputError(
        f"{counted(len(found), 'job')} fit {text}: {places}"
        + (" …" if len(found) > MOST_NAMED else ""),
        hint="Name its directory",
    )


def _at(path: Path) -> JobSummary:
    """Return the job in a directory.

    Raises:
        InputError: There is none.
    """
    if path.is_symlink():
        raise InputError(f"{path} is a link", hint=f"Name the job itself: {path.resolve()}")
    one = show_job(path.resolve())
    if not is_job(one.job_dir):
        raise InputError(f"{path} is no job directory", hint="./run-pipeline.sh jobs list")
    return one


def _amount(size: int) -> str:
    return f"{size / GB:.1f} GB" if size >= GB else f"{size / MB:.1f} MB"
