#!/usr/bin/env python3
"""
Demo: a short film of our own and its job; made once, found again the next time.

Usage:
    from shared.pipeline.prepare.demo import demo_job, demo_request, make_demo_job

    request = demo_request()
    job_dir = demo_job() or make_demo_job(request)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from shared.config import load_config
from shared.core.environment_stamp import STAMP_NAME
from shared.core.files import write_text
from shared.core.paths import INPUT_DIR, SPEECH_FIXTURES_DIR
from shared.media.demo.film import make_demo_film
from shared.pipeline.job.job import JOB_FILE, output_root
from shared.pipeline.prepare.prepare import prepare_job
from shared.pipeline.prepare.request import Request
from shared.pipeline.prepare.set_up import set_up

DEMO_WORKFLOW = "subtitle"
FILM_NAME = "Harbour Lights (2026).mkv"
# Names a user's demo job, so that a second demo goes on with it.
POINTER_FILE = ".demo-job-{user}"


def demo_request() -> Request:
    """Return what the demo asks for; environments and film are made when they are missing.

    Raises:
        UnavailableError: When the set-up fails.
    """
    _set_up()
    film = INPUT_DIR / FILM_NAME
    if not film.is_file():
        sys.stderr.write(f"Making the demo film {film}\n")
        INPUT_DIR.mkdir(exist_ok=True)
        make_demo_film(film, SPEECH_FIXTURES_DIR)
    settings = {"ASR_MULTILINGUAL": "true"}
    return Request(film, DEMO_WORKFLOW, targets=("en",), settings=settings)


def demo_job() -> Path | None:
    """Return the directory of the demo's job, None where there is none yet."""
    pointer = _pointer()
    if not pointer.is_file() or pointer.lstat().st_uid != os.geteuid():
        return None
    job_dir = Path(pointer.read_text(encoding="utf-8").strip())
    return job_dir if (job_dir / JOB_FILE).is_file() else None


def make_demo_job(request: Request) -> Path:
    """Return the directory of a new job, which the next demo goes on with.

    Args:
        request: What demo_request returned.
    """
    job_dir = prepare_job(request).job_dir
    write_text(_pointer(), f"{job_dir}\n")
    return job_dir


def _pointer() -> Path:
    return output_root(load_config()) / POINTER_FILE.format(user=os.geteuid())


def _set_up() -> None:
    """Make what is missing; begin anew where that is what runs this."""
    stamp = Path(sys.prefix) / STAMP_NAME
    before = stamp.stat().st_mtime_ns if stamp.is_file() else 0
    set_up()
    if before and stamp.stat().st_mtime_ns != before:
        os.execv(sys.executable, [sys.executable, *sys.argv])  # what it runs in was changed
