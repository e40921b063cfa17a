#!/usr/bin/env python3
"""
Packing: an attempt as an order: the files of its job, and the settings that its code can read.

Usage:
    from shared.pipeline.batch.cluster.packing import pack

    order, paths = pack(attempt)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from shared.config import load_config, load_secret
from shared.core.configuration.secrets import SECRET_NAMES
from shared.core.configuration.stage_parameters import Parameters, parameters_in
from shared.core.files import sha256_of
from shared.pipeline.batch.cluster.order import InputFile, Order
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR, CheckpointManager
from shared.pipeline.job.job import JOB_FILE
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.run.attempt import Attempt
from shared.stage_order import STAGE_ORDER, get_stage_dir, get_stage_script

# Code is the same as long as this process lives; Python's parser fails in two threads at once.
_known: dict[str, Parameters] = {}
_parsing = threading.Lock()


def pack(attempt: Attempt) -> tuple[Order, dict[str, Path]]:
    """Return an attempt as data, and where its files lie, by digest.

    Args:
        attempt: What is to run.
    """
    files: dict[str, InputFile] = {}
    paths: dict[str, Path] = {}
    for name, path, sha256 in _files(attempt.job_dir, attempt.stage):
        files[name] = InputFile(sha256=sha256, size=path.stat().st_size)
        paths[sha256] = path
    config = load_config(attempt.job_dir)
    values = config.model_dump(mode="json")
    read = _parameters(attempt.stage)
    found = {name: load_secret(name) for name in read.secrets & set(SECRET_NAMES)}
    order = Order(
        epoch=1,
        stage=attempt.stage,
        environment=attempt.environment,
        job_id=attempt.job_id,
        number=attempt.number,
        rung=attempt.rung,
        failed_rungs=list(attempt.failed_rungs),
        timeout=attempt.timeout,
        grace=attempt.grace,
        stall=attempt.stall,
        memory_mb=attempt.memory_mb,
        log_max_mb=attempt.log_max_mb,
        log_format=attempt.log_format,
        minutes=attempt.work.minutes,
        device=attempt.work.device,
        languages=attempt.work.languages,
        files=files,
        settings={key.upper(): values[key] for key in sorted(read.keys)},
        secrets={name: value for name, value in found.items() if value},
    )
    return order, paths


def _files(job_dir: Path, stage: str) -> Iterator[tuple[str, Path, str]]:
    """Yield name, path and digest of what earlier stages left, and of the job's own file."""
    yield JOB_FILE, job_dir / JOB_FILE, sha256_of(job_dir / JOB_FILE)
    records = CheckpointManager(job_dir)
    for earlier in STAGE_ORDER[: STAGE_ORDER.index(stage)]:
        record = records.load_record(earlier)
        if record is None:
            continue
        own = job_dir / CHECKPOINT_DIR / f"{earlier}.json"
        yield f"{CHECKPOINT_DIR}/{own.name}", own, sha256_of(own)
        folder = job_dir / get_stage_dir(earlier)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                known = record.outputs.get(str(path.relative_to(folder)))
                yield str(path.relative_to(job_dir)), path, _digest(path, known)


def _digest(path: Path, known: OutputFile | None) -> str:
    return known.sha256 if known is not None and known.matches(path) else sha256_of(path)


def _parameters(stage: str) -> Parameters:
    with _parsing:
        if stage not in _known:
            _known[stage] = parameters_in(get_stage_script(stage))
        return _known[stage]
