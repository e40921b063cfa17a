#!/usr/bin/env python3
"""
Sources: the files of a job that its doubts are read from, as they are now.

A file that is not made yet, or that a person has edited so that it cannot be read, counts as none.

Usage:
    from shared.pipeline.jobs.doubts.sources import read_model, read_transcript

    place, transcript = read_transcript(job_dir)
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.core.errors import InputError
from shared.core.files import read_json
from shared.stage_order import get_stage_dir
from shared.transcript.records.inputs import FINISHED_TRANSCRIPT
from shared.transcript.records.schemas import SpeechRegion, SpeechSegments, Transcript

SPEECH_FILE = "speech_segments.json"
Model = TypeVar("Model", bound=BaseModel)


def read_transcript(job_dir: Path) -> tuple[str, Transcript | None]:
    """Return the most finished transcript that can be read, and its name in the job directory.

    Args:
        job_dir: The job directory.
    """
    for stage, file in FINISHED_TRANSCRIPT:
        place = f"{get_stage_dir(stage)}/{file}"
        transcript = read_model(job_dir / place, Transcript)
        if transcript is not None:
            return place, transcript
    return "", None


def read_regions(job_dir: Path) -> list[SpeechRegion]:
    """Return where somebody speaks, in order; [] where no detector has told.

    Args:
        job_dir: The job directory.
    """
    speech = read_model(job_dir / get_stage_dir("pyannote_vad") / SPEECH_FILE, SpeechSegments)
    return sorted(speech.regions, key=lambda one: one.start) if speech else []


def read_model(path: Path, model: type[Model]) -> Model | None:
    """Return what a file holds, None where it is not made yet or holds something else.

    Args:
        path: A JSON file of the job.
        model: What it should hold.
    """
    try:
        return model.model_validate(read_json(path))
    except (InputError, OSError, ValidationError):
        return None
