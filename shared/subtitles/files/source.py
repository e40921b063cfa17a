#!/usr/bin/env python3
"""
Source: a subtitle file as it is, ours or not, with the line on which each cue stands.

One module a format reads it as players do (shared/subtitles/reading). What is malformed is refused
with its line number, or told with all other faults while the rest is read.

Usage:
    from shared.subtitles.files.source import examine_source, read_source

    read_source(Path("Film.hi.srt")).cues[0].line
    examine_source(Path("Film.hi.srt")).faults
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import InputError
from shared.subtitles.files.names import parse_name
from shared.subtitles.reading import line_files
from shared.subtitles.reading.ass import read_events
from shared.subtitles.reading.blocks import read_blocks
from shared.subtitles.reading.result import Reading
from shared.subtitles.reading.source_text import read_text
from shared.subtitles.reading.times import LINE_END
from shared.subtitles.reading.ttml import read_document

SUFFIXES = {
    ".srt": "srt",
    ".vtt": "vtt",
    ".ass": "ass",
    ".ssa": "ssa",
    ".ttml": "ttml",
    ".itt": "ttml",
    ".dfxp": "ttml",
    ".xml": "ttml",
}
# All that are read; those that are not above are not written.
READ = (*SUFFIXES, *line_files.SUFFIXES)


@dataclass
class SourceFile(Reading):
    """A subtitle file that was read.

    Attributes:
        format: srt, vtt, ass, ssa, ttml, or one of line_files.
        text: The whole file.
        path: Where it was read from.
    """

    format: str = ""
    text: str = ""
    path: Path = Path()


def read_source(path: Path) -> SourceFile:
    """Read a subtitle file of which nothing may be malformed.

    Args:
        path: The file; its suffix says what it is.

    Returns:
        The cues as they stand in the file, and text that belongs to none.

    Raises:
        InputError: When it cannot be read or is malformed, with the line number.
    """
    source = examine_source(path)
    _refuse_faults(source)
    return source


def examine_source(path: Path, encoding: str = "") -> SourceFile:
    """Read a subtitle file and whatever can be read of it, with all that is malformed.

    Args:
        path: The file; its suffix says what it is.
        encoding: Of its text; empty = it tells itself.

    Returns:
        The cues as they stand in the file, text that belongs to none, and what is malformed.

    Raises:
        InputError: When none of it can be read, with the line number.
    """
    suffix = path.suffix.lower()
    if suffix not in READ:
        raise _no_subtitles(path)
    text = read_text(path, parse_name(path.name).language, encoding)
    kind = SUFFIXES.get(suffix) or line_files.kind_of(suffix, text)
    if not kind:
        raise _no_subtitles(path)
    return parse_source(text, kind, path)


def parse_source(text: str, kind: str, path: Path) -> SourceFile:
    """Read the text of a subtitle file and whatever can be read of it.

    Args:
        text: All of it.
        kind: srt, vtt, ass, ssa, ttml, or one of line_files.
        path: Its name, for messages.

    Returns:
        The cues as they stand in the text, and what cannot be read.

    Raises:
        InputError: When none of it can be read, with the line number.
    """
    if kind == "ttml":
        read: Reading = read_document(text, path)
    elif kind in ("ass", "ssa"):
        read = read_events("\n".join(LINE_END.split(text)), kind, path)
    elif kind in line_files.READERS:
        read = line_files.READERS[kind](text, path)
    else:
        read = read_blocks(text, kind, path)
    own = (read.cues, read.stray, read.faults, read.tolerance, read.unit)
    source = SourceFile(*own, format=kind, text=text, path=path)
    if not source.cues:
        _refuse_faults(source)
    if not source.cues and kind in line_files.READERS and text.strip():
        raise InputError(f"{path}:1: no cue in it", hint="Is it a subtitle file?")
    return source


def _no_subtitles(path: Path) -> InputError:
    return InputError(
        f"{path}: not a subtitle file that can be read", hint=f"One of {', '.join(READ)}"
    )


def _refuse_faults(source: SourceFile) -> None:
    for fault in source.faults:
        raise InputError(f"{source.path}:{fault.line}: {fault.cause}", hint=fault.hint)
