#!/usr/bin/env python3
"""
Wav2vec2: times for the words of a given text, by CTC forced alignment.

With wav2vec2_model the only place that imports torch for alignment. Models of one language and the
multilingual MMS one (text in Latin letters) work alike. Memory does not grow with the length of a
segment: long ones are heard in pieces that overlap.

Usage:
    from scripts.alignment.wav2vec2_integration import AlignmentRequest, align_wav2vec2

    requests = [AlignmentRequest(segment, 7.8, 15.9)]
    aligned = align_wav2vec2(
        audio, requests, folder, source="wav2vec2", rung=rung, threads=0, regions=regions,
        max_pause=1.0, progress=lambda share: None,
    )
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from scripts.alignment.ctc_alignment import LabelSpan, align_labels, can_be_aligned
from scripts.alignment.ctc_labels import LabelledText, label_tokens, star_tokens
from scripts.alignment.wav2vec2_model import Network, load_network
from scripts.runtime.audio_frames import SAMPLE_RATE
from shared.core.ladder import Rung
from shared.core.languages import primary
from shared.transcript.recognition.words import TimedToken, place_words, tokens_of_text
from shared.transcript.records.schemas import Segment, SpeechRegion

# Sound heard beside each piece of a long segment, then thrown away: the network looks around.
MARGIN_SECONDS = 2.0
# A model that reads less of a segment's letters cannot time it.
LEAST_READ = 0.5


@dataclass(frozen=True)
class AlignmentRequest:
    """A segment and from where to where it is looked for, seconds."""

    segment: Segment
    start: float
    end: float


@dataclass
class _Work:
    """A request at work: its tokens and labels, its sound, the scores of its frames so far."""

    request: AlignmentRequest
    tokens: list[TimedToken]
    text: LabelledText
    sound: Any
    scores: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class _Piece:
    """Some sound of a request; the frames from `first` to `after` of it count."""

    work: _Work
    sound: Any
    first: int
    after: int | None


def align_wav2vec2(
    audio: Any,
    requests: Sequence[AlignmentRequest],
    model_dir: Path,
    *,
    source: Literal["wav2vec2", "mms"],
    rung: Rung,
    threads: int,
    regions: Sequence[SpeechRegion],
    max_pause: float,
    progress: Callable[[float], None],
) -> dict[int, Segment]:
    """Return the segments that the model could time, by id, every token of theirs timed.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        requests: What to align; each by the language of its segment.
        model_dir: Folder of a Wav2Vec2ForCTC model.
        source: "mms" for a model that reads all languages in Latin letters.
        rung: Device, requests in one pass, seconds heard at once.
        threads: CPU threads, 0 = the engine decides.
        regions: Where somebody speaks.
        max_pause: No word crosses a longer stretch without speech, seconds.
        progress: Called with the share done, 0 to 1; 0 as soon as the model is loaded.

    Returns:
        Segments whose start and end are those of their words; those in a script that the model
        cannot read, and those too short to hear, are left out.

    Raises:
        InputError: The folder holds no such model.
        UnavailableError: The device cannot be used.
    """
    network = load_network(
        model_dir, device=rung.device, threads=threads, romanised=source == "mms"
    )
    progress(0.0)
    aligned: dict[int, Segment] = {}
    done = 0.0
    total = sum(one.end - one.start for one in requests) or 1.0
    works = filter(None, (_work(network, audio, one) for one in requests))
    pieces = (piece for work in works for piece in _pieces(network, work, rung.chunk_length))
    for batch in _batches(network, pieces, rung.batch_size):
        for piece, scores in zip(
            batch, network.log_probs([one.sound for one in batch]), strict=True
        ):
            work = piece.work
            work.scores.append(_needed(scores[piece.first : piece.after], work.text, network))
            done += len(scores[piece.first : piece.after]) * network.stride / SAMPLE_RATE
            if piece.after is None:
                segment = _timed_segment(network, work, source, regions, max_pause)
                aligned[segment.id] = segment
                work.scores.clear()
        progress(min(1.0, done / total))
    progress(1.0)
    return aligned


def _work(network: Network, audio: Any, request: AlignmentRequest) -> _Work | None:
    """Return the labels and the sound of a request; None where the model has nothing to say."""
    sound = audio[int(request.start * SAMPLE_RATE) : int(request.end * SAMPLE_RATE)]
    tokens = tokens_of_text(request.segment.text)
    frames = 1 + (len(sound) - network.least) // network.stride
    if not tokens or frames < 1:
        return None
    text = label_tokens(tokens, primary(request.segment.language), network.alphabet)
    if text.read < LEAST_READ * text.letters:
        return None
    if not can_be_aligned(text.codes, frames):
        text = star_tokens(tokens, network.alphabet)
    if not can_be_aligned(text.codes, frames):
        return None
    if network.normalises:
        sound = (sound - sound.mean()) / (sound.var() + 1e-7) ** 0.5
    return _Work(request, tokens, text, sound)


def _pieces(network: Network, work: _Work, seconds: float) -> Iterator[_Piece]:
    """Cut the sound of a request into pieces that are heard at once; whole frames, in order."""
    length = max(1, int(seconds * SAMPLE_RATE) // network.stride)
    margin = int(MARGIN_SECONDS * SAMPLE_RATE) // network.stride
    frames = 1 + (len(work.sound) - network.least) // network.stride
    for first in range(0, frames, length):
        start = max(0, first - margin)
        last = first + length >= frames
        after = frames if last else first + length + margin
        sound = work.sound[start * network.stride : (after - 1) * network.stride + network.least]
        yield _Piece(work, sound, first - start, None if last else first - start + length)


def _batches(network: Network, pieces: Iterator[_Piece], batch_size: int) -> Iterator[list[_Piece]]:
    """Group pieces that the network can hear together, in order."""
    batch: list[_Piece] = []
    for piece in pieces:
        fits = network.pads or not batch or len(batch[0].sound) == len(piece.sound)
        if batch and (len(batch) >= batch_size or not fits):
            yield batch
            batch = []
        batch.append(piece)
    if batch:
        yield batch


def _needed(scores: Any, text: LabelledText, network: Network) -> Any:
    """Return only the columns that the text needs: the blank, then its labels' in order of code."""
    return scores[:, [network.alphabet.blank, *sorted(set(text.codes))]]


def _timed_segment(
    network: Network,
    work: _Work,
    source: Literal["wav2vec2", "mms"],
    regions: Sequence[SpeechRegion],
    max_pause: float,
) -> Segment:
    """Return the segment of a request that has been heard to its end, with its words."""
    import numpy as np

    columns = {code: index for index, code in enumerate(sorted(set(work.text.codes)), 1)}
    spans = align_labels(
        np.concatenate(work.scores), [columns[code] for code in work.text.codes], blank=0
    )
    seconds = network.stride / SAMPLE_RATE
    tokens = [
        replace(token, source=source)
        for token in token_times(
            work.tokens, work.text, spans, seconds, work.request.start, network.alphabet.star
        )
    ]
    words = place_words(
        tokens,
        start=work.request.start,
        end=work.request.end,
        regions=regions,
        max_pause=max_pause,
    )
    times = {"start": words[0].start, "end": words[-1].end, "words": words}
    return work.request.segment.model_copy(update=times)


def token_times(
    tokens: Sequence[TimedToken],
    text: LabelledText,
    spans: Sequence[LabelSpan],
    seconds: float,
    offset: float,
    star: int,
) -> list[TimedToken]:
    """Give each token the time from its first to its last label.

    Args:
        tokens: The text's tokens.
        text: Its labels.
        spans: Where each label is heard.
        seconds: Length of a frame.
        offset: Time of the first frame, seconds.
        star: Code of the label that stands for any sound; it says nothing about confidence.

    Returns:
        Start and end in seconds for each token.
    """
    mine: dict[int, list[int]] = {}
    for label, owner in enumerate(text.owners):
        mine.setdefault(owner, []).append(label)
    timed: list[TimedToken] = []
    for index, token in enumerate(tokens):
        labels = mine[index]
        lengths = {n: spans[n].after - spans[n].first for n in labels if text.codes[n] != star}
        score = sum(spans[n].score * length for n, length in lengths.items())
        timed.append(
            replace(
                token,
                start=offset + spans[labels[0]].first * seconds,
                end=offset + spans[labels[-1]].after * seconds,
                confidence=min(1.0, score / sum(lengths.values())) if lengths else None,
            )
        )
    return timed
