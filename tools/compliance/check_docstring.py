#!/usr/bin/env python3
"""
Docstring check: what the stage does, in and out; every public name typed (4.1, 12.1, 13)

Usage:
    from tools.compliance.check_docstring import check
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.compliance.source import FunctionNode, Reason, StageSource

FIRST_LINE = re.compile(r"^[^\s:][^:\n]*: \s*\S")
SECTIONS = {
    "Purpose": ("Purpose",),
    "Input": ("Input", "Inputs"),
    "Output": ("Output", "Outputs"),
}
HEADING = re.compile(r"^\s*([A-Z][A-Za-z ]*):(.*)$")
WORD = re.compile(r"[^\W\d_]{2,}")
RECEIVERS = ("self", "cls")


def check(source: StageSource) -> list[Reason]:
    """Return what is missing in a stage's documentation and annotations.

    Args:
        source: The stage's script, parsed, its imports resolved.
    """
    reasons = list(_module_reasons(source))
    for node, owner in _public(source.tree.body, ""):
        if not WORD.search(ast.get_docstring(node) or ""):
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            reasons.append(
                source.reason(node, f"public {kind} {owner}{node.name} has no docstring")
            )
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            reasons += _annotation_reasons(source, node, owner)
    return reasons


def _module_reasons(source: StageSource) -> Iterator[Reason]:
    """Check the first line and the sections of the module docstring."""
    text = ast.get_docstring(source.tree)
    if not text or not text.strip():
        yield source.reason(1, "no module docstring")
        return
    statement = source.tree.body[0]
    first = text.strip().splitlines()[0]
    if not FIRST_LINE.match(first) or HEADING.match(first) and first.split(":")[0] in _ALL:
        yield source.reason(
            statement, 'the module docstring does not begin with "Name: description"'
        )
    filled = _filled_sections(text)
    for section, names in SECTIONS.items():
        if not filled.intersection(names):
            yield source.reason(statement, f"the module docstring has no {section} part")


_ALL = {name for names in SECTIONS.values() for name in names}


def _filled_sections(text: str) -> set[str]:
    """Return the headings of a docstring that have some text below or beside them."""
    filled: set[str] = set()
    current = ""
    for line in text.splitlines():
        heading = HEADING.match(line)
        if heading and heading.group(1) in _ALL:
            current, line = heading.group(1), heading.group(2)
        elif heading and not line[0].isspace():
            current = ""
        if current and WORD.search(line):
            filled.add(current)
    return filled


def _public(
    statements: list[ast.stmt], owner: str
) -> Iterator[tuple[FunctionNode | ast.ClassDef, str]]:
    """Yield (definition, prefix) of each public function, class and method."""
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not node.name.startswith("_"):
                yield node, owner
                if isinstance(node, ast.ClassDef):
                    yield from _public(node.body, f"{owner}{node.name}.")
            continue
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield from _public(value, owner)
            for handler in value if isinstance(value, list) else []:
                if isinstance(handler, ast.ExceptHandler):
                    yield from _public(handler.body, owner)


def _annotation_reasons(source: StageSource, node: FunctionNode, owner: str) -> Iterator[Reason]:
    """Check that a function declares the type of each argument and of its result."""
    arguments = node.args.posonlyargs + node.args.args
    if owner and arguments and arguments[0].arg in RECEIVERS:
        arguments = arguments[1:]
    arguments = arguments + node.args.kwonlyargs
    arguments += [a for a in (node.args.vararg, node.args.kwarg) if a is not None]
    for argument in arguments:
        if argument.annotation is None:
            message = f"argument {argument.arg} of {owner}{node.name} has no type"
            yield source.reason(argument, message)
    if node.returns is None:
        yield source.reason(node, f"{owner}{node.name} does not declare what it returns")
