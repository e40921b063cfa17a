#!/usr/bin/env python3
"""
Retiming: a subtitle file with all its times moved, or run at another speed; all else stays.

Usage:
    from shared.subtitles.files.retiming import Move, retimed

    retimed(read_source(path), Move(offset=-2.5))
    retimed(read_source(path), Move(ratio=Fraction(25) / Fraction(24000, 1001)))
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from shared.core.errors import InputError
from shared.subtitles.base.clock import clock_time, hundredths_time
from shared.subtitles.files.source import SourceFile
from shared.subtitles.reading.ass import TIME, event_fields
from shared.subtitles.reading.times import ARROW, LINE_END, SRT_TIME, VTT_TIME
from shared.subtitles.reading.ttml import START_TAG, Paragraph, read_document

SRT_CLOCK, VTT_CLOCK = re.compile(SRT_TIME), re.compile(VTT_TIME)
# Times inside of a text of WebVTT, at which its words appear.
WORD_TIME = re.compile(rf"<({VTT_TIME})>")
EVENTS = ("Dialogue:", "Comment:")
ATTRIBUTE = rb"""(\s%s\s*=\s*)("[^"]*"|'[^']*')"""


@dataclass(frozen=True)
class Move:
    """What becomes of a time: it is multiplied, then moved.

    Attributes:
        offset: In seconds, negative = earlier.
        ratio: Above 1 = slower.
    """

    offset: float = 0.0
    ratio: Fraction = Fraction(1)

    def __call__(self, seconds: float) -> float:
        """Return the new time; nothing begins before the film.

        Args:
            seconds: From the beginning of the film.
        """
        return max(0.0, float(seconds * self.ratio) + self.offset)


def retimed(source: SourceFile, move: Move) -> str:
    """Return the text of a file with all its times moved.

    Args:
        source: SRT, WebVTT, ASS, SSA or TTML.
        move: What becomes of a time.

    Raises:
        InputError: A cue would lie before the film, or the format or the way in which the document
            has its times is not written.
    """
    for cue in source.cues:
        end = float(cue.end * move.ratio) + move.offset
        if cue.text.strip() and move.offset < 0 and end <= 0:
            raise InputError(
                f"{source.path}:{cue.line}: the cue would lie before the film",
                hint="Take it out, or move by less",
            )
    writers: dict[str, Callable[[SourceFile, Move], str]] = {
        "srt": _blocks,
        "vtt": _blocks,
        "ass": _events,
        "ssa": _events,
        "ttml": _document,
    }
    if source.format not in writers:
        raise InputError(
            f"{source.path}: {source.path.suffix} is read and not written",
            hint="tools/subtitles.py convert it to .srt",
        )
    return writers[source.format](source, move)


def _ends(text: str) -> list[str]:
    """Return the lines of a text with their ends."""
    found = [match.end() for match in LINE_END.finditer(text)]
    starts = [0, *found]
    return [text[start:end] for start, end in zip(starts, [*found, len(text)], strict=True)]


def _blocks(source: SourceFile, move: Move) -> str:
    lines = _ends(source.text)
    for cue in source.cues:
        line = lines[cue.line - 1]
        before, _, after = line.partition(ARROW)
        clock, point = (VTT_CLOCK, ".") if source.format == "vtt" else (SRT_CLOCK, ",")
        first, last = clock.search(before), clock.search(after)
        assert first is not None and last is not None  # it was read as a line of times
        before = (
            f"{before[: first.start()]}{clock_time(move(cue.start), point)}{before[first.end() :]}"
        )
        after = f"{after[: last.start()]}{clock_time(move(cue.end), point)}{after[last.end() :]}"
        lines[cue.line - 1] = f"{before}{ARROW}{after}"
        if source.format == "vtt":
            for number in range(cue.line, cue.block[1]):
                lines[number] = WORD_TIME.sub(lambda one: _word_time(one, move), lines[number])
    return "".join(lines)


def _word_time(found: re.Match[str], move: Move) -> str:
    hours, minutes, seconds, thousandths = found.groups()[1:]
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return f"<{clock_time(move(whole + int(thousandths) / 1000))}>"


def _events(source: SourceFile, move: Move) -> str:
    lines = _ends(source.text)
    names = event_fields("\n".join(LINE_END.split(source.text)), source.format)
    for number, line in enumerate(lines):
        head, _, rest = line.partition(":")
        fields = rest.split(",", len(names) - 1)
        if not line.lstrip().startswith(EVENTS):
            continue
        for place in (place for place, name in enumerate(names) if name in ("start", "end")):
            found = TIME.fullmatch(fields[place]) if place < len(fields) else None
            if found is not None:
                moved = hundredths_time(move(_event_time(found)))
                fields[place] = re.sub(r"\S+", moved, fields[place], count=1)
        lines[number] = f"{head}:{','.join(fields)}"
    return "".join(lines)


def _event_time(found: re.Match[str]) -> float:
    hours, minutes, seconds, fraction = found.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


def _document(source: SourceFile, move: Move) -> str:
    """Return a document; its paragraphs alone may have times."""
    document = read_document(source.text, source.path)
    content = source.text.encode("utf-8")
    made, position = [], 0
    for cue, paragraph in zip(document.cues, document.paragraphs, strict=True):
        own = paragraph.own
        if not _has_own_times(paragraph):
            raise InputError(
                f"{source.path}:{cue.line}: its times are not its own",
                hint="tools/subtitles.py convert it to .srt",
            )
        tag = START_TAG.match(content, paragraph.start)
        head = tag[0] if tag else b""
        start, end = move(cue.start), move(cue.end)
        values = {"begin": start, "end": end, "dur": end - start}
        for name in values.keys() & own.keys():
            written = document.clock.written(values[name], own[name]).encode()
            pattern = ATTRIBUTE % name.encode()
            head = re.sub(pattern, rb'\1"%s"' % written, head, count=1)
        made += [content[position : paragraph.start], head]
        position = paragraph.start + (tag.end() - tag.start() if tag else 0)
    return b"".join([*made, content[position:]]).decode("utf-8")


def _has_own_times(paragraph: Paragraph) -> bool:
    has_both = "begin" in paragraph.own and paragraph.own.keys() & {"end", "dur"}
    return bool(has_both and paragraph.is_movable and not paragraph.offset)
