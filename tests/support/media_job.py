#!/usr/bin/env python3
"""
Media job: a job directory written by hand, and real stages run in it, for the tests.

Usage:
    from tests.support.media_job import make_job, put, run_stage

    job_dir = make_job(tmp_path, film, targets=["en"])
    result = run_stage(job_dir, "demux")
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.config import seal_powers
from shared.core.files import write_json, write_text
from shared.media.probe import choose_audio_stream, probe_media
from shared.pipeline.job.job import ClipRange, Job, MediaReference
from shared.pipeline.run.attempt import Attempt, run_attempt
from shared.pipeline.run.result import StageResult
from shared.pipeline.stage.command import stage_log
from shared.stage_order import get_stage_dir
from shared.transcript.records.schemas import Segment, Transcript, Word
from shared.translation.chain import LineResult
from tests.support.commands import HANG_SECONDS


def make_job(
    folder: Path,
    film: Path,
    source: str = "en",
    targets: tuple[str, ...] = (),
    clip: tuple[float, float] | None = None,
    audio_track: int | None = None,
    title: str = "Film",
    year: int | None = None,
    **config: str,
) -> Path:
    """Write a job directory as prepare-job leaves it and return it."""
    media = probe_media(film)
    stream, why = choose_audio_stream(media, source, audio_track)
    job = Job(
        job_id="20260101-tester-0001",
        created_at="2026-01-01T00:00:00+00:00",
        user="tester",
        workflow="subtitle",
        media=MediaReference(
            path=str(film),
            size=media.size,
            duration=media.duration,
            frame_rate=media.frame_rate,
            audio_stream=stream,
            audio_choice=why,
        ),
        title=title,
        year=year,
        source_language=source,
        target_languages=list(targets),
        clip=ClipRange(start=clip[0], end=clip[1]) if clip else None,
        config=config,
        sealed=seal_powers(config)[0],
    )
    job_dir = folder / "job"
    (job_dir / "logs").mkdir(parents=True)
    write_json(job_dir / "job.json", job.model_dump(mode="json"))
    return job_dir


def run_stage(job_dir: Path, stage: str, timeout: float = 5 * HANG_SECONDS) -> StageResult:
    """Run one stage of a job as the pipeline does: a process of its own, committed if it works."""
    lock = os.open(job_dir / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        attempt = Attempt(
            job_dir=job_dir,
            stage=stage,
            python=Path(sys.executable),
            environment="common",
            environment_lock=None,
            timeout=timeout,
            grace=2.0,
            log_max_mb=1,
        )
        return run_attempt(attempt, lock, lambda event: None)
    finally:
        os.close(lock)


def put(job_dir: Path, stage: str, name: str, content: BaseModel | str) -> Path:
    """Write a file as an earlier stage would have left it."""
    path = output(job_dir, stage, name)
    path.parent.mkdir(exist_ok=True)
    text = content if isinstance(content, str) else content.model_dump_json(indent=2)
    write_text(path, text)
    return path


def output(job_dir: Path, stage: str, name: str) -> Path:
    """Return the place of a file that a stage writes."""
    return job_dir / get_stage_dir(stage) / name


def log_of(job_dir: Path, stage: str) -> str:
    """Return what a stage has logged."""
    return stage_log(job_dir, stage).read_text(encoding="utf-8")


def words(*timed: tuple[float, float, str]) -> list[Word]:
    """Return words from (start, end, text)."""
    return [Word(start=start, end=end, text=text) for start, end, text in timed]


def segment(number: int, start: float, end: float, text: str, **fields: Any) -> Segment:
    """Return a segment; further fields replace the usual ones."""
    usual: dict[str, Any] = {"confidence": 0.9, "language": "en"}
    return Segment(id=number, start=start, end=end, text=text, **{**usual, **fields})


def transcript(*segments: Segment, language: str = "en", **fields: Any) -> Transcript:
    """Return a transcript of these segments."""
    usual: dict[str, Any] = {"engine": "test", "model": "none", "audio_duration": 60.0}
    return Transcript(language=language, segments=list(segments), **{**usual, **fields})


def by_whisper(texts: Mapping[int, str]) -> dict[int, LineResult]:
    """Return what became of lines that Whisper base was asked for.

    Args:
        texts: Segment id to its translation, "" = nothing usable came in three tries.
    """
    return {
        number: (
            LineResult(text, "whisper", "base", 1)
            if text
            else LineResult(attempts=3, objections=["whisper: no answer"])
        )
        for number, text in texts.items()
    }
