#!/usr/bin/env python3
"""
Common Python: lets a tool that was started by any Python go on in `common`, or in its own.

Standard library only; call it before anything else of the project is imported.

Usage:
    from shared.core.common_python import go_on_in_common

    go_on_in_common(__file__)
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from pathlib import Path

from shared.core.paths import PROJECT_ROOT
from shared.core.usage import EXIT_CODES, shows_help

WHERE_OPTIONS_ARE = "--help tells every option once ./bootstrap.sh --env {env} has run."


def go_on_in_common(tool: str, environment: str = "common") -> None:
    """Start the tool again with venv/common's Python, unless that is what runs it.

    Args:
        tool: The tool's file; its arguments are those of this process.
        environment: Another one that holds what the tool needs.

    Raises:
        SystemExit: 3, there is no such environment; 0, help was asked for and is shown as far as
            it needs none.
    """
    folder = PROJECT_ROOT / "venv" / environment
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    python = folder / "bin" / "python"
    if not python.exists():
        tell_purpose(tool, environment=environment)
        sys.stderr.write(f"error: The environment '{environment}' is missing\n")
        sys.stderr.write(f"hint: ./bootstrap.sh --env {environment}\n")
        raise SystemExit(3)
    os.execv(python, [str(python), tool, *sys.argv[1:]])


def tell_purpose(tool: str, without: str = "", environment: str = "common") -> None:
    """Where help is asked for, show what a tool says of itself and end: that needs no library.

    Args:
        tool: The tool's file.
        without: Only where this package is not here, without which the tool cannot be imported.
        environment: The one that has to be made first.

    Raises:
        SystemExit: 0, it is shown.
    """
    is_here = bool(without) and importlib.util.find_spec(without) is not None
    if is_here or not shows_help(sys.argv[1:]):
        return
    purpose = ast.get_docstring(ast.parse(Path(tool).read_text(encoding="utf-8"))) or ""
    sys.stdout.write(f"{purpose}\n\nExit codes: {EXIT_CODES}.\n")
    sys.stdout.write(f"{WHERE_OPTIONS_ARE.format(env=environment)}\n")
    raise SystemExit(0)
