#!/usr/bin/env python3
"""
Tests found: which tests of a project look at a stage when it succeeds, and which when it fails

A test belongs to a stage when it uses what it imports from the stage's script, hands the stage's
name to a function that runs a stage or reads what it left, or names its folder; a parametrised test
belongs to every stage that it names. It is one of failure when it expects an exception, a refusal
or an exit code other than 0; any other test that asserts something is one of success.

Usage:
    from tools.compliance.checklist.tests_found import FoundTests

    FoundTests.read(project_root, {"demux": "demux.py"}).failure["demux"]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.compliance.checklist.trees import read_tree
from tools.compliance.source import constant, last_name

LOOKS_AT_A_STAGE = re.compile(
    r"^(run|_run|attempt|output$|log_of$|load_record$|stage_file$|StageIO$|parametrize$)"
)
FOLDER = re.compile(r"(?<![\w])\d\d_\w+")
EVERY_STAGE = "STAGE_ORDER"
FAILURE_CALLS = {"raises", "assert_refused", "refused_or"}
CODE_NAMES = {"returncode", "exit_code"}
FAILED = {"failed"}


@dataclass
class FoundTests:
    """Names of test functions by stage.

    Attributes:
        success: Those that look at a stage which succeeds.
        failure: Those that look at a stage which fails or refuses.
    """

    success: dict[str, set[str]] = field(default_factory=dict)
    failure: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path, stages: Mapping[str, str]) -> FoundTests:
        """Return what the tests of a project look at.

        Args:
            root: Project root; its tests lie in tests/.
            stages: Stage name to script file name.
        """
        found = cls({stage: set() for stage in stages}, {stage: set() for stage in stages})
        for path in sorted((root / "tests").rglob("test_*.py")):
            tree = read_tree(path)
            if tree is not None:
                found._take(path, tree, stages)
        return found

    def _take(self, path: Path, tree: ast.Module, stages: Mapping[str, str]) -> None:
        helpers = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
        imported = _imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                inner = list(_with_helpers(node, helpers))
                told = set(_named(inner))
                modules = {imported.get(n.id, "") for n in inner if isinstance(n, ast.Name)}
                kind = self.failure if _expects_failure(inner) else self.success
                asserts = any(isinstance(n, ast.Assert) for n in inner)
                for number, (stage, script) in enumerate(stages.items(), 1):
                    own = {stage, f"{number:02d}_{stage}", EVERY_STAGE}
                    is_own = own & told or f"scripts.{script.removesuffix('.py')}" in modules
                    if is_own and (asserts or kind is self.failure):
                        kind[stage].add(f"{path.name}::{node.name}")


def _named(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield what is handed to functions that look at a stage, and the folders in any string."""
    for node in nodes:
        if isinstance(node, ast.Call) and LOOKS_AT_A_STAGE.match(last_name(node.func)):
            for argument in node.args:
                value = argument.value if isinstance(argument, ast.Starred) else argument
                yield from (str(constant(n)) for n in ast.walk(value) if constant(n))
                yield last_name(value)
        text = constant(node)
        if isinstance(text, str):
            yield from FOLDER.findall(text)


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return local name to module of every import from a module."""
    return {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _with_helpers(
    node: ast.FunctionDef, helpers: Mapping[str, ast.FunctionDef]
) -> Iterator[ast.AST]:
    """Yield the nodes of a test, its decorators included, and of the helpers that it calls."""
    yield from ast.walk(node)
    called = {last_name(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    called |= {argument.arg for argument in node.args.args}
    for name in sorted(called & helpers.keys() - {node.name}):
        yield from ast.walk(helpers[name])


def _expects_failure(nodes: list[ast.AST]) -> bool:
    """Tell whether a test expects an exception, a refusal or a failure's exit code."""
    for node in nodes:
        if isinstance(node, ast.Call) and last_name(node.func) in FAILURE_CALLS:
            return True
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq, ast.In)):
            names = {
                last_name(n) for side in (node.left, *node.comparators) for n in ast.walk(side)
            }
            values = {constant(n) for side in node.comparators for n in ast.walk(side)}
            numbers = {v for v in values if type(v) is int}
            is_not_zero = isinstance(node.ops[0], ast.NotEq) and numbers == {0}
            if names & CODE_NAMES and (is_not_zero or any(numbers - {0})):
                return True
            if values & FAILED:
                return True
    return False
