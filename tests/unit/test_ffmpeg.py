#!/usr/bin/env python3
"""Tests of shared/media/ffmpeg.py: the one door to ffmpeg."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Any

import pytest

from shared.core.errors import DependencyError, InputError, UnavailableError
from shared.media.ffmpeg import (
    compile_command,
    file_output,
    filter_text,
    generated_input,
    media_input,
    pipe_output,
    read_ffmpeg,
    run_ffmpeg,
    run_ffprobe,
)
from shared.media.probe import probe_media
from tests.support.commands import HANG_SECONDS
from tests.support.media import HOSTILE, burst, ffmpeg, silence, sound


def endless() -> Any:
    """Silence that never ends, as fast as a player would read it."""
    return generated_input("anullsrc", re=None)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of silence."""
    return silence(tmp_path / "song.wav", 2)


def test_progress_is_told_in_seconds_and_reaches_the_end(song: Path, tmp_path: Path) -> None:
    told: list[float] = []
    run_ffmpeg(file_output([media_input(song)], tmp_path / "out.wav"), 30, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2.0, abs=0.05)


def test_an_output_is_replaced(song: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.wav"
    target.write_text("old")
    run_ffmpeg(file_output([media_input(song)], target), HANG_SECONDS)
    assert target.stat().st_size > 1000


@pytest.mark.parametrize("name", ["%03d.wav", "-o.wav", "a:b.wav", "new\nline.wav", "pipe:1.wav"])
def test_any_output_name_is_a_file(
    song: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_ffmpeg(file_output([media_input(song)], Path(name)), HANG_SECONDS)
    assert (tmp_path / name).stat().st_size > 1000


def test_a_failure_says_what_ffmpeg_said(song: Path, tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="Stream map '0:7' matches no streams"):
        run_ffmpeg(file_output([media_input(song)["7"]], tmp_path / "o.wav"), HANG_SECONDS)


def test_a_limit_of_the_shell_on_the_size_of_files_is_told(song: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(UnavailableError, match="this shell has a limit") as told:
            run_ffmpeg(file_output([media_input(song)], tmp_path / "o.wav"), 30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.hint.startswith("ulimit -f unlimited")


def test_a_time_limit_ends_it_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(DependencyError, match="longer than") as caught:
        run_ffmpeg(pipe_output([endless()], "null"), 0.3)
    assert time.monotonic() - started < HANG_SECONDS
    assert "FFMPEG_TIMEOUT_SECONDS" in caught.value.hint


def test_a_caller_that_fails_leaves_no_ffmpeg_behind(tmp_path: Path) -> None:
    """The endless ffmpeg would go on writing its file."""

    def fail(seconds: float) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "endless.wav"
    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg(file_output([endless()], target), HANG_SECONDS, fail)
    size = target.stat().st_size
    time.sleep(0.3)
    assert target.stat().st_size == size


def test_a_tool_answers_fails_and_times_out(song: Path) -> None:
    asked = ["-of", "csv=p=0", "-show_entries", "format=duration"]
    assert float(run_ffprobe(song, asked, HANG_SECONDS)) == pytest.approx(2.0)
    assert (
        len(read_ffmpeg(pipe_output([media_input(song)], "s16le"), HANG_SECONDS)) == 2 * 2 * 8_000
    )
    with pytest.raises(DependencyError, match="No such file"):
        run_ffprobe(song.with_name("gone.wav"), asked, HANG_SECONDS)
    with pytest.raises(DependencyError, match="ffmpeg took longer than 0 s"):
        read_ffmpeg(pipe_output([endless()], "null"), 0.3)


def test_a_missing_program_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="ffmpeg is not installed") as caught:
        run_ffmpeg(pipe_output([endless()], "null"), 1)
    assert caught.value.hint == "./bootstrap.sh"


def test_filters_of_an_output_stream_keep_its_language(tmp_path: Path) -> None:
    film, made = tmp_path / "film.mka", tmp_path / "made.mka"
    tone = sound(burst(0, 1), seconds=1)
    ffmpeg(*tone, "-metadata:s:a:0", "language=hin", "-c:a", "flac", film)
    louder = media_input(film)["a:0"].filter("volume", volume="1dB")
    options = {"af": filter_text(louder), "c:a": "flac"}
    run_ffmpeg(file_output([media_input(film)["a:0"]], made, options), HANG_SECONDS)
    assert probe_media(made).audio_streams[0].language == "hin"
    assert made.read_bytes() != film.read_bytes()


def test_what_is_repeated_is_said_as_often(song: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.mka"
    facts = [("-metadata:s:a:0", f"title={HOSTILE}"), ("-metadata:s:a:0", "language=hin")]
    run_ffmpeg(file_output([media_input(song)], made), 30, repeated=facts)
    (track,) = probe_media(made).audio_streams
    assert (track.title, track.language) == (HOSTILE, "hin")


def test_a_playlist_cannot_reach_another_file(song: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.wav"
    playlist.write_text(f"ffconcat version 1.0\nfile '{song}'\n")
    with pytest.raises(DependencyError):
        run_ffmpeg(file_output([media_input(playlist)], tmp_path / "o.wav"), HANG_SECONDS)


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile '{}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:9{}\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
        "[Reference]\nRef1=http://127.0.0.1:9{}\n",
    ],
)
def test_a_playlist_named_as_a_film_is_refused(song: Path, tmp_path: Path, playlist: str) -> None:
    film = tmp_path / "film.mp4"
    film.write_text(playlist.format(song), encoding="utf-8")
    with pytest.raises(InputError, match="is not a media file that can be read") as caught:
        probe_media(film)
    assert caught.value.exit_code == 2


def test_every_kind_of_input_is_limited(song: Path) -> None:
    """Whatever the options of an input are; a later one of the same name would win in ffmpeg."""
    for stream in (media_input(song), media_input(song, "srt", f="srt", ss=1), endless()):
        command = compile_command(pipe_output([stream], "null"))
        limits = command[: command.index("-i")]
        assert limits.count("-protocol_whitelist") == limits.count("-format_whitelist") == 1
        assert limits[limits.index("-protocol_whitelist") + 1] == "file"
    for option in ("protocol_whitelist", "format_whitelist"):
        with pytest.raises(TypeError, match="multiple values"):
            media_input(song, **{option: "http"})


def test_a_disk_with_room_is_not_called_full_whatever_a_muxer_says(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'av_write_frame(): No space left on device' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(DependencyError, match="No space left on device"):
        run_ffmpeg(file_output([media_input(song)], tmp_path / "out.wav"), HANG_SECONDS)
    program.write_text(program.read_text().replace("exit 1", "exit 0"))  # as a full disk does
    with pytest.raises(UnavailableError, match="The disk is full"):
        run_ffmpeg(file_output([media_input(song)], tmp_path / "out.wav"), HANG_SECONDS)
