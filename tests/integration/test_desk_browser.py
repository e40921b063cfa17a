#!/usr/bin/env python3
"""
Tests of the desk in a real browser: live, by keyboard, without errors, requests and barriers.

What they need, and are skipped without, tests/integration/programs/test_report_browser.py tells.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.core.files import read_json, write_json
from shared.pipeline.job.lock import hold_job_lock
from tests.support.desk import RunningDesk, id_of, put_job, start_desk
from tests.support.job_fixtures import clean_configuration, film, output_root  # noqa: F401
from tests.support.page_job import HOSTILE

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed here"
)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.environments("web"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]
SIZES = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser, once for all tests."""
    with sync_api.sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def job_dir(output_root: Path, film: Path) -> Path:  # noqa: F811
    """A job with hostile texts."""
    return put_job(output_root, film, title="".join(HOSTILE[:3]))


@pytest.fixture
def desk(job_dir: Path) -> Iterator[RunningDesk]:
    """A desk that shows it."""
    with start_desk() as running:
        yield running


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


def assert_no_barrier(page: Any) -> None:
    """Assert that nothing serious is in the way of anybody, and that nothing is cut off."""
    found = axe.Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert serious == [], [(one["id"], one["nodes"][0]["html"]) for one in serious]
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_no_error_no_request_no_barrier(
    browser: Any, desk: RunningDesk, job_dir: Path, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    shape = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    (job_dir / "logs" / "01_demux.log").write_text("<script>alert(9)</script>\n" * 40)
    job = f"/jobs/{id_of(job_dir)}"
    for path in ("/", job, f"{job}/edit"):
        with opened(browser, desk, path, bypass_csp=True, **shape) as page:
            page.get_by_text("<script>").first.wait_for()
            assert_no_barrier(page)


def test_the_list_is_live(browser: Any, desk: RunningDesk, job_dir: Path) -> None:
    with opened(browser, desk, "/") as page:
        page.get_by_text("live", exact=True).wait_for()
        assert page.locator("#jobs li").count() == 1
        with hold_job_lock(job_dir, 0.0):
            page.locator("#jobs .state.running").wait_for()
        job = read_json(job_dir / "job.json")
        write_json(job_dir / "job.json", {**job, "title": "Harbour"})
        page.get_by_role("link", name="Harbour").wait_for()
        page.fill("#find", "nothing")
        assert page.locator("#jobs li").count() == 0
        page.fill("#find", "harb")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Stages").wait_for()


def test_a_job_is_live(browser: Any, desk: RunningDesk, job_dir: Path) -> None:
    log = job_dir / "logs" / "99_pipeline_1.log"
    log.write_text("it begins\n")
    with opened(browser, desk, f"/jobs/{id_of(job_dir)}") as page:
        page.get_by_text("it begins").wait_for()
        with hold_job_lock(job_dir, 0.0):
            with (job_dir / "events.jsonl").open("a") as events:
                events.write('{"event": "start", "stage": "mux"}\n')
                events.write('{"event": "progress", "stage": "mux", "done": 1, "total": 4}\n')
            page.locator("[data-stage=mux] .state.running").wait_for()
            bar = page.locator("[data-stage=mux] progress")
            assert bar.evaluate("one => one.value") == 0.25
            with log.open("a") as stream:
                stream.write("<b>more</b>\n")
            page.get_by_text("<b>more</b>").wait_for()
        page.locator("#state.partial").wait_for()
