#!/usr/bin/env python3
"""
Sounds: what can be heard beside speech, as events with a beginning and an end.

A detector gives a probability for each kind of sound twice a second; with two thresholds, a least
length and short gaps closed, that becomes events that do not flicker.

Usage:
    from shared.transcript.sound.sounds import EventRules, find_events

    events = find_events({"music": [0.9, 0.8, 0.1]}, EventRules(), step=0.48, shift=0.24,
                         duration=1.9)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from shared.core.record import SCHEMA_VERSION, Record
from shared.transcript.records.schemas import TimeSpan
from shared.transcript.sound.speech import RegionRules, find_regions

SOUNDS_FILE = "sounds.json"
# Over within a moment: one frame of the detector is enough for these.
IMPULSES = frozenset(
    "scream cough dog cat roar horn door doorbell knock phone thunder tyres gunshots explosion "
    "glass crash bell".split()
)
# A hiss or a room's tone passes for these: YAMNet gives steady noise of any colour up to 0.91, and
# running water hardly more. A viewer who reads [water] must be able to trust it.
NOISE_LIKE = frozenset({"water", "rain", "wind"})
ABOVE_NOISE = 0.97


class SoundEvent(TimeSpan):
    """One sound from its beginning to its end."""

    kind: str = Field(min_length=1, description="for example music, laughter, engine")
    score: float = Field(ge=0.0, le=1.0, description="mean probability")


class SoundEvents(Record):
    """`sounds.json` of stage lyrics_detection: events in order of time, kinds may overlap."""

    schema_version: Literal[1] = SCHEMA_VERSION
    engine: str = Field(description="which detector heard them, e.g. yamnet")
    audio_duration: float = Field(ge=0.0)
    events: list[SoundEvent]


@dataclass(frozen=True)
class EventRules:
    """When a probability becomes an event.

    `onset`: probability at which an event begins, at least ABOVE_NOISE for what noise resembles;
    `offset`: below it the event ends; `min_length`:
    shorter events are dropped (not impulses: a shot, a knock), seconds; `max_gap`: shorter breaks
    of one sound are closed, seconds.
    """

    onset: float = 0.5
    offset: float = 0.2
    min_length: float = 1.4
    max_gap: float = 2.0


def find_events(
    probabilities: Mapping[str, Sequence[float]],
    rules: EventRules,
    *,
    step: float,
    shift: float,
    duration: float,
) -> list[SoundEvent]:
    """Return the events of every kind, in order of time.

    Args:
        probabilities: Of each kind in each frame.
        rules: Thresholds and lengths.
        step: Seconds from one frame to the next.
        shift: Seconds from the start of the audio to the middle of the first frame, less half a
            step.
        duration: Length of the audio, seconds.
    """
    events: list[SoundEvent] = []
    for kind, row in probabilities.items():
        lengths = RegionRules(
            onset=max(rules.onset, ABOVE_NOISE) if kind in NOISE_LIKE else rules.onset,
            offset=rules.offset,
            min_speech=0.0 if kind in IMPULSES else rules.min_length,
            min_silence=rules.max_gap,
            pad=0.0,
            max_speech=duration,
        )
        for one in find_regions(row, lengths, step=step, duration=duration):
            # What sounds in the first frame may have begun with the film.
            start = one.start + shift if one.start > 0 else 0.0
            end = max(start, min(duration, one.end + shift))
            events.append(SoundEvent(start=start, end=end, kind=kind, score=one.score))
    return sorted(events, key=lambda one: (one.start, one.kind))
