#!/usr/bin/env python3
"""Tests of shared/subtitles/shaping.py: what must hold for every stream of words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.subtitles.counting import display_length
from shared.subtitles.cue import Cue
from shared.subtitles.layout import break_lines
from shared.subtitles.lint import lint_cues
from shared.subtitles.phrase import Phrase, phrase_from_segment, phrase_from_text
from shared.subtitles.profiles import ReadingLimits
from shared.subtitles.shaping import shape_cues
from shared.transcript.schemas import TimeSpan, Word
from tests.support.media_job import segment, words

LIMITS = ReadingLimits(42, 2, 17.0, 0.833, 7.0, 0.08)
NARROW = ReadingLimits(16, 2, 12.0, 0.833, 7.0, 0.08)
HINDI = "क्या तुम्हें याद है कि हम पहली बार कहाँ मिले थे और क्या-क्या बातें हुई थीं उस शाम को?"
JAPANESE = "これは長い文です。「本当に」そうですか？はい、東京タワーへ行きました。OKです。"

NAMES = ["I", "am", "going", "home,", "now.", "क्यों?", "नमस्ते", "straightforward", "—", "1947"]


@st.composite
def speech(draw: st.DrawFn, longest: float = 2.0) -> list[Phrase]:
    """Draw phrases whose words follow one another, with pauses, some of them sung."""
    phrases: list[Phrase] = []
    now = draw(st.floats(0, 5))
    for _ in range(draw(st.integers(1, 3))):
        spoken: list[Word] = []
        for number in range(draw(st.integers(1, 20))):
            now += draw(st.sampled_from([0.0, 0.0, 0.05, 0.4, 6.0]))
            length = draw(st.floats(0.0, longest))
            space = " " if number else ""
            text = space + draw(st.sampled_from(NAMES))
            spoken.append(Word(start=now, end=now + length, text=text))
            now += length
        phrases.append(Phrase(tuple(spoken), draw(st.booleans())))
    return phrases


def spoken(phrases: list[Phrase]) -> list[str]:
    """Return the words of phrases in order, bare."""
    bare = " ".join(phrase.text for phrase in phrases).split()
    return [word.rstrip(".") for word in bare]


def shown(cues: list[Cue]) -> list[str]:
    """Return the words of cues in order, without notes; a sung line has no full stop."""
    bare = " ".join(cue.text for cue in cues).split()
    return [word.rstrip(".") for word in bare if word != "♪"]


class TestAnySpeech:
    """Properties that hold whatever is said."""

    @settings(max_examples=60, deadline=None)
    @given(speech())
    def test_every_word_is_shown_once_and_in_order(self, phrases: list[Phrase]) -> None:
        assert shown(shape_cues(phrases, LIMITS)) == spoken(phrases)

    @settings(max_examples=60, deadline=None)
    @given(speech())
    def test_cues_follow_one_another_with_a_gap(self, phrases: list[Phrase]) -> None:
        cues = shape_cues(phrases, LIMITS)
        for cue in cues:
            assert 0.199 < cue.duration <= LIMITS.max_duration + 1e-9
        for before, after in zip(cues, cues[1:], strict=False):
            assert after.start - before.end >= LIMITS.min_gap - 1e-9

    @settings(max_examples=60, deadline=None)
    @given(speech())
    def test_lines_fit(self, phrases: list[Phrase]) -> None:
        for limits in (LIMITS, NARROW):
            for cue in shape_cues(phrases, limits):
                single = len(cue.text.replace("♪", "").split()) == 1
                assert len(cue.lines) <= limits.max_lines
                longest = max(display_length(line) for line in cue.lines)
                assert longest <= limits.max_line_length or single

    @settings(max_examples=60, deadline=None)
    @given(speech())
    def test_a_cue_starts_with_its_first_word_where_there_is_time(
        self, phrases: list[Phrase]
    ) -> None:
        starts = {word.start for phrase in phrases for word in phrase.words}
        cues = shape_cues(phrases, LIMITS)
        for number, cue in enumerate(cues):
            pushed = number and cue.start == pytest.approx(cues[number - 1].end + LIMITS.min_gap)
            assert cue.start in starts or pushed

    @settings(max_examples=60, deadline=None)
    @given(speech())
    def test_the_same_words_give_the_same_cues(self, phrases: list[Phrase]) -> None:
        assert shape_cues(phrases, LIMITS) == shape_cues(list(phrases), LIMITS)

    @settings(max_examples=60, deadline=None)
    @given(speech(longest=0.6))
    def test_only_speed_and_length_can_be_wrong_with_it(self, phrases: list[Phrase]) -> None:
        """What the speakers' own pace decides is a warning; nothing else is left to find."""
        rules = {finding.rule for finding in lint_cues(shape_cues(phrases, LIMITS), LIMITS)}
        assert rules <= {"reading-speed", "min-duration"}

    @settings(max_examples=60, deadline=None)
    @given(speech(), speech())
    def test_two_who_talk_at_once(self, one: list[Phrase], other: list[Phrase]) -> None:
        both = sorted(one + other, key=lambda phrase: phrase.words[0].start)
        cues = shape_cues(both, LIMITS)
        assert sorted(shown(cues)) == sorted(spoken(both))
        for before, after in zip(cues, cues[1:], strict=False):
            assert after.start - before.end >= LIMITS.min_gap - 1e-9

    @settings(max_examples=50, deadline=None)
    @given(st.text(st.characters(categories=["L", "M", "N", "P", "Zs"])), st.booleans())
    def test_any_text_without_word_times(self, text: str, is_lyrics: bool) -> None:
        assume("♪" not in text)
        phrase = phrase_from_text(text, TimeSpan(start=3, end=9), is_lyrics)
        if phrase.words:
            assert phrase.words[0].start == 3
            assert phrase.words[-1].end == pytest.approx(9)
        cues = shape_cues([phrase], replace(LIMITS, max_duration=30))
        letters = "".join(text.split())
        heard = "".join("".join(cue.text for cue in cues).replace("♪", "").split())
        assert heard.replace(".", "") == letters.replace(".", "")


class TestText:
    """What becomes of real sentences."""

    def test_a_short_line_stays_on_one_line(self) -> None:
        (cue,) = shape_cues([phrase_from_text("Good morning.", TimeSpan(start=1, end=2))], LIMITS)
        assert cue == Cue(1, 2.5, "Good morning.")

    def test_a_long_sentence_breaks_after_a_comma(self) -> None:
        """Although breaking one word later would be more even."""
        text = "When the morning came, everybody was still asleep there."
        assert break_lines(text, LIMITS).split("\n")[0] == "When the morning came,"

    def test_two_sentences_are_split_at_the_pause(self) -> None:
        first = [(n * 0.4, n * 0.4 + 0.4, f" word{n}") for n in range(10)]
        second = [(s + 5.5, e + 5.5, text) for s, e, text in first]
        cues = shape_cues([Phrase(tuple(words(*first, *second)))], LIMITS)
        assert [len(cue.text.split()) for cue in cues] == [10, 10]
        assert cues[1].start == 5.5

    def test_hindi_is_measured_as_it_is_seen_and_never_torn(self) -> None:
        assert display_length("क्या हाल है") < len("क्या हाल है")
        cues = shape_cues([phrase_from_text(HINDI, TimeSpan(start=0, end=12))], NARROW)
        assert " ".join(" ".join(cue.lines) for cue in cues) == HINDI
        assert all(display_length(line) <= 16 for cue in cues for line in cue.lines)

    def test_japanese_is_split_without_spaces(self) -> None:
        cues = shape_cues([phrase_from_text(JAPANESE, TimeSpan(start=0, end=12))], NARROW)
        assert "".join("".join(cue.lines) for cue in cues) == JAPANESE
        lines = [line for cue in cues for line in cue.lines]
        assert all(display_length(line) <= 16 for line in lines)
        assert not any(line.startswith(("。", "、", "？", "ー", "」")) for line in lines)

    def test_a_break_never_parts_a_letter_from_its_marks(self) -> None:
        word = "की" * 61
        first, second = break_lines(word, LIMITS).split("\n")
        assert sorted((first, second)) == ["की" * 30, "की" * 31]

    def test_one_word_that_is_too_long_is_still_shown(self) -> None:
        word = "Donaudampfschiff" * 7
        (cue,) = shape_cues([phrase_from_text(word, TimeSpan(start=0, end=2))], LIMITS)
        assert cue.text.replace("\n", "") == word

    def test_songs_have_notes_and_no_line_holds_a_note_alone(self) -> None:
        text = "Mere sapnon ki rani kab aayegi tu, aayi rut mastani kab aayegi tu."
        cues = shape_cues([phrase_from_text(text, TimeSpan(start=0, end=6), True)], LIMITS)
        for cue in cues:
            assert cue.text.startswith("♪ ") and cue.text.endswith(" ♪")
            assert not cue.text.endswith(". ♪")
            assert cue.is_lyrics
            assert all(len(line) > 2 for line in cue.lines)
        long_word = phrase_from_text("la" * 20, TimeSpan(start=0, end=6), True)
        assert [len(line) > 2 for line in shape_cues([long_word], LIMITS)[0].lines] == [True, True]

    def test_notes_are_not_doubled(self) -> None:
        phrase = phrase_from_text("♪ la la ♪", TimeSpan(start=0, end=2), True)
        assert shape_cues([phrase], LIMITS)[0].text == "♪ la la ♪"

    def test_music_without_words_is_one_note(self) -> None:
        phrase = phrase_from_text("♪", TimeSpan(start=0, end=2), True)
        assert shape_cues([phrase], LIMITS)[0].text == "♪"

    def test_one_line_when_only_one_is_allowed(self) -> None:
        text = "This is certainly more than fits on a single line of forty-two characters."
        cues = shape_cues(
            [phrase_from_text(text, TimeSpan(start=0, end=6))], replace(LIMITS, max_lines=1)
        )
        assert len(cues) > 1
        assert all(len(cue.lines) == 1 and len(cue.text) <= 42 for cue in cues)

    def test_nothing_said_is_nothing_shown(self) -> None:
        assert shape_cues([], LIMITS) == []
        empty = phrase_from_text("  ", TimeSpan(start=0, end=1))
        blank = Phrase(tuple(words((0, 1, " "))))
        assert shape_cues([empty, blank], LIMITS) == []


class TestSegments:
    """From a segment of the transcript to a phrase."""

    def test_words_keep_their_times_and_spaces(self) -> None:
        spoken_words = words((1, 1.4, "It's,"), (1.5, 2, "well"), (2, 2.1, "."))
        phrase = phrase_from_segment(segment(0, 1, 3, "It's, well.", words=spoken_words))
        assert phrase.text == "It's, well."
        assert [(word.start, word.end) for word in phrase.words] == [(1, 1.4), (1.5, 2), (2, 2.1)]

    def test_without_words_the_time_is_shared_by_length(self) -> None:
        phrase = phrase_from_segment(segment(0, 0, 10, "aaaa bbbb", is_lyrics=True))
        assert [(word.start, word.end) for word in phrase.words] == [(0, 5), (5, 10)]
        assert phrase.is_lyrics

    def test_a_correction_made_by_hand_is_shown(self) -> None:
        heard = words((1, 2, "Hallo"), (2, 3, " wold"))
        phrase = phrase_from_segment(segment(0, 1, 3, "Hello, world!", words=heard))
        assert phrase.text == "Hello, world!"
        assert (phrase.words[0].start, phrase.words[-1].end) == (1, 3)
