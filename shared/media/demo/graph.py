#!/usr/bin/env python3
"""
DemoGraph: the one graph that renders the demo film: voices in their places over music, shots in a
row.

Usage:
    from shared.media.demo.graph import describe_film

    read_ffmpeg(describe_film(timeline, speech_dir, chapters, target), timeout=900)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shared.media.demo.scenery import FRAME_RATE, SAMPLE_RATE, music, picture
from shared.media.demo.script import MAIN_LANGUAGE, DemoLine, Timeline, same_music
from shared.media.ffmpeg import FACTS_FORMAT, Options, file_output, media_input

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream, OutputStream

# Two encoder threads and bitexact: the number of cores does not change the file.
ENCODING: Options = {
    **{"map_metadata": 0, "map_chapters": 0, "metadata:s:a:0": f"language={MAIN_LANGUAGE}"},
    **{"c:v": "libx264", "preset": "ultrafast", "crf": 27, "threads:v": 2},
    **{"c:a": "libopus", "b:a": "96k", "format": "matroska"},
    **{"flags:v": "+bitexact", "flags:a": "+bitexact", "fflags": "+bitexact"},
}
# The file of title and chapters has no streams; an optional map of none of them makes it input 0.
NO_STREAMS = "?"


def describe_film(
    timeline: Timeline, speech_dir: Path, chapters: Path, target: Path
) -> OutputStream:
    """Return the output that is the film.

    Args:
        timeline: What is said, played and shown, and when.
        speech_dir: Folder with one `<id>.opus` for each line.
        chapters: Title and chapters in ffmpeg's metadata format.
        target: The film to write.
    """
    facts = media_input(chapters, FACTS_FORMAT, format=FACTS_FORMAT)
    streams = [facts[NO_STREAMS], _shots(timeline), _sound(timeline, speech_dir)]
    return file_output(streams, target, ENCODING)


def _shots(timeline: Timeline) -> FilterableStream:
    """Return the pictures: one shot after the other."""
    import ffmpeg

    shots = [picture(shot, frames) for shot, frames in enumerate(timeline.shots)]
    return ffmpeg.concat(*shots, v=1, a=0).filter("fps", fps=FRAME_RATE)


def _sound(timeline: Timeline, speech_dir: Path) -> FilterableStream:
    """Return the voices over the music."""
    import ffmpeg

    voices = [_voice(line, speech_dir) for line in timeline.lines]
    stretches = [(span.start, span.end, beat.music) for beat, span in same_music(timeline)]
    mixed = ffmpeg.filter(
        [*voices, music(stretches, timeline.duration)],
        "amix",
        inputs=len(voices) + 1,
        normalize=0,
        duration="longest",
    )
    return mixed.filter("apad").filter("atrim", end=timeline.duration)


def _voice(line: DemoLine, speech_dir: Path) -> FilterableStream:
    """Return one line, stereo, at its place in the film."""
    voice = media_input(speech_dir / f"{line.id}.opus")["a"]
    stereo = voice.filter("aresample", sample_rate=SAMPLE_RATE).filter(
        "pan", args="stereo|c0=c0|c1=c0"
    )
    return stereo.filter("adelay", delays=f"{round(line.start * SAMPLE_RATE)}S", all=1)
