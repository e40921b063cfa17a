#!/usr/bin/env python3
"""
Table: appendix B's manual list for every stage, and for the public functions of each folder

Usage:
    from tools.compliance.checklist.table import check_list

    rows = check_list(project_root, stages, ["asr"])
    rows[0].reasons["type_hints"]
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.compliance import check_errors, check_hardcoded
from tools.compliance.checklist.configuration import documented_keys, undocumented
from tools.compliance.checklist.functions import (
    docstring_reasons,
    public_functions,
    type_reasons,
)
from tools.compliance.checklist.tests_found import FoundTests
from tools.compliance.checklist.trees import FOLDERS, documented_names, read_project
from tools.compliance.source import Reason, StageSource

STAGE_ITEMS = {
    "registered": "Registered",
    "exit_codes": "Exit codes",
    "no_hardcoded_values": "No HC",
    "function_docs": "Functions",
    "example": "Example",
    "type_hints": "Types",
    "test_success": "Test ok",
    "test_failure": "Test fail",
    "configuration": "Config docs",
}
FOLDER_ITEMS = ("function_docs", "type_hints")
WHEN = {"test_success": "succeeds", "test_failure": "fails"}
EXAMPLES = ("Example:", "Examples:", "Usage:")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: A stage, or a folder with a slash.
        reasons: Item to what is missing; empty where it is as it should be.
    """

    name: str
    reasons: dict[str, list[Reason]]

    @property
    def passed(self) -> int:
        """Number of items that are as they should be."""
        return sum(not found for found in self.reasons.values())


def check_list(root: Path, stages: Mapping[str, str], chosen: Sequence[str]) -> list[Row]:
    """Return the table: a row for each chosen stage; with all of them, one for each folder, too.

    Args:
        root: Project root.
        stages: Every stage name to its script's file name, in order.
        chosen: The stages to look at.
    """
    trees = read_project(root)
    known = documented_names(trees)
    tests = FoundTests.read(root, stages)
    keys = documented_keys(root)
    rows = []
    for stage in chosen:
        file = f"scripts/{stages[stage]}"
        reasons = _stage_reasons(root, stage, file, stages, known, keys)
        for item, found in (("test_success", tests.success), ("test_failure", tests.failure)):
            told = f"no test in tests/ looks at {stage} when it {WHEN[item]}"
            reasons[item] = [] if found[stage] else [Reason(file, 1, told)]
        rows.append(Row(stage, {item: reasons[item] for item in STAGE_ITEMS}))
    if len(chosen) == len(stages):
        rows += [_folder_row(folder, trees, known) for folder in FOLDERS]
    return rows


def _stage_reasons(
    root: Path,
    stage: str,
    file: str,
    stages: Mapping[str, str],
    known: set[str],
    keys: set[str],
) -> dict[str, list[Reason]]:
    """Return what each item finds in a stage's script, or what keeps it from being read."""
    try:
        source = StageSource.parse(stage, file, (root / file).read_bytes(), tuple(stages))
    except (OSError, SyntaxError, ValueError, RecursionError) as error:
        return {item: [Reason(file, 1, f"cannot be read: {error}")] for item in STAGE_ITEMS}
    functions = list(public_functions(file, source.tree))
    documented = any(heading in text for text in _docstrings(source.tree) for heading in EXAMPLES)
    return {
        "registered": _registration_reasons(stage, file, stages),
        "exit_codes": check_errors.check(source),
        "no_hardcoded_values": check_hardcoded.check(source),
        "function_docs": [r for f in functions for r in docstring_reasons(f, known)],
        "example": [] if documented else [Reason(file, 1, "no docstring holds an example")],
        "type_hints": [r for f in functions for r in type_reasons(f)],
        "configuration": list(undocumented(source, keys)),
    }


def _registration_reasons(stage: str, file: str, stages: Mapping[str, str]) -> list[Reason]:
    """Return whether a stage has a name and a script of its own in shared/stage_order.py."""
    told = []
    if not stage.isidentifier() or stage != stage.lower():
        told.append(f"{stage!r} is no name in snake_case")
    if list(stages.values()).count(stages[stage]) > 1:
        told.append(f"{stages[stage]} is the script of several stages")
    return [Reason(file, 1, text) for text in told]


def _docstrings(tree: ast.Module) -> list[str]:
    """Return the docstring of a module and of everything in it."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, kinds)]


def _folder_row(folder: str, trees: Mapping[str, ast.Module], known: set[str]) -> Row:
    """Return what the public functions of a folder leave out."""
    functions = [
        function
        for file, tree in trees.items()
        if file.startswith(folder + "/")
        for function in public_functions(file, tree)
    ]
    docs = [reason for function in functions for reason in docstring_reasons(function, known)]
    types = [reason for function in functions for reason in type_reasons(function)]
    return Row(folder + "/", dict(zip(FOLDER_ITEMS, (docs, types), strict=True)))
