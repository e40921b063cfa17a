#!/usr/bin/env python3
"""
Lyrics: which segments count as sung, on what evidence, and that nothing of them is lost.

Usage:
    pytest tests/unit/test_lyrics.py
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.schemas import Segment, Word
from shared.transcript.sound.lyrics import SoundScores, mark_lyrics

SONG = SoundScores(speech=0.0, singing=0.02, music=0.91, margin=2.5, seconds=4.0)
FAINT_SONG = SoundScores(speech=0.01, singing=0.01, music=0.80, margin=0.4, seconds=4.0)
DIALOGUE = SoundScores(speech=0.98, singing=0.0, music=0.02, margin=-20.0, seconds=4.0)
# The quietest line over a score among the development clips.
UNDER_SCORE = SoundScores(speech=0.05, singing=0.0, music=0.41, margin=-2.6, seconds=3.0)
SCORE_ONLY = SoundScores(speech=0.0, singing=0.0, music=0.97, margin=-1.2, seconds=5.0)
HUM = SoundScores(speech=0.02, singing=0.6, music=0.1, margin=4.0, seconds=4.0)
NOISE = SoundScores(speech=0.0, singing=0.0, music=0.05, margin=1.5, seconds=3.0)
CHORUS = "We will meet again beneath the silver moon"


def segment(number: int, start: float, text: str, length: float = 3.0) -> Segment:
    """Return a segment of three seconds."""
    return Segment(
        id=number, start=start, end=start + length, text=text, confidence=0.8, language="en"
    )


def decided(
    texts: Sequence[str], sounds: Sequence[SoundScores | None], step: float = 4.0
) -> list[bool]:
    """Return is_lyrics of segments that follow one another every `step` seconds."""
    segments = [segment(number, number * step, text) for number, text in enumerate(texts)]
    scores = {number: sound for number, sound in enumerate(sounds) if sound is not None}
    return [bool(found.is_lyrics) for found in mark_lyrics(segments, scores)]


class TestSound:
    """What the sound alone decides."""

    @pytest.mark.parametrize(
        ("sound", "sung"),
        [
            (SONG, True),
            (HUM, True),
            (DIALOGUE, False),
            (UNDER_SCORE, False),
            (SCORE_ONLY, False),
            (FAINT_SONG, False),
            (NOISE, False),
        ],
    )
    def test_one_segment(self, sound: SoundScores, sung: bool) -> None:
        assert decided(["some words of a line"], [sound]) == [sung]

    def test_faint_lines_next_to_clear_ones_are_sung(self) -> None:
        sounds = [FAINT_SONG, SONG, FAINT_SONG, FAINT_SONG, DIALOGUE, FAINT_SONG]
        texts = ["one line", "two lines", "three lines", "four lines", "five lines", "six lines"]
        assert decided(texts, sounds) == [True, True, True, True, False, False]

    def test_a_long_pause_ends_the_song(self) -> None:
        assert decided(["a line", "another"], [SONG, FAINT_SONG], step=9.0) == [True, False]

    def test_dialogue_between_sung_lines_stays_dialogue(self) -> None:
        assert decided(["la", "Where is he?", "la"], [SONG, UNDER_SCORE, SONG]) == [
            True,
            False,
            True,
        ]

    def test_thresholds_are_arguments(self) -> None:
        line = [segment(0, 0.0, "a line")]
        assert mark_lyrics(line, {0: FAINT_SONG}, margin=0.3)[0].is_lyrics
        assert not mark_lyrics(line, {0: SONG}, margin=3.0)[0].is_lyrics
        assert not mark_lyrics(line, {0: SONG}, music=0.95)[0].is_lyrics
        pair = [segment(0, 0.0, "a line"), segment(1, 9.0, "another")]
        scores = {0: SONG, 1: FAINT_SONG}
        assert mark_lyrics(pair, scores, gap=6.5)[1].is_lyrics
        assert not mark_lyrics(pair, scores, gap=6.5, neighbour_margin=0.5)[1].is_lyrics


class TestText:
    """What the text adds."""

    @pytest.mark.parametrize("sound", [DIALOGUE, UNDER_SCORE])
    def test_text_never_turns_dialogue_into_lyrics_by_repeats(self, sound: SoundScores) -> None:
        assert decided([CHORUS] * 5, [sound] * 5) == [False] * 5

    def test_note_sign_does_not_outweigh_clear_speech(self) -> None:
        assert decided([f"♪ {CHORUS} ♪"] * 3, [DIALOGUE] * 3) == [False] * 3

    def test_note_sign_helps_a_faint_song(self) -> None:
        assert decided(["♪ a line ♪"], [FAINT_SONG]) == [True]

    def test_note_signs_without_words_help_nothing(self) -> None:
        assert decided(["♪♪"], [FAINT_SONG]) == [False]

    def test_a_chorus_helps_a_faint_song(self) -> None:
        texts = [CHORUS, "something else here", "We'll meet again beneath the silver moon!"]
        assert decided(texts, [FAINT_SONG] * 3, step=60.0) == [True, False, True]

    def test_short_phrases_are_no_chorus(self) -> None:
        assert decided(["Come on!", "Come on!", "Come on!"], [FAINT_SONG] * 3) == [False] * 3

    def test_without_sound_text_must_be_strong(self) -> None:
        assert decided([CHORUS, CHORUS], [None, None]) == [False, False]
        assert decided(["♪ la la"], [None]) == [False]
        assert decided([f"♪ {CHORUS}", f"♪ {CHORUS}"], [None, None]) == [True, True]

    def test_hindi_chorus(self) -> None:
        line = "मेरे सपनों की रानी कब आएगी तू"
        assert decided([line, "और कुछ", line], [FAINT_SONG] * 3, step=60.0) == [True, False, True]


class TestEvidence:
    """What is told about a decision."""

    def test_numbers_and_places(self) -> None:
        segments = [segment(0, 5.0, f"♪ {CHORUS}"), segment(1, 3725.0, CHORUS)]
        first, second = mark_lyrics(segments, {0: SONG, 1: SONG})
        assert first.lyrics_evidence == [
            "singing 0.02, speech 0.00, music 0.91 over 4.0 s",
            "log-odds of singing against speech +2.5",
            "text has ♪",
            "line comes once more, at 1:02:05",
        ]
        assert second.lyrics_evidence[-1] == "line comes once more, at 00:05"

    def test_neighbours_are_told(self) -> None:
        segments = [segment(0, 0.0, "a line"), segment(1, 4.0, "another")]
        assert mark_lyrics(segments, {0: SONG, 1: FAINT_SONG})[1].lyrics_evidence[-1] == (
            "next to sung lines"
        )

    def test_missing_scores_are_told(self) -> None:
        found = mark_lyrics([segment(0, 0.0, "a line")], {})[0]
        assert found.is_lyrics is False and found.lyrics_evidence == ["no sound scores"]


TEXTS = st.one_of(st.text(max_size=40), st.sampled_from([CHORUS, f"♪ {CHORUS} ♪", "♪", ""]))
SCORES = st.builds(
    SoundScores,
    speech=st.floats(0, 1),
    singing=st.floats(0, 1),
    music=st.floats(0, 1),
    margin=st.floats(-30, 30),
    seconds=st.floats(0, 60),
)


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[list[Segment], dict[int, SoundScores]]:
    """Draw segments in order, with words and other fields filled, and scores for some of them."""
    segments, start = [], 0.0
    for number in range(draw(st.integers(0, 12))):
        start += draw(st.floats(0, 20))
        end = start + draw(st.floats(0, 10))
        text = draw(TEXTS)
        words = [Word(start=start, end=end, text=part) for part in text.split()[:1]]
        segments.append(
            Segment(
                id=number,
                start=start,
                end=end,
                text=text,
                confidence=draw(st.floats(0, 1)),
                language=draw(st.sampled_from(["hi", "en"])),
                words=words,
                speaker=draw(st.sampled_from([None, "SPEAKER_00"])),
                no_speech_probability=draw(st.sampled_from([None, 0.25])),
            )
        )
    known = draw(st.sets(st.integers(0, 12)))
    return segments, {number: draw(SCORES) for number in known}


class TestProperties:
    """What holds for every transcript."""

    @given(transcripts())
    def test_fields_are_added_and_none_is_lost(
        self, drawn: tuple[list[Segment], dict[int, SoundScores]]
    ) -> None:
        segments, scores = drawn
        before = [found.model_dump_json() for found in segments]
        marked = mark_lyrics(segments, scores)
        assert [found.model_dump_json() for found in segments] == before
        own = {"is_lyrics", "lyrics_evidence"}
        assert [found.model_dump(exclude=own) for found in marked] == [
            found.model_dump(exclude=own) for found in segments
        ]
        for found in marked:
            assert isinstance(found.is_lyrics, bool) and found.lyrics_evidence
            assert Segment.model_validate(found.model_dump()) == found

    @given(transcripts())
    def test_marking_twice_is_marking_once(
        self, drawn: tuple[list[Segment], dict[int, SoundScores]]
    ) -> None:
        segments, scores = drawn
        once = mark_lyrics(segments, scores)
        assert mark_lyrics(once, scores) == once

    @given(transcripts(), st.floats(0, 10))
    def test_more_singing_never_takes_lyrics_away(
        self, drawn: tuple[list[Segment], dict[int, SoundScores]], more: float
    ) -> None:
        segments, scores = drawn
        louder = {
            number: SoundScores(
                found.speech, found.singing, found.music, found.margin + more, found.seconds
            )
            for number, found in scores.items()
        }
        pairs = zip(mark_lyrics(segments, scores), mark_lyrics(segments, louder), strict=True)
        assert all(after.is_lyrics or not before.is_lyrics for before, after in pairs)

    def test_nothing_at_all(self) -> None:
        assert mark_lyrics([], {}) == []

    @pytest.mark.slow
    def test_a_long_film_takes_seconds(self) -> None:
        """3000 different lines with common words, and a chorus of twenty lines."""
        words = "the road that you and I have taken will never come to where it was going".split()
        lines = [
            " ".join(
                words[(number * step + shift) % len(words)] for shift, step in enumerate(steps)
            )
            for number in range(3000)
            for steps in [(1, 3, 5, 7, 2 + number % 11, 4 + number % 13, 1 + number % 3)]
        ]
        lines[::150] = [CHORUS] * len(lines[::150])
        segments = [segment(number, number * 2.4, line, 2.0) for number, line in enumerate(lines)]
        began = time.process_time()
        marked = mark_lyrics(segments, {number: FAINT_SONG for number in range(3000)})
        assert time.process_time() - began < 20
        assert "line comes 19 more times, at 06:00, 12:00, 18:00, …" in marked[0].lyrics_evidence


class TestLength:
    """What a long film costs."""

    @pytest.mark.slow
    def test_lines_that_come_again_and_again_cost_no_more_than_others(self) -> None:
        draw = random.Random(1)
        words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(3000)]
        lines = [" ".join(draw.choices(words, k=8)) for _ in range(200)]
        film = [segment(number, number * 4.0, line) for number, line in enumerate(lines * 60)]
        began = time.process_time()
        marked = mark_lyrics(film, {one.id: DIALOGUE for one in film})
        assert time.process_time() - began < 12.0  # 14 s and more when each was compared with each
        assert not any(one.is_lyrics for one in marked)
        assert all("more times" in one.lyrics_evidence[-1] for one in marked)

    def test_a_refrain_that_comes_three_hundred_times_is_a_refrain(self) -> None:
        film = [segment(number, number * 4.0, CHORUS) for number in range(300)]
        first, *_, last = mark_lyrics(film, {})
        assert first.lyrics_evidence[-1] == "line comes 299 more times, at 00:04, 00:08, 00:12, …"
        assert last.lyrics_evidence[-1] == "line comes 299 more times, at 00:00, 00:04, 00:08, …"
