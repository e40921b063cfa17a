#!/usr/bin/env python3
"""
Measure repairs: what --fix of the linter does to random edits of real-looking subtitle files.

Files in four formats, with speakers, songs, sounds, positions and markup, in six languages, are
edited as people, editors and converters damage them, and mended. Words that a reading lost (ours,
ffmpeg's, pysubs2's), findings that are new, and cues that could be read before and not after are
counted by other code than the guard that judges repairs. Exit code 1 when any of them is not 0.

Usage:
    venv/common/bin/python tools/measure/repairs.py --edits 2000 --seed 1
"""

from __future__ import annotations

import random
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pysubs2

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, usage_of  # noqa: E402
from shared.media.shown_text import FfmpegReader  # noqa: E402
from shared.subtitles.base.cue import Cue  # noqa: E402
from shared.subtitles.base.profiles import ReadingLimits, limits_for  # noqa: E402
from shared.subtitles.checking.fixing import fix_source  # noqa: E402
from shared.subtitles.checking.lint import lint_source  # noqa: E402
from shared.subtitles.files.source import SourceFile, parse_source  # noqa: E402
from tools.measure.edits import FORMATS, edited, subtitle_text  # noqa: E402

# Letters only: numbers in front of cues are counted anew. Thai and Japanese lines break anywhere.
WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]|[^\W\d_]+")
TIMES = re.compile(r"[\d:.,]+\s*--?\s*-?>?\s*[\d:.,]+(?:\s+\w+:\S+)*")
# What is left of a broken tag.
TAG = re.compile(r"</?[a-z](?![a-z])[.a-z0-9]*>?")
# Two readings of the same times may differ by a unit of ASS (seconds).
UNIT = 0.012


@dataclass
class Told:
    """What was counted."""

    edits: int = 0
    refused: int = 0
    changed: int = 0
    mended: int = 0
    lost: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def harm(self) -> int:
        """How often harm was done."""
        return len(self.lost) + len(self.new) + len(self.unreadable)


def measure(edits: int, seed: int, told: Told, reader: FfmpegReader) -> None:
    """Make files, edit and mend them, and count.

    Args:
        edits: How many.
        seed: Of the first; each edit has a seed of its own.
        told: Where it is counted.
        reader: ffmpeg.
    """
    for number in range(seed, seed + edits):
        chance = random.Random(number)
        kind = FORMATS[number % len(FORMATS)]
        language = chance.choice(("en", "hi", "fr", "ar", "ja", "th"))
        text = edited(subtitle_text(kind, language, chance), kind, chance)
        limits = limits_for(language, frame_rate=chance.choice((None, "25", "24000/1001")))
        told.edits += 1
        try:
            old = parse_source(text, kind, Path(f"film.{kind}"))
        except InputError:
            told.refused += 1
            continue
        new = parse_source(fix_source(old, limits, None, reader), kind, old.path)
        told.changed += new.text != old.text
        told.mended += len(lint_source(old, limits)) - len(lint_source(new, limits))
        _compare(f"{number} ({kind}, {language})", old, new, limits, told, reader)


def _compare(
    name: str,
    old: SourceFile,
    new: SourceFile,
    limits: ReadingLimits,
    told: Told,
    reader: FfmpegReader,
) -> None:
    """Count the harm of one repair."""
    readings = {
        "ours": (_said(old.cues), _said(new.cues)),
        "ffmpeg": (_said(reader(old) or ()), _said(reader(new) or ())),
        "pysubs2": (_said(_by_pysubs2(old)), _said(_by_pysubs2(new))),
    }
    for reading, (before, after) in readings.items():
        lost = Counter("".join(before)) - Counter("".join(after))
        if lost or (reading == "ours" and before != after):
            told.lost.append(f"{name}: {reading}: {Counter(before) - Counter(after)}")
    had, has = (Counter(one.rule for one in lint_source(each, limits)) for each in (old, new))
    if more := has - had:
        told.new.append(f"{name}: {dict(more)}")
    for first, second in zip(_ordered(old.cues), _ordered(new.cues), strict=False):
        needed = max(limits.min_duration, limits.needed_seconds(second.text))
        if second.duration < min(needed, first.duration) - UNIT:
            told.unreadable.append(f"{name}: {first.duration:.3f} to {second.duration:.3f} s")


def _ordered(cues: Sequence[Cue]) -> list[Cue]:
    shown = [cue for cue in cues if cue.text.strip()]
    return sorted(shown, key=lambda cue: cue.start)


def _said(cues: Sequence[Cue]) -> list[str]:
    """Return the words of a reading; times and tags that a program took for text are none."""
    texts = (TAG.sub("", TIMES.sub("", " ".join(cue.lines))) for cue in _ordered(cues))
    return [word for text in texts for word in WORD.findall(text)]


def _by_pysubs2(source: SourceFile) -> list[Cue]:
    """Return what pysubs2 reads of a file; nothing of what it refuses."""
    try:
        with warnings.catch_warnings(action="ignore"):
            read = pysubs2.SSAFile.from_string(source.text, format_=source.format)
    except Exception:  # it names none of its errors
        return []
    return [
        Cue(one.start / 1000, one.end / 1000, one.plaintext) for one in read if not one.is_comment
    ]


def main(argv: list[str]) -> int:
    """Measure and tell; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    parser = CommandParser(
        prog="tools/measure/repairs.py",
        description="What --fix does to random edits of real-looking subtitle files.",
        examples=usage_of(__doc__),
        codes="0 no harm, 1 harm",
    )
    parser.add_argument("--edits", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the first edit")
    arguments = parser.parse_args(argv)
    told, began = Told(), time.process_time()
    measure(arguments.edits, arguments.seed, told, FfmpegReader())
    for line in [*told.lost, *told.new, *told.unreadable]:
        sys.stdout.write(line + "\n")
    sys.stdout.write(
        f"{told.edits} edits: {told.refused} refused, {told.changed} changed, "
        f"{told.mended} findings fewer; words lost in {len(told.lost)}, new findings in "
        f"{len(told.new)}, unreadable cues {len(told.unreadable)}; "
        f"{time.process_time() - began:.0f} s of CPU without ffmpeg\n"
    )
    return EXIT_FAILURE if told.harm else EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(lambda: main(sys.argv[1:])))
