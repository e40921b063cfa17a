#!/usr/bin/env python3
"""
Whisper language: which language is spoken, in a film and in each of its speech regions.

Usage:
    from scripts.whisper.language import detect_language

    language, confidence = detect_language(engine, audio, regions, LanguageRules())
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.engine import DecodeOptions, LanguageRules, WhisperEngine
from shared.core.errors import InputError
from shared.core.languages import language_name, nearest_known
from shared.transcript.languages.whisper_languages import CODE_OF_BCP47, whisper_code
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.speech import chunk_regions

WINDOW = 30.0
ENGLISH = "en"
# One frame of the spectrogram (samples).
SHORTEST_PIECE = 400
# Whisper's code where it differs from BCP-47.
BCP47_OF_ENGINE = {"jw": "jv"}
# A region too short to tell goes with judged speech this close (seconds).
NEAR_SECONDS = 2.0
# Regions this close are judged as one: nobody changes language without drawing breath (seconds).
UTTERANCE_GAP = 0.4
LONGEST_UTTERANCE = 12.0
# Of the speech that is clearly in a language: what is told, and what is most of a film.
LEAST_SHARE, MOST_OF_IT = 0.1, 0.5
# Languages that sound alike: hearing one is no evidence against another.
ALIKE = (
    frozenset({"hi", "ur"}),
    frozenset({"no", "nn", "da", "sv"}),
    frozenset({"id", "ms", "jv", "su"}),
    frozenset({"sr", "hr", "bs", "sl", "mk"}),
    frozenset({"cs", "sk"}),
    frozenset({"es", "gl", "ca", "pt"}),
    frozenset({"ru", "uk", "be"}),
    frozenset({"nl", "af"}),
)


def engine_code(languages: Collection[str], language: str) -> str:
    """Return Whisper's code for a BCP-47 language ("hi-Latn" → "hi").

    Args:
        languages: Codes that the model knows; "en" alone: an English model.
        language: BCP-47.

    Raises:
        InputError: Whisper, or this model, does not know the language.
    """
    code = language.split("-")[0].lower()
    code = CODE_OF_BCP47.get(code, code)
    if not is_multilingual(languages):
        if code not in (ENGLISH, "und"):
            raise InputError(
                f"This Whisper model knows English only, not {language}",
                hint="Set WHISPER_MODEL=base (or another without .en)",
            )
        return ENGLISH
    if code == "und":
        return ENGLISH
    known = code if code in languages else nearest_known(language, languages)
    if known is None:
        raise InputError(f"Whisper does not know the language {language}", hint="Use -s auto")
    return known


def is_multilingual(languages: Collection[str]) -> bool:
    """Whether a model knows other languages than English.

    Args:
        languages: Whisper's codes that the model has tokens for.
    """
    return any(code != ENGLISH for code in languages)


def detect_language(
    engine: WhisperEngine, audio: Any, regions: Sequence[SpeechRegion], rules: LanguageRules
) -> tuple[str, float]:
    """Return the main language of the speech, see HeardLanguages.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks.
        rules: How many stretches to hear.

    Returns:
        BCP-47 language and its share of the probability; ("und", 0.0) without speech.
    """
    return hear_languages(engine, audio, regions, rules).main


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
    sums: dict[str, float] = {}
    sure: dict[str, float] = {}
    for chunk in _spread(chunks, rules.windows):
        speech = min(WINDOW, sum(one.duration for one in chunk))
        probabilities = _probabilities(engine, audio, chunk)
        for language, probability in probabilities.items():
            sums[language] = sums.get(language, 0.0) + probability * speech
        best = max(probabilities, key=lambda one: probabilities[one])
        if speech >= rules.switch_seconds and probabilities[best] >= rules.switch_probability:
            sure[best] = sure.get(best, 0.0) + speech
    return HeardLanguages(sums, sure)


def against_what_was_said(said: str | None, heard: HeardLanguages, multilingual: bool) -> str:
    """Return what a person should know of the languages that are heard, "" where all is well.

    Args:
        said: The language that the film was said to be in, BCP-47; None where it was to be heard.
        heard: From hear_languages.
        multilingual: Whether every region is heard in its own language.
    """
    main = said or heard.main[0]
    code = whisper_code(main) or main
    alike = next((group for group in ALIKE if code in group), frozenset({code}))
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


def language_runs(
    engine: WhisperEngine,
    audio: Any,
    regions: Sequence[SpeechRegion],
    main: str,
    options: DecodeOptions,
) -> list[tuple[str, list[SpeechRegion]]]:
    """Return the regions in runs of one language each, which a recogniser hears one by one.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks, in order.
        main: The main language, BCP-47.
        options: Whether regions may speak another one, and on what evidence.
    """
    spoken = [main] * len(regions)
    if options.multilingual and is_multilingual(engine.languages):
        spoken = languages_of_regions(engine, audio, regions, main, options.language_rules)
    return [
        (language, [region for _, region in run])
        for language, run in groupby(zip(spoken, regions, strict=True), key=lambda pair: pair[0])
    ]


def languages_of_regions(
    engine: WhisperEngine,
    audio: Any,
    regions: Sequence[SpeechRegion],
    main: str,
    rules: LanguageRules,
) -> list[str]:
    """Return the language of each region: the main one unless the evidence for another is strong.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks, in order.
        main: The main language, BCP-47.
        rules: What is strong.

    Returns:
        One BCP-47 language per region.
    """
    judged: list[str | None] = []
    for group in chunk_regions(regions, max_gap=UTTERANCE_GAP, max_length=LONGEST_UTTERANCE):
        language = None
        if sum(region.duration for region in group) >= rules.switch_seconds:
            language = _switch(_probabilities(engine, audio, group), main, rules)
        judged += [language] * len(group)
    return with_neighbours(regions, judged, main)


def with_neighbours(
    regions: Sequence[SpeechRegion], judged: Sequence[str | None], main: str
) -> list[str]:
    """Return a language for every region: one too short to judge goes with the nearest judged one.

    Args:
        regions: Where somebody speaks, in order.
        judged: The language of each region, None where it is too short to tell.
        main: The main language, where no judged region is near.
    """
    known = [(region, one) for region, one in zip(regions, judged, strict=True) if one]

    def gap(region: SpeechRegion, other: SpeechRegion) -> float:
        return max(other.start - region.end, region.start - other.end)

    spoken: list[str] = []
    for region, language in zip(regions, judged, strict=True):
        near = min(known, key=lambda pair: gap(region, pair[0]), default=None)
        if language is None and near is not None and gap(region, near[0]) <= NEAR_SECONDS:
            language = near[1]
        spoken.append(language or main)
    return spoken


def _switch(shares: dict[str, float], main: str, rules: LanguageRules) -> str:
    """Return the language that the probabilities of one region speak for."""
    base = main.split("-")[0]
    best = max(shares, key=lambda one: shares[one])
    family = next((group for group in ALIKE if base in group), frozenset({base}))
    if best in family:
        return main
    expected = sum(shares.get(one, 0.0) for one in family)
    if shares[best] >= rules.switch_probability and shares[best] >= rules.switch_ratio * expected:
        return best
    return main


def _spread(chunks: Sequence[list[SpeechRegion]], count: int) -> Iterator[list[SpeechRegion]]:
    """Yield the chunk with the most speech in each of count equal parts of the list."""
    parts = min(count, len(chunks))
    for part in range(parts):
        low, high = part * len(chunks) // parts, (part + 1) * len(chunks) // parts
        yield max(chunks[low:high], key=lambda one: sum(region.duration for region in one))


def _probabilities(
    engine: WhisperEngine, audio: Any, chunk: Sequence[SpeechRegion]
) -> dict[str, float]:
    """Return the probability of each language (BCP-47) for a chunk's first 30 s."""
    start, end = chunk[0].start, min(chunk[-1].end, chunk[0].start + WINDOW)
    first = int(start * SAMPLE_RATE)
    piece = audio[first : max(int(end * SAMPLE_RATE), first + SHORTEST_PIECE)]
    shares = engine.language_probabilities(piece)
    return {BCP47_OF_ENGINE.get(code, code): share for code, share in shares.items()}
