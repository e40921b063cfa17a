#!/usr/bin/env python3
"""
Media: small films and sounds made by ffmpeg, and what is really in a file, for the tests.

Usage:
    from tests.support.media import ffmpeg, film_with_bursts, onset

    film = film_with_bursts(tmp_path / "film.mkv", seconds=2, burst=(0.5, 1.0))
"""

from __future__ import annotations

import json
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

BURST_LEVEL = 0.6
AUDIBLE = 0.1
LUMA_FIRST, LUMA_STEP = 24, 4
# A name with whatever ffmpeg, its filters and shells give a meaning to.
HOSTILE = 'it\'s [a] b:c, d;\\e=f %03d \n"q" -x'


def ffmpeg(*arguments: object, cwd: Path | None = None) -> None:
    """Run ffmpeg; a failure shows its messages."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    assert ended.returncode == 0, ended.stderr


def ffprobe(path: Path, *options: str) -> dict[str, Any]:
    """Return format, streams and chapters of a file (or what options ask for) as ffprobe's JSON."""
    asked = options or ("-show_format", "-show_streams", "-show_chapters")
    command = ["ffprobe", "-v", "error", "-of", "json", *asked, f"file:{path}"]
    answer: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True).stdout)
    return answer


def burst(start: float, end: float, frequency: int = 440) -> str:
    """Return an expression of a tone that sounds from start to end and is silent elsewhere."""
    return f"{BURST_LEVEL}*sin(2*PI*{frequency}*t)*gte(t\\,{start})*lt(t\\,{end})"


def sound(*channels: str, seconds: float, layout: str = "mono", rate: int = 48_000) -> list[str]:
    """Return the input arguments of a sound, one expression a channel."""
    source = f"aevalsrc={'|'.join(channels)}:d={seconds}:s={rate}:c={layout}"
    return ["-f", "lavfi", "-i", source]


def numbered_picture(seconds: float, rate: str = "25") -> list[str]:
    """Return the input arguments of a picture whose brightness is the number of the frame."""
    shade = f"geq=lum='{LUMA_FIRST}+mod(N\\,50)*{LUMA_STEP}':cb=128:cr=128"
    return ["-f", "lavfi", "-i", f"color=black:s=32x32:r={rate}:d={seconds},format=yuv420p,{shade}"]


def silence(path: Path, seconds: float = 1.0) -> Path:
    """Write a silent WAV file, the cheapest film there is."""
    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, 8_000, 0, "NONE", ""))
        stream.writeframes(bytes(2 * round(8_000 * seconds)))
    return path


def film_with_bursts(
    path: Path,
    seconds: float,
    sounding: tuple[float, float] = (0.5, 1.0),
    rate: str = "25",
    late: float = 0.0,
    options: Sequence[object] = (),
) -> Path:
    """Write a film with one mono track that sounds from sounding[0] to sounding[1].

    Args:
        path: The film; its suffix chooses the container.
        seconds: Length.
        sounding: Seconds from the start of the sound.
        rate: Frames per second.
        late: Seconds by which the sound starts later than the picture.
        options: Output options.
    """
    audio = sound(burst(*sounding), seconds=seconds - late)
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-c:a", "flac"]
    if path.suffix in {".mp4", ".ts", ".mov"}:
        codecs[-1] = "aac"
    ffmpeg(*numbered_picture(seconds, rate), "-itsoffset", late, *audio, *codecs, *options, path)
    return path


def onset(path: Path) -> float:
    """Return the second at which a WAV file becomes audible."""
    loud = numpy.flatnonzero(numpy.abs(samples(path)) > AUDIBLE)
    assert loud.size, "silence"
    with wave.open(str(path), "rb") as stream:
        return float(loud[0]) / stream.getframerate()


def samples(path: Path) -> NDArray[numpy.float64]:
    """Return the samples of a mono 16-bit WAV file, -1 to 1."""
    with wave.open(str(path), "rb") as stream:
        data = stream.readframes(stream.getnframes())
    return numpy.frombuffer(data, dtype="<i2") / 32_768


def decoded(path: Path, stream: int, rate: int = 16_000) -> NDArray[numpy.float64]:
    """Return one audio stream of a film as mono samples, on the film's clock."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{path}", "-map", f"0:{stream}"]
    command += ["-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(rate)]
    data = subprocess.run([*command, "-f", "s16le", "-"], capture_output=True, check=True).stdout
    return numpy.frombuffer(data, dtype="<i2") / 32_768


def frame_numbers(path: Path) -> list[int]:
    """Return the numbers that numbered_picture gave the frames of a film (mod 50)."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{path}", "-map", "0:v:0"]
    command += ["-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    pictures = numpy.frombuffer(data, dtype=numpy.uint8).reshape(-1, 32 * 32)
    # gray is full range, the picture's luma is 16-235
    luma = pictures.mean(axis=1) * 219 / 255 + 16
    return [round((value - LUMA_FIRST) / LUMA_STEP) for value in luma.tolist()]


def packet_times(path: Path, stream: str) -> list[float]:
    """Return the presentation times of a stream's packets in seconds."""
    answer = ffprobe(path, "-select_streams", stream, "-show_entries", "packet=pts_time")
    return [float(packet["pts_time"]) for packet in answer["packets"]]
