#!/usr/bin/env python3
"""
Turns: who speaks next, where a text itself says so by a dash ("- Who is it? - The doctor.").

Recognisers and translators that learnt from subtitles write dialogue like this. A dash at the
beginning of a sentence is taken out and starts a phrase of another speaker; shaping writes the
hyphens of two speakers who share a cue.

Usage:
    from shared.subtitles.shaping.turns import split_turns

    phrases = split_turns(phrases)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from shared.subtitles.base.phrase import Phrase
from shared.transcript.recognition.sentences import ends_sentence
from shared.transcript.records.schemas import Word

# Before a number it is a minus sign.
SPOKEN_DASH = regex.compile(r"\s*[-‐‑–—―](?:\s*$|\s*(?=[^\s\-‐‑–—―\d]))")
# Nobody's names: all that is known is that they are not the same.
NAMELESS = ("-", "--")


def split_turns(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return phrases of one speaker each, without the dashes that told them apart.

    Args:
        phrases: In order; songs stay as they are.
    """
    split: list[Phrase] = []
    turn = 0
    for phrase in phrases:
        if phrase.is_lyrics:
            split.append(phrase)
            continue
        begins = [place for place, _ in enumerate(phrase.words) if _is_turn(phrase.words, place)]
        for first, last in pairwise(sorted({0, *begins, len(phrase.words)})):
            words, speaker = phrase.words[first:last], phrase.speaker
            if first in begins:
                turn += 1
                words = tuple(_without_dash(words))
                # One name for several voices is no name of the later ones.
                speaker = NAMELESS[turn % 2] if speaker is None or first else speaker
            if words:
                split.append(replace(phrase, words=words, speaker=speaker))
    return split


def _is_turn(words: Sequence[Word], place: int) -> bool:
    """Return whether a word begins with a dash, and a sentence with it."""
    begins = place == 0 or ends_sentence(words[place - 1].text.strip(), "")
    dash = SPOKEN_DASH.match(words[place].text) if begins else None
    if dash is None or dash.end() < len(words[place].text):
        return dash is not None
    return place + 1 < len(words)  # alone it stands for nobody


def _without_dash(words: Sequence[Word]) -> Iterator[Word]:
    """Yield the words of a turn; the first is written apart from what is before it."""
    text = SPOKEN_DASH.sub("", words[0].text, count=1)
    if text.strip():
        yield words[0].model_copy(update={"text": f" {text}"})
    yield from words[1:]
