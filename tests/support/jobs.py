#!/usr/bin/env python3
"""
Jobs: real job directories on a film of one second, made fast.

Usage:
    from tests.support.jobs import make_film, make_job

    job_dir = make_job(make_film(tmp_path / "film.mkv"))
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from shared.pipeline.prepare.prepare import prepare_job
from shared.pipeline.prepare.request import Request

FRAME_RATE = "24000/1001"


def make_film(path: Path, seconds: float = 1.0) -> Path:
    """Make a film with picture and sound; return its path.

    Args:
        path: Where; its suffix says which container.
        seconds: Its length.
    """
    return _ffmpeg(
        path,
        *("-f", "lavfi", "-i", f"testsrc=s=64x48:r={FRAME_RATE}:d={seconds}"),
        *("-f", "lavfi", "-i", f"sine=f=440:r=16000:d={seconds}"),
        *("-c:v", "mpeg4", "-c:a", "aac"),
    )


def make_silent_film(path: Path) -> Path:
    """Make a film that has a picture but no sound; return its path.

    Args:
        path: Where.
    """
    return _ffmpeg(path, "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=1", "-c:v", "mpeg4")


def make_job(film: Path, **wanted: Any) -> Path:
    """Prepare a job in the OUTPUT_ROOT of this test; return its directory.

    Args:
        film: The film.
        wanted: Other fields of a Request.
    """
    usual: dict[str, Any] = {"workflow": "transcribe", "source": "hi", "user": "tester"}
    return prepare_job(Request(media=film, **(usual | wanted))).job_dir


def copy_job(source: Path, root: Path) -> Path:
    """Copy an output folder that holds one job, times included; return the copied job.

    Args:
        source: An output folder.
        root: Where the copy goes; must not exist.
    """
    shutil.copytree(source, root)
    return next(root.glob("*/*/*/tester/1"))


def files_below(folder: Path) -> list[Path]:
    """Return every file and folder below a folder, sorted; nothing where there is none.

    Args:
        folder: Where to look.
    """
    return sorted(folder.rglob("*")) if folder.exists() else []


def state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, time and content of everything below a folder.

    Args:
        folder: Where to look.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.stat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
    return found


def _ffmpeg(path: Path, *arguments: str) -> Path:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, f"file:{path}"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path
