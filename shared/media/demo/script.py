#!/usr/bin/env python3
"""
DemoScript: what is said and played in the demo film, and when.

Usage:
    from shared.media.demo.script import SCRIPT

    spoken = [beat.line for beat in SCRIPT if beat.line]
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.media.demo.scenery import FRAME_RATE

TITLE = "Harbour Lights"
MAIN_LANGUAGE = "deu"


@dataclass(frozen=True)
class Beat:
    """One step of the script: a spoken line, or a stretch in which nobody speaks.

    Attributes:
        line: Identifier of the line in `lines.json`; empty where nobody speaks.
        pause: Seconds without speech (after the line, if there is one).
        music: Loudness of the music from 0 (none) to 1, throughout the beat.
    """

    line: str = ""
    pause: float = 0.6
    music: float = 0.0


SOFT = 0.12
SCRIPT = (
    Beat(pause=3.0),
    Beat(pause=9.0, music=1.0),
    Beat(pause=1.0),
    *(Beat(line) for line in ("de-01", "de-02", "de-03", "de-04")),
    Beat("de-05", pause=1.2),
    *(Beat(line) for line in ("en-01", "en-02", "en-03")),
    Beat("en-04", pause=4.0),
    Beat(pause=1.5, music=SOFT),
    *(Beat(line, music=SOFT) for line in ("de-06", "de-07", "de-08")),
    Beat(pause=1.0, music=SOFT),
    *(Beat(line, music=SOFT) for line in ("en-05", "en-06")),
    Beat(pause=3.0, music=1.0),
    Beat(pause=2.0),
)
CHAPTERS = (("The quay", 0), ("The letter", 12))


@dataclass(frozen=True)
class Span:
    """A stretch of the film: start and end in seconds."""

    start: float
    end: float


@dataclass(frozen=True)
class DemoLine(Span):
    """A spoken line: its text, its BCP-47 language, its meaning in English, and when."""

    id: str
    text: str
    language: str
    translation_en: str


@dataclass(frozen=True)
class Timeline:
    """The script with times: what the film is going to be, before anything is rendered."""

    duration: float
    lines: tuple[DemoLine, ...]
    beats: tuple[tuple[Beat, Span], ...]
    shots: tuple[int, ...]

    @property
    def cuts(self) -> tuple[float, ...]:
        """First instant of every shot but the first, in seconds."""
        frames = [sum(self.shots[:index]) for index in range(1, len(self.shots))]
        return tuple(frame / FRAME_RATE for frame in frames)


def same_music(timeline: Timeline) -> list[tuple[Beat, Span]]:
    """Return the stretches with music; neighbouring beats of one loudness are one stretch.

    Args:
        timeline: When everything in the film happens, seconds.
    """
    stretches: list[tuple[Beat, Span]] = []
    for beat, span in timeline.beats:
        if stretches and stretches[-1][1].end == span.start:
            if stretches[-1][0].music == beat.music:
                stretches[-1] = (beat, Span(stretches[-1][1].start, span.end))
                continue
        if beat.music:
            stretches.append((beat, span))
    return stretches
