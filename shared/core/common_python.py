#!/usr/bin/env python3
"""
Common Python: lets a tool that was started by any Python go on in the environment `common`.

Standard library only; call it before anything else of the project is imported.

Usage:
    from shared.core.common_python import go_on_in_common

    go_on_in_common(__file__)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from shared.core.paths import PROJECT_ROOT

ENVIRONMENT = PROJECT_ROOT / "venv" / "common"


def go_on_in_common(tool: str) -> None:
    """Start the tool again with venv/common's Python, unless that is what runs it.

    Args:
        tool: The tool's file; its arguments are those of this process.

    Raises:
        SystemExit: 3, there is no environment `common`.
    """
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        sys.stderr.write("error: The environment 'common' is missing\n")
        sys.stderr.write("hint: ./bootstrap.sh --env common\n")
        raise SystemExit(3)
    os.execv(python, [str(python), tool, *sys.argv[1:]])
