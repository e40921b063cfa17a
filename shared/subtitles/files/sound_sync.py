#!/usr/bin/env python3
"""
Sound sync: by how much a subtitle file is early or late, and at another speed, beside the speech of
its film.

Cues and speech are laid over one another at each speed that films are converted by. Where people
pause, the shares of time that both have decide; where somebody talks all the time, begins of lines
at which speech begins do. Whatever another place, more than a second and a half away, does nearly
as well is no answer.

Usage:
    from shared.subtitles.files.sound_sync import found_in_sound

    found_in_sound(late.cues, [(12.2, 14.5), (18.6, 19.9)]).move
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from shared.subtitles.base.cue import Cue
from shared.subtitles.files.retiming import Move
from shared.subtitles.files.sync import LONGEST_CUE, LONGEST_FILM, RATIOS, SAMPLE, Samples

Spans = Sequence[tuple[float, float]]
# Places that are nearer than this are the same (seconds).
SAME_PLACE = 1.5
# Places looked at for each speed.
PEAKS = 6
# A begin of a line and of speech so near are the same (seconds); so near they meet.
NEAR, MEETING = 0.5, 0.12
# Where begins lie apart by less on average, they tell the time better than all of the cue.
STEADY = 0.12
# Fits that differ by less are alike: then the speed stays as it is.
ALIKE = 0.02
# How well it must fit at least, and by how much better than anywhere else: by time alone, or by
# time and begins, of which a few meet by chance. No pair of 1,200 wrong films reached any of them.
LEAST_FIT, LEAST_FIT_LEAD, LEAST_LEAD = 0.45, 0.35, 1.6
# Fewer cues are found anywhere.
FEWEST_CUES = 4


@dataclass(frozen=True)
class SoundFit:
    """How a file fits the sound of its film.

    Attributes:
        move: What brings it there.
        fit: Share of the time that has both a cue and speech of the time that has either, 0 to 1.
        meets: Share of the cues that begin where speech does, 0 to 1.
        lead: How much more of both there is than at any other place.
        fit_lead: How much better the fit is than at any other place.
        cues: How many were compared.
    """

    move: Move
    fit: float
    meets: float
    lead: float = 0.0
    fit_lead: float = 0.0
    cues: int = 0

    @property
    def is_sure(self) -> bool:
        """Whether the file can be of this film, and nowhere else in it."""
        leads = self.fit_lead >= LEAST_FIT_LEAD or self.lead * self.cues**0.5 >= LEAST_LEAD
        return self.cues >= FEWEST_CUES and self.fit >= LEAST_FIT and leads

    @property
    def told(self) -> str:
        """What is done to the times, for a person."""
        return f"{self.move.offset:+.3f} s, {float(self.move.ratio):.5f} times as long"

    @property
    def why(self) -> str:
        """What speaks for it, for a person."""
        return (
            f"{self.fit:.0%} of the time both show and say something, "
            f"{self.meets:.0%} of the cues begin with speech"
        )

    @property
    def score(self) -> float:
        """What places are compared by."""
        return self.fit + self.meets


def found_in_sound(cues: Sequence[Cue], speech: Spans) -> SoundFit:
    """Return what brings cues to where somebody speaks.

    Args:
        cues: Early or late, perhaps at another speed.
        speech: Where somebody speaks, in seconds, in order.
    """
    shown = sorted(
        (cue.start, min(cue.end, cue.start + LONGEST_CUE))
        for cue in cues
        if cue.text.strip() and cue.start < LONGEST_FILM
    )
    if not shown or not speech:
        return SoundFit(Move(), 0.0, 0.0)
    found = [one for ratio in RATIOS for one in _places(shown, speech, ratio)]
    best = max(found, key=lambda one: one.score)
    middle = (shown[0][0] + shown[-1][1]) / 2
    same = [one for one in found if _apart(one, best, middle) <= SAME_PLACE]
    others = [one for one in found if _apart(one, best, middle) > SAME_PLACE]
    unmoved = [one for one in same if one.move.ratio == 1 and one.score >= best.score - ALIKE]
    chosen = max(unmoved or [best], key=lambda one: one.score)
    return replace(
        chosen,
        lead=best.score - max((one.score for one in others), default=0.0),
        fit_lead=max(one.fit for one in same) - max((one.fit for one in others), default=0.0),
        cues=len(shown),
    )


def _apart(one: SoundFit, other: SoundFit, at: float) -> float:
    """Return how far two moves bring the same moment apart, in seconds."""
    moved = [float(at * found.move.ratio) + found.move.offset for found in (one, other)]
    return abs(moved[0] - moved[1])


def _places(shown: Spans, speech: Spans, ratio: Fraction) -> Iterator[SoundFit]:
    """Yield the best places at one speed."""
    origin = float(shown[0][0] * ratio)
    cues = _samples([(float(a * ratio) - origin, float(b * ratio) - origin) for a, b in shown])
    spoken = _samples(speech)
    size = 1 << (len(cues) + len(spoken)).bit_length()
    both = np.fft.irfft(np.conj(np.fft.rfft(cues, size)) * np.fft.rfft(spoken, size), size)
    both = np.concatenate([both[-len(cues) :], both[: len(spoken)]])
    fits = both / (cues.sum() + spoken.sum() - both)
    width = int(SAME_PLACE / SAMPLE)
    left = fits.copy()
    for _ in range(PEAKS):
        place = int(left.argmax())
        if left[place] <= 0:
            return
        move = Move(round((place - len(cues)) * SAMPLE - origin, 3), ratio)
        yield _judged(shown, speech, move, fits, origin, len(cues))
        left[max(0, place - width) : place + width] = 0.0


def _judged(
    shown: Spans, speech: Spans, move: Move, fits: Samples, origin: float, first: int
) -> SoundFit:
    """Return how a place fits, moved to where begins of lines meet if they say so steadily."""
    starts = np.array([float(start * move.ratio) + move.offset for start, _ in shown])
    begins = np.array([start for start, _ in speech])
    apart = begins[np.abs(begins[None, :] - starts[:, None]).argmin(axis=1)] - starts
    near = apart[np.abs(apart) <= NEAR]
    if len(near) * 2 >= len(starts):
        shift = float(np.median(near))
        if float(np.abs(near - shift).mean()) <= STEADY:
            move, apart = Move(round(move.offset + shift, 3), move.ratio), apart - shift
    place = min(max(0, round((move.offset + origin) / SAMPLE) + first), len(fits) - 1)
    meets = float((np.abs(apart) <= MEETING).mean())
    return SoundFit(move, float(fits[place]), meets)


def _samples(spans: Spans) -> Samples:
    """Return 1 where something is, and 0 elsewhere."""
    made: Samples = np.zeros(int(max(end for _, end in spans) / SAMPLE) + 2)
    for start, end in spans:
        made[int(start / SAMPLE) : int(end / SAMPLE)] = 1.0
    return made
