#!/usr/bin/env python3
"""
Whisper attention: times for the words of a given text, from Whisper's cross-attention.

Neighbouring segments are heard together (up to 30 s), so that the aligner knows what comes before
and after; every word stays within its segment plus some context, and never enters a neighbour.

Usage:
    from scripts.whisper.attention import align_by_attention

    aligned = align_by_attention(
        engine, audio, segments, regions=regions, context=0.3, max_pause=1.0, progress=show
    )
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.language import engine_code
from shared.transcript.recognition.words import (
    MAX_STRETCH,
    TimedToken,
    close_ends,
    place_words,
    tokens_of_text,
)
from shared.transcript.records.schemas import Segment, SpeechRegion

WINDOW = 29.0
# Whisper's decoder takes 448 tokens; the rest is for its prompt.
MOST_TOKENS = 400
MAX_GAP = 2.0
PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、।॥"


def align_by_attention(
    engine: Any,
    audio: Any,
    segments: Sequence[Segment],
    *,
    regions: Sequence[SpeechRegion],
    context: float,
    max_pause: float,
    progress: Callable[[float], None],
) -> list[Segment]:
    """Return the segments with new words, every token of the text timed.

    Args:
        engine: A faster_whisper.WhisperModel.
        audio: float32 array, 16 kHz mono, shape (samples,).
        segments: In order; text and id stay as they are.
        regions: Where somebody speaks.
        context: How far words may leave the segment's old times, seconds.
        max_pause: No word crosses a longer stretch without speech, seconds.
        progress: Called with the share done, 0 to 1.

    Returns:
        As many segments, whose start and end are those of their words.
    """
    duration = len(audio) / SAMPLE_RATE
    aligned: list[Segment] = []
    for group in _groups(engine, segments):
        start = max(0.0, group[0].start - context)
        end = min(duration, group[-1].end + context)
        piece = audio[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        timed = _align_group(engine, piece, start, group)
        for segment, tokens in zip(group, timed, strict=True):
            following = segments[len(aligned) + 1] if len(aligned) + 1 < len(segments) else None
            upper = min(duration, segment.end + context)
            upper = min(upper, following.start) if following else upper
            lower = max(aligned[-1].end if aligned else 0.0, segment.start - context)
            lower = min(lower, segment.end)
            aligned.append(
                _with_words(
                    segment, tokens, lower, max(upper, lower, segment.end), regions, max_pause
                )
            )
        progress(len(aligned) / len(segments))
    return close_ends(aligned, regions, max_stretch=MAX_STRETCH)


def _with_words(
    segment: Segment,
    tokens: Sequence[TimedToken],
    lower: float,
    upper: float,
    regions: Sequence[SpeechRegion],
    max_pause: float,
) -> Segment:
    """Return the segment with its tokens placed between lower and upper."""
    words = place_words(tokens, start=lower, end=upper, regions=regions, max_pause=max_pause)
    if not words:
        return segment
    return segment.model_copy(
        update={"start": words[0].start, "end": words[-1].end, "words": words}
    )


def _groups(engine: Any, segments: Sequence[Segment]) -> list[list[Segment]]:
    """Group neighbouring segments of one language that fit into one window."""
    groups: list[list[Segment]] = []
    tokens = 0
    for segment in segments:
        count = len(engine.hf_tokenizer.encode(segment.text, add_special_tokens=False).ids)
        group = groups[-1] if groups else []
        fits = (
            bool(group)
            and segment.end - group[0].start <= WINDOW
            and segment.start - group[-1].end <= MAX_GAP
            and segment.language == group[-1].language
            and tokens + count <= MOST_TOKENS
        )
        if fits:
            group.append(segment)
            tokens += count
        else:
            groups.append([segment])
            tokens = count
    return groups


def _align_group(
    engine: Any, piece: Any, offset: float, group: Sequence[Segment]
) -> list[list[TimedToken]]:
    """Return the timed tokens of each segment; without times where the aligner cannot help."""
    from faster_whisper.audio import pad_or_trim
    from faster_whisper.tokenizer import Tokenizer
    from faster_whisper.transcribe import merge_punctuations

    untimed = [tokens_of_text(segment.text) for segment in group]
    tokenizer = Tokenizer(
        engine.hf_tokenizer,
        engine.model.is_multilingual,
        task="transcribe",
        language=engine_code(engine.supported_languages, group[0].language),
    )
    encoded = [tokenizer.encode(" " + segment.text.strip()) for segment in group]
    total = sum(len(one) for one in encoded)
    if not total or total > MOST_TOKENS or len(piece) > 30 * SAMPLE_RATE or len(piece) < 800:
        return untimed
    features = engine.feature_extractor(piece)
    alignment = engine.find_alignment(
        tokenizer,
        [[token for one in encoded for token in one]],
        engine.encode(pad_or_trim(features)),
        min(features.shape[-1], engine.feature_extractor.nb_max_frames),
    )[0]
    return [
        _matched(tokens, words, offset)
        for tokens, words in zip(
            untimed, _split_words(alignment, encoded, merge_punctuations), strict=True
        )
    ]


def _split_words(
    alignment: Sequence[dict[str, Any]], encoded: Sequence[list[int]], merge: Any
) -> list[list[dict[str, Any]]]:
    """Give each segment the words that its own tokens make, punctuation merged."""
    parts: list[list[dict[str, Any]]] = []
    index = 0
    for tokens in encoded:
        words, used = [], 0
        while index < len(alignment) and used < len(tokens):
            words.append(alignment[index])
            used += len(alignment[index]["tokens"])
            index += 1
        merge(words, PREPENDED, APPENDED)
        parts.append([word for word in words if word["word"].strip()])
    return parts


def _matched(
    tokens: Sequence[TimedToken], words: Sequence[dict[str, Any]], offset: float
) -> list[TimedToken]:
    """Time the text's tokens with the aligner's words, matched by their characters.

    Both write the same characters, but may cut them differently ("ill-disposed", or "ill" and
    "-disposed").
    """
    edges: list[tuple[int, dict[str, Any]]] = []
    position = 0
    for word in words:
        position += len("".join(word["word"].split()))
        edges.append((position, word))
    timed: list[TimedToken] = []
    position = index = 0
    for token in tokens:
        first = index
        position += len("".join(token.text.split()))
        while index < len(edges) - 1 and edges[index][0] < position:
            index += 1
        used = [word for _, word in edges[first : index + 1]]
        if index < len(edges) and edges[index][0] <= position:
            index += 1
        timed.append(_timed(token, used, offset) if used else token)
    return timed


def _timed(token: TimedToken, words: Sequence[dict[str, Any]], offset: float) -> TimedToken:
    """Return the token with the times and the mean confidence of the words it is made of."""
    start = offset + max(0.0, float(words[0]["start"]))
    confidence = sum(float(word["probability"]) for word in words) / len(words)
    return TimedToken(
        text=token.text,
        start=start,
        end=max(start, offset + float(words[-1]["end"])),
        confidence=min(1.0, max(0.0, confidence)),
        source="attention",
        spaced=token.spaced,
    )
