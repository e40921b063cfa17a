#!/usr/bin/env python3
"""
Tracking: where the object made by a call goes, through names and local functions

StageIO, the logger and the configuration must be made and then really used. This follows the
object from the call that makes it into every name, attribute and parameter that holds it.

Usage:
    tracked = Tracked(source, "shared.config.load_config")
    tracked.calls       # the calls that make it
    tracked.references  # every expression that stands for it
"""

from __future__ import annotations

import ast

from tools.compliance.source import StageSource, last_name

Holder = tuple[ast.AST, str]  # scope, name or dotted text


class Tracked:
    """The objects that calls of one function give, and the expressions that stand for them.

    Args:
        source: The script.
        dotted: Dotted name of the function or class, for example shared.config.load_config.
    """

    def __init__(self, source: StageSource, dotted: str) -> None:
        self.source = source
        self._definitions = [
            n for n in source.nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))
        ]
        self.calls = [c for c in source.calls() if source.qualified(c.func) == dotted]
        self.holders: set[Holder] = set()
        self.references: list[ast.expr] = []
        made: list[ast.expr] = list(self.calls)
        seen: set[ast.AST] = set()
        while made:
            node = made.pop()
            if node not in seen:
                seen.add(node)
                self.references.append(node)
                made.extend(self._follow(node))

    def _follow(self, node: ast.expr) -> list[ast.expr]:
        """Return further expressions that stand for the same object as this one."""
        parent = self.source.parents.get(node)
        if isinstance(parent, ast.Assign) and parent.value is node:
            return [e for target in parent.targets for e in self._bind(target)]
        if isinstance(parent, (ast.AnnAssign, ast.NamedExpr)) and parent.value is node:
            return self._bind(parent.target)
        if isinstance(parent, ast.withitem) and parent.optional_vars is not None:
            return self._bind(parent.optional_vars)
        if isinstance(parent, ast.Return):
            name = getattr(self.source.scope(parent), "name", "")
            return [c for c in self.source.calls() if last_name(c.func) == name]
        call = parent if isinstance(parent, ast.Call) else self.source.parents.get(parent or node)
        if isinstance(call, ast.Call) and call.func is not node:
            parameter = self.parameter(call, node)
            if parameter is not None:
                return self._hold(parameter[0], parameter[1])
        return []

    def _bind(self, target: ast.expr) -> list[ast.expr]:
        if isinstance(target, ast.Name):
            return self._hold(self.source.scope(target), target.id)
        if isinstance(target, ast.Attribute):
            owner = next(
                (a for a in self.source.ancestors(target) if isinstance(a, ast.ClassDef)),
                self.source.scope(target),
            )
            return self._hold(owner, ast.unparse(target))
        return []

    def _hold(self, scope: ast.AST, text: str) -> list[ast.expr]:
        if text == "_" or (scope, text) in self.holders:
            return []
        self.holders.add((scope, text))
        return [
            node
            for node in ast.walk(scope)
            if isinstance(node, (ast.Name, ast.Attribute))
            and text.endswith(last_name(node))
            and isinstance(node.ctx, ast.Load)
            and node in self.source.live
            and ast.unparse(node) == text
        ]

    def parameter(self, call: ast.Call, argument: ast.expr) -> tuple[ast.AST, str] | None:
        """Return (function, parameter) that an argument of a call to a local function fills.

        Args:
            call: A call in the script.
            argument: One of its arguments, as a node.
        """
        function, skip = self._callee(call)
        if function is None:
            return None
        names = [a.arg for a in function.args.posonlyargs + function.args.args][skip:]
        for position, value in enumerate(call.args):
            if value is argument:
                return (function, names[position]) if position < len(names) else None
        keyword = self.source.parents.get(argument)
        if isinstance(keyword, ast.keyword) and keyword.arg:
            return (function, keyword.arg)
        return None

    def _callee(self, call: ast.Call) -> tuple[ast.FunctionDef | None, int]:
        """Return the local function that a call runs and how many parameters it binds itself."""
        name = last_name(call.func)
        for node in self._definitions:
            method = isinstance(self.source.parents.get(node), ast.ClassDef)
            if isinstance(node, ast.FunctionDef) and node.name == name:
                if method == isinstance(call.func, ast.Attribute):
                    return node, int(method)
            if isinstance(node, ast.ClassDef) and node.name == name:
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                        return inner, 1
        return None, 0

    def holds(self, node: ast.AST) -> bool:
        """Tell whether an expression stands for the tracked object.

        Args:
            node: Any expression.
        """
        return any(node is reference for reference in self.references)

    def rebound(self) -> list[ast.AST]:
        """Return the statements that put something else under a tracked name."""
        found: list[ast.AST] = []
        made = {id(r) for r in self.references}
        for scope, text in self.holders:
            for node in ast.walk(scope):
                if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    if node.value is None or id(node.value) in made:
                        continue
                    if any(ast.unparse(t) == text for t in targets):
                        found.append(node)
                elif isinstance(node, ast.Delete):
                    found.extend(node for t in node.targets if ast.unparse(t) == text)
        return found


def passed_on(tracked: Tracked, node: ast.expr, ignored: frozenset[str]) -> bool:
    """Tell whether an object is handed to a function that is not local and not one to ignore.

    Args:
        tracked: The object, and every name it has.
        node: A use of it.
        ignored: Names of functions that only look at it, such as print or isinstance.
    """
    source = tracked.source
    parent = source.parents.get(node)
    if isinstance(parent, ast.keyword):
        parent = source.parents.get(parent)
    if not isinstance(parent, ast.Call) or parent.func is node:
        return False
    if tracked.parameter(parent, node) is not None:
        return False
    receiver = parent.func.value if isinstance(parent.func, ast.Attribute) else None
    if receiver is not None and "log" in ast.unparse(receiver).lower():
        return False
    return last_name(parent.func) not in ignored


def discarded(source: StageSource, node: ast.AST) -> bool:
    """Tell whether the value of an expression goes nowhere: a bare statement, or into `_`.

    Args:
        source: The stage's script.
        node: An expression of it.
    """
    parent = source.parents.get(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return discarded(source, parent)
    if isinstance(parent, ast.Assign):
        return all(isinstance(t, ast.Name) and t.id == "_" for t in parent.targets)
    return isinstance(parent, ast.Expr)
