#!/usr/bin/env python3
"""
Urdu words: what sounds alone do not tell of a Hindi word in Urdu letters.

A list of frequent words that Urdu spells otherwise than it sounds (خدا, بالکل, پولیس); the two that
are two Hindi words each, told by their neighbours (میں, کیا); and the dots of ज़ ख़ ग़ फ़ क़, which
Urdu writes as letters of their own and Hindi word lists mostly leave out.

Usage:
    from shared.transcript.writing.urdu_words import known_word, with_nuktas

    known_word(["میں", "گھر", "میں"], 0)     # 'मैं'
    with_nuktas("زندگی", "जिंदगी")            # 'ज़िंदगी'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from shared.transcript.writing.hindi_letters import NUKTA

# Grammar, then words with letters that are not spoken, then loans and places.
WORDS = dict(pair.split("=") for pair in """
    کہ=कि نہ=न یہ=यह وہ=वह پہ=पे کوئی=कोई کئی=कई گئے=गए گئی=गई ہوئے=हुए ہوئی=हुई آئے=आए آئی=आई
    جائے=जाए چاہیے=चाहिए چاہئے=चाहिए لیے=लिए لئے=लिए دیے=दिए کیے=किए ہمیں=हमें تمہیں=तुम्हें
    انہیں=उन्हें انھیں=उन्हें جنہیں=जिन्हें جنھیں=जिन्हें انہوں=उन्हों انھوں=उन्हों یہاں=यहाँ
    وہاں=वहाँ کہاں=कहाँ جہاں=जहाँ ہاں=हाँ کیوں=क्यों کیونکہ=क्योंकि چونکہ=चूँकि
    حالانکہ=हालाँकि بلکہ=बल्कि جبکہ=जबकि تاکہ=ताकि چھ=छह ڈیڑھ=डेढ़ بھئی=भई بیوی=बीवी کون=कौन
    گا=गा گے=गे گی=गी بالکل=बिल्कुल فوراً=फ़ौरन یعنی=यानी دعا=दुआ خدا=ख़ुदा حافظ=हाफ़िज़
    خوش=ख़ुश خود=ख़ुद خواب=ख़्वाब خواہش=ख़्वाहिश درخواست=दरख़्वास्त طرح=तरह صبح=सुबह شروع=शुरू
    وجہ=वजह جگہ=जगह بعد=बाद معاف=माफ़ معلوم=मालूम عورت=औरत عمر=उम्र عزت=इज़्ज़त علاقہ=इलाक़ा
    علاقے=इलाक़े وعدہ=वादा وعدے=वादे واقعی=वाक़ई موقع=मौक़ा مسئلہ=मसला مسئلے=मसले اللہ=अल्लाह
    السلام=अस्सलाम علیکم=अलैकुम انشاءاللہ=इंशाअल्लाह ماشاءاللہ=माशाअल्लाह محبت=मोहब्बत
    زندگی=ज़िंदगी پاؤں=पाँव گاؤں=गाँव ماں=माँ جھوٹ=झूठ چائے=चाय پئیں=पिएँ پرسوں=परसों
    دھوکا=धोखा ڈرو=डरो پولیس=पुलिस ڈاکٹر=डॉक्टर ٹیلی=टेली ویژن=विज़न ٹیلیویژن=टेलीविज़न ٹی=टी
    وی=वी فلم=फ़िल्म فون=फ़ोन کمپیوٹر=कंप्यूटर موبائل=मोबाइल اسکول=स्कूल سکول=स्कूल کالج=कॉलेज
    یونیورسٹی=यूनिवर्सिटी اسٹیشن=स्टेशन سٹیشن=स्टेशन ہسپتال=अस्पताल ٹرین=ट्रेन ٹکٹ=टिकट
    ہوٹل=होटल بینک=बैंक افسر=अफ़सर آفس=ऑफ़िस کیمرہ=कैमरा ویڈیو=वीडियो انٹرنیٹ=इंटरनेट
    کرکٹ=क्रिकेट میچ=मैच پارٹی=पार्टी منٹ=मिनट سیکنڈ=सेकंड نمبر=नंबर ریڈیو=रेडियो
    ڈرائیور=ड्राइवर سائیکل=साइकिल ٹیکسی=टैक्सी کمپنی=कंपनी مارکیٹ=मार्केट ہیرو=हीरो میڈم=मैडम
    پلیز=प्लीज़ سوری=सॉरी تھینک=थैंक یو=यू ہیلو=हैलो اوکے=ओके نیوز=न्यूज़ انڈیا=इंडिया
    پاکستان=पाकिस्तान ہندوستان=हिंदुस्तान بھارت=भारत دہلی=दिल्ली دلی=दिल्ली ممبئی=मुंबई
    لاہور=लाहौर کراچی=कराची کشمیر=कश्मीर پنجاب=पंजाब گجرات=गुजरात
    """.split())
# میں is "I" where a clause begins, behind the verb that ends one, and in front of ने.
IN, I_AM = "में", "मैं"
BEFORE_I = frozenset("کہ اور تو لیکن مگر اگر جب کیونکہ ہاں نہیں آج کل اب پھر ہوں".split())
BEFORE_I |= frozenset("कि और तो लेकिन मगर अगर जब क्योंकि हाँ नहीं आज कल अब फिर हूँ".split())
VERB_ENDS = frozenset("ہوں تھا تھی گا گی हूँ था थी गा गी".split())
BY, NOT = frozenset(("نے", "ने")), frozenset(("نہیں", "नहीं"))
# "اس نے" is उसने (he) far more often than इसने (this one).
HE = "उस"
# کیا is "did" in front of what ends a clause, where somebody does something (ने) or it is done
# (گیا, جاتا); else "what".
WHAT, DID = "क्या", "किया"
ENDS_CLAUSE = frozenset(
    "ہے ہیں تھا ہوگا ہو اور تو لیکن کہ है हैं था होगा हो और तो लेकिन कि".split()
)
IS_DONE = frozenset("گیا جاتا جائے جائیگا جا गया जाता जाए जाएगा जा".split())
# Urdu letters of which Hindi writes one with a dot and one without.
DOTTED = {"ज": "زذضظ", "ख": "خ", "ग": "غ", "फ": "ف", "क": "ق"}
PLAIN = {"ज": "ج", "ख": "", "ग": "گ", "फ": "", "क": "کك"}
BREATH = "ھ"


def known_word(words: Sequence[str], place: int) -> str:
    """Return a word of a line in Devanagari, "" if its sounds have to tell.

    Args:
        words: Of one clause in order, in whatever letters.
        place: Of the word.
    """
    if words[place] == "اس" and words[place + 1 : place + 2] in (["نے"], ["ने"]):
        return HE
    if words[place] == "میں":
        return I_AM if _is_i(words, place) else IN
    if words[place] == "کیا":
        return DID if _is_did(words, place) else WHAT
    return WORDS.get(words[place], "")


def with_nuktas(urdu: str, devanagari: str) -> str:
    """Return a word of a list with the dots that its Urdu letters tell of.

    Args:
        urdu: As it was heard.
        devanagari: The same word; left as it is where its letters are not those of the other.
    """
    found = unicodedata.normalize("NFD", devanagari)
    for letter, dotted in DOTTED.items():
        marks = [
            char in dotted
            for char, after in zip(urdu, [*urdu[1:], ""], strict=True)
            if char in dotted or (char in PLAIN[letter] and after != BREATH)
        ]
        bare = found.replace(letter + NUKTA, letter)
        if len(marks) == bare.count(letter):
            first, *others = bare.split(letter)
            dots = (letter + NUKTA if mark else letter for mark in marks)
            found = first + "".join(dot + other for dot, other in zip(dots, others, strict=True))
    return unicodedata.normalize("NFC", found)


def _is_i(words: Sequence[str], place: int) -> bool:
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    return not before or before in BEFORE_I or after in BY or (not after and before in VERB_ENDS)


def _is_did(words: Sequence[str], place: int) -> bool:
    before, after = words[:place], words[place + 1 : place + 2]
    if (after and after[0] in IS_DONE) or (before and before[-1] in NOT):
        return True
    is_deed = bool(BY & set(before[:-1])) or (before and before[-1].endswith("نے") and not after)
    return bool(is_deed) and (not after or after[0] in ENDS_CLAUSE)
