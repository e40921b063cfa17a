#!/usr/bin/env python3
"""
Handlers: no exception of a stage may disappear

Usage:
    from tools.compliance.handlers import boundary_reasons, swallow_reasons
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.compliance.exit_codes import TRIES, exit_value, is_failure, returns, swallows, terminates
from tools.compliance.source import Reason, StageSource, last_name

BROAD = {"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"}
MAY_SKIP = {"UnavailableError", "DependencyError"}
LOGS = {"warning", "error", "exception", "critical"}


def caught(source: StageSource, handler: ast.ExceptHandler) -> list[str]:
    """Return the dotted names of the exceptions that a handler catches; none for a bare one.

    Args:
        source: The stage's script.
        handler: One `except` of it.
    """
    if handler.type is None:
        return []
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [source.qualified(t) for t in types]


def is_broad(source: StageSource, handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler catches every error.

    Args:
        source: The stage's script.
        handler: One `except` of it.
    """
    return handler.type is None or any(name in BROAD for name in caught(source, handler))


def boundary_reasons(source: StageSource, handler: ast.ExceptHandler) -> Iterator[Reason]:
    """Check that a handler of main() turns its error into an exit code on every path.

    Args:
        source: The stage's script.
        handler: One `except` of main().

    Yields:
        Each path that gives no failure's exit code, at its line.
    """
    skips = all(name.rpartition(".")[2] in MAY_SKIP for name in caught(source, handler))
    for statement in returns(source, handler):
        value = statement.value
        if handler.type is not None and skips and last_name(getattr(value, "func", None)) == "skip":
            continue
        if not is_failure(source, value, handler):
            shown = ast.unparse(value) if value is not None else "nothing"
            message = f"an except of main() returns {shown}, not the exit code of a failure"
            yield source.reason(statement, message)
    for node in ast.walk(handler):
        if isinstance(node, (ast.Expr, ast.Raise)):
            exits, code = exit_value(source, node)
            if exits and not is_failure(source, code, handler):
                yield source.reason(node, "an except of main() exits with success")
            elif isinstance(node, ast.Raise) and not exits:
                yield source.reason(node, "an except of main() raises; return the exit code")
    if not terminates(source, handler.body) and not _is_empty(handler.body):
        message = "an except of main() ends without returning the exit code of the error"
        yield source.reason(handler, message)


def swallow_reasons(source: StageSource, boundary: set[ast.ExceptHandler]) -> Iterator[Reason]:
    """Find every place where a script lets an exception disappear.

    Args:
        source: The script.
        boundary: Handlers that boundary_reasons() has judged already.

    Yields:
        Each handler that lets an error go, at its line.
    """
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield source.reason(node, "bare except:; name the exception")
            if _is_empty(node.body):
                yield source.reason(node, "an except does nothing with its error")
            elif node not in boundary:
                yield from _inner_reasons(source, node)
        elif isinstance(node, TRIES):
            for inner in node.finalbody:
                for jump in ast.walk(inner):
                    if isinstance(jump, (ast.Return, ast.Break, ast.Continue)):
                        yield source.reason(jump, "a jump out of finally: hides the error")
        elif isinstance(node, ast.Call) and source.qualified(node.func) == "contextlib.suppress":
            if any(source.qualified(a) in BROAD for a in node.args):
                yield source.reason(node, "contextlib.suppress(Exception) hides every error")


def _inner_reasons(source: StageSource, handler: ast.ExceptHandler) -> Iterator[Reason]:
    """Judge a handler that is not the boundary: it may degrade aloud, never hide."""
    found = [r for r in returns(source, handler) if swallows(source, r.value)]
    skips = all(name.rpartition(".")[2] in MAY_SKIP for name in caught(source, handler))
    for statement in found:
        if not (skips and last_name(getattr(statement.value, "func", None)) == "skip"):
            yield source.reason(statement, "an except hides its error as a success")
    if not is_broad(source, handler) or found or terminates(source, handler.body):
        return
    logs = any(isinstance(n, ast.Call) and last_name(n.func) in LOGS for n in ast.walk(handler))
    falls_back = any(isinstance(n, ast.Assign) for n in ast.walk(handler))
    if not (logs and falls_back):
        message = "an inner except Exception goes on as if nothing happened"
        yield source.reason(handler, message)


def _is_empty(body: list[ast.stmt]) -> bool:
    """Tell whether a block does nothing: pass, continue, break, `...` or a bare string."""
    return all(
        isinstance(s, (ast.Pass, ast.Continue, ast.Break))
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in body
    )
