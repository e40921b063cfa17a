#!/usr/bin/env python3
"""Tests of translation/hearing/heard, said_to_others and translators/whisper_hearings."""

from __future__ import annotations

import pytest

from scripts.translators.whisper_hearings import Answer, Hearings, Passage, SpokenWord
from shared.transcript.recognition.quality import Limits
from shared.translation.backend import SourceLine
from shared.translation.chain import ChainEngine, TranslationOptions
from shared.translation.engine import translate_film
from shared.translation.hearing.heard import (
    Asked,
    Heard,
    evidence_against,
    longest_repeated,
    same_words,
)
from shared.translation.hearing.said_to_others import said_to_others

NUMBERS = {("10", "hi"): "दस", ("19", "hi"): "उन्नीस", ("302", "en"): "three hundred and two"}


def in_words(number: str, language: str) -> str | None:
    return NUMBERS.get((number, language))


def is_refused(
    source: str, text: str, seconds: float = 4.0, confidence: float = 0.6, language: str = "hi"
) -> bool:
    heard = Heard(text, confidence, no_speech=0.05, compression=1.1)
    return evidence_against(heard, Asked(source, language, seconds, in_words), Limits()).refuses


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "भूकंप से कई मकान गिर गए हैं",
            "In the next video, you can find the link in the description box.",
        ),
        ("समाचार समाप्त हुए", "We hope to see you in the next video."),
        (
            "भूकंप के झटके महसूस किए गए",
            "Mix the flour, flour, flour, flour, flour, flour, flour, flour.",
        ),
        ("सरकार ने आज घोषणा की", "19th"),
        ("हम सब गंदगी से मुक्ति का संकल्प करें", "Please subscribe to our channel."),
        (
            "हम सब गंदगी से मुक्ति का संकल्प करें",
            "We will catch a person's face with a gun. We will catch a person's face with a gun.",
        ),
        ("मैं उनके इस सुझाव के लिए उनका आभार व्यक्त करता हूँ", "Thank you."),
        ("हाँ", "He went to the big market to buy a lot of vegetables for the children."),
    ],
)
def test_what_whisper_invents_is_refused(source: str, text: str) -> None:
    assert is_refused(source, text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("इस वीडियो में सब साफ़ दिख रहा है", "Everything is clear in this video."),
        ("चैनल सब्सक्राइब कर लो", "Subscribe to the channel."),
        (
            "क्या चाहते हो तुम मुझसे आखिर? क्या चाहते हो तुम मुझसे आखिर?",
            "What do you want from me? " * 2,
        ),
        ("नहीं, नहीं, नहीं!", "No, no, no!"),
        ("आज तारीख उन्नीस है", "Today is the 19th."),
        ("दस बजे आना", "Come at 10."),
        ("धन्यवाद", "Thank you."),
        ("धारा 302 लगेगी", "Section three hundred and two applies."),
    ],
)
def test_what_is_said_is_taken(source: str, text: str) -> None:
    assert not is_refused(source, text)


def test_low_confidence_needs_a_name_or_a_number_of_the_line() -> None:
    name = "लेकिन एक सज्जन, गणेश, मुंबई के"
    assert is_refused(name, "But it is a beautiful view of the town.", confidence=0.34)
    assert not is_refused(name, "But a man, Ganesh, from Mumbai.", confidence=0.34)
    assert not is_refused("दस बुराइयों को खत्म करें", "We should end 10 evils.", confidence=0.34)
    assert is_refused(name, "But a man, Ganesh, from Mumbai.", confidence=0.2)


def test_too_much_for_the_time_is_no_translation_of_the_line() -> None:
    text = "The minister said that all the houses of the whole village will be built again."
    line = "मंत्री ने कहा कि पूरे गाँव के सारे घर फिर से बनाए जाएँगे"
    assert not is_refused(line, text, seconds=4.0)
    assert is_refused(line, text, seconds=1.5)


def test_the_longest_run_said_again() -> None:
    assert longest_repeated("a b c a b c") == 3
    assert longest_repeated("a b c a b c", 3) == 0
    assert longest_repeated("to be or not") == 0
    assert same_words("He sent me a mail.", "He sent a mail") == pytest.approx(0.8)


def lines(*texts: str) -> list[SourceLine]:
    return [SourceLine(i, text, i * 3.0, i * 3.0 + 2.0) for i, text in enumerate(texts)]


def test_one_answer_to_lines_that_share_no_word_is_refused() -> None:
    news = lines("सरकार आज बोली", "भूकंप बड़ा था", "किसान दिल्ली पहुँचे", "बारिश होगी")
    assert said_to_others(news, dict.fromkeys(range(3), "19th.") | {3: "Rain."}) == {0, 1, 2}
    alike = lines("तुम क्या कर रहे हो", "यह क्या कर रही हो", "आप क्या कर रहे हैं")
    assert said_to_others(alike, dict.fromkeys(range(3), "What are you doing?")) == set()
    yes = lines("हाँ", "ठीक", "अच्छा", "जी")
    assert said_to_others(yes, dict.fromkeys(range(4), "Okay.")) == set()


def passage(*words: str, seconds: float = 4.0) -> Passage:
    step = seconds / len(words)
    spoken = tuple(SpokenWord(w, i * step, (i + 1) * step - 0.05) for i, w in enumerate(words))
    return Passage(spoken, 0.0, seconds, 0.0, seconds + 5.0)


class Ears:
    """Hears what it is told for a window and a temperature; counts how often it was asked."""

    def __init__(self, *answers: tuple[str, float]) -> None:
        self.answers = list(answers)
        self.windows: list[tuple[float, float, float]] = []

    def __call__(self, start: float, end: float, language: str, temperature: float) -> Heard:
        self.windows.append((start, end, temperature))
        text, confidence = self.answers[min(len(self.windows), len(self.answers)) - 1]
        return Heard(text, confidence, 0.05, 1.1)


def translated(ears: Ears, asked: Passage) -> Answer:
    return Hearings(ears, Limits(), in_words, 0.2, (0.0, 0.4)).translate(asked, "hi")


def test_a_sure_hearing_is_enough_and_a_doubtful_one_needs_another_that_says_the_same() -> None:
    short = passage("मैं", "कल", "आऊँगा")
    sure = Ears(("I will come tomorrow.", 0.7))
    assert translated(sure, short) == Answer("I will come tomorrow.")
    assert len(sure.windows) == 1
    agreed = Ears(("I will come tomorrow.", 0.4), ("I will go tomorrow.", 0.42))
    assert translated(agreed, short).text == "I will go tomorrow."
    assert agreed.windows[0] != agreed.windows[1]
    alone = Ears(("I will come tomorrow.", 0.4), ("A fine view.", 0.4), ("So?", 0.1), ("He", 0.1))
    assert translated(alone, short) == Answer(
        "", "'I will come tomorrow.': each hearing has something else"
    )


def test_refused_text_is_heard_in_other_windows_and_ways_before_the_line_is_given_up() -> None:
    ears = Ears(("Please subscribe to our channel.", 0.9))
    answer = translated(ears, passage("हम", "सब", "चलें"))
    assert answer.text == "" and "a line known from training data" in answer.refused
    assert len(set(ears.windows)) == len(ears.windows) >= 3
    assert {temperature for _, _, temperature in ears.windows} == {0.0, 0.4}


def test_a_long_line_is_heard_in_parts_and_the_missing_part_is_marked() -> None:
    words = ("एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ")
    good, bad = ("We will all go there tomorrow.", 0.7), ("I see.", 0.1)
    ears = Ears(good, *[bad] * 4)
    answer = translated(ears, passage(*words, seconds=20.0))
    assert answer.text == "" or "[…]" in answer.text
    ears = Ears(good, ("And come back at night.", 0.8))
    answer = translated(ears, passage(*words, seconds=20.0))
    assert answer == Answer("We will all go there tomorrow. And come back at night.")
    assert translated(Ears(bad), passage(*words, seconds=20.0)).text == ""


class Stuck:
    """An engine that says one thing, whatever it hears, and keeps one line back."""

    name, model = "whisper", "base"

    def __init__(self) -> None:
        self.refused = {4: "'Uh.': low confidence (0.10)"}

    def translate(
        self, asked: list[SourceLine], source: str, target: str, before: object = ()
    ) -> dict[int, str]:
        return {line.id: "The 19th is here." for line in asked if line.id != 4}


def test_what_is_refused_is_marked_untranslated_with_its_reason() -> None:
    news = lines("सरकार आज बोली", "भूकंप बड़ा था", "किसान दिल्ली पहुँचे", "बारिश होगी", "नमस्ते")
    chain = [ChainEngine("whisper", Stuck, heard=True)]
    results = translate_film(news, "hi", "en", chain, TranslationOptions())
    assert [result.text for result in results.values()] == [""] * 5
    assert "to other lines too" in results[0].note
    assert "low confidence (0.10)" in results[4].note
