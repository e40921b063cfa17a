#!/usr/bin/env python3
"""Tests of shared/observability/metrics/follow.py: event streams, each event counted once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from shared.observability.metrics import follow
from shared.observability.metrics.follow import EventFollower

LINE = json.dumps({"event": "end", "stage": "demux", "status": "done", "seconds": 2.0}) + "\n"


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """The event stream of a job."""
    job = tmp_path / "2026" / "11" / "30" / "me" / "1"
    job.mkdir(parents=True)
    return job / "events.jsonl"


def counted(follower: EventFollower, root: Path) -> float:
    """Return how many ends of demux have been counted."""
    follower.follow(root)
    labels = {"stage": "demux", "status": "success"}
    value = follower.instruments.registry.get_sample_value(
        "pipeline_stages_completed_total", labels
    )
    return value or 0.0


def test_what_comes_is_counted_once(stream: Path, tmp_path: Path) -> None:
    follower = EventFollower()
    assert counted(follower, tmp_path) == 0
    stream.write_text(LINE + LINE[:15])
    assert [counted(follower, tmp_path) for _ in range(3)] == [1, 1, 1]
    with stream.open("a") as more:
        more.write(LINE[15:] + LINE)
    assert [counted(follower, tmp_path) for _ in range(2)] == [3, 3]


def test_counters_never_go_down_when_jobs_go(stream: Path, tmp_path: Path) -> None:
    follower = EventFollower()
    stream.write_text(LINE * 2)
    assert counted(follower, tmp_path) == 2
    stream.unlink()
    assert counted(follower, tmp_path) == 2
    stream.write_text(LINE)  # another job in its place
    assert counted(follower, tmp_path) == 3


def test_a_long_stream_is_counted_whole(
    stream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MOST_BYTES", 3 * len(LINE) + 7)
    stream.write_text(LINE * 10)
    follower = EventFollower()
    assert [counted(follower, tmp_path) for _ in range(5)] == [3, 6, 9, 10, 10]


@pytest.mark.parametrize("trouble", ["pipe", "link", "folder", "noise"])
def test_a_stream_that_is_none_stops_nothing(stream: Path, tmp_path: Path, trouble: str) -> None:
    other = tmp_path / "2026" / "11" / "30" / "me" / "2"
    other.mkdir()
    (other / "events.jsonl").write_text(LINE)
    if trouble == "pipe":
        os.mkfifo(stream)
    elif trouble == "link":
        stream.symlink_to(other / "events.jsonl")
    elif trouble == "folder":
        stream.mkdir()
    else:
        stream.write_bytes(b"\xff\x00{[\n" * 50 + b'{"event": 7}\n{"event": "end"}\n')
    assert counted(EventFollower(), tmp_path) == 1
