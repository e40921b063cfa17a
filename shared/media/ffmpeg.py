#!/usr/bin/env python3
"""
ffmpeg: the one door to ffmpeg and ffprobe.

ffmpeg-python builds the graphs and argument lists; this module opens what goes in, names what
comes out, runs and checks. Every input is limited by protocol and format whitelists and every file
is named `file:…`, so that a file called `http:x.mp4` is a file and a playlist cannot reach other
files. Standard input is closed. ffmpeg's exit code alone is never trusted: callers compare
durations and sizes.

Usage:
    from shared.media.ffmpeg import file_output, media_input, run_ffmpeg

    sound = media_input(film, ss=12.5)["a:0"].filter("volume", volume="-6dB")
    run_ffmpeg(file_output([sound], target, {"c:a": "flac"}), timeout=600)
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import DependencyError, UnavailableError
from shared.core.machine.system_errors import DISK_FULL
from shared.media.processes import communicate, follow, last_words

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream, OutputStream

# Containers a film may come in; playlists (hls, concat, dash) and devices are left out on purpose.
MEDIA_FORMATS = (
    "3dostr,aac,ac3,aiff,amr,ape,asf,avi,caf,dts,dtshd,dv,eac3,flac,flv,gif,gxf,h264,hevc,ivf,"
    "live_flv,m4v,matroska,mov,mp3,mpeg,mpegts,mpegtsraw,mpegvideo,mxf,nut,obu,ogg,rm,tak,truehd,"
    "tta,vc1,voc,w64,wav,wtv,wv"
)
SUBTITLE_FORMATS = "ass,srt,webvtt"
FACTS_FORMAT = "ffmetadata"
GENERATED_FORMAT = "lavfi"
# Told while it runs, and only its results; both replace the files that are there.
FOLLOWED = ["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-nostats"]
FOLLOWED += ["-progress", "pipe:1", "-y"]
QUIET = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
# What a broadcast has a second, and what is read of a file at most to find its streams.
BYTES_PER_SECOND = 4 << 20
MOST_LOOKED_AT = 2_000_000_000
NO_SPACE = "No space left on device"
# A disk with as much has room for what ffmpeg writes at once.
LEAST_ROOM = 16 << 20

# Options by name without the dash; None for one without a value.
Option = str | int | float | None
Options = Mapping[str, Option]


class TooSlowError(DependencyError):
    """ffmpeg did not end in its time; what it works on may be sound."""


def media_input(path: Path, formats: str = MEDIA_FORMATS, /, **options: Option) -> FilterableStream:
    """Return a file as an input: `[...]` selects streams as `-map` does, for example `["a:0"]`.

    Args:
        path: A local file, whatever its name.
        formats: The demuxers that may open it, comma-separated.
        options: Options of this input, for example ss=12.5 (seconds).
    """
    import ffmpeg

    return ffmpeg.input(f"file:{path}", **_whitelists(formats), **options)


def generated_input(source: str, /, **options: Option) -> FilterableStream:
    """Return pictures or sound that ffmpeg makes itself as an input.

    Args:
        source: A filter without inputs: its name, or what sources.source_text() makes of it.
        options: Options of this input.
    """
    import ffmpeg

    limits = _whitelists(GENERATED_FORMAT)
    return ffmpeg.input(source, format=GENERATED_FORMAT, **limits, **options)


def file_output(
    streams: Sequence[FilterableStream], path: Path, options: Options | None = None
) -> OutputStream:
    """Return a file as the output; what is there is replaced.

    Args:
        streams: What goes in, in order: each is one `-map`.
        path: A local file, whatever its name; its suffix chooses the container unless options do.
        options: For example {"c:a": "flac", "map_metadata": -1}.
    """
    import ffmpeg

    return ffmpeg.output(*streams, f"file:{path}", **(options or {}))


def together(outputs: Sequence[OutputStream]) -> OutputStream:
    """Return several outputs as what one program makes.

    Args:
        outputs: Of file_output, one at least.
    """
    import ffmpeg

    return ffmpeg.merge_outputs(*outputs)


def pipe_output(
    streams: Sequence[FilterableStream], form: str, options: Options | None = None
) -> OutputStream:
    """Return standard output as the output; the form null writes nothing.

    Args:
        streams: What goes in, in order.
        form: Name of the muxer.
        options: As of file_output.
    """
    import ffmpeg

    return ffmpeg.output(*streams, "-", format=form, **(options or {}))


def filter_text(stream: FilterableStream) -> str:
    """Return the filters that lead to a stream as -filter:v and -af take them.

    A graph of its own (`-filter_complex`) makes streams that have lost language, title and
    disposition; filters of an output stream keep them.

    Args:
        stream: One input stream after one filter or more.
    """
    arguments = pipe_output([stream], "null").get_args()
    text: str = arguments[arguments.index("-filter_complex") + 1]
    return text


def compile_command(
    output: OutputStream,
    repeated: Sequence[tuple[str, str]] = (),
    program: Sequence[str] = QUIET,
) -> list[str]:
    """Return the command line that makes an output.

    Args:
        output: Of file_output or pipe_output.
        repeated: Options with values that are given more than once, which the library's keyword
            arguments cannot say, for example ("-metadata:s:s:0", "title=…"); of the last output.
        program: The command's beginning.
    """
    *command, target = output.compile(cmd=list(program))
    return [*command, *chain.from_iterable(repeated), target]


def run_ffmpeg(
    output: OutputStream,
    timeout: float,
    progress: Callable[[float], None] | None = None,
    repeated: Sequence[tuple[str, str]] = (),
) -> list[str]:
    """Run ffmpeg to its end; return its last messages.

    Args:
        output: What to make.
        timeout: Longest run in seconds.
        progress: Called with the seconds of media written so far.
        repeated: As of compile_command.

    Raises:
        UnavailableError: When ffmpeg is not installed, or the disk is full.
        TooSlowError: When it takes too long.
        DependencyError: When it fails, with its last message.
    """

    def tell(key: str, value: str) -> None:
        if progress is not None and key == "out_time_us" and value.lstrip("-").isdigit():
            progress(max(0, int(value)) / 1_000_000)

    ended = follow(compile_command(output, repeated, FOLLOWED), timeout, tell)
    if ended.expired:
        raise TooSlowError(
            f"ffmpeg took longer than {timeout:.0f} s", hint="Raise FFMPEG_TIMEOUT_SECONDS"
        )
    # The exit code may well be 0. A muxer that damage confuses says the same of a disk with room.
    lacks_room = any(NO_SPACE in message for message in ended.messages)
    if lacks_room and (ended.code == 0 or _is_full(output)):
        raise UnavailableError(DISK_FULL, hint="Free space there, then run the same command again")
    if ended.code == -signal.SIGXFSZ:
        raise UnavailableError(
            "No file may become as large as ffmpeg's: this shell has a limit",
            hint="ulimit -f unlimited, then run the same command again",
        )
    if ended.code != 0:
        raise DependencyError(f"ffmpeg failed ({ended.code}): {last_words(ended.messages)}")
    return ended.messages


def read_ffmpeg(output: OutputStream, timeout: float) -> bytes:
    """Run ffmpeg as a measuring tool and return what it wrote to standard output.

    Args:
        output: Of pipe_output.
        timeout: Longest run in seconds.

    Raises:
        UnavailableError: When ffmpeg is not installed.
        DependencyError: When it fails, with the last line of its messages, or takes too long.
    """
    return communicate(compile_command(output), timeout)


def run_ffprobe(path: Path, asked: Sequence[str], timeout: float) -> str:
    """Return what ffprobe says about a file.

    Args:
        path: A local file, whatever its name.
        asked: Its options, for example ["-show_format"].
        timeout: Longest run in seconds.

    Raises:
        UnavailableError: When ffprobe is not installed.
        DependencyError: When it fails, with the last line of its messages, or takes too long.
    """
    limits = as_arguments(_whitelists(MEDIA_FORMATS))
    command = ["ffprobe", "-v", "error", *asked, *limits, "-i", f"file:{path}"]
    return communicate(command, timeout).decode("utf-8", "replace")


def as_arguments(options: Options) -> list[str]:
    """Return options as ffprobe takes them.

    Args:
        options: By name without the dash.
    """
    return list(chain.from_iterable((f"-{name}", str(value)) for name, value in options.items()))


def looking_ahead(seconds: float) -> dict[str, Option]:
    """Return the options of an input that make ffmpeg read so far until it knows all streams.

    Args:
        seconds: MediaInfo.look_ahead; 0 = as far as ffmpeg does by itself.
    """
    if not seconds:
        return {}
    size = min(MOST_LOOKED_AT, int(seconds * BYTES_PER_SECOND))
    return {"probesize": size, "analyzeduration": int(seconds * 1_000_000)}


def _is_full(output: OutputStream) -> bool:
    """Return whether the disk of an output file has no room left, for bytes or for files."""
    target = output.compile()[-1].removeprefix("file:")
    try:
        disk = os.statvfs(Path(target).parent)
    except OSError:
        return True
    return disk.f_bavail * disk.f_frsize < LEAST_ROOM or 0 == disk.f_favail < disk.f_files


def _whitelists(formats: str) -> dict[str, str]:
    return {"protocol_whitelist": "file", "format_whitelist": formats}
