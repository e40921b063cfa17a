#!/usr/bin/env python3
"""Tests of scripts/translators/worker.py and shared/translation/worker_client.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.translators.worker import Worker, describe_error
from shared.core.errors import InputError, PipelineError
from shared.core.paths import PROJECT_ROOT
from shared.translation.backend import BackendOptions, TransientError
from shared.translation.worker_client import WorkerBackend

WORKER = PROJECT_ROOT / "scripts" / "translators" / "worker.py"
# A backend that prints where it should not, translates reversibly and fails when told to.
NOISY = """
import os
from shared.translation.backend import TransientError
def open_backend(options):
    os.write(1, b"loading...\\n")
    print("ready")
    return Backend()
class Backend:
    name, model = "noisy", "m"
    def translate(self, lines, source, target, before=()):
        print("working", flush=True)
        if lines[0].text == "memory":
            raise RuntimeError("CUDA out of memory")
        return {line.id: line.text[::-1] for line in lines}
"""


def say(*requests: object, arguments: tuple[str, ...] = ("nllb",), noisy: str = "") -> list[str]:
    """Run a worker in a process of its own; return the lines of its standard output."""
    code = (
        f"import sys, types; sys.path.insert(0, {str(PROJECT_ROOT)!r})\n"
        "import scripts.translators.worker as worker\n"
        "module = types.ModuleType('scripts.noisy'); sys.modules['scripts.noisy'] = module\n"
        f"exec({noisy!r}, module.__dict__)\n"
        f"worker.MODULES['nllb'] = 'scripts.noisy'\n"
        f"code = worker.main({list(arguments)!r}); sys.stdout.flush(); sys.exit(code)"
    )
    answers = []
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        for request in requests:  # the end of standard input would end the worker
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answers.append(process.stdout.readline())
        answers += process.stdout.readlines()
    return answers


def test_what_libraries_print_never_mixes_with_answers() -> None:
    lines = [{"id": 4, "text": "नमस्ते", "start": 0, "end": 1, "speaker": None}]
    ask = {"do": "translate", "lines": lines, "before": [], "source": "hi", "target": "en"}
    broken = ask | {"lines": [lines[0] | {"text": "memory"}]}
    answers = say(
        {"do": "open", "options": {"model": "m"}}, ask, broken, {"do": "close"}, noisy=NOISY
    )
    opened, translated, failed, closed = map(json.loads, answers)
    assert opened == {"name": "noisy", "model": "m"}
    assert translated == {"texts": [[4, "नमस्ते"[::-1]]]}
    assert failed["error"]["kind"] == "memory"
    assert "scripts/translators/worker.py" in closed["ran"]["code"]


def test_an_unknown_engine_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(WORKER), "googl"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "llm" in done.stderr


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TransientError("429", retry_after=3.0), "transient"),
        (InputError("no", hint="do"), "pipeline"),
        (MemoryError(), "memory"),
        (RuntimeError("CUDA error: device-side assert"), "device"),
        (KeyError("x"), "bug"),
    ],
)
def test_errors_keep_their_kind(error: Exception, kind: str) -> None:
    described = describe_error(error)
    assert described["kind"] == kind
    assert json.loads(json.dumps(described)) == described


def test_a_request_before_opening_is_an_answer_not_a_crash() -> None:
    answer = Worker("scripts.nothing").answer({"do": "translate", "lines": []})
    assert answer["error"]["kind"] == "pipeline"


def test_an_engine_that_does_not_load_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="whisper|ctranslate2|faster_whisper|ModuleNotFound"):
        WorkerBackend(Path(sys.executable), "whisper", BackendOptions(model="base"), 60.0)
