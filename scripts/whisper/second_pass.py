#!/usr/bin/env python3
"""
Whisper again: speech that has no text, or none that is believed, is heard a second time.

Each such stretch is decoded twice more, without context, prompt or hotwords: once with sound on
either side, several stretches at once, then cut close and at a higher temperature. What is written
for music and noise changes with the window, what somebody says does not: text is taken only if both
hearings agree and nothing else speaks against it.

Usage:
    from scripts.whisper.second_pass import run_second_pass

    run_second_pass(engine, audio, windows, builder, options, lambda share: None)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.decode import Chunk, decode_chunk, looks_wrong
from scripts.whisper.engine import DecodeOptions, WhisperEngine
from scripts.whisper.first_pass import SpokenWindow, decode_windows
from shared.glossary.sounds import skeleton
from shared.transcript.languages.alphabets import script_name
from shared.transcript.recognition.quality import plain
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.recognition.transcribed import TranscriptBuilder
from shared.transcript.records.schemas import SpeechRegion, TimeSpan
from shared.transcript.sound.windows import Window

# Sound heard on either side, never of speech that has text (seconds): widely, closely.
WIDE, CLOSE = 1.5, 0.1
# What hearing widely takes of the work, about.
WIDE_SHARE = 0.7
# Share of letters that two hearings of the same words have in common.
SAME = 0.6
# And of consonants, of which fewer are different.
SAME_SOUNDS = 0.7


def run_second_pass(
    engine: WhisperEngine,
    audio: Any,
    windows: Sequence[SpokenWindow | Chunk],
    builder: TranscriptBuilder,
    options: DecodeOptions,
    progress: Callable[[float], None],
) -> int:
    """Hear the speech without believed text again and add what is found to the transcript.

    Args:
        engine: As decode_chunk takes it.
        audio: float32 array, 16 kHz mono, shape (samples,).
        windows: What was heard at first, for its languages.
        builder: The transcript so far.
        options: How it was heard at first.
        progress: Called with the share done, 0 to 1.

    Returns:
        How many stretches were heard again.
    """
    first, *others = options.temperatures
    plainly = replace(
        options, temperatures=(first,), carry_context=False, hotwords="", initial_prompt=""
    )
    warmer = replace(plainly, temperatures=(others[0] if others else first,))
    spans = builder.worth_second_pass()
    chunks = [_chunk(span, WIDE, _language_at(span, windows), audio, builder) for span in spans]
    widely = _hear_widely(
        engine, audio, chunks, plainly, lambda share: progress(WIDE_SHARE * share)
    )
    for number, (span, chunk, wide) in enumerate(zip(spans, chunks, widely, strict=True)):
        progress(WIDE_SHARE + (1 - WIDE_SHARE) * number / len(spans))
        if not wide:
            continue
        if all(looks_wrong(one, options.limits) for one in wide):
            # Its own figures put it into quarantine, whatever another hearing has.
            builder.add_again(wide, chunk.language, span)
            continue
        again = _chunk(span, CLOSE, chunk.language, audio, builder)
        close = _within(decode_chunk(engine, audio, again, warmer), again)
        builder.add_again(wide, chunk.language, span, _doubts(wide, close, span, builder))
    return len(spans)


def _hear_widely(
    engine: WhisperEngine,
    audio: Any,
    chunks: Sequence[Chunk],
    options: DecodeOptions,
    progress: Callable[[float], None],
) -> list[list[Utterance]]:
    """Return what is heard in each chunk; those of one length are decoded together.

    All that is decoded at once costs what the longest of it does.
    """
    order = sorted(range(len(chunks)), key=lambda number: chunks[number].end - chunks[number].start)
    windows = [
        SpokenWindow(
            Window(chunk.regions, (TimeSpan(start=chunk.start, end=chunk.end),)), chunk.language
        )
        for chunk in (chunks[number] for number in order)
    ]
    heard: dict[int, list[Utterance]] = {}
    for number, found in zip(order, decode_windows(engine, audio, windows, options), strict=True):
        heard[number] = _within(found, chunks[number])
        progress(len(heard) / len(chunks))
    return [heard[number] for number in range(len(chunks))]


def _language_at(span: TimeSpan, windows: Sequence[SpokenWindow | Chunk]) -> str:
    """Return the language of the window that a span lies in."""
    middle = (span.start + span.end) / 2
    nearest = min(windows, key=lambda one: max(one.start - middle, middle - one.end, 0.0))
    return nearest.language


def _chunk(
    span: TimeSpan, context: float, language: str, audio: Any, builder: TranscriptBuilder
) -> Chunk:
    """Return a span as a chunk with sound around it that has no text yet."""
    before, after = builder.neighbours(span)
    lower = before.end if before else 0.0
    upper = after.start if after else len(audio) / SAMPLE_RATE
    region = SpeechRegion(start=span.start, end=span.end, score=1.0)
    return Chunk(
        regions=(region,),
        language=language,
        start=min(span.start, max(lower, span.start - context)),
        end=max(span.end, min(upper, span.end + context)),
    )


def _within(utterances: Sequence[Utterance], chunk: Chunk) -> list[Utterance]:
    """Return what is heard of which most lies in the chunk's speech."""
    (region,) = chunk.regions
    return [one for one in utterances if region.start <= (one.start + one.end) / 2 <= region.end]


def _doubts(
    wide: Sequence[Utterance],
    close: Sequence[Utterance],
    span: TimeSpan,
    builder: TranscriptBuilder,
) -> list[str]:
    """Return what speaks against a second hearing: another one, or that a neighbour says it."""
    text, other = _text(wide), _text(close)
    doubts: list[str] = []
    if not _is_same(text, other):
        doubts.append(f"another hearing has {other!r}" if other else "another hearing has nothing")
    before, after = builder.neighbours(span)
    if before and plain(before.text).endswith(text):
        doubts.append("the line before it ends so")
    if after and plain(after.text).startswith(text):
        doubts.append("the line after it begins so")
    return doubts


def _is_same(one: str, other: str) -> bool:
    """Return whether two hearings have the same words, by their sounds where scripts differ."""
    pairs: list[tuple[str, str, float]] = [(one, other, SAME)]
    if one and other and script_name(one[0]) != script_name(other[0]):
        sounds = [" ".join(map(skeleton, text.split())) for text in (one, other)]
        pairs.append((sounds[0], sounds[1], SAME_SOUNDS))
    return any(
        SequenceMatcher(None, left, right, autojunk=False).ratio() >= least
        for left, right, least in pairs
    )


def _text(utterances: Sequence[Utterance]) -> str:
    return plain(" ".join(one.text for one in utterances))
