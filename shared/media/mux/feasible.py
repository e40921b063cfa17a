#!/usr/bin/env python3
"""
Feasible: what a container and ffmpeg can make of a plan, asked before the first stage and followed
by the last: streams that cannot be copied are encoded, and what changes is told.

Usage:
    from shared.media.mux.feasible import as_it_can_be, what_changes

    plan = as_it_can_be(film, MuxPlan(media, []))
    what_changes(plan)      # ['Sound stream 1 becomes flac: was pcm_bluray']
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from shared.core.errors import DependencyError, InputError
from shared.media.ffmpeg import (
    file_output,
    media_input,
    run_ffmpeg,
    run_ffprobe,
)
from shared.media.mux.containers import COPY
from shared.media.mux.film import reading_options
from shared.media.mux.plan import MuxPlan
from shared.media.probe import MediaStream

NOWHERE = Path("/dev/null")
TRIAL_SECONDS = 2.0
TRIAL_TIMEOUT = 120.0
EDITED = "mov"
CODEC_DELAY = 0.15
NUMBER = re.compile(r"-?\d+(\.\d+)?")
# Every muxer of the container takes these; others are tried.
SURE = frozenset(
    "aac ac3 dts eac3 flac mp2 mp3 opus pcm_s16le pcm_s24le truehd vorbis "
    "av1 h264 hevc mpeg2video mpeg4 vp8 vp9".split()
)


def as_it_can_be(film: Path, plan: MuxPlan) -> MuxPlan:
    """Return a plan with what must be encoded instead of copied.

    Args:
        film: The original.
        plan: What is to go in.
    """
    frames, sound = _hidden(film, plan)
    hidden = replace(plan, hides_frames=frames, hides_sound=sound)
    return replace(hidden, uncopied=_uncopied(film, hidden))


def what_changes(plan: MuxPlan) -> list[str]:
    """Return a line for each stream that is left out or not as it was.

    Args:
        plan: Of as_it_can_be.

    Raises:
        InputError: The container cannot hold the picture, or there is none to draw into.
    """
    kept, left = plan.streams
    for stream in left:
        if stream.kind == "video" and not stream.is_cover:
            raise InputError(
                f"MP4 does not hold {stream.codec} pictures", hint="--set OUTPUT_CONTAINER=mkv"
            )
    if plan.burnt_in is not None and not plan.media.video_streams:
        raise InputError("BURN_IN: the film has no picture to draw into", hint="Leave it out")
    lines = [f"Left out: {one.kind} stream {one.index} ({one.codec})" for one in left]
    if plan.clip is None:
        sounds = [(one, plan.audio_codec(one)) for one in kept if one.kind == "audio"]
        lines += [
            f"Sound stream {one.index} becomes {codec}: was {one.codec}"
            for one, codec in sounds
            if codec != COPY
        ]
    return lines + _picture_changes(plan)


def _first_packet(film: Path, stream: MediaStream) -> str:
    """Return flags and time of a stream's first packet, "" where there is none."""
    asked = ["-select_streams", str(stream.index), "-read_intervals", "%+#1"]
    asked += ["-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"]
    try:
        return run_ffprobe(film, asked, TRIAL_TIMEOUT).strip()
    except DependencyError:
        return ""


def _hidden(film: Path, plan: MuxPlan) -> tuple[bool, bool]:
    """Return whether an edit list leaves out pictures, and sound, before the film's start."""
    if EDITED not in plan.media.container.split(",") or plan.clip is not None:
        return False, False
    pictures = [_first_packet(film, one) for one in plan.media.video_streams[:1]]
    sounds = [_first_packet(film, one).split(",")[0] for one in plan.media.audio_streams]
    # What a codec itself takes to begin is left to it.
    early = [float(time) < -CODEC_DELAY for time in sounds if NUMBER.fullmatch(time)]
    return any("D" in packet for packet in pictures), any(early)


def _picture_changes(plan: MuxPlan) -> list[str]:
    lines = []
    if plan.hides_frames:
        lines.append("The picture is encoded anew: the film begins between two of its key frames")
    for one in plan.media.video_streams:
        if one.index in plan.uncopied:
            suffix = plan.container.suffix[1:]
            lines.append(f"The picture is encoded anew: {suffix} does not take {one.codec}")
        if plan.encodes_picture and (one.width % 2 or one.height % 2):
            size = f"{one.width}x{one.height}"
            lines.append(f"The picture of {size} gets a black line of one pixel: H.264 wants even")
    return lines


def _uncopied(film: Path, plan: MuxPlan) -> frozenset[int]:
    """Return the streams that go in and whose packets the muxer refuses."""
    kept, _ = plan.streams
    if plan.clip is not None:
        return frozenset()
    copied = ("audio",) if plan.encodes_picture else ("audio", "video")
    tried = [
        stream
        for stream in kept
        if stream.kind in copied and not stream.is_cover and stream.codec not in SURE
    ]
    refused = [one for one in tried if not _takes(film, one, plan)]
    return frozenset(stream.index for stream in refused)


def _takes(film: Path, stream: MediaStream, plan: MuxPlan) -> bool:
    source = media_input(film, **reading_options(plan), t=TRIAL_SECONDS)
    # What is moved to the front at the end is read again.
    muxer = {name: value for name, value in plan.container.muxer.items() if name != "movflags"}
    output = file_output([source[str(stream.index)]], NOWHERE, {"c": COPY, **muxer})
    try:
        run_ffmpeg(output, TRIAL_TIMEOUT)
    except DependencyError:
        return False
    return True
