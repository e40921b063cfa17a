#!/usr/bin/env python3
"""
Measure subtitles: the whole job on every clip of a manifest, judged by the linter as files.

For each clip and profile it runs the workflow subtitle and prints the cues, the linter's errors and
warnings on every .srt that came out, the share of detected speech that has text, the seconds
without, and the word error where there is a reference. The second profile repeats no recognition:
its work comes from the cache.

Usage:
    venv/common/bin/python tools/measure/subtitles.py --manifest clips.json --out DIR [--json FILE]

The manifest is that of tools/measure/word_errors.py. Exit code 1 when the linter finds an error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.configuration.variables import variables  # noqa: E402
from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.media.probe import probe_media  # noqa: E402
from shared.pipeline.job.job import load_job  # noqa: E402
from shared.stage_order import get_stage_dir  # noqa: E402
from shared.subtitles.base.profiles import PROFILES, limits_for  # noqa: E402
from shared.subtitles.checking.lint import lint_source  # noqa: E402
from shared.subtitles.files.names import parse_name  # noqa: E402
from shared.subtitles.files.source import read_source  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402
from tools.evaluation.words import rate, word_errors  # noqa: E402

COLUMNS = ("clip", "profile", "track", "cues", "errors", "warnings")
FIGURES = ("coverage %", "without text s", "word error %")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's options.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/subtitles.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("--manifest", type=named_path, required=True, help="JSON list of clips")
    parser.add_argument("--only", default="", help="comma-separated ids of the clips to measure")
    parser.add_argument("--out", type=named_path, required=True, help="folder of the jobs")
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE of the jobs")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    return parser.parse_args(arguments)


def run_job(clip: dict[str, Any], film: Path, profile: str, options: argparse.Namespace) -> Path:
    """Run one job and return its directory.

    Args:
        clip: Its entry in the manifest.
        film: The file.
        profile: netflix or bbc.
        options: Where, and with which settings.

    Raises:
        InputError: The job failed; with the last line that it said.
    """
    language = clip["language"]
    target = ["-t", "en"] if language != "en" else []
    usual = [f"SUBTITLE_PROFILE={profile}", "WHISPER_MODEL=base", "ALLOW_UNTRANSLATED=true"]
    settings = [*usual, *options.set]
    command = [str(PROJECT_ROOT / "prepare-job.sh"), "--media", str(film), "-s", language, *target]
    command += ["--workflow", "subtitle", *(part for one in settings for part in ("--set", one))]
    environment = variables() | {"CP_OUTPUT_ROOT": str(options.out.resolve())}
    prepared = _run(command, environment)
    job_dir = Path(prepared.strip().splitlines()[-1])
    _run([str(PROJECT_ROOT / "run-pipeline.sh"), "subtitle", str(job_dir)], environment)
    return job_dir


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=PROJECT_ROOT
    )
    if done.returncode:
        raise InputError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def judge(clip: dict[str, Any], film: Path, profile: Any, job_dir: Path) -> list[dict[str, Any]]:
    """Return one row for each .srt of a finished job.

    Args:
        clip: Its entry in the manifest.
        film: The file.
        profile: netflix or bbc.
        job_dir: A job whose subtitles are made.
    """
    media, job = probe_media(film), load_job(job_dir)
    exported = job_dir / get_stage_dir("export_transcript") / "transcript.json"
    transcript = Transcript.model_validate_json(exported.read_bytes())
    rows: list[dict[str, Any]] = []
    for path in sorted((job_dir / get_stage_dir("subtitle_generation")).glob("*.srt")):
        name = parse_name(path.name)
        limits = limits_for(name.language, profile=profile, frame_rate=media.frame_rate)
        source = read_source(path)
        found = lint_source(source, limits, [], media.duration)
        row: dict[str, Any] = {"clip": clip["id"], "profile": profile, "track": name.language}
        row |= {"cues": len(source.cues)}
        row["errors"] = [one.model_dump() for one in found if one.severity == "error"]
        row["warnings"] = [one.model_dump() for one in found if one.severity == "warning"]
        if name.language == job.source_language:
            row |= _figures(clip, transcript)
        rows.append(row)
    return rows


def _figures(clip: dict[str, Any], transcript: Transcript) -> dict[str, Any]:
    """Return how much of the speech has text, and how much of the text is wrong."""
    figures: dict[str, Any] = {}
    if transcript.coverage is not None:
        figures["coverage %"] = 100.0 * transcript.coverage.share
        figures["without text s"] = transcript.coverage.without_text_seconds
    if clip.get("reference_text"):
        text = " ".join(one.text for one in transcript.segments)
        figures["word error %"] = rate(*word_errors(clip["reference_text"], text))
    return figures


def show(rows: list[dict[str, Any]]) -> None:
    """Print the figures as a table.

    Args:
        rows: Figures of each clip, one row each.
    """
    table = Table(*COLUMNS, *FIGURES)
    for row in rows:
        counts = [str(len(row[name])) for name in ("errors", "warnings")]
        numbers = ["" if row.get(name) is None else f"{row[name]:.1f}" for name in FIGURES]
        table.add_row(*(str(row[name]) for name in COLUMNS[:4]), *counts, *numbers)
    Console(width=120).print(table)
    for row in rows:
        for one in row["errors"]:
            print(
                f"{row['clip']} {row['profile']} {row['track']}: cue {one['cue']} {one['message']}"
            )


def main(arguments: list[str] | None = None) -> int:
    """Measure every clip; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    options = parse_arguments(arguments)
    clips = json.loads(options.manifest.read_text(encoding="utf-8"))
    wanted = set(filter(None, options.only.split(",")))
    rows: list[dict[str, Any]] = []
    for clip in (one for one in clips if not wanted or one["id"] in wanted):
        film = options.manifest.parent / clip["path"]
        for profile in PROFILES:
            job_dir = run_job(clip, film, profile, options)
            rows += judge(clip, film, profile, job_dir)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
    return EXIT_FAILURE if any(row["errors"] for row in rows) else EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
