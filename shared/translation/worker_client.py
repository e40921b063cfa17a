#!/usr/bin/env python3
"""
Worker client: a backend whose engine runs in another environment.

Each engine is one process of scripts/translators/worker.py (its protocol is described there), with
one model loaded once. It is part of the stage's process group and inherits its mark, so that the
orchestrator ends it with the stage; it ends by itself when its pipe closes.

Usage:
    with WorkerBackend(python, "llm", options, answer_seconds=600) as backend:
        texts = backend.translate(lines, source="de", target="en")
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from shared.core.errors import DependencyError, PipelineError
from shared.core.ladder import MEMORY_SIGNALS
from shared.core.paths import SCRIPTS_DIR
from shared.translation.backend import BackendOptions, HungError, SourceLine, TransientError

READ_BLOCK = 1 << 16
END_SECONDS = 10.0


class WorkerBackend:
    """A Backend (see shared/translation/backend.py) that asks a worker process.

    Args:
        python: Interpreter of the engine's environment.
        engine: A name in scripts.translators.worker.MODULES.
        options: How to open the engine.
        answer_seconds: Longest silence before an answer; then the worker counts as hung.
        heard: Told how many lines of an answer came so far, by engines that tell.

    Raises:
        MemoryError: Memory ran out, or native code crashed: a lower rung may help.
        RuntimeError: The device failed.
        PipelineError: The engine cannot be opened.
    """

    def __init__(
        self,
        python: Path,
        engine: str,
        options: BackendOptions,
        answer_seconds: float,
        heard: Callable[[float], None] = lambda lines: None,
    ) -> None:
        self._engine = engine
        self._answer_seconds = answer_seconds
        self._heard = heard
        self._pending = b""
        self.ran: dict[str, Any] = {}
        self.refused: Mapping[int, str] = {}
        self._process = subprocess.Popen(
            [str(python), str(SCRIPTS_DIR / "translators" / "worker.py"), engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            opened = self._ask({"do": "open", "options": _plain(options)})
        except BaseException:
            self._end()
            raise
        self.name: str = opened["name"]
        self.model: str = opened["model"]

    def __enter__(self) -> WorkerBackend:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return the translation of each line by id; see Backend.

        Args:
            lines: What is to be translated, each with its id.
            source: Language of the lines, BCP-47.
            target: Language that is wanted, BCP-47.
            before: Lines that go in front, for context only.
        """
        answer = self._ask(
            {
                "do": "translate",
                "lines": [asdict(line) for line in lines],
                "before": [asdict(line) for line in before],
                "source": source,
                "target": target,
            }
        )
        self.refused = dict(answer.get("refused", ()))
        return dict(answer["texts"])

    def likeness(
        self, sources: Sequence[str], texts: Sequence[str]
    ) -> Sequence[Sequence[float]] | None:
        """Compare meanings in the worker; see Comparing.

        Args:
            sources: Lines of one language.
            texts: Lines of another.

        Returns:
            The cosines, None where the engine's environment cannot tell.
        """
        asked = {"do": "compare", "sources": list(sources), "texts": list(texts)}
        found: list[list[float]] | None = self._ask(asked)["likeness"]
        return found

    def close(self) -> None:
        """Let the worker say what it ran, into `ran`, and end it."""
        if self._process.poll() is None:
            with contextlib.suppress(PipelineError, MemoryError, RuntimeError):
                self.ran = self._ask({"do": "close"})["ran"]
        self._end()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError:
            self._raise_for_death()
        while "heard" in (answer := json.loads(self._read_line())):
            self._heard(float(answer["heard"]))
        if "error" in answer:
            _raise(answer["error"])
        return dict(answer)

    def _read_line(self) -> bytes:
        """Return one answer; raise when the worker dies or says nothing for too long."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + self._answer_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self._end()
                    raise HungError(
                        f"{self._engine} gave no answer for {self._answer_seconds:.0f} s",
                        hint="Raise TRANSLATION_ANSWER_SECONDS",
                    )
                block = os.read(descriptor, READ_BLOCK)
                if not block:
                    self._raise_for_death()
                self._pending += block
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _raise_for_death(self) -> NoReturn:
        """Raise for a worker that is gone: a crash in native code means want of memory."""
        try:
            code = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            code = 0
        self._end()
        if -code in MEMORY_SIGNALS:
            raise MemoryError(f"{self._engine} was killed by signal {-code}")
        raise DependencyError(
            f"{self._engine} ended with exit code {code}", hint="Read the log of the stage"
        )

    def _end(self) -> None:
        """End the process and close the pipes."""
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            self._process.wait(END_SECONDS if self.ran else 0.2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _plain(options: BackendOptions) -> dict[str, Any]:
    return asdict(options) | {"extra": dict(options.extra)}


def _raise(error: dict[str, Any]) -> NoReturn:
    """Raise what a worker reported, as the kind of error that it was there."""
    cause, hint = error["cause"], error["hint"]
    if error["kind"] == "memory":
        raise MemoryError(cause)
    if error["kind"] == "device":
        raise RuntimeError(cause)
    if error["kind"] == "transient":
        raise TransientError(cause, hint, error["retry_after"])
    raised = DependencyError(cause, hint)
    raised.exit_code = error["exit_code"]
    raise raised
