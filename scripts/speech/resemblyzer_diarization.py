#!/usr/bin/env python3
"""
Resemblyzer diarization: tells speakers apart by clustering what their voices sound like.

Windows of 1.6 s in the speech regions are embedded; stretches of speech between pauses are
clustered by cosine distance; then the likeliest sequence of speakers is sought (Viterbi), in which
a change costs less the longer the pause it falls into. Turns that follow each other without any
pause in between are often missed.

Usage:
    from scripts.speech.resemblyzer_diarization import find_turns
    from scripts.speech.voice_clusters import SpeakerRules

    turns = find_turns(audio, regions, rules=SpeakerRules(), cache_dir=MODELS_DIR, batch_size=16,
                       progress=lambda share: None)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.speech.resemblyzer_integration import embed, open_network
from scripts.speech.voice_clusters import SpeakerRules, cluster_voices, unit_length
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.speakers import SpeakerTurn, number_speakers, speaker_name

# Seconds: what the network was trained to hear, how often it listens, the least it can judge.
WINDOW = 1.6
WINDOW_STEP = 0.4
SHORTEST_WINDOW = 0.4
# A stretch of speech of at most this length is taken for one voice when voices are clustered.
UNIT = 3.2
SHORTEST_UNIT = 0.8
FRAME = 0.1
# What a change of speaker costs: so much more likeness, added up over seconds, must speak for it.
CHANGE_COST = 0.2
# In a pause of this many seconds it costs nothing.
FREE_PAUSE = 1.0
ROUNDS = 2


@dataclass(frozen=True)
class Windows:
    """What was listened to: spans in seconds and the region of each, voices (windows, 256)."""

    spans: list[tuple[float, float]]
    region: list[int]
    voices: Any


def find_turns(
    audio: Any,
    regions: Sequence[SpeechRegion],
    *,
    rules: SpeakerRules,
    cache_dir: Path,
    batch_size: int,
    progress: Callable[[float], None],
) -> list[SpeakerTurn]:
    """Return who speaks when, in order, without overlaps.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        regions: Where somebody speaks.
        rules: How many speakers, how different.
        cache_dir: Where the exported network is kept.
        batch_size: Windows that go through the network at once.
        progress: Called with the share done, 0 to 1.

    Raises:
        UnavailableError: The weights are not installed.
    """
    if not regions:
        return []
    spans, places = plan_windows(regions, len(audio) / SAMPLE_RATE)
    network = open_network(cache_dir)
    voices = embed(network, audio, spans, batch_size=batch_size, progress=progress)
    windows = Windows(spans, places, voices)
    units, weights = voices_of_units(windows, regions)
    centres = cluster_voices(units, weights, rules)
    turns: list[SpeakerTurn] = []
    for _ in range(ROUNDS):
        turns = likeliest_turns(windows, regions, centres)
        centres = centres_of_turns(windows, turns, centres)
    return number_speakers(turns)


def plan_windows(
    regions: Sequence[SpeechRegion], duration: float
) -> tuple[list[tuple[float, float]], list[int]]:
    """Return the spans to listen to (start, end in seconds) and the region of each.

    Args:
        regions: In order.
        duration: Length of the audio, seconds.
    """
    spans: list[tuple[float, float]] = []
    places: list[int] = []
    for number, region in enumerate(regions):
        steps = max(1, 1 + round((region.duration - WINDOW) / WINDOW_STEP))
        for step in range(steps):
            start = region.start
            if steps > 1:
                start += (region.duration - WINDOW) * step / (steps - 1)
            end = min(region.end, start + WINDOW)
            missing = max(0.0, SHORTEST_WINDOW - (end - start)) / 2
            spans.append((max(0.0, start - missing), min(duration, end + missing)))
            places.append(number)
    return spans, places


def voices_of_units(windows: Windows, regions: Sequence[SpeechRegion]) -> tuple[Any, Any]:
    """Return the mean voice of each stretch of speech and its length in seconds.

    Short stretches are left out unless there are no others.

    Args:
        windows: Voice vectors with their times in seconds.
        regions: Stretches of speech, seconds.
    """
    import numpy as np

    groups: dict[tuple[int, int], list[int]] = {}
    for index, ((start, end), number) in enumerate(zip(windows.spans, windows.region, strict=True)):
        region = regions[number]
        count = max(1, round(region.duration / UNIT))
        middle = (start + end) / 2 - region.start
        part = min(count - 1, int(count * middle / max(region.duration, 1e-6)))
        groups.setdefault((number, part), []).append(index)
    voices = np.stack([unit_length(windows.voices[one].mean(0)) for one in groups.values()])
    durations = [regions[number].duration for number, _ in groups]
    lengths = np.array([one / max(1, round(one / UNIT)) for one in durations])
    long = lengths >= SHORTEST_UNIT
    return (voices[long], lengths[long]) if long.any() else (voices, lengths)


def likeliest_turns(
    windows: Windows, regions: Sequence[SpeechRegion], centres: Any
) -> list[SpeakerTurn]:
    """Return the sequence of speakers that the voices speak for most, changes in pauses first.

    Args:
        windows: What was heard.
        regions: In order.
        centres: One voice for each speaker.
    """
    import numpy as np

    likeness = windows.voices @ centres.T
    scores, costs, frames = [], [], []
    before = regions[0].start - FREE_PAUSE
    # Windows come in the order of their regions.
    firsts = np.searchsorted(windows.region, np.arange(len(regions) + 1))
    for number, region in enumerate(regions):
        mine = slice(firsts[number], firsts[number + 1])
        middles = np.array([sum(span) / 2 for span in windows.spans[mine]])
        count = max(1, round(region.duration / FRAME))
        step = region.duration / count
        times = region.start + (np.arange(count) + 0.5) * step
        near = np.maximum(0.05, 1 - np.abs(times[:, None] - middles) / (WINDOW / 2))
        near /= near.sum(1, keepdims=True)
        scores.append(near @ likeness[mine] * step)
        pause = max(0.0, region.start - before)
        costs += [CHANGE_COST * max(0.0, 1 - pause / FREE_PAUSE)] + [CHANGE_COST] * (count - 1)
        frames += [(time - step / 2, time + step / 2) for time in times.tolist()]
        before = region.end
    return _turns(frames, best_path(np.concatenate(scores), costs))


def _turns(frames: Sequence[tuple[float, float]], path: Sequence[int]) -> list[SpeakerTurn]:
    """Join neighbouring frames of one speaker."""
    turns: list[SpeakerTurn] = []
    for (start, end), speaker in zip(frames, path, strict=True):
        name = speaker_name(speaker)
        if turns and turns[-1].speaker == name and start - turns[-1].end < FRAME / 2:
            turns[-1] = turns[-1].model_copy(update={"end": end})
        else:
            turns.append(SpeakerTurn(start=start, end=end, speaker=name))
    return turns


def best_path(scores: Any, costs: Sequence[float]) -> list[int]:
    """Return the state of each frame such that scores less costs of changes are highest.

    Args:
        scores: float array, shape (frames, states).
        costs: What a change between frame i-1 and frame i costs, one for each frame.
    """
    import numpy as np

    total, back = scores[0].copy(), np.zeros(scores.shape, int)
    stay = np.arange(scores.shape[1])
    for frame in range(1, len(scores)):
        best = int(total.argmax())
        change = total[best] - costs[frame] > total
        back[frame] = np.where(change, best, stay)
        total = np.where(change, total[best] - costs[frame], total) + scores[frame]
    path = [int(total.argmax())]
    for frame in range(len(scores) - 1, 0, -1):
        path.append(int(back[frame][path[-1]]))
    return path[::-1]


def centres_of_turns(windows: Windows, turns: Sequence[SpeakerTurn], centres: Any) -> Any:
    """Return the mean voice of each speaker's windows; a speaker without any keeps its centre.

    Args:
        windows: Voice vectors with their times in seconds.
        turns: Who speaks when, speakers numbered as the rows of centres.
        centres: The voices so far, shape (speakers, 256), unit length.
    """
    import numpy as np

    starts = np.array([turn.start for turn in turns])
    speakers = np.array([int(turn.speaker.rpartition("_")[2]) for turn in turns])
    middles = np.array([sum(span) / 2 for span in windows.spans])
    owner = speakers[np.maximum(0, np.searchsorted(starts, middles, side="right") - 1)]
    return np.stack(
        [
            unit_length(windows.voices[owner == one].mean(0)) if (owner == one).any() else centre
            for one, centre in enumerate(centres)
        ]
    )
