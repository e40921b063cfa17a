#!/usr/bin/env python3
"""
Processes: ffmpeg and ffprobe as processes, with standard input closed and a longest run.

Usage:
    from shared.media.processes import communicate

    communicate(["ffmpeg", "-version"], timeout=10)
"""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Thread, Timer
from typing import IO, NamedTuple

from shared import config as configuration
from shared.core.errors import DependencyError, UnavailableError
from shared.core.ran.running import note_program

MESSAGE_LINES = 20
MESSAGES_TOLD = 2
SPEAKER = re.compile(r"^\[[^\]]* @ 0x[0-9a-f]+\] ")
SAYS_NOTHING = ("Conversion failed!", "To ignore this,")


class Ended(NamedTuple):
    """How a process ended: its exit code, its last messages, whether its time was up."""

    code: int
    messages: list[str]
    expired: bool


def follow(command: Sequence[str], timeout: float, told: Callable[[str, str], None]) -> Ended:
    """Run a program that tells `key=value` lines on standard output, to its end.

    It is killed when its time is up or the caller fails.

    Args:
        command: Program and arguments.
        timeout: Longest run in seconds.
        told: Called with every key and value.

    Raises:
        UnavailableError: When the program is not installed.
    """
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
            told(key, value)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        timer.cancel()
        reader.join(timeout=1)
    return Ended(code, list(messages), expired.is_set())


def communicate(command: Sequence[str], timeout: float) -> bytes:
    """Run a program to its end and return its standard output.

    Args:
        command: Program and arguments.
        timeout: Longest run in seconds.

    Raises:
        UnavailableError: When the program is not installed.
        DependencyError: When it fails, with its last messages, or takes too long.
    """
    process = _start(command)
    try:
        output, messages = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise DependencyError(f"{command[0]} took longer than {timeout:.0f} s") from error
    if process.returncode != 0:
        raise DependencyError(last_words(messages.decode("utf-8", "replace").splitlines()))
    return output


def last_words(lines: Sequence[str]) -> str:
    """Return the last messages that tell something, without the addresses of ffmpeg's objects.

    Args:
        lines: What ffmpeg or ffprobe wrote to standard error.
    """
    spoken = [SPEAKER.sub("", line).strip() for line in lines]
    telling = [line for line in spoken if line and not line.startswith(SAYS_NOTHING)]
    return " / ".join(telling[-MESSAGES_TOLD:]) or "no message"


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    note_program(command[0])
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
