#!/usr/bin/env python3
"""Tests of shared/subtitles/shaping/shaping.py: what must hold for every stream of words."""

from __future__ import annotations

from dataclasses import replace

import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.subtitles.base.counting import display_length
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import Finding
from shared.subtitles.base.phrase import Phrase, phrase_from_text
from shared.subtitles.base.profiles import ReadingLimits, limits_for
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.layout.layout import break_lines
from shared.subtitles.layout.tidy import tidy_words
from shared.subtitles.shaping.shaping import shape_cues
from shared.transcript.records.schemas import TimeSpan
from tests.support.examples import examples
from tests.support.media_job import words
from tests.support.spoken import speech

LIMITS = limits_for("en")
NARROW = replace(LIMITS, max_line_length=16, reading_speed=12.0)
THREE = replace(LIMITS, max_line_length=16, max_lines=3)
BBC = limits_for("hi", profile="bbc", frame_rate="25")
HINDI = "क्या तुम्हें याद है कि हम पहली बार कहाँ मिले थे और क्या-क्या बातें हुई थीं उस शाम को?"
JAPANESE = "これは長い文です。「本当に」そうですか？はい、東京タワーへ行きました。OKです。"
# What is wrong with the words themselves is not for shaping to mend.
WORDING = {"interruption", "continuation"}

any_limits = st.sampled_from([LIMITS, NARROW, THREE, BBC])
any_cuts = st.none() | st.lists(st.floats(0, 60), max_size=20)


def spoken(phrases: list[Phrase]) -> str:
    """Return what is said in order, without spaces and full stops."""
    return "".join("".join(phrase.text for phrase in phrases).split()).replace(".", "")


def shown(cues: list[Cue]) -> str:
    """Return what is shown in order, without spaces, full stops, notes and hyphens."""
    lines = [line.removeprefix("-").strip("♪# ") for cue in cues for line in cue.lines]
    return "".join("".join(lines).split()).replace(".", "")


def unexplained(cues: list[Cue], limits: ReadingLimits, cuts: list[float]) -> list[Finding]:
    """Return what the linter finds and the cue does not explain; cuts only ask."""
    return [
        finding
        for finding in lint_cues(cues, limits, sorted(cuts))
        if finding.rule not in {reason.rule for reason in cues[finding.cue - 1].reasons}
        and finding.rule not in WORDING | {"shot-in", "shot-out", "foreign-script"}
    ]


class TestAnySpeech:
    """Properties that hold whatever is said."""

    @examples(40)
    @given(speech(), any_limits)
    def test_every_word_is_shown_once_and_in_order(
        self, phrases: list[Phrase], limits: ReadingLimits
    ) -> None:
        cues = shape_cues(phrases, limits)
        assert shown(cues) == spoken(phrases)
        timed = [word for phrase in phrases for word in phrase.words]
        carried = [word for cue in cues for word in cue.words]
        assert [(word.start, word.end) for word in carried] == [(w.start, w.end) for w in timed]

    @examples(40)
    @given(speech(), any_limits, any_cuts)
    def test_cues_follow_one_another_with_a_gap(
        self, phrases: list[Phrase], limits: ReadingLimits, cuts: list[float] | None
    ) -> None:
        cues = shape_cues(phrases, limits, cuts)
        for cue in cues:
            assert 0.199 < cue.duration <= limits.max_duration + 0.001
        for before, after in zip(cues, cues[1:], strict=False):
            assert after.start - before.end >= limits.min_gap - 0.0011

    @examples(60)
    @given(speech(longest=0.8), any_limits, any_cuts)
    def test_limits_hold_or_the_cue_says_why_not(
        self, phrases: list[Phrase], limits: ReadingLimits, cuts: list[float] | None
    ) -> None:
        cues = shape_cues(phrases, limits, cuts)
        assert unexplained(cues, limits, cuts or []) == []
        errors = [f for f in lint_cues(cues, limits) if f.severity == "error"]
        # Words that follow one another faster than anybody speaks leave no time to read them.
        assert not [f for f in errors if "said quickly" not in f.message]

    @examples(40)
    @given(speech(), any_limits)
    def test_lines_fit(self, phrases: list[Phrase], limits: ReadingLimits) -> None:
        for cue in shape_cues(phrases, limits):
            assert len(cue.lines) <= limits.max_lines
            longest = max(display_length(line) for line in cue.lines)
            assert longest <= limits.max_line_length or len(cue.words) == 1

    @examples(40)
    @given(speech(), any_cuts)
    def test_a_cue_starts_within_a_frame_of_its_speech(
        self, phrases: list[Phrase], cuts: list[float] | None
    ) -> None:
        cues = shape_cues(phrases, LIMITS, cuts)
        step = LIMITS.frame if cuts is not None else 0.001
        for cue in cues:
            late = cue.start - cue.words[0].start
            near_cut = any(abs(cut - cue.words[0].start) < 0.6 for cut in cuts or [])
            pushed = "late" in {reason.rule for reason in cue.reasons}
            assert -step - 0.001 < late < LIMITS.frame + 0.0025 or near_cut or pushed

    @examples(30)
    @given(speech(), any_limits)
    def test_the_same_words_give_the_same_cues(
        self, phrases: list[Phrase], limits: ReadingLimits
    ) -> None:
        assert shape_cues(phrases, limits, [4.0]) == shape_cues(list(phrases), limits, [4.0])

    @examples(40)
    @given(speech())
    def test_nobody_shares_a_line_with_another_speaker(self, phrases: list[Phrase]) -> None:
        speaker_of = {word.start: one.speaker for one in phrases for word in one.words}
        for cue in shape_cues(phrases, LIMITS):
            named = [speaker_of[word.start] for word in cue.words if word.duration]
            known = {speaker for speaker in named if speaker}
            if len(known) > 1:
                assert len(cue.lines) == 2 and all(line.startswith("-") for line in cue.lines)

    @examples(40)
    @given(speech(), speech())
    def test_two_who_talk_at_once(self, one: list[Phrase], other: list[Phrase]) -> None:
        both = sorted(one + other, key=lambda phrase: phrase.words[0].start)
        cues = shape_cues(both, LIMITS)
        assert sorted(shown(cues)) == sorted(spoken(both))
        for before, after in zip(cues, cues[1:], strict=False):
            assert after.start - before.end >= LIMITS.min_gap - 0.0011

    @examples(50)
    @given(st.text(st.characters(categories=["L", "M", "N", "P", "Zs"])), st.booleans())
    def test_any_text_without_word_times(self, text: str, is_lyrics: bool) -> None:
        assume("♪" not in text and "#" not in text)
        phrase = phrase_from_text(text, TimeSpan(start=3, end=9), is_lyrics)
        cues = shape_cues([phrase], LIMITS)
        heard = "".join("".join(cue.text for cue in cues).replace("♪", "").split())
        assert bones(heard) == bones(text)


def bones(text: str) -> str:
    """Return letters and digits alone: what tidying may never change."""
    return "".join(char for char in text if char.isalnum())


class TestText:
    """What becomes of real sentences."""

    def test_a_short_line_stays_on_one_line(self) -> None:
        (cue,) = shape_cues([phrase_from_text("Good morning.", TimeSpan(start=1, end=2))], LIMITS)
        assert (cue.start, cue.end, cue.text) == (1, 2.5, "Good morning.")
        assert cue.reasons == ()

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

    def test_text_is_measured_as_it_is_shown(self) -> None:
        """Three dots become one character: with it, all fits one line."""
        text = "I thought that you were never coming ba..."
        said = [phrase_from_text(text, TimeSpan(start=0, end=4))]
        (cue,) = shape_cues(tidy_words(said, LIMITS), LIMITS)
        assert cue.text == "I thought that you were never coming ba…"

    def test_two_speakers_share_a_cue_only_where_they_must(self) -> None:
        quick = [
            phrase_from_text("Ready?", TimeSpan(start=1.0, end=1.4), speaker="A"),
            phrase_from_text("Ready.", TimeSpan(start=1.45, end=1.9), speaker="B"),
            phrase_from_text("Then let us go and see him.", TimeSpan(start=2, end=4), speaker="A"),
        ]
        assert [cue.text for cue in shape_cues(quick, LIMITS)][0] == "-Ready?\n-Ready."
        slow = [
            phrase_from_text("Ready?", TimeSpan(start=1.0, end=1.4), speaker="A"),
            phrase_from_text("Ready.", TimeSpan(start=3.0, end=3.4), speaker="B"),
        ]
        assert [cue.text for cue in shape_cues(slow, LIMITS)] == ["Ready?", "Ready."]

    def test_a_sentence_that_cannot_be_read_alone_goes_with_the_next(self) -> None:
        quick = [
            phrase_from_text("No.", TimeSpan(start=1.0, end=1.2)),
            phrase_from_text("I will not go.", TimeSpan(start=1.3, end=2.6)),
        ]
        assert [cue.text for cue in shape_cues(quick, LIMITS)] == ["No. I will not go."]

    def test_a_cue_never_ends_on_an_article_where_it_can_help_it(self) -> None:
        text = (
            "He said that in the morning he would go down to the harbour and look for the captain "
        )
        text += "of the old ship that had brought his brother home from the islands last year."
        cues = shape_cues([phrase_from_text(text, TimeSpan(start=0, end=11))], LIMITS)
        ends = [line.split()[-1] for cue in cues for line in cue.lines]
        assert not {"the", "his", "of", "to", "and", "for", "had"} & set(ends)

    def test_pieces_of_a_word_are_never_parted(self) -> None:
        pieces = words(
            (0, 1, "He"), (1, 2, " was"), (2, 3, " ill"), (3, 4, "-disposed"), (4, 4, ".")
        )
        narrow = replace(LIMITS, max_line_length=14)
        cues = shape_cues([Phrase(tuple(pieces))], narrow)
        assert " ".join(" ".join(cue.lines) for cue in cues) == "He was ill-disposed."
        assert cues[-1].words[-1].end == 4

    @pytest.mark.parametrize("dash", ["-", "–", "--"])
    def test_no_line_begins_with_a_dash_inside_a_sentence(self, dash: str) -> None:
        """It would be taken for the next speaker's."""
        text = f"I was there yesterday afternoon {dash} you know {dash} with all the others."
        cues = shape_cues([phrase_from_text(text, TimeSpan(start=0, end=5))], LIMITS)
        assert " ".join(" ".join(cue.lines) for cue in cues) == text
        assert not any(line.startswith(dash) for cue in cues for line in cue.lines)

    def test_a_line_end_inside_a_word_is_a_space(self) -> None:
        cues = shape_cues([Phrase(tuple(words((0, 1, "One\ntwo\r\n"), (1, 2, " three."))))], LIMITS)
        assert [cue.text for cue in cues] == ["One two three."]

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


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("de", "Wir kommen am 4. November um acht.", 1),
        ("de", "Das ist der 3. Versuch und der 2. Platz.", 1),
        ("en", "The doors of the U.S. Senate are shut.", 1),
        ("hi", "डॉ. सेन और प्रो. राव कल आएँगे।", 1),
        ("hi", "श्री. मोहन आर. के. वर्मा घर पर हैं।", 1),
        ("cs", "Přijdeme 4. listopadu v osm hodin.", 1),
        ("en", "♪ We sail away again. ♪", 1),
        (
            "th",
            "ผมไม่เคยคิดเลยว่าวันหนึ่งเราจะได้กลับมาเจอกันอีกครั้งที่ท่าเรือแห่งนี้ตอนพระอาทิตย์ตก",
            1,
        ),
        ("zh", "他说他明天早上要去北京，但是我会一直在这里等着他回家。", 1),
        ("ja", "昨日の夜に駅前の喫茶店で彼女とばったり会ってしまった。", 2),
    ],
)
def test_sentences_stay_whole_and_lines_are_as_long_as_the_language_has_them(
    language: str, text: str, wanted: int
) -> None:
    limits = limits_for(language)
    span = TimeSpan(start=1.0, end=1.0 + max(3.0, limits.needed_seconds(text)))
    cues = shape_cues([phrase_from_text(text, span, language=language)], limits)
    lines = [line for cue in cues for line in cue.lines]
    assert len(cues) == wanted
    assert max(map(limits.line_length, lines)) <= limits.max_line_length
    assert all(not regex.match(r"[\p{M}。、，]", line) for line in lines)
