#!/usr/bin/env python3
"""
Voice pieces: what the local speakers of each window say, in pieces of about two seconds with the
voice in each.

Usage:
    from scripts.speech.voice_pieces import in_regions, voices_of

    voices = voices_of(audio, in_regions(local.active, regions), embed, progress)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.speech import campplus_integration
from scripts.speech.local_speakers_integration import HOP, WINDOW
from scripts.speech.pyannote_integration import FRAME
from shared.transcript.records.schemas import SpeechRegion

# The first frame of the network is centred on this sample.
CENTRE = 495
STEP = HOP // FRAME
# Seconds: alone for so long, a voice is taken from there only; less of it is no voice at all.
ALONE = 0.6
SHORTEST_VOICE = 0.2
# Frames of a piece of speech whose voice is embedded: about 2 s.
PIECE = 120
# Frames around another's speech from which no voice is taken.
MARGIN = 6
# Windows whose spectra are held at once.
WINDOWS_AT_ONCE = 48


class Piece(NamedTuple):
    """Some speech of a local speaker: window, number in it, first frame, the one after the last."""

    window: int
    number: int
    first: int
    last: int


@dataclass(frozen=True)
class Voices:
    """Pieces of speech in order of their windows, the voice in each, shape (pieces, 192), and the
    seconds that it was taken from, shape (pieces,)."""

    pieces: list[Piece]
    vectors: Any
    seconds: Any


def in_regions(active: Any, regions: Sequence[SpeechRegion]) -> Any:
    """Return who speaks in each window, nobody outside of the regions.

    Args:
        active: bool array, shape (windows, frames, speakers).
        regions: In order, seconds.
    """
    import numpy as np

    windows, frames, _ = active.shape
    spoken = np.zeros((windows - 1) * STEP + frames, bool)
    for region in regions:
        first, last = (
            round((time * SAMPLE_RATE - CENTRE) / FRAME) for time in (region.start, region.end)
        )
        spoken[max(0, first) : max(0, last + 1)] = True
    kept = np.stack([spoken[one * STEP : one * STEP + frames] for one in range(windows)])
    return active & kept[:, :, None]


def voices_of(
    audio: Any,
    active: Any,
    embed: Callable[[list[Any]], Any],
    progress: Callable[[float], None],
) -> Voices:
    """Return the voice of each local speaker that is heard long enough.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        active: bool array, shape (windows, frames, speakers).
        embed: From spectra to vectors.
        progress: Called with the share done, 0 to 1.
    """
    import numpy as np

    pieces: list[Piece] = []
    vectors, seconds = [], []
    for first in range(0, len(active), WINDOWS_AT_ONCE):
        spectra = []
        for window in range(first, min(len(active), first + WINDOWS_AT_ONCE)):
            for piece, spectrum in _spectra(audio, window, active[window]):
                pieces.append(piece)
                spectra.append(spectrum)
                seconds.append(len(spectrum) * campplus_integration.HOP / SAMPLE_RATE)
        if spectra:
            vectors.append(embed(spectra))
        progress(min(1.0, (first + WINDOWS_AT_ONCE) / len(active)))
    joined = np.concatenate(vectors) if vectors else np.zeros((0, campplus_integration.SIZE))
    return Voices(pieces, joined, np.array(seconds))


def _spectra(audio: Any, window: int, active: Any) -> Iterator[tuple[Piece, Any]]:
    """Yield the pieces of a window with their spectra, taken where nobody else speaks.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        window: Which one.
        active: bool array, shape (frames, speakers).
    """
    import numpy as np

    sound = np.asarray(audio[window * HOP : window * HOP + WINDOW])
    if not active.any() or len(sound) < campplus_integration.WINDOW:
        return
    whole = campplus_integration.spectrum(sound)
    middles = np.arange(len(whole)) * campplus_integration.HOP + campplus_integration.WINDOW / 2
    frame = np.clip(np.round((middles - CENTRE) / FRAME).astype(int), 0, len(active) - 1)
    alone = active & ~_near_others(active)
    for number in range(active.shape[1]):
        for first, last in _runs(active[:, number]):
            inside = (frame >= first) & (frame < last)
            is_enough = alone[first:last, number].sum() * FRAME >= ALONE * SAMPLE_RATE
            chosen = whole[inside & (alone if is_enough else active)[frame, number]]
            if len(chosen) * campplus_integration.HOP >= SHORTEST_VOICE * SAMPLE_RATE:
                yield Piece(window, number, first, last), chosen


def _runs(spoken: Any) -> Iterator[tuple[int, int]]:
    """Yield first frame and the one after the last of each run, long ones in equal parts."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.pad(spoken.astype(np.int8), 1))).reshape(-1, 2)
    for first, last in edges.tolist():
        parts = max(1, round((last - first) / PIECE))
        bounds = np.linspace(first, last, parts + 1).round().astype(int).tolist()
        yield from zip(bounds, bounds[1:], strict=False)


def _near_others(active: Any) -> Any:
    """Return where somebody else speaks, or nearly: bool, shape (frames, speakers)."""
    others = (active.sum(1, keepdims=True) - active) > 0
    near = others.copy()
    for shift in range(1, MARGIN + 1):
        near[shift:] |= others[:-shift]
        near[:-shift] |= others[shift:]
    return near
