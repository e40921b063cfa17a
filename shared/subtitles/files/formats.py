#!/usr/bin/env python3
"""
Formats: cues to SRT, WebVTT, ASS and TTML (IMSC 1.1 text profile) files.

Usage:
    from shared.subtitles.files.formats import Look, write_subtitles

    write_subtitles(cues, stage_io.get_output_path("Film.en.srt"), Look(italic_lyrics=True))
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pysubs2
import regex

from shared.core.files import write_text
from shared.core.settings import PipelineConfig
from shared.subtitles.base.colours import with_colours
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.files.fonts import (
    BY_ITS_LETTERS,
    USUAL_SHARE,
    font_family,
    is_right_to_left,
)
from shared.subtitles.files.highlight import highlighted
from shared.subtitles.files.letters import font_of_family
from shared.subtitles.files.placing import USUAL, place_sign, placed
from shared.subtitles.files.source import read_source
from shared.subtitles.files.ttml_document import ttml_document

FORMATS = {".srt": "srt", ".vtt": "vtt", ".ass": "ass", ".ttml": "ttml"}
MILLISECONDS = 1000
# What some format or player takes for markup, with no escape that all of them know, is written
# with its full-width form: it stays readable, and NFKC gives the plain character back.
LOOK_ALIKES = str.maketrans({"{": "｛", "}": "｝", "\\": "＼"})
TAG_START = regex.compile(r"<(?=[/!?\p{L}\d])")
LEFT_OUT = frozenset({"Cc", "Zl", "Zp", "Cs"})
NOT_CHARACTERS = "\ufffe\uffff"
# A full HD picture: a line of Latin letters takes a fifteenth of its height, as rows of TTML do.
PICTURE = (1920, 1080)
# Of a font that is not here.
LINE_HEIGHT = 72.0
OUTLINE = 3.0
MARGIN = 54
# Black boxes reach this far around the lines, and lie over nothing.
BOX_PADDING = 8.0
BOX_STYLE = 3
WHITE = pysubs2.Color(255, 255, 255)
# What has not been said yet, where words light up.
GREY = pysubs2.Color(170, 170, 170)


@dataclass(frozen=True)
class Look:
    """How cues are shown, where a format can say it.

    Attributes:
        language: BCP-47.
        title: Name of the film.
        italic_lyrics: Whether songs are in italics.
        font: Family name for ASS; empty = one that has the language's script.
        highlights: Whether words light up as they are said (ASS).
        colours: Of the speakers.
        box: Whether text stands on a black box, where a format can say it (not SRT).
    """

    language: str = "und"
    title: str = ""
    italic_lyrics: bool = False
    font: str = ""
    highlights: bool = False
    colours: Mapping[str, str] = field(default_factory=dict)
    box: bool = False


def look_from_config(
    config: PipelineConfig, limits: ReadingLimits, title: str, colours: Mapping[str, str]
) -> Look:
    """Return how the cues of one file are shown.

    Args:
        config: The job's settings.
        limits: Of the file: its language and whether there are italics.
        title: Name of the film.
        colours: Of the speakers.
    """
    return Look(
        language=limits.language,
        title=title,
        italic_lyrics=limits.italics,
        font=config.subtitle_font,
        highlights=config.subtitle_highlights,
        colours=colours,
        # Who tells speakers apart by colours sets them on black (BBC subtitle guidelines).
        box=bool(limits.colours),
    )


def write_track(
    cues: Sequence[Cue],
    name: str,
    formats: Sequence[str],
    look: Look,
    place: Callable[[str], Path],
) -> None:
    """Write the files of one track: SRT, which the film takes, and what else is asked for.

    Args:
        cues: In order of time.
        name: Of the files, without suffix.
        formats: File endings without a dot: srt, vtt, ass, ttml.
        look: How cues are shown.
        place: Returns the path of a file.
    """
    for suffix, kind in FORMATS.items():
        if kind == "srt" or kind in formats:
            write_subtitles(cues, place(f"{name}{suffix}"), look)


def write_subtitles(cues: Sequence[Cue], path: Path, look: Look = Look()) -> None:
    """Write cues in the format that the file's suffix names.

    Args:
        cues: In order of time; one without any text is left out.
        path: The file: .srt, .vtt, .ass or .ttml; UTF-8 without a byte order mark.
        look: How they are shown.
    """
    kind = FORMATS[path.suffix]
    shown = [replace(cue, text=text) for cue in cues if (text := _literal(cue.text, path.suffix))]
    if kind == "ttml":
        document = ttml_document(
            shown, look.language, look.title, look.italic_lyrics, look.colours, look.box
        )
        write_text(path, document)
        return
    subtitles = pysubs2.SSAFile()
    if kind == "ass":
        _dress(subtitles, look)
    for cue in shown:
        subtitles.append(_event(cue, kind, look))
    write_text(path, placed(subtitles.to_string(kind), kind))


def read_subtitles(path: Path) -> list[Cue]:
    """Read cues from a subtitle file.

    Args:
        path: The file, of any format that is read by shared/subtitles/files/source.py.

    Returns:
        The cues in the order of the file.

    Raises:
        InputError: When it is malformed, with the line number.
    """
    return list(read_source(path).cues)


def _event(cue: Cue, kind: str, look: Look) -> pysubs2.SSAEvent:
    event = pysubs2.SSAEvent(
        start=round(cue.start * MILLISECONDS), end=round(cue.end * MILLISECONDS)
    )
    text = highlighted(cue) if kind == "ass" and look.highlights else cue.text
    event.plaintext = with_colours(text, cue.speakers, look.colours, kind, look.box)
    if len(cue.italic_lines) == len(cue.lines) and not look.highlights:
        lines = zip(event.text.split("\\N"), cue.italic_lines, strict=True)
        event.text = "\\N".join(f"{{\\i1}}{a}{{\\i0}}" if slanted else a for a, slanted in lines)
    if cue.alignment != USUAL:
        event.text = place_sign(cue.alignment, kind) + event.text
    if cue.is_lyrics and look.italic_lyrics:
        if kind == "ass":
            event.style = "Lyrics"
        else:
            event.text = f"{{\\i1}}{event.text}{{\\i0}}"
    return event


def _dress(subtitles: pysubs2.SSAFile, look: Look) -> None:
    """Give an ASS file its styles: white with a black edge, at the foot of a full HD picture."""
    subtitles.info["PlayResX"], subtitles.info["PlayResY"] = map(str, PICTURE)
    subtitles.info["ScaledBorderAndShadow"] = "yes"
    if look.title:
        subtitles.info["Title"] = " ".join(look.title.split())
    family = " ".join((look.font or font_family(look.language)).replace(",", " ").split())
    style = pysubs2.SSAStyle(
        fontname=family,
        fontsize=_font_size(family),
        primarycolor=WHITE,
        secondarycolor=GREY,
        outline=BOX_PADDING if look.box else OUTLINE,
        shadow=0.0,
        marginl=2 * MARGIN,
        marginr=2 * MARGIN,
        marginv=MARGIN,
    )
    if is_right_to_left(look.language):
        style.encoding = BY_ITS_LETTERS
    if look.box:
        style.borderstyle = BOX_STYLE  # in the colour of the outline, which is black
    subtitles.styles = {"Default": style}
    if look.italic_lyrics:
        lyrics = style.copy()
        lyrics.italic = True
        subtitles.styles["Lyrics"] = lyrics


def _font_size(family: str) -> float:
    """Return the size at which letters of every font are as large as Latin ones."""
    font = font_of_family(family)
    return round(USUAL_SHARE * PICTURE[1] * font.cell, 1) if font else LINE_HEIGHT


def _literal(text: str, suffix: str) -> str:
    """Return text that every reader of the format shows as it is, without empty lines."""
    readable = "".join(
        " " if _is_left_out(char) and char != "\n" else char
        for char in text
        if char not in NOT_CHARACTERS
    )
    lines = [line.strip() for line in readable.split("\n")]
    literal = "\n".join(line for line in lines if line)
    if suffix == ".ttml":
        return literal
    literal = literal.translate(LOOK_ALIKES).replace("-->", "→")
    if suffix == ".vtt":
        return html.escape(literal, quote=False)
    return str(TAG_START.sub("＜", literal)) if suffix == ".srt" else literal


def _is_left_out(char: str) -> bool:
    return unicodedata.category(char) in LEFT_OUT
