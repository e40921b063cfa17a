#!/usr/bin/env python3
"""
Subtitles: files that are there already, moved, run at another speed, converted, split, cleaned.

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
    python3 tools/subtitles.py split Film.en.srt Film.cd1.en.srt Film.cd2.en.srt --at 0:45:10.5
    python3 tools/subtitles.py clean Film.en.vtt Film.clean.en.vtt --rolling --duplicates --adverts
    python3 tools/subtitles.py translate Film.fr.srt Film.en.srt -t en
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import EXIT_SUCCESS, InputError, counted, shown  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.subtitles.checking.loss import left_out, refuse_loss, said  # noqa: E402
from shared.subtitles.files.conversion import converted  # noqa: E402
from shared.subtitles.files.merging import merged  # noqa: E402
from shared.subtitles.files.names import parse_name  # noqa: E402
from shared.subtitles.files.retiming import Move, retimed  # noqa: E402
from shared.subtitles.files.sound_sync import found_in_sound  # noqa: E402
from shared.subtitles.files.source import SourceFile, read_source  # noqa: E402
from shared.subtitles.files.sync import found_move  # noqa: E402
from tools.subtitling.arguments import KEEPING, SECONDS, WRITTEN, make_parser  # noqa: E402
from tools.subtitling.cleaning import clean  # noqa: E402
from tools.subtitling.splitting import split  # noqa: E402
from tools.subtitling.translating import translate  # noqa: E402
from tools.subtitling.writing import write_whole  # noqa: E402

# Verbs that move times and keep all else.
MOVING = ("shift", "rate", "sync")


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
    return new_file(arguments, out)


def new_file(arguments: argparse.Namespace, out: Path) -> Path:
    """Return where to write a new file.

    Args:
        arguments: The verb and FILE.
        out: As it was named.

    Raises:
        InputError: As for target_of.
    """
    given = arguments.file
    if out.exists() or out.is_symlink():
        raise InputError(
            f"Nothing is written over a file: {out} is there", hint="Choose a new name"
        )
    if not out.parent.is_dir():
        raise InputError(f"No folder {out.parent}", hint=f"mkdir -p {out.parent}")
    keeps = arguments.verb in KEEPING
    if keeps and out.suffix.lower() != given.suffix.lower():
        raise InputError(
            f"{arguments.verb} keeps the format: {out.name} is no {given.suffix}",
            hint=f"python3 tools/subtitles.py convert {given} {out}",
        )
    if not keeps and out.suffix.lower() not in WRITTEN:
        raise InputError(f"{out.suffix} is not written", hint=f"One of {', '.join(WRITTEN)}")
    return out


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
    from shared.environment_manager import DETECTOR, EnvironmentManager
    from shared.media.tracks.film_speech import film_speech

    environments = EnvironmentManager()
    environments.require(DETECTOR)
    timeout = load_config().ffmpeg_timeout_seconds
    fit = found_in_sound(source.cues, film_speech(film, environments.python(DETECTOR), timeout))
    if not fit.is_sure:
        raise InputError(
            f"{source.path} is not sure to fit the sound of {film.name}: at best by {fit.told}; "
            f"{fit.why}",
            hint="Other places fit nearly as well: sync it --to a file that is right, or shift it",
        )
    sys.stderr.write(shown(f"{source.path}: {fit.told}; {fit.why}") + "\n")
    return fit.move


def main(argv: list[str]) -> int:
    """Do what is asked; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: Something of it cannot be done, or a word would be lost.
    """
    arguments = make_parser(__doc__ or "").parse_args(_with_times(argv))
    target = target_of(arguments)
    source = read_source(arguments.file)
    if arguments.verb == "split":
        return split(source, arguments.at, target, new_file(arguments, arguments.second))
    if arguments.verb == "clean":
        return clean(source, arguments, target)
    if arguments.verb == "translate":
        return translate(source, arguments, target)
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
