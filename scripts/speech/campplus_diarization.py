#!/usr/bin/env python3
"""
CAM++ diarization: who speaks when, also where two speak at once, with weights that come in a package.

The method is that of pyannote.audio's pipeline (Bredin, "pyannote.audio 2.1 speaker diarization
pipeline", 2023): in windows of 10 s a network tells who of up to three speakers is heard when; the
voice of each, taken where nobody else speaks, is embedded; voices are clustered over the whole film;
what the windows say of a moment is added up.

Usage:
    from scripts.speech.campplus_diarization import find_turns

    turns = find_turns(audio, regions, rules=SpeakerRules(), cache_dir=MODELS_DIR, batch_size=16,
                       progress=lambda share: None)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.speech import campplus_integration, local_speakers_integration
from scripts.speech.local_speakers_integration import HOP, WINDOW
from scripts.speech.pyannote_integration import FRAME
from scripts.speech.voice_clusters import SpeakerRules, cluster_voices, unit_length
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.speakers import SpeakerTurn, number_speakers, speaker_name

# The first frame of the network is centred on this sample.
CENTRE = 495
STEP = HOP // FRAME
# Seconds: alone for so long, a voice is taken from there only; so much of a voice is needed for it to
# say how many speakers there are; less is no voice at all.
ALONE = 0.6
TELLING = 1.2
SHORTEST_VOICE = 0.2
# A voice that its likeliest speaker's own window gives to somebody else goes to the next one only
# when that is so near to it (cosine).
SECOND_BEST = 0.35
# Seconds: shorter pauses in a turn are closed, shorter turns are none.
PAUSE = 0.3
SHORTEST_TURN = 0.15
# Frames of a piece of speech whose voice is embedded (about 2 s), seconds of a voice that are half sure.
PIECE = 120
SURE = 0.7
# Frames around another's speech from which no voice is taken.
MARGIN = 6
# Windows whose spectra are held at once.
WINDOWS_AT_ONCE = 48
# What the local speakers take of the whole work.
LOCAL_SHARE = 0.3


class Piece(NamedTuple):
    """Some speech of a local speaker: window, number in it, first frame and the one after the last."""

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


def find_turns(
    audio: Any,
    regions: Sequence[SpeechRegion],
    *,
    rules: SpeakerRules,
    cache_dir: Path,
    batch_size: int,
    progress: Callable[[float], None],
) -> list[SpeakerTurn]:
    """Return who speaks when, in order; turns of two speakers may overlap.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks: nobody does elsewhere.
        rules: How many speakers, how different.
        cache_dir: Where the exported networks are kept.
        batch_size: Windows that go through a network at once.
        progress: Called with the share done, 0 to 1.

    Raises:
        UnavailableError: The weights are not installed.
    """
    if not regions:
        return []
    network = campplus_integration.open_network(cache_dir)
    local = local_speakers_integration.hear_speakers(
        local_speakers_integration.open_network(cache_dir),
        audio,
        batch_size=batch_size,
        progress=lambda share: progress(share * LOCAL_SHARE),
    )
    active = in_regions(local.active, regions)
    voices = voices_of(
        audio,
        active,
        lambda spectra: campplus_integration.embed(network, spectra, batch_size=batch_size),
        lambda share: progress(LOCAL_SHARE + share * (1 - LOCAL_SHARE)),
    )
    if not voices.pieces:
        return []
    telling = voices.seconds >= TELLING
    if not telling.any():
        telling = voices.seconds >= 0
    # A moment is heard by several windows.
    lengths = voices.seconds[telling] * HOP / WINDOW
    centres = cluster_voices(voices.vectors[telling], lengths, rules)
    return number_speakers(added_up(active, voices, assigned(voices, centres), len(centres)))


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
    """Yield first frame and the one after the last of each run, long ones in parts of one length."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.pad(spoken.astype(np.int8), 1))).reshape(-1, 2)
    for first, last in edges.tolist():
        parts = max(1, round((last - first) / PIECE))
        bounds = np.linspace(first, last, parts + 1).round().astype(int).tolist()
        yield from zip(bounds, bounds[1:], strict=False)


def _near_others(active: Any) -> Any:
    """Return where somebody else speaks within a tenth of a second: bool, shape (frames, speakers)."""
    import numpy as np

    others = (active.sum(1, keepdims=True) - active) > 0
    near = others.copy()
    for shift in range(1, MARGIN + 1):
        near[shift:] |= others[:-shift]
        near[:-shift] |= others[shift:]
    return near


def assigned(voices: Voices, centres: Any) -> Any:
    """Return the speaker of each voice: the likeliest, but two of a window are two speakers.

    Args:
        voices: From voices_of.
        centres: A voice for each speaker, shape (speakers, 192).

    Returns:
        int array, shape (voices,).
    """
    import numpy as np

    likeness = _with_neighbours(voices) @ centres.T
    speakers = np.argmax(likeness, axis=1)
    best = likeness.max(axis=1)
    taken: dict[int, list[tuple[Piece, int]]] = {}
    for voice in np.argsort(-best, kind="stable").tolist():
        piece = voices.pieces[voice]
        window = taken.setdefault(piece.window, [])
        used = {speaker for other, speaker in window if _at_once(piece, other)}
        if int(speakers[voice]) in used:
            free = [one for one in range(len(centres)) if one not in used]
            second = max(free, key=lambda one: likeness[voice, one], default=None)
            if second is not None and best[voice] - likeness[voice, second] < SECOND_BEST:
                speakers[voice] = second
        window.append((piece, int(speakers[voice])))
    return speakers


def _at_once(one: Piece, other: Piece) -> bool:
    return one.number != other.number and one.first < other.last and other.first < one.last


def _with_neighbours(voices: Voices) -> Any:
    """Return the voices, the shorter the more mixed with what their local speaker says besides."""
    import numpy as np

    owners: dict[tuple[int, int], list[int]] = {}
    for place, piece in enumerate(voices.pieces):
        owners.setdefault((piece.window, piece.number), []).append(place)
    mixed = np.zeros_like(voices.vectors)
    for places in owners.values():
        seconds = voices.seconds[places][:, None]
        vectors = voices.vectors[places]
        mean = unit_length((vectors * seconds).sum(0))
        share = seconds / (seconds + SURE)
        mixed[places] = share * vectors + (1 - share) * mean
    return mixed


def added_up(active: Any, voices: Voices, speakers: Any, count: int) -> list[SpeakerTurn]:
    """Return the turns of all speakers, from what the windows say of each moment.

    Args:
        active: bool array, shape (windows, frames, local speakers).
        voices: From voices_of.
        speakers: The speaker of each voice.
        count: How many speakers.
    """
    import numpy as np

    windows, frames, _ = active.shape
    total = (windows - 1) * STEP + frames
    votes, hearings = np.zeros((total, count), np.float32), np.zeros(total, np.float32)
    at_once = np.zeros(total, np.float32)
    places = np.array([piece.window for piece in voices.pieces])
    bounds = np.searchsorted(places, np.arange(windows + 1))
    for window in range(windows):
        place = slice(window * STEP, window * STEP + frames)
        said = np.zeros((frames, count), bool)
        for voice in range(bounds[window], bounds[window + 1]):
            _, number, first, last = voices.pieces[voice]
            said[first:last, speakers[voice]] |= active[window, first:last, number]
        votes[place] += said
        at_once[place] += said.sum(1)
        hearings[place] += 1
    number = np.round(at_once / np.maximum(hearings, 1)).astype(int)
    order = np.argsort(-votes, axis=1, kind="stable")
    spoken = np.zeros(votes.shape, bool)
    for rank in range(min(count, int(number.max(initial=0)))):
        those = np.flatnonzero(number > rank)
        spoken[those, order[those, rank]] = True
    spoken &= votes > 0
    return [
        turn
        for speaker in range(count)
        for turn in _turns(spoken[:, speaker], speaker_name(speaker))
    ]


def _turns(spoken: Any, speaker: str) -> list[SpeakerTurn]:
    """Return one speaker's turns, short pauses closed and shorter turns left out."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.pad(spoken.astype(np.int8), 1)))
    times = np.maximum(0.0, (edges * FRAME + CENTRE - FRAME / 2) / SAMPLE_RATE)
    turns: list[SpeakerTurn] = []
    for start, end in times.reshape(-1, 2).tolist():
        if turns and start - turns[-1].end < PAUSE:
            turns[-1] = SpeakerTurn(start=turns[-1].start, end=end, speaker=speaker)
        else:
            turns.append(SpeakerTurn(start=start, end=end, speaker=speaker))
    return [one for one in turns if one.duration >= SHORTEST_TURN]
