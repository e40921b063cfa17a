#!/usr/bin/env python3
"""
TTML: documents of any profile, read; shared/subtitles/files/ttml_document.py writes them.

Usage:
    from shared.subtitles.files.ttml import read_document

    read_document(text, path).cues[0].line
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from xml.parsers import expat

from shared.core.errors import InputError
from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.base.colours import name_of
from shared.subtitles.base.cue import SourceCue

# TTML's own default where a file counts in frames and does not say how many a second.
FRAME_RATE = 30
CLOCK = re.compile(r"(\d{2,6}):([0-5]\d):([0-5]\d|60)(?:\.(\d{1,30})|:(\d{2,9})(?:\.\d+)?)?")
OFFSET = re.compile(r"(\d{1,18}(?:\.\d{1,30})?)(h|m|s|ms|f|t)")
RATE = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
SEPARATOR = "}"
START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
SLANTED = ("italic", "oblique")
DEEPEST = 100


@dataclass(frozen=True)
class Paragraph:
    """Where the cue of a TTML document stands in its UTF-8 bytes.

    Attributes:
        start: Of its first tag.
        close: Of its last tag; that of an element without content is its first.
        own: Its attributes without namespaces.
        offset: What its times count from, in seconds.
        parent: Which element it lies in.
        keeps_space: Whether line ends and spaces are shown as they are.
    """

    start: int
    close: int
    own: dict[str, str]
    offset: Fraction
    parent: int
    keeps_space: bool


@dataclass
class Document:
    """A TTML document that was read: its cues and where each of them stands."""

    cues: list[SourceCue] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    frame_rate: Fraction = Fraction(FRAME_RATE)
    tick_rate: Fraction = Fraction(1)
    counts_frames: bool = False

    @property
    def step(self) -> float:
        """Of what all its times are whole multiples, in seconds."""
        return float(1 / self.frame_rate) if self.counts_frames else 1 / MILLISECONDS


def read_document(text: str, path: Path) -> Document:
    """Return the cues of a TTML document, of any profile.

    Args:
        text: The document.
        path: Its name, for messages.

    Raises:
        InputError: When it is not well-formed or a time is not one, with the line number.
    """
    reader = _Reader(path, text.encode("utf-8"))
    try:
        reader.parser.Parse(reader.content, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise InputError(
            f"{path}:{error.lineno}: not well-formed XML: {reason}", hint="Is it a TTML file?"
        ) from error
    if not reader.is_ttml:
        raise InputError(f"{path}:1: not a TTML document", hint="Its root must be <tt>")
    return reader.made


@dataclass
class _Open:
    """An element that is being read."""

    name: str
    begin: Fraction | None
    end: Fraction | None
    is_italic: bool
    keeps_space: bool
    colour: str
    number: int = 0


@dataclass
class _Reader:
    """Collects paragraphs while expat reads; frame and tick rates are those of the root."""

    path: Path
    content: bytes
    made: Document = field(default_factory=Document)
    is_ttml: bool = False
    stack: list[_Open] = field(default_factory=list)
    italic_styles: set[str] = field(default_factory=set)
    style_colours: dict[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    paragraph_line: int = 0
    has_italics: bool = False
    colours: list[str] = field(default_factory=list)
    # What timed spans of the paragraph cover, where it has no times of its own.
    covered: list[Fraction] = field(default_factory=list)
    elements: int = 0
    place: tuple[int, dict[str, str]] = (0, {})

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", SEPARATOR)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.stop
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    def refuse_doctype(self, *declared: object) -> None:
        """Entities could make a small file a huge one."""
        raise InputError(f"{self.path}:{self.line}: a DOCTYPE is not read", hint="Remove it")

    @property
    def line(self) -> int:
        """The line that is being read."""
        return self.parser.CurrentLineNumber

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = qualified.rpartition(SEPARATOR)[2]
        own = {key.rpartition(SEPARATOR)[2]: value for key, value in attributes.items()}
        self._refuse(name, own)
        if not self.stack:
            self.is_ttml = name == "tt"
            self._read_rates(own)
        if name == "style":
            self._read_style(own)
        opened = self._opened(name, own)
        self.stack.append(opened)
        if name == "p":
            self.place = self.parser.CurrentByteIndex, own
            self.pieces, self.covered, self.has_italics, self.colours = [], [], False, []
            self.paragraph_line = self.line
        elif name == "br":
            self.pieces.append("\n")
        elif name == "span" and "begin" in own:
            if opened.begin is not None and opened.end is not None:
                self.covered += [opened.begin, opened.end]

    def _refuse(self, name: str, own: dict[str, str]) -> None:
        """End reading at what no cue can be made of."""
        at, hint = f"{self.path}:{self.line}", "Is it a TTML file?"
        if len(self.stack) >= DEEPEST:
            raise InputError(f"{at}: more than {DEEPEST} elements inside each other", hint=hint)
        if name == "p" and (not self.stack or any(one.name == "p" for one in self.stack)):
            raise InputError(f"{at}: a paragraph where none can be", hint=hint)
        if own.get("timeContainer") == "seq":
            raise InputError(f"{at}: times in sequence are not read", hint="Only in parallel: par")

    def _read_style(self, own: dict[str, str]) -> None:
        if own.get("fontStyle") in SLANTED:
            self.italic_styles.add(own.get("id", ""))
        if "color" in own:
            self.style_colours[own.get("id", "")] = own["color"]

    def _opened(self, name: str, own: dict[str, str]) -> _Open:
        """Return an element with what it has itself and what it inherits."""
        above = self.stack[-1] if self.stack else _Open("", None, None, False, False, "")
        is_content = name in ("body", "div", "p", "span")
        begin, end = self._span(own, above) if is_content else (above.begin, above.end)
        styled = self.italic_styles & set(own.get("style", "").split())
        inherits = above.is_italic and own.get("fontStyle") != "normal"
        italic = own.get("fontStyle") in SLANTED or bool(styled) or inherits
        keeps = {"preserve": True, "default": False}.get(own.get("space", ""), above.keeps_space)
        colour = self._colour(own) or above.colour if is_content else ""
        self.elements += 1
        return _Open(name, begin, end, is_content and italic, keeps, colour, self.elements)

    def characters(self, text: str) -> None:
        """Text is read."""
        if not any(element.name == "p" for element in self.stack):
            return
        top = self.stack[-1]
        if top.name in ("p", "span"):
            self.pieces.append(text if top.keeps_space else re.sub(r"[ \t\r\n]+", " ", text))
            if text.strip():
                self.has_italics = self.has_italics or top.is_italic
                self.colours += [name_of(top.colour)] if top.colour else []

    def stop(self, qualified: str) -> None:
        """An element ends; a paragraph is a cue."""
        element = self.stack.pop()
        if element.name != "p":
            return
        begin, end = element.begin, element.end
        if self.covered and (begin is None or end is None):
            begin, end = min(self.covered), max(self.covered)
        if end is None:
            raise InputError(
                f"{self.path}:{self.paragraph_line}: a paragraph without an end",
                hint='<p begin="00:00:01.000" end="00:00:02.000">',
            )
        text = "".join(self.pieces)
        if not element.keeps_space:
            text = "\n".join(re.sub(" +", " ", line).strip() for line in text.split("\n"))
        start, own = self.place
        tag = START_TAG.match(self.content, start)
        # The end of <p/> is told to be behind it.
        is_empty = tag is not None and tag[0].endswith(b"/>")
        close = start if is_empty else self.parser.CurrentByteIndex
        inner = self.content[tag.end() if tag and not is_empty else close : close]
        cue = SourceCue(
            float(begin or 0),
            float(end),
            text,
            line=self.paragraph_line,
            raw=inner.decode("utf-8"),
            is_italic=self.has_italics,
            colours=tuple(dict.fromkeys(self.colours)),
        )
        self.made.cues.append(cue)
        above = self.stack[-1]
        offset = above.begin or Fraction(0)
        self.made.paragraphs.append(
            Paragraph(start, close, own, offset, above.number, element.keeps_space)
        )

    def _colour(self, own: dict[str, str]) -> str:
        """Return the colour that an element has by itself or by its styles, '' without one."""
        styles = [self.style_colours.get(one, "") for one in own.get("style", "").split()]
        return own.get("color", "") or next((one for one in reversed(styles) if one), "")

    def _read_rates(self, own: dict[str, str]) -> None:
        """Take over what the root says of frames and ticks."""
        try:
            over, under = own.get("frameRateMultiplier", "1 1").replace(":", " ").split()
            rate = _rate(own.get("frameRate", str(FRAME_RATE)))
            self.made.frame_rate = rate * _rate(over) / _rate(under)
            ticks = self.made.frame_rate if "frameRate" in own else Fraction(1)
            self.made.tick_rate = _rate(own["tickRate"]) if "tickRate" in own else ticks
        except ValueError as error:
            raise InputError(
                f"{self.path}:{self.line}: not a frame rate: {error}", hint='ttp:frameRate="24"'
            ) from error

    def _span(self, own: dict[str, str], above: _Open) -> tuple[Fraction | None, Fraction | None]:
        """Return begin and end of an element; they count from the begin of what it lies in."""
        offset = above.begin or Fraction(0)
        begin = above.begin
        if "begin" in own:
            begin = offset + self._time(own["begin"])
        if "end" in own:
            return begin, offset + self._time(own["end"])
        if "dur" in own:
            return begin, (begin or offset) + self._time(own["dur"])
        return begin, above.end

    def _time(self, text: str) -> Fraction:
        """Return a TTML time in seconds."""
        if found := CLOCK.fullmatch(text.strip()):
            hours, minutes, seconds, fraction, frames = found.groups()
            whole = Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds))
            if frames:
                self.made.counts_frames = True
                return whole + int(frames) / self.made.frame_rate
            return whole + (Fraction(f"0.{fraction}") if fraction else 0)
        if found := OFFSET.fullmatch(text.strip()):
            count, unit = Fraction(found[1]), found[2]
            if unit in UNITS:
                return count * UNITS[unit]
            self.made.counts_frames = self.made.counts_frames or unit == "f"
            return count / (self.made.frame_rate if unit == "f" else self.made.tick_rate)
        raise InputError(
            f"{self.path}:{self.line}: not a time: {text[:40]}", hint="00:01:02.345 or 62.345s"
        )


def _rate(text: str) -> Fraction:
    """Return a rate above nothing; '1e9' would be one to Fraction, of as many digits."""
    rate = Fraction(text) if RATE.fullmatch(text.strip()) else Fraction(0)
    if not rate:
        raise ValueError(text[:40])
    return rate
