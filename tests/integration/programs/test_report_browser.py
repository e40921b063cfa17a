#!/usr/bin/env python3
"""
Tests of the film's page in a real browser: no errors, no requests, no barriers, keys that work.

They need Chromium and, in the environment of the tests, playwright and axe-playwright-python, which
nothing else needs: `venv/.uv/bin/uv pip install --python venv/common playwright
axe-playwright-python`. Without them they are skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.report.page import write_page
from tests.support.media_job import make_job
from tests.support.page_job import HOSTILE, put_texts

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed here"
)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
USABLE_MS = 2000.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser, once for all tests."""
    with sync_api.sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page_path(film: Path, tmp_path: Path) -> Path:
    """The page of a job with hostile texts."""
    job_dir = make_job(tmp_path, film, "hi", ("en",), title="".join(HOSTILE[:4]))
    put_texts(job_dir, ["नमस्ते", "ठीक है", *HOSTILE], duration=60.0)
    return write_page(job_dir)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_error_no_request_no_barrier(
    browser: Any, page_path: Path, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    shape = {"width": width, "height": height}
    context = browser.new_context(viewport=shape, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_path.as_uri())
    found = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    assert told == []
    assert [url for url in asked if not url.startswith("data:")] == [page_path.as_uri()]
    context.close()


def test_keys_go_through_the_doubts_and_the_policy_holds(browser: Any, page_path: Path) -> None:
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(page_path.as_uri())
    for key, wanted in (("n", "d1"), ("F8", "d2"), ("n", "d3"), ("p", "d2")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == wanted
    page.fill("#find", "ठीक")
    assert page.inner_text("#found").startswith("1 of ")
    assert told == []
    page.close()


def test_without_scripts_all_can_be_read(browser: Any, page_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_path.as_uri())
    assert page.locator("li.doubt").count() >= 8
    for text in HOSTILE[:3]:
        assert page.get_by_text(text).first.is_visible()
    assert page.locator("#find").is_hidden()
    context.close()


def test_two_thousand_cues_are_usable_soon(browser: Any, film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", ("en",))
    put_texts(job_dir, [f"यह पंक्ति संख्या {n} है" for n in range(2000)])
    page = browser.new_page()
    page.goto(write_page(job_dir).as_uri())
    entry = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    assert page.evaluate(entry) < USABLE_MS
    page.close()
