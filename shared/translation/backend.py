#!/usr/bin/env python3
"""
Backend: what every translation engine offers, however different they are inside.

A backend turns a batch of lines into texts tied to their ids. It keeps no order, retries nothing
and hides nothing: what it cannot do it leaves out or raises, and shared/translation/engine.py asks
again. To add an engine: write `scripts/<engine>_integration.py` with `open_backend(options)`, and
add a row to the router.

Usage:
    backend = open_backend(BackendOptions(model="nllb-200-distilled-600M", device="cpu"))
    texts = backend.translate(lines, source="hi", target="en")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from shared.core.errors import DependencyError


@dataclass(frozen=True)
class SourceLine:
    """One line to translate; times in seconds. `id` ties the answer to it.

    `terms`: words of the line and how they are to be translated, for engines that can be told;
    `about`: words of the line and what the glossary says of them.
    """

    id: int
    text: str
    start: float = 0.0
    end: float = 0.0
    speaker: str | None = None
    terms: tuple[tuple[str, str], ...] = ()
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class BackendOptions:
    """How to open a backend: model, device, number format; `extra` is the engine's own."""

    model: str
    device: str = "cpu"
    compute_type: str = "auto"
    batch_size: int = 16
    beam_size: int = 5
    threads: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


class TransientError(DependencyError):
    """The engine could not answer now and may in a moment: time-out, 429, 5xx.

    Args:
        retry_after: Seconds that the service asks to wait, None where it says nothing.
    """

    def __init__(self, cause: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(cause, hint)
        self.retry_after = retry_after


class HungError(DependencyError):
    """The engine said nothing for so long that it was ended."""


class Backend(Protocol):
    """A loaded engine."""

    name: str
    model: str

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return the translation of each line by id; ids it has no usable text for are left out.

        Args:
            lines: A batch, all in one language, in film order.
            source: BCP-47.
            target: BCP-47.
            before: The lines spoken just before, for engines that use context.

        Raises:
            TransientError: Ask again.
            PipelineError: Asking again is useless.
        """


@runtime_checkable
class Comparing(Protocol):
    """A backend that can also tell how alike texts of two languages are in meaning."""

    def likeness(
        self, sources: Sequence[str], texts: Sequence[str]
    ) -> Sequence[Sequence[float]] | None:
        """Return the cosine of each source (row) and each text (column).

        Args:
            sources: Lines of one language.
            texts: Lines of another.

        Returns:
            Rows of numbers up to 1; None where nothing here can tell.
        """


@runtime_checkable
class Telling(Protocol):
    """A backend that tells how far an answer is while it comes.

    `hears`: called with the lines of the batch so far, with a fraction for the one that comes.
    """

    hears: Callable[[float], None]


@runtime_checkable
class Refusing(Protocol):
    """A backend that judges what its engine says, and tells what it kept back.

    `refused`: what of a line it did not answer and why, by id; a line with a text lacks a part.
    """

    refused: Mapping[int, str]
