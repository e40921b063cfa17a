#!/usr/bin/env python3
"""
Subtitles: files that are there already, moved, run at another speed, converted, merged.

What is to be written is read first: every word of the cues given is in a cue at its time, or
nothing is written. What a format lacks, and text outside of cues, is left out and that is told.
Nothing is written over a file that is there; only --in-place replaces FILE itself.

Usage:
    python3 tools/subtitles.py shift Film.en.srt Film.late.en.srt --by -2.5
    python3 tools/subtitles.py sync Film.en.srt Film.synced.en.srt --to Film.de.srt
    python3 tools/subtitles.py sync Film.en.srt Film.synced.en.srt --to-sound Film.mkv
    python3 tools/subtitles.py rate Film.en.srt Film.pal.en.srt --from 23.976 --to 25
    python3 tools/subtitles.py convert Film.en.smi Film.en.srt
    python3 tools/subtitles.py merge Film.en.srt Film.hi.srt Film.both.srt
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from fractions import Fraction
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, named_path, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import EXIT_SUCCESS, InputError, counted, shown  # noqa: E402
from shared.core.files import draft_of, write_text  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.subtitles.checking.loss import left_out, refuse_loss, said  # noqa: E402
from shared.subtitles.files.conversion import converted  # noqa: E402
from shared.subtitles.files.merging import merged  # noqa: E402
from shared.subtitles.files.names import parse_name  # noqa: E402
from shared.subtitles.files.retiming import Move, retimed  # noqa: E402
from shared.subtitles.files.sound_sync import found_in_sound  # noqa: E402
from shared.subtitles.files.source import READ, SourceFile, read_source  # noqa: E402
from shared.subtitles.files.sync import found_move  # noqa: E402

WRITTEN = {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ttml": "ttml"}
# Verbs that move times and keep all else.
MOVING = ("shift", "rate", "sync")
DETECTOR = "pyannote"  # the environment in which speech is found
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
        "sync",
        help="to a file that is right, or to what is said in the film",
        examples=usage_of(__doc__, "sync"),
    )
    _add_files(sync)
    wanted = sync.add_mutually_exclusive_group(required=True)
    wanted.add_argument(
        "--to", dest="right", type=named_path, metavar="RIGHT", help="a file in any language"
    )
    wanted.add_argument(
        "--to-sound", dest="film", type=named_path, metavar="FILM", help="the film itself"
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
        return Path(given).resolve()  # what a link leads to, not the link
    if out.exists() or out.is_symlink():
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
    if arguments.film is not None:
        return move_to_sound(source, arguments.film)
    found = found_move(source.cues, read_source(arguments.right).cues)
    told = f"{found.move.offset:+.3f} s, {float(found.move.ratio):.5f} times as long"
    if not found.is_sure:
        raise InputError(
            f"{source.path} does not fit {arguments.right}: at best by {told}, "
            f"{found.fit:.0%} of the time",
            hint="Are they of the same film and cut? Begins of lines must meet, too",
        )
    sys.stderr.write(shown(f"{source.path}: {told}; fits {found.fit:.0%} of the time") + "\n")
    return found.move


def move_to_sound(source: SourceFile, film: Path) -> Move:
    """Return what brings a file to where somebody speaks in a film, and tell it.

    Args:
        source: The file.
        film: The film, or its sound alone.

    Raises:
        InputError: It is not sure; or the film has no sound.
        UnavailableError: Nothing here finds speech; with the command.
    """
    # Only here: it brings ffmpeg along.
    from shared.config import load_config
    from shared.environment_manager import EnvironmentManager
    from shared.media.tracks.film_speech import film_speech

    environments = EnvironmentManager()
    environments.require(DETECTOR)
    timeout = load_config().ffmpeg_timeout_seconds
    fit = found_in_sound(source.cues, film_speech(film, environments.python(DETECTOR), timeout))
    told = f"{fit.move.offset:+.3f} s, {float(fit.move.ratio):.5f} times as long"
    sure = f"{fit.fit:.0%} of the time both show and say something"
    sure += f", {fit.meets:.0%} of the cues begin with speech"
    if not fit.is_sure:
        raise InputError(
            f"{source.path} is not sure to fit the sound of {film.name}: at best by {told}; {sure}",
            hint="Other places fit nearly as well: sync it --to a file that is right, or shift it",
        )
    sys.stderr.write(shown(f"{source.path}: {told}; {sure}") + "\n")
    return fit.move


def write_whole(path: Path, text: str) -> None:
    """Write a file; one that is replaced keeps its permissions.

    Args:
        path: A new name, or the file itself.
        text: Its content.
    """
    with draft_of(path) as draft:
        write_text(draft, text)
        if path.exists():
            shutil.copymode(path, draft)


def main(argv: list[str]) -> int:
    """Do what is asked; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: Something of it cannot be done, or a word would be lost.
    """
    arguments = make_parser().parse_args(_with_times(argv))
    target = target_of(arguments)
    source = read_source(arguments.file)
    kind = WRITTEN.get(target.suffix.lower(), source.format)
    given, move, whole = [source], Move(), source
    if arguments.verb in MOVING:
        kind, move = source.format, move_of(arguments, source)
        text = retimed(source, move)
    elif arguments.verb == "merge":
        given = [source, read_source(arguments.below)]
        cues = merged(*(one.cues for one in given))
        # Words stand in another order than in either file, and none may be missing.
        whole = SourceFile(cues=cues, format="srt", path=arguments.file)
        text = converted(whole, kind)
        if sorted(said(whole)) != sorted(word for one in given for word in said(one)):
            raise InputError(f"{target} would not have every word", hint="Nothing was written")
    else:
        text = converted(source, kind, parse_name(arguments.file.name).language)
    new = refuse_loss(whole, move, text, kind, target)
    write_whole(target, text)
    left = "" if arguments.verb in MOVING else left_out(given, new)
    count = counted(sum(bool(cue.text.strip()) for cue in new.cues), "cue")
    sys.stderr.write(shown(f"{target}: written; {count}{left}") + "\n")
    return EXIT_SUCCESS


def _with_times(argv: list[str]) -> list[str]:
    """Return arguments in which -1:02.5 is a time, not an option."""
    made = list(argv)
    for place in range(len(argv) - 1, 0, -1):
        if argv[place - 1] == "--by" and SECONDS.fullmatch(argv[place]):
            made[place - 1 : place + 1] = [f"--by={argv[place]}"]
    return made


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
