#!/usr/bin/env python3
"""
Exit codes: what a stage returns on a path, success or failure, and whether every path returns

Usage:
    from tools.compliance.exit_codes import is_failure, is_success, terminates
"""

from __future__ import annotations

import ast

from tools.compliance.source import StageSource, constant, last_name

FAIL_METHODS = ("fail",)
SUCCESS_METHODS = ("succeed", "skip")
EXITS = ("sys.exit", "SystemExit")
TRIES = (ast.Try, ast.TryStar)
MAX_DEPTH = 6


def is_failure(source: StageSource, node: ast.expr | None, where: ast.AST, depth: int = 0) -> bool:
    """Tell whether an expression is surely the exit code of a failure.

    Args:
        source: The script.
        node: The returned expression.
        where: The handler or function in which local names are looked up.
        depth: Names and functions followed so far.
    """
    if node is None or depth > MAX_DEPTH:
        return False
    if isinstance(node, ast.IfExp):
        return all(is_failure(source, n, where, depth) for n in (node.body, node.orelse))
    if isinstance(node, ast.Constant):
        return type(node.value) is int and node.value % 256 != 0
    if isinstance(node, ast.Attribute):
        return node.attr == "exit_code" or _is_exit_constant(source, node)
    if isinstance(node, ast.Name):
        return _name_is_failure(source, node, where, depth)
    return isinstance(node, ast.Call) and _call_is_failure(source, node, where, depth)


def _call_is_failure(source: StageSource, node: ast.Call, where: ast.AST, depth: int) -> bool:
    name = last_name(node.func)
    if isinstance(node.func, ast.Attribute) and name in FAIL_METHODS:
        return "log" not in ast.unparse(node.func.value).lower()
    if name == "int" and len(node.args) == 1:
        return is_failure(source, node.args[0], where, depth)
    if name == "getattr" and len(node.args) > 1 and constant(node.args[1]) == "exit_code":
        return len(node.args) == 2 or is_failure(source, node.args[2], where, depth)
    function = source.functions.get(name) if isinstance(node.func, ast.Name) else None
    if function is None or not terminates(source, function.body):
        return False
    values = [r.value for r in returns(source, function)]
    return bool(values) and all(is_failure(source, v, function, depth + 1) for v in values)


def _name_is_failure(source: StageSource, node: ast.Name, where: ast.AST, depth: int) -> bool:
    local = [
        n.value
        for n in ast.walk(where)
        if isinstance(n, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == node.id for t in n.targets)
    ]
    values = local or source.assigned_values(node.id)
    if values:
        return all(is_failure(source, value, where, depth + 1) for value in values)
    return _is_exit_constant(source, node)


def _is_exit_constant(source: StageSource, node: ast.expr) -> bool:
    name = source.qualified(node).rpartition(".")[2]
    return name.startswith("EXIT_") and name != "EXIT_SUCCESS"


def is_success(source: StageSource, node: ast.expr | None) -> bool:
    """Tell whether an expression is an exit code that says, or may say, success.

    Args:
        source: The stage's script.
        node: What is returned; None for a bare return.
    """
    if node is None or isinstance(node, ast.Constant):
        value = constant(node)
        return type(value) is int and value == 0
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr not in ("skip", *FAIL_METHODS)
    scope = source.functions.get("main", source.tree)
    return not is_failure(source, node, scope)


def swallows(source: StageSource, node: ast.expr | None) -> bool:
    """Tell whether a value returned by a handler hides the error: 0, True, None, success.

    Args:
        source: The stage's script.
        node: What the handler returns; None for a bare return.
    """
    if node is None:
        return True
    if isinstance(node, ast.Constant):
        if node.value is None or node.value is True:  # 1 == True, and 1 hides nothing
            return True
        return type(node.value) is int and node.value % 256 == 0
    if isinstance(node, ast.Call):
        return last_name(node.func) in SUCCESS_METHODS
    return source.qualified(node).rpartition(".")[2] == "EXIT_SUCCESS"


def returns(source: StageSource, block: ast.AST) -> list[ast.Return]:
    """Return the return statements of a function or a block of it, nested functions left out.

    Args:
        source: The stage's script.
        block: A function, or a statement with a body.
    """
    function = isinstance(block, (ast.FunctionDef, ast.AsyncFunctionDef))
    scope = block if function else source.scope(block)
    found = [n for n in ast.walk(block) if isinstance(n, ast.Return) and source.scope(n) is scope]
    return sorted(found, key=lambda statement: statement.lineno)


def exit_value(source: StageSource, statement: ast.stmt) -> tuple[bool, ast.expr | None]:
    """Return (True, code) when a statement is sys.exit(code) or raise SystemExit(code).

    Args:
        source: The stage's script.
        statement: Any statement.
    """
    call = statement.value if isinstance(statement, ast.Expr) else None
    call = statement.exc if isinstance(statement, ast.Raise) else call
    if isinstance(call, ast.Call) and source.qualified(call.func) in EXITS:
        return True, call.args[0] if call.args else None
    return False, None


def terminates(source: StageSource, body: list[ast.stmt]) -> bool:
    """Tell whether every path through a block ends with `return value`, a raise or an exit.

    Args:
        source: The stage's script.
        body: The block's statements in order.
    """
    return any(_terminates(source, statement) for statement in body)


def _terminates(source: StageSource, statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        return statement.value is not None
    if isinstance(statement, ast.Raise) or exit_value(source, statement)[0]:
        return True
    if isinstance(statement, ast.If):
        return terminates(source, statement.body) and terminates(source, statement.orelse)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return terminates(source, statement.body)
    if isinstance(statement, TRIES):
        if terminates(source, statement.finalbody):
            return True
        done = terminates(source, statement.body) or terminates(source, statement.orelse)
        return done and all(terminates(source, h.body) for h in statement.handlers)
    if isinstance(statement, ast.While) and bool(constant(statement.test)):
        return not any(isinstance(n, ast.Break) for n in ast.walk(statement))
    if isinstance(statement, ast.Match):
        last = statement.cases[-1]
        total = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
        return (
            total
            and last.guard is None
            and all(terminates(source, case.body) for case in statement.cases)
        )
    return False
