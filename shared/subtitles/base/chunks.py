#!/usr/bin/env python3
"""
Chunks: running text as the words between which a line or a cue may end.

Spaces part words where a script has them. Japanese, Chinese and Thai are parted by budoux, which
keeps a word with its particles; Lao, Khmer and Burmese by ICU's dictionaries.

Usage:
    from shared.subtitles.base.chunks import running_words

    running_words("今日は天気です。", "ja")    # [' 今日は', '天気です。']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import regex

from shared.transcript.languages.alphabets import UNSPACED, UNSPACED_LETTER, script_of

if TYPE_CHECKING:
    from budoux import Parser

CLOSING = r"[\p{M}\p{Lm}]*[\p{Pe}\p{Pf}\p{Po}\p{M}]*"
CHARACTER = regex.compile(
    rf"[\p{{Ps}}\p{{Pi}}]*[{UNSPACED}]{CLOSING}|[^{UNSPACED}](?:[^{UNSPACED}]|\p{{M}})*"
)
WORD = regex.compile(r"(\s*)(\S+)")
# Between letters of these the end of a line stands for no space.
SOLID = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]")
# With more such letters it is no chunk but a text that the model cannot part.
LONGEST = 16
# The function of budoux that loads the model of a script.
MODELS = {
    "Jpan": "load_default_japanese_parser",
    "Hans": "load_default_simplified_chinese_parser",
    "Hant": "load_default_traditional_chinese_parser",
    "Thai": "load_default_thai_parser",
}
# The locale whose dictionary ICU takes for a script.
DICTIONARIES = {"Laoo": "lo", "Khmr": "km", "Mymr": "my"}


def running_words(text: str, language: str) -> list[str]:
    """Return the words of a text, each with a space in front where it is written apart.

    Args:
        text: Running text, or the lines of a cue.
        language: BCP-47.
    """
    found: list[str] = []
    for gap, word in WORD.findall(text):
        first, *others = chunks(word, language)
        solid = bool(found) and "\n" in gap and SOLID.search(found[-1]) and SOLID.search(first)
        found += [first if solid else f" {first}", *others]
    return found


def chunks(word: str, language: str) -> list[str]:
    """Return the parts of a text without spaces, in order; of any other word, itself.

    Args:
        word: What stands between two spaces.
        language: BCP-47.
    """
    characters: list[str] = CHARACTER.findall(word)
    ends = inner_ends(word, language)
    if ends is None:
        return characters
    joined: list[list[str]] = [[]]
    for character, end in zip(characters, accumulate(map(len, characters)), strict=True):
        joined[-1].append(character)
        if end in ends:
            joined.append([])
    parts = (part for part in joined if part)
    return [one for part in parts for one in _whole(part)]


def inner_ends(text: str, language: str) -> set[int] | None:
    """Return how many characters lie in front of each place where a text may be parted.

    Args:
        text: Without spaces.
        language: BCP-47.

    Returns:
        The places; None where nothing is known of the language or the text has no such letters.
    """
    part = _parser(script_of(language)) if language else None
    if part is None or not UNSPACED_LETTER.search(text):
        return None
    return set(accumulate(map(len, part(text))))


def _whole(part: Sequence[str]) -> list[str]:
    """Return the characters of a chunk as one, or as they are where it is too long to be one."""
    text = "".join(part)
    return [text] if len(UNSPACED_LETTER.findall(text)) <= LONGEST else list(part)


@cache
def _parser(script: str) -> Callable[[str], list[str]] | None:
    if script in DICTIONARIES:
        from icu4py.breakers import LineBreaker

        return lambda text: list(LineBreaker(text, DICTIONARIES[script]))
    if script not in MODELS:
        return None
    import budoux

    parser: Parser = getattr(budoux, MODELS[script])()
    return parser.parse
