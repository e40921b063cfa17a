#!/usr/bin/env python3
"""
ASS: the events of an ASS or SSA file, each with the line on which it stands.

The `Format:` lines say which field is which, of events and of styles.

Usage:
    from shared.subtitles.reading.ass import event_fields, read_events

    read_events(text, "ass", path).cues[0].line
    event_fields(text, "ass")                  # ["layer", "start", "end", …, "text"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.base.colours import WHITE, colours_in
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.reading.markup import is_italic, refuse_too_many_tags
from shared.subtitles.reading.result import Fault, Reading, Step

# Times are hundredths of a second: two of them rounded can be this far off.
TOLERANCE = 0.0111
STEP = 0.01
EVENTS = "[events]"
STYLES = re.compile(r"\[v4\+{0,2} styles\+?\]")
TIME = re.compile(r"\s*(\d{1,6}):([0-5]?\d):([0-5]?\d)\.(\d{2,3})\s*")
# What nobody writes and what would take hours to read.
LONGEST_HEADING = 200  # characters of a section
# What a line among the events begins with; any other is text that no program shows.
EVENT_LINE = re.compile(r"(Format|Dialogue|Comment|Picture|Sound|Movie|Command):|;|!:")
FIRST = {"ass": "layer", "ssa": "marked"}
FIELDS = "start end style name marginl marginr marginv effect text".split()
STYLE_FIELDS = {
    "ass": "name fontname fontsize primarycolour secondarycolour outlinecolour backcolour bold "
    "italic underline strikeout scalex scaley spacing angle borderstyle outline shadow alignment "
    "marginl marginr marginv encoding",
    "ssa": "name fontname fontsize primarycolour secondarycolour tertiarycolour backcolour bold "
    "italic borderstyle outline shadow alignment marginl marginr marginv alphalevel encoding",
}
HINT = "Dialogue: 0,0:01:02.34,0:01:04.56,Default,,0,0,0,,Text"
# Between the parts of a place; layer and style stand in front.
TAB = "\t"
# What moves an event on the picture.
PLACE = re.compile(r"\\(?:an?\d+|pos\([^)]*\)|move\([^)]*\))")
Style = Mapping[str, str]


@dataclass
class _Reader:
    """Collects events, section by section."""

    kind: str
    path: Path
    section: str = ""
    names: list[str] = field(default_factory=list)
    style_names: list[str] = field(default_factory=list)
    styles: dict[str, Style] = field(default_factory=dict)
    made: Reading = field(default_factory=lambda: Reading(tolerance=TOLERANCE, unit=Step(STEP)))

    def __post_init__(self) -> None:
        self.names = [FIRST[self.kind], *FIELDS]
        self.style_names = STYLE_FIELDS[self.kind].split()

    def line(self, number: int, line: str) -> None:
        """Read a line."""
        line = line.strip()
        if "[" in line[:4] and len(line) > LONGEST_HEADING:
            told = f"{self.path}:{number}: not a section: {line[:60]}"
            raise InputError(told, hint="[Events]")
        if line.startswith("[") and line.endswith("]"):
            self.section = line.lower()
        elif self.section == EVENTS:
            self._among_events(number, line)
        elif line.startswith("Dialogue:"):
            told = f"events outside of [Events]: {line[:60]}"
            self.made.faults.append(Fault(number, told, "Open it in Aegisub"))
        elif STYLES.fullmatch(self.section):
            self._among_styles(line)

    def _among_events(self, number: int, line: str) -> None:
        head, _, rest = line.partition(":")
        if head == "Format":
            self.names = _names(rest)
        elif head == "Dialogue":
            self._event(number, line, rest)
        elif line and not EVENT_LINE.match(line):
            self.made.stray.append((number, line))

    def _event(self, number: int, line: str, rest: str) -> None:
        fields = dict(zip(self.names, rest.split(",", len(self.names) - 1), strict=False))
        times = [TIME.fullmatch(fields.get(name, "")) for name in ("start", "end")]
        if "text" not in fields or None in times:
            self.made.faults.append(Fault(number, f"not an event: {line[:60]}", HINT))
            return
        refuse_too_many_tags(fields["text"], self.path, number)
        start, end = (_seconds(one) for one in times if one is not None)
        style = self.styles.get(fields.get("style", "").strip("* "), {})
        cue = _cue(number, (start, end), fields, style)
        if cue is not None:
            self.made.cues.append(cue)

    def _among_styles(self, line: str) -> None:
        head, _, rest = line.partition(":")
        if head == "Format":
            self.style_names = _names(rest)
        elif head == "Style":
            values = (value.strip() for value in rest.split(","))
            style = dict(zip(self.style_names, values, strict=False))
            self.styles[style.get("name", "").strip("* ")] = style


def read_events(text: str, kind: str, path: Path) -> Reading:
    """Return what an ASS or SSA file shows, in order of time; comments and drawings are no cues.

    Args:
        text: The file, its lines separated by line feeds.
        kind: ass or ssa.
        path: Its name, for messages.

    Raises:
        InputError: It is none, or would take hours to read, with the line number.
    """
    reader = _Reader(kind, path)
    for number, line in enumerate(text.split("\n"), 1):
        reader.line(number, line)
    if EVENTS not in text.lower():
        raise InputError(f"{path}:1: no [Events] in it", hint="Is it a subtitle file?")
    reader.made.cues.sort(key=lambda cue: cue.start)
    return reader.made


def event_fields(text: str, kind: str) -> list[str]:
    """Return the names of the fields of a file's events, in their order and in small letters.

    Args:
        text: The file, its lines separated by line feeds.
        kind: ass or ssa.
    """
    for line in _events(text.split("\n")):
        head, _, rest = line.partition(":")
        if head.strip() == "Format":
            return _names(rest)
    return [FIRST[kind], *FIELDS]


def _events(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the section of events."""
    section = ""
    for line in lines:
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            section = bare.lower()
        elif section == EVENTS:
            yield bare


def _names(rest: str) -> list[str]:
    return [{"actor": "name"}.get(one, one) for one in rest.lower().replace(" ", "").split(",")]


def _seconds(found: re.Match[str]) -> float:
    hours, minutes, seconds, fraction = found.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / MILLISECONDS


def _cue(
    line: int, times: tuple[float, float], fields: Mapping[str, str], style: Style
) -> SourceCue | None:
    """Return an event as a cue, None of a drawing."""
    event = pysubs2.SSAEvent(text=fields["text"])
    if event.is_drawing:
        return None
    return SourceCue(
        *times,
        str(event.plaintext),
        line=line,
        raw=event.text,
        is_italic=is_italic(event.text, "ass") or style.get("italic", "0") not in ("0", ""),
        colours=colours_in(event.text, "ass") or (_colour(style),),
        place=_place(fields, style),
    )


def _colour(style: Style) -> str:
    """Return the colour of a style; text without one is white."""
    value = style.get("primarycolour", "&HFFFFFF")
    digits = value[2:] if value.upper().startswith("&H") else _hexadecimal(value)
    is_one = re.fullmatch("[0-9A-Fa-f]{1,8}", digits)
    return colours_in(f"\\1c&H{digits}", "ass")[0] if is_one else WHITE


def _hexadecimal(value: str) -> str:
    """Return the digits of a colour that SSA writes as a number."""
    return f"{int(value) & 0xFFFFFFFF:x}" if re.fullmatch(r"-?\d{1,12}", value) else ""


def _place(fields: Mapping[str, str], style: Style) -> str:
    """Return where an event stands: two that share all of it are stacked by players."""
    margins = [_margin(fields, style, name) for name in ("marginl", "marginr", "marginv")]
    signs = PLACE.findall(fields["text"])[:1] or [style.get("alignment", "2")]
    layer = fields.get("layer", "0").strip()
    return TAB.join([layer, fields.get("style", "").strip("* "), *signs, *margins])


def _margin(fields: Mapping[str, str], style: Style, name: str) -> str:
    own = fields.get(name, "0").strip().lstrip("0")
    return own or style.get(name, "0").lstrip("0")
