#!/usr/bin/env python3
"""
Films: the film of a job as a browser plays it, and the peaks of its sound.

What browsers usually play is given as it is; of everything else, and of a clip, a small copy is
made, which is kept below the output folder until nobody has asked for it for long.

Usage:
    from shared.desk.films import Films

    films = Films(root)
    films.state(job, is_refused=False)     # {"state": "making", "share": 0.3, …}
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.config import load_config
from shared.core.errors import PipelineError, UnavailableError
from shared.core.files import draft_of
from shared.media.ffmpeg import Options, file_output, looking_ahead, media_input, run_ffmpeg
from shared.media.probe import MediaInfo, probe_media
from shared.media.speech_audio import SpeechAudio
from shared.pipeline.job.job import Job

if TYPE_CHECKING:
    from ffmpeg.nodes import OutputStream

# By the name of ffprobe: the container, pictures, sound; what is not in it may still be played.
PLAYED = (
    ("mp4", {"h264", "av1", "vp9"}, {"aac", "mp3", "opus"}, "video/mp4"),
    ("webm", {"vp8", "vp9", "av1"}, {"opus", "vorbis"}, "video/webm"),
)
COPY_TYPE = "video/mp4"
KEPT_DAYS = 30
HEIGHT = 480
COPY: Options = {"c:v": "libx264", "preset": "veryfast", "crf": 28, "pix_fmt": "yuv420p"}
COPY = {
    **COPY,
    "g": 50,
    "c:a": "aac",
    "b:a": "96k",
    "ac": 2,
    "movflags": "+faststart",
    "format": "mp4",
}
PEAKS_PER_SECOND = 50
RATE = 16_000
PIECE_SECONDS = 60


@dataclass
class _Making:
    """How far a copy is: 0 to 1, and why it could not be made."""

    share: float = 0.0
    problem: str = ""


class Films:
    """What browsers get of the films of jobs.

    Args:
        root: The output folder; what is made lies in a folder of this user in it.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / f".desk-{os.geteuid()}"
        self._turn = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._making: dict[Path, _Making] = {}
        self._types: dict[str, str] = {}  # a player asks for many ranges

    def played(self, job: Job, is_refused: bool) -> tuple[Path, str] | None:
        """Return the file that a browser gets and its type, None while there is none.

        Args:
            job: Of whose film.
            is_refused: Whether this browser cannot play the film itself.

        Raises:
            PipelineError: There is no film, or it is none.
        """
        film = Path(job.media.path)
        kind = self._type_of(job, film)
        if kind and not is_refused:
            return film, kind
        copy = self._place(job, film, ".mp4")
        if not copy.is_file():
            return None
        os.utime(copy)
        return copy, COPY_TYPE

    def state(self, job: Job, is_refused: bool) -> dict[str, object]:
        """Return whether there is something to play; where there is not, it is begun.

        Args:
            job: Of whose film.
            is_refused: Whether this browser cannot play the film itself.
        """
        try:
            found = self.played(job, is_refused)
            if found is not None:
                is_copy = found[0].parent == self._folder
                return {"state": "ready", "is_copy": is_copy, "share": 1.0, "problem": ""}
            making = self._begin(job)
        except PipelineError as error:
            return {"state": "failed", "is_copy": False, "share": 0.0, "problem": str(error)}
        state = "failed" if making.problem else "making"
        return {"state": state, "is_copy": True, "share": making.share, "problem": making.problem}

    def peaks(self, sound: Path) -> bytes:
        """Return the peaks of a sound, 50 a second, 0 to 255 each.

        Args:
            sound: 16 kHz mono, as demux writes it.

        Raises:
            PipelineError: It is none.
        """
        kept = self._folder / f"{_digest(sound)}.peaks"
        if kept.is_file():
            os.utime(kept)
            return kept.read_bytes()
        found = measure_peaks(sound)
        self.own_folder()
        with draft_of(kept) as draft:
            draft.write_bytes(found)
        return found

    def forget_old(self) -> None:
        """Remove what nobody has asked for in a month."""
        with suppress(OSError):
            for path in self.own_folder().iterdir():
                if time.time() - path.stat().st_mtime > KEPT_DAYS * 86_400:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _type_of(self, job: Job, film: Path) -> str:
        """Return the type of a film that browsers usually play, '' of others; probed once."""
        try:
            seen = _digest(film, job.clip is not None, _heard(job))
        except OSError:
            seen = ""  # told by the probe
        if seen not in self._types:
            self._types[seen] = _usual_type(job, film, probe_media(film))
        return self._types[seen]

    def _begin(self, job: Job) -> _Making:
        """Begin to make the copy of a film, unless that is being done."""
        film = Path(job.media.path)
        target = self._place(job, film, ".mp4")
        with self._turn:
            known = self._making.get(target)
            if known is None:
                self.own_folder()
                known = self._making[target] = _Making()
                work = (job, film, target, known)
                threading.Thread(target=self._make, args=work, daemon=True).start()
            return known

    def _make(self, job: Job, film: Path, target: Path, making: _Making) -> None:
        def tell(seconds: float) -> None:
            making.share = min(1.0, seconds / job.duration)

        try:
            with self._one_at_a_time, draft_of(target) as draft:
                run_ffmpeg(_copy(job, film, draft), load_config().ffmpeg_timeout_seconds, tell)
        except (PipelineError, OSError) as error:
            making.problem = str(error)
        else:
            with self._turn:
                self._making.pop(target, None)

    def _place(self, job: Job, film: Path, suffix: str) -> Path:
        clip = (job.clip.start, job.clip.end) if job.clip else None
        return self._folder / f"{_digest(film, clip, _heard(job))}{suffix}"

    def own_folder(self) -> Path:
        """Return the folder of what is made, which is this user's own.

        Raises:
            UnavailableError: Somebody else has taken its name.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self._folder.lstat()
        if self._folder.is_symlink() or found.st_uid != os.geteuid():
            raise UnavailableError(f"{self._folder} is another user's", hint="Remove it")
        return self._folder


def measure_peaks(sound: Path) -> bytes:
    """Return the peaks of a sound, 50 a second, 0 to 255 each.

    Args:
        sound: 16 kHz mono.

    Raises:
        InputError: It is none.
    """
    import numpy

    audio, block = SpeechAudio(sound), RATE // PEAKS_PER_SECOND
    found = []
    for start in range(0, len(audio), RATE * PIECE_SECONDS):
        piece = numpy.abs(audio[start : start + RATE * PIECE_SECONDS])
        piece = numpy.pad(piece, (0, -len(piece) % block)).reshape(-1, block)
        found.append((piece.max(axis=1) * 255).clip(0, 255).astype(numpy.uint8).tobytes())
    return b"".join(found)


def _usual_type(job: Job, film: Path, info: MediaInfo) -> str:
    """Return the type of a film that browsers usually play from its start, '' of others."""
    sounds, pictures = info.audio_streams, info.video_streams
    if job.clip is not None or not sounds or sounds[0].index != _heard(job) or len(pictures) != 1:
        return ""
    for container, videos, audios, kind in PLAYED:
        is_fit = pictures[0].codec in videos and sounds[0].codec in audios
        if container in info.container.split(",") and is_fit:
            # One demuxer reads WebM and Matroska; only the one is played everywhere.
            return kind if container == "mp4" or film.suffix.lower() == ".webm" else ""
    return ""


def _copy(job: Job, film: Path, target: Path) -> OutputStream:
    """Return what makes the copy of a film: the part that the job works on, with what was heard."""
    info = probe_media(film)
    at: Options = {"ss": job.clip.start, "t": job.duration} if job.clip else {}
    opened = media_input(film, **at, **looking_ahead(info.look_ahead))
    heard = _heard(job)
    streams = [] if heard is None else [opened[str(heard)]]
    if info.video_streams:
        height = f"trunc(min({HEIGHT},ih)/2)*2"
        picture = opened["V:0"].filter("scale", width="trunc(oh*a/2)*2", height=height)
        streams.insert(0, picture)
    return file_output(streams, target, {**COPY, "map_metadata": -1})


def _heard(job: Job) -> int | None:
    """Return the number of the stream that the job hears, None where its film has no sound."""
    return None if job.media.audio_stream is None else job.media.audio_stream.index


def _digest(path: Path, *more: object) -> str:
    found = path.stat()
    seen = (os.path.realpath(path), found.st_size, found.st_mtime_ns, *more)
    return hashlib.sha256(repr(seen).encode("utf-8", "surrogateescape")).hexdigest()[:32]
