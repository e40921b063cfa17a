#!/usr/bin/env python3
"""
Job outputs: what the stages of a job have written, and what a plan knows that they will write.

A run sees what lies on the disk. A plan looks further: a stage that will be taken from the cache
writes what its cached record says; what a stage that will run writes is open until it has.

Usage:
    from shared.pipeline.job.outputs import JobOutputs

    JobOutputs(recorded, {"demux": cached_record, "tmdb": None}).open_stage(checkpoint.inputs)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.core.identity import JOB_MARK
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.record.manifest import Checkpoint
from shared.stage_order import STAGE_ORDER, get_stage_dir

STAGE_OF_FOLDER = {get_stage_dir(stage): stage for stage in STAGE_ORDER}


@dataclass(frozen=True)
class JobOutputs:
    """The outputs of a job's stages.

    Args:
        recorded: What stages have written: 'job:NN_stage/file' to its record, so that large files
            which did not change are not read again.
        foreseen: Stages whose outputs will be others than now: the record that they will have,
            None where that is not known before they have run.
    """

    recorded: Mapping[str, OutputFile]
    foreseen: Mapping[str, Checkpoint | None] = field(default_factory=dict)

    def foreseen_record(self, name: str) -> Checkpoint | None:
        """Return the record of the stage that will write an input, None where the disk counts.

        Args:
            name: A recorded input.
        """
        return self.foreseen.get(_writer(name))

    def is_open(self, name: str) -> bool:
        """Return whether an input is written by a stage that has yet to run.

        Args:
            name: A recorded input.
        """
        stage = _writer(name)
        return stage in self.foreseen and self.foreseen[stage] is None

    def open_stage(self, inputs: Iterable[str]) -> str | None:
        """Return the first stage that has yet to run and writes one of these, None without one.

        Args:
            inputs: Recorded inputs.
        """
        writers = {_writer(name) for name in inputs if self.is_open(name)}
        return next((stage for stage in STAGE_ORDER if stage in writers), None)


def _writer(name: str) -> str:
    """Return the stage in whose directory an input lies; empty for any other place."""
    folder = name.removeprefix(JOB_MARK).partition("/")[0]
    return STAGE_OF_FOLDER.get(folder, "") if name.startswith(JOB_MARK) else ""
