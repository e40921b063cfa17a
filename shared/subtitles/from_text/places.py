#!/usr/bin/env python3
"""
Places: where on the picture a cue of any format stands: one of nine, as a keypad lies, 8 = above.

Usage:
    from shared.subtitles.from_text.places import alignments

    alignments(read_source(path))[0]    # 8
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.placing import USUAL
from shared.subtitles.files.source import SourceFile

SIGN = re.compile(r"\\an([1-9])|\\a(\d{1,2})(?!\w)")
POINT = re.compile(r"\\(?:pos|move)\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)")
# \\a of SSA: 1 to 3 below, 5 to 7 above, 9 to 11 in the middle.
OLD = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}
PICTURE = re.compile(r"^PlayRes([XY])\s*:\s*(\d{1,5})", re.MULTILINE | re.IGNORECASE)
# The size of a picture that an ASS file does not tell.
DEFAULT = {"X": 384.0, "Y": 288.0}
SETTING = re.compile(r"(line|position|align):([^\s,]+)")
# Shares of the picture at which its middle begins and ends.
LOW, HIGH = 0.4, 0.6
# Lines of text a picture holds, for WebVTT's line numbers.
ROWS = 15.0
ALIGNED = {"start": 0, "left": 0, "center": 1, "middle": 1, "end": 2, "right": 2}
DISPLAY = {"before": 0.0, "center": 0.5, "after": 1.0}


def alignments(source: SourceFile) -> list[int]:
    """Return where each cue of a file stands.

    Args:
        source: A file; what it says of places in other words than these counts as the usual one.
    """
    size, regions = _picture(source), {}
    if source.format == "ttml":
        regions = _regions(source.text)
    return [_alignment(cue, source.format, size, regions) for cue in source.cues]


def _alignment(
    cue: SourceCue, kind: str, size: Mapping[str, float], regions: Mapping[str, tuple[float, float]]
) -> int:
    if kind == "ttml":
        across, down = regions.get(cue.place.split(" ")[0], (0.5, 1.0))
        return _keypad(across, down)
    if kind == "vtt":
        return _of_settings(cue.place)
    if kind not in ("srt", "ass", "ssa"):
        return USUAL
    if point := POINT.search(cue.raw):
        return _keypad(float(point[1]) / size["X"], float(point[2]) / size["Y"])
    if sign := SIGN.search(cue.raw):
        return int(sign[1]) if sign[1] else OLD.get(int(sign[2]), USUAL)
    fields = cue.place.split("\t")  # layer, style, alignment, margins
    own = fields[2] if kind in ("ass", "ssa") and len(fields) > 2 else ""
    if not own.isdecimal():
        return USUAL
    number = OLD.get(int(own), USUAL) if kind == "ssa" else int(own)
    return number if 1 <= number <= 9 else USUAL


def _keypad(across: float, down: float) -> int:
    """Return the place of a point, given as shares of the picture from its left upper corner."""
    column = 0 if across < LOW else 2 if across > HIGH else 1
    row = 2 if down < LOW else 0 if down > HIGH else 1
    return 1 + 3 * row + column


def _of_settings(place: str) -> int:
    found = dict(SETTING.findall(place))
    down, across = 1.0, 0.5
    line = found.get("line", "")
    if re.fullmatch(r"[\d.]+%", line):
        down = float(line[:-1]) / 100
    elif re.fullmatch(r"-?\d+", line):
        down = int(line) / ROWS if int(line) >= 0 else 1 + int(line) / ROWS
    position = found.get("position", "")
    if re.fullmatch(r"[\d.]+%", position):
        across = float(position[:-1]) / 100
    elif found.get("align") in ALIGNED:
        across = ALIGNED[found["align"]] / 2
    return _keypad(across, down)


def _picture(source: SourceFile) -> dict[str, float]:
    head = source.text[: source.text.find("[Events]")] if source.format in ("ass", "ssa") else ""
    return DEFAULT | {axis.upper(): float(size) or 1.0 for axis, size in PICTURE.findall(head)}


def _regions(text: str) -> dict[str, tuple[float, float]]:
    """Return where the regions of a TTML document hold their text, as shares of the picture."""
    found = {}
    for node in ET.fromstring(text.encode("utf-8")).iter():
        if node.tag.rpartition("}")[2] != "region":
            continue
        said = {
            name.rpartition("}")[2]: value
            for one in node.iter()
            for name, value in one.attrib.items()
        }
        left, top = _pair(said.get("origin", ""), (0.0, 0.0))
        width, height = _pair(said.get("extent", ""), (1.0, 1.0))
        at = DISPLAY.get(said.get("displayAlign", "before"), 0.0)
        across = ALIGNED.get(said.get("textAlign", "center"), 1) / 2
        key = node.get("{http://www.w3.org/XML/1998/namespace}id", "")
        found[key] = left + across * width, top + at * height
    return found


def _pair(text: str, otherwise: tuple[float, float]) -> tuple[float, float]:
    found = re.fullmatch(r"\s*([\d.]+)%\s+([\d.]+)%\s*", text)
    return (float(found[1]) / 100, float(found[2]) / 100) if found else otherwise
