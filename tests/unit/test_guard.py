#!/usr/bin/env python3
"""Tests of shared/subtitles/checking/guard.py: planted harm is found, what is no harm is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shared.media.shown_text import FfmpegReader
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.profiles import ReadingLimits, limits_for
from shared.subtitles.checking import fixing
from shared.subtitles.checking.fixing import fix_source
from shared.subtitles.checking.guard import EVERY, harmed, words
from shared.subtitles.files.source import SourceFile, parse_source
from tools.measure.edits import FORMATS
from tools.measure.repairs import Told, measure

ENGLISH = limits_for("en")
SRT = """\
1
00:00:01,000 --> 00:00:03,500
We leave at 9. Bring {two} maps...

2
00:00:04,000 --> 00:00:06,000
{\\an8}TICKET OFFICE

3
00:00:07,000 --> 00:00:07,400
No.
"""


def read(text: str, kind: str = "srt") -> SourceFile:
    """Return a file that was read."""
    return parse_source(text, kind, Path(f"film.{kind}"))


HARM = {
    "a word is lost": ("Bring ", ""),
    "a number is lost": ("at 9.", "at."),
    "words change places": ("leave at", "at leave"),
    "two words become one": ("at 9", "at9"),
    "a word is torn": ("leave", "le ave"),
    "braces that are text are lost": ("{two}", "two"),
    "a letter is another": ("maps", "naps"),
    "text becomes markup": ("{two}", "{\\two}"),
    "a cue begins later": ("00:00:01,000", "00:00:01,001"),
    "a cue cannot be read any more": ("00:00:03,500", "00:00:02,000"),
    "a brief cue is briefer": ("00:00:07,400", "00:00:07,300"),
    "a cue covers the next": ("00:00:03,500", "00:00:07,800"),
    "a sign goes to the foot": ("{\\an8}", ""),
    "a sign goes elsewhere": ("{\\an8}", "{\\an5}"),
    "a line is too long": ("Bring", "Bring " + "\u00a0" * 40),
    "a cue has no length": ("00:00:06,000", "00:00:04,000"),
    "there are spaces twice": ("We leave", "We  leave"),
}


@pytest.mark.parametrize("harm", list(HARM))
def test_planted_harm_is_found_where_it_is(harm: str) -> None:
    old, (before, after) = read(SRT), HARM[harm]
    assert SRT.count(before) == 1
    found = harmed(old, read(SRT.replace(before, after)), ENGLISH)
    place = next(n for n, cue in enumerate(SRT.split("\n\n")) if before in cue)
    assert place in found and found <= {place, place + 2}


@pytest.mark.parametrize(
    "text",
    [
        SRT.rpartition("\n\n")[0] + "\n",
        SRT + "\n4\n00:00:09,000 --> 00:00:11,000\nMore.\n",
        SRT.replace("2\n00:00:04,000 --> ", "2\n00:00:04,000 -> "),
        SRT.replace("\n\n3\n", "\n\nstray\n\n3\n"),
    ],
)
def test_cues_that_come_and_go_are_harm_to_the_file(text: str) -> None:
    assert harmed(read(SRT), read(text), ENGLISH) == EVERY


def test_what_a_repair_may_do_is_no_harm() -> None:
    mended = SRT.replace("maps...", "maps…").replace("07,400", "07,833")
    assert harmed(read(SRT), read(mended), ENGLISH) == frozenset()
    assert harmed(read(SRT), read(SRT), ENGLISH) == frozenset()


def test_what_ffmpeg_does_not_show_any_more_is_harm() -> None:
    """In WebVTT a style sheet ends what ffmpeg reads; to us it is none of the text."""
    vtt = "WEBVTT\n\n00:01.000 --> 00:03.000\nOne.\n\n00:04.000 --> 00:06.000\nTwo.\n"
    styled = vtt.replace("WEBVTT\n", "WEBVTT\n\nSTYLE\n::cue { color: lime }\n")
    old, new = read(vtt, "vtt"), read(styled, "vtt")
    assert harmed(old, new, ENGLISH) == frozenset()
    assert harmed(old, new, ENGLISH, reader=FfmpegReader()) == {0, 1}


def test_what_only_ffmpeg_shows_is_shown_after_a_repair() -> None:
    stuck = "00:01.000 --> 00:02.000\n12:30 --> 13:00\nStay here.\n"
    old = read(f"WEBVTT\n\n00:00.000 --> 00:00.900\n(Rain)\n\n{stuck}", "vtt")
    new = read(old.text.replace("2.000\n12", "2.000\n\n12"), "vtt")
    assert [cue.text for cue in old.cues if cue.text] == ["(Rain)"]
    assert harmed(old, new, ENGLISH) == set()
    assert harmed(old, new, ENGLISH, reader=FfmpegReader()) == EVERY
    assert "2.000\n12" in fix_source(old, ENGLISH, None, FfmpegReader())


def test_a_harmful_repair_is_left_and_the_others_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A correction that swallows what stands in braces, as a broken rule would."""
    true_mend = fixing.mend_text

    def swallow(cue: SourceCue, kind: str, limits: ReadingLimits) -> SourceCue:
        made = true_mend(cue, kind, limits)
        return replace(made, raw=made.raw.replace("{two} ", ""))

    monkeypatch.setattr(fixing, "mend_text", swallow)
    mended = fix_source(read(SRT), ENGLISH)
    assert "Bring {two} maps..." in mended
    assert "00:00:07,000 --> 00:00:07,833\nNo." in mended


def test_a_harmful_rewriting_leaves_the_file_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_the_last(source: SourceFile, mended: Sequence[object]) -> str:
        return source.text.rpartition("\n\n")[0] + "\n"

    monkeypatch.setitem(fixing.REWRITE, "srt", lose_the_last)
    assert fix_source(read(SRT), ENGLISH) == SRT


def test_words_in_a_broken_tag_stay_in_the_file() -> None:
    """Players show nothing of such a cue; whoever wrote it wants to find it again."""
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<i{}\n\n00:04.000 --> 00:06.000\nYes...\n"
    mended = fix_source(read(text.format("We leave</i>"), "vtt"), ENGLISH)
    assert mended == text.format("We leave</i>").replace("...", "…")
    assert "00:01.000" not in fix_source(read(text.format("></i>"), "vtt"), ENGLISH)


def test_a_file_of_which_nothing_would_be_left_stays_as_it_is() -> None:
    text = "some text\n00:00:00,500 --> 00:00:07,000\n"
    assert fix_source(read(text), ENGLISH) == text


def test_words_know_what_a_repair_may_write_otherwise() -> None:
    assert words("- Well... (no) ♪") == words("-Well… [no]") == ["Well", "no"]
    assert words("我不知道\n你") == words("我不知道你")
    assert words("100\n,000") != words("100,000")
    assert words("<bob@example.org>") == ["<bob@example", "org>"]


@pytest.mark.slow
def test_repairs_of_random_edits_of_real_looking_files_do_no_harm() -> None:
    """2,000 of them: tools/measure/repairs.py --edits 2000."""
    told = Told()
    measure(40, 9_000, told, FfmpegReader())
    assert (told.lost, told.new, told.unreadable) == ([], [], [])
    assert told.changed > 10 and told.mended > 40 and len(FORMATS) == 4
