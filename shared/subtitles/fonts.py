#!/usr/bin/env python3
"""
Fonts: the family that shows a language's script.

libass takes an attached font only when a style names it, so a style names the script's own family.

Usage:
    from shared.subtitles.fonts import font_family

    font_family("hi")  # 'Noto Sans Devanagari'
"""

from __future__ import annotations

from functools import cache

FAMILY = "Noto Sans"
# Scripts that the family itself holds, and those that are called otherwise in its names.
HELD = frozenset({"Latn", "Cyrl", "Grek", "Zyyy", "Zzzz"})
NAMED = {"Beng": "Bengali", "Jpan": "CJK JP", "Kore": "CJK KR", "Hans": "CJK SC", "Hant": "CJK TC"}


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
    return f"{FAMILY} {NAMED.get(tag.script) or tag.script_name()}"
