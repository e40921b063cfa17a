#!/usr/bin/env python3
"""
Conversion: what a person wrote in one subtitle file, as another of its track's files would say it.

Usage:
    from shared.subtitles.files.conversion import as_ass, as_srt

    as_ass(read_source(path), styled)     # the cues of an edited SRT in the styles of the ASS file
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import replace

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.base.clock import MILLISECONDS, clock_time
from shared.subtitles.base.colours import COLOURS, name_of
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.source import SourceFile
from shared.subtitles.files.ttml_document import ttml_document
from shared.subtitles.reading.ass import TOLERANCE as ASS_TOLERANCE
from shared.subtitles.reading.markup import BRACES, LINE_TAG, SRT_TAG, unescape, without_tags

# Signs of ASS that an SRT may hold on purpose ({\\an8} = at the top); other braces are text.
TAG_OF_ASS = re.compile(r"\{\\[A-Za-z]+[^{}]*\}")
LOOK_ALIKES = str.maketrans("{}", "｛｝")
FONT = re.compile(r"<font\b[^<>]*\bcolor\s*=\s*[\"']?([#\w]+)[^<>]*>|</font\s*>", re.IGNORECASE)
# The tags that SRT and WebVTT have in common.
SIMPLE_TAG = re.compile(r"</?[ibu]>", re.IGNORECASE)
# What has no end stays so long: characters a second, and seconds at least.
READ_A_SECOND, SHORTEST = 15.0, 2.0
# What XML cannot hold, not even escaped.
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# They stand in for colours while other tags are read: private characters.
BEGIN, END, CLOSE = "\ue000", "\ue001", "\ue002"
MARKED = re.compile(f"{BEGIN}([#\\w]+){END}")


def as_srt(source: SourceFile) -> str:
    """Return the cues of a file as SRT, numbered anew.

    Args:
        source: Of any format; of SRT all markup stays, of others italics and the like do.
    """
    blocks = []
    for number, cue in enumerate((one for one in source.cues if one.text.strip()), 1):
        text = cue.raw if source.format == "srt" else _srt_text(cue, source.format)
        times = f"{clock_time(cue.start, ',')} --> {clock_time(cue.end, ',')}"
        blocks.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(blocks)


def converted(source: SourceFile, kind: str, language: str = "und") -> str:
    """Return the cues of a file as a file of another format; italics stay, colours and places go.

    Args:
        source: Of any format that is read.
        kind: srt, vtt, ass or ttml.
        language: BCP-47, which TTML names.

    Raises:
        InputError: A cue holds a character that TTML cannot.
    """
    given = replace(source, cues=[_closed(cue) for cue in source.cues if cue.text.strip()])
    if kind == "srt":
        return as_srt(given)
    if kind == "ttml":
        _refuse_no_xml(given)
        return ttml_document(given.cues, language)
    if kind == "vtt":
        blocks = (
            f"{clock_time(cue.start)} --> {clock_time(cue.end)}\n{_vtt_text(cue, source.format)}\n"
            for cue in given.cues
        )
        return "\n".join(["WEBVTT\n", *blocks])
    made = pysubs2.SSAFile()
    for cue in given.cues:
        event = _event(cue, source.format)
        if source.format in ("ass", "ssa"):
            event.text = cue.raw.replace("\n", "\\N")
        made.append(event)
    return str(made.to_string("ass"))


def _refuse_no_xml(source: SourceFile) -> None:
    for cue in source.cues:
        if found := NO_XML.search(cue.text):
            raise InputError(
                f"{source.path}:{cue.line}: the cue holds U+{ord(found[0]):04X}, which no TTML can",
                hint="Take it out",
            )


def _closed(cue: SourceCue) -> SourceCue:
    """Return a cue without an end as one that stays as long as it takes to read."""
    seconds = max(SHORTEST, len(cue.text) / READ_A_SECOND)
    return replace(cue, end=cue.start + seconds) if cue.is_open else cue


def _vtt_text(cue: SourceCue, kind: str) -> str:
    """Return the text of a cue as WebVTT writes it, with the simple tags that it has."""
    if kind == "vtt":
        return cue.raw
    text = _own_lines(cue.raw) if kind == "srt" else _srt_text(cue, kind)
    pieces = re.split(f"({SRT_TAG.pattern})", text, flags=re.IGNORECASE)
    written = []
    for number, piece in enumerate(pieces):
        is_tag = bool(number % 2)
        tag = piece.lower() if SIMPLE_TAG.fullmatch(piece) else ""
        written.append(tag if is_tag else html.escape(piece, quote=False))
    return "".join(written)


def _own_lines(raw: str) -> str:
    """Return a text of SRT with line feeds where it breaks, without signs of ASS."""
    text = BRACES.sub("", LINE_TAG.sub("\n", raw)).replace("\\N", "\n").replace("\\h", " ")
    return "\n".join(line for line in text.split("\n") if line.strip())


def as_ass(source: SourceFile, styled: str) -> str:
    """Return the cues of a file as ASS; those that nobody changed stay as they are styled there.

    Args:
        source: Not an ASS file itself.
        styled: The track's ASS file as its stage wrote it: its styles are kept.
    """
    made = pysubs2.SSAFile.from_string(styled, format_="ass")
    known: dict[str, list[pysubs2.SSAEvent]] = defaultdict(list)
    for event in made.events:
        known[event.plaintext].append(event)
    made.events = [
        _unchanged(cue, known[cue.text]) or _event(cue, source.format)
        for cue in source.cues
        if cue.text.strip()
    ]
    return str(made.to_string("ass"))


def _unchanged(cue: SourceCue, events: list[pysubs2.SSAEvent]) -> pysubs2.SSAEvent | None:
    """Return the event that says a cue at its time."""
    for event in events:
        apart = abs(event.start / MILLISECONDS - cue.start), abs(event.end / MILLISECONDS - cue.end)
        if max(apart) < ASS_TOLERANCE:
            return event
    return None


def _event(cue: SourceCue, kind: str) -> pysubs2.SSAEvent:
    start, end = (round(time * MILLISECONDS) for time in (cue.start, cue.end))
    return pysubs2.SSAEvent(start=start, end=end, text=_ass_text(cue, kind))


def _ass_text(cue: SourceCue, kind: str) -> str:
    if kind not in ("srt", "vtt"):  # signs in it are text
        return cue.text.translate(LOOK_ALIKES).replace("\n", "\\N")
    marked = FONT.sub(lambda tag: f"{BEGIN}{tag[1]}{END}" if tag[1] else CLOSE, _braced(cue.raw))
    text = without_tags(marked, kind)
    text = unescape(text) if kind == "vtt" else text
    return MARKED.sub(lambda colour: _colour(colour[1]), text).replace(CLOSE, "{\\1c}")


def _braced(raw: str) -> str:
    """Return text whose braces are shown where they are no tags of ASS."""
    pieces, last = [], 0
    for tag in TAG_OF_ASS.finditer(raw):
        pieces += [raw[last : tag.start()].translate(LOOK_ALIKES), tag[0]]
        last = tag.end()
    return "".join([*pieces, raw[last:].translate(LOOK_ALIKES)])


def _colour(name: str) -> str:
    """Return the tag of ASS for a colour of SRT, "" for one that has no name here."""
    value = COLOURS.get(name_of(name), name if name.startswith("#") else "")
    digits = value.removeprefix("#")[:6]
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", digits):
        return ""
    return f"{{\\1c&H{digits[4:6]}{digits[2:4]}{digits[:2]}&}}"


def _srt_text(cue: SourceCue, kind: str) -> str:
    """Return the text of a cue of another format as SRT writes it."""
    if kind in ("ass", "ssa"):
        event = pysubs2.SSAEvent(end=1, text=cue.raw.replace("\n", "\\N"))
    else:
        event = _event(cue, kind)
    written = pysubs2.SSAFile()
    written.append(pysubs2.SSAEvent(start=0, end=MILLISECONDS, text=event.text))
    lines = str(written.to_string("srt")).splitlines()[2:]
    return "\n".join(line for line in lines if line.strip())
