#!/usr/bin/env python3
"""
Configuration: whether what a stage reads is documented in config/.env.pipeline (3.5)

Usage:
    from tools.compliance.checklist.configuration import documented_keys, undocumented

    undocumented(source, documented_keys(project_root))
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.compliance.source import Reason, StageSource, constant, last_name

PIPELINE_FILE = "config/.env.pipeline"
KEY = re.compile(r"^#?\s*([A-Z][A-Z0-9_]*)=")
TITLE = re.compile(r"^# ([A-Z][A-Z0-9_]*): \S")
NEEDED = ("Values:", "Default:")
CONFIG_CLASSES = {"PipelineConfig", "Config"}


def documented_keys(root: Path) -> set[str]:
    """Return the keys of a project's configuration that have purpose, values and default.

    Args:
        root: Project root.
    """
    try:
        lines = (root / PIPELINE_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    documented: set[str] = set()
    title, told = "", ""
    for line in lines:
        heading, key = TITLE.match(line), KEY.match(line)
        if heading:
            title, told = heading[1], ""
        elif key and key[1] == title and all(part in told for part in NEEDED):
            documented.add(title)
        told += line + "\n"
    return documented


def undocumented(source: StageSource, documented: Collection[str]) -> Iterator[Reason]:
    """Yield the parameters that a stage reads and nobody has documented.

    Args:
        source: The stage's script.
        documented: What documented_keys returned.
    """
    for name, node in _reads(source):
        if name.upper() not in documented and not name.startswith("_"):
            message = f"{name.upper()} has no purpose, values and default in {PIPELINE_FILE}"
            yield source.reason(node, message)


def _reads(source: StageSource) -> Iterator[tuple[str, ast.AST]]:
    """Yield (attribute, node) of every read from the configuration."""
    names = _configuration_names(source)
    called = {n.func for n in source.nodes if isinstance(n, ast.Call)}
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and last_name(node.value) in names:
            if node not in called and isinstance(node.value, ast.Name):
                yield node.attr, node
        if isinstance(node, ast.Call) and last_name(node.func) == "getattr" and len(node.args) > 1:
            name = constant(node.args[1])
            if last_name(node.args[0]) in names and isinstance(name, str):
                yield name, node


def _configuration_names(source: StageSource) -> set[str]:
    """Return the names that hold a configuration: from load_config(), or declared as one."""
    names: set[str] = set()
    for node in source.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if last_name(node.value.func) == "load_config":
                names |= {last_name(target) for target in node.targets}
        if isinstance(node, ast.arg) and last_name(node.annotation) in CONFIG_CLASSES:
            names.add(node.arg)
    return names - {""}
