#!/usr/bin/env python3
"""
Import watch: imports every module of the project in fresh processes and tells what it did.

Run by tests/integration/programs/test_imports.py. Other people's packages are imported before; of
the project nothing is. What another module brought along, and nobody minded, is not imported again.
A module must not start, replace or signal a process, write, move or remove a file, open a
connection, start a thread, print or read the command line's input.

Usage:
    python tests/support/import_watch.py ROOT   # one line of JSON for each module that did more
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import io
import json
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

FOLDERS = ("shared", "scripts", "tools", "tests/performance")
FORBIDDEN = (
    ("os.", "exec fork forkpty posix_spawn system spawn remove rename mkdir rmdir link symlink"),
    ("os.", "truncate kill killpg chmod chown chdir"),
    ("", "subprocess.Popen shutil.rmtree socket.connect socket.bind sqlite3.connect"),
    ("", "signal.pthread_kill pty.spawn webbrowser.open urllib.Request tempfile.mkstemp"),
)
EVENTS = frozenset(start + name for start, names in FORBIDDEN for name in names.split())
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def import_module(path: Path, root: Path) -> None:
    """Import a module of a checkout, also one whose name is no word of Python."""
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    if "-" not in name:
        importlib.import_module(name)
        return
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), path)
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def watched(path: Path, root: Path) -> list[str]:
    """Import a module in this process; return what it did besides."""
    did: list[str] = []

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS or (event == "open" and _writes(arguments)):
            did.append(f"{event} {arguments[:2]}")
            raise PermissionError("an import does nothing but define")

    sys.prefix = "/another/environment"  # as for a Python that is not venv/common's
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    sys.stdout = sys.stderr = told = io.StringIO()
    signals = _handlers()
    sys.addaudithook(hear)
    try:
        import_module(path, root)
    except BaseException as error:
        did.append(f"{type(error).__name__}: {error}")
    did += [f"printed {told.getvalue()!r}"] if told.getvalue() else []
    did += [f"started {one.name}" for one in threading.enumerate()[1:]]
    did += ["changed how signals are heard"] if _handlers() != signals else []
    return did


def _handlers() -> list[Any]:
    import signal

    return [signal.getsignal(number) for number in signal.valid_signals()]


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2]
    name = str(arguments[0])
    return isinstance(flags, int) and bool(flags & WRITING) and "__pycache__" not in name


def _imported() -> list[str | None]:
    """Return the files of all modules that there are."""
    return [getattr(one, "__file__", None) for one in list(sys.modules.values())]


def main(root: Path) -> None:
    """Watch every module; print what each did."""
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))]
    for path in paths:  # brings along the packages of others
        try:
            import_module(path, root)
        except ImportError:
            continue  # told below
    ours = {folder.partition("/")[0] for folder in FOLDERS}
    for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
        del sys.modules[name]
    gc.collect()
    gc.freeze()  # children leave the pages of what is there alone
    seen: set[str | None] = set()
    for path in paths[::-1]:  # what has much behind it comes first: tools and scripts
        if str(path) in seen:
            continue
        with tempfile.TemporaryFile() as told:
            if os.fork() == 0:
                did = watched(path, root)
                os.write(told.fileno(), json.dumps([did, _imported()]).encode())
                os._exit(0)
            os.wait()
            told.seek(0)
            text = told.read()
        did, imported = json.loads(text) if text else (["ended the process"], [])
        if did:
            print(json.dumps({str(path.relative_to(root)): did}))
        else:
            seen.update(imported)
    print(len(paths))


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
