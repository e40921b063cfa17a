#!/usr/bin/env python3
"""
DemoFilm: the short film that shows the whole pipeline at work on any machine.

A minute of moving pictures with hard cuts, German and English dialogue, music, speech over music
and silence, all made here: pictures and music by ffmpeg's own sources, speech from the committed
Opus files of tests/fixtures/speech. What is said when, and where the cuts are, is returned, so
that subtitles can be checked against it.

Usage:
    from shared.media.demo_film import make_demo_film

    film = make_demo_film(Path("in/Harbour Lights (2026).mkv"), speech_dir, run_ffmpeg)
    first = film.lines[0].start
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import DependencyError, InputError
from shared.media.demo_scenery import (
    FRAME_RATE,
    SAMPLE_RATE,
    divide_into_shots,
    music_graph,
    picture_graph,
)

TITLE = "Harbour Lights"
MAIN_LANGUAGE = "deu"
# Pictures, sound and script may differ by this many seconds: one Opus packet and one frame.
LENGTH_TOLERANCE = 0.1
SHORTEST_SILENCE = 1.0
FFMPEG = ("ffmpeg", "-nostdin", "-v", "error", "-y")
COUNT_PACKETS = ("-map", "0:v:0", "-c", "copy", "-f", "framecrc")
# Two encoder threads and bitexact: the number of cores does not change the file.
ENCODING = (
    *("-map_metadata", "0", "-map_chapters", "0", "-metadata:s:a:0", f"language={MAIN_LANGUAGE}"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "27", "-threads:v", "2"),
    *("-c:a", "libopus", "-b:a", "96k"),
    *("-flags:v", "+bitexact", "-flags:a", "+bitexact", "-fflags", "+bitexact", "-f", "matroska"),
)

RunFfmpeg = Callable[[list[str]], None]


@dataclass(frozen=True)
class Beat:
    """One step of the script: a spoken line, or a stretch in which nobody speaks.

    Attributes:
        line: Identifier of the line in `lines.json`; empty where nobody speaks.
        pause: Seconds without speech (after the line, if there is one).
        music: Loudness of the music from 0 (none) to 1, throughout the beat.
    """

    line: str = ""
    pause: float = 0.6
    music: float = 0.0


SOFT = 0.12
SCRIPT = (
    Beat(pause=3.0),
    Beat(pause=9.0, music=1.0),
    Beat(pause=1.0),
    *(Beat(line) for line in ("de-01", "de-02", "de-03", "de-04")),
    Beat("de-05", pause=1.2),
    *(Beat(line) for line in ("en-01", "en-02", "en-03")),
    Beat("en-04", pause=4.0),
    Beat(pause=1.5, music=SOFT),
    *(Beat(line, music=SOFT) for line in ("de-06", "de-07", "de-08")),
    Beat(pause=1.0, music=SOFT),
    *(Beat(line, music=SOFT) for line in ("en-05", "en-06")),
    Beat(pause=3.0, music=1.0),
    Beat(pause=2.0),
)
CHAPTERS = (("The quay", 0), ("The letter", 12))


@dataclass(frozen=True)
class Span:
    """A stretch of the film: start and end in seconds."""

    start: float
    end: float


@dataclass(frozen=True)
class DemoLine(Span):
    """A spoken line: its text, its BCP-47 language, its meaning in English, and when."""

    id: str
    text: str
    language: str
    translation_en: str


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


@dataclass(frozen=True)
class Timeline:
    """The script with times: what the film is going to be, before anything is rendered."""

    duration: float
    lines: tuple[DemoLine, ...]
    beats: tuple[tuple[Beat, Span], ...]
    shots: tuple[int, ...]

    @property
    def cuts(self) -> tuple[float, ...]:
        """First instant of every shot but the first, in seconds."""
        frames = [sum(self.shots[:index]) for index in range(1, len(self.shots))]
        return tuple(frame / FRAME_RATE for frame in frames)


def make_demo_film(target: Path, speech_dir: Path, run: RunFfmpeg) -> DemoFilm:
    """Make the demo film; the target appears only when it is whole.

    Args:
        target: The film to write, an .mkv; its folder must exist.
        speech_dir: Folder with `lines.json` and one `<id>.opus` for each line of the script.
        run: Executes a command line whose first word is `ffmpeg`; raises when it fails.

    Returns:
        What the film holds and when, measured where it can be measured.

    Raises:
        InputError: A file of speech is missing.
        DependencyError: ffmpeg wrote a film of another length than the script's.
    """
    spoken = read_lines(speech_dir)
    with tempfile.TemporaryDirectory(prefix=".demo-film-", dir=target.parent) as folder:
        work = Path(folder)
        seconds = {name: measure_sound(speech_dir / f"{name}.opus", work, run) for name in spoken}
        timeline = plan(spoken, seconds)
        unfinished = work / "film.mkv"
        run(film_command(timeline, speech_dir, write_chapters(timeline, work), unfinished))
        duration = check_length(unfinished, timeline.duration, work, run)
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


def measure_sound(source: Path, work: Path, run: RunFfmpeg) -> float:
    """Return the length of a file's sound in seconds, counted in decoded samples.

    Args:
        source: Any file that ffmpeg can decode.
        work: Folder for the decoded samples.
        run: Runs ffmpeg with the arguments that it is given.
    """
    decoded = work / "decoded.wav"
    run([*FFMPEG, "-i", f"file:{source}", "-map", "0:a:0", "-ac", "1", f"file:{decoded}"])
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


def film_command(timeline: Timeline, speech_dir: Path, chapters: Path, target: Path) -> list[str]:
    """Return the one command line that renders the film.

    Args:
        timeline: When everything in the film happens, seconds.
        speech_dir: Folder with the spoken lines.
        chapters: What write_chapters wrote.
        target: The film.
    """
    inputs = ["-f", "ffmetadata", "-i", f"file:{chapters}"]
    graph, heard = [], []
    for number, line in enumerate(timeline.lines, start=1):
        inputs += ["-i", f"file:{speech_dir / line.id}.opus"]
        delay = round(line.start * SAMPLE_RATE)
        stereo = f"aresample={SAMPLE_RATE},pan=stereo|c0=c0|c1=c0"
        graph.append(f"[{number}:a]{stereo},adelay={delay}S:all=1[a{number}]")
        heard.append(f"[a{number}]")
    stretches = [(span.start, span.end, beat.music) for beat, span in same_music(timeline)]
    graph.append(f"{music_graph(stretches, timeline.duration)}[music]")
    mix = f"amix=inputs={len(heard) + 1}:normalize=0:duration=longest"
    graph.append(f"{''.join(heard)}[music]{mix},apad,atrim=end={timeline.duration}[sound]")
    for shot, frames in enumerate(timeline.shots):
        graph.append(f"{picture_graph(shot, frames)}[v{shot}]")
    shots = "".join(f"[v{shot}]" for shot in range(len(timeline.shots)))
    graph.append(f"{shots}concat=n={len(timeline.shots)}:v=1:a=0,fps={FRAME_RATE}[picture]")
    mapping = ["-filter_complex", ";".join(graph), "-map", "[picture]", "-map", "[sound]"]
    return [*FFMPEG, *inputs, *mapping, *ENCODING, f"file:{target}"]


def check_length(film: Path, expected: float, work: Path, run: RunFfmpeg) -> float:
    """Return the length of the finished film in seconds, after reading it from end to end.

    Args:
        film: The finished film.
        expected: Length that it must have, seconds.
        work: Folder for the decoded samples.
        run: Runs ffmpeg with the arguments that it is given.

    Raises:
        DependencyError: Picture or sound is shorter or longer than the script.
    """
    packets = work / "packets.txt"
    run([*FFMPEG, "-i", f"file:{film}", *COUNT_PACKETS, f"file:{packets}"])
    rows = packets.read_text(encoding="ascii").splitlines()
    picture = sum(not row.startswith("#") for row in rows) / FRAME_RATE
    sound = measure_sound(film, work, run)
    if max(abs(picture - expected), abs(sound - expected)) > LENGTH_TOLERANCE:
        raise DependencyError(
            f"ffmpeg wrote {picture:.2f} s of picture and {sound:.2f} s of sound, not "
            f"{expected:.2f} s",
            hint="Check the free disk space with: df -h",
        )
    return max(picture, sound)


def same_music(timeline: Timeline) -> list[tuple[Beat, Span]]:
    """Return the stretches with music; neighbouring beats of one loudness are one stretch.

    Args:
        timeline: When everything in the film happens, seconds.
    """
    stretches: list[tuple[Beat, Span]] = []
    for beat, span in timeline.beats:
        if stretches and stretches[-1][1].end == span.start:
            if stretches[-1][0].music == beat.music:
                stretches[-1] = (beat, Span(stretches[-1][1].start, span.end))
                continue
        if beat.music:
            stretches.append((beat, span))
    return stretches


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
