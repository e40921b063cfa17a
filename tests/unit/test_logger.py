#!/usr/bin/env python3
"""Tests of shared/logger.py."""

from __future__ import annotations

import contextvars
import io
import json
import logging
import re
import threading
from pathlib import Path

import pytest

from shared.logger import Logger, PipelineLogger, correlation_id, use_form


def test_a_text_line_has_time_level_name_message_and_fields() -> None:
    stream = io.StringIO()
    logger = PipelineLogger("test_text", stream=stream)
    logger.info("Loaded", extra={"segments_count": 12, "language": "hi"})
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO     \[cp\.test_text\] Loaded"
    assert re.fullmatch(pattern + r" language='hi' segments_count=12\n", stream.getvalue())


def test_a_json_line_carries_fields_and_the_correlation_id() -> None:
    stream = io.StringIO()
    token = correlation_id.set("20261123-me-0001")
    try:
        logger = PipelineLogger("test_json", log_format="json", stream=stream)
        logger.warning("Zwei\nZeilen", extra={"seconds": 1.5})
    finally:
        correlation_id.reset(token)
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert record["correlation_id"] == "20261123-me-0001"
    assert (record["levelname"], record["message"]) == ("WARNING", "Zwei\nZeilen")
    assert record["seconds"] == 1.5


@pytest.mark.parametrize(("level", "told"), [("DEBUG", 3), ("INFO", 2), ("ERROR", 1)])
def test_the_level_decides_what_is_told(level: str, told: int) -> None:
    stream = io.StringIO()
    logger = PipelineLogger("test_level", log_level=level, stream=stream)
    logger.debug("a")
    logger.info("b")
    logger.error("c")
    assert len(stream.getvalue().splitlines()) == told


def test_a_logger_made_again_does_not_write_twice(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    PipelineLogger("test_again", log_file=log)
    logger = PipelineLogger("test_again", log_file=log)
    logger.info("नमस्ते")
    logger.close()
    assert log.read_text(encoding="utf-8").count("नमस्ते") == 1


def test_a_traceback_follows_its_line() -> None:
    stream = io.StringIO()
    logger = PipelineLogger("test_traceback", stream=stream)
    try:
        raise ValueError("bad")
    except ValueError:
        logger.exception("Failed")
    assert "Failed\nTraceback" in stream.getvalue()
    assert stream.getvalue().endswith("ValueError: bad\n")


def test_the_sample_of_the_standards_works() -> None:
    """Section 5.5: a filter of one's own on the logger, and its field on every JSON line."""
    own_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("own_id", default=None)

    class OwnFilter(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            record.correlation_id = own_id.get() or "unknown"
            record.host = "here"
            return "secret" not in record.getMessage()

    stream = io.StringIO()
    logger: Logger = PipelineLogger("sample", log_format="json", stream=stream)
    own = OwnFilter()
    logger.addFilter(own)
    token = correlation_id.set("20261130-me-0001")
    logger.info("first", extra={"segments_count": 3, "stage": "asr", "job_id": "j", "file": "a"})
    logger.info("a secret")
    own_id.set("mine")
    logger.info("second")
    logger.removeFilter(own)
    logger.info("third")
    correlation_id.reset(token)
    first, second, third = map(json.loads, stream.getvalue().splitlines())
    # Where one's own filter knows no id, the job's stands.
    assert (first["correlation_id"], first["host"]) == ("20261130-me-0001", "here")
    assert (first["segments_count"], first["stage"], first["job_id"]) == (3, "asr", "j")
    assert (second["correlation_id"], "host" in third) == ("mine", False)


def test_a_handler_of_ones_own_gets_lines_with_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CP_JOB_ID", "20261130-me-0002")
    logger = PipelineLogger("handler", stream=io.StringIO())
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(correlation_id)s %(message)s"))
    logger.addHandler(handler)
    # A thread has no context of its own; the process's id holds there too.
    thread = threading.Thread(target=logger.info, args=("from a thread",))
    thread.start()
    thread.join()
    logger.removeHandler(handler)
    logger.info("not there")
    assert stream.getvalue() == "20261130-me-0002 from a thread\n"


def test_two_loggers_of_one_name_keep_their_files(tmp_path: Path) -> None:
    first = PipelineLogger("pipeline", log_file=tmp_path / "1.log")
    second = PipelineLogger("pipeline", log_file=tmp_path / "2.log")
    first.info("one")
    second.info("two")
    first.close()
    second.close()
    assert "one" in (tmp_path / "1.log").read_text() and "two" in (tmp_path / "2.log").read_text()
    assert "two" not in (tmp_path / "1.log").read_text()


def test_a_full_log_goes_on_in_a_new_file(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    logger = PipelineLogger("full", log_file=log, max_bytes=1000, backups=2)
    for number in range(100):
        logger.info(f"line {number:03d}")
    logger.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "a.log.1", "a.log.2"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert log.read_text().endswith("line 099\n")


def test_libraries_and_warnings_have_the_form_of_the_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_JOB_ID", "20261130-me-0003")
    before = logging.getLogger().handlers[:]
    token = correlation_id.set(None)
    try:
        use_form("json")
        use_form("json")  # a second time adds nothing
        logging.getLogger("some.library").warning("odd")
        PipelineLogger("module").info("ours")
    finally:
        use_form("text")
        logging.captureWarnings(False)
        logging.getLogger().handlers[:] = before
        correlation_id.reset(token)
    odd, ours = map(json.loads, capsys.readouterr().out.splitlines())
    assert (odd["message"], odd["name"]) == ("odd", "some.library")
    assert {odd["correlation_id"], ours["correlation_id"]} == {"20261130-me-0003"}
