#!/usr/bin/env python3
"""
Script repair: the script policy applied to a transcript by a worker in the environment of Indic
languages.

The worker is started only where a Hindi segment holds Roman or Urdu letters. Where its environment
is missing the transcript stays as the engine wrote it, and what is in the wrong script is marked.

Usage:
    from scripts.writing.script_repair import repair_script, romanise

    transcript = repair_script(stage_io, config, transcript)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.core.environment_stamp import STAMP_NAME
from shared.core.errors import DependencyError, UnavailableError, counted
from shared.core.languages import primary
from shared.core.settings import PipelineConfig
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager
from shared.stage_utils import StageIO
from shared.transcript.records.schemas import Transcript
from shared.transcript.writing.script_policy import (
    HINDI,
    ROMAN_HINDI,
    can_be_read,
    join_tokens,
    measured_segment,
    rewritten_segment,
    romanised_segment,
    split_rewritten,
    split_tokens,
    tokens_of,
    with_shares,
)
from shared.translation.backend import BackendOptions, SourceLine
from shared.translation.worker_client import WorkerBackend

ENGINE = "script"


def repair_script(stage_io: StageIO, config: PipelineConfig, transcript: Transcript) -> Transcript:
    """Return the transcript with its script measured and, as the policy says, repaired.

    Args:
        stage_io: Warnings, and which code the worker ran.
        config: SCRIPT_POLICY and its settings.
        transcript: As the engine wrote it.
    """
    heard = list(transcript.segments)
    done = {one.id: measured_segment(one) for one in heard}
    loans = config.script_loans == "latin"
    todo = [one for one in heard if can_be_read(one, loans)]
    if todo and config.script_policy != "keep":
        lines = [SourceLine(one.id, join_tokens(tokens_of(one))) for one in todo]
        texts = _ask(stage_io, config, lines, HINDI)
        for one in todo:
            if one.id in texts:
                rewritten = split_rewritten(texts[one.id])
                done[one.id] = rewritten_segment(one, rewritten, config.script_min_known)
    transcript = transcript.model_copy(update={"segments": [done[one.id] for one in heard]})
    wrong = sum(one.script == "wrong" for one in transcript.segments)
    if wrong:
        told = counted(wrong, "line is", "lines are")
        stage_io.warn(f"{told} not in the script of their language and marked so")
    return with_shares(transcript, heard)


def romanise(stage_io: StageIO, config: PipelineConfig, transcript: Transcript) -> Transcript:
    """Return the transcript with Hindi in Roman letters, if the policy is so.

    Args:
        stage_io: Warnings, and which code the worker ran.
        config: SCRIPT_POLICY.
        transcript: Timed, in its own script.
    """
    segments = transcript.segments
    todo = [one for one in segments if primary(one.language) == HINDI and one.text.strip()]
    if config.script_policy != "roman" or not todo:
        return transcript
    lines = [SourceLine(one.id, join_tokens(tokens_of(one))) for one in todo]
    texts = _ask(stage_io, config, lines, ROMAN_HINDI)
    done = [
        romanised_segment(one, split_tokens(texts[one.id])) if one.id in texts else one
        for one in segments
    ]
    heard = transcript.heard_script_share
    written = with_shares(transcript.model_copy(update={"segments": done}), [], ROMAN_HINDI)
    return written.model_copy(update={"heard_script_share": heard}) if texts else transcript


def script_summary(transcript: Transcript) -> dict[str, Any]:
    """Return the figures of a stage summary.

    Args:
        transcript: After repair_script.
    """
    verdicts = [one.script for one in transcript.segments]
    return {
        "expected_script": transcript.expected_script,
        "script_share_heard": transcript.heard_script_share,
        "script_share": transcript.script_share,
        "script_repaired": verdicts.count("repaired"),
        "script_wrong": verdicts.count("wrong"),
    }


def _ask(
    stage_io: StageIO, config: PipelineConfig, lines: list[SourceLine], target: str
) -> dict[int, str]:
    """Return what the worker made of the lines; nothing, with a warning, where it cannot run."""
    try:
        with _worker(stage_io, config) as backend:
            texts: dict[int, str] = {}
            # In batches, each with its own time to answer: a rare word takes the model a second.
            for start in range(0, len(lines), config.translation_batch_size):
                batch = lines[start : start + config.translation_batch_size]
                texts |= backend.translate(batch, source=HINDI, target=target)
            return texts
    except (UnavailableError, DependencyError) as error:
        # What is not here is an input of the stage; what failed may work the next time.
        tell = stage_io.lack if isinstance(error, UnavailableError) else stage_io.degrade
        tell(f"Hindi stays in the letters it was heard in: {error.cause} ({error.hint})")
        return {}


@contextmanager
def _worker(stage_io: StageIO, config: PipelineConfig) -> Iterator[WorkerBackend]:
    environments = EnvironmentManager()
    environment = STAGE_ENGINES["translation"][ENGINE]
    # The stage runs again when the environment has been made, or made anew.
    stage_io.get_project_file(environments.folder(environment) / STAMP_NAME)
    environments.require(environment)
    extra = {
        "keep_english": config.script_english == "latin",
        "loans": config.script_loans == "latin",
    }
    options = BackendOptions(model="", extra=extra)
    seconds = config.translation_answer_seconds
    with WorkerBackend(environments.python(environment), ENGINE, options, seconds) as backend:
        yield backend
    stage_io.add_ran(backend.ran)
