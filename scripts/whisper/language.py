#!/usr/bin/env python3
"""
Whisper language: what Whisper calls a language, and which is spoken in each speech region.

Usage:
    from scripts.whisper.language import engine_code, language_runs

    engine_code(engine.languages, "hi-Latn")      # 'hi'
    language_runs(engine, audio, regions, "hi", options)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.engine import DecodeOptions, LanguageRules, WhisperEngine
from shared.core.errors import InputError
from shared.core.languages import nearest_known
from shared.transcript.languages.whisper_languages import CODE_OF_BCP47
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
            language = _switch(language_probabilities(engine, audio, group), main, rules)
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
    family = sounds_like(base)
    if best in family:
        return main
    expected = sum(shares.get(one, 0.0) for one in family)
    if shares[best] >= rules.switch_probability and shares[best] >= rules.switch_ratio * expected:
        return best
    return main


def sounds_like(code: str) -> frozenset[str]:
    """Return a language with those that sound like it.

    Args:
        code: Whisper's code or BCP-47.
    """
    return next((group for group in ALIKE if code in group), frozenset({code}))


def language_probabilities(
    engine: WhisperEngine, audio: Any, chunk: Sequence[SpeechRegion]
) -> dict[str, float]:
    """Return the probability of each language (BCP-47) for a chunk's first 30 s.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        chunk: Regions of speech that are heard together, in order.
    """
    start, end = chunk[0].start, min(chunk[-1].end, chunk[0].start + WINDOW)
    first = int(start * SAMPLE_RATE)
    piece = audio[first : max(int(end * SAMPLE_RATE), first + SHORTEST_PIECE)]
    return in_bcp47(engine.language_probabilities(piece))


def in_bcp47(shares: Mapping[str, float]) -> dict[str, float]:
    """Return shares by BCP-47 language.

    Args:
        shares: By Whisper's codes.
    """
    return {BCP47_OF_ENGINE.get(code, code): share for code, share in shares.items()}
