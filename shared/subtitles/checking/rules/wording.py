#!/usr/bin/env python3
"""
Wording rules: how pauses, interruptions, speakers, songs and sounds are written.

Usage:
    from shared.subtitles.checking.rules.wording import RULES
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from shared.subtitles.base.colours import WHITE
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.finding import Finding, Place, Rule, Severity
from shared.subtitles.layout.tidy import (
    CORRECTIONS,
    SECOND_SPEAKER,
    SPEAKER_DASH,
    is_sung,
    told_dashes,
)
from shared.subtitles.reading.encodings import wrongly_decoded
from shared.transcript.languages.alphabets import (
    foreign_words,
    letters_in_script,
    script_name,
)

# A pause at least this long, in seconds, may be written as an ellipsis on both its sides.
LONG_PAUSE = 2.0
# What stands for a lost character, and signs that steer machines; ffmpeg stops at some of them.
UNREADABLE = regex.compile("[\ufffd\x00-\x08\x0b-\x1f\x7f]")
TRAILING_DASH = regex.compile(r"(?<=[\w.,!?…]\s?)(?P<dash>[-—–―]+)[\"'”’»]*$")
PAIRS = (("[", "]"), ("(", ")"), ("（", "）"))


def corrections(place: Place) -> Iterator[Finding]:
    """What a correction would change, and nothing else, is written wrongly; see Rule."""
    cue = place.cue
    if not cue.text.strip():
        return
    text = cue.text
    for correction in CORRECTIONS:
        mended = correction.apply(text, place.limits, is_sung(text, cue.is_lyrics))
        if mended != text:
            told = correction.message.format(dashes=told_dashes(place.limits))
            yield place.finding(correction.rule, correction.severity, told)
        text = mended


def one_speaker_a_line(place: Place) -> Iterator[Finding]:
    """A cue holds two speakers at most, on a line each; see Rule."""
    dashed = [bool(SPEAKER_DASH.match(line)) for line in place.cue.lines]
    if sum(dashed) > 2:
        yield place.finding("speakers", "error", f"{sum(dashed)} speakers, at most 2")
    elif dashed == [True, False] and place.limits.dashes[0]:
        yield place.finding("speakers", "warning", "a hyphen on the first line alone")
    elif len(dashed) > 1 and any(
        SECOND_SPEAKER.search(line)
        for line, mark in zip(place.cue.lines, dashed, strict=True)
        if mark
    ):
        yield place.finding("speakers", "warning", "two speakers on one line")


def continuation(place: Place) -> Iterator[Finding]:
    """A sentence that runs on into the next cue has no ellipsis; see Rule."""
    after = place.after
    if after is None or not place.cue.text.rstrip().endswith(("…", "...")):
        return
    follows = after.text.lstrip("… .")
    runs_on = after.text.lstrip().startswith(("…", "...")) or follows[:1].islower()
    if runs_on and after.start - place.cue.end < LONG_PAUSE:
        yield place.finding("continuation", "warning", "“…” although the sentence runs on")


def interruption(place: Place) -> Iterator[Finding]:
    """What is cut off ends in two hyphens; where a sentence runs on, a dash is a dash; see Rule."""
    wanted, after = place.limits.interruption, place.after
    ending = TRAILING_DASH.search(place.cue.text.rstrip())
    if not wanted or ending is None or ending["dash"] == wanted:
        return
    if after is None or not after.text[:1].islower():
        yield place.finding("interruption", "warning", f"“{wanted}” ends what is cut off")


def unclosed_bracket(place: Place) -> Iterator[Finding]:
    """Every bracket that is opened is closed; see Rule."""
    for opening, closing in PAIRS:
        if place.cue.text.count(opening) != place.cue.text.count(closing):
            yield place.finding("unclosed-bracket", "warning", f"“{opening}” without “{closing}”")


def italics(place: Place) -> Iterator[Finding]:
    """No italics in languages (and for broadcasters) that have none; see Rule."""
    if isinstance(place.cue, SourceCue) and place.cue.is_italic and not place.limits.italics:
        yield place.finding("italics", "warning", "italics, which are not used here")


def colours(place: Place) -> Iterator[Finding]:
    """Text is white; speakers have the broadcaster's colours where it has any; see Rule."""
    if not isinstance(place.cue, SourceCue):
        return
    allowed = place.limits.colours or (WHITE,)
    strange = [one for one in place.cue.colours if one not in allowed]
    if strange:
        severity: Severity = "error" if place.limits.colours else "warning"
        text = f"text in {', '.join(strange)}, only {', '.join(allowed)} here"
        yield place.finding("colours", severity, text)


def broken_character(place: Place) -> Iterator[Finding]:
    """No character was lost on the way; see Rule."""
    if UNREADABLE.search(place.cue.text):
        yield place.finding("broken-character", "error", "holds a character that was not readable")


def decoded_wrongly(place: Place) -> Iterator[Finding]:
    """Letters are as they were written, not what another encoding makes of them; see Rule."""
    found = wrongly_decoded(place.cue.text)
    if found is not None:
        text = f"was decoded wrongly before: “{found[0]}” is most likely “{found[1]}”"
        yield place.finding("decoded-wrongly", "error", text)


def foreign_script(place: Place) -> Iterator[Finding]:
    """Letters are of the language, or Latin as in names and loan words; see Rule."""
    language = place.limits.language
    words = foreign_words(place.cue.text, language)
    if words:
        letters = [one for one in "".join(words) if not letters_in_script(one, language)]
        scripts = dict.fromkeys(script_name(one) for one in letters if one.isalpha())
        text = f"letters of another script ({', '.join(scripts)}): {', '.join(words)}"
        yield place.finding("foreign-script", "warning", text)


def empty_text(place: Place) -> Iterator[Finding]:
    """A cue says something; see Rule."""
    if not place.cue.text.strip():
        yield place.finding("empty", "error", "has no text")


def numbering(place: Place) -> Iterator[Finding]:
    """Numbers, where the file has them, count from 1; see Rule."""
    cue = place.cue
    if isinstance(cue, SourceCue) and cue.number not in (None, place.index + 1):
        before = place.previous
        previous = before.number if isinstance(before, SourceCue) else 0
        if previous is None or cue.number != previous + 1:
            text = f"has the number {cue.number} and is the {place.index + 1}."
            yield place.finding("numbering", "warning", text)


RULES: tuple[Rule, ...] = (
    corrections,
    one_speaker_a_line,
    continuation,
    interruption,
    unclosed_bracket,
    italics,
    colours,
    broken_character,
    decoded_wrongly,
    foreign_script,
    empty_text,
    numbering,
)
