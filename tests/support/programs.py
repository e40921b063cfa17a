#!/usr/bin/env python3
"""
Programs: small real programs that stand where a stage's Python would, and behave as told.

Usage:
    from tests.support.programs import make_program

    program = make_program(tmp_path / "hangs", "time.sleep(600)")
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

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


def slow_ffmpeg(folder: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Put an ffmpeg first on PATH that takes a minute where its command line holds some text.

    Args:
        folder: For the program.
        monkeypatch: Of the test.
        where: The text.
    """
    real = shutil.which("ffmpeg")
    (folder / "bin").mkdir()
    program = folder / "bin" / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *\'{where}\'*) exec sleep 60;; esac\nexec {real} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
