#!/usr/bin/env python3
"""
Arguments: what is typed after tools/subtitles.py.

Usage:
    from tools.subtitling.arguments import make_parser

    arguments = make_parser(__doc__).parse_args(argv)
"""

from __future__ import annotations

import argparse
import re
from fractions import Fraction
from typing import Any

from shared.core.usage import CommandParser, named_path, usage_of
from shared.subtitles.files.source import READ

WRITTEN = {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ttml": "ttml"}
# Verbs that keep the format.
KEEPING = ("shift", "rate", "sync", "split", "clean")
KINDS = ("rolling", "duplicates", "adverts")
# What add_subparsers returns.
Verbs = Any
# 23.976 stands for 24000/1001, and so on.
SLOW = Fraction(1000, 1001)
SECONDS = re.compile(r"([+-]?)(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,9}(?:\.\d{1,3})?)")


def make_parser(usage: str) -> argparse.ArgumentParser:
    """Return the parser of the tool.

    Args:
        usage: The tool's text, whose usage is shown.
    """
    parser = CommandParser(
        prog="tools/subtitles.py",
        description="Subtitle files that are there already: moved, converted, split, cleaned.",
        examples=usage_of(usage),
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    shift = verbs.add_parser("shift", help="earlier or later", examples=usage_of(usage, "shift"))
    _add_files(shift)
    shift.add_argument(
        "--by", required=True, type=seconds, metavar="TIME", help="2.5, -2.5 or -1:02.5"
    )
    rate = verbs.add_parser(
        "rate", help="for a film at another speed", examples=usage_of(usage, "rate")
    )
    _add_files(rate)
    told = "frames a second: 23.976, 24, 25, 29.97, 30 …"
    rate.add_argument("--from", dest="given", required=True, type=_rate, metavar="N", help=told)
    rate.add_argument("--to", dest="wanted", required=True, type=_rate, metavar="N", help=told)
    sync = verbs.add_parser(
        "sync",
        help="to a file that is right, or to what is said in the film",
        examples=usage_of(usage, "sync"),
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
        "convert", help="to another format, by OUT's suffix", examples=usage_of(usage, "convert")
    )
    convert.add_argument("file", type=named_path, metavar="FILE", help=f"one of {', '.join(READ)}")
    convert.add_argument("out", type=named_path, metavar="OUT", help=f"one of {', '.join(WRITTEN)}")
    merge = verbs.add_parser(
        "merge", help="two languages in one cue", examples=usage_of(usage, "merge")
    )
    merge.add_argument("file", type=named_path, metavar="FILE", help="above, with its times")
    merge.add_argument("below", type=named_path, metavar="BELOW", help="the other language")
    merge.add_argument("out", type=named_path, metavar="OUT", help=f"one of {', '.join(WRITTEN)}")
    _add_split(verbs, usage)
    _add_clean(verbs, usage)
    _add_translate(verbs, usage)
    return parser


def _add_split(verbs: Verbs, usage: str) -> None:
    split = verbs.add_parser(
        "split", help="for a film in two files", examples=usage_of(usage, "split")
    )
    split.add_argument("file", type=named_path, metavar="FILE", help="one of the formats above")
    split.add_argument("out", type=named_path, metavar="FIRST", help="what is shown until then")
    split.add_argument(
        "second", type=named_path, metavar="SECOND", help="the rest; its times begin at zero"
    )
    split.add_argument(
        "--at", required=True, type=seconds, metavar="TIME", help="2710.5 or 0:45:10.5"
    )


def _add_clean(verbs: Verbs, usage: str) -> None:
    clean = verbs.add_parser(
        "clean", help="take out what is asked for", examples=usage_of(usage, "clean")
    )
    _add_files(clean)
    clean.add_argument(
        "--rolling", action="store_true", help="captions that repeat each line: each line once"
    )
    clean.add_argument(
        "--duplicates", action="store_true", help="the same words twice at a time: one cue"
    )
    clean.add_argument(
        "--adverts", action="store_true", help="cues that name makers, sites, addresses, no more"
    )


def _add_translate(verbs: Verbs, usage: str) -> None:
    translate = verbs.add_parser(
        "translate",
        help="to another language, as a job does",
        examples=usage_of(usage, "translate"),
    )
    translate.add_argument(
        "file", type=named_path, metavar="FILE", help=f"one of {', '.join(READ)}"
    )
    translate.add_argument(
        "out", type=named_path, metavar="OUT", help=f"one of {', '.join(WRITTEN)}"
    )
    translate.add_argument(
        "-t", "--target-language", required=True, metavar="LANG", help="for example en"
    )
    translate.add_argument(
        "-s", "--source-language", metavar="LANG", help="of FILE, where its name does not say it"
    )
    translate.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the job"
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=named_path, metavar="FILE", help="srt, vtt, ass or ttml")
    parser.add_argument(
        "out", type=named_path, metavar="OUT", nargs="?", help="a new file of the same format"
    )
    parser.add_argument("--in-place", action="store_true", help="replace FILE itself")


def seconds(text: str) -> float:
    """Return the seconds that a time of the command line says.

    Args:
        text: '2.5', '-2.5', '-1:02.5' or '0:45:10'.

    Raises:
        ArgumentTypeError: It is none.
    """
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
