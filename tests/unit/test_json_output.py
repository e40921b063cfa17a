#!/usr/bin/env python3
"""Tests of shared/pipeline/run/logs/json_output.py: whatever is printed becomes lines of JSON."""

from __future__ import annotations

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from shared.logger import PipelineLogger
from shared.pipeline.run.logs.json_output import LONGEST_LINE, JsonOutput


def lines_of(*blocks: bytes) -> list[dict[str, object]]:
    """Return the records that blocks of output become."""
    form = JsonOutput("asr", "20261130-me-0001")
    data = b"".join(form.feed(block) for block in blocks) + form.feed(b"", is_last=True)
    return [json.loads(line) for line in data.decode("utf-8").splitlines()]


def test_a_line_of_ours_stays_and_another_becomes_a_message() -> None:
    stream = io.StringIO()
    PipelineLogger("asr", log_format="json", stream=stream).info("hi", extra={"n": 1})
    ours = stream.getvalue().encode("utf-8")
    first, second, third = lines_of(ours + b"[ffmpeg] 50%", b" done\n\n", b'{"asctime": cut')
    assert (first["message"], first["n"], first["name"]) == ("hi", 1, "cp.asr")
    assert (second["message"], second["levelname"]) == ("[ffmpeg] 50% done", "INFO")
    assert second["name"] == "cp.asr.output" and second["correlation_id"] == "20261130-me-0001"
    assert third["message"] == '{"asctime": cut'


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\n", b'{"asctime": "x"}\n', b"\xff"])))
def test_any_bytes_become_lines_of_json_with_the_id(blocks: list[bytes]) -> None:
    form = JsonOutput("asr", "id")
    data = b"".join(form.feed(block) for block in blocks) + form.feed(b"", is_last=True)
    assert not data or data.endswith(b"\n")
    for line in data.split(b"\n")[:-1]:
        assert isinstance(json.loads(line), dict)
    size = len(data) // 2
    assert form.cut(data, size) == data[: data[:size].rfind(b"\n") + 1]


def test_a_line_without_an_end_does_not_pile_up() -> None:
    form = JsonOutput("asr", "id")
    kept = [len(form.feed(b"x" * (1 << 16))) for _ in range(64)]
    assert sum(kept) >= 3 * LONGEST_LINE
