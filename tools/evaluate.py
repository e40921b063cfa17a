#!/usr/bin/env python3
"""
Evaluate: how far a transcript or subtitles are from a reference.

Word and character errors, errors of cue times, coverage, reading speeds, glossary adherence; with
--translation chrF and BLEU by groups of lines, above a shuffled floor, instead of errors.

Usage:
    python3 tools/evaluate.py reference.srt Film.hi.srt [--language hi] [--words onsets.json]
    python3 tools/evaluate.py reference.en.srt Film.en.srt --translation [--glossary terms.tsv]
    python3 tools/evaluate.py reference.txt segments.json --json
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, named_path, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import EXIT_SUCCESS, InputError, counted  # noqa: E402
from shared.core.languages import parse_language  # noqa: E402
from shared.glossary_manager import GlossaryManager  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.subtitles.base.profiles import PROFILES, limits_for  # noqa: E402
from shared.subtitles.files.names import parse_name  # noqa: E402
from tools.evaluation.figures import Evaluation, describe_fields  # noqa: E402
from tools.evaluation.inputs import Line, read_lines, read_onsets  # noqa: E402
from tools.evaluation.terms import term_adherence  # noqa: E402
from tools.evaluation.timing import (  # noqa: E402
    TimeErrors,
    coverage,
    cue_times,
    onset_errors,
    reading_speeds,
)
from tools.evaluation.translation import score_translation  # noqa: E402
from tools.evaluation.words import (  # noqa: E402
    NORMALISER,
    character_errors,
    fraction,
    rate,
    word_errors,
)

# How far the meanings stand from the left where --help lists the fields of the JSON.
FIELD_WIDTH = 22
HELP_WIDTH = 96


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/evaluate.py",
        description="How far a transcript or subtitles are from a reference.",
        more=epilog(),
        examples=usage_of(__doc__),
        allow_abbrev=False,
    )
    parser.add_argument("reference", type=named_path, metavar="REFERENCE")
    parser.add_argument("hypothesis", type=named_path, metavar="HYPOTHESIS")
    parser.add_argument("--language", metavar="LANG", help="default: as the files' names say")
    parser.add_argument(
        "--profile", choices=list(PROFILES), default="netflix", help="reading speed"
    )
    parser.add_argument(
        "--words", type=named_path, metavar="JSON", help="onsets of the reference's words"
    )
    parser.add_argument("--glossary", type=named_path, metavar="TSV", help="terms to look for")
    parser.add_argument("--translation", action="store_true", help="chrF and BLEU, not errors")
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    return parser


def epilog() -> str:
    """Return what --help says of files, texts and every field of the JSON."""
    texts = [
        "Files: subtitles (.srt .vtt .ass .ttml), a transcript (.json) or text (.txt).",
        f"Texts are compared after: {NORMALISER}.",
    ]
    lines = [textwrap.fill(text, HELP_WIDTH) for text in texts]
    lines += ["", "Fields of --json (null = does not apply; times in seconds):"]
    for name, meaning in describe_fields():
        head, further = f"  {name}".ljust(FIELD_WIDTH + 1), " " * (FIELD_WIDTH + 1)
        wrapped = textwrap.fill(
            meaning, HELP_WIDTH, initial_indent=head + " ", subsequent_indent=further + " "
        )
        lines.append(wrapped)
    return "\n".join(lines)


def evaluate(arguments: argparse.Namespace) -> Evaluation:
    """Return every figure that can be had of two files.

    Args:
        arguments: The command line.

    Raises:
        InputError: When a file cannot be read.
    """
    reference, hypothesis = read_lines(arguments.reference), read_lines(arguments.hypothesis)
    onsets = read_onsets(arguments.words) if arguments.words else None
    named = [parse_name(arguments.hypothesis.name), parse_name(arguments.reference.name)]
    known = [name.language for name in named if name.language != "und"]
    language = known[0] if known else "und"
    if arguments.language:
        language = parse_language(arguments.language, option="--language")
    found = Evaluation(str(arguments.reference), str(arguments.hypothesis), language)
    if arguments.translation:
        found.translation = score_translation(reference, hypothesis)
    else:
        add_errors(found, reference, hypothesis)
    if is_timed(hypothesis):
        limits = limits_for(language, profile=arguments.profile)
        found.reading_speed = reading_speeds(hypothesis, limits)
        if is_timed(reference):
            found.coverage = coverage(reference, hypothesis)
            if not arguments.translation:
                found.in_times, found.out_times = cue_times(reference, hypothesis)
        if onsets is not None:
            found.word_onsets = onset_errors(onsets, hypothesis)
    elif onsets is not None:
        raise InputError(
            f"--words needs cues with times, {arguments.hypothesis} has none",
            hint="Give subtitles or a transcript, or leave --words out",
        )
    if arguments.glossary:
        if not arguments.glossary.is_file():
            raise InputError(f"No such file: {arguments.glossary}", hint="--glossary TERMS.tsv")
        manager = GlossaryManager()
        manager.add_file(arguments.glossary, origin="user")
        found.terms = term_adherence(manager.glossary(), reference, hypothesis)
    return found


def add_errors(found: Evaluation, reference: list[Line], hypothesis: list[Line]) -> None:
    """Add word and character errors.

    Args:
        found: Where to.
        reference: What was said.
        hypothesis: What was understood.
    """
    expected, got = (" ".join(line.said for line in lines) for lines in (reference, hypothesis))
    edits, found.words = word_errors(expected, got)
    found.wer = fraction(edits, found.words)
    found.word_error_rate = rate(edits, found.words)
    found.cer = fraction(*character_errors(expected, got, with_spaces=True))
    edits, found.characters = character_errors(expected, got)
    found.character_error_rate = rate(edits, found.characters)


def is_timed(lines: list[Line]) -> bool:
    """Return whether lines have times.

    Args:
        lines: Of one file.
    """
    return any(line.start is not None for line in lines)


def rows(found: Evaluation) -> Iterator[tuple[str, str]]:
    """Yield what is measured and its figure, for people.

    Args:
        found: Every figure.
    """
    if found.word_error_rate is not None and found.character_error_rate is not None:
        yield "Word errors", f"{found.word_error_rate:.1f} % of {found.words}"
        yield "Character errors", f"{found.character_error_rate:.1f} % of {found.characters}"
    if found.translation is not None:
        score = found.translation
        yield f"chrF2 over {score.groups} groups", _above(score.chrf, score.chrf_floor)
        yield "BLEU", _above(score.bleu, score.bleu_floor)
    for name, errors in (
        ("In-times", found.in_times),
        ("Out-times", found.out_times),
        ("In-times against word onsets", found.word_onsets),
    ):
        if errors is not None:
            yield name, _times(errors)
    if found.coverage is not None:
        covered = found.coverage
        yield "Coverage", f"{100 * covered.share:.1f} % of {covered.of:.1f} s"
        for start, end in covered.missing:
            yield "  without a cue", f"{start:.3f} – {end:.3f} s"
    if found.reading_speed is not None:
        speed = found.reading_speed
        figures = f"median {speed.median:.1f}, 90 % below {speed.ninetieth:.1f}"
        yield "Characters a second", f"{figures}, most {speed.most:.1f}"
        yield "  cues over the limit", f"{100 * speed.over:.1f} %"
    for term in found.terms:
        others = "".join(f", {count} × {other}" for other, count in term.otherwise.items())
        yield f"Term {term.term}", f"{term.preferred} of {term.expected}{others}"


def _above(score: float, floor: float | None) -> str:
    return f"{score:.1f}" + ("" if floor is None else f" (shuffled: {floor:.1f})")


def _times(errors: TimeErrors) -> str:
    if errors.median is None or errors.bias is None or errors.worst is None:
        return f"none of {counted(errors.of, 'cue')} can be compared"
    cues = counted(errors.of, "cue")
    figures = f"median {1000 * errors.median:.0f} ms, bias {1000 * errors.bias:+.0f} ms"
    return f"{figures}, worst {1000 * errors.worst:+.0f} ms ({errors.compared} of {cues})"


def show(found: Evaluation) -> None:
    """Print a table.

    Args:
        found: Every figure.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{found.hypothesis} against {found.reference}"), title_justify="left")
    table.add_column("measure")
    table.add_column("figure")
    for name, figure in rows(found):
        table.add_row(Text(name), Text(figure))
    console = Console()
    console.print(table)
    console.print(Text(f"Texts compared after: {found.normaliser}", style="dim"))


def main(argv: list[str]) -> int:
    """Evaluate; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    arguments = make_parser().parse_args(argv)
    found = evaluate(arguments)
    if arguments.json:
        print(found.document())
    else:
        show(found)
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
