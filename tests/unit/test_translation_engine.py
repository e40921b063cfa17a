#!/usr/bin/env python3
"""
Tests of shared/translation/engine.py with a real backend that translates reversibly and fails.

The backend writes every word of German backwards, so that a text which belongs to another line, or
to two, is always told from the right one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.core.errors import DependencyError
from shared.translation.backend import Backend, SourceLine, TransientError
from shared.translation.chain import ChainEngine, LineResult, TranslationOptions
from shared.translation.engine import translate_film

Answer = dict[int, str]


def marked(text: str) -> str:
    """Return the translation that belongs to a text."""
    return " ".join(word[::-1] for word in text.split())


def short(answer: Answer, dice: random.Random) -> Answer:
    """Leave some lines out."""
    return {number: text for number, text in answer.items() if dice.random() < 0.7}


def merged(answer: Answer, dice: random.Random) -> Answer:
    """Give one line the text of two, the next one none."""
    numbers = list(answer)
    if len(numbers) > 1:
        place = dice.randrange(len(numbers) - 1)
        answer[numbers[place]] += " " + answer.pop(numbers[place + 1])
    return answer


def extra(answer: Answer, dice: random.Random) -> Answer:
    """Add lines that nobody asked for, and prose around one."""
    number = dice.choice(list(answer))
    return answer | {
        number: f"Here is the translation: {answer[number]}",
        number + 100_000: "nobody said this",
        -1: "nor this",
    }


def numbered(answer: Answer, dice: random.Random) -> Answer:
    """Put numbers before the texts."""
    return {number: f"{number}. {text}" for number, text in answer.items()}


def garbage(answer: Answer, dice: random.Random) -> Answer:
    """Answer with nothing that is text."""
    return {number: dice.choice(["", "  ", "```json", "</s>", "▁"]) for number in answer}


def half(answer: Answer, dice: random.Random) -> Answer:
    """Break off in the first line, so that nothing of it can be read."""
    return {}


def apologising(answer: Answer, dice: random.Random) -> Answer:
    """Be sorry for each line."""
    return dict.fromkeys(answer, "I'm sorry, but I can't assist with that.")


def times_out(answer: Answer, dice: random.Random) -> Answer:
    """Do not answer in time."""
    raise TransientError("no answer in 30 s")


def too_many(answer: Answer, dice: random.Random) -> Answer:
    """Ask to wait, as a service does with 429."""
    raise TransientError("429 Too Many Requests", retry_after=7.0)


FAULTS = (short, merged, extra, numbered, garbage, times_out, too_many)


class Marker:
    """Translates by reversing words; every so many calls go wrong.

    Args:
        faults: What may go wrong.
        rate: Share of calls that do.
        seed: Of the dice.
    """

    def __init__(
        self,
        faults: Sequence[Callable[[Answer, random.Random], Answer]] = (),
        rate: float = 0.4,
        seed: int = 0,
        name: str = "marker",
    ) -> None:
        self.name, self.model = name, "reversing"
        self._faults, self._rate, self._dice = faults, rate, random.Random(seed)
        self.asked: list[list[int]] = []
        self.seen_before: list[list[int]] = []

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return the marked texts, or what a fault makes of them."""
        self.asked.append([line.id for line in lines])
        self.seen_before.append([line.id for line in before])
        answer = {line.id: marked(line.text) for line in lines}
        if self._faults and self._dice.random() < self._rate:
            return self._dice.choice(list(self._faults))(answer, self._dice)
        return answer


class Broken:
    """Fails for good at every call."""

    name, model = "broken", ""

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Raise."""
        raise DependencyError("no such model")


class Deaf(Marker):
    """Has no time for any batch that holds one certain line."""

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Answer, or not."""
        if any("Zeile3x" in line.text for line in lines):
            raise TransientError("The service is overloaded")
        return super().translate(lines, source, target, before)


def film(count: int) -> list[SourceLine]:
    """Return lines that all differ, with gaps between their ids."""
    dice = random.Random(count)
    alphabet = "abcdefghijklmnoprstuw"
    return [
        SourceLine(
            3 * n + 1,
            f"Zeile{n}x "
            + " ".join("".join(dice.choices(alphabet, k=6)) for _ in range(n % 5 + 1)),
        )
        for n in range(count)
    ]


def run(
    lines: Sequence[SourceLine], *backends: Backend, joint: bool = True, size: int = 16
) -> tuple[dict[int, LineResult], list[float], list[str]]:
    """Translate from German; return the results, the waits (seconds) and the warnings."""
    waits: list[float] = []
    warnings: list[str] = []
    chain = [
        ChainEngine(one.name, lambda one=one: one, joint) for one in backends  # type: ignore[misc]
    ]
    options = TranslationOptions(
        batch_size=size, sleep=waits.append, warn=warnings.append, degrade=warnings.append
    )
    return translate_film(lines, "de", "en", chain, options), waits, warnings


def check(lines: Sequence[SourceLine], results: Mapping[int, LineResult]) -> int:
    """Check that every line has its own text or none; return how many have none."""
    assert sorted(results) == [line.id for line in lines]
    for line in lines:
        result = results[line.id]
        assert result.text in {"", marked(line.text)}, line
        assert bool(result.engine) == bool(result.text)
        # Who gave nothing ten times is not asked any more: a line may never be asked for.
        assert bool(result.note) == (result.attempts != 1 or bool(result.objections)), line
        assert result.note.startswith("not asked") == (result.attempts == 0), line
    return sum(not result.text for result in results.values())


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.__name__ for fault in FAULTS])
def test_a_thousand_lines_keep_their_texts(
    fault: Callable[[Answer, random.Random], Answer],
) -> None:
    lines = film(1000)
    results, waits, _ = run(lines, Marker([fault]))
    # Each of three rounds fails four times in ten: 64 of 1,000 lines are expected to be left.
    assert check(lines, results) <= 100, f"too many lines are left after {fault.__name__}"
    helped, _, _ = run(lines, Marker([fault]), Marker(name="second"))
    assert check(lines, helped) == 0
    assert waits or any(result.attempts > 1 for result in results.values())


@example(11, 1, [extra], 1.0, 0)
@given(
    st.integers(1, 60),
    st.integers(1, 20),
    st.lists(st.sampled_from(FAULTS), max_size=4),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_no_line_ever_shifts(
    count: int, size: int, faults: list[Callable[..., Answer]], rate: float, seed: int
) -> None:
    lines = film(count)
    first, second = Marker(faults, rate, seed), Marker(faults, rate, seed + 1, "second")
    results, _, _ = run(lines, first, second, size=size)
    check(lines, results)
    assert len(first.asked) <= 4 * 3 * (count + 3), "asked without end"


def test_the_same_line_is_asked_once() -> None:
    texts = ["Ja. Gut", "Nein", "Ja.  Gut", "Komm", "Warum"]
    marker = Marker()
    results, _, _ = run([SourceLine(n, text) for n, text in enumerate(texts)], marker)
    assert marker.asked == [[0, 1, 3, 4]]
    assert [results[n].text for n in range(3)] == [".aJ tuG", "nieN", ".aJ tuG"]


def test_too_few_lines_to_be_judged_together_are_asked_alone() -> None:
    marker = Marker()
    results, _, _ = run(film(7), marker, size=4)
    assert [len(ids) for ids in marker.asked] == [4, 1, 1, 1]
    assert all(result.text for result in results.values())


def test_a_service_that_asks_to_wait_is_obeyed_and_others_wait_longer_each_time() -> None:
    assert run(film(4), Marker([too_many], rate=1))[1][:3] == [7.0, 7.0, 7.0]
    assert run(film(4), Marker([times_out], rate=1))[1][:3] == [1.0, 2.0, 4.0]


def test_the_next_engine_does_what_the_first_cannot_and_the_result_says_so() -> None:
    lines = film(20)
    results, _, warnings = run(lines, Broken(), Marker())
    assert check(lines, results) == 0
    assert {result.engine for result in results.values()} == {"marker"}
    assert all("broken failed" in result.note for result in results.values())
    assert warnings == ["broken is not asked any more: no such model"]


def test_what_no_engine_gives_is_left_with_its_reason() -> None:
    lines = film(40)
    results, _, warnings = run(lines, Marker([garbage], rate=1))
    assert check(lines, results) == 40
    assert "marker: " in results[lines[0].id].note
    assert len(warnings) == 1 and "no usable text for 10 lines" in warnings[0]


def test_a_line_that_is_never_answered_is_an_outage_although_all_others_are() -> None:
    lines, told, lost = film(40), list[str](), list[str]()
    options = TranslationOptions(
        batch_size=8, sleep=lambda _: None, warn=told.append, degrade=lost.append
    )
    deaf = ChainEngine("deaf", Deaf, joint=True)
    results = translate_film(lines, "de", "en", [deaf], options)
    assert check(lines, results) == 1
    assert lost == ["deaf did not answer 1 line: The service is overloaded"] and told == []
    # Another engine does it: it was asked of the first all the same, and is so again.
    lost.clear()
    second = ChainEngine("second", lambda: Marker(name="second"))
    results = translate_film(lines, "de", "en", [deaf, second], options)
    assert check(lines, results) == 0 and len(lost) == 1


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("fault", [half, apologising])
def test_a_short_film_of_which_a_service_translates_nothing_is_not_done(
    fault: Callable[[Answer, random.Random], Answer], count: int
) -> None:
    lost = list[str]()
    options = TranslationOptions(sleep=lambda _: None, degrade=lost.append)
    useless = ChainEngine("llm", lambda: Marker([fault], rate=1), joint=True)
    results = translate_film(film(count), "de", "en", [useless], options)
    assert check(film(count), results) == count and len(lost) == 1


@pytest.mark.parametrize("joint", [True, False])
def test_a_service_of_no_use_is_an_outage_and_a_model_of_our_own_is_none(joint: bool) -> None:
    told, lost = list[str](), list[str]()
    options = TranslationOptions(sleep=lambda _: None, warn=told.append, degrade=lost.append)
    useless = ChainEngine("llm", lambda: Marker([garbage], rate=1), joint)
    assert check(film(40), translate_film(film(40), "de", "en", [useless], options)) == 40
    (said,) = lost if joint else told
    assert "no usable text for 10 lines" in said and not (told if joint else lost)


def test_want_of_memory_is_the_stages_business() -> None:
    class Hungry(Marker):
        """Has no memory."""

        def translate(self, *_: object, **__: object) -> Mapping[int, str]:
            raise MemoryError("CUDA out of memory")

    with pytest.raises(MemoryError):
        run(film(3), Hungry(), Marker())


def test_lines_spoken_before_go_along() -> None:
    marker = Marker()
    run(film(8), marker, size=4)
    assert marker.seen_before == [[], [1, 4, 7, 10]]
