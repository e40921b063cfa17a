#!/usr/bin/env python3
"""
Plausible: what speaks against a text as the translation of one line.

Engines number lines, echo the prompt, apologise, comment, or give the source back. None of it may
reach a subtitle. What people say in films ("Sure, I'll come.", "1984: the year.") must.

Usage:
    from shared.translation.plausible import objection

    objection("Wo bist du?", "Where are you?", "de", "en")   # '' = nothing speaks against it
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

import regex

from shared.core.languages import are_near, primary
from shared.transcript.languages.alphabets import letter_count, script_of, share_in_script

# Which of some languages (BCP-47) a text is in, "" while that is not sure.
Identify = Callable[[str, Collection[str]], str]
# Among the languages: every other that can be told as well.
ANY_LANGUAGE = "*"

# What belongs to prompts, tokenizers and data formats, not to a line of dialogue.
MARKUP = regex.compile(
    r"```|<\||\|>|</?s>|<pad>|<unk>|▁|</?think|\"(?:id|text|lines?|translations?)\"\s*:"
    r"|<\s*[\p{L}\p{M}]{0,8}\s?\d+\s*[>\]]|\[\s*id\s?\d+\s*[>\]]"
    r"|\b[a-z]{3}_(?:Latn|Deva|Arab|Beng|Cyrl|Hans|Hant|Jpan|Taml|Telu)\b"
    r"|\b(?:here(?: is|'s| are)|below is|this is|hier (?:ist|sind)|voici|aquí (?:está|tienes?))"
    r"[^.!?]{0,30}\b(?:translat|übersetz|traduc)"
    r"|^\s*(?:translation|translated text|übersetzung|traduction|traducción|अनुवाद)\s*:",
    regex.IGNORECASE,
)
# What a model says of itself and of its task; a person says "I can't help you".
REFUSAL = regex.compile(
    r"\bas an? (?:ai\b|artificial intelligence|(?:large )?language model)"
    r"|\b(?:can't|cannot|can not|unable to|won't|not able to) "
    r"(?:assist|comply|fulfil|translate|provide (?:a|the|any) translation|continue with th)"
    r"|\b(?:als ki\b|als sprachmodell|en tant qu'ia\b|como (?:una )?(?:ia|modelo de lenguaje)\b)"
    r"|\b(?:nicht|ne peux pas|no puedo) (?:übersetzen|traduire|traducir)"
    r"|(?:अनुवाद नहीं (?:कर|दे)|सहायता नहीं कर)",
    regex.IGNORECASE,
)
# What a model says instead of a line, and people say too: sorry, it cannot help with that. A
# refusal where the line neither asks for pardon nor denies nor calls anything impossible.
SORRY = regex.compile(
    r"\b(?:sorry|apologi[sz]e|apolog(?:y|ies)|forgive|excuse|regret|alas|afraid|unfortunate)"
    r"|\b(?:leid|bedau(?:e?re|ern)|entschuldig|verzeih)"
    r"|\b(?:désolé|navré|pardon|regrett|malheureu)"
    r"|\b(?:lo siento|perd[oó]n|disculp|lamento|desculp|sinto muito|scus[ai]|dispiace|spiacent)"
    r"|(?:माफ|क्षमा|खेद|सॉरी|अफ़सोस|अफसोस|معاف|معذرت|افسوس|متاسف|متأسف|ببخش|آسف|عذر|أعتذر)"
    r"|(?:извин|прост|сожале|вибач|пробач|жаль|przepr|przykro|omlouv|promiň|lituj|bocs|sajn)"
    r"|(?:申し訳|すみません|すいません|ごめん|抱歉|对不起|對不起|不好意思|죄송|미안|xin lỗi|ขอโทษ)"
    r"|\b(?:maaf|özür|üzgün|pahoitt|anteeksi|förlåt|ledsen|beklager|undskyld|helaas|spijt)"
    r"|(?:மன்னி|క్షమి|ক্ষমা|দুঃখ|માફ|ਮਾਫ|ಕ್ಷಮಿ|ക്ഷമി|מצטער|סליחה)",
    regex.IGNORECASE,
)
HELPLESS = regex.compile(
    r"\b(?:can['’]t|cannot|can not|unable to|not able to|won['’]t(?: be able to)?) (?:\w+ )?"
    r"(?:(?:help|assist)(?: you)? with th(?:at|is)"
    r"|(?:provide|discuss|generate) (?:that|this|such)"
    r"|engage with|fulfil|comply)"
    r"|\bmust decline\b|\bapologi[sz]e, but\b"
    r"|\b(?:dabei|damit|hierbei)\b.{0,20}\bnicht (?:weiter)?helfen|\bAnfrage\b.{0,20}\bnicht\b"
    r"|\bne (?:peux pas|suis pas en mesure de)\b.{0,12}\b(?:aider|répondre|fournir)\b"
    r"|\b(?:no puedo ayudar|não posso ajudar|non posso aiutar)|(?:सहायता|मदद) नहीं कर (?:सक|पा)"
    r"|(?:お手伝い|対応|お応え)(?:は|も)?(?:でき(?:ません|ない)|いたしかね)"
    r"|(?:无法|無法|不能)(?:协助|協助|帮助|幫助|提供)"
    r"|(?:도와드릴|도움을 드릴) 수 없|не могу (?:вам )?помочь с|(?:لا أستطيع|لا يمكنني) (?:ال)?مساعدة"
    r"|உதவ முடியா|\byardımcı olamam|\b(?:daar|hier)\b.{0,20}\bniet (?:mee )?helpen"
    r"|\bnie mogę\b.{0,10}\bpomóc|\btidak (?:bisa|dapat) membantu",
    regex.IGNORECASE,
)
DENIED = regex.compile(
    r"imposs?|unmög|machtlos|असंभव|अशक्य|नामुमकिन|मुश्किल|मजबूर|невозмож|অসম্ভব"
    r"|ناممکن|مستحيل|mustahil|無理|駄目|だめ|困|勘弁|곤란|불가|imk[aâ]ns|omöjl|onmogel|nemožn|niemożl"
    r"|n['’]t\b|\b(?:no|not|never|none|nothing|nobody|cannot|nicht|nichts|kein\w*|nie|niemand|nein"
    r"|pas|rien|jamais|aucun\w*|nada|nunca|jamás|ninguna?|não|non|mai|niente|ne|ei|en|nem|nie|niet"
    r"|geen|ikke|inte|не|нет|нельзя|ні|немає|değil|yok|tidak|tak|bukan|jangan|nahi|nahin|mat)\b"
    r"|नही|मत|नका|নেই|না\b|نہیں|مت|لا|لم|لن|ليس|نمی|نیست|לא|אין|ない|ません|ぬ|不|没|沒|無|无|非"
    r"|안 |못|없|않|không|chưa|ไม่|இல்லை|முடிய|లేదు|కాదు|ಇಲ್ಲ|ഇല്ല|નથી|ਨਹੀਂ",
    regex.IGNORECASE,
)
NOTE = regex.compile(
    r"[(\[{]\s*(?:translator'?s? )?"
    r"(?:notes?|n\.?\s?b\.?|anm(?:erkung|\.)|nota|n\.d\.t\.?|remarque|literally|lit\.|टिप्पणी|नोट)"
    r"\b|\b(?:translator'?s note|explanation|context)\s*:",
    regex.IGNORECASE,
)
ASIDE = regex.compile(r"[(\[（［][^)\]）］]*[)\]）］]")
FEWEST_WORDS_OF_ASIDE = 3
OPENING, CLOSING = "\"'“„«‹‚‘「『”’»", "\"'”“»›’‘」』«"
QUOTES = regex.compile(r"[\"“”„«»‹›「」『』]|(?<!\p{L})['‘’‚]|['’](?!\p{L})")
# Control characters and what turns the direction of writing, which hides text.
UNSEEN = regex.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\p{Co}\uFFFD\u202A-\u202E\u2066-\u2069]"
    r"|[\U000E0000-\U000E007F]"
)
WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
LIKE_A_NAME = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}'’.-]*")
NUMBERED = regex.compile(r"^\s*([\[(#])?(\d+)[\]).:|]+\s")
# A language may need several times the characters of another, short lines more so.
LONGEST_RATIO, LONGEST_FREE = 5.0, 40
SHORTEST_RATIO, SHORTEST_FREE = 0.1, 30
FEWEST_LETTERS = 4
# An echo shorter than this may be a word that both lines share.
SHORTEST_ECHO = 12
FEWEST_WORDS_OF_COPY = 4
# A language is not told from fewer words than these.
FEWEST_WORDS_OF_LANGUAGE = 3
ENGLISH = "en"
WRONG_LANGUAGE = "not in the language that was wanted"


def objection(
    source_text: str,
    text: str,
    source: str,
    target: str,
    others: Iterable[str] = (),
    numbers: Collection[int] = (),
    identify: Identify = lambda text, among: "",
) -> str:
    """Return what speaks against a text as a line's translation, "" when nothing does.

    Args:
        source_text: The line.
        text: What an engine gave for it.
        source: BCP-47.
        target: BCP-47.
        others: The lines around it, which must not be found in its translation.
        numbers: The line's id and place: what an engine that numbers its answers would write.
        identify: Tells languages of one script apart.
    """
    if not text.strip():
        return "no text"
    why = _not_dialogue(source_text, text, numbers)
    if why:
        return why
    if len(text) > LONGEST_FREE + LONGEST_RATIO * len(source_text):
        return "much longer than the line"
    if len(text) < SHORTEST_RATIO * (len(source_text) - SHORTEST_FREE):
        return "much shorter than the line"
    folded_text = folded(text)
    for other in map(folded, others):
        if (
            len(other) >= SHORTEST_ECHO
            and other in folded_text
            and other not in folded(source_text)
        ):
            return "holds another line"
    return _wrong_language(source_text, text, source, target, identify)


def _not_dialogue(source_text: str, text: str, numbers: Collection[int]) -> str:
    """Return what in a text no person says and the line does not hold either."""
    for pattern, why in (
        (MARKUP, "markup or prompt in the text"),
        (REFUSAL, "a refusal, not a translation"),
        (NOTE, "a note that is not in the line"),
        (UNSEEN, "control characters in the text"),
    ):
        if pattern.search(text) and not pattern.search(source_text):
            return why
    if SORRY.search(text) and HELPLESS.search(text):
        if not (SORRY.search(source_text) or DENIED.search(source_text)):
            return "a refusal, not a translation"
    numbered = NUMBERED.match(text)
    own = NUMBERED.match(source_text)
    if numbered and (own is None or own[2] != numbered[2]):
        if numbered[1] or int(numbered[2][:18]) in numbers:
            return "a number that is not in the line"
    if "\n" in text.strip() and "\n" not in source_text.strip():
        return "several lines for one"
    if not ASIDE.search(source_text):
        if any(len(a.split()) >= FEWEST_WORDS_OF_ASIDE for a in ASIDE.findall(text)):
            return "a note that is not in the line"
    bare = text.strip()
    quoted = len(bare) > 2 and bare[0] in OPENING and bare[-1] in CLOSING
    if quoted and not QUOTES.search(source_text):
        return "quotation marks around the text"
    return ""


def _wrong_language(
    source_text: str, text: str, source: str, target: str, identify: Identify
) -> str:
    """Return whether the text is the line itself, or in a script or language not wanted."""
    same = folded(source_text) == folded(text)
    wrong_script = share_in_script(source_text, target) < 0.5
    if wrong_script and letter_count(text) and share_in_script(text, target) < 0.5:
        if same or letter_count(text) >= FEWEST_LETTERS:
            return "not in the script of the language"
    if primary(source) == primary(target):
        return ""
    among = candidates(source, target)
    words = len(text.split())
    if same:
        # A line that is in the target language already, or that only names people.
        kept = not wrong_script and share_in_script(source_text, source) < 0.5
        kept = kept or only_names(text) or identify(text, among) == primary(target)
        return "" if kept or words < FEWEST_WORDS_OF_COPY else "the line itself, untranslated"
    if words >= FEWEST_WORDS_OF_LANGUAGE and not only_names(text):
        found = identify(text, among)
        if found and found != primary(target) and identify(source_text, among) != found:
            return WRONG_LANGUAGE
        if found == primary(source) != primary(target):
            return WRONG_LANGUAGE
        if third_language(text, source, target, identify) not in {
            "",
            third_language(source_text, source, target, identify),
        }:
            return WRONG_LANGUAGE
    return ""


def third_language(text: str, source: str, target: str, identify: Identify) -> str:
    """Return the language of a text that is neither wanted nor near to what is, "" without one.

    Args:
        text: An answer, or those of a batch together.
        source: BCP-47.
        target: BCP-47; in a script that its language is not usually written in nothing is told.
        identify: Tells languages apart.
    """
    if script_of(target) != script_of(primary(target)):
        return ""
    found = identify(text, [primary(target), ANY_LANGUAGE])
    kept = {primary(target), primary(source)}
    return "" if not found or any(are_near(found, one) for one in kept) else found


def candidates(source: str, target: str) -> list[str]:
    """Return which languages an answer may be in whose letters are the target's.

    Args:
        source: BCP-47.
        target: BCP-47.
    """
    known = dict.fromkeys(primary(one) for one in (target, source, ENGLISH))
    script = script_of(target)
    return [one for one in known if script_of(one) == script]


def only_names(text: str) -> bool:
    """Return whether every word of a text is written like a name.

    Args:
        text: In a script that has capital letters; in others nothing is.
    """
    words = LIKE_A_NAME.findall(text)
    return bool(words) and all(word[0].isupper() and not word.isupper() for word in words)


@lru_cache(maxsize=4096)  # a line is compared with each of its batch
def folded(text: str) -> str:
    """Return a text without what does not count in comparing: case, points, runs of blanks.

    Args:
        text: Any text.
    """
    return " ".join(WORD.findall(text.casefold()))
