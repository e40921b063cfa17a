#!/usr/bin/env python3
"""
Synced text: the subtitles that a job begins with, brought to where somebody speaks in its film.

Usage:
    source = brought_to_sound(stage_io, source, "Film.fr.srt", timeout=600.0)
"""

from __future__ import annotations

from dataclasses import replace

from shared.core.errors import InputError, counted
from shared.environment_manager import DETECTOR, EnvironmentManager
from shared.media.tracks.film_speech import film_speech
from shared.stage_utils import StageIO
from shared.subtitles.files.sound_sync import found_in_sound
from shared.subtitles.files.source import SourceFile


def brought_to_sound(
    stage_io: StageIO, source: SourceFile, told: str, timeout: float
) -> SourceFile:
    """Return a file with the times that its film's sound tells, and say by how much they moved.

    The whole film is listened to, also where the job is of a part of it.

    Args:
        stage_io: The stage's job and film.
        source: The file.
        told: What it is called.
        timeout: Longest run of ffmpeg, and of the detector, in seconds.

    Raises:
        InputError: It is not sure where the file belongs, or the film has no sound.
        UnavailableError: Nothing here finds speech; with the command.
        DependencyError: ffmpeg or the detector fails.
    """
    environments, film = EnvironmentManager(), stage_io.get_media_path()
    environments.require(DETECTOR)
    python, sound = environments.python(DETECTOR), stage_io.job.media.sound
    fit = found_in_sound(source.cues, film_speech(film, python, timeout, sound.index))
    if not fit.is_sure:
        raise InputError(
            f"{told} is not sure to fit the sound of {film.name}: at best by {fit.told}; {fit.why}",
            hint="Without --sync its times stay as they are; tools/subtitles.py shift moves them",
        )
    stage_io.warn(f"{told}: brought to the sound by {fit.told}; {fit.why}")
    moved = [replace(cue, start=fit.move(cue.start), end=fit.move(cue.end)) for cue in source.cues]
    early = sum(bool(cue.text.strip()) and not cue.is_open and cue.end <= 0 for cue in moved)
    if early:
        stage_io.warn(f"{counted(early, 'cue')} of {told} left out: before the film begins")
    return replace(source, cues=moved)
