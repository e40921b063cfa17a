#!/usr/bin/env python3
"""
Trees: syntax trees of a project's files, and the names that are documented in them

Usage:
    from tools.compliance.checklist.trees import read_project

    trees = read_project(root)    # {"shared/config.py": tree, …}
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from pathlib import Path

from tools.compliance.checklist.functions import ARGS, public_functions

FOLDERS = ("shared", "scripts", "tools")


def read_tree(path: Path) -> ast.Module | None:
    """Return the syntax tree of a file, None when it is no Python that can be read.

    Args:
        path: The file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(path.read_bytes(), filename=str(path))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def read_project(root: Path) -> dict[str, ast.Module]:
    """Return the syntax trees of shared/, scripts/ and tools/ by path from the root.

    Args:
        root: Project root; what cannot be parsed is left out.
    """
    trees: dict[str, ast.Module] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            tree = read_tree(path)
            if tree is not None:
                trees[path.relative_to(root).as_posix()] = tree
    return trees


def documented_names(trees: Mapping[str, ast.Module]) -> set[str]:
    """Return what other docstrings may refer to: functions, "Class.method", and their classes.

    Args:
        trees: Path to syntax tree.

    Returns:
        Names of functions whose docstring has an Args section, or that take nothing.
    """
    names: set[str] = set()
    for file, tree in trees.items():
        for function in public_functions(file, tree):
            if ARGS.search(function.docstring) or not function.parameters():
                names |= {function.name, function.node.name, *function.name.split(".")[:-1]}
    return names
