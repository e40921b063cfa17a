#!/usr/bin/env python3
"""
Desk browser: the desk in a real browser, as a person opens it.

Usage:
    from tests.support.desk_browser import chromium, opened

    with chromium() as browser, start_desk() as desk, opened(browser, desk, "/") as page: ...
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.stage_order import get_stage_dir
from shared.subtitles.files.source import read_source
from tests.support.desk import STAGE, RunningDesk, id_of

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser; where there is none, the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_api.sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(browser: Any, desk: RunningDesk, path: str, **shape: Any) -> Iterator[Any]:
    """Open a page as a person does; at the end nothing may have gone wrong in it."""
    context = browser.new_context(**shape)
    name, _, value = desk.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": desk.address}])
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: told.append(request.url) if is_outside(request) else None)
    page.goto(desk.address + path)
    page.told = told
    yield page
    assert told == []
    context.close()


def is_outside(request: Any) -> bool:
    """Return whether a page asks somebody else than its desk."""
    return not str(request.url).startswith(("http://127.0.0.1:", "data:", "blob:"))


def opened_editor(browser: Any, desk: RunningDesk, job_dir: Path, query: str = "") -> Any:
    """Open the editor of a job."""
    return opened(browser, desk, f"/jobs/{id_of(job_dir)}/edit{query}")


def tab_to(page: Any, selector: str) -> None:
    """Go to an element as a keyboard does."""
    is_there = "one => document.activeElement.matches(one)"
    for _ in range(60):
        if page.evaluate(is_there, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} by keyboard")


def texts(page: Any) -> list[str]:
    """Return the texts of all cues in the list."""
    found: list[str] = page.locator("#cues .said").all_text_contents()
    return found


def saved_texts(job_dir: Path, language: str = "en") -> list[str]:
    """Return the texts of a track as the job has it."""
    (path,) = (job_dir / get_stage_dir(STAGE)).glob(f"*.{language}.srt")
    return [one.text for one in read_source(path).cues]
