#!/usr/bin/env python3
"""
Sentences: regroup what a recogniser wrote into units that can be translated and shown.

Whisper ends a segment where its window or its breath ends ("…prudently in his power | to do for
them."). A unit here ends with a sentence, at a pause, or, when the engine writes no full stops, at
the engine's own boundaries.

Usage:
    from shared.transcript.recognition.sentences import Utterance, regroup

    utterances = regroup(utterances, max_pause=1.0, max_length=15.0)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.transcript.languages.sentence_points import is_inner_point
from shared.transcript.recognition.words import TimedToken, running_text

SENTENCE_ENDS = ".?!…。！？।॥؟۔"
CLOSERS = "\"'”’»)]}」』"
CONTINUERS = ",;:،、，；：-–—…"
# At a boundary the engine drew itself, a breath this long (seconds) ends the unit: where the text
# says that the sentence goes on (a comma before, a small letter after), and where it says nothing.
BREATH_IN_SENTENCE = 0.8
BREATH = 0.25


@dataclass(frozen=True)
class Utterance:
    """Tokens that belong together, with the engine's figures on them.

    `log_probability` is the mean per token (natural logarithm), `no_speech` a probability,
    `compression` the ratio of the text's size to its compressed size.
    """

    tokens: tuple[TimedToken, ...]
    log_probability: float
    no_speech: float
    compression: float
    temperature: float = 0.0

    @property
    def text(self) -> str:
        """The running text."""
        return running_text(self.tokens)

    @property
    def start(self) -> float:
        """Start of the first timed token, seconds."""
        return next((one.start for one in self.tokens if one.start is not None), 0.0)

    @property
    def end(self) -> float:
        """End of the last timed token, seconds."""
        return next((one.end for one in reversed(self.tokens) if one.end is not None), self.start)


def regroup(
    utterances: Sequence[Utterance], *, max_pause: float, max_length: float, language: str = ""
) -> list[Utterance]:
    """Return the same tokens in units that end with a sentence or a pause.

    Args:
        utterances: What the engine wrote, in order, with timed tokens.
        max_pause: A longer pause always ends a unit, seconds.
        max_length: Units of the engine are joined only up to this length, seconds.
        language: BCP-47, by which sentences end; '' = not known.

    Returns:
        Units in order; their figures are means over their tokens (the no-speech probability and
        the compression ratio: the largest).
    """
    units: list[Utterance] = []
    for piece in _pieces(utterances, max_pause, language):
        if units and _continues(units[-1], piece, max_pause, max_length, language):
            units[-1] = _join(units[-1], piece)
        else:
            units.append(piece)
    return units


def ends_sentence(token: str, following: str, language: str = "", before: str = "") -> bool:
    """Tell whether a sentence ends between two tokens.

    Args:
        token: A token with its punctuation, for example "them.".
        following: The token after it, "" if there is none.
        language: BCP-47, '' = not known.
        before: The token in front of it, "" if there is none.
    """
    bare = token.rstrip(CLOSERS)
    if not bare or bare[-1] not in SENTENCE_ENDS:
        return False
    if bare[-1] != ".":
        return True
    is_one = not bare.endswith("..")
    if is_one and is_inner_point(
        bare, following.strip(), language.partition("-")[0], before.strip()
    ):
        return False
    return not following[:1].islower()


def _pieces(
    utterances: Sequence[Utterance], max_pause: float, language: str
) -> Iterator[Utterance]:
    """Split each of the engine's units at sentence ends and long pauses."""
    for unit in utterances:
        first = 0
        for index in range(1, len(unit.tokens) + 1):
            if index < len(unit.tokens):
                before, after = unit.tokens[index - 1], unit.tokens[index]
                earlier = unit.tokens[index - 2].text if index > 1 else ""
                ends = ends_sentence(before.text, after.text, language, earlier)
                if not (ends or _gap(before, after) > max_pause):
                    continue
            yield _part(unit, first, index)
            first = index


def _part(unit: Utterance, first: int, last: int) -> Utterance:
    """Return tokens first to last (exclusive) of a unit as a unit."""
    return Utterance(
        tokens=unit.tokens[first:last],
        log_probability=unit.log_probability,
        no_speech=unit.no_speech,
        compression=unit.compression,
        temperature=unit.temperature,
    )


def _gap(before: TimedToken, after: TimedToken) -> float:
    """Return the seconds between two tokens, 0 if either has no time."""
    if before.end is None or after.start is None:
        return 0.0
    return after.start - before.end


def _continues(
    unit: Utterance, piece: Utterance, max_pause: float, max_length: float, language: str
) -> bool:
    """Tell whether a piece goes on with the sentence of the unit before it."""
    before, after = unit.tokens[-1], piece.tokens[0]
    earlier = unit.tokens[-2].text if len(unit.tokens) > 1 else ""
    if ends_sentence(before.text, after.text, language, earlier):
        return False
    said_so = before.text[-1] in CONTINUERS or after.text[0].islower()
    gap, length = _gap(before, after), piece.end - unit.start
    if said_so:
        return gap <= min(BREATH_IN_SENTENCE, max_pause) and length <= max_length
    return gap <= min(BREATH, max_pause) and length <= max_length / 2


def _join(first: Utterance, second: Utterance) -> Utterance:
    """Return both as one unit."""
    ours, theirs = len(first.tokens), len(second.tokens)
    mean = (first.log_probability * ours + second.log_probability * theirs) / (ours + theirs)
    return Utterance(
        tokens=first.tokens + second.tokens,
        log_probability=mean,
        no_speech=max(first.no_speech, second.no_speech),
        compression=max(first.compression, second.compression),
        temperature=max(first.temperature, second.temperature),
    )
