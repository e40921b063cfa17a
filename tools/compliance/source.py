#!/usr/bin/env python3
"""
Source: one stage script as a syntax tree, with its imports resolved

Every check reads the script through this class, so that an alias (`import os as o`) or a name
that only looks like the right one means the same to all of them.

Usage:
    source = StageSource.parse("demux", "scripts/demux.py", text, stages=("demux", "asr"))
    source.qualified(node)  # "os.environ", whatever it was imported as
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.compliance.liveness import live_nodes

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, order=True)
class Reason:
    """Why a check fails: file (relative to the project root), line (from 1) and message."""

    file: str
    line: int
    message: str


@dataclass
class StageSource:
    """A parsed stage script.

    Attributes:
        stage: Name of the stage, as in STAGE_ORDER.
        file: Path of the script relative to the project root, with forward slashes.
        tree: The module's syntax tree.
        stages: Every stage name in order.
        nodes: Every node of the tree.
        parents: Parent of each node.
        imports: Dotted name behind each imported local name.
        import_lines: Line of each imported local name.
        functions: Module-level functions by name, the last definition of each.
        live: Nodes that can run: reached from the module or from main, not after a return.
    """

    stage: str
    file: str
    tree: ast.Module
    stages: tuple[str, ...]
    nodes: list[ast.AST] = field(default_factory=list)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    import_lines: dict[str, int] = field(default_factory=dict)
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    live: set[ast.AST] = field(default_factory=set)

    @classmethod
    def parse(cls, stage: str, file: str, text: bytes, stages: tuple[str, ...]) -> StageSource:
        """Parse a script.

        Args:
            stage: Its name in STAGE_ORDER.
            file: Path relative to the project root, for reasons.
            text: The file's bytes; the encoding is the one it declares.
            stages: Every stage name, in order.

        Returns:
            The script with imports, parents and what can run.

        Raises:
            SyntaxError: The script is not valid Python (also: not in its declared encoding).
            ValueError: The script holds null bytes.
            RecursionError: The script is nested too deeply.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, filename=file)
        source = cls(stage, file, tree, stages)
        source.nodes = list(ast.walk(tree))
        for parent in source.nodes:
            for child in ast.iter_child_nodes(parent):
                source.parents[child] = parent
        source._collect_imports()
        source.functions = {
            node.name: node
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        source.live = live_nodes(tree)
        return source

    def _collect_imports(self) -> None:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.split(".")[0]
                    self._add_import(local, alias.name if alias.asname else local, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    dotted = f"{'.' * node.level}{node.module or ''}.{alias.name}"
                    self._add_import(alias.asname or alias.name, dotted, node.lineno)
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                known = self.imports.get(node.value.id)
                for target in node.targets:
                    if known and isinstance(target, ast.Name) and target.id not in self.imports:
                        self.imports[target.id] = known

    def _add_import(self, local: str, dotted: str, line: int) -> None:
        self.imports[local] = dotted
        self.import_lines[local] = line

    def qualified(self, node: ast.AST | None) -> str:
        """Return the dotted name of a Name or Attribute, imports resolved; "" for all else.

        Args:
            node: Any node; None gives "".
        """
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.qualified(node.value)
            return f"{base}.{node.attr}" if base else ""
        if isinstance(node, ast.Subscript) and self.qualified(node.value) == "sys.modules":
            return str(constant(node.slice) or "")
        if isinstance(node, ast.Call) and node.args:
            if self.qualified(node.func) in ("__import__", "importlib.import_module"):
                return str(constant(node.args[0]) or "")
        return ""

    def calls(self, live_only: bool = True) -> Iterator[ast.Call]:
        """Yield every call, in source order; only those that can run unless told otherwise.

        Args:
            live_only: Leave out what stands after a return or in a function that nobody calls.
        """
        found = [n for n in self.nodes if isinstance(n, ast.Call)]
        for node in sorted(found, key=lambda n: (n.lineno, n.col_offset)):
            if not live_only or node in self.live:
                yield node

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the parents of a node, the nearest first.

        Args:
            node: Any node of this script.
        """
        while node in self.parents:
            node = self.parents[node]
            yield node

    def scope(self, node: ast.AST) -> ast.AST:
        """Return the function that a node stands in, or the module.

        Args:
            node: Any node of this script.
        """
        return next((a for a in self.ancestors(node) if isinstance(a, SCOPES)), self.tree)

    def text_of(self, node: ast.AST) -> str | None:
        """Return the string a node stands for: a literal, or a name assigned one literal only.

        Args:
            node: A string, or a name.
        """
        value = constant(node)
        if value is None and isinstance(node, ast.Name):
            values = self.assigned_values(node.id)
            value = constant(values[0]) if len(values) == 1 else None
        return value if isinstance(value, str) else None

    def assigned_values(self, name: str) -> list[ast.expr]:
        """Return every expression assigned to a name anywhere in the script.

        Args:
            name: A local name, whatever its scope.
        """
        values: list[ast.expr] = []
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                    values.append(node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                if isinstance(node.target, ast.Name) and node.target.id == name:
                    values.append(node.value)
        return values

    def reason(self, where: ast.AST | int, message: str) -> Reason:
        """Make a reason at a node or a line.

        Args:
            where: A node, or a line from 1.
            message: What is wrong, for a person.

        Returns:
            The reason, in this script.
        """
        line = where if isinstance(where, int) else getattr(where, "lineno", 1)
        return Reason(self.file, line, message)

    def main_line(self) -> int:
        """Return the line of main(), or 1 when there is none."""
        return self.functions["main"].lineno if "main" in self.functions else 1

    def last_line(self) -> int:
        """Return the line where the last statement ends, or 1 for an empty script."""
        return (self.tree.body[-1].end_lineno or 1) if self.tree.body else 1


def constant(node: ast.AST | None) -> object:
    """Return the value of a literal, None for any other node.

    Args:
        node: Any node; None gives None.
    """
    return node.value if isinstance(node, ast.Constant) else None


def last_name(node: ast.AST | None) -> str:
    """Return the last part of a name: `fail` for `stage_io.fail`, "" when it is no name.

    Args:
        node: Any node; None gives "".
    """
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
