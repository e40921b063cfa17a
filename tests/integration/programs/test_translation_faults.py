#!/usr/bin/env python3
"""
Tests of translation through real worker processes that go wrong: shared/translation/engine.py,
worker_client.py and lines.py together, 1,000 lines for each kind of fault.

The engine in the worker writes every word backwards, so that a text which belongs to another line,
or to two, is always told from the right one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.core.errors import PipelineError
from shared.transcript.records.schemas import Transcript, Translation
from shared.translation.backend import BackendOptions, SourceLine
from shared.translation.chain import ChainEngine, TranslationOptions
from shared.translation.engine import translate_film
from shared.translation.lines import build_translation, count_lines
from shared.translation.worker_client import WorkerBackend
from tests.support.media_job import segment, transcript
from tests.support.programs import make_program

LINES = 1000
BATCH = 16
# Stands where the engine's Python would: the real worker with an engine that goes wrong.
ENGINE = """
import random, types
import scripts.translators.worker as worker
from shared.translation.backend import TransientError


class Backend:
    name, model = "whisper", "base"

    def __init__(self, fault, rate):
        self.fault, self.rate, self.dice, self.calls = fault, rate, random.Random(4), 0

    def translate(self, lines, source, target, before=()):
        self.calls += 1
        texts = {line.id: " ".join(word[::-1] for word in line.text.split()) for line in lines}
        wrong = self.fault and self.dice.random() < self.rate
        return getattr(self, self.fault)(texts) if wrong else texts

    def short(self, texts):
        return dict(list(texts.items())[: len(texts) // 2])

    def merged(self, texts):
        first, *others = texts
        return {first: " ".join(texts.values()), **{n: texts[n] for n in others[1:]}}

    def extra(self, texts):
        return {-7: "nobody", **texts, 999_999: "said this"} if self.calls % 2 else {-7: "nobody"}

    def late(self, texts):
        raise TransientError("no answer in time", retry_after=0.0)

    def too_many(self, texts):
        raise TransientError("429", retry_after=0.0)

    def garbage(self, texts):
        return {number: '{"lines": [{' for number in texts}

    def printed(self, texts):
        print('{"texts": [[1, "not this"]]}', flush=True)
        os.write(1, b"100%\\r")
        return {}

    def ends(self, texts):
        return os._exit(3) if self.calls > 20 else texts

    def killed(self, texts):
        return os.kill(os.getpid(), signal.SIGKILL) if self.calls > 20 else texts

    def hangs(self, texts):
        return time.sleep(600) if self.calls > 20 else texts


module = types.ModuleType("scripts.faulty")
module.open_backend = lambda options: Backend(options.extra["fault"], options.extra["rate"])
sys.modules["scripts.faulty"] = module
worker.MODULES["whisper"] = "scripts.faulty"
sys.exit(worker.main(["whisper"]))
"""
PASSING = ("short", "merged", "extra", "late", "too_many", "garbage", "printed")


@pytest.fixture(scope="module")
def film() -> Transcript:
    """A thousand German segments that all differ, with gaps between their ids."""
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefghijklmnoprstuw", k=6)) for _ in range(3 * LINES)]
    segments = [
        segment(3 * n + 1, n, n + 0.9, f"Zeile{n}x {' '.join(words[3 * n:][: n % 3 + 1])}")
        for n in range(LINES)
    ]
    return transcript(
        *(one.model_copy(update={"language": "de"}) for one in segments), language="de"
    )


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that stands where the engine's Python would."""
    return make_program(tmp_path_factory.mktemp("engine") / "python", ENGINE, uses_project=True)


@contextmanager
def worker(python: Path, fault: str = "", rate: float = 0.4) -> Iterator[WorkerBackend]:
    """Run a worker whose engine goes wrong as told."""
    options = BackendOptions(model="m", extra={"fault": fault, "rate": rate})
    with WorkerBackend(python, "whisper", options, answer_seconds=5.0) as backend:
        yield backend


def translate(
    film: Transcript, *backends: WorkerBackend, joint: bool = False
) -> tuple[Translation, list[str]]:
    """Translate the film and check what must always hold; return it and the warnings."""
    warnings: list[str] = []
    tell = warnings.append
    options = TranslationOptions(
        batch_size=BATCH, sleep=lambda seconds: None, warn=tell, degrade=tell
    )
    lines = [SourceLine(one.id, one.text) for one in film.segments]
    chain = [
        ChainEngine(one.name, lambda one=one: one, joint) for one in backends  # type: ignore[misc]
    ]
    made = build_translation(film, "en", translate_film(lines, "de", "en", chain, options))
    assert [line.id for line in made.lines] == [one.id for one in film.segments]
    for line, one in zip(made.lines, film.segments, strict=True):
        assert line.source_text == one.text
        if line.status == "translated":
            assert line.text == " ".join(word[::-1] for word in one.text.split()), line
        else:
            assert (line.status, line.text) == ("untranslated", ""), line
        first_try = line.attempts == 1 and line.status == "translated"
        assert line.note in ("", "asked once: whisper failed") if first_try else line.note, line
    return made, warnings


def left_over(made: Translation) -> list[int]:
    """Return the ids of the lines that nobody translated."""
    return [line.id for line in made.lines if line.status == "untranslated"]


@pytest.mark.parametrize("fault", PASSING)
def test_a_thousand_lines_keep_their_texts(film: Transcript, python: Path, fault: str) -> None:
    # Only an engine that reads a batch as one text can merge lines.
    joint = fault == "merged"
    with worker(python, fault) as faulty, worker(python) as sound:
        alone, _ = translate(film, faulty, joint=joint)
        # Each of three rounds fails four times in ten: 64 of 1,000 lines are expected to be left.
        assert len(left_over(alone)) <= LINES // 10
        counts = count_lines([alone])
        assert counts["untranslated"] == len(left_over(alone))
        assert counts["retried"] == sum(line.attempts > 1 for line in alone.lines)
        assert fault in ("late", "too_many") or sum(line.attempts > 1 for line in alone.lines) > 50
        helped, _ = translate(film, faulty, sound, joint=joint)
        assert left_over(helped) == []


@pytest.mark.parametrize("fault", ["ends", "hangs"])
def test_a_worker_lost_in_the_middle_costs_no_line_already_done(
    film: Transcript, python: Path, fault: str
) -> None:
    with worker(python, fault, 1.0) as faulty:
        alone, warnings = translate(film, faulty)
    left = left_over(alone)
    assert left == [one.id for one in film.segments[20 * BATCH :]]
    assert all("whisper failed" in line.note for line in alone.lines if line.id in set(left))
    said = "ended with exit code 3" if fault == "ends" else "gave no answer for 5 s"
    assert warnings == [f"whisper is not asked any more: whisper {said}"]
    with worker(python, fault, 1.0) as faulty, worker(python) as sound:
        helped, _ = translate(film, faulty, sound)
    assert left_over(helped) == []


def test_a_worker_that_the_system_killed_is_want_of_memory(film: Transcript, python: Path) -> None:
    with worker(python, "killed", 1.0) as faulty, pytest.raises(MemoryError, match="signal 9"):
        translate(film, faulty)


def test_an_engine_that_cannot_be_opened_leaves_every_line_with_its_reason(
    film: Transcript, tmp_path: Path
) -> None:
    broken = make_program(tmp_path / "python", "sys.exit('no library')")

    def open_it() -> WorkerBackend:
        return WorkerBackend(broken, "whisper", BackendOptions(model="m"), answer_seconds=5.0)

    with pytest.raises(PipelineError, match="ended with exit code 1"):
        open_it()
    lines = [SourceLine(one.id, one.text) for one in film.segments]
    results = translate_film(
        lines, "de", "en", [ChainEngine("whisper", open_it)], TranslationOptions()
    )
    made = build_translation(film, "en", results)
    assert left_over(made) == [one.id for one in film.segments]
    assert {line.note for line in made.lines} == {"not asked: whisper failed"}
