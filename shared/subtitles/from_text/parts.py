#!/usr/bin/env python3
"""
Parts: what one cue says, apart from what it only shows: who speaks next, names, notes, sounds.

A translator gets the words alone; dashes, names in capitals, notes and brackets stay where they
are. Each speaker of a cue and each sound that is named is a part of its own.

Usage:
    from shared.subtitles.from_text.parts import parts_of

    parts_of([Line("- [Tür knallt] Wer ist da?", False)])   # two: 'Tür knallt', 'Wer ist da?'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from shared.subtitles.from_text.styled import Line
from shared.transcript.languages.alphabets import UNSPACED_LETTER
from shared.transcript.languages.symbols import NOTE_SIGNS

# Close to a number it is a minus sign; two of them are an interruption.
DASH = regex.compile(r"\s*[-‐‑–—―](?![-‐‑–—―])(?:\s+(?=\S)|(?=[^\s\d]))")
# Who speaks, as subtitles for deaf viewers write it.
NAME = regex.compile(r"\p{Lu}[\p{Lu}\p{M}\p{N} .'’#&-]*[\p{Lu}\p{N}.]\s?:\s+(?=\S)")
# A song begins with a note; with # as well where something stands behind it.
NOTES = regex.compile(rf"(?:[{NOTE_SIGNS}]+|#(?=\s))\s*")
LAST_NOTES = regex.compile(rf"\s*(?:[{NOTE_SIGNS}]+|(?<=\s)#)\s*$")
PAIRS = (("[", "]"), ("［", "］"), ("【", "】"))
# Round brackets hold a sound where they begin or end what somebody says.
ROUND = (("(", ")"), ("（", "）"))
INNER = regex.compile(
    "|".join(
        regex.escape(a) + "[^" + regex.escape(a + b) + "]+" + regex.escape(b) for a, b in PAIRS
    )
)
OUTER = regex.compile(
    "|".join(
        regex.escape(a) + "[^" + regex.escape(a + b) + "]+" + regex.escape(b) for a, b in ROUND
    )
)
WORD = regex.compile(r"[\p{L}\p{N}]")


@dataclass(frozen=True)
class Part:
    """What a cue says in one go; the attributes are those of CueText."""

    text: str
    before: str = ""
    after: str = ""
    goes_on: bool = False
    is_sound: bool = False
    is_sung: bool = False
    is_italic: bool = False


def parts_of(lines: Sequence[Line]) -> list[Part]:
    """Return the parts of a cue in order: every character but the ends of lines is in one.

    Args:
        lines: That show something.
    """
    return [part for turn in _turns(lines) for part in _turn_parts(turn)]


def has_words(text: str) -> bool:
    """Return whether a text says anything that could be translated.

    Args:
        text: Of a part.
    """
    return WORD.search(text) is not None


def _turns(lines: Sequence[Line]) -> list[Line]:
    """Return lines joined where the same person goes on."""
    turns: list[Line] = []
    for line in lines:
        begins = DASH.match(line.text) or NAME.match(line.text) or NOTES.match(line.text)
        sound = INNER.match(line.text) or _is_all_sound(line.text)
        last = turns[-1] if turns else None
        apart = last is None or begins or sound or last.is_italic != line.is_italic
        if last is None or apart or _is_all_sound(last.text):
            turns.append(line)
        else:
            turns[-1] = replace(last, text=joined(last.text, line.text))
    return turns


def joined(first: str, second: str) -> str:
    """Return two lines as one: without a space where a script writes none.

    Args:
        first: A line.
        second: The next one.
    """
    is_solid = UNSPACED_LETTER.match(first[-1:]) and UNSPACED_LETTER.match(second[:1])
    return first + second if is_solid else f"{first} {second}"


def _is_all_sound(text: str) -> bool:
    return bool(INNER.fullmatch(text) or OUTER.fullmatch(text))


def _turn_parts(turn: Line) -> Iterator[Part]:
    """Yield the parts of what one person says."""
    text, before = turn.text, ""
    for sign in (DASH, NAME):
        if found := sign.match(text):
            before, text = before + found[0], text[found.end() :]
    first = True
    for piece, is_sound in _pieces(text):
        part = _sound(piece) if is_sound else _said(piece)
        if first:
            part = replace(part, before=before + part.before)
        yield replace(part, goes_on=not first, is_italic=turn.is_italic)
        first = False


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what is said and the sounds between; at least one."""
    begin, ends = 0, len(text)
    found = [(one.start(), one.end()) for one in INNER.finditer(text)]
    leading, trailing = OUTER.match(text), None
    for one in OUTER.finditer(text):
        trailing = one if one.end() == ends else None
    found += [one.span() for one in (leading, trailing) if one and one.span() not in found]
    for start, end in sorted(set(found)):
        if start < begin:
            continue
        if text[begin:start].strip():
            yield text[begin:start].strip(), False
        yield text[start:end], True
        begin = end
    if text[begin:].strip() or not found:
        yield text[begin:].strip(), False


def _sound(piece: str) -> Part:
    inner = piece[1:-1]
    if not has_words(inner):  # (...)
        return Part(piece)
    return Part(inner.strip(), before=piece[0], after=piece[-1], is_sound=True)


def _said(piece: str) -> Part:
    first, last = NOTES.match(piece), LAST_NOTES.search(piece)
    if first is None and last is None:
        return Part(piece)
    begin = first.end() if first else 0
    end = last.start() if last and last.start() > begin else len(piece)
    if not has_words(piece[begin:end]):
        return Part(piece, is_sung=True)
    return Part(piece[begin:end], before=piece[:begin], after=piece[end:], is_sung=True)
