#!/usr/bin/env python3
"""
Dressing: an ASS file made ready to be drawn: each letter in a font that has it, in a size to read.

Usage:
    from shared.subtitles.files.dressing import dress_for_players, dress_for_picture

    dress_for_picture(styled, width=480, height=204).text
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pysubs2
import uharfbuzz

from shared.subtitles.files.fonts import BY_ITS_LETTERS, FAMILY
from shared.subtitles.files.letters import Font, Fonts, font_of_family
from shared.subtitles.files.picture import is_plain, readable_size

# Markup inside of an event's text.
MARKUP = re.compile(r"(\{[^}]*\}|\\[Nnh])")
LINE_END = re.compile(r"\\[Nn]")
OWN_FONT = "\\fn"
SIZE_TAG = "\\fs"
# At the sides of the picture where the text needs the room, a share of its width.
NARROW_MARGIN = 0.02
# A black edge thinner than this many pixels is none.
LEAST_OUTLINE = 1.2
AVERAGE_WIDTH = 0.55  # ems


@dataclass(frozen=True)
class Dressed:
    """An ASS file with its fonts.

    `text`: the file. `fonts`: all that it names. `lacking`: letters that were left out, since no
    font has them. `replaced`: families that are not here, for which another is taken. `pixels`: the
    em of the letters, 0 where it was not asked. `is_as_it_was`: whether nothing was changed.
    """

    text: str
    fonts: list[Font] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    pixels: float = 0.0
    is_as_it_was: bool = False


def dress_for_players(styled: str) -> Dressed:
    """Return ASS for a track: a text whose own font is not here is left as it is.

    Args:
        styled: An ASS file.
    """
    made = pysubs2.SSAFile.from_string(styled, format_="ass")
    fonts = _choose_fonts(made)
    return _dressed(made, fonts)


def dress_for_picture(styled: str, width: int, height: int, keep_size: bool = False) -> Dressed:
    """Return ASS to be drawn into a picture: only with fonts that are here, large enough to read.

    Args:
        styled: An ASS file.
        width: Of the picture, in pixels.
        height: Of the same.
        keep_size: Whether the sizes are a person's.
    """
    made = pysubs2.SSAFile.from_string(styled, format_="ass")
    replaced = []
    for style in made.styles.values():
        if font_of_family(style.fontname) is None:
            replaced.append(style.fontname)
            style.fontname = FAMILY
        style.encoding = BY_ITS_LETTERS
    fonts = _choose_fonts(made)
    pixels = 0.0 if keep_size else _resize(made, fonts, width, height)
    return _dressed(made, fonts, list(dict.fromkeys(replaced)), pixels)


def _choose_fonts(made: pysubs2.SSAFile) -> dict[str, Fonts]:
    return {name: Fonts(style.fontname) for name, style in made.styles.items()}


def _dressed(
    made: pysubs2.SSAFile,
    fonts: dict[str, Fonts],
    replaced: list[str] | None = None,
    pixels: float = 0.0,
) -> Dressed:
    used: dict[Font, None] = {}
    before = [event.text for event in made.events]
    for event in made.events:
        chosen = fonts.get(event.style)
        if chosen is None or chosen.own is None or event.is_comment or event.is_drawing:
            continue
        used[chosen.own] = None
        if OWN_FONT not in event.text:  # a person's own choice
            event.text = _in_fonts(event.text, chosen, made.styles[event.style].fontsize, used)
    lacking = dict.fromkeys(one for chosen in fonts.values() for one in chosen.lacking)
    told = list(lacking), replaced or [], pixels
    is_as_it_was = not replaced and not pixels and before == [event.text for event in made.events]
    return Dressed(made.to_string("ass"), list(used), *told, is_as_it_was)


def _in_fonts(text: str, fonts: Fonts, size: float, used: dict[Font, None]) -> str:
    """Return the text of an event in which pieces of another font name it, in letters as large."""
    own = fonts.own
    assert own is not None
    sized = SIZE_TAG not in text
    parts = []
    for piece in MARKUP.split(text):
        if MARKUP.fullmatch(piece):
            parts.append(piece)
            continue
        for font, run in fonts.runs(piece):
            if font is None or font is own:
                parts.append(run)
                continue
            used[font] = None
            there, back = f"{OWN_FONT}{font.family}", f"{OWN_FONT}{own.family}"
            if sized:
                there += f"{SIZE_TAG}{size / own.cell * font.cell:.1f}"
                back += f"{SIZE_TAG}{size:.1f}"
            parts.append(f"{{{there}}}{run}{{{back}}}")
    return "".join(parts)


def _resize(made: pysubs2.SSAFile, fonts: dict[str, Fonts], width: int, height: int) -> float:
    """Make all styles larger or smaller; return the em of their letters then, in pixels."""
    lines = [
        (fonts[event.style], MARKUP.sub("", line))
        for event in made.events
        if event.style in fonts and not event.is_comment and not event.is_drawing
        for line in LINE_END.split(event.text)
    ]
    if not lines:
        return 0.0
    scale = height / float(made.info.get("PlayResY", height) or height)
    across = width / float(made.info.get("PlayResX", width) or width)
    widest = max(line_width(chosen, text) for chosen, text in lines)
    plain = all(is_plain(text) for _, text in lines)
    pixels = readable_size(width, height, widest, plain)
    for name, style in made.styles.items():
        own = fonts[name].own
        size = pixels / scale * (own.cell if own else 1.0)
        style.outline = max(style.outline * size / style.fontsize, LEAST_OUTLINE / scale)
        style.fontsize = size
        if widest * pixels + (style.marginl + style.marginr) * across > width:
            style.marginl = style.marginr = round(NARROW_MARGIN * width / across)
    return pixels


def line_width(fonts: Fonts, text: str) -> float:
    """Return the width of a line, in ems.

    Args:
        fonts: Those of its style.
        text: Without markup.
    """
    return sum(_run_width(font or fonts.own, run) for font, run in fonts.runs(text))


def _run_width(font: Font | None, text: str) -> float:
    if font is None:  # nobody knows its letters: as wide as Latin ones are on average
        return len(text) * AVERAGE_WIDTH
    shaper = _shaper(font.path, font.index)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(shaper, buffer)
    return float(sum(one.x_advance for one in buffer.glyph_positions)) / int(shaper.face.upem)


@cache
def _shaper(path: Path, index: int) -> uharfbuzz.Font:
    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), index))
