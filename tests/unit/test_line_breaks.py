#!/usr/bin/env python3
"""Tests of shared/subtitles/layout/line_breaks.py: what a break may part and what it may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles.layout.line_breaks import BreakKind, bare, break_faults, rate_break
from shared.subtitles.layout.line_rules import RULES, rules_for
from tests.support.examples import examples

FAULTS = [
    ("en", "article-noun", "He gave me the|keys yesterday."),
    ("en", "article-noun", "This is my|house."),
    ("en", "adjective-noun", "It is a dangerous|quest."),
    ("en", "preposition-object", "the land of|the gatekeepers"),
    ("en", "preposition-object", "I've been alone for|as long as I remember."),
    ("en", "conjunction-last", "I went home and|slept."),
    ("en", "connective-last", "I know that|you came."),
    ("en", "pronoun-verb", "I think he|knows it."),
    ("en", "pronoun-verb", "I think you|are right."),
    ("en", "verb-auxiliary", "They will|come soon."),
    ("en", "verb-auxiliary", "She has|gone away."),
    ("en", "verb-auxiliary", "I'm|searching for someone."),
    ("en", "negation", "I do not|know her."),
    ("en", "negation", "I don't|know her."),
    ("en", "title-name", "Good day, Mr.|Dashwood."),
    ("en", "first-last-name", "We met John|Dashwood there."),
    ("en", "verb-particle", "I will never give it|up."),
    ("en", "word-pair", "She was looking|for me."),
    ("hi", "postposition-first", "मैं उस घर|में रहता हूँ"),
    ("hi", "postposition-first", "यह राम|की किताब"),
    ("hi", "auxiliary-first", "वह अब घर जा|रहा है"),
    ("hi", "auxiliary-first", "मैं यहाँ रहता|हूँ"),
    ("hi", "particle-first", "मैं|भी आऊँगा"),
    ("hi", "negation", "मैं यह नहीं|जानता"),
    ("hi", "conjunction-last", "मैं आया और|वह गई"),
    ("hi", "article-noun", "यह मेरी|किताब"),
    ("hi", "word-pair", "उस घर के|पास एक पेड़"),
    ("hi", "word-pair", "वह घर चला|गया"),
    ("hi-Latn", "auxiliary-first", "woh ghar ja|raha hai"),
    ("de", "article-noun", "Ich sehe den|Mann."),
    ("es", "pronoun-verb", "ya no te|amo"),
    ("fr", "article-noun", "Je vois les|enfants."),
    ("it", "article-noun", "Ho visto gli|amici."),
    ("it", "verb-auxiliary", "Non l'ho mai saputo, ho|mangiato."),
    ("pt", "article-noun", "Ele entrou na|casa."),
    ("pt", "negation", "Eu não|sei."),
    ("nl", "article-noun", "Ik zie de|man."),
    ("nl", "verb-auxiliary", "Dat zal|niet lukken."),
    ("pl", "negation", "Ja tego nie|wiem."),
    ("pl", "preposition-object", "Mieszkam w|Warszawie."),
    ("cs", "preposition-object", "Bydlím v|Praze."),
    ("cs", "particle-first", "To jsem|bych nechtěl."),
    ("ru", "negation", "Я этого не|знаю."),
    ("ru", "particle-first", "Знаешь|ли ты?"),
    ("uk", "conjunction-last", "Я прийшов і|вона пішла."),
    ("tr", "particle-first", "Bunu biliyor|musun?"),
    ("tr", "postposition-first", "Bunu senin|için yaptım."),
    ("id", "negation", "Saya tidak|tahu."),
    ("id", "verb-auxiliary", "Dia akan|datang."),
    ("vi", "article-noun", "Tôi thấy những|người ấy."),
    ("vi", "negation", "Tôi không|biết."),
    ("ar", "preposition-object", "أنا أعيش في|القاهرة"),
    ("ar", "negation", "أنا لا|أعرف"),
    ("fa", "postposition-first", "من این کتاب|را خواندم"),
    ("fa", "auxiliary-first", "هوا خوب|است"),
    ("he", "negation", "אני לא|יודע"),
    ("he", "preposition-object", "הספר של|דוד"),
    ("ur", "postposition-first", "میں اس گھر|میں رہتا ہوں"),
    ("ur", "auxiliary-first", "وہ گھر جاتا|ہے"),
    ("mr", "auxiliary-first", "तो घरी जात|आहे"),
    ("mr", "conjunction-last", "तो आला आणि|ती गेली"),
    ("bn", "particle-first", "আমি জানি|না"),
    ("bn", "postposition-first", "আমি তোমার|জন্য এসেছি"),
    ("gu", "auxiliary-first", "તે ઘરે જાય|છે"),
    ("pa", "postposition-first", "ਮੈਂ ਘਰ|ਵਿੱਚ ਹਾਂ"),
    ("ta", "auxiliary-first", "எனக்குத் தெரியவே|இல்லை"),
    ("ta", "adjective-noun", "அது ஒரு|வீடு"),
    ("te", "postposition-first", "నేను నీ|కోసం వచ్చాను"),
    ("kn", "auxiliary-first", "ನನಗೆ ಅದು|ಬೇಕು"),
    ("ml", "auxiliary-first", "അത് എന്റെ വീട്|ആണ്"),
    ("ko", "particle-first", "나는 그것을 할|수 있다"),
]
GOOD = [
    ("en", "He gave me the keys|of the house."),
    ("en", "I went home|and slept."),
    ("en", "I told you|yesterday."),
    ("en", "Good evening, Captain.|The last boat left."),
    ("en", "What brings you|to the land of the gatekeepers?"),
    ("en", "It was in May.|June was worse."),
    ("en", "That is mine,|the house on the hill."),
    ("en", "Nobody saw Peter.|Dashwood left."),
    ("en", "-Who is it?|-The doctor."),
    ("en", "We saw Peter|when he came."),
    ("hi", "मैं जानता हूँ|कि वह आएगा"),
    ("hi", "वह आया,|पर देर से"),
    ("hi", "मैं घर जाता हूँ|और सोता हूँ"),
    ("ja", "これは|長い"),
    ("it", "Sono andato a casa|e ho dormito."),
    ("pt", "Fui para casa|e dormi."),
    ("nl", "Ik ging naar huis|en sliep."),
    ("pl", "Wróciłem do domu|i zasnąłem."),
    ("cs", "Šel jsem domů|a usnul."),
    ("ru", "Я пошёл домой|и уснул."),
    ("uk", "Я пішов додому|і заснув."),
    ("tr", "Eve gittim|ve uyudum."),
    ("id", "Saya pulang|dan tidur."),
    ("vi", "Tôi về nhà|và ngủ."),
    ("ar", "ذهبت إلى البيت|ثم نمت"),
    ("fa", "به خانه رفتم|و خوابیدم"),
    ("he", "הלכתי הביתה|כי הייתי עייף"),
    ("ur", "میں جانتا ہوں|کہ وہ آئے گا"),
    ("mr", "तो घरी गेला|पण झोपला नाही"),
    ("bn", "আমি বাড়ি গেলাম|এবং ঘুমালাম"),
    ("gu", "હું ઘરે ગયો|અને સૂઈ ગયો"),
    ("pa", "ਮੈਂ ਘਰ ਗਿਆ|ਅਤੇ ਸੌਂ ਗਿਆ"),
    ("ta", "நான் வீட்டிற்குச் சென்றேன்|ஆனால் தூங்கவில்லை"),
    ("te", "నేను ఇంటికి వెళ్ళాను|కానీ నిద్రపోలేదు"),
    ("kn", "ನಾನು ಮನೆಗೆ ಹೋದೆ|ಆದರೆ ಮಲಗಲಿಲ್ಲ"),
    ("ml", "ഞാൻ വീട്ടിൽ പോയി|പക്ഷേ ഉറങ്ങിയില്ല"),
    ("ko", "나는 집에 갔다|그리고 잤다"),
]


def test_every_language_that_has_rules_is_tried() -> None:
    tried = {language for language, _, _ in FAULTS}
    assert RULES.keys() <= tried


@pytest.mark.parametrize("language, rule, broken", FAULTS)
def test_what_belongs_together_is_not_parted(language: str, rule: str, broken: str) -> None:
    first, second = broken.split("|")
    assert rule in [fault.rule for fault in break_faults(first, second, language)]


@pytest.mark.parametrize("language, broken", GOOD)
def test_a_good_break_has_no_fault(language: str, broken: str) -> None:
    first, second = broken.split("|")
    assert break_faults(first, second, language) == []


def test_kinds_from_best_to_worst() -> None:
    words = "Stop. Look, children and dogs everywhere".split()
    kinds = [rate_break(words, index, "en").kind for index in range(1, len(words))]
    assert kinds == [
        BreakKind.SENTENCE,
        BreakKind.CLAUSE,
        BreakKind.OPENER,
        BreakKind.PLAIN,
        BreakKind.PLAIN,
    ]


def test_a_hindi_clause_ends_with_its_auxiliary() -> None:
    words = "मुझे लगता है तुम खुश थे".split()
    kinds = [rate_break(words, index, "hi").kind for index in (3, 4)]
    assert kinds == [BreakKind.OPENER, BreakKind.PLAIN]


def test_a_sentence_of_hinglish_ends_at_its_stop_although_no_capital_follows() -> None:
    words = "yeh vijay ka parv hai. ek sajjan mile".split()
    assert rate_break(words, 5, "hi-Latn").kind is BreakKind.SENTENCE
    assert rate_break(words, 5, "en").kind is not BreakKind.SENTENCE


def test_likely_faults_do_not_forbid() -> None:
    assert rate_break(["the", "big", "house"], 1, "en").is_forbidden
    point = rate_break(["the", "big", "house"], 2, "en")
    assert point.faults and not point.is_forbidden


def test_the_message_names_both_words() -> None:
    (fault,) = break_faults("He gave me the", "keys.", "en")
    assert "'the'" in fault.message and "'keys.'" in fault.message


def test_words_are_compared_bare_and_folded() -> None:
    assert bare("“Don't!”") == "don't"
    assert bare("क्या-क्या?") == "क्या-क्या"
    assert bare("—") == ""


def test_a_region_has_the_rules_of_its_language() -> None:
    assert rules_for("en-GB") is RULES["en"]
    assert rules_for("hi-Latn") is not RULES["hi"]
    assert not rules_for("xx").articles


@examples(100)
@given(st.text(), st.text(), st.sampled_from([*RULES, "ja"]))
def test_any_text_can_be_asked_about(first: str, second: str, language: str) -> None:
    for fault in break_faults(first, second, language):
        assert fault.rule and fault.message
