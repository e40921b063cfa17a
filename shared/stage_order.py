#!/usr/bin/env python3
"""
Stage order: the one list of stages, their numbers, directories, scripts and workflows.

Usage:
    from shared.stage_order import STAGE_ORDER, get_stage_dir, get_stage_number

    get_stage_dir("asr")     # '06_asr'
    get_stage_number("asr")  # 6

Note:
    Standard library only: the compliance checker and bootstrap read it without any environment.
"""

from __future__ import annotations

STAGE_ORDER: list[str] = [
    "demux",
    "tmdb",
    "glossary_load",
    "source_separation",
    "pyannote_vad",
    "asr",
    "alignment",
    "lyrics_detection",
    "export_transcript",
    "translation",
    "subtitle_generation",
    "mux",
]

STAGE_SCRIPTS: dict[str, str] = {
    "demux": "demux.py",
    "tmdb": "tmdb_enrichment_stage.py",
    "glossary_load": "glossary_builder.py",
    "source_separation": "source_separation.py",
    "pyannote_vad": "pyannote_vad.py",
    "asr": "whisperx_asr.py",
    "alignment": "mlx_alignment.py",
    "lyrics_detection": "lyrics_detection.py",
    "export_transcript": "export_transcript.py",
    "translation": "translation.py",
    "subtitle_generation": "subtitle_gen.py",
    "mux": "mux.py",
}

# The last stage of each workflow; every workflow starts at the first stage.
WORKFLOWS: dict[str, str] = {
    "transcribe": "export_transcript",
    "translate": "translation",
    "subtitle": "mux",
}


def get_stage_number(stage: str) -> int:
    """Return the 1-based number of a stage.

    Args:
        stage: A name in STAGE_ORDER.

    Raises:
        ValueError: When there is no such stage.
    """
    return STAGE_ORDER.index(stage) + 1


def get_stage_dir(stage: str) -> str:
    """Return the directory name of a stage, for example '06_asr'.

    Args:
        stage: A name in STAGE_ORDER.

    Raises:
        ValueError: When there is no such stage.
    """
    return f"{get_stage_number(stage):02d}_{stage}"


def get_workflow_stages(workflow: str) -> list[str]:
    """Return the stages of a workflow in order.

    Args:
        workflow: A name in WORKFLOWS.

    Raises:
        KeyError: When there is no such workflow.
    """
    return STAGE_ORDER[: get_stage_number(WORKFLOWS[workflow])]


def get_previous_stage(stage: str) -> str | None:
    """Return the stage before a stage, None for the first one.

    Args:
        stage: A name in STAGE_ORDER.

    Raises:
        ValueError: When there is no such stage.
    """
    index = STAGE_ORDER.index(stage)
    return STAGE_ORDER[index - 1] if index else None
