#!/usr/bin/env python3
"""
Source text: the text of a file that anybody may have made, or what is wrong with it in one line.

Usage:
    from shared.subtitles.source_text import read_text

    read_text(Path("Film.hi.srt"))
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from shared.core.errors import InputError

# The subtitles of a long film take less than one megabyte.
MOST_BYTES = 64_000_000
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MARK = "\ufeff"
LINE_END = re.compile(rb"\r\n|\r|\n")
UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def read_text(path: Path) -> str:
    """Return a file's text: UTF-8, or UTF-16 or UTF-32 when its first bytes say so.

    Args:
        path: The file.

    Raises:
        InputError: When it cannot be read, is no text or too large, with the line number.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may have no end
            raise InputError(f"{path} cannot be read: not a file", hint="Give a file")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"{path} is larger than {MOST_BYTES // 1_000_000} MB", hint="Is it a subtitle file?"
            )
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return _decoded(content, path)


def unreadable(path: Path, error: OSError) -> InputError:
    """Return what to tell when the system does not give a file.

    Args:
        path: The file.
        error: What the system said.
    """
    return InputError(f"{path} cannot be read: {error.strerror}", hint="Check the name of the file")


def _decoded(content: bytes, path: Path) -> str:
    encoding = "utf-8"
    if content.startswith(UTF_32):
        encoding = "utf-32"
    elif content.startswith(UTF_16):
        encoding = "utf-16"
    elif (at := content.find(0)) >= 0:
        line = 1 + len(LINE_END.findall(content[:at]))
        raise InputError(
            f"{path}:{line}: a zero byte, which no text has", hint=_hint(content, path)
        )
    try:
        return content.decode(encoding).lstrip(MARK)
    except UnicodeDecodeError as error:
        line = 1 + len(LINE_END.findall(content[: error.start].replace(b"\0", b"")))
        raise InputError(
            f"{path}:{line}: not {encoding.upper()} text",
            hint=(
                f"Convert it, for example: iconv -f CP1252 -t UTF-8 {path}"
                if encoding == "utf-8"
                else "It is damaged or cut off: save it again, as UTF-8"
            ),
        ) from error


def _hint(content: bytes, path: Path) -> str:
    """Return what to do with zero bytes: every second one is UTF-16 without its mark."""
    for name, half in (("UTF-16LE", content[1::2]), ("UTF-16BE", content[0::2])):
        if content.count(0) * 0.9 < half.count(0) > len(half) / 2:
            return f"Convert it, for example: iconv -f {name} -t UTF-8 {path}"
    return "Is it a subtitle file?"
