#!/usr/bin/env python3
"""
Heard: what speaks against English that Whisper heard, as the translation of one line.

Whisper's task "translate" writes fluent English whatever it hears, and more readily than a
transcript what it saw in training: "In the next video …", one phrase again and again, a number from
nowhere. Its own figures, the line's text, its length and its time give the evidence. One piece of
hard evidence refuses a text, soft evidence needs two. A text of low confidence is refused unless a
name or a number of the line is heard again, which outweighs one piece of soft evidence.

Usage:
    from shared.translation.hearing.heard import Asked, Heard, evidence_against

    evidence_against(Heard("Thank you.", 0.2), Asked("मैं कल आऊँगा", "hi", 1.8), Limits())
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import regex

from shared.core.languages import primary
from shared.glossary.sounds import likeness, romanised
from shared.transcript.recognition.invented import CREDITS, FAREWELLS, FAVOURITES, OF_VIDEOS
from shared.transcript.recognition.quality import Limits, loops, plain

# Below this share of ASR_MIN_CONFIDENCE nothing that Whisper translated was true.
HOPELESS = 0.81
# From here up one hearing is believed without another, where nothing else speaks against it.
SURE = 0.45
# Two hearings say the same where so many of their words are the same.
AGREED = 0.5
# Nobody says so much English in the time of one line: characters a second.
FASTEST = 25.0
SHORTEST_TIMED = 20
# A run of so many words that comes again, and of more than twice the words that the line says
# again, is an engine's loop; a shorter one in so many turns is a sign of one.
REPEATED_WORDS, LONG_REPEAT, TURNS = 3, 6, 3
# A line of so many words is never so few in English; characters of a line, and of its English.
FEWEST_COUNTED, SHORT_SHARE = 8, 0.3
LONGEST_RATIO, LONGEST_FREE = 3.0, 20
# Sounds that make a name the same.
SAME_NAME, SHORTEST_NAME = 0.75, 4
WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’]+")
NAME = regex.compile(r"(?<=[\p{L}\p{N},;'’] )\p{Lu}[\p{L}\p{M}]{3,}")
NUMBER = regex.compile(r"\p{Nd}+(?:[.,:]\p{Nd}+)*")
ORDINAL_END = regex.compile("^(st|nd|rd|th)$")
# Nothing but a number is no translation of so many words, where nobody knows the number's.
FEWEST_WITH_NUMBER = 3
# Of writing without spaces words cannot be counted.
UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my", "bo"})
# Words for what only videos on the net speak of; a line that has one may be about it.
VIDEO_WORDS = ("video", "channel", "subscribe", "link", "like", "vidiyo")
ENGLISH = "en"

# A number (ASCII digits) in words of a language, None where nobody knows.
InWords = Callable[[str, str], str | None]


@dataclass(frozen=True)
class Heard:
    """What an engine wrote for some sound.

    `confidence` is exp of the mean token log-probability, `no_speech` a probability, `compression`
    a ratio; of several parts the least likely.
    """

    text: str
    confidence: float = 0.0
    no_speech: float = 0.0
    compression: float = 0.0


@dataclass(frozen=True)
class Asked:
    """The line: its text, its language (BCP-47), its length in seconds."""

    text: str
    language: str
    duration: float
    in_words: InWords = field(default=lambda number, language: None)


@dataclass(frozen=True)
class Evidence:
    """Against a text: `hard` alone refuses it, of `soft` two do; `support` outweighs one."""

    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()
    support: int = 0

    @property
    def refuses(self) -> bool:
        """Whether the text is not to be shown as a translation."""
        return bool(self.hard) or len(self.soft) - min(1, self.support) >= 2

    @property
    def is_clean(self) -> bool:
        """Whether nothing at all speaks against it."""
        return not self.hard and len(self.soft) <= min(1, self.support)

    @property
    def told(self) -> str:
        """For a person: everything in one line."""
        return ", ".join((*self.hard, *self.soft))


def evidence_against(heard: Heard, asked: Asked, limits: Limits) -> Evidence:
    """Return what speaks against and for a text as the translation of a line.

    Args:
        heard: The English, with the engine's figures.
        asked: The line.
        limits: From which figures on a text is doubted.
    """
    if not plain(heard.text):
        return Evidence(hard=("nothing was heard",))
    hard = [
        *_known(heard.text, asked),
        *_repeats(heard, asked, limits),
        *_too_little(heard, asked),
    ]
    soft: list[str] = []
    share = heard.confidence / limits.min_confidence
    support = named_again(heard.text, asked.text) + _counted_again(heard.text, asked)
    if share < 1:
        told = f"low confidence ({heard.confidence:.2f})"
        (hard if share < HOPELESS or not support else soft).append(told)
    if longest_repeated(plain(heard.text), TURNS) >= REPEATED_WORDS:
        if longest_repeated(_by_sound(asked.text), TURNS) == 0:
            soft.append(f"says words {TURNS} times")
    if heard.no_speech > limits.max_no_speech:
        soft.append(f"heard as no speech ({heard.no_speech:.2f})")
    if plain(heard.text) in FAVOURITES and share < 1:
        soft.append("a line that is often invented")
    for why, is_hard in (*_too_much(heard, asked, limits), *_numbers(heard.text, asked)):
        (hard if is_hard else soft).append(why)
    return Evidence(tuple(hard), tuple(soft), support)


def same_words(one: str, other: str) -> float:
    """Return the share of words that two English texts have in common, by the longer one.

    Args:
        one: A text.
        other: Another.
    """
    left, right = plain(one).split(), plain(other).split()
    rest, common = list(right), 0
    for word in left:
        if word in rest:
            rest.remove(word)
            common += 1
    return common / max(len(left), len(right), 1)


def named_again(text: str, source_text: str) -> int:
    """Return how many names of a text are words of the line, by their sounds.

    Args:
        text: English; a capital inside a sentence makes a name.
        source_text: The line, in any script.
    """
    words = [word for word in WORD.findall(source_text) if len(romanised(word)) >= SHORTEST_NAME]
    names = set(NAME.findall(text))
    return sum(any(likeness(name, word) >= SAME_NAME for word in words) for name in names)


def _known(text: str, asked: Asked) -> list[str]:
    """Return that a text is one of those that subtitles in training data end with."""
    if CREDITS.search(text) or FAREWELLS.fullmatch(plain(text)) or OF_VIDEOS.search(plain(text)):
        words = [romanised(word) for word in WORD.findall(asked.text)]
        if not any(likeness(word, known) >= SAME_NAME for word in words for known in VIDEO_WORDS):
            return ["a line known from training data"]
    return []


def _repeats(heard: Heard, asked: Asked, limits: Limits) -> list[str]:
    """Return that a text says again what the line does not."""
    text, line = plain(heard.text), _by_sound(asked.text)
    longest, own = longest_repeated(text), longest_repeated(line)
    if longest >= LONG_REPEAT and longest > 2 * own:
        return [f"says {longest} words again"]
    if own < REPEATED_WORDS and (heard.compression > limits.max_compression or loops(text)):
        return [f"repeats itself (compression ratio {heard.compression:.2f})"]
    return []


def longest_repeated(text: str, turns: int = 2) -> int:
    """Return how many words the longest run has that a text says again, 0 where it has none.

    Args:
        text: Plain text, words between spaces.
        turns: How often it is said, one after the other or further apart.
    """
    words = text.split()
    for length in range(len(words) // turns, 0, -1):
        counts: dict[tuple[str, ...], tuple[int, int]] = {}
        for start in range(len(words) - length + 1):
            run = tuple(words[start : start + length])
            times, free = counts.get(run, (0, 0))
            if start >= free:
                counts[run] = (times + 1, start + length)
        if any(times >= turns for times, _ in counts.values()):
            return length
    return 0


def _too_little(heard: Heard, asked: Asked) -> list[str]:
    words = len(asked.text.split())
    if primary(asked.language) in UNSPACED or words < FEWEST_COUNTED:
        return []
    said = len(heard.text.split())
    return [f"{said} words for {words}"] if said < SHORT_SHARE * words else []


def _too_much(heard: Heard, asked: Asked, limits: Limits) -> list[tuple[str, bool]]:
    """Return that a text is too long for its line or its time, each with whether that is hard."""
    found = []
    letters = len(heard.text)
    if primary(asked.language) not in UNSPACED:
        is_much = letters > LONGEST_FREE + LONGEST_RATIO * len(asked.text)
        found += [("much longer than the line", True)] * is_much
    rate = letters / max(asked.duration, 0.001)
    if letters > SHORTEST_TIMED and rate > FASTEST:
        told = f"{rate:.0f} characters a second"
        found.append((told, rate > limits.max_characters_per_second))
    return found


def _numbers(text: str, asked: Asked) -> list[tuple[str, bool]]:
    """Return numbers that only one of text and line has; a text that is but a number is refused."""
    own, said = _digits(asked.text), _digits(text)
    found = []
    for number in said - own:
        words = asked.in_words(number, primary(asked.language))
        alone = not ORDINAL_END.sub("", NUMBER.sub("", text).strip(" .,!?-"))
        unknown = words is None and alone and len(asked.text.split()) >= FEWEST_WITH_NUMBER
        if unknown or (words is not None and not _has_one(asked.text, words)):
            found.append((f"{number} is not in the line", alone))
    for number in own - said:
        words = asked.in_words(number, ENGLISH)
        if words is not None and not _has_one(text, words):
            found.append((f"the line's {number} is missing", False))
    return found


def _counted_again(text: str, asked: Asked) -> int:
    """Return how many numbers of a text the line has, in digits or in words."""
    own = _digits(asked.text)
    language = primary(asked.language)
    return sum(
        number in own or _has_one(asked.text, asked.in_words(number, language) or "")
        for number in _digits(text)
    )


def _digits(text: str) -> set[str]:
    """Return the numbers written in digits, without leading zeros."""
    return {
        "".join(str(unicodedata.digit(char)) for char in number if char.isdigit()).lstrip("0")
        or "0"
        for number in NUMBER.findall(text)
    }


def _has_one(text: str, words: str) -> bool:
    """Return whether a text has one of some words, by sound."""
    said = WORD.findall(text.casefold())
    parts = words.casefold().replace("-", " ").split()
    return any(likeness(one, part) >= SAME_NAME for one in said for part in parts)


def _by_sound(text: str) -> str:
    """Return a line's words by their sounds, so that two spellings of one are the same."""
    return " ".join(filter(None, map(romanised, WORD.findall(text))))


def differ(sources: Sequence[str]) -> bool:
    """Return whether no two of some lines share a word, by sound: they cannot say the same.

    Args:
        sources: Lines of one language.
    """
    seen: set[str] = set()
    for source in sources:
        words = set(_by_sound(source).split())
        if words & seen or not words:
            return False
        seen |= words
    return True
