#!/usr/bin/env python3
"""
Logger check: one stage logger with the standard header, and no other way to write (standards 5)

Usage:
    from tools.compliance.check_logger import check
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.compliance.imports import import_reasons
from tools.compliance.source import Reason, StageSource, constant
from tools.compliance.tracking import Tracked

STAGE_LOGGER = "shared.stage_utils.get_stage_logger"
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
OTHER_WRITERS = {
    "print": "print() in a stage; use the stage's logger",
    "builtins.print": "print() in a stage; use the stage's logger",
    "pprint.pprint": "pprint() in a stage; use the stage's logger",
    "sys.stdout": "writes to standard output; use the stage's logger",
    "sys.stderr": "writes to standard error; use the stage's logger",
    "sys.__stdout__": "writes to standard output; use the stage's logger",
    "sys.__stderr__": "writes to standard error; use the stage's logger",
    "traceback.print_exc": "prints a traceback; use logger.exception()",
    "shared.logger.PipelineLogger": "makes a logger of its own; use get_stage_logger()",
}
LOGGING_CALLS = LOG_METHODS | {"getLogger", "basicConfig", "Logger", "StreamHandler", "warn"}
LOGGING_CALLS |= {"FileHandler", "getLoggerClass"}
OTHER_LOGGERS = {"loguru", "structlog"}


def check(source: StageSource) -> list[Reason]:
    """Return why a stage does not log as it must.

    Args:
        source: The stage's script, parsed, its imports resolved.
    """
    logger = Tracked(source, STAGE_LOGGER)
    reasons = import_reasons(source, logger, "shared.stage_utils", "get_stage_logger")
    for call in logger.calls:
        reasons += _call_reasons(source, call)
    for node in logger.rebound():
        reasons.append(source.reason(node, "the stage's logger is replaced by something else"))
    calls = [c for r in logger.references if (c := _log_call(source, r)) is not None]
    if logger.calls and not calls:
        reasons.append(source.reason(logger.calls[0], "the stage's logger is never used"))
    elif logger.calls and not any(_is_rule(call) for call in calls):
        message = 'no header: logger.info("=" * 60) around the stage\'s title'
        reasons.append(source.reason(min(calls, key=lambda c: c.lineno), message))
    reasons += _other_writers(source)
    return reasons


def _call_reasons(source: StageSource, call: ast.Call) -> Iterator[Reason]:
    """Check the stage name and the stage_io= argument of get_stage_logger()."""
    named = [k.value for k in call.keywords if k.arg in ("stage", "stage_name", "name")]
    argument = (call.args + named + [None])[0]
    given = source.text_of(argument) if argument is not None else None
    if given != source.stage:
        yield source.reason(call, f'get_stage_logger() is not given its stage "{source.stage}"')
    values = [k.value for k in call.keywords if k.arg == "stage_io"]
    if not values:
        yield source.reason(call, "get_stage_logger() is called without stage_io=")
        return
    stage_io = Tracked(source, "shared.stage_utils.StageIO")
    made = bool(stage_io.holders)
    if isinstance(values[0], ast.Constant) or (made and not stage_io.holds(values[0])):
        yield source.reason(values[0], "stage_io= is not the stage's StageIO object")


def _log_call(source: StageSource, reference: ast.expr) -> ast.Call | None:
    """Return the call of a log method on a reference to the logger."""
    attribute = source.parents.get(reference)
    if isinstance(attribute, ast.Attribute) and attribute.attr in LOG_METHODS:
        call = source.parents.get(attribute)
        return call if isinstance(call, ast.Call) and call.func is attribute else None
    return None


def _is_rule(call: ast.Call) -> bool:
    """Tell whether a call is logger.info("=" * N)."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "info" and call.args):
        return False
    value = call.args[0]
    if not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult)):
        return False
    sides = (constant(value.left), constant(value.right))
    return "=" in sides and any(type(side) is int and side > 1 for side in sides)


def _other_writers(source: StageSource) -> Iterator[Reason]:
    """Find every other way to write a line or to make a logger."""
    for node in source.nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _other_loggers(source, node)
        if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
            continue
        name = source.qualified(node)
        if name in OTHER_WRITERS and not _is_type(source, node):
            yield source.reason(node, OTHER_WRITERS[name])
        elif name.startswith("logging.") and name.split(".")[1] in LOGGING_CALLS:
            if name.count(".") == 1:
                yield source.reason(node, f"uses {name}; use get_stage_logger()")


def _is_type(source: StageSource, node: ast.expr) -> bool:
    """Tell whether a name only says of what type something is (standards 12.1)."""
    parent = source.parents.get(node)
    while isinstance(parent, (ast.BinOp, ast.Subscript, ast.Tuple)):
        node, parent = parent, source.parents.get(parent)
    return node in (getattr(parent, "annotation", None), getattr(parent, "returns", None))


def _other_loggers(source: StageSource, node: ast.Import | ast.ImportFrom) -> Iterator[Reason]:
    """Find imports of other logging libraries."""
    module = getattr(node, "module", None)
    for name in [module] if module else [alias.name for alias in node.names]:
        if name.split(".")[0] in OTHER_LOGGERS:
            yield source.reason(node, f"imports {name}; use get_stage_logger()")
