#!/usr/bin/env python3
"""
Lint subtitles: what a broadcaster would refuse in a subtitle file, ours or not.

Exit code 0 without errors (warnings are allowed), 1 with errors, 2 when a file cannot be read.

Usage:
    python3 tools/lint_subtitles.py Film.hi.srt Film.en.ass [--profile netflix|bbc] [--json]
    python3 tools/lint_subtitles.py Film.en.srt --media Film.mkv
    python3 tools/lint_subtitles.py Film.en.srt --fix Film.mended.en.srt
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, named_path, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, InputError, counted, shown  # noqa: E402
from shared.core.files import write_text  # noqa: E402
from shared.core.languages import parse_language  # noqa: E402
from shared.media.probe import MediaInfo, probe_media  # noqa: E402
from shared.media.shots import find_shot_changes  # noqa: E402
from shared.media.shown_text import FfmpegReader  # noqa: E402
from shared.pipeline.run.command_line import run_command, tell_error  # noqa: E402
from shared.subtitles.base.frame_grid import guess_frame_rate  # noqa: E402
from shared.subtitles.base.profiles import PROFILES, ReadingLimits, limits_for  # noqa: E402
from shared.subtitles.checking.fixing import MOST_PASSES, fix_source  # noqa: E402
from shared.subtitles.checking.guard import harmed  # noqa: E402
from shared.subtitles.checking.lint import each_finding  # noqa: E402
from shared.subtitles.checking.report import JsonReport, LineReport  # noqa: E402
from shared.subtitles.files.header import header_language  # noqa: E402
from shared.subtitles.files.names import UNDETERMINED, parse_name  # noqa: E402
from shared.subtitles.files.source import (  # noqa: E402
    READ,
    SUFFIXES,
    SourceFile,
    examine_source,
    parse_source,
)

# Decoding a long film takes minutes.
DECODING_SECONDS = 3600.0
RATES = "23.976 = 24000/1001, 29.97 = 30000/1001"


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/lint_subtitles.py",
        description="What a broadcaster would refuse in a subtitle file.",
        examples=usage_of(__doc__),
        codes="0 no errors, 1 errors, 2 a file cannot be read",
        allow_abbrev=False,
    )
    parser.add_argument(
        "files", nargs="+", type=named_path, metavar="FILE", help=f"one of {', '.join(READ)}"
    )
    parser.add_argument(
        "--profile",
        choices=list(PROFILES),
        default="netflix",
        help="whose rules (default: netflix)",
    )
    parser.add_argument("--audience", choices=("adult", "child"), default="adult", help="who reads")
    parser.add_argument(
        "--language", metavar="LANG", help="default: as the file's name or head says"
    )
    parser.add_argument(
        "--fps", metavar="N", type=_frame_rate, help=f"default: as the times say, or 24; {RATES}"
    )
    parser.add_argument(
        "--media", type=named_path, metavar="FILM", help="its frame rate, length, shots"
    )
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.add_argument(
        "--fix", type=named_path, metavar="OUT", help="write a mended copy of one FILE"
    )
    return parser


def _frame_rate(text: str) -> str:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 1000:
        raise argparse.ArgumentTypeError(f"not a frame rate: {text!r}; for example {RATES}")
    return str(rate.limit_denominator(1001) if "." not in text else _film_rate(rate))


def _film_rate(rate: Fraction) -> Fraction:
    """Return 24000/1001 for 23.976 and the like."""
    whole = round(rate)
    slow = Fraction(whole * 1000, 1001)
    return slow if abs(rate - slow) < Fraction(1, 1000) else rate


def limits_of(
    arguments: argparse.Namespace, path: Path, film: MediaInfo | None, source: SourceFile
) -> ReadingLimits:
    """Return what a file should keep to.

    Args:
        arguments: The command line.
        path: The file, whose name may say its language and that it is for the hard of hearing.
        film: What --media holds.
        source: What the file holds; its times tell the frame rate where nothing else does.

    Raises:
        InputError: --language is none.
    """
    name = parse_name(path.name)
    language = name.language
    if arguments.language:
        language = parse_language(arguments.language, option="--language")
    elif language == UNDETERMINED:
        language = header_language(source)
    return limits_for(
        language,
        profile=arguments.profile,
        audience=arguments.audience,
        is_sdh=name.kind == "sdh",
        frame_rate=arguments.fps
        or (film.frame_rate if film else None)
        or guess_frame_rate(source.cues),
    )


def shot_changes(film: Path) -> list[float]:
    """Return where the picture of a film cuts from one shot to the next, in seconds.

    Args:
        film: With a picture; it is decoded once.
    """
    with tempfile.TemporaryDirectory() as scratch:
        return find_shot_changes(film, None, Path(scratch), DECODING_SECONDS).times


def write_fixed(
    source: SourceFile,
    limits: Callable[[SourceFile], ReadingLimits],
    film_end: float | None,
    target: Path,
) -> None:
    """Write the mended copy.

    Args:
        source: The file as it was read.
        limits: What a file should keep to; its times may tell another frame rate when mended.
        film_end: Length of the film in seconds, None when not known.
        target: A new file of the same format.

    Raises:
        InputError: The target is there already or has another suffix.
    """
    _refuse_target(source.path, target)
    old, reader = source, FfmpegReader()
    for _ in range(MOST_PASSES):
        kept_to = limits(source)
        text = fix_source(source, kept_to, film_end, reader)
        source = parse_source(text, source.format, source.path)
        if limits(source) == kept_to:
            break
    is_same = source.text == old.text
    is_sound = is_same or not harmed(old, source, limits(source), film_end, reader)
    write_text(target, source.text if is_sound else old.text)


def _refuse_target(original: Path, target: Path) -> None:
    if original.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"--fix writes no {original.suffix}",
            hint=f"python3 tools/subtitles.py convert {original} {original.with_suffix('.srt')}",
        )
    if target.exists() or target.is_symlink():
        raise InputError(f"--fix never overwrites: {target} is there", hint="Choose a new name")
    if target.suffix.lower() != original.suffix.lower():
        raise InputError(
            f"--fix keeps the format: {target.name} is no {original.suffix}",
            hint=f"--fix {target.with_suffix(original.suffix)}",
        )
    if not target.parent.is_dir():
        raise InputError(f"No folder {target.parent}", hint=f"mkdir -p {target.parent}")


def lint_file(
    source: SourceFile,
    limits: ReadingLimits,
    cuts: Sequence[float],
    film_end: float | None,
    report: LineReport | JsonReport,
) -> int:
    """Tell every finding of a file; return the exit code.

    Args:
        source: The file.
        limits: What is judged by.
        cuts: Times of shot changes in seconds.
        film_end: Length of the film in seconds, None when not known.
        report: Who is told.
    """
    code = EXIT_SUCCESS
    report.begin(source.path)
    for finding in each_finding(source, limits, cuts, film_end):
        if finding.severity == "error":
            code = EXIT_FAILURE
        report.tell(finding)
    report.end(len(source.cues), limits.language)
    return code


def fix_file(
    source: SourceFile,
    limits: Callable[[SourceFile], ReadingLimits],
    cuts: Sequence[float],
    film_end: float | None,
    target: Path,
    report: LineReport | JsonReport,
) -> int:
    """Write the mended copy, and tell what was mended and what is left in it.

    Args:
        source: The file as it was read.
        limits: What a file should keep to.
        cuts: Times of shot changes in seconds.
        film_end: Length of the film in seconds, None when not known.
        target: A new file of the same format.
        report: Who is told of what is left.

    Returns:
        Exit code: 1 where the file had errors.
    """
    before = Counter(one.severity for one in each_finding(source, limits(source), cuts, film_end))
    write_fixed(source, limits, film_end, target)
    mended = examine_source(target)
    lint_file(mended, limits(mended), cuts, film_end, report)
    left = Counter(one.severity for one in each_finding(mended, limits(mended), cuts, film_end))
    told = [f"{left[one]} of {counted(before[one], one)}" for one in before]
    what = f"{' and '.join(told)} left" if told else "nothing was to be mended"
    sys.stderr.write(shown(f"{target}: written; {what}") + "\n")
    return EXIT_FAILURE if before["error"] else EXIT_SUCCESS


def main(argv: list[str]) -> int:
    """Lint every file; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: Options that contradict one another.
    """
    arguments = make_parser().parse_args(argv)
    if arguments.fix and len(arguments.files) != 1:
        raise InputError("--fix takes one FILE", hint="Mend them one by one")
    film = probe_media(arguments.media) if arguments.media else None
    film_end = film.duration if film else None
    cuts = shot_changes(arguments.media) if film and film.frame_rate else []
    report = (JsonReport if arguments.json else LineReport)(sys.stdout)
    code = EXIT_SUCCESS
    for path in dict.fromkeys(arguments.files):
        try:
            source = examine_source(path)
        except InputError as error:
            tell_error(error)
            code = error.exit_code
            continue
        limits = partial(limits_of, arguments, path, film)
        if arguments.fix:
            found = fix_file(source, limits, cuts, film_end, arguments.fix, report)
        else:
            found = lint_file(source, limits(source), cuts, film_end, report)
        code = code if code != EXIT_SUCCESS else found
    report.close()
    return code


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
