#!/usr/bin/env python3
"""Tests of shared/logger.py."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from shared.logger import PipelineLogger, correlation_id


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
