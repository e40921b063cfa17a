#!/usr/bin/env python3
"""
Measure doubts: whether the queue of doubts puts the cues first that are really wrong.

For each finished job whose film is a clip of the manifest it prints how many cues of the spoken
language are wrong (they have a word that the reference does not have at that place), the share of
wrong ones among the first N of the queue, and that of a random order; at the end, of all clips
together, and the area under the curve: how often a wrong cue stands before a right one.

Usage:
    venv/common/bin/python tools/measure/doubts.py --manifest clips.json JOB_DIR… \
        [--first 5,10,20] [--wrong 0.0] [--json FILE]

The manifest is that of tools/measure/word_errors.py.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.pipeline.job.job import load_job  # noqa: E402
from shared.pipeline.jobs.doubts.cues import Track, read_tracks  # noqa: E402
from shared.pipeline.jobs.doubts.queue import find_doubts  # noqa: E402
from shared.pipeline.jobs.doubts.sources import read_transcript  # noqa: E402
from tools.evaluation.inputs import Line  # noqa: E402
from tools.evaluation.words import align, normalise  # noqa: E402
from tools.measure.clips import measured, read_clips  # noqa: E402

DECIMALS = 3


@dataclass(frozen=True)
class Judged:
    """A cue: how heavily it is doubted, and whether it is wrong."""

    weight: float
    is_wrong: bool


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's options.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/doubts.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("jobs", nargs="+", type=named_path, metavar="JOB_DIR")
    parser.add_argument("--manifest", type=named_path, required=True, help="JSON list of clips")
    parser.add_argument("--first", default="5,10,20", help="lengths of the queue's head")
    parser.add_argument(
        "--wrong",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="a cue with more of its words wrong than this is wrong (default: 0, any word)",
    )
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    return parser.parse_args(arguments)


def judge_job(job_dir: Path, reference: str, least: float) -> list[Judged]:
    """Return the cues of the spoken language of a job, judged; [] where it has none.

    Args:
        job_dir: A job whose subtitles are made.
        reference: What is said.
        least: As --wrong.
    """
    _, transcript = read_transcript(job_dir)
    track = read_tracks(job_dir, load_job(job_dir)).get(transcript.language if transcript else "")
    if track is None:
        return []
    weights: dict[int, float] = {}
    for doubt in find_doubts(job_dir):
        if doubt.track == track.name and doubt.line is not None:
            weights[doubt.line] = doubt.weight
    wrong = wrong_cues(track, reference, least)
    return [Judged(weights.get(cue.line, 0.0), n in wrong) for n, cue in enumerate(track.cues)]


def wrong_cues(track: Track, reference: str, least: float) -> set[int]:
    """Return the places of cues with words that the reference does not have there.

    Args:
        track: The subtitles.
        reference: What is said.
        least: As --wrong.
    """
    words = [normalise(Line(cue.text).said) for cue in track.cues]
    owners = [number for number, own in enumerate(words) for _ in own]
    heard = [word for own in words for word in own]
    expected = normalise(reference)
    faults = [0] * len(words)
    for ours, theirs in align(expected, heard):
        if theirs is not None and (ours is None or expected[ours] != heard[theirs]):
            faults[owners[theirs]] += 1
    return {n for n, own in enumerate(words) if own and faults[n] / len(own) > least}


def precision(cues: list[Judged], first: int) -> float | None:
    """Return the share of wrong cues among the first of the queue; equally doubted ones count in
    part, as in the mean of all their orders.

    Args:
        cues: Judged.
        first: How many; None is returned where there are fewer.
    """
    if len(cues) < first or not first:
        return None
    ordered = sorted(cues, key=lambda one: -one.weight)
    edge = ordered[first - 1].weight
    sure = [one for one in ordered if one.weight > edge]
    tied = [one for one in ordered if one.weight == edge]
    share = sum(one.is_wrong for one in tied) / len(tied)
    return (sum(one.is_wrong for one in sure) + share * (first - len(sure))) / first


def area(cues: list[Judged]) -> float | None:
    """Return how often a wrong cue is doubted more than a right one, a tie for half.

    Args:
        cues: Judged; None is returned where all are right or all wrong.
    """
    wrong = [one.weight for one in cues if one.is_wrong]
    right = [one.weight for one in cues if not one.is_wrong]
    if not wrong or not right:
        return None
    won = sum((a > b) + 0.5 * (a == b) for a in wrong for b in right)
    return won / (len(wrong) * len(right))


def figures(name: str, cues: list[Judged], heads: list[int]) -> dict[str, Any]:
    """Return the figures of some cues.

    Args:
        name: Whose they are.
        cues: Judged.
        heads: Lengths of the queue's head.
    """
    wrong = sum(one.is_wrong for one in cues)
    found: dict[str, Any] = {"clip": name, "cues": len(cues), "wrong": wrong}
    found["random"] = round(wrong / len(cues), DECIMALS) if cues else None
    for first in [*heads, wrong]:
        key = f"first {first}" if first in heads else "as many as are wrong"
        share = precision(cues, first)
        found[key] = None if share is None else round(share, DECIMALS)
    whole = area(cues)
    return found | {"area": None if whole is None else round(whole, DECIMALS)}


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the figures of every job and of all together; each is printed when it is done.

    Args:
        options: Those of the command line.
    """
    clips = {Path(one["path"]).name: one for one in read_clips(options.manifest)}
    heads = [int(one) for one in options.first.split(",")]
    found, everything = [], []
    for job_dir in options.jobs:
        clip = clips.get(Path(load_job(job_dir).media.path).name)
        if clip is None or not clip.get("reference_text"):
            continue
        cues = judge_job(job_dir, clip["reference_text"], options.wrong)
        found.append(figures(clip["id"], cues, heads))
        everything += cues
        print(row(found[-1]), flush=True)
    found.append(figures("all together", everything, heads))
    print(row(found[-1]), flush=True)
    return found


def row(one: dict[str, Any]) -> str:
    """Return figures as one line.

    Args:
        one: Of figures.
    """
    parts = [f"{key} {value:.0%}" for key, value in one.items() if isinstance(value, float)]
    return f"{one['clip']:<20} {one['wrong']:>3} of {one['cues']:>3} wrong; {', '.join(parts)}"


def main(arguments: list[str] | None = None) -> int:
    """Measure every job; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    options = parse_arguments(arguments)
    return measured(lambda: measure(options), options.json)


if __name__ == "__main__":
    sys.exit(ended(main))
