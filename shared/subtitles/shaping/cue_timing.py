#!/usr/bin/env python3
"""
Cue timing: in-times on the first frame of speech, out-times with what reading needs.

Everything is counted in whole frames; without a picture in milliseconds. Source of the rules:
Netflix timed text style guides, timing guidelines (gaps, shot changes).

Usage:
    from shared.subtitles.shaping.cue_timing import Spoken, settle_times

    cues = settle_times([Spoken(1.0, 2.5, "Hello.")], limits, cuts=[12.04])
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.frame_grid import MILLISECOND, ROUNDING
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.shaping.cue_reasons import reasons_of
from shared.transcript.records.schemas import Word

# Less than this is not noticed at all: rather let the next cue come that much later.
SHORTEST_SECONDS = 0.2
# A cue that ends at a cut goes so many frames before it.
FRAMES_BEFORE_CUT = 2


@dataclass(frozen=True)
class Spoken:
    """The text of one cue and when it is said, in seconds."""

    start: float
    end: float
    text: str
    is_lyrics: bool = False
    words: tuple[Word, ...] = ()
    speakers: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class _Frames:
    """The limits in frames (or milliseconds), and the cuts."""

    length: float
    gap: int
    closed: int
    linger: int
    shortest: int
    least: int
    most: int
    near: int
    clear: int
    cuts: Sequence[int]

    @classmethod
    def of(cls, limits: ReadingLimits, cuts: Sequence[float] | None) -> _Frames:
        """Return the limits counted in frames.

        Args:
            limits: In seconds.
            cuts: Times of shot changes; None = there is no picture.
        """
        length = MILLISECOND if cuts is None else limits.frame

        def up(seconds: float) -> int:
            return math.ceil(seconds / length - ROUNDING)

        return cls(
            length=length,
            gap=up(limits.min_gap),
            closed=up(limits.closed_gap),
            linger=up(limits.linger),
            shortest=up(SHORTEST_SECONDS),
            least=up(limits.min_duration),
            most=math.floor(limits.max_duration / length + ROUNDING),
            near=up(limits.shot_near),
            clear=up(limits.shot_clear),
            cuts=sorted({round(cut / length) for cut in cuts or ()}),
        )

    def first(self, seconds: float) -> int:
        """Return the frame that begins nearest to the onset of a sound."""
        return math.floor(seconds / self.length + 0.5)

    def last(self, seconds: float) -> int:
        """Return the first frame in which a sound is over."""
        return math.ceil(seconds / self.length - ROUNDING)

    def seconds(self, frame: int) -> float:
        """Return the time of a frame in whole milliseconds."""
        return round(frame * self.length, 3)

    def cut_around(self, frame: int, before: int, after: int) -> int | None:
        """Return the nearest cut at most so many frames before or after a frame.

        Args:
            frame: The frame.
            before: How far the cut may lie before it.
            after: How far the cut may lie after it.
        """
        index = bisect_left(self.cuts, frame - before)
        near = []
        while index < len(self.cuts) and self.cuts[index] <= frame + after:
            near.append(self.cuts[index])
            index += 1
        return min(near, key=lambda cut: abs(cut - frame), default=None)


def settle_times(
    spoken: Sequence[Spoken],
    limits: ReadingLimits,
    cuts: Sequence[float] | None = None,
    film_end: float | None = None,
) -> list[Cue]:
    """Return the cues with their times, never overlapping, each with why it breaks a limit.

    Args:
        spoken: In order of their starts.
        limits: What cues keep to.
        cuts: Times of shot changes in seconds; None = there is no picture, and no frames.
        film_end: Nothing is shown after it; seconds, None when not known.
    """
    frames = _Frames.of(limits, cuts)
    needed = [max(frames.least, frames.last(limits.needed_seconds(one.text))) for one in spoken]
    starts = _in_times(spoken, needed, frames)
    over = math.inf if film_end is None else math.floor(film_end / frames.length + ROUNDING)
    cues: list[Cue] = []
    for index, one in enumerate(spoken):
        following = starts[index + 1] if index + 1 < len(spoken) else None
        latest = min(starts[index] + frames.most, over)
        if following is not None:
            latest = min(latest, following - frames.gap)
        latest = int(max(latest, starts[index] + 1))
        end = _out_time(one, starts[index] + needed[index], following, latest, frames)
        cue = Cue(
            frames.seconds(starts[index]),
            frames.seconds(end),
            one.text,
            one.is_lyrics,
            one.words,
            speakers=one.speakers,
        )
        next_start = None if following is None else frames.seconds(following)
        cues.append(replace(cue, reasons=reasons_of(cue, one.start, next_start, limits)))
    return cues


def _in_times(spoken: Sequence[Spoken], needed: Sequence[int], frames: _Frames) -> list[int]:
    """Return the in-times in frames: with the speech, on cuts, each after the one before."""
    starts: list[int] = []
    earliest, free = 0, 0
    for index, one in enumerate(spoken):
        start = frames.first(one.start)
        moved = _onto_cut(start, frames)
        following = spoken[index + 1].start if index + 1 < len(spoken) else math.inf
        room = following / frames.length - frames.gap - moved
        if moved >= free if moved < start else room >= needed[index]:
            start = moved
        start = max(start, earliest)
        starts.append(start)
        earliest = start + frames.shortest + frames.gap
        # An in-time is never moved into the speech of the cue before, nor into its reading.
        free = max(frames.last(one.end), start + needed[index]) + frames.gap
    return starts


def _onto_cut(start: int, frames: _Frames) -> int:
    """Return where the rules of shot changes put an in-time."""
    cut = frames.cut_around(start, before=frames.clear - 1, after=frames.clear - 1)
    if cut is None:
        return start
    if cut <= start or cut - start <= frames.near:
        return cut
    return cut - frames.clear


def _out_time(
    one: Spoken, readable: int, following: int | None, latest: int, frames: _Frames
) -> int:
    """Return the out-time: what speech and reading need, clear of cuts, small gaps closed."""
    spoken_end = frames.last(one.end)
    end = min(latest, max(spoken_end + frames.linger, readable))
    end = _close_gap(end, spoken_end, following, latest, frames)
    moved = _clear_of_cut(end, readable, spoken_end, latest, frames)
    if following is None or not frames.gap < following - moved < frames.closed:
        end = moved
    return end


def _close_gap(
    end: int, spoken_end: int, following: int | None, latest: int, frames: _Frames
) -> int:
    """Return the out-time with no gap that is neither small enough nor long enough."""
    if following is None or not frames.gap < following - end < frames.closed:
        return end
    if latest == following - frames.gap:
        return latest
    # The longest duration forbids to close it: open it, as far as the speech lets it.
    return max(min(end, following - frames.closed), min(spoken_end, end))


def _clear_of_cut(end: int, readable: int, spoken_end: int, latest: int, frames: _Frames) -> int:
    """Return an out-time that is not within half a second of a cut, where one can be had."""
    cut = frames.cut_around(end, before=frames.clear - 1, after=frames.clear)
    if cut is None:
        return end
    before, behind = cut - FRAMES_BEFORE_CUT, cut + frames.clear
    if readable <= before <= latest and before >= spoken_end - frames.near:
        return before
    return behind if behind <= latest else end
