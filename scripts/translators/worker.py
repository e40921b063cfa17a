#!/usr/bin/env python3
"""
Translation worker: one translation engine in its own environment, asked over pipes.

One JSON object a line on standard input, one answer a line on standard output, in order:
    {"do": "open", "options": {…BackendOptions…}}           → {"name": …, "model": …}
    {"do": "translate", "lines": [{…SourceLine…}], "before": […], "source": …, "target": …}
                                                            → {"texts": [[id, text], …]}
        before it, while the answer comes, at most one a second: {"heard": lines so far}
    {"do": "compare", "sources": [text, …], "texts": [text, …]}
                                                            → {"likeness": [[cosine, …], …] | null}
    {"do": "close"}                                         → {"ran": {…what it ran…}}
or {"error": {"kind": "transient|pipeline|memory|device|bug", "cause", "hint", "exit_code",
"retry_after"}}. What libraries print goes to standard error. The end of standard input ends the
worker at once, whatever it does.

Usage:
    venv/llm/bin/python scripts/translators/worker.py llm
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, cast

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.environment_lock import share_own  # noqa: E402
from shared.core.errors import EXIT_FAILURE, EXIT_INVALID, PipelineError  # noqa: E402
from shared.core.ladder import trouble_of  # noqa: E402
from shared.core.machine.system_errors import unusable_machine  # noqa: E402
from shared.core.ran.running import watch, what_ran  # noqa: E402
from shared.logger import PipelineLogger, use_form  # noqa: E402
from shared.translation.backend import (  # noqa: E402
    Backend,
    BackendOptions,
    Comparing,
    Refusing,
    SourceLine,
    Telling,
    TransientError,
)

MODULES = {
    "whisper": "scripts.translators.whisper_backend",
    "indictrans2": "scripts.translators.indictrans2_integration",
    "nllb": "scripts.translators.nllb_integration",
    "llm": "scripts.translators.llm_integration",
    "script": "scripts.writing.script_backend",
}
READ_BLOCK = 1 << 16
TELL_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Answer requests until told to close; return the exit code.

    Args:
        arguments: Name of the engine; requests come on standard input, JSON lines.
    """
    if len(arguments) != 1 or arguments[0] not in MODULES:
        sys.stderr.write(f"usage: worker.py {'|'.join(MODULES)}\n")
        return EXIT_INVALID
    watch(since=time.time())
    answers = _claim_standard_output()
    share_own(PROJECT_ROOT)
    use_form(load_config(recorded=False).log_format)
    requests: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(requests,), name="requests", daemon=True).start()

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer, ensure_ascii=True).encode("ascii") + b"\n")
        answers.flush()

    worker = Worker(MODULES[arguments[0]], say)
    while not worker.closed:
        say(worker.answer(json.loads(requests.get())))
    return 0


class Worker:
    """Answers requests with one backend.

    Args:
        module: The engine's module, which has open_backend.
        say: Sends what is told before an answer.
    """

    def __init__(
        self, module: str, say: Callable[[dict[str, Any]], None] = lambda told: None
    ) -> None:
        self._module = module
        self._say = say
        self._told = 0.0
        self._backend: Backend | None = None
        self.closed = False

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request; whatever goes wrong is an answer too.

        Args:
            request: A JSON object with its verb under 'do'.
        """
        try:
            if request["do"] == "open":
                return self._open(BackendOptions(**request["options"]))
            if request["do"] == "translate":
                return self._translate(request)
            if request["do"] == "compare":
                return self._compare(request["sources"], request["texts"])
            self.closed = True
            return {"ran": what_ran()}
        except Exception as error:  # the worker's error boundary
            if not isinstance(error, PipelineError):
                PipelineLogger("translation_worker").error(f"Traceback: {traceback.format_exc()}")
            return {"error": describe_error(error)}

    def _open(self, options: BackendOptions) -> dict[str, Any]:
        self._backend = importlib.import_module(self._module).open_backend(options)
        if isinstance(self._backend, Telling):
            self._backend.hears = self._hears
        return {"name": self._backend.name, "model": self._backend.model}

    def _hears(self, lines: float) -> None:
        """Tell how far an answer is, now and then."""
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            self._say({"heard": lines})

    def _translate(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._backend is None:
            raise PipelineError("The engine was not opened")
        texts = self._backend.translate(
            [read_line(item) for item in request["lines"]],
            source=request["source"],
            target=request["target"],
            before=[read_line(item) for item in request["before"]],
        )
        answer = {"texts": [[number, text] for number, text in texts.items()]}
        if isinstance(self._backend, Refusing):
            answer["refused"] = [[number, why] for number, why in self._backend.refused.items()]
        return answer

    def _compare(self, sources: list[str], texts: list[str]) -> dict[str, Any]:
        if not isinstance(self._backend, Comparing):
            return {"likeness": None}
        return {"likeness": self._backend.likeness(sources, texts)}


def read_line(item: dict[str, Any]) -> SourceLine:
    """Return a line from its JSON object.

    Args:
        item: A line with its id, as the client wrote it.
    """
    known = (one.name for one in fields(SourceLine) if one.name in item)
    return SourceLine(**{name: item[name] for name in known})


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return an error as data: its kind says whether to ask again, step down or give up.

    Args:
        error: Whatever an engine raised.
    """
    kind = trouble_of(error)
    told = error if isinstance(error, PipelineError) else unusable_machine(error)
    return {
        "kind": kind or _kind_without_trouble(told),
        "cause": str(told) if told else f"{type(error).__name__}: {error}",
        "hint": told.hint if told else "",
        "exit_code": told.exit_code if told else EXIT_FAILURE,
        "retry_after": error.retry_after if isinstance(error, TransientError) else None,
    }


def _kind_without_trouble(error: PipelineError | None) -> str:
    if isinstance(error, TransientError):
        return "transient"
    return "bug" if error is None else "pipeline"


def _claim_standard_output() -> BinaryIO:
    """Return the pipe to the stage; descriptor 1, which libraries print to, becomes stderr."""
    own = os.dup(1)
    os.dup2(2, 1)
    return cast(BinaryIO, os.fdopen(own, "wb"))


def _listen(requests: queue.Queue[bytes]) -> None:
    """Pass requests on; when the stage is gone, end at once.

    The pipe is read without sys.stdin: a thread that waits in it holds its lock, and the
    interpreter could not end.
    """
    pending = b""
    while block := os.read(0, READ_BLOCK):
        *lines, pending = (pending + block).split(b"\n")
        for line in lines:
            requests.put(line)
    os._exit(EXIT_FAILURE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
