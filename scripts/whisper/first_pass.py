#!/usr/bin/env python3
"""
Whisper first: the first hearing of a film, in full windows, several at once.

What is doubted of it (by its own figures, sentence by sentence) is heard again as carefully as
scripts/whisper/decode.py can; everything else is believed as it is.

Usage:
    from scripts.whisper.first_pass import decode_windows, plan_windows, split_doubted

    windows = plan_windows(engine, audio, regions, "hi", options)
    for window, utterances in zip(windows, decode_windows(engine, audio, windows, options)):
        believed, chunks = split_doubted(window, utterances, options)
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE, quietest_moment
from scripts.whisper.decode import Chunk, looks_wrong, with_context
from scripts.whisper.engine import DecodeOptions, WhisperEngine
from scripts.whisper.language import engine_code, language_runs
from shared.transcript.recognition.quality import loops, plain
from shared.transcript.recognition.sentences import Utterance, regroup
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.edited import no_longer, regions_in_order
from shared.transcript.sound.speech import chunk_regions
from shared.transcript.sound.windows import Window, fill_windows

# The least probability that counts in the mean of a sentence.
LEAST = 1e-4


@dataclass(frozen=True)
class SpokenWindow:
    """A window and the language (BCP-47) that is spoken in it."""

    window: Window
    language: str

    @property
    def start(self) -> float:
        """Where it begins in the film, seconds."""
        return self.window.pieces[0].start

    @property
    def end(self) -> float:
        """Where it ends in the film, seconds."""
        return self.window.pieces[-1].end

    @property
    def seconds(self) -> float:
        """Of speech."""
        return sum(one.duration for one in self.window.regions)

    @property
    def length(self) -> float:
        """Of what is heard, seconds."""
        return sum(one.duration for one in self.window.pieces)


def heard_regions(
    audio: Any, regions: Sequence[SpeechRegion], options: DecodeOptions
) -> list[SpeechRegion]:
    """Return the regions as they are heard: in order, in the sound, none longer than a window.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks, as a person may have edited them.
        options: How much is heard at once.
    """
    return no_longer(
        regions_in_order(regions, len(audio) / SAMPLE_RATE),
        # A wide context leaves little of a short window, but half of it is speech.
        longest=max(options.chunk_length / 2, options.chunk_length - 2 * options.context),
        cut=lambda low, high: quietest_moment(audio, low, high),
    )


def plan_windows(
    engine: WhisperEngine,
    audio: Any,
    regions: Sequence[SpeechRegion],
    language: str,
    options: DecodeOptions,
) -> list[SpokenWindow]:
    """Return what is heard at once, in order; no window holds two languages.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks, in order.
        language: The main language, BCP-47.
        options: How to decode.
    """
    runs = language_runs(engine, audio, regions, language, options)
    planned: list[SpokenWindow] = []
    for index, (one, members) in enumerate(runs):
        windows = fill_windows(
            members,
            length=options.chunk_length,
            longest_pause=options.max_gap,
            margin=options.context,
            lower=runs[index - 1][1][-1].end if index else 0.0,
            duration=(
                runs[index + 1][1][0].start if index + 1 < len(runs) else len(audio) / SAMPLE_RATE
            ),
        )
        planned += [SpokenWindow(window, one) for window in windows]
    return planned


def decode_windows(
    engine: WhisperEngine,
    audio: Any,
    windows: Sequence[SpokenWindow],
    options: DecodeOptions,
) -> Iterator[list[Utterance]]:
    """Yield what is said in each window, in sentences, with times of the whole audio.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        windows: From plan_windows.
        options: How to decode.
    """
    for language, run in groupby(windows, key=lambda one: one.language):
        members = list(run)
        code = engine_code(engine.languages, language)
        pieces = (sound_of(audio, one.window) for one in members)
        for one, decoded in zip(members, engine.decode_batch(pieces, code, options), strict=True):
            yield regroup(
                [
                    sentence
                    for unit in decoded
                    if unit.tokens
                    for sentence in _sentences(_in_film(unit, one.window), options, language or "")
                ],
                max_pause=options.max_pause,
                max_length=options.max_segment,
                language=language or "",
            )


def sound_of(audio: Any, window: Window) -> Any:
    """Return what a window holds of the film's sound, float32, shape (samples,).

    Args:
        audio: The film's sound, float32, shape (samples,), 16 kHz.
        window: Its pieces in seconds of the film.
    """
    import numpy as np

    return np.concatenate(
        [
            audio[int(piece.start * SAMPLE_RATE) : int(piece.end * SAMPLE_RATE)]
            for piece in window.pieces
        ]
    )


def split_doubted(
    spoken: SpokenWindow, utterances: Sequence[Utterance], options: DecodeOptions
) -> tuple[list[Utterance], list[Chunk]]:
    """Return what is believed of a window, and the regions of all else as chunks to hear again.

    A sentence that shares a region with a doubted one is heard again with it. No chunk hears a
    region whose text is believed.

    Args:
        spoken: The window.
        utterances: What was decoded in it.
        options: Where text is doubted.
    """
    regions = spoken.window.regions
    touched = [_touched(one, regions) for one in utterances]
    again: set[int] = set()
    for one, places in zip(utterances, touched, strict=True):
        again |= places if is_doubted(one, options) else set()
    size = -1
    while size != len(again):
        size = len(again)
        again.update(*(places for places in touched if places & again))
    believed = [one for one, places in zip(utterances, touched, strict=True) if not places & again]
    chunks: list[Chunk] = []
    for _, run in groupby(enumerate(sorted(again)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        first, after = numbers[0], numbers[-1] + 1
        groups = chunk_regions(
            regions[first:after], max_gap=options.max_gap, max_length=options.chunk_length
        )
        chunks += with_context(
            [(group, spoken.language) for group in groups],
            regions[first - 1].end if first else spoken.start,
            regions[after].start if after < len(regions) else spoken.end,
            options.context,
        )
    return believed, chunks


def is_doubted(utterance: Utterance, options: DecodeOptions) -> bool:
    """Tell whether a sentence's own figures ask for a second pass.

    Args:
        utterance: A sentence of the first pass.
        options: Its limits: no-speech probability, confidence, compression.
    """
    unsure = utterance.no_speech > options.limits.max_no_speech
    return unsure or looks_wrong(utterance, options.limits) or loops(plain(utterance.text))


def _touched(utterance: Utterance, regions: Sequence[SpeechRegion]) -> set[int]:
    """Return the regions that a sentence is heard in, by number; the nearest if in none."""
    start, end = utterance.start, max(utterance.end, utterance.start)
    found = {n for n, one in enumerate(regions) if one.start < end and one.end > start}
    if found:
        return found
    middle = (start + end) / 2
    nearest = min(
        range(len(regions)),
        key=lambda n: max(regions[n].start - middle, middle - regions[n].end, 0.0),
    )
    return {nearest}


def _in_film(unit: Utterance, window: Window) -> Utterance:
    """Return an utterance with the film's times."""
    tokens = tuple(
        replace(
            token,
            start=None if token.start is None else window.film_time(token.start),
            end=None if token.end is None else window.film_time(token.end),
        )
        for token in unit.tokens
    )
    return replace(unit, tokens=tokens)


def _sentences(unit: Utterance, options: DecodeOptions, language: str) -> Iterator[Utterance]:
    """Yield a window's sentences with figures of their own: the engine gives the window's only."""
    parts = regroup([unit], max_pause=options.max_pause, max_length=0.0, language=language)
    for part in parts:
        known = [
            math.log(max(LEAST, t.confidence)) for t in part.tokens if t.confidence is not None
        ]
        raw = part.text.encode("utf-8")
        yield replace(
            part,
            log_probability=sum(known) / len(known) if known else part.log_probability,
            compression=len(raw) / len(zlib.compress(raw)) if raw else 0.0,
        )
