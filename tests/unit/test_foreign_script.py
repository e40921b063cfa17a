#!/usr/bin/env python3
"""Letters of a foreign script: lines that are right pass, lines with strange letters do not."""

from __future__ import annotations

import pytest

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.lint import lint_cues
from shared.transcript.languages.alphabets import foreign_words

# Loan words, names in Latin letters, digits, signs, mixed Hinglish: nothing is wrong with them.
TRUE = {
    "hi": """मैं office जा रहा हूँ।
तुमने WhatsApp पर message भेजा क्या?
यार, ये boss तो बिल्कुल crazy है!
John Smith ने 25 लाख रुपये दिए।
अरे TVवाला आ गया, AC-वाला नहीं।
♪ तुझे देखा तो ये जाना सनम ♪
[दरवाज़ा बंद होता है]
१९८४ में, 3:30 बजे — ठीक है?
COVID-19 के बाद सब online हो गया।
-चलो!\n-OK, let's go.
हे राम॥ ॐ नमः शिवाय
क्‍या बात है… “वाह!” ₹500 ❤️
No problem, sir.
मेरा email है ram@example.com""",
    "hi-Latn": "Main office ja raha hoon.\nKya baat hai, yaar? Naïve café!",
    "en": """I'm going home, naïve café, Dvořák.
β-carotene and 5 Ω, that is 3 µm².
♪ La la la ♪
¿Qué? She said "mañana", Señor Muñoz.
The price is €5 — № 7, 20 °C.
Take α from that, then π is 3.14.""",
    "ta": "நான் office-க்கு போறேன்.\nJohn வந்தான், 2 மணிக்கு!",
    "te": "నేను office కి వెళ్తున్నాను.\nఅది OK.",
    "bn": "আমি office যাচ্ছি।\n১২৩ টাকা দাও, please!",
    "gu": "હું ઓફિસ જાઉં છું. OK?",
    "ml": "ഞാൻ office-ൽ പോകുന്നു.",
    "ur": "میں office جا رہا ہوں۔\nٹھیک ہے، John!\nعمر ۲۵ سال ہے؟",
    "ar": "أنا ذاهب إلى Facebook الآن.\nمرحباً، كيف حالك؟",
    "ru": """Привет, как дела?
У меня USB-кабель и iPhone 15.
SMSки, PDFка и VIPы приехали.
Это «Титаник» — HD, 4K.
Ёлки-палки… № 5""",
    "uk": "Це моя Xbox. П'ять їжаків!",
    "el": "Πάμε στο Facebook, ναι;\nΤο CD και το β΄ μέρος.",
    "ja": "今日はTVを見ます。\nコーヒーを飲む、OK？\nえーと、ジョンさん！",
    "ko": "나는 TV를 봐요.\n大韓民國 만세!",
    "zh-Hans": "我在看TV，好吗？\n注音是ㄅㄆㄇ。",
    "zh-Hant": "我用 iPhone 打電話。",
    "he": "אני הולך ל-Facebook עכשיו.",
    "th": "ฉันดู TV อยู่ 5 นาที",
    "am": "እኔ TV አያለሁ።",
    "sr": "Идем кући, OK?\nIdem kući, dobro?",
    "de": "Straße, Öl, „Ä“ – 5 €.",
    "und": "Anything गलत 他 goes.",
}
# What recognisers, translators and keyboards leave: a letter or a word of another script.
FALSE = {
    "hi": """वह 他 गया था।
मैं घर جا रहा हूँ।
क्या तुम Привет आओगे?
तुम কি করছ?
ये क्या हैっ
ਮੈਂ घर जा रहा हूँ
हाँ, நான் आ रहा हूँ
بہت اچھا ہے۔
मैंने उसको 看到 था
ठीक हਹै""",
    "hi-Latn": "Main घर ja raha hoon.\nKya баат hai?",
    "en": """Неllo, my friend.
He said नमस्ते to the 人.
I'll be bасk.
So, مرحبا, come in.
What does そう mean?
Sеe you tomorrow.
It's 5 o'clоck.
The αβγ test.""",
    "ta": "நான் घर போறேன்.\nஅவன் వచ్చాడు!",
    "te": "నేను ಮನೆ కి వెళ్తున్నాను.",
    "bn": "আমি घर যাচ্ছি।",
    "ur": "میں घर جا رہا ہوں۔\nہاں да.",
    "ar": "أنا 去 إلى البيت.\nкак حالك",
    "ru": """Cпасибо большое.
Да, это Aнна.
Я люблю 你.
Привет, друг мой こ.
Он сказал "हाँ".""",
    "el": "Ελλάδα мой.\nKαλημέρα σας.",
    "ja": "今日は안녕です。\nこれはдаです。",
    "ko": "나는 これ를 봐요.\nда, 맞아요.",
    "zh-Hans": "我在안녕看电视。\n是हाँ吗？",
    "th": "ฉัน 看 อยู่",
    "de": "Ich bin дома.\nStrаße.",
}


def flagged(lines: dict[str, str]) -> dict[tuple[str, str], bool]:
    """Return whether the linter finds a foreign script in each line, by language and line."""
    return {
        (language, line): any(
            finding.rule == "foreign-script"
            for finding in lint_cues([Cue(1.0, 3.0, line)], limits_for(language))
        )
        for language, text in lines.items()
        for line in text.splitlines()
    }


def test_both_rates() -> None:
    wrongly = [line for line, found in flagged(TRUE).items() if found]
    missed = [line for line, found in flagged(FALSE).items() if not found]
    assert (len(flagged(TRUE)), len(flagged(FALSE))) == (59, 44)
    assert (wrongly, missed) == ([], [])  # 0 of the good ones, all of the others


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("hi", "वह 他 गया", "letters of another script (Han): 他"),
        ("en", "Так, ok हाँ", "letters of another script (Cyrillic, Devanagari): Так, हाँ"),
        ("ru", "Cпасибо", "letters of another script (Latin): Cпасибо"),
    ],
)
def test_the_letters_are_named(language: str, text: str, told: str) -> None:
    messages = [one.message for one in lint_cues([Cue(1.0, 3.0, text)], limits_for(language))]
    assert told in messages


def test_a_long_text_takes_no_time() -> None:
    text = "aаcс" * 20_000
    assert len(foreign_words(text, "ru")) == 1
    assert foreign_words("a" * 100_000, "ru") == foreign_words("а" * 100_000, "ru") == []
