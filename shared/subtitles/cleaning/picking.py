#!/usr/bin/env python3
"""
Picking: a subtitle file with some of its cues, at other times or with other lines; all else stays.

Usage:
    from shared.subtitles.cleaning.picking import Pick, picked

    picked(read_source(path), {0: Pick(1.0, 2.5)})    # the first cue alone
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.subtitles.base.clock import clock_time, hundredths_time
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.conversion import as_srt, converted
from shared.subtitles.files.names import parse_name
from shared.subtitles.files.retiming import EVENTS, VTT_CLOCK
from shared.subtitles.files.source import SourceFile
from shared.subtitles.reading.ass import event_fields
from shared.subtitles.reading.markup import shown_text
from shared.subtitles.reading.times import ARROW, LINE_END


@dataclass(frozen=True)
class Pick:
    """What becomes of a cue.

    Attributes:
        start: In seconds.
        end: In seconds.
        raw: Its text with markup, lines separated by line feeds; None = as it is.
    """

    start: float
    end: float
    raw: str | None = None


def picked(source: SourceFile, picks: Mapping[int, Pick]) -> str:
    """Return the text of a file of some cues; styles and notes stay, SRT is numbered anew.

    Args:
        source: Of any format; of one that is not written SRT is made, of TTML a plain document.
        picks: By place in the file's cues; a cue that is not in it goes.
    """
    if source.format == "vtt":
        return _blocks(source, picks)
    if source.format in ("ass", "ssa"):
        return _events(source, picks)
    cues = [cue_after(source, index, pick) for index, pick in sorted(picks.items())]
    given = replace(source, cues=cues)
    if source.format == "ttml":
        return converted(given, "ttml", parse_name(source.path.name).language)
    return as_srt(given)


def cue_after(source: SourceFile, index: int, pick: Pick) -> SourceCue:
    """Return a cue as it is after a pick.

    Args:
        source: The file.
        index: Of its cue.
        pick: What becomes of it.
    """
    cue = replace(source.cues[index], start=pick.start, end=pick.end, is_open=False)
    if pick.raw is None:
        return cue
    return replace(cue, raw=pick.raw, text=shown_text(pick.raw, source.format))


def _blocks(source: SourceFile, picks: Mapping[int, Pick]) -> str:
    lines: list[str | None] = list(LINE_END.split(source.text))
    for index, cue in enumerate(source.cues):
        first, last = cue.block
        pick = picks.get(index)
        if pick is None:
            is_spaced = last < len(lines) and not (lines[last] or "").strip()
            lines[first - 1 : last + is_spaced] = [None] * (last + is_spaced - first + 1)
            continue
        settings = VTT_CLOCK.sub("", (lines[cue.line - 1] or "").partition(ARROW)[2], count=1)
        times = f"{clock_time(pick.start)} {ARROW} {clock_time(pick.end)}"
        lines[cue.line - 1] = f"{times}{settings}"
        if pick.raw is not None and last > cue.line:
            lines[cue.line : last] = [pick.raw, *[None] * (last - cue.line - 1)]
    return "\n".join(line for line in lines if line is not None)


def _events(source: SourceFile, picks: Mapping[int, Pick]) -> str:
    lines: list[str | None] = list(LINE_END.split(source.text))
    names = event_fields("\n".join(LINE_END.split(source.text)), source.format)
    for index, cue in enumerate(source.cues):
        line, pick = lines[cue.line - 1] or "", picks.get(index)
        assert line.lstrip().startswith(EVENTS)  # it was read as one
        if pick is None:
            lines[cue.line - 1] = None
            continue
        head, _, rest = line.partition(":")
        fields = rest.split(",", len(names) - 1)
        for name, seconds in (("start", pick.start), ("end", pick.end)):
            place = names.index(name)
            fields[place] = re.sub(r"\S+", hundredths_time(seconds), fields[place], count=1)
        if pick.raw is not None:
            fields[names.index("text")] = pick.raw.replace("\n", "\\N")
        lines[cue.line - 1] = f"{head}:{','.join(fields)}"
    return "\n".join(line for line in lines if line is not None)
