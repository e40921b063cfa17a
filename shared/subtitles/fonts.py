#!/usr/bin/env python3
"""
Fonts: which font shows a language, and the file that holds it.

The fonts are Noto's (SIL Open Font License), which packages of venv/common carry; each holds Latin
letters beside its own script. Without one for a script, a player takes what its machine has.

Usage:
    from shared.subtitles.fonts import family_for, font_file

    family_for("hi")   # 'Noto Sans Devanagari'
    font_file("hi")    # …/NotoSansDevanagari[wdth,wght].ttf
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PLAIN = "Noto Sans"
# By ISO 15924 script; the packages are named alike.
FAMILIES = {
    "Latn": PLAIN,
    "Cyrl": PLAIN,
    "Grek": PLAIN,
    "Deva": "Noto Sans Devanagari",
    "Taml": "Noto Sans Tamil",
    "Telu": "Noto Sans Telugu",
    "Arab": "Noto Sans Arabic",
    "Aran": "Noto Sans Arabic",
    "Thai": "Noto Sans Thai",
    "Beng": "Hind Siliguri",
}
UPRIGHT = ("[wdth,wght].ttf", "-Regular.ttf")
MEDIA_TYPE = "font/ttf"


def family_for(language: str) -> str | None:
    """Return the font family that shows a language, None where no package has one.

    Args:
        language: BCP-47; without a script its usual one is meant.
    """
    import langcodes

    return FAMILIES.get(langcodes.Language.get(language).maximize().script or "")


def font_file(language: str) -> Path | None:
    """Return the upright font that shows a language, None where it is not installed.

    Args:
        language: BCP-47.
    """
    family = family_for(language)
    spec = find_spec("fontpkg_" + family.lower().replace(" ", "_")) if family else None
    if spec is None or spec.origin is None:
        return None
    files = sorted((Path(spec.origin).parent / "files").iterdir())
    upright = [f for f in files if f.name.endswith(UPRIGHT) and "Italic" not in f.name]
    return upright[0] if upright else None
