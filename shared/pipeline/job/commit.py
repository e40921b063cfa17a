#!/usr/bin/env python3
"""
Commit: a stage's outputs from its scratch directory into place, crash-proof at every step.

    outputs durable → record announced → old outputs moved aside → edits among them saved → old
    checkpoint gone → new outputs in place → record becomes the checkpoint → old outputs removed

A run that is killed between any two steps leaves either the old state or an announced record; the
next run finds the announced outputs by their digests and finishes the commit, or the stage runs
again. What a person edited is moved to `edited/`, never deleted.

Usage:
    from shared.pipeline.job.commit import commit_outputs, recover

    recover(job_dir, job_id)                        # under the job lock, before planning
    commit_outputs(job_dir, checkpoint, scratch)
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from shared.core.files import free_name, fsync_directory, fsync_tree
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR, CheckpointManager
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.job.stage_state import PENDING_SUFFIX
from shared.stage_order import STAGE_ORDER, get_stage_dir

SCRATCH_DIR = ".scratch"
EDITED_DIR = "edited"
REPLACED = ".replaced"


def commit_outputs(job_dir: Path, checkpoint: Checkpoint, scratch: Path) -> list[Path]:
    """Put outputs in place and write the checkpoint last: its presence means that all is there.

    Args:
        job_dir: The job directory.
        checkpoint: The stage's record, with the digests of what lies in scratch.
        scratch: The stage's scratch directory; gone afterwards, unless the stage was skipped.

    Returns:
        Where files went that a person had edited and that are replaced now.
    """
    if checkpoint.status == "done":
        fsync_tree(scratch)
    CheckpointManager(job_dir).announce(checkpoint)
    # Without a record nobody knows what was edited: what is not made again just so is kept.
    return _put_in_place(job_dir, checkpoint, scratch, fallback=checkpoint)


def recover(job_dir: Path, job_id: str) -> list[str]:
    """Finish or forget what a killed run began, and remove what it left; call it under the lock.

    Args:
        job_dir: The job directory.
        job_id: The job's own.

    Returns:
        The stages whose finished work was adopted.
    """
    adopted = []
    checkpoints = CheckpointManager(job_dir, job_id)
    for checkpoint in checkpoints.announced():
        if _adopt(job_dir, checkpoint):
            adopted.append(checkpoint.stage)
        else:
            checkpoints.withdraw(checkpoint.stage)
    _move_back(job_dir)
    discard_leftovers(job_dir)
    return adopted


def discard_leftovers(job_dir: Path) -> None:
    """Remove what killed attempts left: scratch directories, states, files half written.

    Args:
        job_dir: The job directory.
    """
    shutil.rmtree(job_dir / SCRATCH_DIR, ignore_errors=True)
    for pattern in (".*.json*.*", f"*{PENDING_SUFFIX}"):
        for left in (job_dir / CHECKPOINT_DIR).glob(pattern):
            left.unlink(missing_ok=True)


def leave_no_scratch(job_dir: Path) -> None:
    """Remove the folder of scratch directories at the end of a run; one that is in use stays.

    Args:
        job_dir: The job directory.
    """
    with suppress(OSError):
        (job_dir / SCRATCH_DIR).rmdir()


def _put_in_place(
    job_dir: Path, checkpoint: Checkpoint, scratch: Path, fallback: Checkpoint | None = None
) -> list[Path]:
    stage = checkpoint.stage
    checkpoints = CheckpointManager(job_dir)
    final = job_dir / get_stage_dir(stage)
    replaced = scratch.with_name(scratch.name + REPLACED)
    if final.exists():
        final.rename(replaced)
    # A killed commit may have moved them aside under the name of its own scratch directory.
    aside = [path for path in _moved_aside(job_dir) if _stage_of(path) == stage]
    known = checkpoints.load_record(stage) or fallback
    saved = [kept for folder in aside for kept in _save_edits(job_dir, known, folder)]
    checkpoints.remove_record(stage)
    if checkpoint.status == "done":
        scratch.rename(final)
    fsync_directory(job_dir)
    checkpoints.fulfil(stage)
    for folder in aside:
        shutil.rmtree(folder, ignore_errors=True)
    return saved


def _save_edits(job_dir: Path, record: Checkpoint | None, replaced: Path) -> list[Path]:
    """Move what is not as a record says to `edited/<stage>/`; return where it is now.

    Nobody can open a file of the folder by its old name any more: no edit comes too late.
    """
    if record is None:  # it is removed once the edits are saved
        return []
    saved = []
    for path in sorted(replaced.rglob("*")):
        name = path.relative_to(replaced)
        known = record.outputs.get(str(name))
        if path.is_symlink() or not path.is_file():  # what a link leads to stays where it is
            continue
        if known is None or not known.holds(path):
            kept = free_name(job_dir / EDITED_DIR / get_stage_dir(record.stage) / name)
            kept.parent.mkdir(parents=True, exist_ok=True)
            path.rename(kept)
            saved.append(kept)
    return saved


def _adopt(job_dir: Path, checkpoint: Checkpoint) -> bool:
    """Finish a commit whose outputs are there; return whether they are."""
    final = job_dir / get_stage_dir(checkpoint.stage)
    if checkpoint.status == "skipped":
        scratch = job_dir / SCRATCH_DIR / checkpoint.stage
        scratch.parent.mkdir(exist_ok=True)
        _put_in_place(job_dir, checkpoint, scratch)
        return True
    if _verifies(final, checkpoint):
        CheckpointManager(job_dir).fulfil(checkpoint.stage)
        return True
    for scratch in sorted((job_dir / SCRATCH_DIR).glob(f"{checkpoint.stage}.*")):
        if not (scratch.is_symlink() or scratch.name.endswith(REPLACED)) and _verifies(
            scratch, checkpoint
        ):
            _put_in_place(job_dir, checkpoint, scratch)
            return True
    return False


def _move_back(job_dir: Path) -> None:
    """Put old outputs back in place whose new ones never came; a skipped stage has none."""
    checkpoints = CheckpointManager(job_dir)
    for replaced in _moved_aside(job_dir):
        stage = _stage_of(replaced)
        record = checkpoints.load_record(stage)
        final = job_dir / get_stage_dir(stage)
        if not final.exists() and (record is None or record.status == "done"):
            replaced.rename(final)


def _moved_aside(job_dir: Path) -> list[Path]:
    """Return the folders of old outputs that a commit moved aside, its own or a killed one's."""
    found = sorted((job_dir / SCRATCH_DIR).glob("*" + REPLACED))
    return [path for path in found if _stage_of(path) in STAGE_ORDER and not path.is_symlink()]


def _stage_of(replaced: Path) -> str:
    return replaced.name.partition(".")[0]


def _verifies(folder: Path, checkpoint: Checkpoint) -> bool:
    """Return whether a folder holds just what the record says."""
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    return found == set(checkpoint.outputs) and all(
        output.holds(folder / name) for name, output in checkpoint.outputs.items()
    )
