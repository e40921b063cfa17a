#!/usr/bin/env python3
"""
Source text: the text of a file that anybody may have made, or what is wrong with it in one line.

Usage:
    from shared.subtitles.reading.source_text import read_text

    read_text(Path("Film.hi.srt"))
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from pathlib import Path

from shared.core.errors import InputError
from shared.subtitles.reading.encodings import likely_encoding

# The subtitles of a long film take less than one megabyte.
MOST_BYTES = 64_000_000
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# More of them than this are no text; fewer are characters that were broken on the way.
MOST_ZEROS = 0.1
MARK = "\ufeff"
LINE_END = re.compile(rb"\r\n|\r|\n")
# What XML says of its encoding: whatever is written is UTF-8.
DECLARED = re.compile(r"""\A(<\?xml\s[^>]*?\bencoding\s*=\s*["'])[^"'<>]*(["'])""")
UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def read_text(path: Path, language: str = "und", encoding: str = "") -> str:
    """Return a file's text: UTF-8, or UTF-16 or UTF-32 when its first bytes say so.

    Args:
        path: The file.
        language: BCP-47 that its name tells, for the hint which other encoding it is in.
        encoding: In which it is instead; empty = as above.

    Raises:
        InputError: When it cannot be read, is no text or too large, with the line number.
    """
    return _decoded(_content(path), path, language, encoding)


def other_encoding(path: Path, language: str = "und") -> str:
    """Return in which encoding a file most likely is, as iconv calls it; "" = it tells itself.

    Args:
        path: The file.
        language: BCP-47 of its text.

    Raises:
        InputError: When it cannot be read, or is too large.
    """
    content = _content(path)
    if content.startswith((*UTF_32, *UTF_16)):
        return ""
    if content.count(0) <= len(content) * MOST_ZEROS:
        with suppress(UnicodeDecodeError):
            content.decode("utf-8")
            return ""
    return _likely(content, language)


def _content(path: Path) -> bytes:
    """Return what a file holds, if it may be text."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may have no end
            raise InputError(f"{path} cannot be read: not a file", hint="Give a file")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"{path} is larger than {MOST_BYTES // 1_000_000} MB", hint="Is it a subtitle file?"
            )
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> InputError:
    """Return what to tell when the system does not give a file.

    Args:
        path: The file.
        error: What the system said.
    """
    return InputError(f"{path} cannot be read: {error.strerror}", hint="Check the name of the file")


def _decoded(content: bytes, path: Path, language: str, given: str) -> str:
    encoding = given or "utf-8"
    if given:
        pass
    elif content.startswith(UTF_32):
        encoding = "utf-32"
    elif content.startswith(UTF_16):
        encoding = "utf-16"
    elif content.count(0) > len(content) * MOST_ZEROS:
        line = _line(content[: content.find(0)])
        raise InputError(
            f"{path}:{line}: zero bytes, which no text has", hint=_hint(content, path, language)
        )
    try:
        text = content.decode(encoding).lstrip(MARK)
        return text if encoding == "utf-8" else DECLARED.sub(r"\1UTF-8\2", text, count=1)
    except UnicodeDecodeError as error:
        line = _line(content[: error.start].replace(b"\0", b""))
        hint = (
            _hint(content, path, language)
            if encoding == "utf-8"
            else "It is damaged: save it as UTF-8"
        )
        raise InputError(f"{path}:{line}: not {encoding.upper()} text", hint=hint) from error


def _line(before: bytes) -> int:
    return 1 + len(LINE_END.findall(before))


def _hint(content: bytes, path: Path, language: str) -> str:
    """Return how to convert what is no UTF-8; UTF-16 without its mark has many zero bytes."""
    encoding = _likely(content, language)
    if not encoding:
        return "Is it a subtitle file?"
    return f"Convert it, most likely: iconv -f {encoding} -t UTF-8 {path}"


def _likely(content: bytes, language: str) -> str:
    """Return the most likely encoding of a text, "" where it is none."""
    encoding = "" if 0 in content else likely_encoding(content, language)
    for name, half in (("UTF-16LE", content[1::2]), ("UTF-16BE", content[0::2])):
        if len(half) / 10 < half.count(0) > 0.9 * content.count(0):
            encoding = name
    return encoding
