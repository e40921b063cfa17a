#!/usr/bin/env python3
"""
Shaping: from timed words to cues that fit the screen and can be read.

A segment that does not fit is split where it hurts least: at a pause, after punctuation, near the
middle; each half is treated alike. Then ends are stretched to be readable and gaps are kept.

Usage:
    from shared.subtitles.shaping import shape_cues

    cues = shape_cues(phrases, limits)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from shared.subtitles.counting import display_length
from shared.subtitles.cue import Cue
from shared.subtitles.profiles import ReadingLimits
from shared.transcript.schemas import Segment, TimeSpan, Word
from shared.transcript.sentences import ends_sentence
from shared.transcript.spacing import is_fully_timed, spaced_tokens

SENTENCE_END = (".", "!", "?", "…", "।", "。", "！", "？", "॥")
CLAUSE_END = (",", ";", ":", "—", "–", "、", "，", "،")
NOTE = "♪"
# Weights of a split point; seconds of pause count most, then punctuation, then balance.
PAUSE_WEIGHT = 4.0
SENTENCE_BONUS = 2.0
CLAUSE_BONUS = 1.0
BALANCE_WEIGHT = 2.0
# A part too short to be read is a bad part, however well it ends.
BRIEF_PENALTY = 3.0
LINGER_SECONDS = 0.5
# Less than this is not noticed at all: rather let the next cue come that much later.
SHORTEST_SECONDS = 0.2
# Stands between note and text until lines are broken: no line holds a note alone.
NOTE_SPACE = "\x1f"
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
CLOSING = r"[\p{M}\p{Lm}]*[\p{Pe}\p{Pf}\p{Po}]*"
UNSPACED_TOKEN = regex.compile(rf"\p{{Ps}}*[{UNSPACED}]{CLOSING}|[^{UNSPACED}]+")


@dataclass(frozen=True)
class Phrase:
    """A run of timed words that is shown together when it fits.

    The text of a word begins with a space where it is written apart from the word before it.
    """

    words: tuple[Word, ...]
    is_lyrics: bool = False

    @property
    def text(self) -> str:
        """The words as running text."""
        return "".join(word.text for word in self.words).strip()


def phrase_from_segment(segment: Segment) -> Phrase:
    """Return a segment as a phrase with its own word times.

    Args:
        segment: A segment of the transcript; without word times, or when the words are not its
            text any more (somebody corrected it), they are shared out by length.
    """
    if segment.words and is_fully_timed(segment):
        texts = spaced_tokens(segment.text, [word.text for word in segment.words])
        words = [
            word.model_copy(update={"text": text})
            for word, text in zip(segment.words, texts, strict=True)
        ]
        return Phrase(tuple(words), bool(segment.is_lyrics))
    return phrase_from_text(segment.text, segment, bool(segment.is_lyrics))


def phrase_from_text(text: str, span: TimeSpan, is_lyrics: bool = False) -> Phrase:
    """Return text without word times (a translation) as a phrase inside the time of its source.

    Args:
        text: Running text; words share the time by their length.
        span: Start and end in seconds.
        is_lyrics: Whether it is sung.
    """
    tokens = _tokens(text)
    total = sum(len(token) for token in tokens)
    words: list[Word] = []
    done = 0
    for token in tokens:
        start = span.start + span.duration * done / total
        done += len(token)
        end = span.start + span.duration * done / total
        words.append(Word(start=start, end=end, text=token, source="interpolated"))
    return Phrase(tuple(words), is_lyrics)


def shape_cues(phrases: Sequence[Phrase], limits: ReadingLimits) -> list[Cue]:
    """Return the cues of one subtitle file, in order, never overlapping.

    Args:
        phrases: In order of time; where they overlap, cues follow one another by their starts.
        limits: What cues keep to.
    """
    pieces = [piece for phrase in phrases for piece in _fit(phrase, limits) if piece.text]
    pieces.sort(key=lambda piece: piece.words[0].start)
    cues = [
        Cue(piece.words[0].start, piece.words[-1].end, _dress(piece, limits), piece.is_lyrics)
        for piece in pieces
    ]
    return _settle_times(cues, limits)


def break_lines(text: str, limits: ReadingLimits) -> str:
    """Return text on as few lines as fit, two lines broken after punctuation or near the middle.

    Args:
        text: Running text of one cue.
        limits: Line length and number of lines.
    """
    if display_length(text) <= limits.max_line_length:
        return text
    places = [index for index, char in enumerate(text) if char == " "]
    # Scripts without spaces may be broken between any two characters as a viewer sees them.
    places = places or [found.end() for found in regex.finditer(r"\X", text)][:-1]
    options = []
    for place in places:
        first, second = text[:place].rstrip(), text[place:].lstrip()
        lengths = display_length(first), display_length(second)
        excess = sum(max(0, length - limits.max_line_length) for length in lengths)
        ends_well = first.endswith(SENTENCE_END + CLAUSE_END)
        unevenness = abs(lengths[0] - lengths[1]) * (0.5 if ends_well else 1.0)
        options.append((excess, unevenness, first + "\n" + second))
    return min(options)[2] if options and limits.max_lines > 1 else text


def _fit(phrase: Phrase, limits: ReadingLimits) -> list[Phrase]:
    if len(phrase.words) < 2 or _fits(phrase, limits):
        return [phrase]
    index = _best_split(phrase, limits)
    halves = phrase.words[:index], phrase.words[index:]
    return [piece for half in halves for piece in _fit(replace(phrase, words=half), limits)]


def _fits(phrase: Phrase, limits: ReadingLimits) -> bool:
    words = phrase.words
    if words[-1].end - words[0].start > limits.max_duration:
        return False
    pauses = (after.start - before.end for before, after in zip(words, words[1:], strict=False))
    if max(pauses, default=0.0) > limits.max_duration / 2:
        return False
    lines = _dress(phrase, limits).split("\n")
    longest = max(display_length(line) for line in lines)
    return len(lines) <= limits.max_lines and longest <= limits.max_line_length


def _best_split(phrase: Phrase, limits: ReadingLimits) -> int:
    """Return the index of the word that starts the second half."""
    words = phrase.words
    lengths = [len(word.text) + 1 for word in words]
    total = sum(lengths)

    def score(index: int) -> float:
        pause = max(0.0, words[index].start - words[index - 1].end)
        before = words[index - 1].text.strip()
        bonus = SENTENCE_BONUS if ends_sentence(before, words[index].text.strip()) else 0.0
        bonus = CLAUSE_BONUS if before.endswith(CLAUSE_END) else bonus
        off_centre = abs(sum(lengths[:index]) / total - 0.5) * 2
        shortest = min(words[index - 1].end - words[0].start, words[-1].end - words[index].start)
        brief = BRIEF_PENALTY if shortest < limits.min_duration else 0.0
        return PAUSE_WEIGHT * pause + bonus - BALANCE_WEIGHT * off_centre - brief

    return max(range(1, len(words)), key=score)


def _dress(phrase: Phrase, limits: ReadingLimits) -> str:
    text = phrase.text
    if phrase.is_lyrics:
        sung = text.strip(NOTE + " ").rstrip(".")
        text = f"{NOTE}{NOTE_SPACE}{sung}{NOTE_SPACE}{NOTE}" if sung else NOTE
    return break_lines(text, limits).replace(NOTE_SPACE, " ")


def _tokens(text: str) -> list[str]:
    """Return the words with a space in front; without spaces, the characters a viewer sees."""
    tokens: list[str] = []
    for word in text.split():
        first, *others = UNSPACED_TOKEN.findall(word)
        tokens += [" " + first, *others]
    return tokens


def _settle_times(cues: list[Cue], limits: ReadingLimits) -> list[Cue]:
    """Stretch ends to what reading needs, as far as the next cue leaves room."""
    settled: list[Cue] = []
    for index, cue in enumerate(cues):
        start = max(cue.start, settled[-1].end + limits.min_gap) if settled else cue.start
        wanted = max(
            cue.end + LINGER_SECONDS,
            start + limits.min_duration,
            start + len(cue.text.replace("\n", " ")) / limits.reading_speed,
        )
        end = min(wanted, start + limits.max_duration)
        if index + 1 < len(cues):
            end = min(end, cues[index + 1].start - limits.min_gap)
        settled.append(replace(cue, start=start, end=max(end, start + SHORTEST_SECONDS)))
    return settled
