#!/usr/bin/env python3
"""
Liveness: which nodes of a script can run at all

A call that a check asks for counts only where it can run: not after a return, not under
`if False`, not in a function that nothing reaches from the module or from main().

Usage:
    from tools.compliance.liveness import live_nodes
"""

from __future__ import annotations

import ast

ENDS_BLOCK = (ast.Return, ast.Raise, ast.Continue, ast.Break)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def live_nodes(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that can run, starting from the module's statements and main().

    Args:
        tree: A whole script.
    """
    return _Walker(tree).live


def never_true(test: ast.expr) -> bool:
    """Tell whether a condition is false whatever happens (`False`, `0`, TYPE_CHECKING).

    Args:
        test: The condition of an `if` or `while`.
    """
    if isinstance(test, ast.Constant):
        return not test.value
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return always_true(test.operand)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(never_true(value) for value in test.values)
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def always_true(test: ast.expr) -> bool:
    """Tell whether a condition is true whatever happens (`True`, `1`).

    Args:
        test: The condition of an `if` or `while`.
    """
    return isinstance(test, ast.Constant) and bool(test.value)


class _Walker:
    def __init__(self, tree: ast.Module) -> None:
        self.live: set[ast.AST] = {tree}
        self._waiting: dict[str, list[Definition]] = {}
        self._wanted: set[str] = {"main"}
        self._block(tree.body)
        if "main" not in self._waiting:  # no main() is one fault, not one for every call
            self._wanted.update(self._waiting)
        while ready := [name for name in self._waiting if name in self._wanted]:
            for name in ready:
                for definition in self._waiting.pop(name):
                    self._enter(definition)

    def _enter(self, definition: Definition) -> None:
        if isinstance(definition, ast.ClassDef):
            for child in definition.body:
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._expression(child.args)
                    self._enter(child)
                else:
                    self._block([child])
            return
        self.live.add(definition)
        self._block(definition.body)

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)
            if isinstance(statement, ENDS_BLOCK):
                return

    def _statement(self, statement: ast.stmt) -> None:
        self.live.add(statement)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._waiting.setdefault(statement.name, []).append(statement)
            for decorator in statement.decorator_list:
                self._expression(decorator)
                self._wanted.add(statement.name)
            return
        skip = ""
        if isinstance(statement, (ast.If, ast.While)):
            skip = "body" if never_true(statement.test) else ""
            if isinstance(statement, ast.If) and always_true(statement.test):
                skip = "orelse"
        for name, value in ast.iter_fields(statement):
            if name != skip:
                self._field(value)

    def _field(self, value: object) -> None:
        if isinstance(value, list):
            if value and isinstance(value[0], ast.stmt):
                self._block(value)
                return
            for item in value:
                self._field(item)
        elif isinstance(value, (ast.ExceptHandler, ast.match_case)):
            self.live.add(value)
            for _, inner in ast.iter_fields(value):
                self._field(inner)
        elif isinstance(value, ast.AST):
            self._expression(value)

    def _expression(self, node: ast.AST) -> None:
        for inner in ast.walk(node):
            self.live.add(inner)
            if isinstance(inner, ast.Name):
                self._wanted.add(inner.id)
            elif isinstance(inner, ast.Attribute):
                self._wanted.add(inner.attr)
