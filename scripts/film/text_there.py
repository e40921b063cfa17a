#!/usr/bin/env python3
"""
Text there: the subtitles that a job begins with, as its transcript.

Usage:
    transcript = text_transcript(stage_io, stage_io.job.text, config)
"""

from __future__ import annotations

from pathlib import Path

from scripts.film.synced_text import brought_to_sound
from shared.core.errors import InputError, counted
from shared.core.settings import PipelineConfig
from shared.media.tracks.text import take_text
from shared.pipeline.job.job import TextSource
from shared.stage_utils import StageIO
from shared.subtitles.files.source import SourceFile
from shared.subtitles.from_text.opening import open_text
from shared.subtitles.from_text.transcript import late_cues, transcript_from
from shared.transcript.records.schemas import Transcript

# So many faults are told one by one.
MOST_TOLD = 5


def text_transcript(stage_io: StageIO, text: TextSource, config: PipelineConfig) -> Transcript:
    """Return the transcript that a text is; what of it is left out is a warning.

    Args:
        stage_io: The stage's inputs and job.
        text: Where it is.
        config: Longest run of ffmpeg, and whether times are brought to the sound.

    Raises:
        InputError: It is gone, shows nothing in this film, or does not surely fit its sound.
        UnavailableError: Nothing here finds speech; with the command.
        DependencyError: ffmpeg cannot take the track out of the film.
    """
    job = stage_io.job
    source = _read(stage_io, text, config.ffmpeg_timeout_seconds)
    for fault in source.faults[:MOST_TOLD]:
        stage_io.warn(f"{text.told}:{fault.line}: {fault.cause}; left out")
    if more := len(source.faults) - MOST_TOLD:
        if more > 0:
            stage_io.warn(f"{text.told}: {counted(more, 'other fault')}, left out as well")
    if source.stray:  # a malformed cue of WebVTT, too
        lines = counted(len(source.stray), "line")
        stray = ", ".join(str(number) for number, _ in source.stray[:MOST_TOLD])
        stage_io.warn(f"{text.told}: {lines} of text outside of cues left out (line {stray})")
    if config.subtitles_sync and job.has_film:
        source = brought_to_sound(stage_io, source, text.told, config.ffmpeg_timeout_seconds)
    start = job.clip.start if job.clip else 0.0
    if late := late_cues(source, job.duration, start):
        stage_io.warn(
            f"{counted(late, 'cue')} of {text.told} left out: the film has ended by then. "
            "Is it of this film?"
        )
    transcript = transcript_from(source, job.source_language, job.duration, text.told, start)
    if not transcript.segments:
        raise InputError(
            f"{text.told} shows nothing in this film", hint="Is it of this film, and not late?"
        )
    return transcript


def _read(stage_io: StageIO, text: TextSource, timeout: float) -> SourceFile:
    job = stage_io.job
    if text.stream is not None:
        film, folder = stage_io.get_media_path(), stage_io.stage_dir
        look = job.media.look_ahead
        path = take_text(film, text.stream, text.codec, folder, timeout, look)
        source, _ = open_text(path, job.source_language)
        path.unlink()
        return source
    path = stage_io.get_project_file(Path(text.path))
    if not path.is_file():
        raise InputError(
            f"The text is not there any more: {path}",
            hint="Put it back, or write its new place into job.json (text, path)",
        )
    source, encoding = open_text(path, job.source_language)
    if encoding:
        stage_io.warn(f"{text.told} is taken for {encoding} text: it is no UTF-8")
    return source
