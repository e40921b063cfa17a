#!/usr/bin/env python3
"""
TTML document: cues in the IMSC 1.1 text profile.

Usage:
    from shared.subtitles.files.ttml_document import ttml_document

    write_text(path, ttml_document(cues, language="hi", title="Film", italic_lyrics=False))
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

from shared.subtitles.base.clock import clock_time
from shared.subtitles.base.colours import COLOURS, WHITE, line_colours
from shared.subtitles.base.cue import Cue
from shared.subtitles.files.placing import USUAL

TT = "http://www.w3.org/ns/ttml"
TTP = "http://www.w3.org/ns/ttml#parameter"
TTS = "http://www.w3.org/ns/ttml#styling"
TTM = "http://www.w3.org/ns/ttml#metadata"
XML = "http://www.w3.org/XML/1998/namespace"
EBUTTS = "urn:ebu:tt:style"
ITTS = "http://www.w3.org/ns/ttml/profile/imsc1#styling"
PREFIXES = {"": TT, "ttp": TTP, "tts": TTS, "ttm": TTM, "ebutts": EBUTTS, "itts": ITTS}
PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
# Two lines in the lower part of the picture, clear of its edges.
REGION = {"origin": "10% 10%", "extent": "80% 80%", "displayAlign": "after", "overflow": "visible"}
# Of a cue's alignment, as a keypad lies.
ACROSS, DOWN = ("left", "center", "right"), ("after", "center", "before")
REGIONS = {number: f"place{number}" for number in range(1, 10)}
LOOK = {
    "fontFamily": "proportionalSansSerif",
    "fontSize": "80%",
    "lineHeight": "normal",
    "textAlign": "center",
    "color": "#FFFFFFFF",
    "textOutline": "#000000FF 5%",
}
# Black behind each line, a little beyond its ends and without a gap between two lines.
BOX_STYLE = "box"
BOX = {"backgroundColor": "#000000FF"}
BOX_LINES = {f"{{{EBUTTS}}}linePadding": "0.5c", f"{{{ITTS}}}fillLineGap": "true"}


def ttml_document(
    cues: Sequence[Cue],
    language: str = "und",
    title: str = "",
    italic_lyrics: bool = False,
    colours: Mapping[str, str] | None = None,
    box: bool = False,
) -> str:
    """Return cues as a TTML document.

    Args:
        cues: In order of time, texts without characters that XML cannot hold.
        language: BCP-47.
        title: Name of the film; empty = none is written.
        italic_lyrics: Whether songs are in italics.
        colours: Of the speakers, by shared/subtitles/base/colours.py.
        box: Whether each line stands on black.
    """
    for prefix, uri in PREFIXES.items():
        ET.register_namespace(prefix, uri)
    root = ET.Element(
        f"{{{TT}}}tt",
        {
            f"{{{XML}}}lang": language,
            f"{{{TTP}}}contentProfiles": PROFILE,
            f"{{{TTP}}}timeBase": "media",
            f"{{{TTP}}}cellResolution": "32 15",
        },
    )
    _add_head(root, title, box, sorted({cue.alignment for cue in cues} - {USUAL}))
    division = ET.SubElement(ET.SubElement(root, f"{{{TT}}}body"), f"{{{TT}}}div")
    division.set("region", "bottom")
    division.set("style", "text")
    division.text = "\n"
    for number, cue in enumerate(cues, 1):
        paragraph = ET.SubElement(division, f"{{{TT}}}p", {f"{{{XML}}}id": f"c{number}"})
        paragraph.set("begin", clock_time(cue.start))
        paragraph.set("end", clock_time(cue.end))
        if cue.alignment != USUAL:
            paragraph.set("region", REGIONS[cue.alignment])
        if cue.is_lyrics and italic_lyrics:
            paragraph.set(f"{{{TTS}}}fontStyle", "italic")
        _add_lines(paragraph, cue, colours or {}, box)
        paragraph.tail = "\n"
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _add_lines(paragraph: ET.Element, cue: Cue, colours: Mapping[str, str], box: bool) -> None:
    """Add a cue's lines, those that are not white or stand on black in a span of their own."""
    before: ET.Element | None = None
    each = line_colours(len(cue.lines), cue.speakers, colours)
    slanted = cue.italic_lines or (False,) * len(cue.lines)
    for number, (line, colour, is_italic) in enumerate(zip(cue.lines, each, slanted, strict=True)):
        if number:
            before = ET.SubElement(paragraph, f"{{{TT}}}br")
        if colour != WHITE or box or is_italic:
            span = ET.SubElement(paragraph, f"{{{TT}}}span")
            if box:
                span.set("style", BOX_STYLE)
            if colour != WHITE:
                span.set(f"{{{TTS}}}color", COLOURS[colour])
            if is_italic:
                span.set(f"{{{TTS}}}fontStyle", "italic")
            span.text = line
        elif before is None:
            paragraph.text = line
        else:
            before.tail = line


def _add_head(root: ET.Element, title: str, box: bool, places: Sequence[int]) -> None:
    head = ET.SubElement(root, f"{{{TT}}}head")
    if title:
        metadata = ET.SubElement(head, f"{{{TT}}}metadata")
        ET.SubElement(metadata, f"{{{TTM}}}title").text = title
    styling = ET.SubElement(head, f"{{{TT}}}styling")
    if box:
        bare = {name: value for name, value in LOOK.items() if name != "textOutline"}
        _add(styling, "style", "text", bare).attrib.update(BOX_LINES)
        _add(styling, "style", BOX_STYLE, BOX)
    else:
        _add(styling, "style", "text", LOOK)
    layout = ET.SubElement(head, f"{{{TT}}}layout")
    _add(layout, "region", "bottom", REGION)
    for number in places:
        across, down = ACROSS[(number - 1) % 3], DOWN[(number - 1) // 3]
        look = REGION | {"displayAlign": down, "textAlign": across}
        _add(layout, "region", REGIONS[number], look)


def _add(parent: ET.Element, name: str, key: str, look: dict[str, str]) -> ET.Element:
    attributes = {f"{{{TTS}}}{one}": value for one, value in look.items()}
    return ET.SubElement(parent, f"{{{TT}}}{name}", {f"{{{XML}}}id": key} | attributes)
