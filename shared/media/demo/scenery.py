#!/usr/bin/env python3
"""
DemoScenery: the pictures and the music of the demo film, as graphs of ffmpeg's own sources.

Nothing here is recorded: the pictures are drawn and the music is struck by ffmpeg, the same on
every machine.

Usage:
    from shared.media.demo.scenery import music, picture

    stream = picture(shot=3, frames=96)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream

FRAME_RATE = 24
SAMPLE_RATE = 48000
WIDTH, HEIGHT = 640, 360

# Four chords of three notes (Hz), 1.5 s each, struck and dying away: A minor, F, C, G.
CHORD_SECONDS = 1.5
CHORDS = (
    (220.0, 261.63, 329.63),
    (174.61, 220.0, 261.63),
    (261.63, 329.63, 392.0),
    (196.0, 246.94, 293.66),
)
SHOT_LENGTHS = (3.0, 4.5, 4.5, 3.5, 4.0, 2.5, 5.0, 3.0)
SHORTEST_SHOT = 1.5
MUSIC_SAMPLE_RATE = 24000
MUSIC_GAIN = 0.16
FADE_SECONDS = 0.4


def divide_into_shots(frames: int) -> tuple[int, ...]:
    """Return the lengths of the shots in frames; their sum is the given number of frames.

    Args:
        frames: Length of the film in frames, above 0.
    """
    shots: list[int] = []
    while frames > 0:
        length = round(SHOT_LENGTHS[len(shots) % len(SHOT_LENGTHS)] * FRAME_RATE)
        if frames - length < SHORTEST_SHOT * FRAME_RATE:
            length = frames
        shots.append(length)
        frames -= length
    return tuple(shots)


def picture(shot: int, frames: int) -> FilterableStream:
    """Return the pictures of one shot.

    Args:
        shot: Number of the shot from 0; shots go through all pictures in turn, and a picture that
            comes again has turned its colours.
        frames: Length of the shot in frames.
    """
    turn, number = divmod(shot, len(PICTURES))
    turned = PICTURES[number]().filter("hue", h=25 * turn)
    cut = turned.filter("trim", end_frame=frames).filter("setpts", expr="PTS-STARTPTS")
    return cut.filter("setsar", sar=1).filter("format", pix_fmts="yuv420p")


def music(stretches: list[tuple[float, float, float]], duration: float) -> FilterableStream:
    """Return the music: stereo, silent outside the stretches.

    Args:
        stretches: Start and end in seconds and loudness from 0 to 1 of each stretch.
        duration: Length of the whole in seconds.
    """
    from shared.media.sources import source

    period = CHORD_SECONDS * len(CHORDS)
    notes = "+".join(_note(voice) for voice in range(len(CHORDS[0])))
    struck = f"st(0,floor(t/{CHORD_SECONDS}));st(1,mod(t,{CHORD_SECONDS}));"
    envelope = "min(1,ld(1)/0.03)*exp(-1.6*ld(1))"
    # The chord has died away by a factor of ten when the next is struck: the rest is faded.
    release = f"min(1,({CHORD_SECONDS}-ld(1))/0.1)"
    chords = source(
        "aevalsrc",
        exprs=f"{struck}{MUSIC_GAIN}*{envelope}*{release}*({notes})",
        sample_rate=MUSIC_SAMPLE_RATE,
        duration=period,
    )
    loudness = "+".join(_swell(*stretch) for stretch in stretches) or "0"
    return (
        chords.filter("aloop", loop=-1, size=math.floor(period * MUSIC_SAMPLE_RATE))
        .filter("aresample", sample_rate=SAMPLE_RATE)
        .filter("atrim", end=duration)
        .filter("volume", volume=loudness, eval="frame")
        .filter("pan", args="stereo|c0=c0|c1=c0")
    )


# Pictures of 640x360 at 24 fps. Neighbours differ in brightness and colour, also where the last
# meets the first, so that every change from one to the next is a shot change.


def _night() -> FilterableStream:
    """A moon and a buoy over a dark sea."""
    sea = _sea("34+12*sin(X/7+T*2)*sin(Y/4-T*3)+Y/6", cb=150, cr=116)
    moon = _show(sea, "0xffe9a8", "36x36", x="60+50*t", y="60-4*t")
    return _show(moon, "0xd02020", "18x18", x="520-30*t", y="240+25*sin(2*t)")


def _dawn() -> FilterableStream:
    """A sailing boat on a bright sea."""
    sea = _sea("175+22*sin(X/11-T*2)*sin(Y/5+T)-Y/4", cb=96, cr=158)
    hull = _show(sea, "0x301010", "150x40", x="40+45*t", y="230+8*sin(3*t)")
    return _show(hull, "0xf8f8f0", "46x96", x="90+45*t", y="134+8*sin(3*t)")


def _depth() -> FilterableStream:
    """A fractal that comes nearer."""
    from shared.media.sources import source

    near = source(
        "mandelbrot", size="320x180", rate=24, start_scale=0.6, end_scale=0.05, end_pts=400
    )
    return _fill(near.filter("eq", brightness=-0.1))


def _test_card() -> FilterableStream:
    """ffmpeg's own test card."""
    from shared.media.sources import source

    return source("testsrc2", size=f"{WIDTH}x{HEIGHT}", rate=FRAME_RATE)


def _cells() -> FilterableStream:
    """Conway's cells."""
    from shared.media.sources import source

    colours = {"life_color": "0x2c6a60", "death_color": "0x1c4048", "mold_color": "0x0c2028"}
    cells = source("life", size="80x45", rate=8, ratio=0.3, seed=7, mold=30, **colours)
    return _fill(cells.filter("fps", fps=FRAME_RATE), flags="neighbor")


def _sky() -> FilterableStream:
    """Warm colours that turn."""
    from shared.media.sources import source

    colours = {"c0": "0xf7d774", "c1": "0xe06030", "n": 2}
    return _fill(source("gradients", size="320x180", rate=24, seed=3, speed=0.02, **colours))


PICTURES: tuple[Callable[[], FilterableStream], ...] = (
    _night,
    _dawn,
    _depth,
    _test_card,
    _cells,
    _sky,
)


def _sea(lum: str, cb: int, cr: int) -> FilterableStream:
    """Return waves: the brightness of a point over place and time, and one colour."""
    from shared.media.sources import source

    water = source("nullsrc", size="160x90", rate=FRAME_RATE)
    return _fill(water.filter("geq", lum=lum, cb=cb, cr=cr))


def _show(below: FilterableStream, colour: str, size: str, x: str, y: str) -> FilterableStream:
    """Return a picture with a lamp on it that moves."""
    import ffmpeg

    from shared.media.sources import source

    lamp = source("color", color=colour, size=size, rate=FRAME_RATE)
    return ffmpeg.filter([below, lamp], "overlay", x=x, y=y)


def _fill(small: FilterableStream, flags: str = "bicubic") -> FilterableStream:
    return small.filter("scale", width=WIDTH, height=HEIGHT, flags=flags)


def _note(voice: int) -> str:
    """Return the expression of one voice: its note in each chord, with two overtones."""
    pitches = "+".join(f"{chord[voice]}*eq(ld(0),{step})" for step, chord in enumerate(CHORDS))
    turn = f"2*PI*({pitches})*t"
    return f"sin({turn})+0.4*sin(2*{turn})+0.2*sin(3*{turn})"


def _swell(start: float, end: float, loudness: float) -> str:
    """Return the expression of one stretch's loudness over time, faded at both ends."""
    rise = f"clip((t-{start:.3f})/{FADE_SECONDS},0,1)"
    return f"{loudness}*{rise}*clip(({end:.3f}-t)/{FADE_SECONDS},0,1)"
