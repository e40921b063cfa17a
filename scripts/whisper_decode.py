#!/usr/bin/env python3
"""
Whisper decode: from speech regions to utterances with timed tokens, chunk by chunk.

Usage:
    from scripts.whisper_decode import decode_chunk, plan_chunks

    for chunk in plan_chunks(engine, audio, regions, "hi", options):
        utterances = decode_chunk(engine, audio, chunk, options)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from scripts.audio_frames import SAMPLE_RATE
from scripts.whisper_language import LanguageRules, engine_code, languages_of_regions
from shared.transcript.quality import Limits
from shared.transcript.schemas import SpeechRegion
from shared.transcript.sentences import Utterance, regroup
from shared.transcript.speech import chunk_regions
from shared.transcript.words import TimedToken


@dataclass(frozen=True)
class DecodeOptions:
    """How speech becomes text; lengths and pauses in seconds.

    `language` None: detected. `multilingual`: every region may speak another language.
    `temperatures`: tried in turn while the text looks wrong. `chunk_length`: what Whisper hears at
    once; `max_gap`: a longer silence separates chunks; `context`: what a chunk gains on both sides.
    `max_pause`: a longer silence ends a segment. `word_pause`: no word crosses a longer stretch
    without speech. `max_segment`: the engine's
    pieces are joined to sentences up to this length. `carry_context`: within a chunk, the text so
    far guides what follows.
    """

    language: str | None
    multilingual: bool
    beam_size: int
    temperatures: tuple[float, ...]
    chunk_length: float
    max_gap: float
    context: float
    max_pause: float
    max_segment: float
    word_pause: float = 0.1
    carry_context: bool = True
    hotwords: str = ""
    initial_prompt: str = ""
    limits: Limits = field(default_factory=Limits)
    language_rules: LanguageRules = field(default_factory=LanguageRules)


@dataclass(frozen=True)
class Chunk:
    """What is decoded at once: start and end in seconds, the language, where its speech ends."""

    start: float
    end: float
    language: str
    speech_end: float


def plan_chunks(
    engine: Any,
    audio: Any,
    regions: Sequence[SpeechRegion],
    language: str,
    options: DecodeOptions,
) -> Iterator[Chunk]:
    """Yield the chunks to decode, in order; none hears another's speech.

    Args:
        engine: A faster_whisper.WhisperModel.
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks, in order.
        language: The main language, BCP-47.
        options: How to decode.
    """
    spoken = [language] * len(regions)
    if options.multilingual and engine.model.is_multilingual:
        spoken = languages_of_regions(engine, audio, regions, language, options.language_rules)
    groups: list[tuple[list[SpeechRegion], str]] = []
    for one, run in groupby(zip(regions, spoken, strict=True), key=lambda pair: pair[1]):
        members = [region for region, _ in run]
        for group in chunk_regions(
            members, max_gap=options.max_gap, max_length=options.chunk_length
        ):
            groups.append((group, one))
    duration = len(audio) / SAMPLE_RATE
    for index, (group, one) in enumerate(groups):
        before = groups[index - 1][0][-1].end if index else 0.0
        after = groups[index + 1][0][0].start if index + 1 < len(groups) else duration
        first, last = group[0].start, group[-1].end
        yield Chunk(
            start=min(first, max(before, first - options.context)),
            end=max(last, min(after, last + options.context)),
            language=one,
            speech_end=last,
        )


def decode_chunk(engine: Any, audio: Any, chunk: Chunk, options: DecodeOptions) -> list[Utterance]:
    """Return what is said in a chunk, in sentences, with times of the whole audio.

    Args:
        engine: A faster_whisper.WhisperModel.
        audio: float32 array, 16 kHz mono, shape (samples,).
        chunk: From plan_chunks.
        options: How to decode.
    """
    found, _ = engine.transcribe(
        audio[int(chunk.start * SAMPLE_RATE) : int(chunk.end * SAMPLE_RATE)],
        language=engine_code(engine, chunk.language),
        beam_size=options.beam_size,
        temperature=list(options.temperatures),
        compression_ratio_threshold=options.limits.max_compression,
        log_prob_threshold=math.log(options.limits.min_confidence),
        no_speech_threshold=options.limits.max_no_speech,
        condition_on_previous_text=options.carry_context,
        initial_prompt=options.initial_prompt or None,
        hotwords=options.hotwords or None,
        vad_filter=False,
        word_timestamps=True,
    )
    heard = [_utterance(one, chunk.start) for one in found if one.words]
    return regroup(
        [one for one in heard if one.tokens],
        max_pause=options.max_pause,
        max_length=options.max_segment,
    )


def _utterance(found: Any, offset: float) -> Utterance:
    """Return an engine's segment as an utterance in the time of the whole audio."""
    tokens = tuple(
        TimedToken(
            text=word.word.strip(),
            start=offset + max(0.0, float(word.start)),
            end=offset + max(0.0, float(word.start), float(word.end)),
            confidence=min(1.0, max(0.0, float(word.probability))),
            spaced=word.word[:1].isspace(),
        )
        for word in found.words
        if word.word.strip()
    )
    return Utterance(
        tokens=tokens,
        log_probability=float(found.avg_logprob),
        no_speech=float(found.no_speech_prob),
        compression=float(found.compression_ratio),
        temperature=float(found.temperature or 0.0),
    )
