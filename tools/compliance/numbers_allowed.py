#!/usr/bin/env python3
"""
Numbers allowed: the few numeric literals that a stage script may hold

0, 1 and -1; the width of a `"=" * 60` rule; an exit code that main() returns; `indent=`; a small
index or slice bound.

Usage:
    from tools.compliance.numbers_allowed import number_allowed
"""

from __future__ import annotations

import ast

from tools.compliance.source import StageSource, constant

EXIT_CODES = (0, 1, 2, 3, 4, 130)
EXIT_CALLS = ("sys.exit", "exit", "SystemExit", "os._exit")
SMALL_INDEX = (0, 1, 2)


def number_allowed(source: StageSource, node: ast.expr) -> bool:
    """Tell whether a numeric literal is one of the few that need no configuration.

    Args:
        source: The script.
        node: A Constant that holds a number.
    """
    value = constant(node)
    if value in (0, 1):
        return True
    parent = source.parents.get(node)
    if isinstance(parent, ast.UnaryOp):
        node, parent = parent, source.parents.get(parent)
    if isinstance(parent, ast.keyword):
        return parent.arg == "indent"
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult):
        return "=" in (constant(parent.left), constant(parent.right))
    if isinstance(value, int) and value in SMALL_INDEX:
        if isinstance(parent, ast.Slice) or _is_index(source, node, parent):
            return True
    if not isinstance(value, int) or value not in EXIT_CODES:
        return False
    if isinstance(parent, ast.Return):
        return getattr(source.scope(parent), "name", "") in exit_functions(source)
    return isinstance(parent, ast.Call) and source.qualified(parent.func) in EXIT_CALLS


def _is_index(source: StageSource, node: ast.AST, parent: ast.AST | None) -> bool:
    """Tell whether a node is an index, alone or in a tuple of indices."""
    if isinstance(parent, ast.Tuple):
        node, parent = parent, source.parents.get(parent)
    return isinstance(parent, ast.Subscript) and parent.slice is node


def exit_functions(source: StageSource) -> set[str]:
    """Return the functions whose result is the exit code: main and those it returns straight.

    Args:
        source: The stage's script.
    """
    found, waiting = set(), ["main"]
    while waiting:
        name = waiting.pop()
        if name in found or name not in source.functions:
            continue
        found.add(name)
        for node in ast.walk(source.functions[name]):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
                waiting.append(source.qualified(node.value.func))
    return found
