#!/usr/bin/env python3
"""
Containers: what Matroska and MP4 can hold of a film, as it is or in another codec.

Usage:
    from shared.media.mux.containers import CONTAINERS

    CONTAINERS["mp4"].audio_codec(stream)   # 'copy' or 'aac'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.media.probe import MediaStream

COPY = "copy"
# Text subtitles; of other containers they become the container's own.
TEXT_SUBTITLES = frozenset(
    {"subrip", "ass", "ssa", "webvtt", "mov_text", "text", "eia_608", "microdvd", "subviewer"}
)
# Pictures that a cover can be.
COVER_TYPES = {"mjpeg": "image/jpeg", "png": "image/png"}


@dataclass(frozen=True)
class Container:
    """One kind of file: its suffix, the options of ffmpeg that write it, and what it holds.

    `subtitle`: codec of its text subtitles. `kept_subtitles`: codecs held as they are. `video`,
    `audio`: codecs held as they are, None for all that its muxer takes. `encoded_audio`: what other
    sound becomes. `attachments`: whether it holds fonts and covers as files.
    """

    suffix: str
    muxer: Mapping[str, str]
    subtitle: str
    kept_subtitles: frozenset[str]
    encoded_audio: str
    video: frozenset[str] | None = None
    audio: frozenset[str] | None = None
    attachments: bool = False

    def holds(self, stream: MediaStream) -> bool:
        """Return whether a stream finds a place here, as it is or in another codec.

        Args:
            stream: Of the film.
        """
        if stream.kind == "subtitle":
            return stream.codec in self.kept_subtitles | TEXT_SUBTITLES
        if stream.kind == "attachment":
            return self.attachments
        if stream.is_cover:
            return stream.codec in COVER_TYPES
        if stream.kind == "video":
            return self.video is None or stream.codec in self.video
        return stream.kind == "audio"

    def audio_codec(self, stream: MediaStream) -> str:
        """Return how a sound stream gets in: copied, or made anew in a codec that is held.

        Args:
            stream: A sound stream of the film.
        """
        return COPY if self.audio is None or stream.codec in self.audio else self.encoded_audio

    def subtitle_codec(self, stream: MediaStream) -> str:
        """Return how a subtitle stream of the film gets in.

        Args:
            stream: One that holds() is true of.
        """
        return COPY if stream.codec in self.kept_subtitles else self.subtitle


# The same film and subtitles make the same file: no random ids.
REPEATABLE = {"fflags": "+bitexact"}

MATROSKA = Container(
    suffix=".mkv",
    muxer={**REPEATABLE, "format": "matroska"},
    subtitle="srt",
    kept_subtitles=frozenset(
        {"subrip", "ass", "ssa", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"}
    ),
    encoded_audio="flac",
    attachments=True,
)
MP4 = Container(
    suffix=".mp4",
    # Older ffmpegs hold FLAC and Opus to be experiments in MP4.
    muxer={**REPEATABLE, "format": "mp4", "movflags": "+faststart", "strict": "-2"},
    subtitle="mov_text",
    kept_subtitles=frozenset({"mov_text"}),
    encoded_audio="aac",
    video=frozenset({"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg"}),
    audio=frozenset({"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus", "dts"}),
)
CONTAINERS = {"mkv": MATROSKA, "mp4": MP4}
