#!/usr/bin/env python3
"""
Config check: every parameter comes from load_config() and nowhere else (standards 3, 15.1)

Usage:
    from tools.compliance.check_config import check
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.compliance.imports import import_reasons
from tools.compliance.literals import is_docstring, is_message
from tools.compliance.paths import static_text
from tools.compliance.source import Reason, StageSource, constant
from tools.compliance.tracking import Tracked, discarded, passed_on

LOAD_CONFIG = "shared.config.load_config"
NOT_A_USE = frozenset("print str repr bool id type len isinstance hasattr dir format".split())
ENVIRONMENT: tuple[str, ...] = (
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.getenvb",
    "os.putenv",
    "os.unsetenv",
)
ENVIRONMENT += ("os.path.expandvars", "posix.environ")
PARSERS = {"dotenv", "yaml", "ruamel", "configparser", "tomllib", "tomli", "toml", "decouple"}
PARSERS |= {"environs", "dynaconf", "pydantic_settings", "omegaconf", "hydra"}
CONFIG_FILE = re.compile(
    r"(^|/)((\.env|\.job-)[\w.-]*|[\w.-]+\.(ya?ml|ini|cfg|toml|env|conf)"
    r"|[\w-]*(config|settings)[\w-]*\.json|secrets\.json|job\.json)$",
    re.IGNORECASE,
)
INSTEAD = "use load_config()"


def check(source: StageSource) -> list[Reason]:
    """Return why a stage does not take its configuration as it must.

    Args:
        source: The stage's script, parsed, its imports resolved.
    """
    config = Tracked(source, LOAD_CONFIG)
    reasons = import_reasons(source, config, "shared.config", "load_config")
    for node in config.rebound():
        reasons.append(source.reason(node, "the configuration is replaced by something else"))
    if config.calls and not any(_is_use(config, node) for node in config.references):
        message = "load_config() is called but nothing is read from its result"
        reasons.append(source.reason(config.calls[0], message))
    for node in source.nodes:
        reasons += _around_reasons(source, node)
    return reasons


def _is_use(config: Tracked, node: ast.expr) -> bool:
    """Tell whether a reference to the configuration reads from it or passes it on."""
    source = config.source
    parent = source.parents.get(node)
    if isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node:
        return isinstance(parent.ctx, ast.Load) and not discarded(source, parent)
    if isinstance(parent, (ast.Tuple, ast.List, ast.Dict, ast.Starred)):
        return not discarded(source, parent)
    if isinstance(parent, ast.Call) and discarded(source, parent):
        if source.qualified(parent.func) in ("getattr", "vars"):
            return False
    return passed_on(config, node, NOT_A_USE)


def _around_reasons(source: StageSource, node: ast.AST) -> Iterator[Reason]:
    """Find a read of the environment or of a configuration file at one node."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _import_reasons(source, node)
    elif isinstance(node, (ast.Name, ast.Attribute)) and source.qualified(node) in ENVIRONMENT:
        yield source.reason(node, f"reads {source.qualified(node)}; {INSTEAD}")
    elif isinstance(node, ast.Call):
        yield from _call_reasons(source, node)
    elif isinstance(node, (ast.Constant, ast.JoinedStr)):
        if isinstance(source.parents.get(node), (ast.JoinedStr, ast.FormattedValue)):
            return
        text = static_text(node)
        if text and CONFIG_FILE.search(text.replace("\\", "/")):
            if not is_docstring(source, node) and not is_message(source, node):
                yield source.reason(node, f'reads the configuration file "{text}"; {INSTEAD}')


def _import_reasons(source: StageSource, node: ast.Import | ast.ImportFrom) -> Iterator[Reason]:
    """Find imports that give the environment or parse configuration files."""
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            name = f"{node.module}.{alias.name}"
            if name in ENVIRONMENT or name == "os.*":
                yield source.reason(node, f"imports {name}; {INSTEAD}")
        names = [node.module or ""] if not node.level else []
    else:
        names = [alias.name for alias in node.names]
    for name in names:
        if name.split(".")[0] in PARSERS:
            yield source.reason(node, f"imports {name}; {INSTEAD}")


def _call_reasons(source: StageSource, node: ast.Call) -> Iterator[Reason]:
    """Find the indirect ways: getattr(os, "environ"), __import__("yaml")."""
    name = source.qualified(node.func)
    if name == "getattr" and len(node.args) > 1:
        dotted = f"{source.qualified(node.args[0])}.{source.text_of(node.args[1])}"
        if dotted in ENVIRONMENT:
            yield source.reason(node, f"reads {dotted}; {INSTEAD}")
    elif name in ("__import__", "importlib.import_module") and node.args:
        module = str(constant(node.args[0]) or "")
        if module.split(".")[0] in PARSERS:
            yield source.reason(node, f"imports {module}; {INSTEAD}")
