#!/usr/bin/env python3
"""
Heard languages: which languages are spoken in a film, and what speaks against what was said of it.

What recognition encodes first is asked first, for it costs nothing more: where all of it is clearly
in one language, and so is what else is heard of a longer film, there is no more to be found.

Usage:
    from scripts.whisper.heard_languages import hear_ahead, hear_languages

    heard = hear_ahead(engine, audio, windows, "en", rules)
    heard = heard or hear_languages(engine, audio, regions, rules)
    language, share = heard.main
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scripts.whisper.engine import LanguageRules, WhisperEngine
from scripts.whisper.first_pass import SpokenWindow, sound_of
from scripts.whisper.language import (
    ENGLISH,
    WINDOW,
    in_bcp47,
    is_multilingual,
    language_probabilities,
    sounds_like,
)
from shared.core.languages import language_name
from shared.transcript.languages.whisper_languages import whisper_code
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.speech import chunk_regions

# Of the speech that is clearly in a language: what is told, and what is most of a film.
LEAST_SHARE, MOST_OF_IT = 0.1, 0.5
# Thirty seconds of one language hold so little of any other; twelve and twelve of two hold more.
SECOND_LANGUAGE = 0.03
SHORTEST_HALF = 3.0  # seconds of speech
# With most of its padding left out, what is shorter is heard in another language than with all of
# it: of 3 and 5 s one in fourteen, from 7 s on none (Whisper base, five languages).
SHORTEST_AHEAD = 10.0


@dataclass(frozen=True)
class HeardLanguages:
    """Which languages some stretches of speech, spread over the whole film, are in.

    Attributes:
        sums: Probabilities by language (BCP-47), each stretch weighted by its seconds of speech, so
            that an opening song does not decide alone.
        sure: Seconds of speech by the language that one stretch was clearly in.
    """

    sums: Mapping[str, float]
    sure: Mapping[str, float]

    @property
    def main(self) -> tuple[str, float]:
        """The language that is spoken most, and its share of the probability."""
        if not self.sums:
            return "und", 0.0
        best = max(self.sums, key=lambda one: self.sums[one])
        return best, min(1.0, self.sums[best] / sum(self.sums.values()))

    @property
    def shares(self) -> dict[str, float]:
        """The languages of the stretches that were clearly in one, each with its share of them."""
        total = sum(self.sure.values())
        return {one: self.sure[one] / total for one in sorted(self.sure, key=self.sure.__getitem__)}


def hear_ahead(
    engine: WhisperEngine,
    audio: Any,
    windows: Sequence[SpokenWindow],
    said: str | None,
    rules: LanguageRules,
) -> HeardLanguages | None:
    """Hear which language recognition's own windows are in, if they are clearly in one.

    Args:
        engine: A loaded Whisper, which hears the windows next.
        audio: float32 array, 16 kHz mono, shape (samples,).
        windows: All that will be heard, in order.
        said: The language that the film was said to be in, BCP-47; None: any.
        rules: How many stretches to hear, and when one is clearly in a language.

    Returns:
        What hear_languages does; None where only closer hearing tells.
    """
    if not windows or not is_multilingual(engine.languages):
        return None
    ahead = engine.hear_ahead(sound_of(audio, one.window) for one in windows)
    if not ahead:
        return None
    told = dict(enumerate(map(in_bcp47, ahead)))
    asked = {*told, *_spread([one.seconds for one in windows], rules.windows)}
    least = LEAST_SHARE * max(windows[place].seconds for place in asked)  # seconds
    heard: list[tuple[float, dict[str, float]]] = []
    for place in sorted(place for place in asked if windows[place].seconds >= least):
        shares = told.get(place)
        if shares is None or windows[place].length < SHORTEST_AHEAD:
            shares = in_bcp47(engine.language_probabilities(sound_of(audio, windows[place].window)))
        heard.append((windows[place].seconds, shares))
    found = _weighed(heard, rules)
    family = sounds_like(whisper_code(said) or said if said else found.main[0])
    others = [shares[one] for _, shares in heard for one in shares if one not in family]
    return found if heard and max(others, default=0.0) < SECOND_LANGUAGE else None


def hear_languages(
    engine: WhisperEngine, audio: Any, regions: Sequence[SpeechRegion], rules: LanguageRules
) -> HeardLanguages:
    """Hear which languages are spoken.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks.
        rules: How many stretches to hear, and from which probability on one is clearly in a
            language.

    Returns:
        How likely each language is over all stretches, and what single stretches were clearly in.
    """
    if regions and not is_multilingual(engine.languages):
        return HeardLanguages({ENGLISH: 1.0}, {})
    chunks = chunk_regions(regions, max_gap=2.0, max_length=WINDOW)
    places = _spread([_seconds(chunk) for chunk in chunks], rules.windows)
    heard = [
        (min(WINDOW, _seconds(part)), probabilities)
        for place in places
        for part, probabilities in _heard(engine, audio, chunks[place])
    ]
    return _weighed(heard, rules)


def against_what_was_said(said: str | None, heard: HeardLanguages, multilingual: bool) -> str:
    """Return what a person should know of the languages that are heard, "" where all is well.

    Args:
        said: The language that the film was said to be in, BCP-47; None where it was to be heard.
        heard: From hear_languages.
        multilingual: Whether every region is heard in its own language.
    """
    main = said or heard.main[0]
    alike = sounds_like(whisper_code(main) or main)
    others = {
        one: share
        for one, share in heard.shares.items()
        if one not in alike and share >= LEAST_SHARE
    }
    if not others:
        return ""
    told = ", ".join(f"{language_name(one)} ({share:.0%})" for one, share in others.items())
    most = max(others, key=lambda one: others[one])
    if said and others[most] > MOST_OF_IT:
        return (
            f"-s {said} was said, but the speech sounds like {told}: "
            f"prepare the film anew with -s {most} or -s auto, or with another --audio-track or "
            "AUDIO_CHANNELS"
        )
    if multilingual:
        return ""
    return (
        f"Beside {language_name(main)} the film sounds like {told}, which is heard as "
        f"{language_name(main)}: --set ASR_MULTILINGUAL=true hears each part in its language"
    )


def _spread(speech: Sequence[float], count: int) -> list[int]:
    """Return where the most speech is in each of count equal parts of a list of seconds."""
    parts = min(count, len(speech))
    edges = [part * len(speech) // parts for part in range(parts + 1)] if parts else []
    return [max(range(low, high), key=lambda place: speech[place]) for low, high in pairwise(edges)]


def _weighed(
    heard: Sequence[tuple[float, Mapping[str, float]]], rules: LanguageRules
) -> HeardLanguages:
    """Return what some stretches say together: seconds of speech and probabilities of each."""
    sums: dict[str, float] = {}
    sure: dict[str, float] = {}
    for speech, probabilities in heard:
        for language, probability in probabilities.items():
            sums[language] = sums.get(language, 0.0) + probability * speech
        best = max(probabilities, key=lambda one: probabilities[one])
        if speech >= rules.switch_seconds and probabilities[best] >= rules.switch_probability:
            sure[best] = sure.get(best, 0.0) + speech
    return HeardLanguages(sums, sure)


def _heard(
    engine: WhisperEngine, audio: Any, chunk: list[SpeechRegion], closer: int = 2
) -> Iterator[tuple[list[SpeechRegion], dict[str, float]]]:
    """Yield the probabilities of a chunk, or of its parts where it sounds like two languages.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        chunk: The speech that is heard at once.
        closer: So many times what sounds like two is heard in halves.
    """
    probabilities = language_probabilities(engine, audio, chunk)
    family = sounds_like(max(probabilities, key=lambda one: probabilities[one]))
    other = max((p for one, p in probabilities.items() if one not in family), default=0.0)
    halves = _halves(chunk) if closer and other >= SECOND_LANGUAGE else []
    if min(map(_seconds, halves), default=0.0) < SHORTEST_HALF:
        yield chunk, probabilities
        return
    for half in halves:
        yield from _heard(engine, audio, half, closer - 1)


def _halves(chunk: list[SpeechRegion]) -> list[list[SpeechRegion]]:
    """Return a chunk in two parts with about as much speech, an empty list if it is one region."""
    cuts = ((chunk[:place], chunk[place:]) for place in range(1, len(chunk)))
    return list(min(cuts, key=lambda two: abs(_seconds(two[0]) - _seconds(two[1])), default=()))


def _seconds(regions: Sequence[SpeechRegion]) -> float:
    return sum(one.duration for one in regions)
