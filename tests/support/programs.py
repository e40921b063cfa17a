#!/usr/bin/env python3
"""
Programs: small real programs that stand where a stage's Python would, and behave as told.

Usage:
    from tests.support.programs import make_program

    program = make_program(tmp_path / "hangs", "time.sleep(600)")
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from shared.core.paths import PROJECT_ROOT

PROLOGUE = """\
import json, os, signal, subprocess, sys, time


def tell(**event):
    os.write(int(os.environ["CP_EVENTS_FD"]), (json.dumps(event) + "\\n").encode())


"""
IMPORTS = f"sys.path.insert(0, {str(PROJECT_ROOT)!r})\n"


def make_program(path: Path, body: str, uses_project: bool = False) -> Path:
    """Write an executable Python program; it has json, os, signal, subprocess, sys, time, tell().

    Args:
        path: Where.
        body: Its code; arguments (the stage's script) are ignored.
        uses_project: Whether it imports from shared.

    Returns:
        The path.
    """
    text = f"#!{sys.executable}\n" + PROLOGUE + (IMPORTS if uses_project else "")
    path.write_text(text + textwrap.dedent(body), encoding="utf-8")
    path.chmod(0o755)
    return path
