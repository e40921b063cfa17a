#!/usr/bin/env python3
"""
Chain: the engines that a film goes through, how they are asked, and what becomes of each line.

Usage:
    from shared.translation.chain import ChainEngine, TranslationOptions

    chain = [ChainEngine("nllb", open_nllb)]
    options = TranslationOptions(batch_size=8)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from shared.services.retry import wait_as_told, wait_of
from shared.transcript.records.schemas import Correction
from shared.translation.backend import Backend, TransientError
from shared.translation.placeholders import Form
from shared.translation.plausible import Identify

# Of a batch in which lines are left, in the next round.
SMALLER = 4
# Seconds before an engine is asked again.
FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0


@dataclass
class ChainEngine:
    """One engine of a chain, opened when it is first needed.

    `joint`: it reads a batch as one text, so that lines may move in its answer. `heard`: it hears a
    line's sound, and answers what it does not understand with what it says to others too. `failed`:
    why it is not asked any more.
    """

    name: str
    open: Callable[[], Backend]
    joint: bool = False
    heard: bool = False
    failed: str = ""


@dataclass(frozen=True)
class TranslationOptions:
    """How engines are asked; `degrade` is told of one that failed for now, `warn` of the rest.

    `identify`: tells languages apart, see plausible.py.
    """

    batch_size: int = 16
    attempts: int = 4
    context_lines: int = 4
    sleep: Callable[[float], None] = time.sleep
    warn: Callable[[str], None] = lambda message: None
    degrade: Callable[[str], None] = lambda message: None
    progress: Callable[[int], None] = lambda done: None
    identify: Identify = lambda text, among: ""


@dataclass
class LineResult:
    """What became of one line. `text` is "" while it is untranslated.

    `spare`: an answer against which nothing speaks but a term. `unheard`: why the engine asked last
    did not answer at all, "" where it did.
    """

    text: str = ""
    engine: str = ""
    model: str = ""
    attempts: int = 0
    objections: list[str] = field(default_factory=list)
    corrections: tuple[Correction, ...] = ()
    spare: LineResult | None = None
    unheard: str = ""

    def take(self, answer: LineResult) -> None:
        """Make an answer the line's text.

        Args:
            answer: An engine's answer to this line.
        """
        self.text, self.engine, self.model = answer.text, answer.engine, answer.model
        self.corrections = answer.corrections

    @property
    def note(self) -> str:
        """What a reader should know: how often it was asked, and what was refused."""
        if self.text and self.attempts <= 1 and not self.objections:
            return ""
        refused = "; ".join(dict.fromkeys(self.objections))
        times = {0: "not asked", 1: "asked once"}.get(self.attempts, f"asked {self.attempts} times")
        return f"{times}: {refused}" if refused else times


def rounds(batch_size: int, terms: Sequence[Form], is_joint: bool) -> list[tuple[int, Form, bool]]:
    """Return batch size and form of terms of each round, and whether it is for terms only.

    In the last round lines go as they are, whatever became of their terms.

    Args:
        batch_size: Of the first round; a quarter of it follows, then one.
        terms: The forms that the engine is offered terms in, one a round.
        is_joint: Whether it reads a batch as one text: what failed by chance alone is asked again.
    """
    sizes = list(dict.fromkeys((batch_size, max(1, batch_size // SMALLER), 1)))
    if is_joint:
        sizes.append(1)
    forms: list[Form] = [*terms, "none"]
    forms += ["none"] * (len(sizes) - len(forms))
    usual = len(sizes)
    sizes += [1] * (len(forms) - usual)
    return [
        (size, form, index >= usual)
        for index, (size, form) in enumerate(zip(sizes, forms, strict=True))
    ]


def ask(answer: Callable[[], Mapping[int, str]], options: TranslationOptions) -> dict[int, str]:
    """Return a backend's answer, asked again while it says that it may answer in a moment.

    Args:
        answer: Asks the backend.
        options: How often, and how waiting is done.

    Raises:
        TransientError: It could not answer, however often it was asked.
    """
    for attempt in Retrying(
        retry=retry_if_exception(
            lambda error: isinstance(error, TransientError)
            and (wait_of(error) or 0.0) <= LONGEST_WAIT
        ),
        stop=stop_after_attempt(options.attempts),
        wait=wait_as_told(FIRST_WAIT, LONGEST_WAIT),
        sleep=options.sleep,
        reraise=True,
    ):
        with attempt:
            return dict(answer())
    raise AssertionError("tenacity ends with a result or an error")
