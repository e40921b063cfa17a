#!/usr/bin/env python3
"""
Stage order: the one list of stages, their numbers, directories, scripts and workflows.

To add a stage: its script, its name in STAGE_ORDER, its environment in STAGE_TO_ENV
(shared/environment_manager.py). docs/DEVELOPER_STANDARDS.md has the steps.

Usage:
    from shared.stage_order import STAGE_ORDER, get_stage_dir, get_stage_number

    get_stage_dir("asr")     # '06_asr'
    get_stage_number("asr")  # 6

Note:
    Standard library only: the compliance checker and bootstrap read it without any environment.
"""

from __future__ import annotations

from pathlib import Path

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

# The stages whose script is not named as they are: scripts/<stage>.py or scripts/<stage>_stage.py.
STAGE_SCRIPTS: dict[str, str] = {
    "tmdb": "tmdb_enrichment_stage.py",
    "glossary_load": "glossary_builder.py",
    "asr": "whisperx_asr.py",
    "alignment": "mlx_alignment.py",
    "subtitle_generation": "subtitle_gen.py",
}

SCRIPTS_DIR = Path(__file__).resolve().parent.parent / "scripts"

# The last stage of each workflow; every workflow starts at the first stage.
WORKFLOWS: dict[str, str] = {
    "transcribe": "export_transcript",
    "translate": "translation",
    "subtitle": STAGE_ORDER[-1],
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


def get_stage_script(stage: str, scripts: Path = SCRIPTS_DIR) -> Path:
    """Return the script of a stage: the one that STAGE_SCRIPTS names, else the one of its name.

    Args:
        stage: A name in STAGE_ORDER.
        scripts: The folder of the scripts.

    Returns:
        `<stage>.py` or `<stage>_stage.py`; the first also when there is neither.
    """
    plain = scripts / STAGE_SCRIPTS.get(stage, f"{stage}.py")
    longer = scripts / f"{stage}_stage.py"
    return longer if longer.is_file() and not plain.is_file() else plain


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
