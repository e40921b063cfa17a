#!/usr/bin/env python3
"""
DemoScenery: the pictures and the music of the demo film, as graphs for ffmpeg's lavfi.

Nothing here is recorded: the pictures are drawn and the music is struck by ffmpeg's own sources,
the same on every machine.

Usage:
    from shared.media.demo_scenery import music_graph, picture_graph

    graph = picture_graph(shot=3, frames=96)
"""

from __future__ import annotations

import math

FRAME_RATE = 24
SAMPLE_RATE = 48000

# Pictures: lavfi graphs of 640x360 at 24 fps. Neighbours differ in brightness and colour, also
# where the last meets the first, so that every change from one to the next is a shot change.
SEA = "nullsrc=s=160x90:r=24,geq=lum='{lum}':cb={cb}:cr={cr},scale=640:360:flags=bicubic"
LAMP = "color=c={colour}:s={size}:r=24[lamp{n}];[{below}][lamp{n}]overlay=x='{x}':y='{y}'"
NIGHT = SEA.format(lum="34+12*sin(X/7+T*2)*sin(Y/4-T*3)+Y/6", cb=150, cr=116)
DAWN = SEA.format(lum="175+22*sin(X/11-T*2)*sin(Y/5+T)-Y/4", cb=96, cr=158)
MOON = LAMP.format(colour="0xffe9a8", size="36x36", n=0, below="sea", x="60+50*t", y="60-4*t")
BUOY = LAMP.format(
    colour="0xd02020", size="18x18", n=1, below="moon", x="520-30*t", y="240+25*sin(2*t)"
)
HULL = LAMP.format(
    colour="0x301010", size="150x40", n=0, below="sea", x="40+45*t", y="230+8*sin(3*t)"
)
SAIL = LAMP.format(
    colour="0xf8f8f0", size="46x96", n=1, below="hull", x="90+45*t", y="134+8*sin(3*t)"
)
PICTURES = (
    f"{NIGHT}[sea];{MOON}[moon];{BUOY}",
    f"{DAWN}[sea];{HULL}[hull];{SAIL}",
    "mandelbrot=s=320x180:r=24:start_scale=0.6:end_scale=0.05:end_pts=400,eq=brightness=-0.1,"
    "scale=640:360:flags=bicubic",
    "testsrc2=s=640x360:r=24",
    "life=s=80x45:r=8:ratio=0.3:seed=7:mold=30:life_color=0x2c6a60:death_color=0x1c4048"
    ":mold_color=0x0c2028,"
    "fps=24,scale=640:360:flags=neighbor",
    "gradients=s=320x180:r=24:c0=0xf7d774:c1=0xe06030:n=2:seed=3:speed=0.02,"
    "scale=640:360:flags=bicubic",
)

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


def picture_graph(shot: int, frames: int) -> str:
    """Return the lavfi graph of one shot.

    Args:
        shot: Number of the shot from 0; shots go through all pictures in turn, and a picture that
            comes again has turned its colours.
        frames: Length of the shot in frames.
    """
    turn, picture = divmod(shot, len(PICTURES))
    trim = f"trim=end_frame={frames},setpts=PTS-STARTPTS"
    return f"{PICTURES[picture]},hue=h={25 * turn},{trim},setsar=1,format=yuv420p"


def music_graph(stretches: list[tuple[float, float, float]], duration: float) -> str:
    """Return the lavfi graph of the music: stereo, silent outside the stretches.

    Args:
        stretches: Start and end in seconds and loudness from 0 to 1 of each stretch.
        duration: Length of the whole in seconds.
    """
    period = CHORD_SECONDS * len(CHORDS)
    notes = "+".join(_note(voice) for voice in range(len(CHORDS[0])))
    struck = f"st(0,floor(t/{CHORD_SECONDS}));st(1,mod(t,{CHORD_SECONDS}));"
    envelope = "min(1,ld(1)/0.03)*exp(-1.6*ld(1))"
    # The chord has died away by a factor of ten when the next is struck: the rest is faded.
    release = f"min(1,({CHORD_SECONDS}-ld(1))/0.1)"
    source = (
        f"aevalsrc='{struck}{MUSIC_GAIN}*{envelope}*{release}*({notes})'"
        f":s={MUSIC_SAMPLE_RATE}:d={period}"
    )
    loudness = "+".join(_swell(*stretch) for stretch in stretches) or "0"
    return (
        f"{source},aloop=loop=-1:size={math.floor(period * MUSIC_SAMPLE_RATE)},"
        f"aresample={SAMPLE_RATE},atrim=end={duration},volume='{loudness}':eval=frame,"
        "pan=stereo|c0=c0|c1=c0"
    )


def _note(voice: int) -> str:
    """Return the expression of one voice: its note in each chord, with two overtones."""
    pitches = "+".join(f"{chord[voice]}*eq(ld(0),{step})" for step, chord in enumerate(CHORDS))
    turn = f"2*PI*({pitches})*t"
    return f"sin({turn})+0.4*sin(2*{turn})+0.2*sin(3*{turn})"


def _swell(start: float, end: float, loudness: float) -> str:
    """Return the expression of one stretch's loudness over time, faded at both ends."""
    rise = f"clip((t-{start:.3f})/{FADE_SECONDS},0,1)"
    return f"{loudness}*{rise}*clip(({end:.3f}-t)/{FADE_SECONDS},0,1)"
