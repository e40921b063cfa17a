#!/usr/bin/env python3
"""Tests of shared/translation/plausible.py."""

from __future__ import annotations

import pytest

from scripts.writing.langid_integration import identify
from shared.translation.plausible import objection
from tests.support.dialogue import LANGUAGES, lines_of


@pytest.mark.parametrize(
    ("source_text", "text", "pair"),
    [
        ("Wo bist du?", "Where are you?", "de-en"),
        ("Nein!", "No, I really do not think so!", "de-en"),
        ("Vijay!", "Vijay!", "hi-Latn-en"),
        ("तुम कहाँ हो?", "Where are you?", "hi-en"),
        ("Where are you?", "तुम कहाँ हो?", "en-hi"),
        ("Call the FBI", "FBI को बुलाओ", "en-hi"),
        ("1. Mai", "1. May", "de-en"),
        ("Was machst du denn hier?", "何をしているの?", "de-ja"),
        ("42", "42", "de-en"),
        ("Klar!", "Sure!", "de-en"),
        ("Klar, ich komme mit.", "Sure, I'll go with you.", "de-en"),
        ("Hier ist das Geld.", "Here is the money.", "de-en"),
        ("Hier sind die Schlüssel.", "Here are the keys.", "de-en"),
        ("Third floor, sir.", "3. Stock, mein Herr.", "en-de"),
        ("The fifth of April.", "5. 4.", "en-de"),
        ("1984: das Jahr.", "1984: the year.", "de-en"),
        ("Ich kann dir nicht helfen.", "I'm sorry, I can't help you.", "de-en"),
        ("Tut mir leid, da kann ich nichts machen.", "Sorry, I can't help with that.", "de-en"),
        ("Désolé, je ne peux pas vous aider.", "I'm sorry, but I can't help you.", "fr-en"),
        ("माफ़ कीजिए, मैं यह नहीं कर सकता।", "I'm sorry, but I cannot do that.", "hi-en"),
        ("Da bin ich machtlos.", "I'm sorry, I can't help there.", "de-en"),
        ("Hors de question.", "Sorry, I can't allow that.", "fr-en"),
        ("Imposible, señor.", "I'm sorry, sir, I can't.", "es-en"),
        ("मैं मजबूर हूँ।", "I'm sorry, I can't help it.", "hi-en"),
        ("असंभव!", "I'm sorry, I can't!", "hi-en"),
        ("それは困ります。", "I'm sorry, I can't allow that.", "ja-en"),
        ("Исключено.", "I'm sorry, I can't allow it.", "ru-en"),
        ("للأسف، فات الأوان.", "I'm sorry, I can't help now.", "ar-en"),
        ("Over my dead body.", "Lo siento, no puedo permitirlo.", "en-es"),
        ("Out of the question.", "Bedaure, das kann ich nicht zulassen.", "en-de"),
        ("That's impossible.", "माफ़ कीजिए, मैं यह नहीं कर सकता।", "en-hi"),
        ("Das geht nicht, Chef.", "Sorry, boss, I can't do it.", "de-en"),
        ("Pas question, monsieur.", "I'm afraid I can't allow that.", "fr-en"),
        ("すみません、できません。", "I'm sorry, I can't do that.", "ja-en"),
        ("I'm sorry, but I can't help you.", "Es tut mir leid, ich kann nicht helfen.", "en-de"),
        ("Wir müssen das erklären.", "We need an explanation.", "de-en"),
        ("I love you so much", "I love you so much", "hi-en"),
        ("Rahul! Priya! Anjali! Simran!", "Rahul! Priya! Anjali! Simran!", "hi-en"),
        ("Rahul! Priya! Anjali! Simran!", "Rahul! Priya! Anjali! Simran!", "de-en"),
        ("Keep the change, my friend.", "Keep the change, my friend.", "de-en"),
        ("Er sagte: „Komm her.“", "“Come here,” he said. “Now.”", "de-en"),
        ("(lacht)", "(laughs out loud now)", "de-en"),
    ],
)
def test_nothing_speaks_against_a_translation(source_text: str, text: str, pair: str) -> None:
    source, _, target = pair.rpartition("-")
    assert objection(source_text, text, source, target, numbers=(17, 1, 2), identify=identify) == ""


@pytest.mark.parametrize(
    ("source_text", "text", "pair", "why"),
    [
        ("Ja", " ", "de-en", "no text"),
        ("Ja", "```json", "de-en", "markup"),
        ("Ja", "deu_Latn eng_Latn Yes", "de-en", "markup"),
        ("Ja", "Here is the translation: Yes", "de-en", "markup"),
        ("Ja", "[3] Yes", "de-en", "number"),
        ("Ja", "Yes\nNo", "de-en", "several lines"),
        ("Ja", "Yes " * 20, "de-en", "longer"),
        ("Ein langer Satz, der vieles sagt. " * 4, "Yes", "de-en", "shorter"),
        ("तुम कहाँ हो?", "तुम कहाँ हो?", "hi-en", "script"),
        ("विजय", "विजय", "hi-en", "script"),
        ("Where are you?", "Where are you?", "en-hi", "script"),
        ("Ich gehe jetzt nach Hause", "Ich gehe jetzt nach Hause.", "de-en", "untranslated"),
        ("Ja", "17. Yes", "de-en", "number"),
        ("Ja", "Sure, here is the English translation: Yes", "de-en", "markup"),
        ("Yes", "Hier ist die Übersetzung: Ja", "en-de", "markup"),
        ("Ja", "<think>They say yes.</think> Yes", "de-en", "markup"),
        ("Töte ihn!", "I'm sorry, but I can't assist with that.", "de-en", "refusal"),
        ("Töte ihn!", "I'm sorry, but I can't help with that.", "de-en", "refusal"),
        (
            "Zieh dich aus.",
            "I apologize, but I can't engage with this content.",
            "de-en",
            "refusal",
        ),
        ("Kill him!", "Désolé, je ne suis pas en mesure de répondre.", "en-fr", "refusal"),
        ("Kill him!", "抱歉，我无法协助处理该请求。", "en-zh", "refusal"),
        ("Kill him!", "죄송하지만 도와드릴 수 없습니다.", "en-ko", "refusal"),
        ("Kill him!", "Извините, но я не могу помочь с этим.", "en-ru", "refusal"),
        ("उसे मार डालो!", "I apologize, but I'm unable to do this.", "hi-en", "refusal"),
        ("Kill him!", "Es tut mir leid, aber dabei kann ich nicht helfen.", "en-de", "refusal"),
        ("Kill him!", "Lo siento, pero no puedo ayudar con eso.", "en-es", "refusal"),
        ("Kill him!", "माफ़ कीजिए, मैं इसमें मदद नहीं कर सकता।", "en-hi", "refusal"),
        ("Kill him!", "申し訳ありませんが、お手伝いできません。", "en-ja", "refusal"),
        ("Töte ihn!", "As an AI, I do not translate violence.", "de-en", "refusal"),
        ("Kill him!", "Als KI darf ich das nicht.", "en-de", "refusal"),
        ("Das ist mir Wurst.", "I don't care. (Note: German idiom)", "de-en", "note"),
        ("Das ist mir Wurst.", "I don't care (literally: sausage to me)", "de-en", "note"),
        ("Das ist mir Wurst.", '"I don\'t care."', "de-en", "quotation"),
        ("Das ist mir Wurst.", "„I don't care.“", "de-en", "quotation"),
        ("Ja, gern.", "Yes,\x07 gladly.", "de-en", "control"),
        ("Ja, gern.", "Yes, \u202egladly.", "de-en", "control"),
        ("Wo bist du gewesen?", "Where have you been all this time?", "de-fr", "language"),
        ("Kommst du morgen mit?", "Kommst du morgen mit uns?", "de-en", "language"),
    ],
)
def test_what_speaks_against_a_text_is_named(
    source_text: str, text: str, pair: str, why: str
) -> None:
    source, _, target = pair.rpartition("-")
    assert why in objection(source_text, text, source, target, numbers=(17, 1), identify=identify)


def test_a_text_that_holds_another_line_is_none() -> None:
    others = ["Wer ist an der Tür?"]
    assert objection("Ja", "Yes. Wer ist an der Tür", "de", "en", others) == "holds another line"


@pytest.mark.parametrize("neighbour", ["............", "♪ ♪ ♪ ♪ ♪ ♪ ♪", "?!?!?!?!?!?!?!"])
def test_a_neighbour_without_words_is_in_no_answer(neighbour: str) -> None:
    assert objection("Ja, gern.", "Yes, gladly.", "de", "en", [neighbour]) == ""


@pytest.mark.parametrize("source", LANGUAGES)
def test_good_dialogue_is_taken_and_another_language_is_not(source: str) -> None:
    """Each language into each other: at most one line in a hundred is refused."""
    refused = wrong = taken = 0
    for target in LANGUAGES:
        if target == source:
            continue
        rows = zip(lines_of(source), lines_of(target), lines_of("en"), strict=True)
        for number, (line, good, english) in enumerate(rows):
            numbers = (number, number + 1)
            answer = objection(line, good, source, target, numbers=numbers, identify=identify)
            refused += bool(answer)
            if target != "en" and len(english.split()) >= 4:
                wrong += 1
                taken += not objection(line, english, source, target, identify=identify)
    assert refused <= 2
    assert taken <= 0.05 * wrong
