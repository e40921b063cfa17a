#!/usr/bin/env python3
"""
Probe: what a media file holds, judged by its content and never by its name.

Usage:
    from shared.media.probe import choose_audio_stream, probe_media

    media = probe_media(path)
    stream, why = choose_audio_stream(media, language="hi", wanted=None)
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.core.errors import DependencyError, InputError
from shared.media.clip import Seconds
from shared.media.ffmpeg import MEDIA_FORMATS, run_ffprobe

PROBE_TIMEOUT = 120.0


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
    is_cover: bool = Field(default=False, description="an attached picture, not a moving one")
    rotation: int = Field(default=0, description="degrees by which players turn the picture")


class AudioStream(MediaStream):
    """One audio stream."""

    channels: int = Field(ge=1)
    channel_layout: str | None = None
    sample_rate: int = Field(gt=0, description="Hz")
    is_commentary: bool = False


class MediaInfo(BaseModel):
    """`media_info.json` of stage demux: what the film holds."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = 1
    container: str
    duration: Seconds = Field(gt=0, description="seconds")
    start_time: Seconds = 0.0
    size: int = Field(ge=0, description="bytes")
    frame_rate: str | None = Field(default=None, description="frames per second as a fraction")
    chapters: int = 0
    streams: list[AudioStream | MediaStream]

    @property
    def audio_streams(self) -> list[AudioStream]:
        """The audio streams in file order."""
        return [stream for stream in self.streams if isinstance(stream, AudioStream)]

    @property
    def video_streams(self) -> list[MediaStream]:
        """The moving pictures in file order, cover art left out."""
        return [s for s in self.streams if s.kind == "video" and not s.is_cover]

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
    asked = ["-of", "json", "-show_format", "-show_streams", "-show_chapters"]
    try:
        answer = json.loads(run_ffprobe(path, asked, PROBE_TIMEOUT))
    except DependencyError as error:
        raise InputError(
            f"{path} is not a media file that can be read ({_without_path(error.cause, path)})",
            hint="Check it in a player; a playlist or a text file is not taken",
        ) from error
    streams = [_stream(raw) for raw in answer.get("streams", [])]
    media = answer.get("format", {})
    duration = _duration(media) or _longest(answer.get("streams", []))
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
        chapters=len(answer.get("chapters", [])),
        streams=streams,
    )


def choose_audio_stream(
    media: MediaInfo, language: str, wanted: int | None, name: str = "the file"
) -> tuple[AudioStream, str]:
    """Choose the audio stream to transcribe: the wanted one, else the language's, else default.

    Args:
        media: What the file holds.
        language: Source language, BCP-47, or 'auto'.
        wanted: Number of the audio track, 1 = the first; None = choose.
        name: The file, for messages.

    Returns:
        The stream and why it was taken.

    Raises:
        InputError: When there is no audio, or no such track; lists what there is.
    """
    candidates = media.audio_streams
    if not candidates:
        held = ", ".join(f"{s.kind} ({s.codec})" for s in media.streams) or "nothing"
        raise InputError(f"No audio stream in {name}: it holds {held}", hint="Take another file")
    if wanted is not None:
        if not 1 <= wanted <= len(candidates):
            raise InputError(
                f"No audio track {wanted} in {name}",
                hint=f"It has {len(candidates)}: {describe_audio(candidates)}",
            )
        return candidates[wanted - 1], "asked for"
    spoken = [stream for stream in candidates if not stream.is_commentary] or candidates
    matching = [stream for stream in spoken if same_language(stream.language, language)]
    pool, why = (matching, f"its language is {language}") if matching else (spoken, "")
    default = [stream for stream in pool if stream.is_default]
    chosen = (default or pool)[0]
    if not why:
        why = "the default track" if default else "the first track"
    if len(pool) == 1 and len(candidates) == 1:
        why = "the only track"
    return chosen, why


def describe_audio(streams: list[AudioStream]) -> str:
    """Return the audio tracks as one readable line, numbered as --audio-track counts.

    Args:
        streams: The film's audio streams in the order of the container.
    """
    parts = []
    for number, stream in enumerate(streams, 1):
        facts = [stream.language or "no language", stream.codec, f"{stream.channels} ch"]
        facts += [stream.title] if stream.title else []
        parts.append(f"{number}: " + ", ".join(facts))
    return "; ".join(parts)


def same_language(tag: str | None, language: str) -> bool:
    """Return whether a file's language tag means the given language (hin = hi, ger = deu = de).

    Args:
        tag: ISO 639-1, 639-2 or BCP-47, or None.
        language: BCP-47, or 'auto' (which no tag means).
    """
    import langcodes  # a tenth of every start: only where tags are compared
    from langcodes.tag_parser import LanguageTagError

    if not tag or tag == "und" or language == "auto":
        return False
    try:
        return langcodes.Language.get(tag).language == langcodes.Language.get(language).language
    except LanguageTagError:
        return False


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
        "is_cover": bool(disposition.get("attached_pic")),
        "rotation": _rotation(raw),
    }
    if common["kind"] != "audio" or not raw.get("channels"):
        return MediaStream(**common)
    return AudioStream(
        **common,
        channels=raw["channels"],
        channel_layout=raw.get("channel_layout"),
        sample_rate=int(raw.get("sample_rate") or 0) or 48_000,
        is_commentary=bool(disposition.get("comment"))
        or "commentary" in str(tags.get("title", "")).lower(),
    )


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
