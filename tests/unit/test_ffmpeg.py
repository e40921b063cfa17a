#!/usr/bin/env python3
"""Tests of shared/media/ffmpeg.py: the one door to ffmpeg."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from shared.core.errors import DependencyError, UnavailableError
from shared.media.ffmpeg import input_arguments, output_arguments, run_ffmpeg, run_tool
from tests.support.media import silence

ENDLESS = ["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of silence."""
    return silence(tmp_path / "song.wav", 2)


def test_progress_is_told_in_seconds_and_reaches_the_end(song: Path, tmp_path: Path) -> None:
    told: list[float] = []
    output = output_arguments(tmp_path / "out.wav")
    run_ffmpeg([*input_arguments(song), *output], 30, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2.0, abs=0.05)


def test_an_output_is_replaced(song: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.wav"
    target.write_text("old")
    run_ffmpeg([*input_arguments(song), *output_arguments(target)], 30)
    assert target.stat().st_size > 1000


@pytest.mark.parametrize("name", ["%03d.wav", "-o.wav", "a:b.wav", "new\nline.wav", "pipe:1.wav"])
def test_any_output_name_is_a_file(
    song: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_ffmpeg([*input_arguments(song), *output_arguments(Path(name))], 30)
    assert (tmp_path / name).stat().st_size > 1000


def test_a_failure_says_what_ffmpeg_said(song: Path, tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="Stream map '0:7' matches no streams"):
        arguments = [*input_arguments(song), "-map", "0:7", *output_arguments(tmp_path / "o.wav")]
        run_ffmpeg(arguments, 30)


def test_a_time_limit_ends_it_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(DependencyError, match="longer than") as caught:
        run_ffmpeg(ENDLESS, 0.3)
    assert time.monotonic() - started < 10
    assert "FFMPEG_TIMEOUT_SECONDS" in caught.value.hint


def test_a_caller_that_fails_leaves_no_ffmpeg_behind(tmp_path: Path) -> None:
    """The endless ffmpeg would go on writing its file."""

    def fail(seconds: float) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "endless.wav"
    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg([*ENDLESS[:-3], *output_arguments(target)], 30, fail)
    size = target.stat().st_size
    time.sleep(0.3)
    assert target.stat().st_size == size


def test_a_tool_answers_fails_and_times_out(song: Path) -> None:
    asked = ["ffprobe", "-v", "error", "-of", "csv=p=0", "-show_entries", "format=duration"]
    assert float(run_tool([*asked, *input_arguments(song)], 30)) == pytest.approx(2.0)
    with pytest.raises(DependencyError, match="No such file"):
        run_tool([*asked, *input_arguments(song.with_name("gone.wav"))], 30)
    with pytest.raises(DependencyError, match="ffmpeg took longer than 0 s"):
        run_tool(["ffmpeg", "-v", "error", "-nostdin", *ENDLESS], 0.3)


def test_a_missing_program_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="ffmpeg is not installed") as caught:
        run_ffmpeg(ENDLESS, 1)
    assert caught.value.hint == "./bootstrap.sh"


def test_a_playlist_cannot_reach_another_file(song: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.wav"
    playlist.write_bytes(b"ffconcat version 1.0\nfile '" + os.fsencode(song) + b"'\n")
    with pytest.raises(DependencyError):
        run_ffmpeg([*input_arguments(playlist), *output_arguments(tmp_path / "o.wav")], 30)
