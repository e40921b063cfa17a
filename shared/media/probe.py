#!/usr/bin/env python3
"""
Probe: what a media file holds, judged by its content and never by its name.

Usage:
    from shared.media.probe import probe_media

    probe_media(path).duration      # seconds
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.core.errors import DependencyError, InputError
from shared.media.clip import Seconds
from shared.media.ffmpeg import MEDIA_FORMATS, as_arguments, looking_ahead, run_ffprobe
from shared.media.intake.length import is_guessed, measure_length
from shared.media.tracks.purpose import purposes

PROBE_TIMEOUT = 120.0
# Seconds that are read for streams: as usual, then further while no sound is found.
LOOK_AHEAD = (0.0, 60.0, 3600.0)
# Containers that do not say at their beginning which streams they hold.
WITHOUT_LIST = frozenset({"mpegts", "mpeg", "flv", "live_flv"})


ASPECT = "sample_aspect_ratio"


class MediaStream(BaseModel):
    """One stream of the file, of any kind."""

    model_config = ConfigDict(extra="forbid")

    index: int = Field(ge=0, description="number of the stream in the file")
    kind: str = Field(description="video, audio, subtitle, attachment or data")
    codec: str
    language: str | None = Field(default=None, description="as the file says, usually ISO 639-2")
    title: str | None = None
    is_default: bool = False
    start_time: Seconds = 0.0
    is_forced: bool = Field(default=False, description="what the audience cannot follow alone")
    is_for_deaf: bool = Field(default=False, description="subtitles that name sounds")
    is_cover: bool = Field(default=False, description="an attached picture, not a moving one")
    rotation: int = Field(default=0, description="degrees by which players turn the picture")
    width: int = Field(default=0, ge=0, description="pixels of a picture")
    height: int = Field(default=0, ge=0, description="pixels of a picture")


class AudioStream(MediaStream):
    """One audio stream."""

    channels: int = Field(ge=1)
    channel_layout: str | None = None
    sample_rate: int = Field(gt=0, description="Hz")
    is_commentary: bool = False
    is_described: bool = Field(default=False, description="what is seen is told as well")
    is_music: bool = Field(default=False, description="music or effects without the dialogue")

    @property
    def is_dialogue(self) -> bool:
        """Whether it may be what the film's people say, as far as the file tells."""
        return not (self.is_commentary or self.is_described or self.is_music)


class MediaInfo(BaseModel):
    """`media_info.json` of stage demux: what the film holds."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = 1
    container: str
    duration: Seconds = Field(gt=0, description="seconds")
    start_time: Seconds = 0.0
    size: int = Field(ge=0, description="bytes")
    frame_rate: str | None = Field(default=None, description="frames per second as a fraction")
    pixel_shape: float = Field(
        default=1.0, gt=0, description="width to height of a pixel of the picture, as it is shown"
    )
    chapters: int = 0
    look_ahead: Seconds = Field(
        default=0.0, ge=0, description="seconds to read before all streams are known, 0 = usual"
    )
    streams: list[AudioStream | MediaStream]

    @property
    def audio_streams(self) -> list[AudioStream]:
        """The audio streams in file order."""
        return [stream for stream in self.streams if isinstance(stream, AudioStream)]

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the picture as it is shown, turned upright; (0, 0) without one."""
        picture = next(iter(self.video_streams), None)
        if picture is None:
            return 0, 0
        size = max(1, round(picture.width * self.pixel_shape)), picture.height
        return size if picture.rotation % 180 == 0 else (size[1], size[0])

    @property
    def video_streams(self) -> list[MediaStream]:
        """The moving pictures in file order, cover art left out."""
        return [s for s in self.streams if s.kind == "video" and not s.is_cover]

    @property
    def subtitle_streams(self) -> list[MediaStream]:
        """The subtitle tracks in file order."""
        return [stream for stream in self.streams if stream.kind == "subtitle"]

    def clock_streams(self, but: int) -> list[int]:
        """Return the numbers of the pictures and sounds, but of one: they share the film's clock.

        Args:
            but: Number of a stream.
        """
        shown = [*self.video_streams, *self.audio_streams]
        return [stream.index for stream in shown if stream.index != but]


def probe_media(path: Path) -> MediaInfo:
    """Read what a media file holds.

    Args:
        path: The file.

    Returns:
        Container, streams and chapters as ffprobe sees them.

    Raises:
        InputError: When it is missing, a directory, empty, or not a media file; one line + hint.
        UnavailableError: When ffprobe is not installed.
    """
    _refuse_non_file(path)
    answer, look_ahead = _ask(path)
    streams = [_stream(raw) for raw in answer.get("streams", [])]
    media = answer.get("format", {})
    duration = _duration(media) or _longest(answer.get("streams", []))
    if duration <= 0 or is_guessed(str(media.get("format_name", ""))):
        duration = measure_length(path, look_ahead) or duration
    if duration <= 0:
        raise InputError(
            f"{path} has no duration: it is empty or cut off", hint="Check it in a player"
        )
    return MediaInfo(
        container=str(media.get("format_name", "")),
        duration=duration,
        start_time=float(media.get("start_time") or 0.0),
        size=path.stat().st_size,
        frame_rate=_frame_rate(answer.get("streams", [])),
        pixel_shape=_pixel_shape(answer.get("streams", [])),
        chapters=len(answer.get("chapters", [])),
        look_ahead=look_ahead,
        streams=streams,
    )


def _ask(path: Path) -> tuple[dict[str, Any], float]:
    """Return ffprobe's answer and how far it had to read; further where no sound begins soon."""
    asked = ["-of", "json", "-show_format", "-show_streams", "-show_chapters"]
    answer: dict[str, Any] = {}
    for look_ahead in LOOK_AHEAD:
        options = as_arguments(looking_ahead(look_ahead))
        try:
            answer = json.loads(run_ffprobe(path, [*asked, *options], PROBE_TIMEOUT))
        except DependencyError as error:
            raise InputError(
                f"{path} is not a media file that can be read ({_without_path(error.cause, path)})",
                hint="Check it in a player; a playlist or a text file is not taken",
            ) from error
        if not _may_come_late(answer):
            return answer, look_ahead
    return answer, 0.0


def _may_come_late(answer: dict[str, Any]) -> bool:
    """Return whether reading on may find sound, or what is not known yet of it."""
    tracks = [s for s in answer.get("streams", []) if s.get("codec_type") == "audio"]
    if any(not track.get("channels") for track in tracks):
        return True
    names = set(str(answer.get("format", {}).get("format_name", "")).split(","))
    return not tracks and not names.isdisjoint(WITHOUT_LIST)


def _refuse_non_file(path: Path) -> None:
    if not path.exists():
        raise InputError(f"No such file: {path}", hint="Check the path; quote it if it has spaces")
    if path.is_dir():
        raise InputError(f"{path} is a directory, not a film", hint="Name one media file")
    if not path.is_file():
        raise InputError(f"{path} is not a regular file", hint="Name one media file")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes)", hint="Copy or download it again")


def _stream(raw: dict[str, Any]) -> MediaStream:
    tags = {str(key).lower(): value for key, value in raw.get("tags", {}).items()}
    disposition = raw.get("disposition", {})
    common: dict[str, Any] = {
        "index": raw["index"],
        "kind": raw.get("codec_type", "data"),
        "codec": raw.get("codec_name", "unknown"),
        "language": tags.get("language"),
        "title": tags.get("title"),
        "is_default": bool(disposition.get("default")),
        "start_time": float(raw.get("start_time") or 0.0),
        "is_forced": bool(disposition.get("forced")),
        "is_for_deaf": bool(disposition.get("hearing_impaired")),
        "is_cover": bool(disposition.get("attached_pic")),
        "rotation": _rotation(raw),
        "width": raw.get("width", 0),
        "height": raw.get("height", 0),
    }
    if common["kind"] != "audio" or not raw.get("channels"):
        return MediaStream(**common)
    return AudioStream(
        **common,
        channels=raw["channels"],
        channel_layout=raw.get("channel_layout"),
        sample_rate=int(raw.get("sample_rate") or 0) or 48_000,
        **purposes(str(tags.get("title", "")), disposition),
    )


def _pixel_shape(streams: list[dict[str, Any]]) -> float:
    """Return width to height of a pixel of the first picture; 1 where the film does not say."""
    moving = [s for s in streams if not s.get("disposition", {}).get("attached_pic")]
    told = next((str(s[ASPECT]) for s in moving if ASPECT in s), "")
    wide, _, high = told.partition(":")
    known = wide.isdecimal() and high.isdecimal() and int(wide) and int(high)
    return int(wide) / int(high) if known else 1.0


def _rotation(raw: dict[str, Any]) -> int:
    return next((int(s["rotation"]) for s in raw.get("side_data_list", []) if "rotation" in s), 0)


def _frame_rate(streams: list[dict[str, Any]]) -> str | None:
    for raw in streams:
        if raw.get("codec_type") == "video" and not raw.get("disposition", {}).get("attached_pic"):
            for key in ("avg_frame_rate", "r_frame_rate"):
                numerator, _, denominator = str(raw.get(key, "0/0")).partition("/")
                if int(numerator) and int(denominator or 1):
                    return str(Fraction(int(numerator), int(denominator or 1)))
    return None


def _duration(media: dict[str, Any]) -> float:
    """Return the length in seconds; Matroska's own figure is the time at its end."""
    start, end = float(media.get("start_time") or 0.0), float(media.get("duration") or 0.0)
    is_matroska = "matroska" in str(media.get("format_name", ""))
    return end - start if is_matroska and 0 < start < end else end


def _longest(streams: list[dict[str, Any]]) -> float:
    return max((float(raw.get("duration") or 0.0) for raw in streams), default=0.0)


def _without_path(message: str, path: Path) -> str:
    """Return what ffprobe said without the file's name and the list of all formats."""
    return message.replace(f"file:{path}: ", "").replace(f" '{MEDIA_FORMATS}'", "").strip()
