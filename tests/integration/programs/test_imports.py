#!/usr/bin/env python3
"""Tests of what importing does: every module defines, none acts (tests/support/import_watch.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT

WATCH = PROJECT_ROOT / "tests" / "support" / "import_watch.py"
MODULES = 400  # there are more


def watch(root: Path) -> tuple[list[str], int]:
    """Return what modules of a checkout do when they are imported, and how many there are."""
    done = subprocess.run(
        [sys.executable, str(WATCH), str(root)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *told, count = done.stdout.splitlines()
    return told, int(count)


def test_importing_a_module_does_nothing_else() -> None:
    told, count = watch(PROJECT_ROOT)
    assert told == [] and count > MODULES


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
        ("import os\nos.execv('/bin/true', ['true'])", "os.exec"),
        ("import os\nif __name__ != '__main__': os.fork()", "os.fork"),
        ("open('left', 'w')", "open"),
        ("import os\nos.mkdir('left')", "os.mkdir"),
        (
            "import threading as t\nt.Thread(target=t.Event().wait, daemon=True).start()",
            "started",
        ),
        ("print('hello')", "printed"),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("import os\nos._exit(0)", "ended the process"),
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)", "signals are heard"),
    ],
)
def test_a_module_that_acts_is_found(tmp_path: Path, code: str, what: str) -> None:
    (tmp_path / "tools").mkdir()
    # The first import, which brings packages along, is not the one that is judged.
    guard = "import os\nif os.getpid() == int(os.environ['FIRST']):\n    raise ImportError\n"
    body = "".join(f"{line}\n" for line in code.splitlines())
    (tmp_path / "tools" / "acts.py").write_text(guard + body)
    program = "import os, sys, runpy\nos.environ['FIRST'] = str(os.getpid())\n"
    program += "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    done = subprocess.run(
        [sys.executable, "-c", program, str(WATCH), str(tmp_path)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert what in done.stdout, done.stdout
    assert not (tmp_path / "left").exists()
