#!/usr/bin/env python3
"""Tests of the standards' own samples, word for word: they run, and do what they say."""

from __future__ import annotations

import io
import logging
import os
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import requests

from shared.config import Config, load_config
from shared.core.file_names import safe_file_name
from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import ENVIRONMENTS, STAGE_TO_ENV
from shared.logger import PipelineLogger
from shared.observability.metrics.instruments import Instruments
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.plan.budgets import PERFORMANCE_BUDGETS
from shared.pipeline.stage.performance import profile_stage, track_performance
from shared.stage_order import STAGE_ORDER
from tests.support.added_stage import STANDARDS
from tests.support.trace_receiver import trace_receiver

KEPT = PROJECT_ROOT / "tests" / "fixtures" / "standards" / "samples.md"


def samples(document: Path) -> list[tuple[str, str]]:
    """Return (section, code) of each Python sample of a document, in order."""
    text = document.read_text(encoding="utf-8")
    found = []
    section = ""
    for part in re.finditer(r"^#{2,3} ([^\n]*)$|^```python\n(.*?)^```$", text, re.M | re.S):
        section = part[1] or section
        if part[2]:
            found.append((section, part[2]))
    return found


def sample(number: str, place: int = 0) -> str:
    """Return a kept sample by the beginning of its section's heading."""
    return [code for section, code in samples(KEPT) if section.startswith(number)][place]


@pytest.fixture
def log() -> io.StringIO:
    """What the samples' logger writes."""
    return io.StringIO()


@pytest.fixture
def logger(log: io.StringIO) -> PipelineLogger:
    """The samples' logger."""
    return PipelineLogger("sample", log_level="DEBUG", stream=log)


def run(code: str, **names: Any) -> dict[str, Any]:
    """Run a sample with the names that it takes for granted; return all that it knows then."""
    known: dict[str, Any] = {"__name__": "sample", "config": load_config(), **names}
    exec(compile(code, "sample", "exec"), known)
    return known


def test_the_kept_samples_are_the_standards_own() -> None:
    if not STANDARDS.is_file():
        pytest.skip("the standards are not here")
    own = samples(STANDARDS)
    assert len(samples(KEPT)) == 27
    assert [one for one in samples(KEPT) if one not in own] == []


def test_tables() -> None:
    assert run(sample("2.1"))["ENVIRONMENTS"].items() <= ENVIRONMENTS.items()
    assert run(sample("2.2"))["STAGE_TO_ENV"].items() <= STAGE_TO_ENV.items()
    assert run(sample("4.3"))["STAGE_ORDER"] == STAGE_ORDER
    assert run(sample("8.1"))["PERFORMANCE_BUDGETS"].items() <= PERFORMANCE_BUDGETS.items()


def test_configuration() -> None:
    begin = sample("3.3").partition("# INCORRECT")[0]
    known = run(begin)
    assert (known["model"], known["threshold"]) == (known["config"].whisper_model, 0.7)
    assert run(sample("3.3"), os=os)["model"] is None, "the variable that nobody set"
    assert run(sample("15.1"))["model"] == known["model"]
    access = run(sample("Configuration Access"))
    assert access["value"] == "default_value" and access["debug"] is False
    assert access["batch_size"] == access["config"].batch_size
    assert {"StageIO", "get_stage_dir", "GlossaryManager"} <= run(sample("Common Imports")).keys()


def test_stage_numbers() -> None:
    correct = run(sample("4.3", 1).partition("# INCORRECT")[0])
    assert (correct["stage_dir"], correct["stage_num"]) == ("06_asr", 6)


def test_logging(log: io.StringIO, logger: PipelineLogger) -> None:
    assert isinstance(run(sample("5.1"), stage_io=None)["logger"], PipelineLogger)
    patterns = f"def sample(config):\n{textwrap.indent(sample('5.2'), '    ')}"
    names = {"value1": 7, "value2": 8, "filename": "film.mkv", "variable": "seen"}
    known = run(patterns, logger=logger, operation=lambda: int("x"), **names)
    assert known["sample"](load_config(overrides={"DEBUG": "true"})) == 1
    run(sample("5.3"), logger=logger, file="f", duration=1.5, segments=[1, 2], job_id="j-1")
    run(sample("5.4"), logger=logger, i=1, total=2, count=3, default=4, filename="f")
    told = log.getvalue()
    assert "  Parameter 2: 8" in told and "Variable state: seen" in told
    assert "Operation failed: invalid literal" in told and "Traceback: Traceback" in told
    assert "segments_count=2" in told and "job_id='j-1'" in told
    assert told.count("CRITICAL") == 1 and "Processing chunk 1/2" in told
    run(sample("15.3"), logger=logger, stage_io=None, filename="f", error="e")


def test_correlation(logger: PipelineLogger) -> None:
    code = sample("5.5")
    for line in ("import json_logging\n", "json_logging.init_non_web(enable_json=True)\n"):
        code = code.replace(line, "")
    known = run(code, logger=logger)
    known["correlation_id"].set("job-7")
    record = logging.makeLogRecord({})
    assert known["CorrelationFilter"]().filter(record)
    assert vars(record)["correlation_id"] == "job-7"


def test_errors(log: io.StringIO, logger: PipelineLogger) -> None:
    names = {"logger": logger, "perform_operation": lambda data: data[::-1]}
    operation = run(sample("6.1"), **names)["process_operation"]
    assert operation("ab", load_config(), logger) == "ba"
    assert operation("", load_config(), logger) is None and "is empty" in log.getvalue()
    seen = []

    def no_glossary() -> None:
        raise OSError("gone")

    def process(data: str, glossary: object) -> str:
        seen.append(glossary)
        return data

    known = run(sample("6.2"), **names, load_glossary=no_glossary, process=process, data="d")
    assert (known["result"], seen) == ("d", [None])
    assert "Continuing without glossary" in log.getvalue()
    assert callable(run(sample("6.3"), requests=requests)["download_model"])


def test_tests() -> None:
    def function(value: str) -> str:
        if not value.isalpha():
            raise ValueError(value)
        return value.upper()

    names = {"input_data": "a", "expected": "A", "invalid_input": "1", "edge_case_input": "É"}
    known = run(sample("7.3"), pytest=pytest, function=function, **names)
    case = known["TestClassName"]()
    ran = [getattr(case, name)() for name in dir(case) if name.startswith("test_")]
    assert ran == [None] * 3
    never_crashes = run(sample("7.4"), sanitize_filename=safe_file_name)
    assert never_crashes["test_sanitize_filename_never_crashes"]() is None


@pytest.mark.parametrize("whose", ["the sample's", "ours"])
def test_performance(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,
    logger: PipelineLogger,
    whose: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"run_asr_stage": lambda audio="": "heard", "test_audio": "a.wav"}
    profiling, monitoring = sample("8.3"), sample("8.4")
    if whose == "ours":
        profiling, monitoring = (code.partition("# Usage\n")[2] for code in (profiling, monitoring))
        names |= {"profile_stage": profile_stage, "track_performance": track_performance}
    else:
        names |= {"get_memory_usage": lambda: 1.0, "PERFORMANCE_BUDGETS": PERFORMANCE_BUDGETS}
        (tmp_path / "profiling").mkdir()
    run(profiling, Path=Path, **names)
    assert (tmp_path / "profiling" / "asr_stage.prof").stat().st_size > 0
    assert run(monitoring, logger=logger, **names)["result"] == "heard"
    assert "Performance metrics" in log.getvalue() and "stage='asr'" in log.getvalue()


def test_metrics() -> None:
    names = {"run_asr_stage": lambda: None, "get_active_job_count": lambda: 2}
    known = run(sample("10.1"), **names)
    theirs = {name: known[name] for name in ("stages_completed", "stage_duration", "active_jobs")}
    ours = vars(Instruments())
    # The sample's own uses, with our instruments in their places.
    used = [line for line in sample("10.1").splitlines() if re.match(r"\w+\.|with|    run", line)]
    run("\n".join(used), **names, **{name: ours[name] for name in theirs})
    for name, metric in theirs.items():
        (wanted,), (found,) = metric.collect(), ours[name].collect()
        said = (found.name, found.type, found.documentation)
        assert said == (wanted.name, wanted.type, wanted.documentation)
        values = {
            (one.name, str(one.labels)) for one in found.samples if "_created" not in one.name
        }
        for one in wanted.samples:
            assert "_created" in one.name or (one.name, str(one.labels)) in values


def test_traces() -> None:
    code = sample("10.3").replace(
        "from opentelemetry.exporter.jaeger.thrift import JaegerExporter",
        "from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter",
    )
    agent = re.compile(r"JaegerExporter\(.*?^\)", re.M | re.S)
    names = {"load_model": str.upper, "transcribe": lambda *_: {"segments": [1, 2]}}
    with trace_receiver() as receiver:
        exporter = f"OTLPSpanExporter(endpoint={receiver.address + '/v1/traces'!r})"
        known = run(agent.sub(exporter, code), **names)
        known["run_asr_with_tracing"]("a.wav", load_config())
        known["trace"].get_tracer_provider().shutdown()
    stage = receiver.named("asr-stage")
    inside = [receiver.named("load-model"), receiver.named("transcribe")]
    assert {span.parent_span_id for span in inside} == {stage.span_id}


@pytest.mark.parametrize("whose", ["the sample's", "ours"])
def test_checkpoints(tmp_path: Path, logger: PipelineLogger, whose: str) -> None:
    code = sample("11.2")
    names: dict[str, Any] = {"run_stage": lambda stage, inputs: [1, 2], "inputs": "", "duration": 3}
    if whose == "ours":
        code = code.partition("# Usage in pipeline\n")[2]
        names["CheckpointManager"] = CheckpointManager
    known = run(code, logger=logger, job_dir=tmp_path, **names)
    assert (known["last_stage"], known["start_from_stage"]) == ("asr", "alignment")
    state = known["checkpoint_mgr"].load_checkpoint("asr")
    assert state == {"segments_count": 2, "duration": 3}


def test_style() -> None:
    code = sample("12.1").replace("import torch ", "# torch ")
    known = run(code, Config=Config, PipelineLogger=PipelineLogger)
    assert known["Logger"] is PipelineLogger and known["CONSTANT_NAME"] == "value"
