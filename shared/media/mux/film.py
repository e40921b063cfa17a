#!/usr/bin/env python3
"""
Mux: the film with its subtitle tracks in one Matroska or MP4 file.

Every stream of the film is kept as it is where the container can hold it; subtitle tracks carry
language, name and what they are for. A clip is cut exact to the frame, which takes encoding its
picture and sound anew; burning subtitles in takes encoding the picture.

Usage:
    from shared.media.mux.film import mux_film
    from shared.media.mux.plan import MuxPlan

    mux_film(film, MuxPlan(media, tracks), target, timeout=600)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.languages import alpha3
from shared.media.clip import ClipRange, range_options
from shared.media.ffmpeg import (
    SUBTITLE_FORMATS,
    Option,
    file_output,
    filter_text,
    looking_ahead,
    media_input,
    run_ffmpeg,
)
from shared.media.mux.containers import COPY, COVER_TYPES, MATROSKA, Container
from shared.media.mux.plan import Attachment, BurntIn, MuxPlan, SubtitleTrack
from shared.media.probe import MediaInfo, MediaStream

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream, OutputStream

VIDEO_CODEC = "libx264"
VIDEO_QUALITY: dict[str, Option] = {"preset": "veryfast", "crf": 18}
CLIP_AUDIO = "flac"
# What is damaged is left out, and times that are missing are made up.
PASS_OVER: dict[str, Option] = {"err_detect": "ignore_err", "fflags": "+genpts+discardcorrupt"}
# A clip is decoded from this many seconds earlier: transport streams are not found by key frame.
CLIP_RUN_UP = 10.0

# What is said of streams and attached files, one option for each fact.
Facts = list[tuple[str, str]]


def take_cover(film: Path, stream: MediaStream, target: Path, timeout: float) -> Attachment:
    """Write a cover to a file of its own, as it is in the film.

    Args:
        film: The original.
        stream: One of cover_streams.
        target: The file to write.
        timeout: Longest run in seconds.

    Returns:
        The written picture, with the name and the type that it had.

    Raises:
        DependencyError: When ffmpeg fails.
    """
    picture = media_input(film)[str(stream.index)]
    whole: dict[str, Option] = {"frames:v": 1, "c": COPY, "format": "image2pipe"}
    run_ffmpeg(file_output([picture], target, whole), timeout)
    return Attachment(target, COVER_TYPES[stream.codec])


def mux_film(
    film: Path,
    plan: MuxPlan,
    target: Path,
    timeout: float,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Make the film.

    Args:
        film: The original.
        plan: What goes in.
        target: The file to write.
        timeout: Longest run in seconds.
        progress: Called with the seconds written.

    Raises:
        DependencyError: When ffmpeg fails or takes too long.
    """
    output, facts = describe_film(film, plan, target)
    run_ffmpeg(output, timeout, progress, facts)


def describe_film(film: Path, plan: MuxPlan, target: Path) -> tuple[OutputStream, Facts]:
    """Return the output that is the film, and what is said of its streams and attached files.

    Args:
        film: The original.
        plan: What goes in.
        target: The file to write.
    """
    clip, container = plan.clip, plan.container
    source = media_input(film, **reading_options(plan))
    texts = [
        media_input(track.path, SUBTITLE_FORMATS, format=track.path.suffix.lstrip("."))
        for track in plan.tracks
    ]
    kept = plan.streams[0]
    # Matroska keeps a cover as an attachment; as a stream it would be a second picture track.
    mapped = [s for s in kept if not (s.is_cover and container.attachments)]
    mapped.sort(key=lambda stream: stream.is_cover)
    own = [stream for stream in mapped if stream.kind == "subtitle"]
    options: dict[str, Option] = {"map_metadata": 0, "map_chapters": 0 if clip is None else -1}
    options |= {"c": COPY, **_picture(plan, mapped, source), **_sound(plan, mapped, source)}
    options |= {**_subtitles(plan, own), **container.muxer}
    facts = _track_facts(plan, len(own))
    if container is not MATROSKA:
        facts += _kept_titles(mapped)
    if container.attachments:
        facts += _attach(plan.attached, sum(s.kind == "attachment" for s in mapped))
    streams = [*(source[str(one.index)] for one in mapped), *(text["0"] for text in texts)]
    return file_output(streams, target, options), facts


def reading_options(plan: MuxPlan) -> dict[str, Option]:
    """Return the options with which the film is opened.

    Args:
        plan: What goes in.
    """
    part = range_options(plan.clip, CLIP_RUN_UP)
    ahead = looking_ahead(plan.media.look_ahead)
    repair = {} if plan.repair == "none" else PASS_OVER
    return {**part, **ahead, **_missing_times(plan.media, plan.clip), **repair}


def _missing_times(media: MediaInfo, clip: ClipRange | None) -> dict[str, str]:
    """Return the options that make up the frame times which AVI and programme streams leave out."""
    codecs = {stream.codec for stream in media.video_streams}
    leaves_out = media.container == "mpeg" or (media.container == "avi" and codecs != {"h264"})
    return {"fflags": "+genpts"} if clip is None and leaves_out else {}


def _picture(
    plan: MuxPlan, mapped: Sequence[MediaStream], source: FilterableStream
) -> dict[str, Option]:
    """Return how pictures get in; covers are copied, whatever is done to the moving one."""
    options: dict[str, Option] = {}
    pictures = [stream for stream in mapped if stream.kind == "video"]
    for number, stream in enumerate(pictures):
        if stream.is_cover:
            options[f"disposition:v:{number}"] = "attached_pic"
        elif plan.encodes_picture:
            picture = _even(_cut(source[str(stream.index)], plan.clip, ""), stream)
            if plan.burnt_in and number == 0:
                picture = drawn_into(picture, plan.burnt_in)
            options |= {f"c:v:{number}": VIDEO_CODEC, **VIDEO_QUALITY}
            options |= _filters(f"filter:v:{number}", picture)
    return options


def _sound(
    plan: MuxPlan, mapped: Sequence[MediaStream], source: FilterableStream
) -> dict[str, Option]:
    if plan.clip is not None:
        return {"c:a": CLIP_AUDIO, **_filters("af", _cut(source["a"], plan.clip, "a"))}
    codecs = [plan.audio_codec(s) for s in mapped if s.kind == "audio"]
    options: dict[str, Option] = {"copypriorss:a": 0} if plan.hides_sound else {}
    return options | {f"c:a:{n}": codec for n, codec in enumerate(codecs) if codec != COPY}


def _subtitles(plan: MuxPlan, own: Sequence[MediaStream]) -> dict[str, Option]:
    """Return how the film's own subtitles get in, and the new ones after them."""
    options: dict[str, Option] = {}
    # Only one track can be switched on, and it is the one that was asked for.
    switched = any(track.is_default for track in plan.tracks)
    for number, stream in enumerate(own):
        options[f"c:s:{number}"] = plan.container.subtitle_codec(stream)
        if switched:
            options[f"disposition:s:{number}"] = "-default"
    for number, track in enumerate(plan.tracks, len(own)):
        copied = track.path.suffix == ".ass" and "ass" in plan.container.kept_subtitles
        options[f"c:s:{number}"] = COPY if copied else plan.container.subtitle
        options[f"disposition:s:{number}"] = track.disposition
    return options


def _track_facts(plan: MuxPlan, before: int) -> Facts:
    """Return language and name of the new subtitles, which follow those that the film has."""
    facts: Facts = []
    for number, track in enumerate(plan.tracks, before):
        facts += [
            (f"-metadata:s:s:{number}", f"language={_code(track, plan.container)}"),
            (f"-metadata:s:s:{number}", f"title={track.title}"),
            # MP4 knows no titles of tracks; players show the name of their handler.
            (f"-metadata:s:s:{number}", f"handler_name={track.title}"),
        ]
    return facts


def _kept_titles(mapped: Sequence[MediaStream]) -> Facts:
    """Return the titles of the film's own sounds and subtitles as MP4 has them."""
    return [
        (f"-metadata:s:{kind[0]}:{number}", f"handler_name={stream.title}")
        for kind in ("audio", "subtitle")
        for number, stream in enumerate(s for s in mapped if s.kind == kind)
        if stream.title
    ]


def _attach(files: Sequence[Attachment], before: int) -> Facts:
    """Return the files to attach after the attachments that the film has."""
    facts: Facts = []
    for number, one in enumerate(files, before):
        facts += [
            ("-attach", f"file:{one.path}"),
            (f"-metadata:s:t:{number}", f"mimetype={one.media_type}"),
            (f"-metadata:s:t:{number}", f"filename={one.path.name}"),
        ]
    return facts


def _code(track: SubtitleTrack, container: Container) -> str:
    """Return the ISO 639-2 code: Matroska wants the bibliographic one, MP4 the other."""
    return alpha3(track.language, bibliographic=container is MATROSKA)


def drawn_into(picture: FilterableStream, burnt_in: BurntIn) -> FilterableStream:
    """Return the picture with subtitles drawn into it.

    It is `ass`, not `subtitles`: that one sets letters side by side, which is wrong for Devanagari.

    Args:
        picture: The film's.
        burnt_in: What is drawn, with its fonts.
    """
    wanted: dict[str, str | Path] = {} if burnt_in.fonts is None else {"fontsdir": burnt_in.fonts}
    if burnt_in.shown is not None:
        wanted["original_size"] = "{}x{}".format(*burnt_in.shown)
    return picture.filter("ass", filename=burnt_in.path, shaping="complex", **wanted)


def _even(picture: FilterableStream, stream: MediaStream) -> FilterableStream:
    """Return a picture of even width and height: H.264 holds no other with its usual colours."""
    if not (stream.width % 2 or stream.height % 2):
        return picture
    return picture.filter("pad", width="ceil(iw/2)*2", height="ceil(ih/2)*2")


def _cut(stream: FilterableStream, clip: ClipRange | None, prefix: str) -> FilterableStream:
    """Return pictures ("") or sound ("a") cut to the clip."""
    if clip is None:
        return stream
    skipped = min(clip.start, CLIP_RUN_UP)
    end = skipped + clip.end - clip.start
    cut = stream.filter(f"{prefix}trim", start=f"{skipped:.6f}", end=f"{end:.6f}")
    return cut.filter(f"{prefix}setpts", expr=f"PTS-{skipped:.6f}/TB")


def _filters(option: str, stream: FilterableStream) -> dict[str, Option]:
    """Return a stream's filters as an option of the output, nothing for one without filters."""
    from ffmpeg.nodes import InputNode

    return {} if isinstance(stream.node, InputNode) else {option: filter_text(stream)}
