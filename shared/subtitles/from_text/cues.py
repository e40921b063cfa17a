#!/usr/bin/env python3
"""
Cues: the cues of a file made again from its transcript, in its own or another language.

Times, places, italics, dashes, names, notes and brackets are those of the file. What nobody mended
or translated stands on the lines on which it stood; other text is laid out by its language.

Usage:
    from shared.subtitles.from_text.cues import cues_of

    cues_of(transcript.segments, {}, limits)                       # as the file has them
    cues_of(transcript.segments, {3: "Who is there?"}, limits)     # by number of the segment
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import regex

from shared.subtitles.base.chunks import running_words
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.files.placing import USUAL
from shared.subtitles.from_text.parts import DASH
from shared.subtitles.layout.layout import lay_out
from shared.transcript.records.schemas import CueText, Segment, TimeSpan

BLANK = regex.compile(r"\s+")


def cues_of(
    segments: Sequence[Segment], texts: Mapping[int, str], limits: ReadingLimits
) -> list[Cue]:
    """Return the cues of a track.

    Args:
        segments: Of a transcript that was made of a file; one without a cue of its own, which
            somebody added, becomes one.
        texts: What takes the place of a segment's text, by its number.
        limits: Line length, dashes and language of the text.

    Returns:
        Cues in order of time.
    """
    cues = []
    for _, group in groupby(segments, key=_cue_of):
        parts = list(group)
        shown = parts[0].shown
        if shown is None:
            text = texts.get(parts[0].id, parts[0].text)
            lines = lay_out(running_words(text, limits.language), limits) if text.strip() else []
            times: TimeSpan = parts[0]
            italics, alignment = [False] * len(lines), USUAL
        else:
            lines, italics = _lines(parts, texts, limits)
            times, alignment = shown, shown.alignment
        if any(lines):
            cues.append(
                Cue(
                    times.start,
                    times.end,
                    "\n".join(lines),
                    italic_lines=tuple(italics) if any(italics) else (),
                    alignment=alignment,
                )
            )
    return sorted(cues, key=lambda cue: cue.start)


def _cue_of(segment: Segment) -> tuple[bool, int]:
    return (False, segment.id) if segment.shown is None else (True, segment.shown.cue)


def _lines(
    parts: Sequence[Segment], texts: Mapping[int, str], limits: ReadingLimits
) -> tuple[list[str], list[bool]]:
    """Return the lines of one cue, and which of them are in italics."""
    shown = [part.shown for part in parts if part.shown is not None]
    now = [texts.get(part.id, part.text) for part in parts]
    if shown[0].lines and all(a.text == b for a, b in zip(shown, now, strict=True)):
        return shown[0].lines, shown[0].slanted
    turns = _turns(shown, now)
    dashes = _dashes([text for text, _ in turns], limits)
    lines: list[str] = []
    italics: list[bool] = []
    for (text, is_italic), dash in zip(turns, dashes, strict=True):
        whole = dash + DASH.sub("", text, count=1) if dash is not None else text
        laid = lay_out(running_words(whole, limits.language), limits) if whole.strip() else []
        lines += laid
        italics += [is_italic] * len(laid)
    return lines, italics


def _turns(shown: Sequence[CueText], texts: Sequence[str]) -> list[tuple[str, bool]]:
    """Return what each speaker of a cue says with all that stands around it, and its slant."""
    turns: list[tuple[str, bool]] = []
    for one, text in zip(shown, texts, strict=True):
        body = f"{one.before}{BLANK.sub(' ', text).strip()}{one.after}" if text.strip() else ""
        if one.goes_on and turns:
            turns[-1] = (f"{turns[-1][0]} {body}".strip(), turns[-1][1])
        else:
            turns.append((body, one.is_italic))
    return turns


def _dashes(turns: Iterable[str], limits: ReadingLimits) -> list[str | None]:
    """Return the dash of each turn as the language writes it; None = as the file has it."""
    spoken = [DASH.match(turn) is not None for turn in turns]
    if not any(spoken[1:]):
        return [None] * len(spoken)
    first, others = limits.dashes
    return [first if place == 0 else others if has else None for place, has in enumerate(spoken)]
