#!/usr/bin/env python3
"""
Mux: the film with its subtitle tracks in one Matroska or MP4 file.

Every stream of the film is kept as it is where the container can hold it; subtitle tracks carry
language, name and what they are for. A clip is cut exact to the frame, which takes encoding its
picture and sound anew; burning subtitles in takes encoding the picture.

Usage:
    from shared.media.mux import MuxPlan, SubtitleTrack, mux_arguments

    run_ffmpeg(mux_arguments(film, MuxPlan(media, tracks), target), timeout=600)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.core.languages import alpha3, native_name
from shared.media.clip import ClipRange
from shared.media.containers import COPY, COVER_TYPES, MATROSKA, Container
from shared.media.ffmpeg import (
    SUBTITLE_FORMATS,
    filter_value,
    input_arguments,
    output_arguments,
    run_ffmpeg,
)
from shared.media.probe import MediaInfo, MediaStream
from shared.subtitles.files.names import TrackKind

TITLE_ENDS = {"full": "", "sdh": " (SDH)", "forced": " (forced)"}
DISPOSITIONS = {"full": [], "sdh": ["hearing_impaired"], "forced": ["forced"]}
ENCODED_VIDEO = ("libx264", "-preset", "veryfast", "-crf", "18")
CLIP_AUDIO = "flac"
# A clip is decoded from this many seconds earlier: transport streams are not found by key frame.
CLIP_RUN_UP = 10.0


@dataclass(frozen=True)
class SubtitleTrack:
    """A subtitle file to add; sdh is for those who do not hear, forced for foreign lines only."""

    path: Path
    language: str
    is_default: bool
    kind: TrackKind = "full"

    @property
    def title(self) -> str:
        """What players show in their menu."""
        return native_name(self.language) + TITLE_ENDS[self.kind]

    @property
    def disposition(self) -> str:
        """What it is for, as ffmpeg writes it."""
        return "+".join(["default"] * self.is_default + DISPOSITIONS[self.kind]) or "0"


@dataclass(frozen=True)
class Attachment:
    """A file to attach: a cover or a font."""

    path: Path
    media_type: str


@dataclass(frozen=True)
class BurntIn:
    """ASS subtitles to draw into the picture; the folder with their font, None for the system's."""

    path: Path
    fonts: Path | None


@dataclass(frozen=True)
class MuxPlan:
    """What goes into the film.

    `media`: what the original holds. `tracks`: in the order they will have. `clip`: the part to
    take, None for all. `attached`: covers and fonts, where the container holds attachments.
    `turns_picture`: the picture is turned upright, where a copy would be shown on its side.
    """

    media: MediaInfo
    tracks: Sequence[SubtitleTrack]
    clip: ClipRange | None = None
    container: Container = MATROSKA
    attached: Sequence[Attachment] = ()
    burnt_in: BurntIn | None = None
    turns_picture: bool = False

    @property
    def encodes_picture(self) -> bool:
        """Whether the picture cannot be copied."""
        return self.clip is not None or self.burnt_in is not None or self.turns_picture

    @property
    def streams(self) -> tuple[list[MediaStream], list[MediaStream]]:
        """The original's streams that go in, and those that are left out."""
        kept: list[MediaStream] = []
        left: list[MediaStream] = []
        for stream in self.media.streams:
            (kept if self._holds(stream) else left).append(stream)
        return kept, left

    def _holds(self, stream: MediaStream) -> bool:
        """Return whether a stream goes in; a clip's own subtitles would have wrong times."""
        if stream.kind == "subtitle" and self.clip is not None:
            return False
        if stream.kind == "video" and not stream.is_cover and self.encodes_picture:
            return True
        return self.container.holds(stream)


def cover_streams(media: MediaInfo) -> list[MediaStream]:
    """Return the covers that can be attached.

    Args:
        media: What the film holds.
    """
    return [s for s in media.streams if s.is_cover and s.codec in COVER_TYPES]


def take_cover(film: Path, stream: MediaStream, target: Path, timeout: float) -> Attachment:
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
    return Attachment(target, COVER_TYPES[stream.codec])


def mux_arguments(film: Path, plan: MuxPlan, target: Path) -> list[str]:
    """Return the arguments that make the film.

    Args:
        film: The original.
        plan: What goes in.
        target: The file to write.
    """
    media, clip, container = plan.media, plan.clip, plan.container
    arguments = input_arguments(film, _seek(clip) + _missing_times(media, clip))
    for track in plan.tracks:
        form = ["-f", track.path.suffix.lstrip(".")]
        arguments += input_arguments(track.path, form, formats=SUBTITLE_FORMATS)
    kept = plan.streams[0]
    # Matroska keeps a cover as an attachment; as a stream it would be a second picture track.
    mapped = [s for s in kept if not (s.is_cover and container.attachments)]
    mapped.sort(key=lambda stream: stream.is_cover)
    for stream in mapped:
        arguments += ["-map", f"0:{stream.index}"]
    for number in range(1, len(plan.tracks) + 1):
        arguments += ["-map", f"{number}:0"]
    arguments += ["-map_metadata", "0", "-map_chapters", "0" if clip is None else "-1"]
    arguments += ["-c", COPY, *_picture(plan, mapped), *_sound(plan, mapped)]
    arguments += _subtitles(plan, [stream for stream in mapped if stream.kind == "subtitle"])
    if container is not MATROSKA:
        arguments += _kept_titles(mapped)
    if container.attachments:
        arguments += _attach(plan.attached, sum(s.kind == "attachment" for s in mapped))
    return [*arguments, *container.muxer, *output_arguments(target)]


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


def _picture(plan: MuxPlan, mapped: Sequence[MediaStream]) -> list[str]:
    """Return how pictures get in; covers are copied, whatever is done to the moving one."""
    arguments: list[str] = []
    pictures = [stream for stream in mapped if stream.kind == "video"]
    for number, stream in enumerate(pictures):
        if stream.is_cover:
            arguments += [f"-disposition:v:{number}", "attached_pic"]
        elif plan.encodes_picture:
            filters = [*_trim(plan.clip, "")]
            if plan.burnt_in and number == 0:
                filters.append(_burn(plan.burnt_in))
            arguments += [f"-c:v:{number}", *ENCODED_VIDEO]
            arguments += [f"-filter:v:{number}", ",".join(filters)] if filters else []
    return arguments


def _sound(plan: MuxPlan, mapped: Sequence[MediaStream]) -> list[str]:
    if plan.clip is not None:
        return ["-c:a", CLIP_AUDIO, "-af", ",".join(_trim(plan.clip, "a"))]
    arguments: list[str] = []
    for number, stream in enumerate(s for s in mapped if s.kind == "audio"):
        codec = plan.container.audio_codec(stream)
        arguments += [f"-c:a:{number}", codec] if codec != COPY else []
    return arguments


def _subtitles(plan: MuxPlan, own: Sequence[MediaStream]) -> list[str]:
    """Return how the film's own subtitles get in, and the new ones after them."""
    arguments: list[str] = []
    for number, stream in enumerate(own):
        arguments += [f"-c:s:{number}", plan.container.subtitle_codec(stream)]
        # Only one track can be switched on, and it is the one that was asked for.
        switched = any(track.is_default for track in plan.tracks)
        arguments += [f"-disposition:s:{number}", "-default"] if switched else []
    for number, track in enumerate(plan.tracks, len(own)):
        copied = track.path.suffix == ".ass" and "ass" in plan.container.kept_subtitles
        arguments += [f"-c:s:{number}", COPY if copied else plan.container.subtitle]
        arguments += [f"-disposition:s:{number}", track.disposition]
        arguments += [f"-metadata:s:s:{number}", f"language={_code(track, plan.container)}"]
        arguments += [f"-metadata:s:s:{number}", f"title={track.title}"]
        # MP4 knows no titles of tracks; players show the name of their handler.
        arguments += [f"-metadata:s:s:{number}", f"handler_name={track.title}"]
    return arguments


def _kept_titles(mapped: Sequence[MediaStream]) -> list[str]:
    """Return the titles of the film's own sounds and subtitles as MP4 has them."""
    arguments: list[str] = []
    for kind in ("audio", "subtitle"):
        for number, stream in enumerate(s for s in mapped if s.kind == kind):
            if stream.title:
                arguments += [f"-metadata:s:{kind[0]}:{number}", f"handler_name={stream.title}"]
    return arguments


def _code(track: SubtitleTrack, container: Container) -> str:
    """Return the ISO 639-2 code: Matroska wants the bibliographic one, MP4 the other."""
    return alpha3(track.language, bibliographic=container is MATROSKA)


def _burn(burnt_in: BurntIn) -> str:
    """Return the filter that draws subtitles.

    It is `ass`, not `subtitles`: that one sets letters side by side, which is wrong for Devanagari.
    """
    options = [f"filename={filter_value(str(burnt_in.path))}", "shaping=complex"]
    if burnt_in.fonts is not None:
        options.append(f"fontsdir={filter_value(str(burnt_in.fonts))}")
    return "ass=" + ":".join(options)


def _trim(clip: ClipRange | None, prefix: str) -> list[str]:
    """Return the filters that cut pictures ("") or sound ("a") to the clip."""
    if clip is None:
        return []
    skipped = min(clip.start, CLIP_RUN_UP)
    cut = f"{prefix}trim=start={skipped:.6f}:end={skipped + clip.end - clip.start:.6f}"
    return [cut, f"{prefix}setpts=PTS-{skipped:.6f}/TB"]


def _attach(files: Sequence[Attachment], before: int) -> list[str]:
    """Return the arguments that attach files after the attachments that the film has."""
    arguments: list[str] = []
    for number, one in enumerate(files, before):
        arguments += ["-attach", f"file:{one.path}"]
        arguments += [f"-metadata:s:t:{number}", f"mimetype={one.media_type}"]
        arguments += [f"-metadata:s:t:{number}", f"filename={one.path.name}"]
    return arguments
