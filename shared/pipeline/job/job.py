#!/usr/bin/env python3
"""
Job: what was asked for, as `job.json` says it, and the job directory around it.

Usage:
    from shared.pipeline.job.job import load_job

    job = load_job(job_dir)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.core.errors import InputError, first_fault
from shared.core.files import free_name, read_json, write_json, write_text
from shared.core.identity import UNKNOWN, media_identity
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig, RecordedReads
from shared.media.clip import ClipRange, Seconds
from shared.media.probe import AudioStream
from shared.pipeline.job.checkpoint import BROKEN, CHECKPOINT_DIR
from shared.pipeline.job.places import check_places

JOB_FILE = "job.json"
MOST_JOB_BYTES = 4 << 20
KEPT_COPY = "job.json.kept"
BLANK = b"\0 \t\r\n"  # what a power cut leaves of a file
MOST_OF_AN_ID = 1000  # characters: it stands in the environment of each stage
FIRST_YEAR, LAST_YEAR = 1870, 2200  # from the first moving pictures on
# Name of a field of a job to its value, as job.json holds it.
Changes = Mapping[str, Any]
# They become parts of file names and of command lines.
Language = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$")]
FRAME_RATE = r"^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$"


class HeardTrack(BaseModel):
    """What a cheap look found in a track when the job was prepared."""

    model_config = ConfigDict(extra="forbid")

    track: int = Field(ge=1, description="as --audio-track counts")
    level_db: float = Field(description="dB below full scale")
    speech_seconds: float | None = Field(description="of the moments heard; None = not known")


class MediaReference(BaseModel):
    """The film as it was when the job was prepared; the file itself stays where it is."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(pattern=r"^[^\x00]*$")
    size: int = Field(ge=0, description="bytes")
    duration: Seconds = Field(gt=0, description="seconds, of the container")
    frame_rate: str | None = Field(
        default=None, pattern=FRAME_RATE, description="frames per second as a fraction"
    )
    audio_stream: AudioStream | None = Field(description="None = there is no sound")
    audio_choice: str = Field(description="why this audio stream was taken")
    channel_choice: str = Field(default="", description="why AUDIO_CHANNELS is what auto became")
    heard: list[HeardTrack] = Field(default_factory=list, description="tracks that were tried")
    look_ahead: Seconds = Field(default=0.0, ge=0, description="as of MediaInfo")
    text_track: str = Field(
        default="", description="a subtitle track of the spoken language, in words: a source, too"
    )

    @property
    def sound(self) -> AudioStream:
        """The stream that is heard.

        Raises:
            InputError: There is none.
        """
        if self.audio_stream is None:
            raise InputError(f"There is no sound in {self.path}", hint="Is it the film?")
        return self.audio_stream


class TextSource(BaseModel):
    """Text that is there already and takes the place of recognition."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(pattern=r"^[^\x00]*$", description="the file; of a track, the film")
    sha256: str = Field(
        default="", pattern=r"^([0-9a-f]{64})?$", description="of the file; empty of a track"
    )
    track: int | None = Field(default=None, ge=1, description="of the film's subtitle tracks")
    stream: int | None = Field(default=None, ge=0, description="number of the stream in the film")
    codec: str = ""
    kind: Literal["full", "sdh", "forced"] = "full"

    @property
    def told(self) -> str:
        """The source as a person calls it."""
        return f"track {self.track} ({self.codec})" if self.track else Path(self.path).name


class SeenFilm(BaseModel):
    """The film's file as it lay there when the job was prepared: by it the film is known again."""

    model_config = ConfigDict(extra="forbid")

    identity: str = Field(pattern=r"^[0-9a-f]{64}$", description="of its size and samples of it")
    size: int = Field(ge=0, description="bytes")
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> SeenFilm:
        """Return how a film lies there now.

        Args:
            path: The film; it must exist.
        """
        status = path.stat()
        return cls(
            identity=media_identity(path) or UNKNOWN,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
        )


class Job(RecordedReads):
    """`job.json`: one film, one workflow; it records which of its fields a stage reads."""

    schema_version: Literal[1] = 1
    job_id: str = Field(max_length=MOST_OF_AN_ID)
    created_at: str = Field(description="local time with offset, ISO 8601")
    user: str
    workflow: Literal["transcribe", "translate", "subtitle"]
    media: MediaReference
    film: SeenFilm | None = None
    title: str
    year: int | None = Field(default=None, ge=FIRST_YEAR, le=LAST_YEAR)
    file_name: str = Field(
        default="", description="name of the film's file without suffix; empty: title and year"
    )
    text: TextSource | None = Field(default=None, description="what is said, if not heard")
    source_language: Language = Field(description="BCP-47, or auto")
    target_languages: list[Language]
    clip: ClipRange | None = None
    audio_track: int | None = Field(default=None, description="as --audio-track asked for it")
    config: dict[str, Any] = Field(default_factory=dict, description="KEY: value of --set")
    resolved: dict[str, Any] = Field(
        default_factory=dict, description="what auto became when the job was prepared"
    )
    given: list[str] = Field(default_factory=list, description="keys that --set gave")
    sealed: dict[str, str] = Field(
        default_factory=dict, description="KEY: seal of what only this machine's user may set"
    )

    @property
    def duration(self) -> float:
        """Length in seconds of what the job works on."""
        return self.clip.end - self.clip.start if self.clip else self.media.duration

    @property
    def has_film(self) -> bool:
        """Whether there is a film, not text alone."""
        return self.text is None or bool(self.text.track) or self.text.path != self.media.path

    @property
    def file_stem(self) -> str:
        """Name of the subtitle and film files without suffix: the film file's, safe anywhere."""
        # Here: the stages that name files by it depend on how it is done, and no others.
        from shared.core.file_names import safe_file_name

        return safe_file_name(self.file_name) if self.file_name else self.titled

    @property
    def titled(self) -> str:
        """The film as 'Title (Year)', safe as a file name: its glossary is called so."""
        from shared.core.file_names import safe_file_name

        name = self.title if self.year is None else f"{self.title} ({self.year})"
        return safe_file_name(name)


def output_root(config: PipelineConfig) -> Path:
    """Return the folder of all jobs; a relative one lies in the project.

    Args:
        config: Its `output_root`.
    """
    return PROJECT_ROOT / Path(config.output_root).expanduser()


def keep_copy(job_dir: Path) -> None:
    """Keep a copy of a job.json that was read well, for load_job; call it under the job lock.

    Args:
        job_dir: The job directory.
    """
    copy = job_dir / CHECKPOINT_DIR / KEPT_COPY
    content = (job_dir / JOB_FILE).read_bytes()
    size = copy.stat().st_size if copy.is_file() else None
    if size != len(content) or copy.read_bytes() != content:
        copy.parent.mkdir(exist_ok=True)
        write_text(copy, content.decode("utf-8"))


def load_job(job_dir: Path) -> Job:
    """Read and validate the job.json of a job directory.

    One that is empty or holds zeros, as a power cut leaves it, or is gone, is put aside and the
    copy of the last run takes its place. One with a mistake is a person's, and is told.

    Args:
        job_dir: The job directory.

    Returns:
        What was prepared, checked field by field.

    Raises:
        InputError: When there is none, it is broken (names the file, the field and what to do), or
            the directory holds a link (check_places).
    """
    path = job_dir / JOB_FILE
    if not job_dir.is_dir():
        raise InputError(
            f"No such job directory: {job_dir}",
            hint="./prepare-job.sh --media FILE --workflow subtitle -s auto -t en makes one",
        )
    check_places(job_dir)
    _rescue(path, job_dir / CHECKPOINT_DIR / KEPT_COPY)
    if not path.is_file():
        raise InputError(
            f"{job_dir} is not a job directory: it has no {JOB_FILE}",
            hint="./prepare-job.sh prints the job directory on its last line",
        )
    if path.stat().st_size > MOST_JOB_BYTES:
        size = f"{path.stat().st_size >> 20} MB"
        raise InputError(f"{path}: {size}, larger than any file of this kind", "Prepare it again")
    try:
        return Job.model_validate(read_json(path))
    except ValidationError as error:
        raise InputError(
            f"{path}: {first_fault(error)}", hint="Mend that field, or prepare the job again"
        ) from error


def changed(job: Job, changes: Changes) -> Job:
    """Return a job with other values of some fields.

    Args:
        job: As it was prepared.
        changes: Name of a field to its value, as job.json holds it.
    """
    return Job.model_validate(job.model_dump(mode="json") | dict(changes)) if changes else job


def rewrite_job(job_dir: Path, changes: Changes) -> Job:
    """Write other values of some fields into job.json; return the job.

    Args:
        job_dir: The job directory; the caller holds its lock.
        changes: As for changed.

    Raises:
        InputError: job.json cannot be used.
    """
    job = load_job(job_dir)
    if changes:
        job = changed(job, changes)
        write_json(job_dir / JOB_FILE, read_json(job_dir / JOB_FILE) | dict(changes))
    return job


def _says_something(path: Path) -> bool:
    """Return whether a file holds more than zeros and blanks; a huge one is read by its head."""
    with path.open("rb") as stream:
        return bool(stream.read(MOST_JOB_BYTES).strip(BLANK))


def _rescue(path: Path, copy: Path) -> None:
    """Put the kept copy in the place of a job.json that says nothing at all.

    Nothing is missing meanwhile: others may read the job, and rescue it, at the same time.
    """
    if not copy.is_file() or (path.is_file() and _says_something(path)):
        return
    if copy.stat().st_size > MOST_JOB_BYTES:
        return
    aside = free_name(path.with_name(JOB_FILE + BROKEN))
    try:
        os.link(path, aside)
    except (FileNotFoundError, FileExistsError):
        pass  # there is none, or another process keeps it
    except OSError:  # a disk without second names
        path.rename(aside)
    write_text(path, copy.read_text(encoding="utf-8"))
