#!/usr/bin/env python3
"""
Measure rules: how many true lines each rule that rewrites, cuts or refuses lets pass, and how many
false ones.

Each rule has a file of true lines, which must pass as they are, and one of false lines, which must
not; both lie in tests/fixtures/rules and were written by hand.

Usage:
    venv/common/bin/python tools/measure/rules.py [RULE …]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.writing.wordfreq_integration import common_words  # noqa: E402
from scripts.writing.xlit_integration import english_frequency, hindi_lexicon  # noqa: E402
from shared.core.errors import EXIT_SUCCESS  # noqa: E402
from shared.core.usage import CommandParser, usage_of  # noqa: E402
from shared.glossary.correction import Corrector  # noqa: E402
from shared.glossary.matching import words_of  # noqa: E402
from shared.glossary.records import Terms, Wording  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.transcript.recognition.quality import Limits  # noqa: E402
from shared.transcript.recognition.sentences import ends_sentence  # noqa: E402
from shared.transcript.records.schemas import Segment  # noqa: E402
from shared.transcript.writing.hinglish import LATIN_WORD, label_words  # noqa: E402
from shared.translation.hearing.heard import Asked, Heard, evidence_against  # noqa: E402

LINES = PROJECT_ROOT / "tests" / "fixtures" / "rules"
DIALOGUE = PROJECT_ROOT / "tests" / "fixtures" / "dialogue" / "lines.tsv"
# How likely a near-miss must be to be put right, as GLOSSARY_MIN_CONFIDENCE has it by default.
LEAST = 0.8
# A line of a film as Whisper hears it on a good day: probability, no speech, compression; how many
# characters are said in a second.
HEARD, NO_SPEECH, COMPRESSION, PACE = 0.6, 0.05, 1.2, 14.0
MOSTLY = 0.5

Row = tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A rule: its true lines, its false ones, and whether it lets a line pass as it is."""

    about: str
    true: Callable[[], list[Row]]
    false: Callable[[], list[Row]]
    passes: Callable[[Row], bool]


@dataclass(frozen=True)
class Judged:
    """Lines of a rule; `refused`: true ones that did not pass, `passed`: false ones that did."""

    true: list[Row]
    false: list[Row]
    refused: list[Row]
    passed: list[Row]


def judged(rule: Rule) -> Judged:
    """Return what a rule does to its lines.

    Args:
        rule: One of RULES.
    """
    true, false = rule.true(), rule.false()
    return Judged(
        true=true,
        false=false,
        refused=[row for row in true if not rule.passes(row)],
        passed=[row for row in false if rule.passes(row)],
    )


def rows_of(name: str) -> Callable[[], list[Row]]:
    """Return a reader of a file of lines, fields between tabs.

    Args:
        name: In tests/fixtures/rules.
    """
    return lambda: [
        tuple(line.split("\t"))
        for line in (LINES / name).read_text(encoding="utf-8").splitlines()
        if line
    ]


def dialogue_rows() -> list[Row]:
    """Return lines of dialogue with their English: source, English, language."""
    head, *lines = (line.split("\t") for line in DIALOGUE.read_text("utf-8").splitlines())
    english = head.index("en")
    return [
        (line[place], line[english], language)
        for line in lines
        for place, language in enumerate(head)
        if language != "en"
    ]


def is_kept_name(row: Row) -> bool:
    """Return whether a line keeps its words beside a term of the glossary.

    Args:
        row: The term, the line.
    """
    term, line = row[:2]
    common = [word for word in words_of(line) if word in common_words("en")]
    wording = Wording(source=term, origin="film", written=term, spellings=[], common=common)
    corrector = Corrector(Terms(guarded=["en"], terms=[wording]), LEAST)
    segment = Segment(id=0, start=0.0, end=2.0, text=line, language="en", confidence=0.9)
    made = corrector.correct(segment).text
    return made == line if len(row) < 3 else made != row[2]


def is_kept_english(row: Row) -> bool:
    """Return whether a line in Roman letters, labelled Hindi, counts as English.

    Args:
        row: The line.
    """
    words = LATIN_WORD.findall(row[0])
    labels = label_words(words, hindi_lexicon(), english_frequency)
    hindi = sum(label.tongue == "hi" for label in labels)
    return hindi == 0 if hindi <= MOSTLY * len(labels) else False


def is_cut_right(row: Row) -> bool:
    """Return whether a line is one sentence; a false one is cut where its file has a bar.

    Args:
        row: Language, line.
    """
    language, line = row
    marked = line.replace("|", "| ")
    words = marked.split()
    tokens = [word.rstrip("|") for word in words]
    cuts = [
        ends_sentence(token, following, language, before)
        for before, token, following in zip(["", *tokens], tokens, tokens[1:], strict=False)
    ]
    wanted = [one.endswith("|") for one in words[:-1]]
    return not any(cuts) if not any(wanted) else cuts != wanted


def is_believed(row: Row) -> bool:
    """Return whether English is believed as the translation of a line that was heard well.

    Args:
        row: Source, English, and its language (hi where there is none).
    """
    source, english, language = (*row, "hi")[:3]
    asked = Asked(source, language, max(1.0, len(source) / PACE))
    heard = Heard(english, HEARD, NO_SPEECH, COMPRESSION)
    return not evidence_against(heard, asked, Limits()).refuses


RULES = {
    "names": Rule(
        "a name near a term is written as the term",
        rows_of("other_names.tsv"),
        rows_of("misheard_names.tsv"),
        is_kept_name,
    ),
    "english": Rule(
        "Roman letters in a Hindi line are written in Devanagari",
        rows_of("english_stays.txt"),
        rows_of("roman_hindi_is_rewritten.txt"),
        is_kept_english,
    ),
    "sentences": Rule(
        "a sentence ends at a point",
        rows_of("sentence_ends.txt"),
        rows_of("sentence_ends_here.txt"),
        is_cut_right,
    ),
    "translation": Rule(
        "English that Whisper heard is refused",
        dialogue_rows,
        rows_of("invented_english.tsv"),
        is_believed,
    ),
}


def make_parser() -> CommandParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/measure/rules.py",
        description="What rules that rewrite, cut or refuse do to true and to false lines.",
        examples=usage_of(__doc__),
        allow_abbrev=False,
    )
    parser.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(RULES))
    return parser


def main(argv: Sequence[str]) -> int:
    """Print a table and every line that went wrong; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    names = make_parser().parse_args(argv).rules or list(RULES)
    for name in names:
        found = judged(RULES[name])
        print(
            f"{name}: {RULES[name].about}: true lines refused {len(found.refused)} of "
            f"{len(found.true)}, false lines passed {len(found.passed)} of {len(found.false)}"
        )
        for told, rows in (("refused", found.refused), ("passed", found.passed)):
            for row in rows:
                print(f"  {told}: {' | '.join(row)}")
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
