#!/usr/bin/env python3
"""
Whisper languages: which languages Whisper knows, and under which codes.

Usage:
    from shared.transcript.languages.whisper_languages import whisper_code

    whisper_code("nb")        # 'no'
    whisper_code("hi-Latn")   # 'hi'
    whisper_code("gsw")       # 'de'
    whisper_code("tlh")       # None
"""

from __future__ import annotations

from shared.core.languages import nearest_known

# Whisper's tokenizer (large-v3 adds yue, Cantonese).
WHISPER_CODES = frozenset(
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he "
    "hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne "
    "nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk "
    "ur uz vi yi yo yue zh".split()
)
# Where Whisper's code is not the BCP-47 one.
CODE_OF_BCP47 = {"jv": "jw"}


def whisper_code(language: str) -> str | None:
    """Return Whisper's code for a language, None when Whisper does not know it.

    Args:
        language: BCP-47, with or without script and region; what is spoken as one that Whisper
            knows, a member or a dialect, has that one's code.
    """
    code = language.split("-")[0].lower()
    code = CODE_OF_BCP47.get(code, code)
    return code if code in WHISPER_CODES else nearest_known(language, WHISPER_CODES)
