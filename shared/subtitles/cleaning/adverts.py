#!/usr/bin/env python3
"""
Adverts: lines in which those who made or spread a subtitle file speak of themselves.

A cue counts as one when every line of it does: an address alone, or words that name the maker, the
corrector, the site. A line of dialogue that says an address in a sentence does not.

Usage:
    from shared.subtitles.cleaning.adverts import is_advert

    is_advert("Subtitles by explosiveskull\\nwww.OpenSubtitles.org")     # True
"""

from __future__ import annotations

import regex

ADDRESS = (
    r"(?:https?://\S+|www\.\S+|\b[\w-]+\.(?:com|org|net|info|tv|me|io|co|to|cc|in|ru|de|fr)\b\S*)"
)
# Words that only makers and spreaders of subtitle files use, by what they do.
MADE = (
    r"(?:sub(?:title)?s?|subbed|captions?|captioned|captioning|sync(?:ed|hroni[sz]ed)?"
    r"|ripped|resync(?:ed)?|transcript|encoded|uploaded|downloaded|translat(?:ed|ion)|corrected"
    r"|corrections?|adapted|edited|timed|timing|improved|extracted|fixed)"
)
# After "by" stands a name, in no dialogue "by my grandmother", "by noon".
NO_NAME = (
    r"(?!\W*(?:my|your|his|her|its|our|their|the|an?|me|you|him|them|us|it|this|that|these|whom?"
    r"|noon|now|then|tomorrow|tonight|midnight|hand|law|god|mistake|accident|force|myself)\b)"
)
# What a name may look like: no sentence; after a colon it begins as names do.
NAME = rf"(?:[^.!?,;:]{{1,60}}|.*?{ADDRESS}.*)"
CALLED = rf"(?=[\s@<\[({{]*(?-i:[\p{{Lu}}\p{{Lo}}\d@]))\s*{NAME}|\s*.*?{ADDRESS}.*"
LINK = rf"(?:provided |made |done |created )?(?:\bby\b{NO_NAME}\s*:?\s*{NAME}|:(?:{CALLED}))"
BY = rf"(?:\w+ )?(?:(?:\W|\band\b|&)*\b{MADE}\b)+\W*{LINK}|(?:downloaded|ripped|extracted) from\b.*"
# The same in other languages: what was done, and how the name is tied to it.
DONE = {
    r"untertitel(?:ung)?|übersetzung|übersetzt": "von|durch|im auftrag de[rs].*|aus",
    r"sous[- ]titr(?:es|age|é)|traduction|traduit": "par|réalisés? par",
    r"sub(?:títulos|titulos|titulado)|traducción|traducido|corrección": "por",
    r"legendas?|legendado|tradução|sincronia|revisão": "por",
    r"sottotitoli|traduzione|revisione|sincronizzazione": "di|a cura di|da",
    r"napisy|tłumaczenie|korekta": "przez|opracowanie",
    r"субтитры|перевод": r"сделал\w*|создавал\w*|подготовил\w*|от",
    r"(?:字幕组\s*)?(?:字幕|翻译|翻譯|校对|校對|时间轴|時間軸|压制)": "组|組|制作|製作|由|提供",
    r"ترجمة|تعديل|توقيت": "من|بواسطة",
    r"(?:हिंदी )?उपशीर्षक|अनुवाद": "द्वारा",
}
OTHERS = tuple(rf"(?:{what})\W*(?:(?:{tie}){NAME}|[::](?:{CALLED}))" for what, tie in DONE.items())
SPREAD = (
    r"advertise your product or brand here.*",
    r"support us and become (?:a )?vip member.*",
    r"to remove all ads from.*",
    r"please rate this subtitle at.*",
    r"help other users (?:to )?choose the best subtitles.*",
    r"watch (?:more |any )?(?:video|movies?|films?)s? online (?:with|at|on|for free).*",
    rf"(?:download|free) (?:movies?|subtitles?) (?:at|from|on)\b.*{ADDRESS}.*",
    r"do you want subtitles for any video\W*",
    r"api\.opensubtitles\.\S+.*",
    r".*\bopensubtitles\b.*",
    r".*\b(?:dimatorzok|addic7ed|subscene|podnapisi|yify|yts|subdl|titlovi|napisy24)\b.*",
)
SIGNS = r"[\s♪♫#*=~_\-–—.…|<>\[\](){}\"'«»“”]*"
LINE = regex.compile(
    rf"{SIGNS}(?:{'|'.join((ADDRESS, BY, *OTHERS, *SPREAD))}){SIGNS}",
    regex.IGNORECASE,
)
HAS_ADDRESS = regex.compile(ADDRESS, regex.IGNORECASE)
# Beside a line that is one: a name, an address, no sentence.
NO_SENTENCE = regex.compile(r"[^.!?,;…]{0,40}")


def is_advert(text: str) -> bool:
    """Return whether a cue says who made or spread the file, and nothing else.

    Args:
        text: Its text as it is shown.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    sure = [bool(LINE.fullmatch(line)) for line in lines]
    if not any(sure):
        return False
    rest = [line for line, is_sure in zip(lines, sure, strict=True) if not is_sure]
    return all(HAS_ADDRESS.search(line) or NO_SENTENCE.fullmatch(line) for line in rest)
