#!/usr/bin/env python3
"""
Properties of terms under backends that mangle whole batches: swapped and merged lines, empty ones,
placeholders translated, transliterated, full-width, glued, doubled in pieces, endless.

At the end every line has each term exactly as often as it was spoken, or a note that
names it; nothing of a placeholder; no term that only another line has.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest
import regex
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from shared.glossary.records import TranslationTerm, TranslationTerms, Wording
from shared.translation.backend import SourceLine
from shared.translation.chain import ChainEngine, LineResult, TranslationOptions
from shared.translation.engine import translate_film
from shared.translation.lines import build_translation
from shared.translation.placeholders import TermKeeper
from tests.support.examples import examples
from tests.support.media_job import segment, transcript

# Terms inside one another, two with one word, one that is an everyday word.
TERMS = {
    "वीरू": "Veeru",
    "वीरू सिंह": "Veeru Singh",
    "वीरा": "Veera",
    "गब्बर": "Gabbar",
    "जान": "dear",
    "डार्लिंग": "dear",
}
WORDS = tuple("कमल चमन तरल पवन रमन सरल मगन लगन".split())
ENGINES = ("nllb", "indictrans2", "llm", "whisper", "another")
ANY_CODE = regex.compile(r"#?ZX(\d+)Q")
WIDE = {ord(char): ord(char) + 0xFEE0 for char in "ZXQ#0123456789"}
DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")
NAME = r"(?<![\p{L}\p{M}\p{N}])(?i:%s)(?![\p{L}\p{M}\p{N}])"
Line = Callable[[str, random.Random], str]


def each(change: Callable[[regex.Match[str]], str]) -> Line:
    """Return what changes every placeholder of a line."""
    return lambda text, dice: ANY_CODE.sub(change, text)


LINES: dict[str, Line] = {
    "nothing": lambda text, dice: text,
    "drops": each(lambda m: ""),
    "doubles": each(lambda m: f"{m[0]} {m[0]}"),
    "doubles wide": each(lambda m: f"{m[0]} {m[0].translate(WIDE)}"),
    "doubles in pieces": each(lambda m: f"{m[0]} ZX {m[1]}"),
    "doubles in another script": each(lambda m: f"{m[0]} <आईडी {m[1]}>"),
    "re-cases": lambda text, dice: text.lower(),
    "spaces out": each(lambda m: f"# Z X {m[1]} Q"),
    "brackets": each(lambda m: f"[ T{m[1]} ]"),
    "angles": each(lambda m: f"< {m[1]} >"),
    "entities": each(lambda m: f"{m[0]} < ID{m[1]} >"),
    "translates": each(lambda m: "the code"),
    "full width": each(lambda m: m[0].translate(WIDE)),
    "digits": each(lambda m: m[0].translate(DIGITS)),
    "glues": each(lambda m: f"«{m[0]}!»,"),
    "glues letters": each(lambda m: f"का{m[0]}को"),
    "glues Latin": each(lambda m: f"x{m[0]}ing"),
    "counts up": each(lambda m: f"ZX{int(m[1]) + 1}Q"),
    "never ends": each(lambda m: "ZX" + m[1] * 5000 + "Q"),
    "shuffles": lambda text, dice: " ".join(dice.sample(text.split(), len(text.split()))),
    "misspells": lambda text, dice: text.replace("Veeru", "Viru").replace("bb", "b"),
    "names nobody": lambda text, dice: regex.sub("Veeru( Singh)?|Veera|Gabbar|dear", "he", text),
    "stutters": lambda text, dice: regex.sub("(Veeru Singh|Gabbar|dear)", r"\1 \1", text),
    "breaks": lambda text, dice: text.replace(" ", "\n", 1),
    "answers nothing": lambda text, dice: "",
}
Batch = Callable[[dict[int, str], random.Random], dict[int, str]]


def merged(answer: dict[int, str], dice: random.Random) -> dict[int, str]:
    """Put two lines into one and leave the other out."""
    ids = list(answer)
    if len(ids) > 1:
        at = dice.randrange(len(ids) - 1)
        answer[ids[at]] += " " + answer.pop(ids[at + 1])
    return answer


def swapped(answer: dict[int, str], dice: random.Random) -> dict[int, str]:
    """Give the lines each other's texts."""
    texts = list(answer.values())
    dice.shuffle(texts)
    return dict(zip(answer, texts, strict=True))


def bled(answer: dict[int, str], dice: random.Random) -> dict[int, str]:
    """Say a word of the first line in every other one."""
    first = next(iter(answer.values())).split()
    word = dice.choice(first) if first else ""
    return {number: f"{text} {word}" for number, text in answer.items()}


BATCHES: dict[str, Batch] = {
    "none": lambda a, d: a,
    "merge": merged,
    "swap": swapped,
    "bleed": bled,
}


class Vandal:
    """Copies what it reads in Latin letters, writes the rest as numbers of letters, and mangles.

    Args:
        name: An engine's, which says what forms of terms it is given.
        line: What it does to a line.
        batch: What it does to an answer.
        rate: Share of lines, and of batches, to which it does so.
        seed: Of its dice.
    """

    model = "vandal"

    def __init__(self, name: str, line: Line, batch: Batch, rate: float, seed: int) -> None:
        self.name = name
        self._line, self._batch, self._rate = line, batch, rate
        self._dice = random.Random(seed)

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return what it makes of the lines."""
        answer = {line.id: self._translated(line) for line in lines}
        return self._batch(answer, self._dice) if self._dice.random() < self._rate else answer

    def _translated(self, line: SourceLine) -> str:
        wanted = dict(line.terms) if self.name == "llm" else TERMS if self.name == "whisper" else {}
        text = line.text
        for word in sorted(wanted, key=len, reverse=True):
            text = regex.sub(NAME % word, wanted[word], text)
        text = regex.sub(r"[\p{Devanagari}]+", lambda m: "lo" + "la" * len(m[0]), text)
        return self._line(text, self._dice) if self._dice.random() < self._rate else text


def keeper() -> TermKeeper:
    """Return what keeps the terms."""
    terms = [
        TranslationTerm(spoken=wording(word, word), target=wording(word, written))
        for word, written in TERMS.items()
    ]
    return TermKeeper(TranslationTerms(language="en", guarded=["en"], terms=terms), least=0.8)


def wording(source: str, written: str) -> Wording:
    """Return how a term of the film's file is written."""
    return Wording(source=source, origin="film", written=written)


def count(words: Sequence[str], text: str) -> dict[str, int]:
    """Return how often each of some words stands in a text, longer ones before their parts."""
    counts = {}
    for word in sorted(set(words), key=len, reverse=True):
        counts[word] = len(regex.findall(NAME % word, text))
        text = regex.sub(NAME % word, "|", text)
    return counts


def due(text: str) -> dict[str, int]:
    """Return how often each written form belongs into the translation of a line."""
    times = dict.fromkeys(TERMS.values(), 0)
    for word, number in count(list(TERMS), text).items():
        times[TERMS[word]] += number
    return times


def assert_terms_stand_or_are_told(line: SourceLine, result: LineResult) -> None:
    """Check what must hold for every line at the end."""
    assert result.text or result.note, line
    plain = regex.sub(r"\s", "", result.text).translate({v: k for k, v in WIDE.items()})
    assert not regex.search(r"(?i)zx[\d०-९]|<[^>]*[\d०-९]+[>\]]|\d+q\b", plain), result
    if not result.text:
        return
    there = count(list(TERMS.values()), result.text)
    for written, times in due(line.text).items():
        told = written in result.note
        assert there[written] == times or told, (line.text, written, result)
    for one in result.corrections:
        assert one.written in result.text and one.heard != one.written and one.method


FILM = st.lists(
    st.lists(st.sampled_from([*TERMS, *WORDS]), min_size=1, max_size=6).map(" ".join),
    min_size=1,
    max_size=12,
)


@pytest.mark.slow
@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(
    FILM,
    st.sampled_from(ENGINES),
    st.sampled_from(sorted(LINES)),
    st.sampled_from(sorted(BATCHES)),
    st.sampled_from([0.3, 1.0]),
    st.integers(1, 9),
    st.integers(0, 999),
)
def test_a_term_stands_as_often_as_it_was_spoken_or_the_line_says_so(
    texts: list[str], engine: str, line: str, batch: str, rate: float, size: int, seed: int
) -> None:
    lines = [SourceLine(2 * n, text) for n, text in enumerate(texts)]
    vandal = Vandal(engine, LINES[line], BATCHES[batch], rate, seed)
    chain = [ChainEngine(engine, lambda: vandal, joint=engine == "llm")]
    results = translate_film(
        lines, "hi", "en", chain, TranslationOptions(batch_size=size), keeper=keeper()
    )
    for one in lines:
        assert_terms_stand_or_are_told(one, results[one.id])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("line", sorted(LINES))
def test_every_way_to_mangle_a_line(engine: str, line: str) -> None:
    """Each by itself, on all lines at once, so that none is left to chance."""
    texts = ["वीरू सिंह कमल वीरू", "चमन तरल", "जान डार्लिंग गब्बर", "वीरा वीरू", "गब्बर पवन गब्बर"]
    lines = [SourceLine(n, text) for n, text in enumerate(texts)]
    for batch in BATCHES.values():
        vandal = Vandal(engine, LINES[line], batch, 1.0, 1)
        chain = [ChainEngine(engine, lambda: vandal)]
        results = translate_film(
            lines, "hi", "en", chain, TranslationOptions(batch_size=3), keeper=keeper()
        )
        for one in lines:
            assert_terms_stand_or_are_told(one, results[one.id])


def test_no_line_takes_a_term_of_another() -> None:
    """Whatever is done to a batch, a term that was not spoken in a line is not in it."""
    lines = [SourceLine(0, "गब्बर कमल"), SourceLine(1, "चमन तरल"), SourceLine(2, "वीरा पवन")]
    for engine in ("nllb", "indictrans2", "llm", "another"):
        for batch in BATCHES.values():
            for seed in range(10):
                vandal = Vandal(engine, LINES["nothing"], batch, 1.0, seed)
                chain = [ChainEngine(engine, lambda: vandal)]
                options = TranslationOptions(batch_size=3)
                results = translate_film(lines, "hi", "en", chain, options, keeper=keeper())
                for one in lines:
                    there = count(list(TERMS.values()), results[one.id].text)
                    strange = [w for w, n in there.items() if n and not due(one.text)[w]]
                    assert not strange, (engine, one, results[one.id])


def test_what_was_put_right_in_a_line_is_kept_with_its_evidence() -> None:
    film = transcript(segment(0, 0, 1, "गब्बर कमल गब्बर"), segment(1, 1, 2, "वीरू सिंह"))
    lines = [SourceLine(one.id, one.text) for one in film.segments]
    vandal = Vandal("whisper", LINES["misspells"], BATCHES["none"], 1.0, 0)
    chain = [ChainEngine("whisper", lambda: vandal)]
    results = translate_film(lines, "hi", "en", chain, TranslationOptions(), keeper=keeper())
    made = build_translation(film, "en", results)
    assert [line.text for line in made.lines] == ["Gabbar lolalala Gabbar", "Veeru Singh"]
    told = [[(c.heard, c.written, c.method) for c in line.corrections] for line in made.lines]
    assert told == [
        [("Gabar", "Gabbar", "likeness")] * 2,
        [("Viru Singh", "Veeru Singh", "likeness")],
    ]
    assert all(0.8 <= c.confidence < 1 for line in made.lines for c in line.corrections)
    assert [line.note for line in made.lines] == ["", ""]
