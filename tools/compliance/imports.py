#!/usr/bin/env python3
"""
Imports: does a script take a name from the module the standards name, and call it

The StageIO, logger and config checks all begin with the same questions: is the name imported from
its module, does nothing else take its place, is it called where it can run.

Usage:
    reasons = import_reasons(source, tracked, "shared.config", "load_config")
"""

from __future__ import annotations

import ast

from tools.compliance.source import Reason, StageSource, last_name
from tools.compliance.tracking import Tracked


def import_reasons(source: StageSource, tracked: Tracked, module: str, name: str) -> list[Reason]:
    """Return why a script does not import and call module.name, each at the line to look at.

    Args:
        source: The stage's script.
        tracked: What the calls of that name made.
        module: Dotted name of the module that holds it.
        name: The function or class there.
    """
    dotted = f"{module}.{name}"
    locals_ = [local for local in source.import_lines if source.imports[local] == dotted]
    reasons = _replacements(source, locals_ or [name], dotted)
    if tracked.calls or reasons:
        return reasons
    lookalike = [c for c in source.calls(live_only=False) if last_name(c.func) == name]
    if lookalike and source.qualified(lookalike[0].func) != dotted:
        return [source.reason(lookalike[0], f"{name} is not imported from {module}")]
    if lookalike:
        return [source.reason(lookalike[0], f"the call of {name}() can never run")]
    lines = [source.import_lines[local] for local in locals_]
    line = lines[0] if lines else source.main_line()
    what = "is imported but never called" if lines else f"is not imported from {module}"
    return [source.reason(line, f"{name} {what}")]


def _replacements(source: StageSource, names: list[str], dotted: str) -> list[Reason]:
    """Return where a script binds one of these names to something else."""
    reasons = []
    for node in source.nodes:
        for name in _bound_names(node, dotted):
            if name in names:
                message = f"{name} is bound to something else than {dotted}"
                reasons.append(source.reason(node, message))
    return reasons


def _bound_names(node: ast.AST, dotted: str) -> list[str]:
    """Return the names that a node binds, other than by importing the dotted name itself."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.ImportFrom):
        base = f"{'.' * node.level}{node.module or ''}"
        return [a.asname or a.name for a in node.names if f"{base}.{a.name}" != dotted]
    if isinstance(node, ast.Import):
        return [a.asname or a.name for a in node.names if a.name != dotted]
    return []
