#!/usr/bin/env python3
"""
Checkpoint: the record of a finished stage, written last, after its outputs are in place.

Usage:
    from shared.pipeline.job.checkpoint import CheckpointManager

    checkpoints = CheckpointManager(job_dir)
    checkpoints.load_record("asr")                          # the run's own record, a Checkpoint
    checkpoints.save_checkpoint("asr", {"segments_count": 12})      # a caller's state beside it
    checkpoints.load_checkpoint("asr")                      # {"segments_count": 12}
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from shared.core.errors import InputError
from shared.core.files import free_name, fsync_directory, read_json, write_json
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.job.stage_state import (
    PENDING_SUFFIX,
    STATE_SUFFIX,
    State,
    is_running_here,
    read_state,
    write_state,
)
from shared.stage_order import STAGE_ORDER

CHECKPOINT_DIR = ".checkpoints"
BROKEN = ".broken"


class CheckpointManager:
    """Save, load and remove the checkpoints of one job (standards 11.2).

    Args:
        job_dir: The job directory.
        job_id: The job's own; a record that names another one is foreign.
        only_looks: Whether records that cannot be used stay where they are.
    """

    def __init__(self, job_dir: Path, job_id: str = "", only_looks: bool = False) -> None:
        self._dir = job_dir / CHECKPOINT_DIR
        self._job_id = job_id
        self._only_looks = only_looks

    def save_checkpoint(self, stage: str, state: State) -> None:
        """Save what is worth knowing about a completed stage (standards 11.2).

        The state lies beside the run's own record and is dropped when the stage runs again. What
        the stage saves itself counts once it has succeeded.

        Args:
            stage: A name in STAGE_ORDER.
            state: What JSON can hold, for example {"segments_count": 12, "duration": 5400.0}.

        Raises:
            ValueError: There is no such stage, or the state contains itself.
            TypeError: The state holds what JSON cannot.

        Example:
            >>> CheckpointManager(job_dir).save_checkpoint("asr", {"segments_count": 12})
        """
        path = self._state_path(_known(stage))
        self._dir.mkdir(exist_ok=True)
        write_state(path, stage, state)

    def load_checkpoint(self, stage: str) -> State | None:
        """Return the state of a completed stage (standards 11.2).

        Args:
            stage: A name in STAGE_ORDER.

        Returns:
            What save_checkpoint() was given last. Of a stage that finished or was skipped and saved
            nothing: the summary in its record, with 'status' and 'seconds'. None when the stage is
            not completed. A damaged file is told on standard error and put aside.

        Raises:
            ValueError: There is no such stage.

        Example:
            >>> CheckpointManager(job_dir).load_checkpoint("asr")
            {'segments_count': 12}
        """
        path = self._state_path(_known(stage))
        state = self._read_state(path, stage)
        if state is not None or path == self._pending(stage):
            return state
        record = self.load_record(stage)
        if record is None or record.state is not None:
            return record.state if record else None
        return {**record.summary, "status": record.status, "seconds": record.seconds}

    def get_last_completed_stage(self) -> str | None:
        """Return the completed stage that comes last in STAGE_ORDER, None without one.

        Returns:
            A stage with a record of the run or a state that somebody saved.

        Example:
            >>> CheckpointManager(job_dir).get_last_completed_stage()
            'asr'
        """
        done = [stage for stage in STAGE_ORDER if self.load_checkpoint(stage) is not None]
        return done[-1] if done else None

    def take_pending_state(self, stage: str) -> State | None:
        """Return what a stage saved while it ran, and forget it; damage is told and put aside.

        Args:
            stage: A name in STAGE_ORDER.
        """
        pending = self._pending(stage)
        state = self._read_state(pending, stage)
        pending.unlink(missing_ok=True)
        return state

    def save_record(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, atomically and durably.

        Args:
            checkpoint: The record of a stage whose outputs are in place.
        """
        self._write(self._path(checkpoint.stage), checkpoint)

    def announce(self, checkpoint: Checkpoint) -> None:
        """Write what is about to be put in place, so that a kill in between loses nothing.

        Args:
            checkpoint: The record of a stage whose outputs are still in the scratch directory.
        """
        self._write(self._announced(checkpoint.stage), checkpoint)

    def fulfil(self, stage: str) -> None:
        """Turn the announced record into the checkpoint: the outputs are in place.

        Args:
            stage: A name in STAGE_ORDER.
        """
        self._announced(stage).replace(self._path(stage))
        fsync_directory(self._dir)

    def withdraw(self, stage: str) -> None:
        """Forget what was announced.

        Args:
            stage: A name in STAGE_ORDER.
        """
        self._announced(stage).unlink(missing_ok=True)

    def announced(self) -> list[Checkpoint]:
        """Return what killed runs announced and did not fulfil, in STAGE_ORDER."""
        found = [self._load(self._announced(stage), stage) for stage in STAGE_ORDER]
        return [checkpoint for checkpoint in found if checkpoint is not None]

    def load_record(self, stage: str) -> Checkpoint | None:
        """Return the checkpoint of a stage, None when there is none.

        A file that is not a checkpoint, of another version or another job is put aside as
        `<stage>.json.broken`: the stage then runs again, and nothing is lost.

        Args:
            stage: A name in STAGE_ORDER.
        """
        return self._load(self._path(stage), stage)

    def remove_record(self, stage: str) -> None:
        """Forget that a stage was finished; done before its outputs are replaced.

        Args:
            stage: A name in STAGE_ORDER.
        """
        for path in (self._path(stage), self._state(stage)):
            path.unlink(missing_ok=True)

    def _load(self, path: Path, stage: str) -> Checkpoint | None:
        if not path.is_file():
            return None
        try:
            checkpoint = Checkpoint.model_validate(read_json(path))
            own = not self._job_id or checkpoint.job_id in {"", self._job_id}
            if checkpoint.stage == stage and own:
                return checkpoint
            told = "it is another job's, or another stage's"
        except ValidationError as error:
            told = str(error.errors()[0]["msg"])
        except InputError as error:
            told = error.cause
        self._put_aside(path, told)
        return None

    def _read_state(self, path: Path, stage: str) -> State | None:
        try:
            return read_state(path, stage)
        except InputError as error:
            self._put_aside(path, error.cause)
            return None

    def _put_aside(self, path: Path, told: str) -> None:
        """Rename what cannot be used, and tell so; nothing is lost."""
        if self._only_looks:
            return
        aside = free_name(path.with_name(path.name + BROKEN))
        path.replace(aside)
        # Only here: a run that has nothing to do has nothing to log.
        from shared.logger import PipelineLogger

        logger = PipelineLogger("checkpoint", stream=sys.stderr)
        logger.warning(f"Cannot be used and is now {aside.name}: {told}")

    def _write(self, path: Path, checkpoint: Checkpoint) -> None:
        self._dir.mkdir(exist_ok=True)
        write_json(path, checkpoint.model_dump(mode="json"))
        fsync_directory(self._dir)

    def _path(self, stage: str) -> Path:
        return self._dir / f"{stage}.json"

    def _announced(self, stage: str) -> Path:
        return self._dir / f"{stage}.json.announced"

    def _state(self, stage: str) -> Path:
        return self._dir / (stage + STATE_SUFFIX)

    def _pending(self, stage: str) -> Path:
        return self._dir / (stage + PENDING_SUFFIX)

    def _state_path(self, stage: str) -> Path:
        """Return where this process saves and finds the state of a stage."""
        is_own = is_running_here(self._dir.parent, stage)
        return self._pending(stage) if is_own else self._state(stage)


def _known(stage: str) -> str:
    """Return the name of a stage, which becomes a file's name, checked."""
    if stage not in STAGE_ORDER:
        raise ValueError(f"There is no stage {stage!r}; stages: {', '.join(STAGE_ORDER)}")
    return stage


def now() -> str:
    """Return the time of day with its offset, ISO 8601, to be shown and never compared."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
