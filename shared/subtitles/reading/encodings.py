#!/usr/bin/env python3
"""
Encodings: which one text that is no UTF-8 most likely is in, and text that was decoded wrongly.

Usage:
    from shared.subtitles.reading.encodings import likely_encoding, wrongly_decoded

    likely_encoding(content, "ru")             # 'CP1251'
    wrongly_decoded("Ã‡a Ã©tÃ© dÃ©cidÃ©")       # ('Ã‡', 'Ç')
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

from shared.core.languages import primary
from shared.transcript.languages.alphabets import letters_in_script

# Enough to tell a language by.
MOST_BYTES = 100_000
# In wide use: what Windows and the web of a country write. Of equal ones the language's own wins.
USUAL = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("koi8_r", "cp874", "cp932", "shift_jis", "euc_jp", "gb18030", "big5", "cp949", "euc_kr"),
)
OWN = {
    "cp1250": "cs hr hu pl ro sk sl",
    "cp1251": "bg mk ru sr uk",
    "cp1253": "el",
    "cp1254": "tr",
    "cp1255": "he yi",
    "cp1256": "ar fa ur",
    "cp1257": "et lt lv",
    "cp1258": "vi",
    "cp874": "th",
    "cp932": "ja",
    "gb18030": "zh",
    "cp949": "ko",
}
FALLBACK = "cp1252"
# How disorderly a text is to the detector that it did not name: more than what it names.
UNSURE = 0.5
# What each character stands for in the encoding that is taken for UTF-8 most often.
BYTES = {
    bytes([value]).decode(FALLBACK, "replace").replace("\ufffd", chr(value)): value
    for value in range(0x80, 0x100)
}
FOLLOWING = "".join(re.escape(char) for char, value in BYTES.items() if value < 0xC0)
DOUBLE = re.compile(f"[Â-ß][{FOLLOWING}]|[à-ï][{FOLLOWING}]{{2}}|[ð-ô][{FOLLOWING}]{{3}}")
# Nobody writes these pairs: accented letters, signs and quotation marks decoded wrongly.
CERTAIN = ("Ã", "Â", "â€", "â™")
# Of other scripts' letters so many; one alone may be a word that ends in front of a quotation mark.
FEWEST = 4


def likely_encoding(content: bytes, language: str) -> str:
    """Return the name of the encoding that a text most likely is in, as iconv knows it.

    Args:
        content: Which is no UTF-8.
        language: BCP-47 that its file's name tells; und = none.
    """
    from charset_normalizer import from_bytes

    tongue = primary(language)
    own = next((name for name, tongues in OWN.items() if tongue in tongues.split()), FALLBACK)
    found = []
    with suppress(UnicodeDecodeError):  # short texts tell the detector little
        found.append((-_share(content.decode(own), language), False, UNSURE, False, own))
    for match in from_bytes(content[:MOST_BYTES]):
        name = match.encoding
        strange = name not in USUAL, match.chaos, name != own
        found.append((-_share(str(match), language), *strange, name))
    name = min(found)[-1] if found else own
    return name.upper().replace("ISO8859_", "ISO-8859-").replace("MAC_", "MAC").replace("_", "-")


def wrongly_decoded(text: str) -> tuple[str, str] | None:
    """Return what of a text was decoded wrongly once before, and what it most likely was.

    Args:
        text: Of a cue.
    """
    found = [(match[0], _decoded(match[0])) for match in DOUBLE.finditer(text)]
    letters = [(old, new) for old, new in found if new and not unicodedata.category(new)[0] == "C"]
    for old, new in letters:
        if old.startswith(CERTAIN):
            return old, new
    return letters[0] if len(letters) >= FEWEST else None


def _decoded(text: str) -> str:
    return bytes(BYTES[char] for char in text).decode("utf-8", "ignore")


def _share(text: str, language: str) -> float:
    """Return which share of the letters that are not ASCII is in the script of a language."""
    letters = "".join(char for char in text if char.isalpha() and not char.isascii())
    if not letters or language.startswith("und"):
        return 0.0
    return round(letters_in_script(letters, language) / len(letters), 2)
