#!/usr/bin/env python3
"""
Subtitles: files that are there already, moved, run at another speed, converted, merged.

What was written is read again: every word of what was given is in a cue, or nothing is written.
Nothing is written over a file that is there; only --in-place replaces FILE itself.

Usage:
    python3 tools/subtitles.py shift Film.en.srt Film.late.en.srt --by -2.5
    python3 tools/subtitles.py sync Film.en.srt Film.synced.en.srt --to Film.de.srt
    python3 tools/subtitles.py rate Film.en.srt Film.pal.en.srt --from 23.976 --to 25
    python3 tools/subtitles.py convert Film.en.smi Film.en.srt
    python3 tools/subtitles.py merge Film.en.srt Film.hi.srt Film.both.srt
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from fractions import Fraction
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, named_path, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import EXIT_SUCCESS, InputError, counted, shown  # noqa: E402
from shared.core.files import write_text  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.subtitles.checking.guard import in_order, words  # noqa: E402
from shared.subtitles.files.conversion import converted  # noqa: E402
from shared.subtitles.files.merging import merged  # noqa: E402
from shared.subtitles.files.names import parse_name  # noqa: E402
from shared.subtitles.files.retiming import Move, retimed  # noqa: E402
from shared.subtitles.files.source import READ, SourceFile, parse_source, read_source  # noqa: E402
from shared.subtitles.files.sync import found_move  # noqa: E402

WRITTEN = {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ttml": "ttml"}
# Verbs that move times and keep all else.
MOVING = ("shift", "rate", "sync")
# 23.976 stands for 24000/1001, and so on.
SLOW = Fraction(1000, 1001)
SECONDS = re.compile(r"([+-]?)(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,9}(?:\.\d{1,3})?)")


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/subtitles.py",
        description="Subtitle files that are there already: moved, converted, merged.",
        examples=usage_of(__doc__),
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    shift = verbs.add_parser("shift", help="earlier or later", examples=usage_of(__doc__, "shift"))
    _add_files(shift)
    shift.add_argument(
        "--by", required=True, type=_seconds, metavar="TIME", help="2.5, -2.5 or -1:02.5"
    )
    rate = verbs.add_parser(
        "rate", help="for a film at another speed", examples=usage_of(__doc__, "rate")
    )
    _add_files(rate)
    told = "frames a second: 23.976, 24, 25, 29.97, 30 …"
    rate.add_argument("--from", dest="given", required=True, type=_rate, metavar="N", help=told)
    rate.add_argument("--to", dest="wanted", required=True, type=_rate, metavar="N", help=told)
    sync = verbs.add_parser(
        "sync", help="to a file that is right", examples=usage_of(__doc__, "sync")
    )
    _add_files(sync)
    sync.add_argument(
        "--to", dest="right", required=True, type=named_path, metavar="RIGHT", help="any language"
    )
    convert = verbs.add_parser(
        "convert", help="to another format, by OUT's suffix", examples=usage_of(__doc__, "convert")
    )
    convert.add_argument("file", type=named_path, metavar="FILE", help=f"one of {', '.join(READ)}")
    convert.add_argument("out", type=named_path, metavar="OUT", help=f"one of {', '.join(WRITTEN)}")
    merge = verbs.add_parser(
        "merge", help="two languages in one cue", examples=usage_of(__doc__, "merge")
    )
    merge.add_argument("file", type=named_path, metavar="FILE", help="above, with its times")
    merge.add_argument("below", type=named_path, metavar="BELOW", help="the other language")
    merge.add_argument("out", type=named_path, metavar="OUT", help=f"one of {', '.join(WRITTEN)}")
    return parser


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=named_path, metavar="FILE", help="srt, vtt, ass or ttml")
    parser.add_argument(
        "out", type=named_path, metavar="OUT", nargs="?", help="a new file of the same format"
    )
    parser.add_argument("--in-place", action="store_true", help="replace FILE itself")


def _seconds(text: str) -> float:
    found = SECONDS.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"not a time: {text!r}; for example -2.5 or -1:02.5")
    sign, hours, minutes, seconds = found.groups()
    value = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)
    return -value if sign == "-" else value


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 1000:
        raise argparse.ArgumentTypeError(f"not a frame rate: {text!r}; for example 23.976")
    slow = round(rate) * SLOW
    return slow if abs(rate - slow) < Fraction(1, 1000) else rate


def target_of(arguments: argparse.Namespace) -> Path:
    """Return where to write.

    Args:
        arguments: FILE, OUT and perhaps --in-place.

    Raises:
        InputError: There is a file already, no folder, or another format.
    """
    given, out = arguments.file, arguments.out
    in_place = getattr(arguments, "in_place", False)
    if in_place == (out is not None):
        raise InputError("Give OUT, or --in-place", hint=f"--in-place replaces {given} itself")
    if in_place:
        return Path(given)
    if out.exists():
        raise InputError(
            f"Nothing is written over a file: {out} is there", hint="Choose a new name"
        )
    if not out.parent.is_dir():
        raise InputError(f"No folder {out.parent}", hint=f"mkdir -p {out.parent}")
    keeps = arguments.verb in MOVING
    if keeps and out.suffix.lower() != given.suffix.lower():
        raise InputError(
            f"{arguments.verb} keeps the format: {out.name} is no {given.suffix}",
            hint=f"python3 tools/subtitles.py convert {given} {out}",
        )
    if not keeps and out.suffix.lower() not in WRITTEN:
        raise InputError(f"{out.suffix} is not written", hint=f"One of {', '.join(WRITTEN)}")
    return Path(out)


def move_of(arguments: argparse.Namespace, source: SourceFile) -> Move:
    """Return what becomes of the times of a file; of sync it is told.

    Args:
        arguments: A verb of MOVING with its options.
        source: The file.

    Raises:
        InputError: The file that is right is not of this film.
    """
    if arguments.verb == "shift":
        return Move(arguments.by)
    if arguments.verb == "rate":
        return Move(ratio=arguments.given / arguments.wanted)
    found = found_move(source.cues, read_source(arguments.right).cues)
    told = f"{found.move.offset:+.3f} s, {float(found.move.ratio):.5f} times as long"
    if not found.is_sure:
        raise InputError(
            f"{source.path} does not fit {arguments.right}: at best by {told}, "
            f"{found.fit:.0%} of the time",
            hint="Are they of the same film and cut?",
        )
    sys.stderr.write(shown(f"{source.path}: {told}; fits {found.fit:.0%} of the time") + "\n")
    return found.move


def refuse_loss(said: list[str], text: str, kind: str, path: Path) -> int:
    """Read what is to be written; return the number of its cues.

    Args:
        said: The words that it must have, in order.
        text: What is to be written.
        kind: Its format.
        path: Where to.

    Raises:
        InputError: A word would be lost.
    """
    new = parse_source(text, kind, path)
    if _said(new) != said or new.faults:
        raise InputError(
            f"{path} would not have every word", hint="Nothing was written; tell us with the file"
        )
    return len(in_order(new))


def _said(source: SourceFile) -> list[str]:
    """Return the words of a file in order; of signs that a format lacks it has look-alikes."""
    texts = (source.cues[index].text for index in in_order(source))
    return [word for text in texts for word in words(unicodedata.normalize("NFKC", text))]


def main(argv: list[str]) -> int:
    """Do what is asked; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: Something of it cannot be done, or a word would be lost.
    """
    arguments = make_parser().parse_args(argv)
    target = target_of(arguments)
    source = read_source(arguments.file)
    kind = WRITTEN.get(target.suffix.lower(), source.format)
    said = _said(source)
    if arguments.verb in MOVING:
        kind = source.format
        text = retimed(source, move_of(arguments, source))
    elif arguments.verb == "merge":
        other = read_source(arguments.below)
        cues = merged(source.cues, other.cues)
        both = SourceFile(cues=cues, format="srt", path=arguments.file)
        # Words stand in another order than in either file, and none may be missing.
        text, said = converted(both, kind), _said(both)
        if sorted(said) != sorted([*_said(source), *_said(other)]):
            raise InputError(f"{target} would not have every word", hint="Nothing was written")
    else:
        text = converted(source, kind, parse_name(arguments.file.name).language)
    count = refuse_loss(said, text, kind, target)
    write_text(target, text)
    placed = sum(bool(cue.place) for cue in source.cues) if kind != source.format else 0
    left = f"; {counted(placed, 'place')} on the picture left out" if placed else ""
    sys.stderr.write(shown(f"{target}: written; {counted(count, 'cue')}{left}") + "\n")
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
