#!/usr/bin/env python3
"""Tests of the linter's rules: hand-made files, each of which breaks one rule once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import Finding, LintReport
from shared.subtitles.base.profiles import ReadingLimits, limits_for
from shared.subtitles.checking.lint import RULES, lint_cues, lint_source
from shared.subtitles.files.source import read_source

ENGLISH = limits_for("en")
BBC = limits_for("en", profile="bbc")
BEFORE = "1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n\n"
AFTER = "3\n00:00:20,000 --> 00:00:22,000\nYes.\n"
TIMES = "00:00:05,000 --> 00:00:08,000"


@dataclass(frozen=True)
class Broken:
    """A file whose second cue breaks one rule."""

    rule: str
    severity: str
    said: str
    text: str = "And to you as well."
    times: str = TIMES
    limits: ReadingLimits = ENGLISH
    after: str = AFTER

    @property
    def file(self) -> str:
        """The file's text."""
        return f"{BEFORE}2\n{self.times}\n{self.text}\n\n{self.after}"


AT_ONCE = "3\n00:00:05,234 --> 00:00:08,000\nYes.\n"
SOON = "3\n00:00:05,700 --> 00:00:08,000\nYes.\n"
NEXT = "3\n00:00:06,100 --> 00:00:08,000\nYes.\n"
SLOW = "00:00:05,000 --> 00:00:11,000"
FILES = [
    Broken("order", "error", "in front starts", "And you.", "00:00:00,000 --> 00:00:00,9"),
    Broken("overlap", "error", "before the cue in front ends", times="00:00:02,900 --> 00:00:05,0"),
    Broken(
        *("duplicate", "error", "same text and times"),
        *("Good morning.", "00:00:01,000 --> 00:00:03,000"),
    ),
    Broken("gap", "error", "0.050 s after the cue in front", times="00:00:03,050 --> 00:00:05,0"),
    Broken("open-gap", "error", "close it to 0.083 s", times="00:00:03,125 --> 00:00:05,0"),
    Broken("open-gap", "error", "leave 0.500 s", times="00:00:03,458 --> 00:00:05,0"),
    Broken("zero-length", "error", "has no length", times="00:00:05,000 --> 00:00:05,000"),
    Broken("zero-length", "error", "ends before it starts", times="00:00:05,000 --> 00:00:04,000"),
    Broken("min-duration", "error", "stays 0.500 s", "No.", "00:00:05,000 --> 00:00:05,500"),
    Broken("min-duration", "warning", "0.6", "No.", "00:00:05,000 --> 00:00:05,600", after=SOON),
    Broken("min-duration", "error", "0.150", "No.", "00:00:05,000 --> 00:00:05,150", after=AT_ONCE),
    Broken("max-duration", "error", "stays 7.100 s", times="00:00:05,000 --> 00:00:12,100"),
    Broken(
        "reading-speed",
        "error",
        "at most 20",
        "Quick, quick, quick, do it!" + " Go on" * 2,
        "00:00:05,000 --> 00:00:06,500",
    ),
    Broken(
        "reading-speed",
        "warning",
        "27.0 char",
        "Quick, be quick, do it now!",
        "00:00:05,000 --> 00:00:06,000",
        after=NEXT,
    ),
    Broken(
        "reading-speed",
        "error",
        "41.0 char",
        "Quick, be quick, and do it now, my friend",
        "00:00:05,000 --> 00:00:06,000",
        after=NEXT,
    ),
    Broken(
        "word-rate",
        "warning",
        "192 words a minute",
        "a b c d e f g h",
        "00:00:05,000 --> 00:00:07,500",
        BBC,
    ),
    Broken(
        "word-rate",
        "error",
        "240 words a minute",
        "a b c d e f g h",
        "00:00:05,000 --> 00:00:07,000",
        BBC,
    ),
    Broken(
        "line-length",
        "error",
        "43 characters, at most 42",
        "It is a long, long way to go now, my friend",
    ),
    Broken("line-length", "error", "50 characters", "x" * 50),
    Broken(
        "line-count",
        "error",
        "3 lines, at most 2",
        "It is a long way to go,\nand we shall go it,\nmy dear old friend.",
        SLOW,
    ),
    Broken("one-line", "warning", "two lines for 16 characters", "And to you,\nsir."),
    Broken(
        "line-break",
        "error",
        "article-noun",
        "When we came home he gave me the\nkeys of the old house.",
    ),
    Broken(
        "line-break",
        "warning",
        "adjective-noun",
        "When we came home he gave me my big\nkeys, and all of us went in.",
        SLOW,
    ),
    Broken("spacing", "warning", "spaces twice", "And to  you."),
    Broken("spacing", "warning", "spaces twice", "And to you. "),
    Broken("ellipsis", "error", "…", "And to you..."),
    Broken("ellipsis", "error", "…", "And . . . you."),
    Broken("interruption", "warning", "--", "And to you—"),
    Broken("interruption", "warning", "--", "And to yo-"),
    Broken(
        "continuation",
        "warning",
        "runs on",
        "And to you…",
        after="3\n00:00:08,500 --> 00:00:10,000\n…my friend.\n",
    ),
    Broken("speakers", "error", "without a space", "- And to you.\n- Thanks."),
    Broken("speakers", "error", "without a space", "And to you.\n-Thanks."),
    Broken(
        "speakers",
        "warning",
        "first line alone",
        "-And to you, as always, my friend.\nAnd all of you.",
    ),
    Broken("speakers", "error", "each line", "-And to you. -Thanks."),
    Broken("speakers", "warning", "two speakers on one line", "-And to you. -Thanks.\n-Welcome."),
    Broken(
        "speakers", "error", "3 speakers", "-A.\n-B.\n-C.", limits=replace(ENGLISH, max_lines=3)
    ),
    Broken("brackets", "warning", "[brackets]", "(door slams)"),
    Broken("unclosed-bracket", "warning", "“[” without “]”", "[music plays"),
    Broken("lyrics-note", "error", "both ends", "♪La la la♪"),
    Broken("lyrics-note", "error", "both ends", "♪ La la la"),
    Broken("lyrics-note", "error", "both ends", "# La la la #"),
    Broken("lyrics-note", "error", "both ends", "♪ La la la ♪", limits=BBC),
    Broken("lyrics-full-stop", "error", "full stop", "♪ La la la. ♪"),
    Broken(
        "italics",
        "warning",
        "italics",
        "<i>And to you.</i>",
        limits=replace(ENGLISH, italics=False),
    ),
    Broken("colours", "warning", "text in #FFA500", '<font color="#FFA500">And you.</font>'),
    Broken("colours", "error", "only white, yellow", '<font color="red">You.</font>', limits=BBC),
    Broken("broken-character", "error", "not readable", "And to y\ufffdu."),
    Broken("broken-character", "error", "not readable", "And to y\x00u."),
    Broken("decoded-wrongly", "error", "“Ã©” is most likely “é”", "A cafÃ©."),
    Broken("foreign-script", "warning", "(Cyrillic): уо", "And to уоu."),
    Broken("empty", "error", "has no text", ""),
    Broken("numbering", "warning", "has the number 7", after=AFTER.replace("3\n", "7\n", 1)),
    Broken("text-outside", "error", "stray words", "And to you.\n\nstray words"),
]


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "- And you?\n- No.", "“-” without a space on each line"),
        ("es", "-¿Y tú?\n-No.", "“-” with a space on each line"),
        ("he", "-ואתה?\n-לא.", "“-” without a space on the second line alone"),
        ("bg", "- А ти?\n- Не.", "“-” with a space on the second line alone"),
    ],
)
def test_two_speakers_are_marked_as_the_language_does(language: str, text: str, told: str) -> None:
    found = lint_cues([Cue(1.0, 4.0, text)], limits_for(language))
    assert [(one.rule, one.message) for one in found] == [("speakers", f"two speakers: {told}")]


HINDI_FILES = [
    ("line-break", "जब हम उस दिन सुबह घर वापस आए तब उसने दोस्तों\nको अपनी सारी कहानी सुनाई।"),
    ("lyrics-full-stop", "♪ चलो चलें हम। ♪"),
    ("italics", "<i>चलो चलें हम</i>"),
]


def findings_of(text: str, limits: ReadingLimits, folder: Path) -> list[Finding]:
    """Return the findings of a file with this text."""
    path = folder / "film.srt"
    path.write_text(text, encoding="utf-8")
    return lint_source(read_source(path), limits)


@pytest.mark.parametrize("broken", FILES, ids=[f"{n}-{one.rule}" for n, one in enumerate(FILES)])
def test_a_file_that_breaks_one_rule_has_one_finding(broken: Broken, tmp_path: Path) -> None:
    found = findings_of(broken.file, broken.limits, tmp_path)
    assert [(f.rule, f.severity) for f in found] == [(broken.rule, broken.severity)]
    assert broken.said in found[0].message
    assert (found[0].cue, found[0].line) in [(2, 6), (3, 10), (2, 9), (2, 8)]


@pytest.mark.parametrize(("rule", "text"), HINDI_FILES)
def test_a_hindi_file_that_breaks_one_rule_has_one_finding(
    rule: str, text: str, tmp_path: Path
) -> None:
    times = "00:00:05,000 --> 00:00:10,000"
    found = findings_of(f"1\n{times}\n{text}\n", limits_for("hi"), tmp_path)
    assert [f.rule for f in found] == [rule]


def test_a_bad_break_is_an_error_also_where_no_break_is_needed(tmp_path: Path) -> None:
    """A broadcaster sees the article at the end of the line, not that one line would do."""
    found = findings_of(f"1\n{TIMES}\nHe saw the\nriver.\n", ENGLISH, tmp_path)
    assert [(f.rule, f.severity) for f in found] == [
        ("one-line", "warning"),
        ("line-break", "error"),
    ]
    found = findings_of(
        f"1\n{TIMES}\nमैंने कल शाम राम\nको बुलाया था।\n", limits_for("hi"), tmp_path
    )
    assert [(f.rule, f.severity) for f in found] == [
        ("one-line", "warning"),
        ("line-break", "error"),
    ]


def test_every_rule_is_broken_here() -> None:
    """A new rule needs a file above (or, if it needs the film, a test below)."""
    ids = {one.rule.replace("-", "_") for one in FILES} | {"past_end", "shot_in", "shot_out"}
    others = {"corrections", "one_speaker_a_line", "empty_text"}
    assert {rule.__name__ for rule in RULES} <= ids | others


GOOD = [
    Cue(1.0, 3.0, "Good morning."),
    Cue(3.084, 6.0, "When we came home he gave me\nthe keys of the old house."),
    Cue(6.5, 9, "-Yes…\n-Well--"),
    Cue(10, 12, "♪ La la la ♪", is_lyrics=True),
    Cue(13, 15, "[engine starts]"),
    Cue(16, 18, "What is “it…”?"),
    Cue(19, 21, "He is well-"[:-1] + "known (I think)."),
]


def test_good_cues_have_no_findings() -> None:
    assert lint_cues(GOOD, ENGLISH) == []
    assert lint_cues([], ENGLISH) == []


def test_good_cues_of_the_bbc() -> None:
    cues = [Cue(1, 3, "Good morning..."), Cue(3, 6, "And to you –"), Cue(7, 9, "# La la la")]
    assert lint_cues(cues, BBC) == []


def test_right_to_left_text_is_counted_as_it_is_seen() -> None:
    line = "\u202bمرحبا بك في بيتنا يا صديقي العزيز\u202c"
    assert lint_cues([Cue(1, 6, line)], limits_for("ar")) == []
    assert limits_for("ar").line_length("\u200fא\u200f") == 1


def test_what_is_sung_but_not_marked_is_found() -> None:
    found = lint_cues([Cue(1, 3, "La la la", is_lyrics=True)], ENGLISH)
    assert [f.rule for f in found] == ["lyrics-note"]


def test_shot_changes_and_the_films_end() -> None:
    def rules(start: float, end: float, film_end: float | None = None) -> list[str]:
        cue = Cue(start, end, "Good morning.")
        return [f.rule for f in lint_cues([cue], ENGLISH, [5.0, 8.0], film_end)]

    two_frames = 2 / 24
    assert rules(5.0, 8.0 - two_frames) == []
    assert rules(4.5, 7.5) == []
    assert rules(4.75, 7.0) == rules(5.2, 7.0) == rules(4.6, 7.0) == ["shot-in"]
    assert rules(6.0, 8.0) == rules(6.0, 7.7) == rules(6.0, 8.3) == ["shot-out"]
    assert rules(6.0, 8.5) == []
    assert rules(9.0, 11.0, film_end=11.0) == []
    assert rules(9.0, 11.5, film_end=11.0) == ["past-end"]


def test_rounding_to_milliseconds_is_no_fault() -> None:
    cues = [Cue(1.0, 8.001, "A"), Cue(8.0834, 10, "B"), Cue(11, 11.833, "C")]
    assert lint_cues(cues, ENGLISH) == []


def test_a_gap_that_cannot_be_closed_stays_open() -> None:
    assert lint_cues([Cue(1.0, 8.0, "A"), Cue(8.3, 10, "B")], ENGLISH) == []


def test_length_counts_what_a_viewer_sees() -> None:
    """42 syllables of Hindi are far more code points than 42."""
    assert len("की" * 42) == 84
    limits = limits_for("hi")
    assert lint_cues([Cue(0, 5, "की " * 20 + "की")], limits) == []
    found = lint_cues([Cue(0, 6, "की " * 21 + "की")], limits)
    assert [f.rule for f in found] == ["line-length"]


def test_findings_come_in_the_order_of_the_cues_and_are_kept_in_a_file() -> None:
    found = lint_cues([Cue(0, 0.1, ""), Cue(0.05, 9, "x" * 50)], ENGLISH)
    assert [f.cue for f in found] == sorted(f.cue for f in found)
    report = LintReport(files={"Film.en": found})
    assert LintReport.model_validate_json(report.model_dump_json()) == report
