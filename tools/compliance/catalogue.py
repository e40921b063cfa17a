#!/usr/bin/env python3
"""
Catalogue: the stages of a project, the six checks, and the result of each on each

Usage:
    stages = load_stages(project_root)
    results = [check_stage(project_root, stage, stages) for stage in stages]
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import InputError
from tools.compliance import (
    check_config,
    check_docstring,
    check_errors,
    check_hardcoded,
    check_logger,
    check_stageio,
)
from tools.compliance.source import Reason, StageSource

Check = Callable[[StageSource], list[Reason]]
CHECKS: dict[str, Check] = {
    "stageio": check_stageio.check,
    "logger": check_logger.check,
    "config": check_config.check,
    "no_hardcoded": check_hardcoded.check,
    "error_handling": check_errors.check,
    "docstring": check_docstring.check,
}


@dataclass(frozen=True)
class StageResult:
    """What the checks found in one stage.

    Attributes:
        stage: Name of the stage.
        number: Its place in STAGE_ORDER, from 1.
        file: Its script, relative to the project root.
        reasons: Check name to the reasons it fails; empty where it passes.
    """

    stage: str
    number: int
    file: str
    reasons: dict[str, list[Reason]]

    @property
    def passed(self) -> int:
        """Number of checks passed."""
        return sum(not found for found in self.reasons.values())


def load_stages(root: Path) -> dict[str, str]:
    """Return stage name to script file name, in order, from a project's shared/stage_order.py.

    Args:
        root: Project root.

    Raises:
        InputError: There is no such file, or it does not define STAGE_ORDER.
    """
    path = root / "shared" / "stage_order.py"
    spec = importlib.util.spec_from_file_location("compliance_stage_order", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"No shared/stage_order.py in {root}", hint="Give the project's --root")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        order, scripts = list(module.STAGE_ORDER), dict(getattr(module, "STAGE_SCRIPTS", {}))
    except Exception as error:  # whatever a broken project file raises is the user's to mend
        cause = f"shared/stage_order.py cannot be read: {type(error).__name__}: {error}"
        raise InputError(cause, hint="Mend it: python3 shared/stage_order.py") from error
    finally:
        del sys.modules[spec.name]
    return {str(stage): _script(root, str(stage), scripts) for stage in order}


def _script(root: Path, stage: str, scripts: dict[str, str]) -> str:
    """Return the file name of a stage's script (standards 1.2: {name}.py or {name}_stage.py)."""
    longer = f"{stage}_stage.py"
    usual = longer if (root / "scripts" / longer).is_file() else f"{stage}.py"
    return str(scripts.get(stage) or usual)


def check_stage(root: Path, stage: str, stages: dict[str, str]) -> StageResult:
    """Run every check on one stage's script.

    Args:
        root: Project root.
        stage: Name of the stage, a key of stages.
        stages: As load_stages() gives them.

    Returns:
        Reasons by check, none where it passes.
    """
    number = list(stages).index(stage) + 1
    file = f"scripts/{stages[stage]}"
    try:
        source = _parse(root, stage, file, stages)
        reasons = {name: _tidy(run(source)) for name, run in CHECKS.items()}
    except SyntaxError as error:
        reasons = _all_fail(file, error.lineno or 1, f"syntax error: {error.msg}")
    except ValueError as error:
        reasons = _all_fail(file, 1, f"not a Python script: {error}")
    except RecursionError:
        reasons = _all_fail(file, 1, "nested too deeply to check")
    except OSError as error:
        reasons = _all_fail(file, 1, f"no script to check: {error.strerror or error}")
    return StageResult(stage, number, file, reasons)


def _parse(root: Path, stage: str, file: str, stages: dict[str, str]) -> StageSource:
    return StageSource.parse(stage, file, (root / file).read_bytes(), tuple(stages))


def _all_fail(file: str, line: int, message: str) -> dict[str, list[Reason]]:
    return {name: [Reason(file, line, message)] for name in CHECKS}


def _tidy(reasons: Iterable[Reason]) -> list[Reason]:
    """Return reasons in order of line, each once."""
    return sorted(set(reasons))
