#!/usr/bin/env python3
"""Tests of shared/glossary: sounds.py, matching.py, correction.py and adherence.py."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.glossary.adherence import add_translation, measure_transcript
from shared.glossary.correction import Corrector
from shared.glossary.matching import Matcher, fitted
from shared.glossary.records import Terms, TranslationTerm, TranslationTerms, Wording
from shared.glossary.report import AdherenceReport, Share, describe
from shared.glossary.sounds import likeness, skeleton
from shared.glossary.wanted import WantedTerms
from shared.transcript.records.schemas import Segment, TranslatedLine, Translation
from shared.transcript.records.spacing import is_fully_timed
from tests.support.media_job import segment, transcript, words


def term(written: str, *spellings: str, common: tuple[str, ...] = ()) -> Wording:
    """Return how a name is written, how it may be found, and what it must not be taken for."""
    return Wording(
        source=written, origin="film", written=written, spellings=[*spellings], common=[*common]
    )


def corrected(text: str, *terms: Wording, language: str = "en", least: float = 0.8) -> Segment:
    """Return a line of so many words a second, corrected."""
    parts = text.split()
    timed = words(*((n, n + 0.9, part) for n, part in enumerate(parts)))
    line = segment(0, 0, len(parts), text, words=timed, language=language)
    return Corrector(Terms(guarded=["en", "hi"], terms=[*terms]), least).correct(line)


class TestSounds:
    """Spellings of one name sound alike, in and across scripts."""

    @pytest.mark.parametrize(
        "spellings",
        [
            "Gabbar Gabber Gabar Ghabbar Gubber गब्बर गबर",
            "Veeru Viru Weeru वीरू विरु",
            "Phunsukh Funsukh Phunsuk फुनसुख",
            "Shivgami Sivagami Shivagami शिवगामी",
            "Chatur Chatoor चतुर",
            "Thakur Takur ठाकुर",
            "Charlie Charly Charli",
        ],
    )
    def test_spellings_of_one_name_have_one_skeleton(self, spellings: str) -> None:
        assert len({skeleton(one) for one in spellings.split()}) == 1

    @pytest.mark.parametrize(
        ("one", "other"), [("Veeru", "very"), ("Robert", "Robot"), ("Bob", "Pop"), ("राज", "राम")]
    )
    def test_other_words_are_not_alike(self, one: str, other: str) -> None:
        assert likeness(one, other) < 0.8

    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("Vladivostok", "Владивосток"),
            ("Toronto", "トロント"),
            ("Kathmandu", "কাঠমান্ডু"),
            ("Colombo", "കൊളംബോ"),
            ("Manila", "มะนิลา"),
            ("Karachi", "ਕਰਾਚੀ"),
            ("Monaco", "모나코"),
            ("Damascus", "Δαμασκός"),
        ],
    )
    def test_a_name_is_known_in_another_script(self, name: str, written: str) -> None:
        others = ["Vladivostok", "Toronto", "Kathmandu", "Colombo", "Manila", "Karachi", "Monaco"]
        assert likeness(name, written) >= 0.6
        assert all(likeness(one, written) < 0.6 for one in others if one != name)

    def test_a_picture_sounds_like_nothing(self) -> None:
        assert skeleton("😀") == skeleton("♪ …") == ""

    @given(st.text(max_size=12), st.text(max_size=12))
    def test_likeness_is_a_share_and_the_same_both_ways(self, one: str, other: str) -> None:
        value = likeness(one, other)
        assert 0 <= value <= 1
        assert value == pytest.approx(likeness(other, one))

    @given(st.text("abgk", min_size=3, max_size=8), st.integers(0, 99))
    def test_letters_are_compared_by_edit_distance(self, word: str, seed: int) -> None:
        dice = random.Random(seed)
        place = dice.randrange(1, len(word))
        changed = word[:place] + word[place + 1 :]
        assert likeness(word, changed) == pytest.approx(likeness(changed, word))


class TestMatching:
    """Where terms are found."""

    def test_the_longer_term_wins_and_none_overlap(self) -> None:
        matcher = Matcher([term("Gabbar"), term("Gabbar Singh"), term("Singh")])
        text = "Gabbar-Singh, gabbar, SINGH Gabbar singh!"
        found = [(text[one.start : one.end], one.term) for one in matcher.listed(text)]
        assert found == [("Gabbar-Singh", 1), ("gabbar", 0), ("SINGH", 2), ("Gabbar singh", 1)]

    def test_words_are_whole(self) -> None:
        assert not Matcher([term("Ram")]).listed("Ramp, program, Rams")
        assert Matcher([term("Ram")]).listed("Ram's")

    def test_scripts_without_spaces_are_found_inside(self) -> None:
        (found,) = Matcher([term("田中")]).listed("私は田中です")
        assert (found.start, found.end) == (2, 4)

    def test_a_name_that_is_a_word_needs_its_capital(self) -> None:
        matcher = Matcher([term("Rose", common=("rose",))])
        text = "The sun rose for Rose and ROSE"
        assert [text[one.start : one.end] for one in matcher.listed(text)] == ["Rose", "ROSE"]

    @pytest.mark.parametrize(
        ("name", "text", "other"),
        [
            ("Mr. Rao", "I saw Mr. Rao. He left.", "Ask the mr; Rao is away"),
            ("D'Souza", "Is D\u2019Souza in?", "Le D, Souza"),
            ("A.C.P. Pradyuman", "The A.C.P. Pradyuman came", "A, C, P and Pradyuman"),
            ("Gabbar Singh", "Gabbar-Singh came", "I saw Gabbar. Singh came."),
        ],
    )
    def test_a_name_with_signs_is_found_as_it_is_written(
        self, name: str, text: str, other: str
    ) -> None:
        matcher = Matcher([term(name)])
        assert len(matcher.listed(text)) == 1 and not matcher.listed(other)

    def test_words_that_are_cut_otherwise_are_the_name(self) -> None:
        text = "Dsouza met Spiderman"
        found = Matcher([term("D'Souza"), term("Spider-Man")]).near(text, 0.8)
        assert [text[one.start : one.end] for one in found] == ["Dsouza", "Spiderman"]

    def test_common_words_are_not_taken_for_a_name(self) -> None:
        veeru, aman = term("Veeru", common=("virus",)), term("Aman", common=("a", "man", "amen"))
        matcher = Matcher([veeru, aman])
        assert not matcher.near("The virus took a man, amen", 0.7)
        assert [one.term for one in matcher.near("Viroo and Amman", 0.7)] == [0, 1]

    def test_what_two_names_are_equally_near_to_is_left_alone(self) -> None:
        assert not Matcher([term("Sarita"), term("Sareta")]).near("Sarata", 0.7)

    def test_another_script_is_never_guessed(self) -> None:
        assert not Matcher([term("Gabbar")]).near("गब्बर आया", 0.7)
        assert Matcher([term("Gabbar", "गब्बर")]).listed("गब्बर आया")

    def test_short_names_are_never_guessed(self) -> None:
        assert not Matcher([term("Raj")]).near("Raaj Rj Rai", 0.7)

    @pytest.mark.parametrize(
        ("written", "heard", "there"),
        [("jaan", "Jan", "Jaan"), ("jaan", "jan", "jaan"), ("Raj", "raaj", "Raj")],
    )
    def test_a_word_keeps_the_capital_of_its_place(
        self, written: str, heard: str, there: str
    ) -> None:
        assert fitted(written, heard) == there


class TestCorrection:
    """What becomes of a segment."""

    @pytest.mark.parametrize(
        ("heard", "text"),
        [
            ("So Gabber Sing came.", "So Gabbar Singh came."),
            ("(gabbarsingh)", "(Gabbar Singh)"),
            ("“Gabar-Singh's” men", "“Gabbar Singh's” men"),
            ("Gabbar Singh came", "Gabbar Singh came"),
            ("he would sing a song", "he would sing a song"),
        ],
    )
    def test_text_and_words_stay_one_and_keep_their_time(self, heard: str, text: str) -> None:
        made = corrected(heard, term("Gabbar Singh", common=("sing", "song")))
        assert made.text == text
        assert is_fully_timed(made)
        assert made.words[-1].end == pytest.approx(len(heard.split()) - 0.1)
        Segment.model_validate(made.model_dump())
        assert bool(made.corrections) == (heard != text)

    def test_every_correction_is_kept_with_its_confidence(self) -> None:
        made = corrected("Gobar met Gaber", term("Gabbar", "Gobar"))
        kept = [(one.heard, one.written, one.confidence) for one in made.corrections]
        assert kept == [("Gobar", "Gabbar", 1.0), ("Gaber", "Gabbar", pytest.approx(0.9))]

    def test_below_the_confidence_nothing_is_guessed(self) -> None:
        assert corrected("Gaber", term("Gabbar"), least=0.95).text == "Gaber"
        assert corrected("Gabar", term("Gabbar"), least=1.0).text == "Gabar"

    def test_where_nobody_knows_the_common_words_nothing_is_guessed(self) -> None:
        made = corrected("Gaber und Gobar", term("Gabbar", "Gobar"), language="de")
        assert made.text == "Gaber und Gabbar"

    def test_a_segment_without_words_is_corrected_too(self) -> None:
        line = segment(0, 0, 1, "Gaber came")
        corrector = Corrector(Terms(guarded=["en"], terms=[term("Gabbar")]), 0.8)
        assert corrector.correct(line).text == "Gabbar came"

    @given(
        st.lists(
            st.sampled_from(["Gabber", "Gab", "bar", "gabbar", "Sing", "ran,", "गबर", "a-b", "…"]),
            min_size=1,
            max_size=9,
        )
    )
    def test_words_always_are_the_text_in_order(self, parts: list[str]) -> None:
        made = corrected(" ".join(parts), term("Gabbar"), term("Gabbar Singh"), term("गब्बर"))
        Segment.model_validate(made.model_dump())
        assert is_fully_timed(made)
        again = Corrector(Terms(guarded=["en"], terms=[term("Gabbar"), term("Gabbar Singh")]), 0.8)
        assert again.correct(made).text == made.text


def test_a_name_that_is_a_common_word_is_one_only_where_it_can_be_told() -> None:
    matcher = Matcher([term("Will", common=("will",)), term("Rose Hill", common=("rose", "hill"))])
    for text, times in (
        ("Will you come? I will.", 0),
        ("No. Will he?", 0),
        ("Will, come! I told Will so. Ask Will.", 3),
        ("Rose Hill is near. Rose and Will's hill", 2),
    ):
        assert len(matcher.listed(text)) == times, text
    assert len(Matcher([term("Gabbar")]).listed("Gabbar came. Gabbar ran.")) == 2


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("एजेंट १२", "एजेंट 12"),
        ("Agent 12", "agent १२"),
        ("José", "Jose\u0301"),
        ("ज़ोया", "ज़ोया"),
    ],
)
def test_forms_of_letters_and_kinds_of_digits_are_one_spelling(written: str, heard: str) -> None:
    made = corrected(f"— {heard} —", term(written))
    assert made.text == f"— {written} —"
    assert [(one.confidence, one.method) for one in made.corrections] == (
        [(1.0, "listed")] if heard != written else []
    )


def test_adherence_counts_what_was_spoken_and_what_stands_as_preferred() -> None:
    gabbar, jaan = term("Gabbar", "Gobar"), term("jaan")
    film = transcript(
        segment(0, 0, 1, "Gabbar and Gobar"), segment(1, 1, 2, "Jaan!"), segment(2, 2, 3, "Gabbar")
    )
    report = measure_transcript(Terms(terms=[gabbar, jaan, term("Nobody")]), film)
    first, second = report.terms
    assert first.transcript == Share(written="Gabbar", due=3, preferred=2, lacking=[0])
    assert second.transcript == Share(written="jaan", due=1, preferred=1)
    pairs = [
        TranslationTerm(spoken=gabbar, target=term("Gabbar")),
        TranslationTerm(spoken=jaan, target=term("dear")),
    ]
    texts = ["Gabbar and he", "Dear!", "he"]
    lines = [
        TranslatedLine(id=n, source_text=s.text, text=text, status="translated", engine="x")
        for n, (s, text) in enumerate(zip(film.segments, texts, strict=True))
    ]
    made = Translation(source_language="hi", target_language="en", engine="x", lines=lines)
    add_translation(report, TranslationTerms(language="en", terms=pairs), made)
    assert first.translations == {"en": Share(written="Gabbar", due=3, preferred=1, lacking=[0, 2])}
    assert second.translations == {"en": Share(written="dear", due=1, preferred=1)}
    assert report.lacking("en") == {"Gabbar": [0, 2]} and report.lacking("de") == {}
    assert describe(report) == "2 heard; in preferred form: transcript 3 of 4, en 2 of 4"
    assert describe(AdherenceReport()) == "0 heard"
    wanted = WantedTerms([term("Gabbar", "Gobar")])
    assert wanted.counts("Gobar, GABBAR, Gabbar's") == {"Gabbar": 1}


@pytest.mark.parametrize(
    ("name", "heard", "there"),
    [
        ("Sammy Davis Jr.", "Is Sammy Davis Jr. here?", "Is Sammy Davis Jr. here?"),
        ("Sammy Davis Jr.", "Is Samy Davis Jr. here?", "Is Sammy Davis Jr. here?"),
        ("Sammy Davis Jr.", "Is Sammy Davis Jr here?", "Is Sammy Davis Jr. here?"),
        ("Jai Hind!", "jai hind! Jai Hind!", "Jai Hind! Jai Hind!"),
        ("Mr. Rao", "Where is mr rao?", "Where is Mr. Rao?"),
    ],
)
def test_a_sign_at_the_end_of_a_name_is_never_written_twice(
    name: str, heard: str, there: str
) -> None:
    made = corrected(heard, term(name))
    assert made.text == there
    report = measure_transcript(Terms(terms=[term(name)]), transcript(made))
    share = report.terms[0].transcript
    assert share.due == share.preferred > 0
    assert sum(share.corrected.values()) == len(made.corrections)


class TestWantedTerms:
    """What a translation must hold."""

    def test_a_name_that_is_due_may_begin_a_sentence(self) -> None:
        wanted = WantedTerms([term("Rose", common=("rose",))])
        for text in ("Rose came.", "No. Rose came.", "He saw Rose."):
            assert not wanted.difference(text), text
        assert wanted.difference("The sun rose.") == "without the term Rose"
        assert not WantedTerms([term("Will", common=("will",))]).difference("Will you tell Will?")

    def test_the_word_for_one_term_is_no_spelling_of_another(self) -> None:
        wanted = WantedTerms([term("dear", "darling"), term("darling")])
        assert not wanted.difference("My dear, my darling")
        assert wanted.correct("My darling", None) == ("My darling", [])

    def test_terms_that_are_written_alike_are_counted_together(self) -> None:
        pairs = [
            TranslationTerm(spoken=term(name), target=term("dear").model_copy())
            for name in ("jaan", "pyaare")
        ]
        film = transcript(segment(0, 0, 1, "jaan"), segment(1, 1, 2, "pyaare"))
        report = measure_transcript(Terms(terms=[one.spoken for one in pairs]), film)
        lines = [
            TranslatedLine(id=n, source_text=s.text, text="you", status="translated", engine="x")
            for n, s in enumerate(film.segments)
        ]
        made = Translation(source_language="hi", target_language="en", engine="x", lines=lines)
        add_translation(report, TranslationTerms(language="en", terms=pairs), made)
        assert report.lacking("en") == {"dear": [0, 1]}
