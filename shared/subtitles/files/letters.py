#!/usr/bin/env python3
"""
Letters: which font shows each letter of a text, so that none becomes an empty box.

A text is shown in its style's font; what that lacks in one that has it: of ours, then of the
machine. What no font has is left out and told.

Usage:
    from shared.subtitles.files.letters import Fonts

    fonts = Fonts("Noto Sans Devanagari")
    fonts.runs("नमस्ते 东")     # [(Font(…Devanagari), 'नमस्ते '), (Font(Noto Sans CJK SC), '东')]
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regex
import uharfbuzz

from shared.subtitles.files.fonts import font_family, packaged_fonts
from shared.transcript.languages.alphabets import script_of

# Of writing systems that are several scripts, a letter that tells them apart.
SAMPLES = {"Jpan": "の", "Hans": "这", "Hant": "這", "Kore": "한"}
ALL_LETTERS = "".join(map(chr, range(0x41, 0xD800)))
CLUSTER = regex.compile(r"\X")
# They steer how letters are drawn and are no letters themselves.
STEERING = regex.compile(r"[\p{Cf}\p{Cc}\p{Zs}\p{Variation_Selector}\u034f]")
# Where systems keep their fonts, and in what.
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)
SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
MOST_IN_A_FILE = 64
USUAL = frozenset({"Regular", "Book", "Roman", "Normal", None, ""})
NAMES = uharfbuzz.OTNameIdPredefined
# In the table cmap: Microsoft's table of the first 65,536 letters.
SMALL_TABLE, BMP, MOST_TABLES = (3, 1), 0xFFFF, 32
# In the table OS/2: usWinAscent, usWinDescent.
WIN_HEIGHTS = slice(74, 78)


@dataclass(frozen=True)
class Font:
    """A font: family as styles name it, file and place in it, what it holds.

    `is_ours`: whether it comes with us. `cell`: what ASS calls a font's size, in sizes of its em:
    highest and lowest stroke together (Windows' ascent and descent), so that letters of two fonts
    of one size look alike only where this is taken into account.
    """

    family: str
    path: Path
    index: int
    is_ours: bool
    letters: frozenset[int]
    cell: float

    def shows(self, cluster: str) -> bool:
        """Return whether all of a cluster can be drawn.

        Args:
            cluster: A letter with its marks.
        """
        return all(ord(char) in self.letters or STEERING.match(char) for char in cluster)


class Fonts:
    """The fonts of one text, its own first.

    Args:
        family: That its style names.
    """

    def __init__(self, family: str) -> None:
        self.own = font_of_family(family)
        self.lacking: dict[str, None] = {}
        self._chosen: dict[str, Font | None] = {}

    def runs(self, text: str) -> list[tuple[Font | None, str]]:
        """Return a text in pieces of one font each, without what no font has.

        Args:
            text: Without markup.

        Returns:
            Pieces with their font; None = the style's own, whatever the machine takes for it.
        """
        pieces: list[tuple[Font | None, str]] = []
        for cluster in CLUSTER.findall(text):
            shown = self._font(cluster)
            if shown is None and self.own is not None:
                self.lacking[cluster] = None
                continue
            if pieces and pieces[-1][0] is shown:
                pieces[-1] = shown, pieces[-1][1] + cluster
            else:
                pieces.append((shown, cluster))
        return pieces

    def _font(self, cluster: str) -> Font | None:
        if self.own is None or self.own.shows(cluster):
            return self.own
        if cluster not in self._chosen:
            ours = (font_of_family(family) for family in packaged_fonts())
            fitting = (font for font in ours if font is not None and font.shows(cluster))
            self._chosen[cluster] = next(fitting, None) or machine_font(cluster)
        return self._chosen[cluster]


@cache
def font_of_family(family: str) -> Font | None:
    """Return the upright font of a family, ours or the machine's; None where there is none.

    Args:
        family: As a style names it.
    """
    path = packaged_fonts().get(family)
    if path is not None:
        return next(_read(path, is_ours=True))
    return next((font for font in machine_fonts() if font.family == family), None)


@cache
def font_of_language(language: str) -> Font | None:
    """Return a font that shows a language: ours, or the machine's; None where there is none.

    Args:
        language: BCP-47.
    """
    own = font_of_family(font_family(language))
    return own or machine_font(sample_letter(language))


def sample_letter(language: str) -> str:
    """Return a letter in which a language is written.

    Args:
        language: BCP-47.
    """
    script = script_of(language)
    if script in SAMPLES:
        return SAMPLES[script]
    try:
        found = regex.search(rf"[\p{{Script={script}}}&&\p{{L}}]", ALL_LETTERS, regex.V1)
    except regex.error:
        found = None
    return found[0] if found else "a"


def machine_font(cluster: str) -> Font | None:
    """Return a font of the machine that shows a cluster, None where it has none.

    Args:
        cluster: A letter with its marks.
    """
    return next((font for font in machine_fonts() if font.shows(cluster)), None)


@cache
def machine_fonts() -> tuple[Font, ...]:
    """Return the upright fonts of usual weight that are installed on this machine."""
    files = [path for folder in FOLDERS for path in Path(folder).expanduser().rglob("*.*")]
    wanted = sorted(path for path in files if path.suffix.lower() in SUFFIXES)
    return tuple(font for path in wanted for font in _read(path, is_ours=False))


def _read(path: Path, is_ours: bool) -> Iterator[Font]:
    """Yield the fonts of a file; of the machine's, the upright ones."""
    blob = uharfbuzz.Blob.from_file_path(str(path))
    for index in range(MOST_IN_A_FILE if path.suffix.lower() == ".ttc" else 1):
        face = uharfbuzz.Face(blob, index)
        style, letters = face.get_name(NAMES.FONT_SUBFAMILY), _letters(face)
        if not letters:  # no such font in the file, or one without a table of letters
            return
        if is_ours or style in USUAL:
            family = face.get_name(NAMES.FONT_FAMILY) or path.stem
            yield Font(family, path, index, is_ours, letters, _cell(face))


def _letters(face: uharfbuzz.Face) -> frozenset[int]:
    """Return what libass finds in a font: it takes Microsoft's first table, often the small one."""
    table = bytes(face.reference_table("cmap").data or b"")
    count = min(struct.unpack_from(">H", table, 2)[0], MOST_TABLES) if len(table) > 4 else 0
    kinds = [struct.unpack_from(">HH", table, 4 + 8 * n) for n in range(count)]
    every = frozenset(face.unicodes)
    return every if SMALL_TABLE not in kinds else frozenset(one for one in every if one <= BMP)


def _cell(face: uharfbuzz.Face) -> float:
    """Return the height of a font in sizes of its em, as libass (and Windows) count it."""
    table = bytes(face.reference_table("OS/2").data or b"")
    heights = table[WIN_HEIGHTS]
    if len(heights) == 4 and (total := sum(struct.unpack(">hh", heights))):
        return int(total) / int(face.upem)
    extents = uharfbuzz.Font(face).get_font_extents("ltr")
    height: float = (extents.ascender - extents.descender) / face.upem
    return height
