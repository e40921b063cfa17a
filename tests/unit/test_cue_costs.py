#!/usr/bin/env python3
"""Tests of shared/subtitles/shaping/cue_costs.py against plain reckoning and every way through."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles.base.phrase import Phrase
from shared.subtitles.base.profiles import ReadingLimits, limits_for
from shared.subtitles.layout.layout import lay_out, weights
from shared.subtitles.layout.line_breaks import BreakKind, BreakPoint, rate_break
from shared.subtitles.shaping.cue_costs import all_costs, cheapest_cues
from shared.subtitles.shaping.word_stream import WordStream
from shared.transcript.records.schemas import Word
from tests.support.examples import examples
from tests.support.spoken import speech

LIMITS = limits_for("en", frame_rate="24")
SMALL = [
    replace(LIMITS, max_line_length=14),
    replace(LIMITS, max_line_length=12, max_lines=3),
    replace(LIMITS, max_line_length=20, max_lines=1),
    replace(limits_for("hi", profile="bbc"), max_line_length=14),
]


class Plain:
    """The costs of cues one by one, written down as plainly as they are meant."""

    def __init__(self, phrases: list[Phrase], limits: ReadingLimits) -> None:
        self.phrases = [phrase for phrase in phrases for _ in phrase.words]
        self.words = [word for phrase in phrases for word in phrase.words]
        self.texts = [word.text.strip() for word in self.words]
        self.limits = limits

    def __len__(self) -> int:
        return len(self.words)

    def point(self, place: int) -> BreakPoint:
        return rate_break(self.texts, place, self.limits.language)

    def pause(self, place: int) -> float:
        return self.words[place].start - self.words[place - 1].end

    def ends_segment(self, place: int) -> bool:
        return self.phrases[place] is not self.phrases[place - 1]

    def turns(self, place: int) -> bool:
        speakers = {self.phrases[place].speaker, self.phrases[place - 1].speaker}
        return None not in speakers and len(speakers) > 1

    def is_unit(self, place: int) -> bool:
        if place in (0, len(self)):
            return True
        return self.ends_segment(place) or self.point(place).kind is BreakKind.SENTENCE

    def cost(self, first: int, last: int) -> float:
        inside = range(first + 1, last)
        cost = weights.CUE + self.layout(first, last) + self.reading(first, last)
        for place in inside:
            is_sung = self.phrases[place].is_lyrics
            differs = is_sung != self.phrases[place - 1].is_lyrics
            wall = differs or (self.turns(place) and is_sung)
            if wall or self.pause(place) > weights.LONGEST_PAUSE:
                return math.inf
            cost += weights.joining_cost(
                self.point(place), self.pause(place), self.ends_segment(place)
            )
        if last < len(self):
            cost += weights.cue_break_cost(
                self.point(last), self.pause(last), self.ends_segment(last)
            )
        fragment = self.length(first, last) < weights.FRAGMENT_CHARACTERS
        whole = self.is_unit(first) and self.is_unit(last)
        return cost + (weights.FRAGMENT if fragment and not whole else 0.0)

    def length(self, first: int, last: int) -> int:
        return self.limits.line_length(" ".join(self.texts[first:last]))

    def layout(self, first: int, last: int) -> float:
        turns = [place for place in range(first + 1, last) if self.turns(place)]
        most = self.limits.max_line_length
        if turns:
            if len(turns) > 1 or self.limits.max_lines < 2:
                return math.inf
            halves = (first, turns[0]), (turns[0], last)
            fits = all(self.length(*half) + 1 <= most for half in halves)
            return weights.TWO_SPEAKERS if fits else math.inf
        note = 2 if self.phrases[first].is_lyrics else 0
        options = [math.inf]
        for count in range(1, self.limits.max_lines + 1):
            for places in combinations(range(first + 1, last), count - 1):
                lines = list(pairwise([first, *places, last]))
                lengths = [self.length(*line) for line in lines]
                lengths[0] += note
                lengths[-1] += note
                if max(lengths) > most:
                    continue
                options.append(self.lines_cost(lengths, places))
        cost = min(options)
        return min(cost, weights.OVERLONG) if last - first == 1 else cost

    def lines_cost(self, lengths: list[int], places: tuple[int, ...]) -> float:
        if len(lengths) == 1:
            return 0.0
        unused = [1 - length / self.limits.max_line_length for length in lengths]
        mean = sum(unused) / len(unused)
        ragged = weights.RAGGED * sum((one - mean) ** 2 for one in unused)
        breaks = sum(
            weights.line_break_cost(self.point(place), self.texts[place - 1]) for place in places
        )
        return weights.LINE * (len(lengths) - 1) + ragged + breaks

    def reading(self, first: int, last: int) -> float:
        words, limits = self.words[first:last], self.limits
        start, end = words[0].start, words[-1].end
        if len(words) > 1 and end - start > limits.max_duration:
            return math.inf
        text = " ".join(self.texts[first:last])
        text = f"♪ {text} ♪" if self.phrases[first].is_lyrics else text
        needed = limits.needed_seconds(text)
        room = math.inf
        if last < len(self):
            room = max(self.words[last].start - limits.min_gap - start, limits.frame)
        shown = min(max(end - start, needed, limits.min_duration), room, limits.max_duration)
        cost = 0.0
        if shown < limits.min_duration - 1e-6:
            cost += weights.TOO_SHORT + weights.SHORTER * (1 - shown / limits.min_duration)
        if needed > shown * (1 + 1e-6):
            cost += weights.TOO_FAST + weights.FASTER * (needed / shown - 1)
        return cost


def ways(count: int) -> Iterator[list[tuple[int, int]]]:
    """Yield every way to part so many words into cues."""
    for number in range(count):
        for places in combinations(range(1, count), number):
            yield list(pairwise([0, *places, count]))


short_speech = speech(longest=0.6, most_words=3)


@examples(40)
@given(short_speech, st.sampled_from(SMALL))
def test_every_cue_costs_what_it_is_meant_to(phrases: list[Phrase], limits: ReadingLimits) -> None:
    plain = Plain(phrases, limits)
    rows = all_costs(WordStream.of(phrases, limits), limits)
    for width, row in enumerate(rows, 1):
        expected = [plain.cost(first, first + width) for first in range(len(row))]
        assert row.tolist() == pytest.approx(expected, abs=1e-6)


@examples(40)
@given(short_speech, st.sampled_from(SMALL))
def test_no_way_through_is_cheaper(phrases: list[Phrase], limits: ReadingLimits) -> None:
    plain = Plain(phrases, limits)
    costs: dict[tuple[int, int], float] = {}

    def total(cues: list[tuple[int, int]]) -> float:
        for cue in cues:
            if cue not in costs:
                costs[cue] = plain.cost(*cue)
        return sum(costs[cue] for cue in cues)

    chosen = cheapest_cues(WordStream.of(phrases, limits), limits)
    assert [cue[0] for cue in chosen[1:]] == [cue[1] for cue in chosen[:-1]]
    assert (chosen[0][0], chosen[-1][1]) == (0, len(plain))
    assert total(chosen) == pytest.approx(min(total(cues) for cues in ways(len(plain))), abs=1e-6)


@examples(40)
@given(
    st.lists(st.sampled_from(["the", "a", "house,", "and", "Peter", "going", "no."]), min_size=2)
)
def test_lines_are_those_that_were_reckoned_with(texts: list[str]) -> None:
    """The lines shown cost what the best lines cost when cues were chosen."""
    texts = texts[:12]
    words = [Word(start=n, end=n + 0.5, text=f" {text}") for n, text in enumerate(texts)]
    phrases = [Phrase(tuple(words))]
    for limits in SMALL[:2]:
        plain = Plain(phrases, limits)
        best = plain.layout(0, len(texts))
        if math.isinf(best):
            continue
        lines = lay_out([word.text for word in words], limits)
        ends = [0]
        for line in lines:
            ends.append(ends[-1] + len(line.split()))
        lengths = [len(line) for line in lines]
        assert plain.lines_cost(lengths, tuple(ends[1:-1])) == pytest.approx(best, abs=1e-6)


def test_nothing_said_costs_nothing() -> None:
    assert cheapest_cues(WordStream.of([], LIMITS), LIMITS) == []
