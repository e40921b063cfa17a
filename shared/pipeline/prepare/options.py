#!/usr/bin/env python3
"""
Job options: the command-line options that describe a job, the same in every command.

Usage:
    from shared.pipeline.prepare.options import add_job_options, request_from
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import InputError

if TYPE_CHECKING:
    from shared.pipeline.prepare.request import Request

JOB_OPTIONS = (
    "source_language target_languages user title year start end audio_track subtitles settings"
).split()


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that describe a job.

    Args:
        parser: The parser of prepare-job or run-pipeline.
    """
    group = parser.add_argument_group("the job")
    group.add_argument("-s", "--source-language", metavar="LANG", help="spoken language, or auto")
    group.add_argument(
        "-t",
        "--target-languages",
        metavar="LANG,…",
        action="append",
        help="languages to translate into, separated by commas",
    )
    group.add_argument("--user", help="whose job it is (default: the one who runs this)")
    group.add_argument("--title", help="title of the film (default: from the file name)")
    group.add_argument("--year", type=int, help="year of the film (default: from the file name)")
    group.add_argument("--start", metavar="TIME", help="work on the film from here (1:02:03.5)")
    group.add_argument("--end", metavar="TIME", help="work on the film up to here")
    group.add_argument(
        "--audio-track", type=int, metavar="N", help="audio track to transcribe, 1 = the first"
    )
    group.add_argument(
        "--subtitles",
        metavar="FILE|track:N",
        help="begin with this text instead of recognition: a subtitle file in any format that is "
        "read, or a text track of the film, 1 = the first; -s is its language",
    )
    group.add_argument(
        "--sync",
        dest="settings",
        action="append_const",
        const="SUBTITLES_SYNC=true",
        help="bring the times of --subtitles to where somebody speaks in the film, and tell by how "
        "much; not where it is not sure",
    )
    group.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        help="a setting of config/.env.pipeline for a new job, or for this run of a prepared one; "
        "stands above every file and the environment; may be repeated",
    )


def parse_settings(items: list[str]) -> dict[str, str]:
    """Return KEY=VALUE arguments as a mapping.

    Args:
        items: What followed each --set.

    Raises:
        InputError: When one has no '='.
    """
    settings: dict[str, str] = {}
    for item in items:
        key, separator, value = item.partition("=")
        if not separator or not key:
            raise InputError(f"--set {item!r} is not KEY=VALUE", hint="--set WHISPER_MODEL=base")
        settings[key.strip().upper()] = value.strip()
    return settings


def request_from(arguments: argparse.Namespace, media: Path, workflow: str) -> Request:
    """Return what was asked for.

    Args:
        arguments: What add_job_options parsed.
        media: The film.
        workflow: transcribe, translate or subtitle.
    """
    # A run that prepares nothing, and may have nothing to do, need not wait for it.
    from shared.pipeline.prepare.request import Request

    return Request(
        media=media,
        workflow=workflow,
        source="auto" if arguments.source_language is None else arguments.source_language,
        targets=tuple(arguments.target_languages or ()),
        user=arguments.user,
        title=arguments.title,
        year=arguments.year,
        start=arguments.start,
        end=arguments.end,
        audio_track=arguments.audio_track,
        subtitles=arguments.subtitles,
        settings=parse_settings(arguments.settings or []),
    )
