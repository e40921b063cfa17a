#!/usr/bin/env python3
"""
ffmpeg: the one door to ffmpeg and ffprobe.

Every input is named `file:…` and limited by protocol and format whitelists, so that a file called
`http:x.mp4` is a file and a playlist cannot reach other files. Standard input is closed. ffmpeg's
exit code alone is never trusted: callers compare durations and sizes.

Usage:
    from shared.media.ffmpeg import input_arguments, run_ffmpeg

    run_ffmpeg([*input_arguments(film), "-vn", *output_arguments(target)], timeout=600)
"""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread, Timer
from typing import IO

from shared import config as configuration
from shared.core.errors import DISK_FULL, DependencyError, UnavailableError

# Containers a film may come in; playlists (hls, concat, dash) and devices are left out on purpose.
MEDIA_FORMATS = (
    "3dostr,aac,ac3,aiff,amr,ape,asf,avi,caf,dts,dtshd,dv,eac3,flac,flv,gif,gxf,h264,hevc,ivf,"
    "live_flv,m4v,matroska,mov,mp3,mpeg,mpegts,mpegtsraw,mpegvideo,mxf,nut,obu,ogg,rm,tak,truehd,"
    "tta,vc1,voc,w64,wav,wtv,wv"
)
SUBTITLE_FORMATS = "ass,srt,webvtt"
MESSAGE_LINES = 20
MESSAGES_TOLD = 2
SPEAKER = re.compile(r"^\[[^\]]* @ 0x[0-9a-f]+\] ")
NO_SPACE = "No space left on device"
SAYS_NOTHING = ("Conversion failed!", "To ignore this,")


def input_arguments(
    path: Path, options: Sequence[str] = (), formats: str = MEDIA_FORMATS
) -> list[str]:
    """Return the arguments that open one input safely.

    Args:
        path: A local file, whatever its name.
        options: Options of this input, for example ["-ss", "12.5"].
        formats: The demuxers that may open it, comma-separated.
    """
    return [
        *options,
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        formats,
        "-i",
        f"file:{path}",
    ]


def output_arguments(path: Path) -> list[str]:
    """Return the arguments that name the output file, replacing what is there.

    Args:
        path: A local file, whatever its name; its suffix chooses the container.
    """
    return ["-y", f"file:{path}"]


def filter_value(text: str) -> str:
    """Return text as the value of a filter's option, whatever is in it: ffmpeg unquotes it twice.

    Args:
        text: For example the path of a file.
    """
    for special in (r"[\\':]", r"[\\'\[\],;]"):
        text = re.sub(special, r"\\\g<0>", text)
    return text


def run_ffmpeg(
    arguments: Sequence[str],
    timeout: float,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Run ffmpeg to its end.

    Args:
        arguments: Everything after the program's name.
        timeout: Longest run in seconds.
        progress: Called with the seconds of media written so far.

    Raises:
        UnavailableError: When ffmpeg is not installed, or the disk is full.
        DependencyError: When it fails or takes too long, with its last message.
    """
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-nostats"]
    command += ["-progress", "pipe:1", *arguments]
    process = _start(command)
    messages: deque[str] = deque(maxlen=MESSAGE_LINES)
    assert process.stdout is not None and process.stderr is not None
    reader = Thread(target=_collect, args=(process.stderr, messages), daemon=True)
    reader.start()
    expired = Event()

    def stop() -> None:
        expired.set()
        process.kill()

    timer = Timer(timeout, stop)
    timer.start()
    try:
        for raw in process.stdout:
            key, _, value = raw.decode("ascii", "replace").strip().partition("=")
            if progress is not None and key == "out_time_us" and value.lstrip("-").isdigit():
                progress(max(0, int(value)) / 1_000_000)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        timer.cancel()
        reader.join(timeout=1)
    if expired.is_set():
        raise DependencyError(
            f"ffmpeg took longer than {timeout:.0f} s", hint="Raise FFMPEG_TIMEOUT_SECONDS"
        )
    if any(NO_SPACE in message for message in messages):  # the exit code may well be 0
        raise UnavailableError(DISK_FULL, hint="Free space there, then run the same command again")
    if code != 0:
        raise DependencyError(f"ffmpeg failed ({code}): {_last_words(messages)}")


def run_tool(command: Sequence[str], timeout: float) -> str:
    """Run ffprobe (or ffmpeg as a measuring tool) and return its standard output.

    Args:
        command: Program and arguments.
        timeout: Longest run in seconds.

    Raises:
        UnavailableError: When the program is not installed.
        DependencyError: When it fails, with the last line of its messages.
    """
    process = _start(command)
    try:
        output, messages = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise DependencyError(f"{command[0]} took longer than {timeout:.0f} s") from error
    if process.returncode != 0:
        raise DependencyError(_last_words(messages.decode("utf-8", "replace").splitlines()))
    return output.decode("utf-8", "replace")


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    lock = configuration.inherited_number(configuration.LOCK_FD_VARIABLE)
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=() if lock is None else (lock,),
        )
    except FileNotFoundError as error:
        raise UnavailableError(f"{command[0]} is not installed", hint="./bootstrap.sh") from error


def _collect(stream: IO[bytes], lines: deque[str]) -> None:
    for raw in stream:
        lines.append(raw.decode("utf-8", "replace").rstrip())


def _last_words(lines: Sequence[str]) -> str:
    """Return the last messages that tell something, without the addresses of ffmpeg's objects."""
    spoken = [SPEAKER.sub("", line).strip() for line in lines]
    telling = [line for line in spoken if line and not line.startswith(SAYS_NOTHING)]
    return " / ".join(telling[-MESSAGES_TOLD:]) or "no message"
