#!/usr/bin/env python3
"""
Engine round: one engine asked for what is left of a film, in smaller and smaller batches.

Usage:
    from shared.translation.engine_round import EngineRound

    EngineRound(engine, "hi", "en", options, results, film, keeper).run(todo)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tenacity import Retrying, retry_if_exception, stop_after_attempt

from shared.core.errors import EXIT_DEPENDENCY, EXIT_UNAVAILABLE, PipelineError
from shared.core.ladder import trouble_of
from shared.core.languages import primary
from shared.services.retry import wait_as_told, wait_of
from shared.translation.backend import Backend, Comparing, SourceLine, TransientError
from shared.translation.chain import ChainEngine, LineResult, TranslationOptions, rounds
from shared.translation.joints import Likeness, broken_off
from shared.translation.placeholders import Form, Restored, Sent, TermKeeper, forms_of
from shared.translation.plausible import folded, objection, third_language
from shared.translation.second_opinion import FEWEST_IN_ORDER, agreed, other_order
from shared.translation.together import (
    CERTAIN,
    FEWEST_ALIKE,
    FEWEST_TOGETHER,
    ONE_TEXT,
    SHORTEST_SAID,
    crossed,
    doubts,
)

FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0
# Lines asked alone, one after another, without one usable answer: the engine is of no use here.
PATIENCE = 10
# Batches that an engine could not answer, one after another, however often it was asked.
DEAF = 3
WRONG_LANGUAGE = "not in the language that was wanted"
# How far back an engine may be that repeats what it said.
BATCHES_BEHIND = 2


class _Hopeless(Exception):
    """The engine is of no use for these lines; it may be for others."""


@dataclass
class EngineRound:
    """One engine at work on what is left.

    `results`: of all lines, by id; `film`: all its lines, for context; `deaf` and `useless`:
    batches without an answer and lines without a usable one, one after another; `heard`: the
    latest answer to each line of a batch, taken or not; `disputed`: lines of which two answers to
    their batch said different things; `alone`: the latest lines asked alone, with their answers;
    `foreign`: languages not wanted in which the engine has answered batches.
    """

    engine: ChainEngine
    source: str
    target: str
    options: TranslationOptions
    results: dict[int, LineResult]
    film: Sequence[SourceLine]
    keeper: TermKeeper | None
    deaf: int = 0
    useless: int = 0
    heard: dict[int, str] = field(default_factory=dict)
    disputed: set[int] = field(default_factory=set)
    alone: list[tuple[SourceLine, str]] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)

    def run(self, todo: Sequence[SourceLine]) -> None:
        """Ask for all lines, then for what is left in smaller batches, then one by one.

        Args:
            todo: The lines without a text, in film order.

        Raises:
            Exception: What the engine raises for want of memory or of a working device.
        """
        try:
            backend = self.engine.open()
            forms = forms_of(self.engine.name) if self.keeper else ()
            for size, form, terms_only in rounds(self.options.batch_size, forms, self.engine.joint):
                left = [line for line in todo if not self.results[line.id].text]
                if terms_only:
                    left = [line for line in left if self._has_terms(line)]
                for batch in self._batches(left, size):
                    self._ask(backend, batch, form)
                    self._give_up_where_hopeless(size, batch, form)
                    self.options.progress(sum(1 for r in self.results.values() if r.text))
            self._tell_unheard(todo)
        except _Hopeless:
            # What a service writes may be of use tomorrow; a model of our own writes the same.
            tell = self.options.degrade if self.engine.joint else self.options.warn
            tell(
                f"{self.engine.name} gave no usable text for {PATIENCE} lines in {self.source} one "
                "after another and is asked no more of them"
            )
        except PipelineError as error:
            if trouble_of(error) is not None:
                raise
            self.engine.failed = error.cause
            for line in todo:
                if not self.results[line.id].text:
                    self.results[line.id].objections.append(f"{self.engine.name} failed")
            for_now = error.exit_code in {EXIT_DEPENDENCY, EXIT_UNAVAILABLE}
            tell = self.options.degrade if for_now else self.options.warn
            tell(f"{self.engine.name} is not asked any more: {error.cause}")

    def _tell_unheard(self, todo: Sequence[SourceLine]) -> None:
        """Tell of lines that the engine did not answer, or of a service that was of no use."""
        asked = [self.results[line.id] for line in todo]
        unheard = [one for one in asked if one.unheard and not one.text]
        if self.engine.joint and not unheard and not any(one.text or one.spare for one in asked):
            self.options.degrade(
                f"{self.engine.name} gave no usable text for any line in {self.source}"
            )
        elif unheard:
            count = f"{len(unheard)} {'line' if len(unheard) == 1 else 'lines'}"
            self.options.degrade(
                f"{self.engine.name} did not answer {count}: {unheard[-1].unheard}"
            )

    def _batches(self, lines: Sequence[SourceLine], size: int) -> Iterator[Sequence[SourceLine]]:
        """Yield lines in batches; disputed ones, and too few to be judged together, go alone."""
        yield from ([line] for line in lines if line.id in self.disputed)
        lines = [line for line in lines if line.id not in self.disputed]
        for start in range(0, len(lines), size):
            batch = lines[start : start + size]
            if self.engine.joint and len(batch) < FEWEST_TOGETHER:
                yield from ([line] for line in batch)
            else:
                yield batch

    def _has_terms(self, line: SourceLine) -> bool:
        return self.keeper is not None and self.keeper.has_terms(line)

    def _ask(self, backend: Backend, batch: Sequence[SourceLine], form: Form) -> None:
        """Ask for one batch and take what nothing speaks against."""
        sent = self.keeper.hide(batch, form) if self.keeper else Sent(form, list(batch))
        for line in batch:
            self.results[line.id].attempts += 1
        try:
            answer = self._call(backend, sent.lines, self._before(batch[0]))
        except TransientError as error:
            self.deaf += 1
            self._object(batch, f"{self.engine.name}: {error.cause}")
            for line in batch:
                self.results[line.id].unheard = error.cause
            if self.deaf >= DEAF:
                raise
            return
        self.deaf = 0
        for line in batch:
            nothing = self.engine.joint and not str(answer.get(line.id) or "").strip()
            self.results[line.id].unheard = "its answers lack them" if nothing else ""
        texts = {line.id: str(answer.get(line.id) or "") for line in batch}
        moved = self._doubts(backend, sent.lines, texts)
        for index, line in enumerate(batch):
            if not texts[line.id].strip():
                self._object([line], f"{self.engine.name}: no answer")
            elif line.id in moved:
                self._object([line], f"{self.engine.name}: {moved[line.id]}")
            else:
                text = texts[line.id]
                kept = self.keeper.restore(line, text, sent) if self.keeper else Restored(text)
                around = [*batch[max(0, index - 1) : index], *batch[index + 1 : index + 2]]
                self._weigh(backend, line, kept, [other.text for other in around], index)

    def _doubts(
        self, backend: Backend, lines: Sequence[SourceLine], texts: Mapping[int, str]
    ) -> dict[int, str]:
        """Return what speaks against the answers to a batch that was read as one text."""
        if not self.engine.joint:
            return {}
        if len(lines) == 1:
            return self._said_to_all(lines[0], folded(texts[lines[0].id])) | self._foreign(
                lines, texts
            )
        likeness = backend.likeness if isinstance(backend, Comparing) else lambda *_: None
        found = doubts(lines, texts, likeness, self._before(lines[0]), self._said(lines))
        self.heard |= texts
        together = " ".join(texts.values())
        third = third_language(together, self.source, self.target, self.options.identify)
        if third:
            self.foreign.add(third)
            return dict.fromkeys(texts, WRONG_LANGUAGE)
        if found and len(lines) >= FEWEST_IN_ORDER and CERTAIN.isdisjoint(found.values()):
            same = self._agreed(backend, lines, texts, likeness)
            found = {number: why for number, why in found.items() if number not in same}
            self.disputed |= set(found)
        return found | self._foreign(lines, texts)

    def _foreign(self, lines: Sequence[SourceLine], texts: Mapping[int, str]) -> dict[int, str]:
        """Return the answers in a language in which the engine has gone on before.

        Of a few words no language can be told among all, but among two; in a batch, whose lines
        are asked again, what is not surely in the wanted one counts as well.
        """
        if not self.foreign:
            return {}
        wanted = primary(self.target)

        def told(text: str) -> str:
            return self.options.identify(text, [wanted, *self.foreign])

        good = {wanted} if len(lines) > 1 else {wanted, ""}
        return {
            line.id: WRONG_LANGUAGE
            for line in lines
            if told(texts[line.id]) not in good | {told(line.text) or wanted}
        }

    def _said_to_all(self, line: SourceLine, answer: str) -> dict[int, str]:
        """Return what speaks against the answer to a line asked alone; what it was before goes.

        A model that is stuck says one thing to whatever it is asked.
        """
        self.alone = [*self.alone, (line, answer)][-FEWEST_ALIKE:]
        sources = {folded(asked.text) for asked, _ in self.alone}
        is_one = len(sources) == FEWEST_ALIKE and {said for _, said in self.alone} == {answer}
        if not is_one or len(answer) < SHORTEST_SAID:
            return {}
        before = [asked for asked, _ in self.alone if self.results[asked.id].text]
        for asked in before:
            self.results[asked.id].take(LineResult())
        self._object(before, f"{self.engine.name}: {ONE_TEXT}")
        return {line.id: ONE_TEXT}

    def _agreed(
        self,
        backend: Backend,
        lines: Sequence[SourceLine],
        texts: Mapping[int, str],
        likeness: Likeness,
    ) -> set[int]:
        """Return the lines of a doubted batch whose answers are the same in another order."""
        for line in lines:
            self.results[line.id].attempts += 1
        order = [lines[place] for place in other_order(len(lines))]
        numbers = [line.id for line in lines]  # in their order, as every request has them
        asked = [replace(line, id=number) for line, number in zip(order, numbers, strict=True)]
        try:
            answer = self._call(backend, asked, ())
        except TransientError:
            return set()
        again = {line.id: answer.get(n, "") for line, n in zip(order, numbers, strict=True)}
        sources, answers = [line.text for line in lines], [texts[line.id] for line in lines]
        cut = {lines[place].id for place in broken_off(sources, answers)}
        return agreed(texts, again, likeness) - crossed(lines, texts, likeness) - cut

    def _said(self, lines: Sequence[SourceLine]) -> dict[str, str]:
        """Return what was answered to the lines before a batch, and to which."""
        earlier = [line for line in self.film if line.id < lines[0].id and line.id in self.heard]
        near = earlier[-BATCHES_BEHIND * self.options.batch_size :]
        return {folded(self.heard[line.id]): folded(line.text) for line in near}

    def _weigh(
        self,
        backend: Backend,
        line: SourceLine,
        kept: Restored,
        others: Sequence[str],
        index: int,
    ) -> None:
        """Take an answer against which nothing speaks; keep one whose terms alone are wrong."""
        result = self.results[line.id]
        doubt = objection(
            line.text,
            kept.text,
            self.source,
            self.target,
            others,
            numbers=(line.id, index, index + 1),
            identify=self.options.identify,
        )
        why = kept.objection or doubt
        if why or kept.remark:
            self._object([line], f"{self.engine.name}: {why or kept.remark}")
        if doubt or (why and not kept.usable):
            return
        text = " ".join(kept.text.split())
        answer = LineResult(text, backend.name, backend.model, corrections=kept.corrections)
        if why:
            result.spare = answer
        else:
            result.take(answer)

    def _call(
        self, backend: Backend, batch: Sequence[SourceLine], before: Sequence[SourceLine]
    ) -> dict[int, str]:
        """Return a backend's answer, asked again while it says that it may answer in a moment."""
        for attempt in Retrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, TransientError)
                and (wait_of(error) or 0.0) <= LONGEST_WAIT
            ),
            stop=stop_after_attempt(self.options.attempts),
            wait=wait_as_told(FIRST_WAIT, LONGEST_WAIT),
            sleep=self.options.sleep,
            reraise=True,
        ):
            with attempt:
                return dict(backend.translate(batch, self.source, self.target, before))
        raise AssertionError("tenacity ends with a result or an error")

    def _before(self, line: SourceLine) -> list[SourceLine]:
        count = self.options.context_lines
        return [other for other in self.film if other.id < line.id][-count:] if count else []

    def _object(self, batch: Sequence[SourceLine], why: str) -> None:
        for line in batch:
            self.results[line.id].objections.append(why)

    def _give_up_where_hopeless(self, size: int, batch: Sequence[SourceLine], form: Form) -> None:
        if any(self.results[line.id].text for line in batch):
            self.useless = 0
        elif size == 1 and (form == "none" or not self._has_terms(batch[0])):
            self.useless += 1
        if self.useless >= PATIENCE:
            raise _Hopeless
