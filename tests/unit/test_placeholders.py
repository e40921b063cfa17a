#!/usr/bin/env python3
"""
Tests of shared/translation/placeholders.py in the engine layer, with a backend
that mangles text for real.

The backend translates by writing each word backwards, so that a term which was lost, doubled or
put into another line is always told; on the way it drops, doubles, respaces and recases what it
does not understand, as engines do with placeholders.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import DependencyError
from shared.glossary.records import TranslationTerm, TranslationTerms, Wording
from shared.translation.backend import SourceLine
from shared.translation.chain import ChainEngine, LineResult, TranslationOptions
from shared.translation.engine import translate_film
from shared.translation.placeholders import CODE, Form, Restored, TermKeeper, forms_of

NAMES = {"गब्बर": "Gabbar", "वीरू सिंह": "Veeru Singh", "बसंती": "Basanti"}
ROMAN = str.maketrans("कचतपरलसम", "kctprlsm")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def wording(source: str, written: str, **fields: list[str]) -> Wording:
    """Return the wording of a term of the film's file."""
    return Wording.model_validate(
        {"source": source, "origin": "film", "written": written, **fields}
    )


def keeper() -> TermKeeper:
    """Return what keeps the names from Hindi into English."""
    terms = [
        TranslationTerm(spoken=wording(word, word), target=wording(word, name))
        for word, name in NAMES.items()
    ]
    return TermKeeper(TranslationTerms(language="en", guarded=["en"], terms=terms), least=0.8)


def turned(text: str) -> str:
    """Return the translation that belongs to a text: every word but codes and names backwards."""
    words = text.translate(ROMAN).split()
    return " ".join(word if regex.search(r"[A-Z]", word) else word[::-1] for word in words)


def as_it_is(text: str, dice: random.Random) -> str:
    """Change nothing."""
    return text


def dropped(text: str, dice: random.Random) -> str:
    """Drop one code."""
    codes = [match.group() for match in CODE.finditer(text)]
    return text.replace(dice.choice(codes), "") if codes else text


def doubled(text: str, dice: random.Random) -> str:
    """Say one code twice."""
    codes = [match.group() for match in CODE.finditer(text)]
    return f"{text} {dice.choice(codes)}" if codes else text


def recased(text: str, dice: random.Random) -> str:
    """Write everything small."""
    return text.lower()


def respaced(text: str, dice: random.Random) -> str:
    """Set letters and digits apart."""
    return CODE.sub(lambda match: " ZX " + match[1] + " Q ", text)


def redigited(text: str, dice: random.Random) -> str:
    """Write the digits of the target's script."""
    return text.translate(DEVANAGARI)


def cut(text: str, dice: random.Random) -> str:
    """Lose the end of a code."""
    return text.replace("Q", "", 1)


def swapped(text: str, dice: random.Random) -> str:
    """Give one code the number of another."""
    return CODE.sub(lambda match: f"ZX{int(match[1]) + 1}Q", text)


MANGLERS = (as_it_is, dropped, doubled, recased, respaced, redigited, cut, swapped)


class Mangler:
    """Translates by turning words; every so many lines are mangled.

    Args:
        name: An engine's, which says what forms it is given.
        manglers: What may happen to a line.
        rate: Share of lines to which it does.
        names_fail: It also misspells names that it reads in the source.
    """

    model = "turning"

    def __init__(
        self,
        name: str,
        manglers: Sequence[Callable[[str, random.Random], str]],
        rate: float = 0.5,
        seed: int = 0,
        names_fail: bool = False,
    ) -> None:
        self.name = name
        self._manglers, self._rate, self._dice = manglers, rate, random.Random(seed)
        self._names_fail = names_fail
        self.asked: list[SourceLine] = []

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return the turned texts, some mangled."""
        self.asked += lines
        return {line.id: self._translate(line.text) for line in lines}

    def _translate(self, text: str) -> str:
        for word, name in NAMES.items():
            text = text.replace(word, name.replace("bb", "b").replace("ee", "i"))
        if self._names_fail:
            text = text.replace("Gabbar", "Gubber").replace("Basanti", "")
        answer = turned(text)
        if self._dice.random() < self._rate:
            answer = self._dice.choice(list(self._manglers))(answer, self._dice)
        return answer


def film(count: int, seed: int = 0) -> list[SourceLine]:
    """Return lines of made-up Hindi, most with one to three names, one of them twice."""
    dice = random.Random(seed)
    lines = []
    for number in range(count):
        words = ["".join(dice.choices("कचतपरलसम", k=4)) for _ in range(dice.randint(2, 6))]
        for _ in range(dice.randint(0, 3)):
            words.insert(dice.randint(0, len(words)), dice.choice(list(NAMES)))
        lines.append(SourceLine(3 * number + 1, " ".join(words)))
    return lines


def run(lines: Sequence[SourceLine], backend: Mangler, size: int = 8) -> dict[int, LineResult]:
    """Translate into English with the names kept."""
    chain = [ChainEngine(backend.name, lambda: backend)]
    return translate_film(
        lines, "hi", "en", chain, TranslationOptions(batch_size=size), keeper=keeper()
    )


def due(line: SourceLine) -> dict[str, int]:
    """Return how often each name is to be in the translation of a line."""
    return {name: line.text.count(word) for word, name in NAMES.items()}


def assert_names_in_place_or_told(
    lines: Sequence[SourceLine], results: Mapping[int, LineResult]
) -> None:
    """Check that each line has each of its names once, in its place, or says which it lacks."""
    for line in lines:
        result = results[line.id]
        assert result.text, result.objections
        assert not regex.search(r"(?i)z\s?x\s?\d", result.text), result.text
        counts = {name: result.text.count(name) for name in NAMES.values()}
        missing = [name for name, times in due(line).items() if times and not counts[name]]
        told = [one for one in result.objections if "without the term" in one]
        assert bool(missing) == bool(told), (line, result)
        for name, times in due(line).items():
            assert counts[name] <= times, "a name was doubled or came from another line"
        if not told and result.attempts == 1:
            expected = line.text
            for word, name in NAMES.items():
                expected = expected.replace(word, name)
            assert result.text == turned(expected), "a name is not in its place"


@pytest.mark.parametrize("mangler", MANGLERS, ids=[one.__name__ for one in MANGLERS])
@pytest.mark.parametrize("engine", ["nllb", "indictrans2", "another"])
def test_every_name_comes_back_once_in_its_place(
    engine: str, mangler: Callable[[str, random.Random], str]
) -> None:
    lines = film(60)
    backend = Mangler(engine, [mangler])
    results = run(lines, backend)
    assert_names_in_place_or_told(lines, results)
    codes = [line for line in backend.asked if CODE.search(line.text)]
    assert codes, "no placeholder was sent"
    assert all(("#" in line.text) == (engine == "indictrans2") for line in codes)
    harmless = mangler in (as_it_is, respaced, redigited)
    asked_once = sum(results[line.id].attempts == 1 for line in lines)
    assert (asked_once == len(lines)) == harmless or mangler is recased


@pytest.mark.slow
@given(
    st.integers(1, 30),
    st.integers(1, 9),
    st.lists(st.sampled_from(MANGLERS), min_size=1, max_size=4),
    st.floats(0, 1),
    st.integers(0, 99),
    st.booleans(),
)
def test_no_name_is_ever_doubled_shifted_or_silently_lost(
    count: int,
    size: int,
    manglers: list[Callable[[str, random.Random], str]],
    rate: float,
    seed: int,
    names_fail: bool,
) -> None:
    lines = film(count, seed)
    for engine in ("nllb", "indictrans2", "whisper"):
        backend = Mangler(engine, manglers, rate, seed, names_fail)
        assert_names_in_place_or_told(lines, run(lines, backend, size))


def test_whisper_is_sent_nothing_and_its_misspellings_are_put_right() -> None:
    lines = [SourceLine(1, "गब्बर रतप"), SourceLine(2, "बसंती रत")]
    backend = Mangler("whisper", [], names_fail=True)
    results = run(lines, backend)
    assert [line.text for line in backend.asked] == [line.text for line in lines]
    assert results[1].text.split()[0] == "Gabbar"
    assert results[2].note == "asked once: whisper: without the term Basanti"
    assert forms_of("whisper") == ()


def test_a_language_model_is_told_the_terms_and_asked_again_without_them() -> None:
    class Careless(Mangler):
        """Forgets names the first time."""

        def _translate(self, text: str) -> str:
            return "He ran." if len(self.asked) <= 1 else "Gabbar ran."

    backend = Careless("llm", [])
    results = run([SourceLine(1, "गब्बर रतप")], backend)
    assert [line.terms for line in backend.asked] == [(("गब्बर", "Gabbar"),)] * 2
    assert all(line.text == "गब्बर रतप" for line in backend.asked)
    assert results[1].text == "Gabbar ran."
    assert "without the term Gabbar" in results[1].note


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("ZX1Q, come here", "Dear, come here"),
        ("Come, zx 1 q's friend", "Come, dear's friend"),
        ("Run! #ZX1Q.", "Run! Dear."),
        ("यह ZX१Qहै", "यह dear है"),
    ],
)
def test_a_word_takes_the_place_of_its_code(answer: str, text: str) -> None:
    term = TranslationTerm(spoken=wording("जान", "जान"), target=wording("जान", "dear"))
    one = TermKeeper(TranslationTerms(language="en", terms=[term]), least=0.8)
    line = SourceLine(1, "जान इधर")
    form: Form = "code"
    assert one.restore(line, answer, one.hide([line], form)) == Restored(text)


@pytest.mark.parametrize(
    ("answer", "text"),
    [("ZX1Q. He left.", "Mr. Rao Jr. He left."), ("ZX1Q left", "Mr. Rao Jr. left")],
)
def test_the_signs_of_a_term_stand_once_and_nothing_is_said_against_it(
    answer: str, text: str
) -> None:
    term = TranslationTerm(spoken=wording("राव", "राव"), target=wording("राव", "Mr. Rao Jr."))
    one = TermKeeper(TranslationTerms(language="en", terms=[term]), least=0.8)
    line = SourceLine(1, "राव. गया")
    assert one.restore(line, answer, one.hide([line], "code")) == Restored(text)
    sent = one.hide([line], "inline")
    assert sent.lines[0].text == "Mr. Rao Jr. गया"
    assert one.restore(line, text, sent) == Restored(text)


def test_an_everyday_word_may_stand_where_its_term_was_not_spoken() -> None:
    terms = [
        TranslationTerm(
            spoken=wording("जान", "जान"), target=wording("जान", "dear", common=["dear"])
        ),
        TranslationTerm(spoken=wording("वीरू", "वीरू"), target=wording("वीरू", "Veeru")),
    ]
    one = TermKeeper(TranslationTerms(language="en", terms=terms), least=0.8)
    line, beside = SourceLine(1, "प्रिय मित्र"), SourceLine(2, "जान, वीरू आया")
    for form in ("inline", "prompt", "none"):
        sent = one.hide([line, beside], form)
        assert one.restore(line, "Dear friend", sent) == Restored("Dear friend")
        told = one.restore(line, "Dear Veeru", sent)
        assert told.objection + told.remark == "with the term Veeru, not spoken here"


@pytest.mark.parametrize("fault", ["fails", "says nothing", "echoes"])
def test_a_good_text_that_lacks_a_term_is_kept_where_there_is_no_better(fault: str) -> None:
    class Tired(Mangler):
        """Translates once, without the name; then no more."""

        def _translate(self, text: str) -> str:
            if len(self.asked) <= 1:
                return "He  ran."
            if fault == "fails":
                raise DependencyError("The quota is used up")
            return "" if fault == "says nothing" else text

    backend = Tired("llm", [])
    result = run([SourceLine(1, "गब्बर रतप कतर रतप")], backend)[1]
    assert (result.text, result.engine) == ("He ran.", "llm")
    assert "without the term Gabbar" in result.note


def test_a_line_that_holds_such_a_code_gets_the_word_itself() -> None:
    line = SourceLine(1, "गब्बर ZX1Q")
    sent = keeper().hide([line], "code")
    assert sent.lines[0].text == "Gabbar ZX1Q" and not sent.codes


def test_a_common_word_is_not_put_right_into_a_name() -> None:
    term = TranslationTerm(
        spoken=wording("वीरू", "वीरू"), target=wording("वीरू", "Veeru", common=["virus"])
    )
    one = TermKeeper(TranslationTerms(language="en", guarded=["en"], terms=[term]), least=0.7)
    line = SourceLine(1, "वीरू आया")
    sent = one.hide([line], "none")
    refused = Restored("The virus came", remark="without the term Veeru")
    assert one.restore(line, "The virus came", sent) == refused
    (correction,) = one.restore(line, "Veeroo came", sent).corrections
    assert (correction.heard, correction.written) == ("Veeroo", "Veeru")
    assert correction.method == "likeness" and 0.7 <= correction.confidence < 1.0
