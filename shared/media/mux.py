#!/usr/bin/env python3
"""
Mux: the film with its subtitle tracks in one Matroska file.

Every stream of the film is kept as it is; subtitle tracks carry language and name. A clip is cut
exact to the frame, which takes encoding its picture and sound anew.

Usage:
    from shared.media.mux import SubtitleTrack, mux_arguments

    run_ffmpeg(mux_arguments(film, media, tracks, clip, target), timeout=600)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import DependencyError
from shared.core.languages import alpha3_bibliographic, native_name
from shared.media.ffmpeg import (
    SUBTITLE_FORMATS,
    input_arguments,
    output_arguments,
    run_ffmpeg,
)
from shared.media.probe import MediaInfo, MediaStream, probe_media
from shared.pipeline.job import ClipRange

# Subtitle codecs that Matroska holds as they are; text ones of other containers become SubRip.
COPIED_SUBTITLES = frozenset(
    {"subrip", "ass", "ssa", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"}
)
CONVERTED_SUBTITLES = frozenset({"mov_text", "text", "eia_608", "microdvd", "subviewer"})
KEPT_KINDS = frozenset({"video", "audio", "attachment"})
CLIP_VIDEO = ("libx264", "-preset", "veryfast", "-crf", "18")
CLIP_AUDIO = "flac"
DURATION_TOLERANCE = 1.0
# Matroska keeps a cover as an attachment; as a stream it would be a second picture track.
COVER_TYPES = {"mjpeg": "image/jpeg", "png": "image/png"}
# A clip is decoded from this many seconds earlier: transport streams are not found by key frame.
CLIP_RUN_UP = 10.0


@dataclass(frozen=True)
class SubtitleTrack:
    """A subtitle file to add; `is_sdh`: for deaf viewers, with sounds and names."""

    path: Path
    language: str
    is_default: bool
    is_sdh: bool = False


@dataclass(frozen=True)
class Cover:
    """A cover picture taken out of the film."""

    path: Path
    media_type: str


def cover_streams(media: MediaInfo) -> list[MediaStream]:
    """Return the covers that can be attached.

    Args:
        media: What the film holds.
    """
    return [s for s in media.streams if s.is_cover and s.codec in COVER_TYPES]


def take_cover(film: Path, stream: MediaStream, target: Path, timeout: float) -> Cover:
    """Write a cover to a file of its own, as it is in the film.

    Args:
        film: The original.
        stream: One of cover_streams.
        target: The file to write.
        timeout: Longest run in seconds.

    Raises:
        DependencyError: When ffmpeg fails.
    """
    picture = ["-map", f"0:{stream.index}", "-frames:v", "1", "-c", "copy", "-f", "image2pipe"]
    run_ffmpeg([*input_arguments(film), *picture, *output_arguments(target)], timeout)
    return Cover(target, COVER_TYPES[stream.codec])


def kept_streams(media: MediaInfo, is_clip: bool) -> tuple[list[MediaStream], list[MediaStream]]:
    """Return the streams that go into the film and those that Matroska cannot hold.

    Args:
        media: What the film holds.
        is_clip: A clip's own subtitles are left out: their times would not fit.
    """
    kept: list[MediaStream] = []
    left: list[MediaStream] = []
    for stream in media.streams:
        text = stream.codec in COPIED_SUBTITLES | CONVERTED_SUBTITLES
        fits = stream.kind in KEPT_KINDS and (not stream.is_cover or stream.codec in COVER_TYPES)
        fits = fits or (stream.kind == "subtitle" and text and not is_clip)
        (kept if fits else left).append(stream)
    return kept, left


def mux_arguments(
    film: Path,
    media: MediaInfo,
    tracks: Sequence[SubtitleTrack],
    clip: ClipRange | None,
    target: Path,
    covers: Sequence[Cover] = (),
) -> list[str]:
    """Return the arguments that make the film.

    Args:
        film: The original.
        media: What it holds.
        tracks: The subtitle files, in the order they will have.
        clip: The part to take; None = all, copied without encoding.
        target: The Matroska file to write.
        covers: Its covers, to be attached.
    """
    arguments = input_arguments(film, _seek(clip) + _missing_times(media, clip))
    for track in tracks:
        arguments += input_arguments(track.path, ["-f", "srt"], formats=SUBTITLE_FORMATS)
    kept = [s for s in kept_streams(media, clip is not None)[0] if not s.is_cover]
    for stream in kept:
        arguments += ["-map", f"0:{stream.index}"]
    for number in range(1, len(tracks) + 1):
        arguments += ["-map", f"{number}:0"]
    arguments += ["-map_metadata", "0", "-map_chapters", "0" if clip is None else "-1"]
    arguments += _codecs(clip)
    own = [stream for stream in kept if stream.kind == "subtitle"]
    for number, stream in enumerate(own):
        codec = "copy" if stream.codec in COPIED_SUBTITLES else "srt"
        arguments += [f"-c:s:{number}", codec]
        # Only one track can be switched on, and it is the one that was asked for.
        arguments += [f"-disposition:s:{number}", "-default"] if tracks else []
    for number, track in enumerate(tracks, len(own)):
        flags = ["default"] * track.is_default + ["hearing_impaired"] * track.is_sdh
        arguments += [f"-c:s:{number}", "srt", f"-disposition:s:{number}", "+".join(flags) or "0"]
        arguments += [f"-metadata:s:s:{number}", f"language={alpha3_bibliographic(track.language)}"]
        title = native_name(track.language) + " (SDH)" * track.is_sdh
        arguments += [f"-metadata:s:s:{number}", f"title={title}"]
    arguments += _attach(covers, sum(stream.kind == "attachment" for stream in kept))
    return [*arguments, "-f", "matroska", *output_arguments(target)]


def check_film(target: Path, media: MediaInfo, tracks: int, expected_seconds: float) -> MediaInfo:
    """Probe the finished film: ffmpeg's exit code alone proves nothing.

    Args:
        target: The film.
        media: What the original holds.
        tracks: Number of subtitle tracks that were added.
        expected_seconds: Length that it should have.

    Returns:
        What the film holds.

    Raises:
        DependencyError: When streams are missing or it is cut off (a full disk does that).
    """
    made = probe_media(target)
    subtitles = [stream for stream in made.streams if stream.kind == "subtitle"]
    if len(made.audio_streams) != len(media.audio_streams) or len(subtitles) < tracks:
        raise DependencyError(
            f"The finished film lacks streams: {len(made.audio_streams)} audio of "
            f"{len(media.audio_streams)}, {len(subtitles)} subtitles, {tracks} added"
        )
    if made.duration < expected_seconds - DURATION_TOLERANCE:
        raise DependencyError(
            f"The finished film is {made.duration:.1f} s long instead of {expected_seconds:.1f} s",
            hint="Is the disk full?",
        )
    return made


def _seek(clip: ClipRange | None) -> list[str]:
    if clip is None:
        return []
    start = max(0.0, clip.start - CLIP_RUN_UP)
    return ["-ss", f"{start:.6f}", "-t", f"{clip.end - start:.6f}"]


def _missing_times(media: MediaInfo, clip: ClipRange | None) -> list[str]:
    """Return the options that make up the frame times which AVI and programme streams leave out."""
    codecs = {stream.codec for stream in media.video_streams}
    leaves_out = media.container == "mpeg" or (media.container == "avi" and codecs != {"h264"})
    return ["-fflags", "+genpts"] if clip is None and leaves_out else []


def _attach(covers: Sequence[Cover], before: int) -> list[str]:
    """Return the arguments that attach covers after the attachments that the film has."""
    arguments: list[str] = []
    for number, cover in enumerate(covers, before):
        arguments += ["-attach", f"file:{cover.path}"]
        arguments += [f"-metadata:s:t:{number}", f"mimetype={cover.media_type}"]
        arguments += [f"-metadata:s:t:{number}", f"filename={cover.path.name}"]
    return arguments


def _codecs(clip: ClipRange | None) -> list[str]:
    if clip is None:
        return ["-c", "copy"]
    skipped = min(clip.start, CLIP_RUN_UP)
    trim = f"trim=start={skipped:.6f}:end={skipped + clip.end - clip.start:.6f}"
    filters = ["-vf", f"{trim},setpts=PTS-{skipped:.6f}/TB"]
    filters += ["-af", f"a{trim},asetpts=PTS-{skipped:.6f}/TB"]
    return ["-c", "copy", "-c:v", *CLIP_VIDEO, "-c:a", CLIP_AUDIO, *filters]
