#!/usr/bin/env python3
"""
Pace: how long stages will take on this machine, judged by what they took in its latest jobs.

A finished stage's record says how long it took and under which parameters. Where those that decide
the speed (device, engine, model …) are as they are now, it counts; a first guess counts as much as
some minutes of film do, so that a clip of seconds, which shows the start more than the work,
changes little and a whole film much.

Usage:
    from shared.pipeline.plan.pace import expected_times

    expected_times(["demux", "asr"], job, config, environments)     # {"demux": 31.0, "asr": 1500.0}
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.core.errors import InputError
from shared.core.files import read_record
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.models.catalogue import describe
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.fingerprint import stage_environment_name
from shared.pipeline.job.job import JOB_FILE, Job, output_root
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.budgets import SECONDS_PER_MINUTE

# First guesses, seconds per minute of film on two CPU cores with Whisper base: from one film of two
# hours, translation and Demucs by estimate.
USUAL_PACE: dict[str, float] = {
    "demux": 0.3,
    "tmdb": 0.0,
    "glossary_load": 0.0,
    "source_separation": 0.5,
    "pyannote_vad": 3.0,
    "asr": 6.0,
    "alignment": 0.5,
    "lyrics_detection": 0.5,
    "export_transcript": 0.05,
    "translation": 5.0,
    "subtitle_generation": 0.3,
    "mux": 0.2,
}
# Of a stage that somebody added.
OTHER_PACE = 1.0
DEMUCS_PACE = 60.0
REFERENCE_MODEL = "base"
START_SECONDS = 1.0
RECENT_JOBS = 12
GUESS_MINUTES = 5.0
DECISIVE = frozenset(
    "ALIGNMENT_ENGINE ALIGNMENT_MODEL ASR_BEAM_SIZE ASR_ENGINE BATCH_SIZE BURN_IN COMPUTE_TYPE "
    "DEVICE DIARIZATION INDICTRANS2_MODELS LLM_MODEL LLM_PROVIDER LYRICS_ENABLED NLLB_MODEL "
    "NUM_THREADS SOURCE_SEPARATION SUBTITLE_SHOT_CHANGES TMDB_ENABLED TRANSLATION_BATCH_SIZE "
    "TRANSLATION_BEAM_SIZE TRANSLATION_ENGINE VAD_ENGINE WHISPER_MODEL".split()
)


def expected_times(
    stages: list[str],
    job: Job,
    config: PipelineConfig,
    environments: EnvironmentManager,
    records: Sequence[tuple[Checkpoint, float]] | None = None,
) -> dict[str, float]:
    """Return how long each stage will take, seconds, in the order given.

    Args:
        stages: Names in STAGE_ORDER.
        job: What they work on.
        config: The parameters they will have, and OUTPUT_ROOT, where earlier jobs lie.
        environments: Tells where they will run.
        records: What recent_records gave, for who asks about many jobs; None = looked for.
    """
    parameters = {key.upper(): value for key, value in config.model_dump(mode="json").items()}
    records = list(recent_records(output_root(config))) if records is None else records
    expected = {}
    for stage in stages:
        environment = stage_environment_name(stage, config, environments)
        alike = [
            (record, minutes)
            for record, minutes in records
            if record.stage == stage
            and record.environment == environment
            and is_alike(record.parameters, parameters)
        ]
        expected[stage] = _expected(stage, job, config, alike)
    return expected


def _expected(
    stage: str, job: Job, config: PipelineConfig, alike: list[tuple[Checkpoint, float]]
) -> float:
    """Return seconds, from the guess and the records of the same work, latest first."""
    has_nothing_to_do = stage == "translation" and not job.target_languages
    if has_nothing_to_do or (alike and alike[0][0].status == "skipped"):
        return START_SECONDS
    seconds, minutes = _usual_pace(stage, config) * GUESS_MINUTES, GUESS_MINUTES
    for record, length in alike:
        if record.status == "done":
            seconds += max(0.0, record.seconds - START_SECONDS)
            minutes += length
    return START_SECONDS + seconds / minutes * _work(stage, job.duration, job.target_languages)


def recent_records(root: Path) -> Iterator[tuple[Checkpoint, float]]:
    """Yield the records of the latest jobs with the minutes of film that each worked on.

    Other jobs are only read: what is damaged there is passed over and left as it is.

    Args:
        root: Where the jobs of all films lie.
    """
    for job_dir in islice(_latest_jobs(root), RECENT_JOBS):
        try:
            job = Job.model_validate(read_record(job_dir / JOB_FILE))
        except ValidationError:
            continue
        for path in sorted((job_dir / CHECKPOINT_DIR).glob("*.json")):
            try:
                record = Checkpoint.model_validate(read_record(path))
            except ValidationError:
                continue
            if math.isfinite(record.seconds) and not record.reused_from:
                yield record, _work(record.stage, job.duration, job.target_languages)


def _latest_jobs(root: Path) -> Iterator[Path]:
    """Yield job directories, those of the latest days first."""
    for day in sorted(root.glob("[0-9]*/[0-9]*/[0-9]*"), reverse=True):
        # Each with its time; one that is removed meanwhile has none.
        found = {path.parent: _changed(path.parent) for path in day.glob(f"*/*/{JOB_FILE}")}
        yield from sorted(found, key=lambda job: found[job], reverse=True)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def is_alike(recorded: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Return whether what decides the speed was as it is now.

    Args:
        recorded: Parameters that a stage read, by key.
        parameters: All as they are now, by key.
    """
    return all(parameters.get(key) == recorded[key] for key in DECISIVE & set(recorded))


def _work(stage: str, seconds: float, targets: list[str]) -> float:
    """Return the minutes of film that a stage works through: translation does it per language."""
    times = max(1, len(targets)) if stage == "translation" else 1
    return seconds / SECONDS_PER_MINUTE * times


def _usual_pace(stage: str, config: PipelineConfig) -> float:
    """Return a first guess, seconds per minute of film."""
    if stage == "source_separation" and config.source_separation == "demucs":
        return DEMUCS_PACE
    return USUAL_PACE.get(stage, OTHER_PACE) * (
        _model_cost(config.whisper_model) if stage == "asr" else 1.0
    )


def _model_cost(name: str) -> float:
    """Return how many times the reference model's time a Whisper model takes, by its size."""
    try:
        size = describe("whisper", name).size_mb
    except InputError:
        size = 0
    return size / describe("whisper", REFERENCE_MODEL).size_mb if size else 1.0
