#!/usr/bin/env python3
"""
Whisper decode: careful hearing of a stretch of speech, again and in halves while it looks wrong.

Usage:
    from scripts.whisper.decode import decode_chunk

    utterances = decode_chunk(engine, audio, chunk, options)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.engine import DecodeOptions, WhisperEngine
from scripts.whisper.language import engine_code
from shared.transcript.recognition.quality import Limits
from shared.transcript.recognition.sentences import Utterance, regroup
from shared.transcript.records.schemas import SpeechRegion

# A chunk shorter than this is not heard again in halves (seconds).
SHORTEST_HALVED = 8.0


@dataclass(frozen=True)
class Chunk:
    """What is decoded at once: its speech regions, their language, what is heard (seconds)."""

    regions: tuple[SpeechRegion, ...]
    language: str
    start: float
    end: float


def with_context(
    groups: Sequence[tuple[Sequence[SpeechRegion], str]],
    lower: float,
    upper: float,
    context: float,
) -> list[Chunk]:
    """Return the groups as chunks that hear some context, none another's speech.

    Args:
        groups: Regions that are heard together, and their language, in order.
        lower: Nothing is heard before this, seconds.
        upper: Nor behind this.
        context: Sound heard on either side, seconds.
    """
    chunks: list[Chunk] = []
    for index, (group, language) in enumerate(groups):
        before = groups[index - 1][0][-1].end if index else lower
        after = groups[index + 1][0][0].start if index + 1 < len(groups) else upper
        first, last = group[0].start, group[-1].end
        chunks.append(
            Chunk(
                regions=tuple(group),
                language=language,
                start=min(first, max(before, first - context)),
                end=max(last, min(after, last + context)),
            )
        )
    return chunks


def decode_chunk(
    engine: WhisperEngine, audio: Any, chunk: Chunk, options: DecodeOptions
) -> list[Utterance]:
    """Return what is said in a chunk, in sentences, with times of the whole audio.

    A chunk whose text looks wrong is heard again in halves, which cures most loops and most text in
    the wrong script; the higher temperatures are for what cannot be halved any more.

    Args:
        engine: A loaded Whisper.
        audio: float32 array, 16 kHz mono, shape (samples,).
        chunk: What to hear.
        options: How to decode.
    """
    return regroup(
        _decode(engine, audio, chunk, options),
        max_pause=options.max_pause,
        max_length=options.max_segment,
        language=chunk.language or "",
    )


def _decode(
    engine: WhisperEngine, audio: Any, chunk: Chunk, options: DecodeOptions
) -> list[Utterance]:
    """Decode a chunk whole or, if that fails, its halves.

    Words to expect help where speech is clear and lead astray where it is not: what looks wrong
    with them is heard again without.
    """
    if options.hotwords:
        utterances = _decode_once(engine, audio, chunk, options, options.temperatures[:1])
        if utterances and not any(looks_wrong(one, options.limits) for one in utterances):
            return utterances
        options = replace(options, hotwords="")
    halves = _halves(chunk, options)
    if len(halves) < 2:
        return _decode_once(engine, audio, chunk, options, options.temperatures)
    utterances = _decode_once(engine, audio, chunk, options, options.temperatures[:1])
    if utterances and not any(looks_wrong(one, options.limits) for one in utterances):
        return utterances
    return [one for half in halves for one in _decode(engine, audio, half, options)]


def _halves(chunk: Chunk, options: DecodeOptions) -> list[Chunk]:
    """Return a chunk in two, cut at the widest pause of its middle; itself if it is too short."""
    regions = chunk.regions
    if len(regions) < 2 or regions[-1].end - regions[0].start < SHORTEST_HALVED:
        return [chunk]
    middle = (regions[0].start + regions[-1].end) / 2
    quarter = (regions[-1].end - regions[0].start) / 4

    def merit(index: int) -> tuple[bool, float]:
        low, high = regions[index - 1].end, regions[index].start
        distance = abs((low + high) / 2 - middle)
        near = distance <= quarter
        return near, high - low if near else -distance

    cut = max(range(1, len(regions)), key=merit)
    groups = [(regions[:cut], chunk.language), (regions[cut:], chunk.language)]
    return with_context(groups, chunk.start, chunk.end, options.context)


def looks_wrong(utterance: Utterance, limits: Limits) -> bool:
    """Tell whether the engine's own figures speak against a text.

    Args:
        utterance: What the engine heard, with its log-probability and compression ratio.
        limits: From which figures on a text is doubted.
    """
    doubtful = utterance.log_probability < math.log(limits.min_confidence)
    return doubtful or utterance.compression > limits.max_compression


def _decode_once(
    engine: WhisperEngine,
    audio: Any,
    chunk: Chunk,
    options: DecodeOptions,
    temperatures: Sequence[float],
) -> list[Utterance]:
    """Return what the engine writes for a chunk, in its own pieces."""
    utterances = engine.decode(
        audio[int(chunk.start * SAMPLE_RATE) : int(chunk.end * SAMPLE_RATE)],
        chunk.start,
        engine_code(engine.languages, chunk.language),
        options,
        temperatures,
    )
    return [one for one in utterances if one.tokens]
