#!/usr/bin/env python3
"""
Line files: formats in which every line or mark has its time: LRC, SBV, SubViewer, MicroDVD, MPL2,
TMP, SAMI, and pysubs2's own JSON. They are read, not written.

What names no end lasts until the next one begins; the last one has none.

Usage:
    from shared.subtitles.reading.line_files import READERS, kind_of

    kind_of(".sub", text)           # 'microdvd', '' = none of these
    READERS["lrc"](text, path)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.reading.markup import unescape
from shared.subtitles.reading.result import NO_END, Fault, Reading
from shared.subtitles.reading.times import LINE_END

# A stamp of LRC: [mm:ss.xx]; of a word: <mm:ss.xx>.
LRC_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
LRC_WORD = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
LRC_FIELD = re.compile(r"\s*\[([A-Za-z#]+):([^\]]*)\]\s*")
# SBV and SubViewer: both times in one line, with a comma between.
TWO_TIMES = re.compile(r"\s*(\d+):(\d\d):(\d\d)\.(\d{2,3})\s*,\s*(\d+):(\d\d):(\d\d)\.(\d{2,3})\s*")
MICRODVD = re.compile(r"\s*\{(\d{1,9})\}\{(\d{0,9})\}(.*)")
MPL2 = re.compile(r"\s*\[(\d{1,9})\]\[(\d{0,9})\](.*)")
TMP = re.compile(r"\s*(\d{1,2}):(\d\d):(\d\d)[:=,](.*)")
FRAME_RATE = re.compile(r"\d{1,3}(?:\.\d{1,6})?")
SYNC = re.compile(r"<SYNC\b[^>]*?\bSTART\s*=\s*[\"']?(-?\d{1,12})[^>]*>", re.IGNORECASE)
CLASS = re.compile(r"<P\b(?:[^>]*?\bCLASS\s*=\s*[\"']?([\w-]+))?[^>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
BREAK = re.compile(r"<BR\s*/?>", re.IGNORECASE)
CONTROLS = re.compile(r"\{[CcFfoPSsYy]:[^{}]*\}")
SLANTED = re.compile(r"^[\s/]*/")
Timed = tuple[int, float, float | None, str]


def kind_of(suffix: str, text: str) -> str:
    """Return which of these formats a file is in, '' for none.

    Args:
        suffix: Of its name, in small letters.
        text: The file.
    """
    kinds = SUFFIXES.get(suffix, ())
    lines = [line for line in LINE_END.split(text) if line.strip()][:20]
    looks = {"microdvd": MICRODVD, "mpl2": MPL2, "tmp": TMP, "subviewer": TWO_TIMES}
    if len(kinds) == 1:
        return kinds[0]
    found = (one for one in kinds if any(looks[one].fullmatch(line) for line in lines))
    return next(found, "")


def _lrc(text: str, path: Path) -> Reading:
    found: list[Timed] = []
    faults, offset = [], 0.0
    for number, line in enumerate(LINE_END.split(text), 1):
        stamps, at = [], 0
        while (stamp := LRC_STAMP.match(line, at)) is not None:
            stamps.append(int(stamp[1]) * 60 + int(stamp[2]) + _fraction(stamp[3]))
            at = stamp.end()
        said = LRC_WORD.sub("", line[at:]).strip()
        found += [(number, start - offset, None, said) for start in stamps]
        named = LRC_FIELD.fullmatch(line) if not stamps else None
        if named is not None and named[1].lower() == "offset":
            offset = _whole(named[2]) / MILLISECONDS
        elif said and not stamps and named is None:
            faults.append(Fault(number, f"not a line of LRC: {said[:60]}", "[01:02.34]Text"))
    return _reading(found, faults)


def _two_times(text: str, path: Path) -> Reading:
    found: list[Timed] = []
    stray: list[tuple[int, str]] = []
    is_open = False
    for number, line in enumerate(LINE_END.split(text), 1):
        times = TWO_TIMES.fullmatch(line)
        if times is not None:
            parts = times.groups()
            found.append((number, _clock(*parts[:4]), _clock(*parts[4:]), ""))
            is_open = True
        elif not line.strip():
            is_open = False
        elif is_open:
            first, start, end, said = found[-1]
            found[-1] = first, start, end, f"{said}\n{line}".strip("\n").replace("[br]", "\n")
        elif not line.lstrip().startswith("["):  # fields of SubViewer's head
            stray.append((number, line.strip()))
    return replace(_reading(found, []), stray=stray)


def _microdvd(text: str, path: Path) -> Reading:
    """Frames; the first line tells how many a second."""
    lines = LINE_END.split(text)
    first = next((MICRODVD.fullmatch(line) for line in lines if line.strip()), None)
    rate = first[3].strip() if first is not None and int(first[1]) <= 1 else ""
    if not FRAME_RATE.fullmatch(rate) or not float(rate):
        raise InputError(
            f"{path}:1: times in frames, and no frame rate", hint="Let it begin with {1}{1}23.976"
        )
    read = _lines(text, MICRODVD, Fraction(rate), "{25}{75}Text")
    return replace(read, cues=read.cues[1:] if read.cues[0].text == rate else read.cues)


def _mpl2(text: str, path: Path) -> Reading:
    return _lines(text, MPL2, Fraction(10), "[10][30]Text")


def _lines(text: str, pattern: re.Pattern[str], rate: Fraction, hint: str) -> Reading:
    """Return lines with two numbers in front, so many a second; | ends a line of text."""
    found: list[Timed] = []
    faults = []
    for number, line in enumerate(LINE_END.split(text), 1):
        match = pattern.fullmatch(line)
        if match is not None:
            said = [SLANTED.sub("", CONTROLS.sub("", one)).strip() for one in match[3].split("|")]
            end = float(int(match[2]) / rate) if match[2] else None
            found.append((number, float(int(match[1]) / rate), end, "\n".join(said)))
        elif line.strip():
            faults.append(Fault(number, f"not a line with times: {line.strip()[:60]}", hint))
    return _reading(found, faults)


def _tmp(text: str, path: Path) -> Reading:
    found: list[Timed] = []
    faults = []
    for number, line in enumerate(LINE_END.split(text), 1):
        match = TMP.fullmatch(line)
        if match is not None:
            start = _clock(match[1], match[2], match[3], "0")
            found.append((number, start, None, match[4].replace("|", "\n")))
        elif line.strip():
            told = f"not a line with a time: {line.strip()[:60]}"
            faults.append(Fault(number, told, "00:01:02:Text"))
    return _reading(found, faults)


def _sami(text: str, path: Path) -> Reading:
    """Each class is a language of its own, and stands at a place of its own."""
    marks = list(SYNC.finditer(text))
    if not marks:
        raise InputError(f"{path}:1: no <SYNC Start=…> in it", hint="Is it a subtitle file?")
    by_class: dict[str, list[Timed]] = {}
    line, read = 1, 0
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = text[mark.end() : following.start() if following else len(text)]
        line += len(LINE_END.findall(text, read, mark.start()))
        read = mark.start()
        for name, said in _paragraphs(body):
            start = max(0, int(mark[1])) / MILLISECONDS
            by_class.setdefault(name, []).append((line, start, None, said))
    cues = [
        replace(cue, place=name if len(by_class) > 1 else "")
        for name, found in by_class.items()
        for cue in _reading(found, []).cues
    ]
    return Reading(sorted(cues, key=lambda cue: cue.start))


def _paragraphs(body: str) -> Iterator[tuple[str, str]]:
    """Yield class and text of the paragraphs behind a mark."""
    parts = CLASS.split(body)
    # What stands in front of the first <P>, then class and text in turn.
    for name, said in zip(["", *parts[1::2]], parts[::2], strict=True):
        shown = " ".join(TAG.sub("", BREAK.sub("\uffff", said)).split())
        lines = unescape(shown).replace("\u00a0", " ").split("\uffff")
        if said is not parts[0] or shown:
            yield (name or "").lower(), "\n".join(line.strip() for line in lines).strip()


def _json(text: str, path: Path) -> Reading:
    """The format of pysubs2 itself."""
    try:
        events = pysubs2.SSAFile.from_string(text, format_="json").events
    except (ValueError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}:1: not pysubs2's JSON", hint="Is it a subtitle file?") from error
    shown = [one for one in events if not one.is_comment]
    found = [(1, one.start / MILLISECONDS, one.end / MILLISECONDS, one.plaintext) for one in shown]
    return _reading(list(found), [])


def _reading(found: list[Timed], faults: list[Fault]) -> Reading:
    """Return cues in order of time; what has no end lasts until the next, what is empty is none."""
    ordered = sorted(found, key=lambda one: one[1])
    cues = []
    later = dict(pairwise(dict.fromkeys(one[1] for one in ordered)))
    for line, start, end, text in ordered:
        until = end if end is not None else later.get(start)
        if text.strip() or end is not None:
            cue = SourceCue(start, start + NO_END if until is None else until, text, line=line)
            cues.append(replace(cue, raw=text, is_open=until is None))
    return Reading(cues, faults=faults)


def _clock(hours: str, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + _fraction(fraction)


def _fraction(digits: str | None) -> float:
    return int((digits or "0").ljust(3, "0")) / MILLISECONDS


def _whole(text: str) -> int:
    found = re.fullmatch(r"\s*([+-]?\d{1,9})\s*", text)
    return int(found[1]) if found else 0


READERS: dict[str, Callable[[str, Path], Reading]] = {
    "lrc": _lrc,
    "sbv": _two_times,
    "subviewer": _two_times,
    "microdvd": _microdvd,
    "mpl2": _mpl2,
    "tmp": _tmp,
    "sami": _sami,
    "json": _json,
}
# Of several the one that the text looks like.
SUFFIXES = {
    ".lrc": ("lrc",),
    ".sbv": ("sbv",),
    ".smi": ("sami",),
    ".sami": ("sami",),
    ".sub": ("microdvd", "subviewer", "mpl2"),
    ".mpl": ("mpl2",),
    ".txt": ("mpl2", "tmp", "microdvd"),
    ".json": ("json",),
}
