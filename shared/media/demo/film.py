#!/usr/bin/env python3
"""
DemoFilm: the short film that shows the whole pipeline at work on any machine.

A minute of moving pictures with hard cuts, German and English dialogue, music, speech over music
and silence, all made here: pictures and music by ffmpeg's own sources, speech from the committed
Opus files of tests/fixtures/speech. What is said when, and where the cuts are, is returned, so
that subtitles can be checked against it.

Usage:
    from shared.media.demo.film import make_demo_film

    film = make_demo_film(Path("in/Harbour Lights (2026).mkv"), speech_dir)
    first = film.lines[0].start
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import DependencyError, InputError
from shared.media.demo.graph import describe_film
from shared.media.demo.scenery import FRAME_RATE, divide_into_shots
from shared.media.demo.script import CHAPTERS, SCRIPT, TITLE, DemoLine, Span, Timeline, same_music
from shared.media.ffmpeg import file_output, media_input, pipe_output, read_ffmpeg

# Pictures, sound and script may differ by this many seconds: one Opus packet and one frame.
LENGTH_TOLERANCE = 0.1
SHORTEST_SILENCE = 1.0
RENDER_SECONDS = 900.0


@dataclass(frozen=True)
class DemoFilm:
    """The finished film and the truth about it; all times in seconds.

    Attributes:
        path: The film.
        duration: Length as measured on the finished file.
        lines: What is said, in order.
        cuts: The first instant of every shot but the first.
        music: Where music plays, loud or soft.
        silences: Where there is neither speech nor music, for a second or more.
    """

    path: Path
    duration: float
    lines: tuple[DemoLine, ...]
    cuts: tuple[float, ...]
    music: tuple[Span, ...]
    silences: tuple[Span, ...]


def make_demo_film(target: Path, speech_dir: Path) -> DemoFilm:
    """Make the demo film; the target appears only when it is whole.

    Args:
        target: The film to write, an .mkv; its folder must exist.
        speech_dir: Folder with `lines.json` and one `<id>.opus` for each line of the script.

    Returns:
        What the film holds and when, measured where it can be measured.

    Raises:
        InputError: A file of speech is missing.
        UnavailableError: ffmpeg is not installed.
        DependencyError: It failed, or wrote a film of another length than the script's.
    """
    spoken = read_lines(speech_dir)
    with tempfile.TemporaryDirectory(prefix=".demo-film-", dir=target.parent) as folder:
        work = Path(folder)
        seconds = {name: measure_sound(speech_dir / f"{name}.opus", work) for name in spoken}
        timeline = plan(spoken, seconds)
        unfinished = work / "film.mkv"
        chapters = write_chapters(timeline, work)
        read_ffmpeg(describe_film(timeline, speech_dir, chapters, unfinished), RENDER_SECONDS)
        duration = check_length(unfinished, timeline.duration, work)
        os.replace(unfinished, target)
    music = tuple(span for _, span in same_music(timeline))
    return DemoFilm(
        path=target,
        duration=duration,
        lines=timeline.lines,
        cuts=timeline.cuts,
        music=music,
        silences=find_silences(timeline, music),
    )


def read_lines(speech_dir: Path) -> dict[str, dict[str, str]]:
    """Return the lines that the script speaks, by identifier.

    Args:
        speech_dir: Folder with `lines.json` and an Opus file for each line.

    Raises:
        InputError: `lines.json`, one of its lines, or a file of speech is missing.
    """
    hint = "Make them with: python3 tools/make_speech_fixtures.py"
    index = speech_dir / "lines.json"
    if not index.is_file():
        raise InputError(f"No lines of speech: {index} is missing", hint=hint)
    known = {item["id"]: item for item in json.loads(index.read_text(encoding="utf-8"))}
    wanted = [beat.line for beat in SCRIPT if beat.line]
    for name in wanted:
        if name not in known or not (speech_dir / f"{name}.opus").is_file():
            raise InputError(f"The spoken line {name} is missing in {speech_dir}", hint=hint)
    return {name: known[name] for name in wanted}


def measure_sound(source: Path, work: Path) -> float:
    """Return the length of a file's sound in seconds, counted in decoded samples.

    Args:
        source: Any file that ffmpeg can decode.
        work: Folder for the decoded samples.
    """
    decoded = work / "decoded.wav"
    sound = media_input(source)["a:0"]
    read_ffmpeg(file_output([sound], decoded, {"ac": 1}), RENDER_SECONDS)
    with wave.open(str(decoded), "rb") as stream:
        return stream.getnframes() / stream.getframerate()


def plan(spoken: dict[str, dict[str, str]], seconds: dict[str, float]) -> Timeline:
    """Give every beat of the script its time and divide the film into shots.

    Args:
        spoken: The entries of `lines.json` by identifier.
        seconds: The length of each line by identifier.

    Returns:
        When everything in the film happens.
    """
    beats, lines, now = [], [], 0.0
    for beat in SCRIPT:
        end = now + beat.pause
        if beat.line:
            entry, end = spoken[beat.line], end + seconds[beat.line]
            said = {key: entry[key] for key in ("id", "text", "language", "translation_en")}
            lines.append(DemoLine(now, now + seconds[beat.line], **said))
        beats.append((beat, Span(now, end)))
        now = end
    frames = math.ceil(now * FRAME_RATE)
    return Timeline(frames / FRAME_RATE, tuple(lines), tuple(beats), divide_into_shots(frames))


def write_chapters(timeline: Timeline, work: Path) -> Path:
    """Write title and chapters in ffmpeg's metadata format and return the file.

    Args:
        timeline: When everything in the film happens, seconds.
        work: Folder that gets the file.
    """
    starts = [round(timeline.beats[beat][1].start * 1000) for _, beat in CHAPTERS]
    ends = [*starts[1:], round(timeline.duration * 1000)]
    rows = [";FFMETADATA1", f"title={TITLE}"]
    for (name, _), start, end in zip(CHAPTERS, starts, ends, strict=True):
        rows += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={name}"]
    path = work / "chapters.txt"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def check_length(film: Path, expected: float, work: Path) -> float:
    """Return the length of the finished film in seconds, after reading it from end to end.

    Args:
        film: The finished film.
        expected: Length that it must have, seconds.
        work: Folder for the decoded samples.

    Raises:
        DependencyError: Picture or sound is shorter or longer than the script.
    """
    packets = pipe_output([media_input(film)["v:0"]], "framecrc", {"c": "copy"})
    rows = read_ffmpeg(packets, RENDER_SECONDS).decode("ascii").splitlines()
    picture = sum(not row.startswith("#") for row in rows) / FRAME_RATE
    sound = measure_sound(film, work)
    if max(abs(picture - expected), abs(sound - expected)) > LENGTH_TOLERANCE:
        raise DependencyError(
            f"ffmpeg wrote {picture:.2f} s of picture and {sound:.2f} s of sound, not "
            f"{expected:.2f} s",
            hint="Check the free disk space with: df -h",
        )
    return max(picture, sound)


def find_silences(timeline: Timeline, music: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the stretches of at least a second without speech and without music.

    Args:
        timeline: When everything in the film happens, seconds.
        music: The stretches with music, in order of time.
    """
    silences, quiet_since = [], 0.0
    end_of_film = Span(timeline.duration, timeline.duration)
    for sound in sorted((*timeline.lines, *music, end_of_film), key=lambda span: span.start):
        if sound.start - quiet_since >= SHORTEST_SILENCE:
            silences.append(Span(quiet_since, sound.start))
        quiet_since = max(quiet_since, sound.end)
    return tuple(silences)
