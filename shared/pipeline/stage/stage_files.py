#!/usr/bin/env python3
"""
Stage files: where a stage reads and writes; every input that it is handed is recorded.

Usage:
    from shared.stage_utils import StageIO  # a StageFiles

    stage_io = StageIO("asr")
    audio = stage_io.get_input_path("audio.wav", from_stage="demux")
    stage_io.write_model("segments.json", transcript)
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.core.errors import InputError, first_fault
from shared.core.files import sha256_of, write_text
from shared.core.identity import (
    MEDIA_MARK,
    MODEL_MARK,
    media_identity,
    model_identity,
    recorded_name,
)
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import Job
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.record.film import FilmReading
from shared.pipeline.job.record.manifest import Checkpoint
from shared.stage_order import STAGE_ORDER, get_previous_stage, get_stage_dir

Model = TypeVar("Model", bound=BaseModel)


class StageFiles:
    """Paths and files of a stage, and its inputs as they were handed out.

    Args:
        stage_name: The stage, a name in STAGE_ORDER.
        output_base: The job directory.
        stage_dir: Where this stage writes.

    Attributes:
        stage_dir: Where this stage writes; renamed into place when the stage succeeds.
        output_base: The job directory.
    """

    def __init__(self, stage_name: str, output_base: Path, stage_dir: Path) -> None:
        self.stage = stage_name
        self.output_base = output_base
        self.stage_dir = stage_dir
        self._inputs: dict[str, str | None] = {}
        self._film: FilmReading | None = None
        self._job: Job | None = None  # StageIO reads it once it can tell that it is not to be read

    @property
    def job(self) -> Job:
        """What was prepared (job.json)."""
        assert self._job is not None
        return self._job

    def get_input_path(self, filename: str, from_stage: str | None = None) -> Path:
        """Return the path of a file that an earlier stage wrote, and record it as an input.

        Args:
            filename: A plain file name.
            from_stage: The stage that wrote it; None = the stage before this one. Before the first
                one there is the film, by its file name, and the job directory.

        Returns:
            The path; the file need not exist (a skipped stage wrote none).

        Raises:
            InputError: When the name leaves the job directory.
        """
        source = from_stage or get_previous_stage(self.stage)
        if source is None and filename == Path(self.job.media.path).name:
            return self.get_media_path()
        folder = get_stage_dir(source) if source is not None else ""
        path = self.output_base / folder / filename
        self._refuse_outside(path, self.output_base, "the job directory")
        self._record_input(path)
        return path

    def get_first_input(self, *candidates: tuple[str, str]) -> Path:
        """Return the first existing file of several (stage, file name) pairs, nearest first.

        Args:
            candidates: For example ("source_separation", "vocals.wav"), ("demux", "audio.wav").

        Raises:
            InputError: When none of them exists.
        """
        for stage, filename in candidates:
            path = self.get_input_path(filename, from_stage=stage)
            if path.exists():
                return path
        wanted = " or ".join(f"{get_stage_dir(stage)}/{name}" for stage, name in candidates)
        raise InputError(
            f"No input for {self.stage}: {wanted} is missing",
            hint=f"./run-pipeline.sh {self.job.workflow} '{self.output_base}'",
        )

    def get_project_file(self, path: Path) -> Path:
        """Record a file outside the job, for example a glossary, as an input, and return it.

        Args:
            path: The file; a path inside the project is recorded relative to it.
        """
        self._record_input(path)
        return path

    def get_media_path(self) -> Path:
        """Return the path of the film and record it as an input, by size and sampled content.

        Raises:
            InputError: When the film is not there any more, or another one is.
        """
        path = Path(self.job.media.path)
        if not path.is_file():
            raise InputError(
                f"The film is not there any more: {path}",
                hint="Put it back, or prepare the job again with its new place",
            )
        if self._film is None:
            identity = media_identity(path)
            self._refuse_another_film(path, identity)
            self._inputs[MEDIA_MARK + str(path)] = identity
            self._film = FilmReading(path, self._known_film())
        return path

    def use_model(self, engine: str, name: str, path: Path | None) -> None:
        """Record a model as an input, by its sizes and sampled content.

        Args:
            engine: Its engine, as in the model store.
            name: Its name there.
            path: Where it lies; None for a wanted one that is not here: the stage runs again when
                it is.
        """
        self._inputs[f"{MODEL_MARK}{engine}/{name}"] = model_identity(path)

    def get_output_path(self, filename: str) -> Path:
        """Return where this stage writes a file.

        Args:
            filename: A plain file name.

        Raises:
            InputError: When the name leaves the stage's directory.
        """
        path = self.stage_dir / filename
        self._refuse_outside(path, self.stage_dir, "the stage's directory")
        return path

    def get_earlier_output(self, filename: str) -> Path:
        """Return where the last run of this stage left a file; it is no input of this run.

        For what need not be found again, and says itself what it was found in.

        Args:
            filename: A plain file name; the file need not exist.

        Raises:
            InputError: When the name leaves the stage's directory.
        """
        folder = self.output_base / get_stage_dir(self.stage)
        self._refuse_outside(folder / filename, folder, "the stage's directory")
        return folder / filename

    def read_model(self, path: Path, model: type[Model]) -> Model:
        """Read and validate a stage file.

        Args:
            path: What get_input_path returned.
            model: The Pydantic model of that file.

        Raises:
            InputError: When the file is missing or does not fit the model.
        """
        try:
            return model.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise InputError(
                f"Input file not found: {path}",
                hint=f"./run-pipeline.sh {self.job.workflow} '{self.output_base}'",
            ) from error
        except ValidationError as error:
            raise InputError(
                f"{path}: {first_fault(error)}",
                hint=f"Mend it, or make it again with --force {path.parent.name[3:]}",
            ) from error

    def write_model(self, filename: str, data: BaseModel) -> Path:
        """Write a stage file, validated once more as its reader will see it.

        Args:
            filename: A plain file name.
            data: The model; changed since it was made, it must still be valid.

        Returns:
            Where it was written.
        """
        text = data.model_dump_json(indent=2)
        type(data).model_validate_json(text)
        path = self.get_output_path(filename)
        write_text(path, text + "\n")
        return path

    def _first_record(self) -> Checkpoint | None:
        return CheckpointManager(self.output_base, only_looks=True).load_record(STAGE_ORDER[0])

    def _known_film(self) -> OutputFile | None:
        """Return the film as the first stage of the job read it, None where none has yet."""
        record = self._first_record()
        return record.film if record is not None else None

    def _refuse_another_film(self, path: Path, identity: str | None) -> None:
        """Refuse a film that took the place of the one that the first stage of the job read."""
        record = self._first_record() if self.stage != STAGE_ORDER[0] else None
        inputs = record.inputs if record is not None and record.status == "done" else {}
        read = {one for name, one in inputs.items() if name.startswith(MEDIA_MARK)}
        if read and identity not in read:
            raise InputError(
                f"{path} is another film than the job began with: it changed meanwhile",
                hint="Run the same command again, and all is done from what lies there now",
            )

    def _record_input(self, path: Path) -> None:
        name = recorded_name(path, self.output_base)
        self._inputs[name] = sha256_of(path) if path.is_file() else None

    @staticmethod
    def _refuse_outside(path: Path, base: Path, name: str) -> None:
        if base.resolve() not in path.resolve().parents:
            raise InputError(f"{path} leads out of {name}", hint="Use files, not links, inside it")
