#!/usr/bin/env python3
"""
Pictures: the film's page and the desk's editor as the README shows them, of a finished job.

They are taken in Chromium, which playwright drives; nothing else here needs that package:
venv/.uv/bin/uv pip install --python venv/common playwright

Usage:
    ./run-pipeline.sh demo
    venv/common/bin/python tools/documentation/pictures.py JOB_DIR
"""

from __future__ import annotations

import importlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.errors import EXIT_SUCCESS, InputError, UnavailableError  # noqa: E402
from shared.core.usage import RUN, CommandParser, ended, named_path, usage_of  # noqa: E402
from shared.desk.jobs import job_id  # noqa: E402
from shared.media.ffmpeg import file_output, media_input, run_ffmpeg  # noqa: E402
from shared.pipeline.job.job import output_root  # noqa: E402

TARGET = PROJECT_ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1180, 900
MOST_BYTES = 150_000
SECONDS = 60
READY = "() => document.getElementById('film').readyState >= 2"


def make_parser() -> CommandParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/documentation/pictures.py",
        description="Take the pictures of the README anew, of a finished job.",
        examples=usage_of(__doc__),
    )
    parser.add_argument("job", type=named_path, metavar="JOB_DIR", help="below OUTPUT_ROOT")
    return parser


@contextmanager
def opened_desk() -> Iterator[str]:
    """Start a desk at a free port; yield the address that opens it."""
    command = [str(PROJECT_ROOT / RUN), "desk", "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)


def take(page: Any, name: str, folder: Path) -> Path:
    """Take what a page shows now.

    Args:
        page: Of playwright.
        name: Of the picture, without suffix.
        folder: For what is taken before it is made small.

    Returns:
        The picture, WebP.

    Raises:
        InputError: It is larger than a picture of the documents may be.
    """
    taken, made = folder / f"{name}.png", TARGET / f"{name}.webp"
    page.screenshot(path=str(taken))
    TARGET.mkdir(exist_ok=True)
    options: dict[str, str | int | float | None] = {"c:v": "libwebp", "quality": 72}
    run_ffmpeg(file_output([media_input(taken, "png_pipe,image2")], made, options), SECONDS)
    if made.stat().st_size > MOST_BYTES:
        raise InputError(f"{made} is larger than {MOST_BYTES} bytes", hint="Show less in it")
    return made


def take_all(page: Any, address: str, job: str, folder: Path) -> list[Path]:
    """Take all pictures; return them.

    Args:
        page: Of playwright.
        address: That opens the desk.
        job: Id of the job.
        folder: As for take.
    """
    page.goto(address)
    base = address.partition("/?")[0]
    page.goto(f"{base}/jobs/{job}/page")
    pictures = [take(page, "page", folder)]
    page.goto(f"{base}/jobs/{job}/edit")
    page.locator("#cues [aria-selected=true]").wait_for()
    page.wait_for_function(READY, timeout=SECONDS * 1000)
    for key in ("F8", "ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_timeout(1000)
    return [*pictures, take(page, "desk", folder)]


def main(argv: list[str] | None = None) -> int:
    """Take the pictures; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        UnavailableError: Chromium or playwright is not here.
    """
    arguments = make_parser().parse_args(argv)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        playwright = importlib.import_module("playwright.sync_api")
    except ImportError as error:
        raise UnavailableError("playwright is not installed here", hint="See --help") from error
    if chromium is None:
        raise UnavailableError("There is no Chromium on this machine", hint="Install it")
    job = job_id(output_root(load_config()), Path(arguments.job).resolve())
    with (
        tempfile.TemporaryDirectory() as folder,
        opened_desk() as address,
        playwright.sync_playwright() as engine,
    ):
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for made in take_all(page, address, job, Path(folder)):
            sys.stdout.write(f"{made}\n")
        browser.close()
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
