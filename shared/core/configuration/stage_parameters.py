#!/usr/bin/env python3
"""
Stage parameters: which configuration a stage's code can read, found in the code itself.

A log that begins with a stage's parameters (standards 5.2) needs them before the stage reads them,
and nobody should have to declare them. So the script and every project module that it imports,
anywhere in them, are searched for attributes of a configuration. What is found may be more than one
run reads (another engine's options), never less but for names that are put together at run time:
those are told as they are read (shared/stage_utils.py).

Usage:
    from shared.core.configuration.stage_parameters import parameters_in

    found = parameters_in(SCRIPTS_DIR / "demux.py")
    found.keys, found.secrets
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shared.core.configuration.secrets import SECRET_NAMES
from shared.core.identity import CARRIERS
from shared.core.paths import PROJECT_ROOT, SCRIPTS_DIR
from shared.core.settings import PipelineConfig

ROOTS = (PROJECT_ROOT, SCRIPTS_DIR)
# What a configuration is called where it is read.
HOLDERS = ("config", "settings", "load_config()")
# Modules that are imported by name, from a table.
NAMED_MODULE = re.compile(r"(scripts|shared)(\.\w+)+")


@dataclass
class Parameters:
    """Names of configuration fields, and of secrets as the code names them."""

    keys: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)


def parameters_in(script: Path) -> Parameters:
    """Return what a script and the project modules that it imports can read.

    Args:
        script: A stage's script; one outside the project has none.
    """
    found = Parameters()
    seen: set[Path] = set()
    waiting = [script.resolve()]
    while waiting:
        path = waiting.pop()
        if path in seen or not _shapes_results(path):
            continue
        seen.add(path)
        tree = ast.parse(path.read_bytes())
        for node in ast.walk(tree):
            if name := parameter_of(node):
                found.keys.add(name)
            found.secrets.update(_secret_of(node))
            for module in _modules_of(node):
                waiting.extend(_files_of(module))
    return found


def parameter_of(node: ast.AST) -> str:
    """Return the parameter that an expression reads from a configuration, '' if it reads none.

    Args:
        node: For example `config.device` or `getattr(config, "device", "cpu")`.
    """
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        holder, name = node.value, node.attr
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    ):
        holder, name = node.args[0], str(node.args[1].value)
    else:
        return ""
    is_known = name in PipelineConfig.model_fields and ast.unparse(holder).endswith(HOLDERS)
    return name if is_known else ""


def _shapes_results(path: Path) -> bool:
    if not path.is_file() or not path.is_relative_to(PROJECT_ROOT):
        return False
    return not path.relative_to(PROJECT_ROOT).as_posix().startswith(CARRIERS)


def _secret_of(node: ast.AST) -> Iterator[str]:
    """Yield what load_secret() is given: a text, or the name of a constant; a secret attribute."""
    if isinstance(node, ast.Attribute) and node.attr.upper() in SECRET_NAMES:
        if ast.unparse(node.value).endswith(HOLDERS):
            yield node.attr.upper()
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("load_secret") and node.args:
        first = node.args[0]
        yield str(first.value) if isinstance(first, ast.Constant) else ast.unparse(first)


def _modules_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if NAMED_MODULE.fullmatch(node.value):
            yield node.value


def _files_of(module: str) -> Iterator[Path]:
    """Yield the file of a project module, by the ways in which this project imports."""
    for root in ROOTS:
        base = root.joinpath(*module.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                yield path
