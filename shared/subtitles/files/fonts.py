#!/usr/bin/env python3
"""
Fonts: the family that shows a language's script, and the file that holds it.

libass takes an attached font only when a style names it, so a style names the script's own family.
Fonts come from packages of venv/common (SIL Open Font License). Those of fontpkg have Latin letters
beside their own script; what they lack comes from manimgx-fonts, other scripts from the machine.

Usage:
    from shared.subtitles.files.fonts import font_family, font_file

    font_family("hi")  # 'Noto Sans Devanagari'
    font_file("hi")    # …/NotoSansDevanagari[wdth,wght].ttf
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "Noto Sans"
SYMBOLS, EMOJI = "Noto Sans Symbols", "Noto Emoji"
# Scripts that the family itself holds, and those that are called otherwise in its names.
HELD = frozenset({"Latn", "Cyrl", "Grek", "Zyyy", "Zzzz"})
NAMED = {
    "Aran": "Noto Sans Arabic",
    "Beng": "Hind Siliguri",
    "Hebr": "Noto Sans Hebrew Light",
    "Orya": "Noto Sans Oriya",
    "Jpan": "Noto Sans CJK JP",
    "Kore": "Noto Sans CJK KR",
    "Hans": "Noto Sans CJK SC",
    "Hant": "Noto Sans CJK TC",
}
RIGHT_TO_LEFT = frozenset({"Adlm", "Arab", "Aran", "Hebr", "Nkoo", "Syrc", "Thaa"})
# Debian's package for the scripts that no package of ours brings.
OF_CJK, OF_OTHERS = "fonts-noto-cjk", "fonts-noto-core"
UPRIGHT = ("[wdth,wght].ttf", "[wght].ttf", "-Regular.ttf")
MEDIA_TYPE = "font/ttf"
# The em of letters as a share of the picture's height: 42 of them fit even where all are capitals.
USUAL_SHARE = 0.044
# To libass: whether a line runs from right to left is told by its letters.
BY_ITS_LETTERS = -1
PACKAGES = (
    "fontpkg_noto_sans",
    "fontpkg_noto_sans_arabic",
    "fontpkg_noto_sans_devanagari",
    "fontpkg_noto_sans_tamil",
    "fontpkg_noto_sans_telugu",
    "fontpkg_noto_sans_thai",
    "fontpkg_hind_siliguri",
    "manimgx_fonts",
)


@cache
def font_family(language: str) -> str:
    """Return the name of a family that shows a language.

    Args:
        language: BCP-47; und has the family of Latin letters.
    """
    import langcodes

    if language == "und":
        return FAMILY
    tag = langcodes.Language.get(language).maximize()
    if not tag.script or tag.script in HELD:
        return FAMILY
    return NAMED.get(tag.script) or f"{FAMILY} {tag.script_name()}"


def font_file(language: str) -> Path | None:
    """Return the upright font that shows a language, None where no package brings it.

    Args:
        language: BCP-47.
    """
    return packaged_fonts().get(font_family(language))


def is_right_to_left(language: str) -> bool:
    """Return whether a language is written from right to left.

    Args:
        language: BCP-47.
    """
    import langcodes

    return langcodes.Language.get(language).maximize().script in RIGHT_TO_LEFT


@cache
def packaged_fonts() -> dict[str, Path]:
    """Return the upright fonts that come with us by family, those with Latin letters first."""
    import uharfbuzz

    found: dict[str, Path] = {}
    for path in _upright_files():
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
        found.setdefault(face.get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY), path)
    return found


def font_package(language: str) -> str:
    """Return the Debian package that brings a font for a language.

    Args:
        language: BCP-47.
    """
    return OF_CJK if "CJK" in font_family(language) else OF_OTHERS


def _upright_files() -> Iterator[Path]:
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        folder = Path(spec.origin).parent
        files = sorted([*folder.glob("*.ttf"), *folder.glob("files/*.ttf")])
        yield from (f for f in files if f.name.endswith(UPRIGHT) and "Italic" not in f.name)
