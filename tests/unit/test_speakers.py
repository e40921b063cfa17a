#!/usr/bin/env python3
"""Tests of shared/transcript/sound/speakers.py."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.schemas import Segment, SpeechRegion, Transcript, Word
from shared.transcript.sound.speakers import (
    SpeakerTurn,
    main_speaker,
    name_regions,
    name_segments,
    number_speakers,
    one_after_the_other,
)
from tests.support.media_job import segment, transcript, words


def region(start: float, end: float, speaker: str | None = None) -> SpeechRegion:
    return SpeechRegion(start=start, end=end, score=0.9, speaker=speaker)


def turn(start: float, end: float, speaker: str) -> SpeakerTurn:
    return SpeakerTurn(start=start, end=end, speaker=speaker)


def spans(regions: list[SpeechRegion]) -> list[tuple[float, float, str | None]]:
    return [(one.start, one.end, one.speaker) for one in regions]


def test_speakers_are_numbered_as_they_appear() -> None:
    found = number_speakers([turn(3, 4, "x"), turn(0, 1, "y"), turn(5, 6, "y")])
    assert [one.speaker for one in found] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    assert [one.start for one in found] == [0, 3, 5]


def test_a_region_is_cut_where_the_speaker_changes() -> None:
    turns = [turn(0, 1.9, "A"), turn(2.1, 4, "B"), turn(4, 5, "B")]
    assert spans(name_regions([region(0, 5)], turns)) == [(0, 2, "A"), (2, 5, "B")]


def test_regions_of_one_turn_each_stay_whole() -> None:
    regions, turns = [region(0, 2), region(3, 5)], [turn(0.1, 2.2, "A"), turn(2.8, 5, "B")]
    assert spans(name_regions(regions, turns)) == [(0, 2, "A"), (3, 5, "B")]


def test_a_sliver_is_not_cut_off() -> None:
    turns = [turn(0, 2, "A"), turn(2, 4, "B"), turn(4, 6, "A")]
    assert spans(name_regions([region(0, 2.1)], turns)) == [(0, 2.1, "A")]
    assert spans(name_regions([region(1.9, 4)], turns)) == [(1.9, 4, "B")]


def test_the_nearest_turn_names_a_region_without_one_but_not_from_afar() -> None:
    regions = [region(2.2, 2.6), region(9, 10)]
    assert spans(name_regions(regions, [turn(0, 2, "A")])) == [(2.2, 2.6, "A"), (9, 10, None)]


def test_who_speaks_longest_is_the_main_speaker() -> None:
    regions = [region(0, 1, "A"), region(1, 2.5, "B"), region(3, 3.8, "A")]
    assert main_speaker(region(0, 4), regions) == "A"
    assert main_speaker(region(1, 3), regions) == "B"
    assert main_speaker(region(5, 6), regions) is None


QUESTION = segment(
    0,
    0,
    4,
    "Who is there? It is me.",
    words=words(
        *((0, 0.5, "Who"), (0.5, 1, "is"), (1, 1.8, "there?")),
        *((2.2, 2.6, "It"), (2.6, 3, "is"), (3, 4, "me.")),
    ),
)
AFTER = segment(1, 5, 6, "Yes.", words=words((5, 6, "Yes.")))


def test_a_segment_is_parted_where_its_words_change_the_speaker() -> None:
    regions = [region(0, 2, "A"), region(2, 4.5, "B"), region(4.8, 6, "A")]
    first, second, third = name_segments([QUESTION, AFTER], regions)
    assert [(s.id, s.text, s.speaker) for s in (first, second, third)] == [
        (0, "Who is there?", "A"),
        (1, "It is me.", "B"),
        (2, "Yes.", "A"),
    ]
    assert (first.start, first.end, second.start, second.end) == (0, 1.8, 2.2, 4)
    assert len(first.words) == len(second.words) == 3


def test_one_short_word_of_another_is_not_believed() -> None:
    regions = [region(0, 2, "A"), region(2, 2.6, "B"), region(2.6, 5, "A")]
    (only,) = name_segments([QUESTION], regions)
    assert (only.text, only.speaker) == (QUESTION.text, "A")


def test_a_text_that_is_not_its_words_is_not_parted() -> None:
    odd = QUESTION.model_copy(update={"text": "something else"})
    (only,) = name_segments([odd], [region(0, 1.9, "A"), region(2, 4, "B")])
    assert (only.text, only.speaker) == ("something else", "B")


def test_without_speakers_and_without_words_nothing_is_parted() -> None:
    assert name_segments([QUESTION, AFTER], [region(0, 6)]) == [QUESTION, AFTER]
    bare = segment(0, 0, 4, "No words here")
    (only,) = name_segments([bare], [region(0, 3, "A"), region(3, 4, "B")])
    assert (only.speaker, only.text) == ("A", "No words here")


TIMES = st.integers(0, 400).map(lambda n: n / 20)


@st.composite
def films(draw: st.DrawFn) -> tuple[list[Segment], list[SpeechRegion]]:
    """Draw segments with words and regions with speakers."""
    edges = sorted(draw(st.lists(TIMES, min_size=2, max_size=16, unique=True)))
    regions = [
        region(low, high, draw(st.sampled_from(["A", "B", None])))
        for low, high in zip(edges[::2], edges[1::2], strict=False)
    ]
    segments, position = [], 0.0
    for number in range(draw(st.integers(1, 4))):
        count = draw(st.integers(0, 6))
        steps = draw(st.lists(st.integers(1, 20), min_size=count + 1, max_size=count + 1))
        said, start = [], position
        for step in steps[:count]:
            text = draw(st.sampled_from(["ha", "a", "no", "हाँ", "是"]))
            said.append(Word(start=position, end=position + step / 20, text=text))
            position += step / 20
        text = draw(st.sampled_from([" ", ""])).join(word.text for word in said)
        position += 0 if said else steps[0] / 20
        segments.append(segment(number, start, position, text or "x", words=said))
    return segments, regions


@given(films())
def test_no_word_and_no_character_is_lost(film: tuple[list[Segment], list[SpeechRegion]]) -> None:
    segments, regions = film
    named = name_segments(segments, regions)
    assert [w for s in named for w in s.words] == [w for s in segments for w in s.words]
    joined = "".join(s.text for s in segments)
    assert "".join(s.text for s in named).replace(" ", "") == joined.replace(" ", "")
    Transcript.model_validate_json(transcript(*named).model_dump_json())


@given(films(), st.lists(st.tuples(TIMES, TIMES, st.sampled_from("ABC")), max_size=8))
def test_no_second_of_speech_is_lost(
    film: tuple[list[Segment], list[SpeechRegion]], drawn: list[tuple[float, float, str]]
) -> None:
    _, regions = film
    made = [turn(min(a, b), max(a, b), who) for a, b, who in drawn]
    named = name_regions(regions, sorted(made, key=lambda one: one.start))
    for one in regions:
        pieces = [p for p in named if p.start >= one.start and p.end <= one.end]
        assert abs(sum(p.duration for p in pieces) - one.duration) < 0.01
        assert pieces[0].start == one.start and pieces[-1].end == one.end
    assert all(b.start >= a.end for a, b in zip(named, named[1:], strict=False))


def test_where_two_speak_at_once_both_are_named_the_longer_turn_first() -> None:
    turns = [turn(0, 6, "A"), turn(2, 3, "B"), turn(5, 9, "C")]
    found = [
        (one.start, one.end, one.speaker, one.others) for one in name_regions([region(0, 9)], turns)
    ]
    assert found == [
        (0, 2, "A", []),
        (2, 3, "A", ["B"]),
        (3, 5, "A", []),
        (5, 6, "A", ["C"]),
        (6, 9, "C", []),
    ]


def test_a_segment_names_who_talks_into_it_and_forgets_nobodys_words() -> None:
    regions = name_regions([region(0, 6)], [turn(0, 6, "A"), turn(2, 3, "B")])
    said = Segment(
        id=0,
        start=0,
        end=6,
        text="one two three",
        confidence=0.9,
        language="en",
        words=[
            Word(start=0.5, end=1, text="one"),
            Word(start=2.2, end=2.8, text="two"),
            Word(start=4, end=5, text="three"),
        ],
    )
    named = name_segments([said], regions)
    assert [(one.text, one.speaker, one.others) for one in named] == [("one two three", "A", ["B"])]
    apart = name_segments(
        [said], name_regions([region(0, 6)], [turn(0, 6, "A"), turn(2, 2.3, "B")])
    )
    assert apart[0].others == []


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(1, 30), st.sampled_from("ABC")),
        min_size=1,
        max_size=12,
    )
)
def test_turns_made_to_follow_each_other_lose_no_time_and_nobody(
    raw: list[tuple[int, int, str]],
) -> None:
    turns = sorted(
        (turn(start / 10, (start + length) / 10, name) for start, length, name in raw),
        key=lambda one: (one.start, one.end),
    )
    parted = one_after_the_other(turns)
    assert all(b.start >= a.end for a, b in zip(parted, parted[1:], strict=False))
    for tenth in range(1, 120):
        time = tenth / 10 + 0.05
        heard = {one.speaker for one in turns if one.start < time < one.end}
        told = [{p.speaker, *p.others} for p in parted if p.start < time < p.end]
        assert (told[0] if told else set()) == heard
