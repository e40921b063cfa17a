#!/usr/bin/env python3
"""
Fonts: the family that shows a language's script, and the file that holds it.

libass takes an attached font only when a style names it, so a style names the script's own family.
Fonts come from packages of venv/common (SIL Open Font License), each with Latin letters beside its
own script; for other scripts a family is named that a machine may have.

Usage:
    from shared.subtitles.files.fonts import font_family, font_file

    font_family("hi")  # 'Noto Sans Devanagari'
    font_file("hi")    # …/NotoSansDevanagari[wdth,wght].ttf
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "Noto Sans"
# Scripts that the family itself holds, and those that are called otherwise in its names.
HELD = frozenset({"Latn", "Cyrl", "Grek", "Zyyy", "Zzzz"})
NAMED = {
    "Aran": "Noto Sans Arabic",
    "Beng": "Hind Siliguri",
    "Jpan": "Noto Sans CJK JP",
    "Kore": "Noto Sans CJK KR",
    "Hans": "Noto Sans CJK SC",
    "Hant": "Noto Sans CJK TC",
}
UPRIGHT = ("[wdth,wght].ttf", "-Regular.ttf")
MEDIA_TYPE = "font/ttf"


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
    spec = find_spec("fontpkg_" + font_family(language).lower().replace(" ", "_"))
    if spec is None or spec.origin is None:
        return None
    files = sorted((Path(spec.origin).parent / "files").iterdir())
    upright = [f for f in files if f.name.endswith(UPRIGHT) and "Italic" not in f.name]
    return upright[0] if upright else None
