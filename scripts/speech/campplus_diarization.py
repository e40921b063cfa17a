#!/usr/bin/env python3
"""
CAM++ diarization: who speaks when, also where two speak at once, with weights from a package.

The method is that of pyannote.audio's pipeline (Bredin, "pyannote.audio 2.1 speaker diarization
pipeline", 2023): in windows of 10 s a network tells who of up to three people speaks when; their
voices, taken where nobody else speaks, are embedded and clustered over the whole film; what the
windows say of a moment is added up. Unlike there a local speaker is embedded in pieces: two women
who speak in turn are sometimes one to the first network.

Usage:
    from scripts.speech.campplus_diarization import find_turns

    turns = find_turns(audio, regions, rules=SpeakerRules(), cache_dir=MODELS_DIR, batch_size=16,
                       progress=lambda share: None)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.speech import campplus_integration, local_speakers_integration
from scripts.speech.pyannote_integration import FRAME
from scripts.speech.voice_clusters import SpeakerRules, cluster_voices, unit_length
from scripts.speech.voice_pieces import CENTRE, STEP, Piece, Voices, in_regions, voices_of
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.speakers import SpeakerTurn, number_speakers, speaker_name

# Seconds of a voice that it needs to say how many speakers there are; of one that is half sure.
TELLING = 1.4
SURE = 0.4
# Of two who speak at once the less likely gets another speaker only when that is so near (cosine).
SECOND_BEST = 0.35
# Seconds: shorter pauses in a turn are closed, shorter turns are none.
PAUSE = 0.3
SHORTEST_TURN = 0.15
# What the local speakers take of the whole work.
LOCAL_SHARE = 0.3


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
    lengths = voices.seconds / hearings(voices.pieces, *active.shape[:2])
    centres = cluster_voices(voices.vectors[telling], lengths[telling], rules)
    return number_speakers(added_up(active, voices, assigned(voices, centres), len(centres)))


def hearings(pieces: Sequence[Piece], windows: int, frames: int) -> Any:
    """Return how many windows hear the middle of each piece: int array, shape (pieces,).

    Args:
        pieces: In windows that begin STEP frames after each other.
        windows: How many windows there are.
        frames: Of each window.
    """
    import numpy as np

    middles = np.array([one.window * STEP + (one.first + one.last) // 2 for one in pieces])
    first = np.maximum(0, -(-(middles - frames + 1) // STEP))
    return np.minimum(windows - 1, middles // STEP) - first + 1


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
