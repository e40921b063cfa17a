#!/usr/bin/env python3
"""
Tidy: the corrections of a cue's text that change no word.

Each is one function from text to text; the linter reports where one would change something, --fix
and the subtitle stage apply them all, so the three can never differ.

Usage:
    from shared.subtitles.layout.tidy import tidy_text

    tidy_text("- Well...\\n- Yes  .", limits)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import regex

from shared.subtitles.base.chunks import running_words
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import Severity
from shared.subtitles.base.phrase import Phrase
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.layout.layout import lay_out
from shared.subtitles.layout.own_lines import DASH, MARKS, have_own_lines
from shared.transcript.languages.symbols import NOTE_SIGNS
from shared.transcript.recognition.sentences import CLOSERS, SENTENCE_ENDS

FULL_STOPS = ".।॥。"
# One correction may make room for another.
PASSES = 2
DASHES = tuple("-‐‑–—―")
SPEAKER_DASH = DASH
# The same at the very beginning, behind the signs of direction.
DASH_OF_LINE = regex.compile(r"\A[-‐‑–—―]\s*(?=[^\s\-‐‑–—―])")
# A line with a hyphen answers a sentence that is over; else the hyphen is inside of a word.
SENTENCE_OVER = regex.compile(rf"[{SENTENCE_ENDS}—-][{regex.escape(CLOSERS)}\p{{Cf}}]*\s*$")
DOTS = regex.compile(r"\.(?: \.){2,}|[.…]{2,}")
SECOND_SPEAKER = regex.compile(r"(?<=[.?!…।][\"'”’»]?)\s+(?=[-‐‑–—―]\s*[^\s\-‐‑–—―])")
IN_PARENTHESES = regex.compile(r"(?m)^(\s*[-‐‑–—―]?\s*)\(([^()\n]+)\)$")
SONG_SIGNS = regex.compile(rf"^(?:[{NOTE_SIGNS}\s]|#(?=\s|$))+|(?:[{NOTE_SIGNS}\s]|(?<=^|\s)#)+$")
FIRST_MARKS = regex.compile(MARKS)
# In front of a figure it is the sign of a number.
HASH_OF_SONG = regex.compile(r"#\s+(?!\d)|#\s.*\s#$", regex.DOTALL)
# A space that keeps two words together, or is narrow, is there on purpose.
SPACES = regex.compile(r"[ \t]{2,}|\t")


@dataclass(frozen=True)
class Correction:
    """One correction with the rule it mends.

    Attributes:
        rule: Id of the rule.
        severity: What the linter calls it where it would change something.
        message: What is wrong; {dashes} stands for how the language marks two speakers.
        apply: (text, limits, whether it is sung) → text.
    """

    rule: str
    severity: Severity
    message: str
    apply: Callable[[str, ReadingLimits, bool], str]


def is_sung(text: str, is_lyrics: bool = False) -> bool:
    """Return whether a cue is sung: it was found to be, or it says so by a note or a hash sign.

    Args:
        text: A cue's; notes stand around what is sung.
        is_lyrics: Whether it was found to be.
    """
    bare = FIRST_MARKS.sub("", text.strip(), count=1)
    noted = bare.startswith(tuple(NOTE_SIGNS)) or bare.endswith(tuple(NOTE_SIGNS))
    return is_lyrics or noted or bool(HASH_OF_SONG.match(bare))


def tidy_text(text: str, limits: ReadingLimits, is_lyrics: bool = False) -> str:
    """Return text with every correction made.

    Args:
        text: A cue's text.
        limits: How its profile writes pauses, interruptions and songs.
        is_lyrics: Whether it is sung.
    """
    for _ in range(PASSES):
        for correction in CORRECTIONS:
            text = correction.apply(text, limits, is_sung(text, is_lyrics))
    return text


def tidy_words(phrases: Sequence[Phrase], limits: ReadingLimits) -> list[Phrase]:
    """Return phrases in which pauses are written as the profile writes them, before shaping.

    Args:
        phrases: Of one track.
        limits: How its profile writes a pause.
    """
    return [
        replace(
            phrase,
            words=tuple(
                word.model_copy(update={"text": one_ellipsis(word.text, limits)})
                for word in phrase.words
            ),
        )
        for phrase in phrases
    ]


def tidy_cues(cues: Sequence[Cue], limits: ReadingLimits) -> list[Cue]:
    """Return cues with every correction made to their texts.

    Args:
        cues: Of one file.
        limits: How its profile writes pauses, interruptions and songs.
    """
    tidied = []
    for cue in cues:
        text = laid_out(tidy_text(cue.text, limits, cue.is_lyrics), limits)
        # Other lines may end in a full stop now.
        tidied.append(replace(cue, text=tidy_text(text, limits, cue.is_lyrics)))
    return tidied


def laid_out(text: str, limits: ReadingLimits) -> str:
    """Return text on other lines where those it has are too long, too many or not needed.

    Args:
        text: A cue's text; where lines have speakers of their own they stay.
        limits: Line length and number of lines.
    """
    lines = text.split("\n")
    if any(SPEAKER_DASH.match(line) for line in lines):
        return text
    stay = have_own_lines(lines, is_sung(text))
    if stay and len(lines) <= limits.max_lines:
        return text
    longest = max(limits.line_length(line) for line in lines)
    words = running_words(text, limits.language)
    fits_one = len(lines) > 1 and limits.line_length("".join(words)) <= limits.max_line_length + 1
    if not fits_one and longest <= limits.max_line_length and len(lines) <= limits.max_lines:
        return text
    sung = len(words) > 2 and words[0].strip() == words[-1].strip() == limits.note
    made = lay_out(words[1:-1], limits, limits.note) if sung else lay_out(words, limits)
    widest = max(limits.line_length(line) for line in made)
    return "\n".join(made) if widest <= limits.max_line_length else text


def _spacing(text: str, limits: ReadingLimits, sung: bool) -> str:
    """No empty lines, no spaces at their ends, none twice."""
    lines = [SPACES.sub(" ", line).strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line)


def one_ellipsis(text: str, limits: ReadingLimits, sung: bool = False) -> str:
    """Return text in which one character stands for a pause.

    Args:
        text: Any part of a cue's text.
        limits: How its profile writes a pause.
        sung: Makes no difference.
    """
    return str(DOTS.sub(limits.ellipsis, text)) if limits.ellipsis else text


def _speakers(text: str, limits: ReadingLimits, sung: bool) -> str:
    """Two speakers have a line each, with the hyphens of the language."""
    lines = text.split("\n")
    if len(lines) == 1 and SPEAKER_DASH.match(text):
        turns = SECOND_SPEAKER.split(text)
        lines = turns if len(turns) == 2 else lines
    if len(lines) < 2:
        return text
    dashed = [bool(SPEAKER_DASH.match(line)) for line in lines]
    answers = len(lines) == 2 and dashed == [False, True] and _is_answer(*lines)
    if not (all(dashed) or answers):
        return text
    first, later = limits.dashes
    lines = [_with_dash(line, later if number else first) for number, line in enumerate(lines)]
    widest = max(limits.line_length(line) for line in lines)
    return "\n".join(lines) if widest <= limits.max_line_length else text


def told_dashes(limits: ReadingLimits) -> str:
    """Return how two speakers are marked, for people.

    Args:
        limits: Of the language.
    """
    first, later = limits.dashes
    where = "on each line" if first else "on the second line alone"
    return f"“-” {'with' if later.endswith(' ') else 'without'} a space {where}"


def _is_answer(first: str, second: str) -> bool:
    """Return whether a line with a dash answers the one above, which has none."""
    if FIRST_MARKS.sub("", first, count=1).startswith(DASHES):
        return False
    return bool(SENTENCE_OVER.search(first))


def _with_dash(line: str, dash: str) -> str:
    """Return a line with this dash instead of its own, behind the signs of direction."""
    marks = FIRST_MARKS.match(line)
    lead = marks[0] if marks else ""
    return lead + dash + str(DASH_OF_LINE.sub("", line[len(lead) :], count=1))


def _brackets(text: str, limits: ReadingLimits, sung: bool) -> str:
    """Sounds stand in square brackets, or in those of the language."""
    opening, closing = limits.brackets
    return str(IN_PARENTHESES.sub(rf"\1{opening}\2{closing}", text))


def _notes(text: str, limits: ReadingLimits, sung: bool) -> str:
    """A note and a space at both ends of what is sung; BBC's hash may stand in front alone."""
    if not sung or SPEAKER_DASH.match(text):
        return text
    marks = FIRST_MARKS.match(text)
    lead = marks[0] if marks else ""
    bare = SONG_SIGNS.sub("", text[len(lead) :])
    if limits.note == "#" and text == f"# {bare}":
        return text
    return lead + (f"{limits.note} {bare} {limits.note}" if bare else limits.note)


def _full_stops(text: str, limits: ReadingLimits, sung: bool) -> str:
    """No full stop ends a line of a song."""
    if not sung:
        return text
    ends = f"(?<![{FULL_STOPS}])[{FULL_STOPS}](?=[ {NOTE_SIGNS}#]*$)"
    return str(regex.sub(f"(?m){ends}", "", text))


CORRECTIONS: tuple[Correction, ...] = (
    Correction("spacing", "warning", "has empty lines, or spaces twice or at an end", _spacing),
    Correction("ellipsis", "error", "one “…” stands for a pause", one_ellipsis),
    Correction("speakers", "error", "two speakers: {dashes}", _speakers),
    Correction("brackets", "warning", "sounds stand in [brackets]", _brackets),
    Correction("lyrics-note", "error", "a song has its sign and a space at both ends", _notes),
    Correction("lyrics-full-stop", "error", "no full stop ends a line of a song", _full_stops),
)
