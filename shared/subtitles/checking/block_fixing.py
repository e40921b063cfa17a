#!/usr/bin/env python3
"""
Block fixing: an SRT, WebVTT or ASS file with other times and texts in some of its cues.

Everything else stays: headers, styles, regions, notes, names, positions, text outside of cues.

Usage:
    from shared.subtitles.checking.block_fixing import rewrite_blocks, rewrite_events

    text = rewrite_blocks(source, [(0, cue), (2, other)])    # the second cue goes
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.subtitles.base.clock import clock_time, hundredths_time
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.source import SourceFile
from shared.subtitles.reading.ass import event_fields
from shared.subtitles.reading.times import ARROW, LINE_END

Mended = Sequence[tuple[int, SourceCue]]


def rewrite_blocks(source: SourceFile, mended: Mended) -> str:
    """Return the text of an SRT or WebVTT file with its cues mended.

    Args:
        source: The file.
        mended: Which of its cues, in the new order, and what becomes of each; other cues go.
    """
    lines = LINE_END.split(source.text)
    new = dict(mended)
    numbers = {index: number for number, (index, _) in enumerate(mended, 1)}
    top, notes, tail = _between(source, lines)
    order = sorted(range(len(source.cues)), key=lambda index: source.cues[index].start)
    parts = [top]
    for index in order:
        own = [_cue_lines(source, lines, index, new[index], numbers[index])] if index in new else []
        # Notes stand in front of what they are about; text outside follows what it belongs to.
        parts += [notes[index], *own] if source.format == "vtt" else [*own, notes[index]]
    kept = ["\n".join(part) for part in [*parts, tail] if part]
    return _joined(source, ["\n\n".join(kept), ""]) if kept else source.text


def _joined(source: SourceFile, lines: Sequence[str]) -> str:
    """Return lines with the line ends that the file has."""
    text = "\n".join(lines)
    return text.replace("\n", "\r\n") if "\r\n" in source.text else text


def _between(
    source: SourceFile, lines: Sequence[str]
) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the lines in front of the first cue, those that go with each cue, and the rest."""
    blocks = [cue.block for cue in source.cues]
    firsts = [first - 1 for first, _ in blocks] + [len(lines)]
    lasts = [0] + [last for _, last in blocks]
    stretches = [_bare(lines[last:first]) for last, first in zip(lasts, firsts, strict=True)]
    if source.format == "vtt":
        return stretches[0], [[], *stretches[1:-1]][: len(blocks)], stretches[-1] if blocks else []
    return stretches[0], stretches[1:], []


def _bare(lines: Sequence[str]) -> list[str]:
    """Return lines without the empty ones at both ends."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def _cue_lines(
    source: SourceFile, lines: Sequence[str], index: int, cue: SourceCue, number: int
) -> list[str]:
    old = source.cues[index]
    if source.format == "vtt" and (cue.raw, cue.end) == (old.raw, old.end):
        return list(lines[old.block[0] - 1 : old.block[1]])
    text = [line for line in cue.raw.split("\n") if line.strip()]
    times, _, rest = lines[old.line - 1].partition(ARROW)
    end, *behind = rest.split(maxsplit=1)
    if source.format == "srt":
        times, end = clock_time(cue.start, ",") + " ", clock_time(cue.end, ",")
        name = [str(number)]
    else:
        end = clock_time(cue.end) if cue.end != old.end else end
        name = list(lines[old.block[0] - 1 : old.line - 1])
    return [*name, " ".join([f"{times}{ARROW}", end, *behind]).rstrip(), *text]


def rewrite_events(source: SourceFile, mended: Mended) -> str:
    """Return the text of an ASS or SSA file with its cues mended.

    Args:
        source: The file.
        mended: Which of its cues, in the new order, and what becomes of each; other cues go.
    """
    lines = LINE_END.split(source.text)
    fields = event_fields("\n".join(lines), source.format)
    slots = sorted(cue.line for cue in source.cues)
    events = [
        _event(lines[source.cues[index].line - 1], source.cues[index], cue, fields)
        for index, cue in mended
    ]
    made = dict(zip(slots, [*events, *[None] * (len(slots) - len(events))], strict=True))
    kept = (made.get(number, line) for number, line in enumerate(lines, 1))
    return _joined(source, [line for line in kept if line is not None])


def _event(line: str, old: SourceCue, new: SourceCue, names: Sequence[str]) -> str:
    """Return a line of ASS with its new end and text, where they are other ones."""
    head, _, rest = line.partition(":")
    fields = rest.split(",", len(names) - 1)
    if new.end != old.end:
        place = names.index("end")
        fields[place] = re.sub(r"\S+", hundredths_time(new.end), fields[place], count=1)
    if new.raw != old.raw:
        fields[names.index("text")] = new.raw.replace("\n", "\\N")
    return f"{head}:{','.join(fields)}"
