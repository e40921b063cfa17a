#!/usr/bin/env python3
"""
Edited tracks: what a person changed in a subtitle file reaches the film, whichever of its formats
the film takes; what cannot be shown stops the stage with its line.

Usage:
    files = EditedTracks(stage_io)
    files.shows("en", "ass")     # whether there is anything to see
    files.file("en", "ass")      # the file that the film gets
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import InputError
from shared.core.files import write_text
from shared.pipeline.jobs.results import results
from shared.stage_utils import StageIO
from shared.subtitles.checking.playable import read_playable
from shared.subtitles.files.conversion import as_ass, as_srt
from shared.subtitles.files.formats import FORMATS
from shared.subtitles.files.names import subtitle_name
from shared.subtitles.files.source import SourceFile

STAGE = "subtitle_generation"


class EditedTracks:
    """The subtitle files of a job as they go into the film.

    Args:
        stage_io: The stage's inputs, outputs and job; a file that is made anew lies in its folder.
    """

    def __init__(self, stage_io: StageIO) -> None:
        self._stage_io = stage_io
        files = results(stage_io.output_base, STAGE)
        self._edited = {Path(one.name).name for one in files if one.state == "edited"}
        self._read: dict[str, tuple[str, SourceFile]] = {}

    def shows(self, name: str, form: str) -> bool:
        """Return whether a track has anything to show.

        Args:
            name: Of the track: 'en', 'en.sdh'.
            form: In which the film takes it: srt or ass.

        Raises:
            InputError: A person saved it in another encoding, or what he wrote cannot be shown.
        """
        edited = self._source(name, form)
        if edited is not None:
            return any(cue.text.strip() for cue in edited[1].cues)
        path = self._path(name, "srt")
        try:
            return bool(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: not a UTF-8 text file",
                hint=f"Save the file again as UTF-8, or make it again with --force {STAGE}",
            ) from error

    def file(self, name: str, form: str) -> Path:
        """Return the file of a track that the film gets.

        Args:
            name: Of the track.
            form: srt or ass.

        Raises:
            InputError: It was not made in this form, or what a person wrote cannot be shown.
        """
        made = self._path(name, form)
        if not made.exists():
            raise InputError(f"There is no {made.name}", hint=f"Add {form} to SUBTITLE_FORMATS")
        edited = self._source(name, form)
        if edited is None:
            return made
        kind, source = edited
        if form == "srt":
            text = as_srt(source)
        else:  # in whichever encoding a person saved it
            text = source.text if kind == form else as_ass(source, made.read_text("utf-8"))
        written = self._stage_io.get_output_path(made.name)
        write_text(written, text)
        return written

    def is_edited(self, name: str, form: str) -> bool:
        """Return whether a person edited a track in this very form.

        Args:
            name: Of the track.
            form: srt or ass.
        """
        return self._path(name, form).name in self._edited

    def is_touched(self, name: str) -> bool:
        """Return whether a person edited a track in any form.

        Args:
            name: Of the track.
        """
        return any(self.is_edited(name, form) for form in ("srt", *FORMATS.values()))

    def _source(self, name: str, form: str) -> tuple[str, SourceFile] | None:
        """Return form and content of what a person edited of a track, None of one that nobody did.

        The form that the film takes counts, where several were edited.
        """
        paths = {kind: self._path(name, kind) for kind in (form, *FORMATS.values())}
        edited = [kind for kind, path in paths.items() if path.name in self._edited]
        if not edited:
            return None
        key = f"{name}.{edited[0]}"
        if key not in self._read:
            self._tell(paths, edited)
            seconds = self._stage_io.job.duration
            self._read[key] = edited[0], read_playable(paths[edited[0]], seconds)
        return self._read[key]

    def _tell(self, paths: dict[str, Path], edited: list[str]) -> None:
        first, *others = (paths[kind].name for kind in edited)
        if others:
            self._stage_io.warn(f"{', '.join(others)}: edited, too; the film has what {first} says")

    def _path(self, name: str, form: str) -> Path:
        file = subtitle_name(self._stage_io.job.file_stem, name, f".{form}")
        return self._stage_io.get_input_path(file, from_stage=STAGE)
