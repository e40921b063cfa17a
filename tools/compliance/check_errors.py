#!/usr/bin/env python3
"""
Error handling check: main() is the boundary, every failure has its exit code (standards 6)

Usage:
    from tools.compliance.check_errors import check
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.compliance.check_stageio import FILE_ATTRIBUTE
from tools.compliance.exit_codes import (
    TRIES,
    exit_value,
    is_failure,
    is_success,
    returns,
    terminates,
)
from tools.compliance.handlers import boundary_reasons, is_broad, swallow_reasons
from tools.compliance.source import Reason, StageSource, last_name

TryNode = ast.Try | ast.TryStar
# What the template of standards 4.1 does before its try: it makes paths and reads no file of the
# job. An error there is told by StageIO, which hears of every error that nobody caught.
SET_UP = {"load_config", "get_input_path", "get_output_path", "output_base", "stage_dir", "job"}
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception"}


def check(source: StageSource) -> list[Reason]:
    """Return why a stage does not end every path with the right exit code.

    Args:
        source: The stage's script, parsed, its imports resolved.
    """
    reasons = list(_guard_reasons(source))
    boundary: set[ast.ExceptHandler] = set()
    main = source.functions.get("main")
    if main is None:
        reasons.append(source.reason(source.last_line(), "no main() function"))
    elif isinstance(main, ast.AsyncFunctionDef):
        reasons.append(source.reason(main, "main() is async; sys.exit() needs its exit code"))
    else:
        tries = [t for t in _direct_tries(main.body) if t.handlers and _works(source, t)]
        boundary = {handler for t in tries for handler in t.handlers}
        reasons += _main_reasons(source, main, tries)
    for handler in sorted(boundary, key=lambda h: h.lineno):
        reasons += boundary_reasons(source, handler)
    reasons += swallow_reasons(source, boundary)
    return reasons


def _direct_tries(body: list[ast.stmt]) -> Iterator[TryNode]:
    """Yield the try statements that stand in main() itself, also within a with."""
    for statement in body:
        if isinstance(statement, TRIES):
            yield statement
        elif isinstance(statement, ast.With):
            yield from _direct_tries(statement.body)


def _main_reasons(
    source: StageSource, main: ast.FunctionDef, tries: list[TryNode]
) -> Iterator[Reason]:
    """Check that the work stands inside a try with a broad handler and that main() returns."""
    if not tries:
        message = "main() does not do its work inside a try with an error boundary"
        yield source.reason(main, message)
    for statement in tries:
        if not any(is_broad(source, handler) for handler in statement.handlers):
            message = "no except Exception: an unexpected error leaves without its exit code"
            yield source.reason(statement, message)
    guarded = {n for t in tries for s in t.body for n in ast.walk(s)}
    guarded |= {n for t in tries for h in t.handlers for n in ast.walk(h)}
    if tries:
        for node in ast.walk(main):
            if node in source.live and node not in guarded and _is_work(source, node, set()):
                yield source.reason(node, "the work of main() stands outside its try")
    if not terminates(source, main.body):
        yield source.reason(main.body[-1], "main() can end without returning its exit code")
    yield from _success_reasons(source, main)


def _success_reasons(source: StageSource, main: ast.FunctionDef) -> Iterator[Reason]:
    """Check what main() returns outside its handlers."""
    normal = [
        r
        for r in returns(source, main)
        if not any(isinstance(a, ast.ExceptHandler) for a in source.ancestors(r))
    ]
    for statement in normal:
        value = statement.value
        if isinstance(value, ast.Constant) and type(value.value) is int:
            continue
        if value is None or isinstance(value, (ast.Constant, ast.Compare)):
            yield source.reason(statement, "main() returns something else than an exit code")
    live = [r for r in normal if r in source.live]
    if not any(is_success(source, r.value) for r in live):
        if not any(r.value is None for r in normal):
            where = normal[-1] if normal else main
            yield source.reason(where, "main() never returns the exit code of a success")


def _works(source: StageSource, statement: TryNode) -> bool:
    """Tell whether the body of a try does a stage's work."""
    nodes = [n for s in statement.body for n in ast.walk(s) if n in source.live]
    if any(_is_work(source, node, set()) for node in nodes):
        return True
    main = source.functions["main"]
    if any(_is_work(source, node, set()) for node in ast.walk(main) if node in source.live):
        return False
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    return any(last_name(call.func) not in LOG_METHODS for call in calls)


def _is_work(source: StageSource, node: ast.AST, seen: set[str]) -> bool:
    """Tell whether a node reaches files, or calls what does."""
    if isinstance(node, ast.Attribute):
        reaches = FILE_ATTRIBUTE.match(node.attr) and node.attr not in SET_UP
        return bool(reaches) and _is_stage_io(source, node.value)
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node.func)
    function = source.functions.get(name) if isinstance(node.func, ast.Name) else None
    if function is None or name in seen or name == "main":
        return False
    seen.add(name)
    return any(_is_work(source, inner, seen) for inner in ast.walk(function))


def _is_stage_io(source: StageSource, node: ast.expr) -> bool:
    """Tell whether a name is made by StageIO(), or is called like it."""
    if not isinstance(node, ast.Name):
        return False
    made = [v for v in source.assigned_values(node.id) if isinstance(v, ast.Call)]
    return "stage" in node.id or any(last_name(v.func) == "StageIO" for v in made)


def _guard_reasons(source: StageSource) -> Iterator[Reason]:
    """Check `if __name__ == "__main__": sys.exit(main())`."""
    guards = [s for s in source.tree.body if isinstance(s, ast.If) and _is_guard(s.test)]
    if not guards:
        line = source.last_line()
        yield source.reason(line, 'no `if __name__ == "__main__": sys.exit(main())`')
    for guard in guards:
        if not any(_exits_with_main(source, s) for s in guard.body[:1]):
            yield source.reason(guard.body[0], "the script does not end with sys.exit(main())")
    for statement in source.tree.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        runs_main = isinstance(call, ast.Call) and source.qualified(call.func) == "main"
        if runs_main or exit_value(source, statement)[0]:
            message = 'runs at import; put it under `if __name__ == "__main__":`'
            yield source.reason(statement, message)


def _is_guard(test: ast.expr) -> bool:
    """Tell whether a condition is `__name__ == "__main__"`."""
    texts = ('__name__ == "__main__"', '"__main__" == __name__')
    return ast.unparse(test) in {ast.unparse(ast.parse(t, mode="eval")) for t in texts}


def _exits_with_main(source: StageSource, statement: ast.stmt) -> bool:
    """Tell whether a statement is sys.exit(main()), raise SystemExit(main()) or 6.5's try."""
    if isinstance(statement, ast.Try):
        return _exits_in_try(source, statement)
    exits, code = exit_value(source, statement)
    if not exits or not isinstance(code, ast.Call) or code.args or code.keywords:
        return False
    return source.qualified(code.func) == "main"


def _exits_in_try(source: StageSource, statement: ast.Try) -> bool:
    """Tell whether a try is that of standards 6.5, with the exit codes of 4.1.

    Its body is `result = main()` and `sys.exit(result)`, or sys.exit(main()); its handlers exit
    with the code of a failure.
    """
    *before, last = statement.body
    exits, code = exit_value(source, last)
    made = {
        target.id
        for assign in before
        if isinstance(assign, ast.Assign) and isinstance(assign.value, ast.Call)
        for target in assign.targets
        if isinstance(target, ast.Name) and source.qualified(assign.value.func) == "main"
    }
    named = exits and isinstance(code, ast.Name) and code.id in made
    ends = [exit_value(source, handler.body[-1]) for handler in statement.handlers]
    fails = all(left and is_failure(source, value, statement) for left, value in ends)
    plain = not statement.orelse and not statement.finalbody
    return plain and fails and (named or not before and _exits_with_main(source, last))
