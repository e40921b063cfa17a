#!/usr/bin/env python3
"""
Containers: films of four seconds in the world's containers and codecs, each with a flash and a
click at the same moment, and how far apart flash, click and cue are in the finished film.

Usage:
    from tests.support.containers import CASES, try_case

    try_case(CASES[0], tmp_path)    # Outcome(verdict='taken', …)
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy

from shared.core.errors import PipelineError
from shared.media.intake.encryption import refuse_encrypted
from shared.media.probe import probe_media
from shared.media.tracks.choice import choose_audio_stream
from shared.subtitles.base.finding import LintReport
from tests.support.media import burst, ffmpeg, onset, packet_times, sound
from tests.support.media_job import make_job, output, put, run_stage

SECONDS, MOMENT, LENGTH = 4.0, 2.0, 0.5
# Within a frame of 25 a second nobody sees or hears that something is late.
IN_STEP = 0.04
CUE = "1\n00:00:{:06.3f} --> 00:00:{:06.3f}\nNow\n\n"
BRIGHT = 128
WAV_RATE = 16_000
FLASH = (
    "color=black:s=320x240:r=25:d=4,format=yuv420p,"
    f"drawbox=w=iw:h=ih:color=white:t=fill:enable='gte(t,{MOMENT})*lt(t,{MOMENT + LENGTH})'"
)


@dataclass(frozen=True)
class Case:
    """A container and its codecs: what makes it, and what is done to it afterwards."""

    name: str
    suffix: str
    codecs: str
    picture: bool = True
    heard: bool = True
    after: Callable[[Path], None] | None = None


def _cut_between_key_frames(film: Path) -> None:
    """Cut the beginning off without decoding: an edit list says where the film begins."""
    whole = film.rename(film.with_suffix(f".whole{film.suffix}"))
    ffmpeg("-ss", 1, "-i", whole, "-c", "copy", film)


def _lose_packets(film: Path) -> None:
    """Lose half the packets of a stretch behind the moment, as bad reception does."""
    data, chance = bytearray(film.read_bytes()), random.Random(1)
    packets = len(data) // 188
    for number in range(int(packets * 0.7), int(packets * 0.85)):
        if chance.random() < 0.5:
            data[number * 188 : (number + 1) * 188] = bytes(188)
    film.write_bytes(data)


X264 = "-c:v libx264 -preset ultrafast"
MPEG2 = "-c:v mpeg2video -b:v 1M"
CENC = (
    "-encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb "
    "-encryption_kid a7e61c373e219033c21091fa607bf3b8"
)
CASES = [
    Case("Matroska, H.264 + AAC", ".mkv", f"{X264} -c:a aac"),
    Case("Matroska, HEVC + Opus", ".mkv", "-c:v libx265 -preset ultrafast -c:a libopus"),
    Case("Matroska, VP9 + Vorbis", ".mkv", "-c:v libvpx-vp9 -cpu-used 8 -c:a libvorbis"),
    Case("Matroska, FFV1 + FLAC", ".mkv", "-c:v ffv1 -c:a flac"),
    Case("Matroska, MPEG-4 + MP3", ".mkv", "-c:v mpeg4 -c:a libmp3lame"),
    Case("Matroska without length", ".mkv", f"{X264} -c:a libopus -live 1"),
    Case("WebM, VP8 + Vorbis", ".webm", "-c:v libvpx -cpu-used 8 -c:a libvorbis"),
    Case("WebM without length", ".webm", "-c:v libvpx -cpu-used 8 -c:a libopus -live 1"),
    Case("MP4, H.264 + AAC", ".mp4", f"{X264} -c:a aac"),
    Case("MP4, HEVC + AC-3", ".mp4", "-c:v libx265 -preset ultrafast -c:a ac3"),
    Case("MP4, MPEG-4 + MP3", ".mp4", "-c:v mpeg4 -c:a libmp3lame"),
    Case("MP4 in fragments", ".mp4", f"{X264} -c:a aac -movflags frag_keyframe+empty_moov"),
    Case(
        "MP4 with an edit list",
        ".mp4",
        f"{X264} -g 240 -c:a aac",
        after=_cut_between_key_frames,
    ),
    Case("MP4, encrypted (CENC)", ".mp4", f"{X264} -c:a aac {CENC}"),
    Case("MOV, ProRes + PCM", ".mov", "-c:v prores_ks -c:a pcm_s24be"),
    Case("MOV, MJPEG + ALAC", ".mov", "-c:v mjpeg -c:a alac"),
    Case("3GP, H.263 + AAC", ".3gp", "-s 352x288 -c:v h263 -c:a aac"),
    Case("AVI, MPEG-4 + MP3", ".avi", "-c:v mpeg4 -c:a libmp3lame"),
    Case("AVI, MJPEG + PCM", ".avi", "-c:v mjpeg -c:a pcm_s16le"),
    Case("AVI, H.264 + AC-3", ".avi", f"{X264} -bf 0 -c:a ac3"),
    Case("AVI, Microsoft ADPCM", ".avi", "-c:v msmpeg4 -c:a adpcm_ms"),
    Case("MPEG-TS, H.264 + AAC", ".ts", f"{X264} -c:a aac"),
    Case("MPEG-TS, MPEG-2 + MP2", ".ts", f"{MPEG2} -c:a mp2"),
    Case("MPEG-TS, HEVC + E-AC-3", ".ts", "-c:v libx265 -preset ultrafast -c:a eac3"),
    Case("MPEG-TS, packets lost", ".ts", f"{X264} -c:a aac", after=_lose_packets),
    Case("M2TS, Blu-ray LPCM", ".m2ts", f"{X264} -c:a pcm_bluray -ac 2"),
    Case("M2TS, DTS", ".m2ts", f"{X264} -c:a dca -strict -2"),
    Case("VOB, MPEG-2 + AC-3", ".vob", f"{MPEG2} -c:a ac3 -f vob"),
    Case("MPEG-PS, MPEG-1 + MP2", ".mpg", "-c:v mpeg1video -c:a mp2"),
    Case("FLV, Sorenson + MP3", ".flv", "-c:v flv -c:a libmp3lame -ar 44100"),
    Case("FLV, H.264 + AAC", ".flv", f"{X264} -c:a aac"),
    Case("FLV, Nellymoser", ".flv", "-c:v flv -c:a nellymoser -ar 44100"),
    Case("Windows Media", ".wmv", "-c:v wmv2 -c:a wmav2"),
    Case("RealMedia, RV20 + AC-3", ".rm", "-c:v rv20 -c:a ac3"),
    Case("Ogg, Theora + Vorbis", ".ogv", "-c:v libtheora -c:a libvorbis"),
    Case("MXF, MPEG-2 + PCM", ".mxf", f"{MPEG2} -c:a pcm_s16le"),
    Case("NUT, MPEG-4 + MP2", ".nut", "-c:v mpeg4 -c:a mp2"),
    Case("DV", ".dv", "-s 720x576 -c:v dvvideo -pix_fmt yuv420p -c:a pcm_s16le -ac 2"),
    Case("Motion JPEG 2000 in MOV", ".mov", "-c:v jpeg2000 -c:a pcm_s16le"),
    Case("MP3 without Xing", ".mp3", "-write_xing 0", picture=False),
    Case("AAC without container", ".aac", "-c:a aac", picture=False),
    Case("AC-3 without container", ".ac3", "-c:a ac3", picture=False),
    Case("M4A, AAC", ".m4a", "-c:a aac", picture=False),
    Case("FLAC", ".flac", "-c:a flac", picture=False),
    Case("WAV", ".wav", "-c:a pcm_s24le", picture=False),
    Case("AIFF", ".aiff", "-c:a pcm_s16be", picture=False),
    Case("Ogg, Opus", ".opus", "-c:a libopus", picture=False),
    Case("WavPack", ".wv", "-c:a wavpack", picture=False),
    Case("TTA", ".tta", "-c:a tta", picture=False),
    Case("Windows Media Audio", ".wma", "-c:a wmav2", picture=False),
    Case("Core Audio, ALAC", ".caf", "-c:a alac", picture=False),
    Case("H.264 without container", ".h264", X264, heard=False),
    Case("GIF", ".gif", "", heard=False),
]


@dataclass(frozen=True)
class Outcome:
    """What became of a film: taken, or refused with its reason; seconds by which parts are apart.

    `heard`: the click as demux wrote it, against the flash. `click`, `cue`: in the finished film.
    """

    verdict: str
    reason: str = ""
    heard: float = 0.0
    click: float = 0.0
    cue: float = 0.0
    told: str = ""

    @property
    def is_in_step(self) -> bool:
        """Whether nothing is further apart than a frame."""
        return max(map(abs, (self.heard, self.click, self.cue))) <= IN_STEP


def make_case(case: Case, folder: Path) -> Path:
    """Write the film of a case."""
    film = folder / f"film{case.suffix}"
    inputs: list[object] = ["-f", "lavfi", "-i", FLASH] if case.picture else []
    if case.heard:
        inputs += sound(burst(MOMENT, MOMENT + LENGTH), seconds=SECONDS)
    ffmpeg(*inputs, *case.codecs.split(), film)
    if case.after is not None:
        case.after(film)
    return film


def try_case(case: Case, folder: Path) -> Outcome:
    """Make a film, prepare it, take its sound and mux it with one cue; measure what came out."""
    film = make_case(case, folder)
    try:
        media = probe_media(film)
        refuse_encrypted(film, media.container)
        choose_audio_stream(media, "en", None, film.name)
    except PipelineError as error:
        return Outcome("refused", error.cause.replace(f"{film.parent}/", ""))
    job_dir = make_job(folder, film)
    demuxed = run_stage(job_dir, "demux")
    if demuxed.status != "done":
        return Outcome("failed", demuxed.reason)
    heard = onset(output(job_dir, "demux", "audio.wav"))
    cue = CUE.format(heard, heard + LENGTH).replace(".", ",")
    put(job_dir, "subtitle_generation", "Film.en.srt", cue)
    put(job_dir, "subtitle_generation", "lint.json", LintReport(files={"Film.en": []}))
    muxed = run_stage(job_dir, "mux")
    if muxed.status != "done":
        return Outcome("failed", muxed.reason)
    made = output(job_dir, "mux", "Film.subtitled.mkv")
    told = "; ".join([*demuxed.warnings, *muxed.warnings])
    click = click_of(made)
    flash = first_bright(made) if case.picture else click
    before = first_bright(film) if case.picture else click_of(film)
    return Outcome(
        "taken",
        heard=heard - before,
        click=click - flash,
        cue=packet_times(made, "s:0")[0] - flash,
        told=told,
    )


def first_bright(film: Path) -> float:
    """Return the second at which the picture turns white; all streams set the clock's zero."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{film}", "-map", "0:V:0"]
    command += ["-vf", "scale=16:16,format=gray,signalstats,metadata=print:file=-"]
    command += ["-f", "null", "-", "-map", "0:a?", "-c", "copy", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    time = 0.0
    for line in told.splitlines():
        if "pts_time:" in line:
            time = float(line.rpartition("pts_time:")[2])
        if "YAVG=" in line and float(line.partition("YAVG=")[2]) > BRIGHT:
            return time
    raise AssertionError("no flash")


def click_of(film: Path) -> float:
    """Return the second, on a player's clock, at which a film's first sound becomes audible."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{film}", "-map", "0:a:0"]
    command += ["-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(WAV_RATE)]
    command += ["-f", "s16le", "-", "-map", "0:V?", "-c", "copy", "-f", "null", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(data, dtype="<i2")) > 3_277)
    assert loud.size, "silence"
    return float(loud[0]) / WAV_RATE
