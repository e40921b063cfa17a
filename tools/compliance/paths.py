#!/usr/bin/env python3
"""
Paths: what an expression that builds a path comes to

A path is joined in many ways (`/`, Path(), joinpath, f-strings, names). This folds them to one
text in which each unknown part is UNKNOWN, the script's own location is HERE, and the two folders
that StageIO gives are STAGE_DIR and JOB_DIR.

Usage:
    from tools.compliance.paths import PathFolder

    PathFolder(source, tracked_stage_io).text(node)
"""

from __future__ import annotations

import ast

from tools.compliance.source import StageSource, last_name
from tools.compliance.tracking import Tracked

UNKNOWN, HERE, STAGE_DIR, JOB_DIR = "\0", "\1", "\2", "\3"
JOINERS = ("Path", "PurePath", "PosixPath", "join", "joinpath", "with_name")
SAME_PATH = ("str", "resolve", "absolute", "fspath", "expanduser", "as_posix", "abspath", "open")
MAX_DEPTH = 12


def static_text(node: ast.AST) -> str | None:
    """Fold a string expression (literals, f-strings, `+`); None when it holds no literal text.

    Args:
        node: Any expression.

    Returns:
        The text, with a null character for each part that is not known.
    """
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bytes):
            return node.value.decode("latin-1")
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_formatted(value) for value in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = static_text(node.left), static_text(node.right)
        if left is None and right is None:
            return None
        return (UNKNOWN if left is None else left) + (UNKNOWN if right is None else right)
    return None


def _formatted(value: ast.expr) -> str:
    """Return the text of one part of an f-string; a two-digit number field keeps its width."""
    if not isinstance(value, ast.FormattedValue):
        return static_text(value) or ""
    literal = static_text(value.value) if isinstance(value.value, ast.Constant) else None
    if literal is not None:
        return literal
    width = static_text(value.format_spec) if value.format_spec else ""
    return "00" if width in ("02d", "02", "0>2") else UNKNOWN


class PathFolder:
    """Folds path expressions of one script.

    Args:
        source: The script.
        stage_io: Its StageIO object.
    """

    def __init__(self, source: StageSource, stage_io: Tracked) -> None:
        self.source = source
        self.stage_io = stage_io

    def text(self, node: ast.AST | None, depth: int = 0) -> str:
        """Return the folded path of an expression; UNKNOWN when nothing is known of it.

        Args:
            node: The expression of a path; None where there is none.
            depth: Names followed so far.
        """
        if node is None or depth > MAX_DEPTH:
            return UNKNOWN
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return f"{self.text(node.left, depth + 1)}/{self.text(node.right, depth + 1)}"
        if isinstance(node, ast.Name):
            return self._name(node, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, depth)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        folded = static_text(node)
        return UNKNOWN if folded is None else folded

    def _name(self, node: ast.Name, depth: int) -> str:
        if node.id == "__file__":
            return HERE
        values = self.source.assigned_values(node.id)
        return self.text(values[0], depth + 1) if len(values) == 1 else UNKNOWN

    def _attribute(self, node: ast.Attribute, depth: int) -> str:
        if self.stage_io.holds(node.value):
            return {"stage_dir": STAGE_DIR, "output_base": JOB_DIR, "job_dir": JOB_DIR}.get(
                node.attr, UNKNOWN
            )
        if node.attr == "parent":
            base = self.text(node.value, depth + 1)
            return f"{base}/.." if base[:1] in (STAGE_DIR, JOB_DIR) else base[:1] or UNKNOWN
        return UNKNOWN

    def _call(self, node: ast.Call, depth: int) -> str:
        name = last_name(node.func)
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name == "get_stage_dir" and node.args:
            return f"00_{self.source.text_of(node.args[0]) or UNKNOWN}"
        if receiver is not None and self.stage_io.holds(receiver):
            return STAGE_DIR if name == "get_output_path" else UNKNOWN
        if name in JOINERS:
            parts = [self.text(argument, depth + 1) for argument in node.args]
            if name in ("joinpath", "with_name"):
                parts.insert(0, self.text(receiver, depth + 1))
            return "/".join(parts) if parts else UNKNOWN
        if name in SAME_PATH:
            return self.text(node.args[0] if node.args else receiver, depth + 1)
        return UNKNOWN
