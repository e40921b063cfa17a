#!/usr/bin/env python3
"""
Hard-coding check: no path, stage number, parameter or address in the code (standards 4.3, 15)

Usage:
    from tools.compliance.check_hardcoded import check
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.compliance.check_config import LOAD_CONFIG
from tools.compliance.literals import DEVICE, MODEL_SIZES, is_docstring, is_message, string_fault
from tools.compliance.numbers_allowed import number_allowed
from tools.compliance.paths import JOINERS, static_text
from tools.compliance.source import Reason, StageSource, constant, last_name
from tools.compliance.tracking import Tracked

PROJECT_FOLDERS = {"out", "in", "venv", "config", "glossary", "logs", "models", "tmp"}
STAGE_NUMBER = re.compile(r"(^|_)stage_?(num|number|no|nr|index|idx|id)$", re.IGNORECASE)
MODEL_NAME = re.compile(r"(^|_)model(_?(name|size|id|path|type))?$", re.IGNORECASE)
DEVICE_NAME = re.compile(r"(^|_)(device|compute_type)$", re.IGNORECASE)
HOME_CALLS = {"pathlib.Path.home", "os.path.expanduser", "Path.home"}
FROM_CONFIG = "take it from load_config()"


def check(source: StageSource) -> list[Reason]:
    """Return every hard-coded value of a stage.

    Args:
        source: The stage's script, parsed, its imports resolved.
    """
    reasons: list[Reason] = []
    defaults = _defaults_of_config(source)
    for node in source.nodes:
        if any(node is default for default in defaults):
            continue
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)):
            reasons += _literal_reasons(source, node)
        elif isinstance(node, ast.Call) and source.qualified(node.func) in HOME_CALLS:
            reasons.append(source.reason(node, f"hard-coded home path; {FROM_CONFIG}"))
        for name, value in _bindings(node):
            reasons += _binding_reasons(source, name, value)
    return reasons


def _defaults_of_config(source: StageSource) -> list[ast.expr]:
    """Return the defaults in getattr(config, "name", default), as standards 3.3 and 15.1 ask."""
    config = Tracked(source, LOAD_CONFIG)
    return [
        call.args[2]
        for call in source.calls(live_only=False)
        if source.qualified(call.func) == "getattr"
        and [type(argument) for argument in call.args[1:]] == [ast.Constant, ast.Constant]
        and config.holds(call.args[0])
    ]


def _literal_reasons(source: StageSource, node: ast.expr) -> Iterator[Reason]:
    """Judge one literal: a number, or a whole string expression at its top."""
    value = constant(node)
    if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
        if not number_allowed(source, node):
            yield source.reason(node, f"hard-coded number {value}; {FROM_CONFIG}")
        return
    parent = source.parents.get(node)
    text = static_text(node)
    inner = isinstance(parent, (ast.JoinedStr, ast.FormattedValue)) and isinstance(
        node, (ast.Constant, ast.JoinedStr)
    )
    if text is None or (inner and not _is_value(parent, node)) or static_text_above(parent):
        return
    if is_docstring(source, node) or is_message(source, node):
        return
    fault = string_fault(text) or _context_fault(source, node, text)
    if fault:
        shown = text.replace("\0", "{}")
        yield source.reason(node, f'{fault} "{shown}"; {_instead(fault)}')


def static_text_above(parent: ast.AST | None) -> bool:
    """Tell whether a parent is a string expression that is judged as a whole.

    Args:
        parent: The node that holds the string; None at the top of the module.
    """
    return isinstance(parent, ast.BinOp) and static_text(parent) is not None


def _is_value(parent: ast.AST | None, node: ast.AST) -> bool:
    """Tell whether a node is the value of an f-string field, not its format or its fixed text."""
    return isinstance(parent, ast.FormattedValue) and parent.value is node


def _context_fault(source: StageSource, node: ast.AST, text: str) -> str | None:
    """Return what is hard-coded in a string because of where it stands."""
    parent = source.parents.get(node)
    call = source.parents.get(parent) if isinstance(parent, ast.keyword) else parent
    if text in PROJECT_FOLDERS or text == "/":
        joined = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div)
        joins = isinstance(call, ast.Call) and last_name(call.func) in JOINERS
        if joins and isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            joins = not isinstance(call.func.value, ast.Constant)
        return "hard-coded project path" if joined or joins else None
    if DEVICE.match(text):
        keys = parent.keys if isinstance(parent, ast.Dict) else []
        compared = isinstance(source.parents.get(parent or node), ast.Compare)
        names = isinstance(parent, (ast.Compare, ast.Subscript, ast.MatchValue))
        is_key = any(key is node for key in keys)
        return None if names or compared or is_key else "hard-coded device"
    if text in MODEL_SIZES and isinstance(call, ast.Call) and parent is call:
        name = last_name(call.func).lower()
        option = source.text_of(call.args[1]) if name == "getattr" and len(call.args) > 1 else name
        if "model" in str(option) and not str(option).startswith("model_"):
            return "hard-coded model name"
    return None


def _instead(fault: str) -> str:
    """Return what to do instead of a fault."""
    if "stage folder" in fault:
        return "use StageIO or get_stage_dir()"
    return "use StageIO or load_config()" if "path" in fault else FROM_CONFIG


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, value) for each name, attribute, keyword or default that a node sets."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(map(last_name, target.elts), node.value.elts)
            elif isinstance(target, ast.Subscript):
                yield str(constant(target.slice)), node.value
            else:
                yield last_name(target), node.value
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield last_name(node.target), node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        yield from ((str(constant(k)), v) for k, v in zip(node.keys, node.values))
    elif isinstance(node, ast.arguments):
        positional = node.posonlyargs + node.args
        defaults = zip(reversed(positional), reversed(node.defaults))
        yield from ((a.arg, d) for a, d in defaults)
        yield from ((a.arg, d) for a, d in zip(node.kwonlyargs, node.kw_defaults) if d)
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for side in sides:
            name = last_name(side.func) if isinstance(side, ast.Call) else last_name(side)
            name = name.removeprefix("get_")
            if STAGE_NUMBER.search(name):
                yield from ((name, other) for other in sides if other is not side)


def _binding_reasons(source: StageSource, name: str, value: ast.expr) -> Iterator[Reason]:
    """Judge a literal by the name it is given: stage number, model, device."""
    literal = constant(value.operand if isinstance(value, ast.UnaryOp) else value)
    if literal is None or isinstance(literal, bool):
        return
    if STAGE_NUMBER.search(name) and not (isinstance(literal, str) and literal in source.stages):
        message = f"hard-coded stage number {literal!r}; use get_stage_number()"
        yield source.reason(value, message)
    elif isinstance(literal, str) and literal and not DEVICE.match(literal):
        if string_fault(literal) is None:
            for kind, pattern in (("model name", MODEL_NAME), ("device", DEVICE_NAME)):
                if pattern.search(name):
                    yield source.reason(value, f'hard-coded {kind} "{literal}"; {FROM_CONFIG}')
