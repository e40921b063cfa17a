#!/usr/bin/env python3
"""
Tests of the desk in a real browser: live, by keyboard, without errors, requests and barriers.

What they need, and are skipped without, tests/integration/programs/test_report_browser.py tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.core.files import read_json, write_json
from shared.pipeline.batch.record import read_batch, write_batch
from shared.pipeline.job.lock import hold_job_lock
from shared.stage_order import get_stage_dir
from shared.subtitles.base.cue import Cue
from tests.support.batch_folder import film_of, running_batch
from tests.support.commands import wait_until
from tests.support.desk import RunningDesk, id_of, put_job, start_desk
from tests.support.desk_browser import (
    chromium,
    opened,
    opened_editor,
    saved_texts,
    tab_to,
    texts,
)
from tests.support.job_fixtures import clean_configuration, film, output_root  # noqa: F401
from tests.support.media import burst, ffmpeg, sound
from tests.support.page_job import HOSTILE

pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed here"
)
pytestmark = pytest.mark.environments("web")
SIZES = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser, once for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def job_dir(output_root: Path, film: Path) -> Path:  # noqa: F811
    """A job with hostile texts."""
    return put_job(output_root, film, title="".join(HOSTILE[:3]))


@pytest.fixture
def desk(job_dir: Path) -> Iterator[RunningDesk]:
    """A desk that shows it."""
    with start_desk() as running:
        yield running


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
            if path.endswith("/edit"):
                page.get_by_text("One fish.").first.wait_for()
                for key in ("Control+H", "Control+Shift+S", "?"):
                    page.locator("#cues").focus()
                    page.keyboard.press(key)
                    page.locator("dialog[open]").wait_for()
                    assert_no_barrier(page)
                    page.keyboard.press("Escape")


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


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 6 s that the browser does not play as it is."""
    path = tmp_path_factory.mktemp("film") / "plain.mkv"
    picture = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=24:d=6"]
    ffmpeg(*picture, *sound(burst(0.5, 1), seconds=6), "-c:v", "mpeg4", "-c:a", "flac", path)
    return path


@pytest.fixture
def edited_job(output_root: Path, long_film: Path) -> Path:  # noqa: F811
    """A job to edit, done but for its film."""
    return put_job(output_root, long_film)


def test_a_cue_is_edited_by_keyboard_alone(browser: Any, edited_job: Path, tmp_path: Path) -> None:
    """From the list of jobs to the finished film: no key but those of a keyboard."""
    with start_desk() as desk, opened(browser, desk, "/") as page:
        press = page.keyboard.press
        page.locator("#jobs a").wait_for()
        for _ in range(3):
            press("Tab")
        press("Enter")
        page.get_by_role("heading", name="Stages").wait_for()
        for _ in range(3):
            press("Tab")
        press("Enter")
        page.locator("#cues [aria-selected=true]").wait_for()
        page.wait_for_timeout(200)  # the list takes the focus when the track is there
        press("ArrowDown")
        assert page.locator("#cues [aria-selected=true] .said").inner_text().startswith("Two fish")
        press("Enter")
        press("Control+A")
        page.keyboard.type("A whale <b>of</b> one.")
        press("Alt+ArrowUp")
        press("Control+Shift+M")
        assert texts(page) == ["One fish.\nA whale <b>of</b> one.", "♪ Three fish ♪"]
        press("Control+Z")
        assert texts(page)[1] == "A whale <b>of</b> one."
        press("Control+Z")
        assert texts(page)[1] == "Two fish\nand a hook."
        press("Control+Y")
        assert texts(page)[1] == "A whale <b>of</b> one."
        press("Escape")
        press("End")
        press("Insert")
        page.keyboard.type("Four.")
        press("Escape")
        assert texts(page)[-1] == "Four."
        press("Control+Alt+V")
        assert len(texts(page)) == 5
        press("Delete")
        press("Control+S")
        page.get_by_text("Saved.").wait_for()
        wanted = ["One fish.", "A whale of one.", "♪ Three fish ♪"]
        assert [one.replace("<b>", "").replace("</b>", "") for one in saved_texts(edited_job)][
            :3
        ] == wanted
        press("Control+Enter")
        page.get_by_text("The film is made.").wait_for(timeout=60_000)
        (made,) = (edited_job / get_stage_dir("mux")).glob("*.mkv")
        taken = tmp_path / "taken.srt"
        ffmpeg("-i", made, "-map", "0:s:0", taken)
        assert "A whale <b>of</b> one." in taken.read_text("utf-8")


def test_the_film_plays_with_what_is_edited(browser: Any, edited_job: Path) -> None:
    with start_desk() as desk, opened_editor(browser, desk, edited_job) as page:
        ready = "() => document.getElementById('film').readyState >= 2"
        wait_until(lambda: page.evaluate(ready), 60)
        page.keyboard.press("ArrowDown")
        wait_until(lambda: page.evaluate("document.getElementById('film').currentTime") == 1.6)
        page.keyboard.press("F11")  # starts now
        page.fill("#text", "A whale.")
        shown = "[...document.getElementById('film').textTracks[0].activeCues].map(one => one.text)"
        wait_until(lambda: page.evaluate(shown) == ["A whale."])
        page.keyboard.press("Escape")
        page.keyboard.press("F5")
        wait_until(lambda: page.evaluate("document.getElementById('film').paused === false"))
        wait_until(lambda: page.evaluate("document.getElementById('film').paused"))
        ended = page.evaluate("document.getElementById('film').currentTime")
        assert 2.8 <= ended < 3.4
        page.keyboard.press("F12")  # ends now
        assert page.input_value("#end") == f"00:00:0{round(ended * 1000) / 1000:.3f}"
        page.keyboard.press("Control+S")
        page.get_by_text("Saved.").wait_for()


def test_doubts_and_links_lead_to_cues(
    browser: Any, output_root: Path, long_film: Path  # noqa: F811
) -> None:
    cues = tuple(Cue(n * 0.5, n * 0.5 + 0.4, "too fast to read it") for n in range(4))
    calm = Cue(2.6, 5.0, "Calm.")
    job_dir = put_job(output_root, long_film, (*cues, calm))
    with start_desk() as desk, opened_editor(browser, desk, job_dir, "?at=2.7") as page:
        row = page.locator("#cues [aria-selected=true] .said")
        row.wait_for()
        assert row.inner_text() == "Calm." and page.inner_text("#why") == ""
        seen = set()
        for _ in range(4):
            page.keyboard.press("F8")
            assert "characters a second" in page.inner_text("#why")
            seen.add(page.get_attribute("#cues", "aria-activedescendant"))
        assert len(seen) == 4
        page.keyboard.press("Shift+F8")
        page.get_by_text("Doubt 3 of 4").wait_for()
        page.goto(f"{desk.address}/jobs/{id_of(job_dir)}/page")
        page.locator("a[href*='at=1.500']", has_text="Mend it in the editor").click()
        row.wait_for()
        assert row.inner_text() == "too fast to read it"
        assert page.input_value("#start") == "00:00:01.500"


def test_a_word_is_put_right_where_it_is_ticked(
    browser: Any, edited_job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    glossary = tmp_path / "terms.tsv"
    monkeypatch.setenv("CP_GLOSSARY_FILES", str(glossary))
    with start_desk() as desk, opened_editor(browser, desk, edited_job) as page:
        page.get_by_text("One fish.").first.wait_for()
        page.keyboard.press("Control+H")
        dialog = page.locator("dialog")
        dialog.get_by_label("Word").fill("fish")
        dialog.get_by_label("Right").fill("<img src=x onerror=alert(1)>$&")
        dialog.get_by_label("glossary").check()
        dialog.get_by_label("spoken").fill("machhli")
        assert dialog.locator("ins").count() == 3
        assert dialog.locator("ins").first.inner_text() == "One <img src=x onerror=alert(1)>$&."
        dialog.get_by_role("checkbox").nth(3).uncheck()
        page.keyboard.press("Enter")
        page.get_by_text(f"Kept in {glossary}").wait_for()
        assert "machhli\t\t<img src=x onerror=alert(1)>$&\tfish" in glossary.read_text("utf-8")
        assert ["<img" in one for one in texts(page)] == [True, False, True]
        page.locator("#cues").focus()
        page.keyboard.press("Control+Z")
        assert texts(page) == ["One fish.", "Two fish\nand a hook.", "♪ Three fish ♪"]
        page.keyboard.press("Control+Shift+S")
        dialog.get_by_label("Seconds").fill("-0,1")
        dialog.get_by_label("Which").select_option("one")
        dialog.get_by_role("button", name="Shift").click()
        assert page.input_value("#start") == "00:00:00.100"
        page.keyboard.press("?")
        assert dialog.get_by_text("next doubt").is_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+Z")


def test_two_browsers_see_both_versions(browser: Any, edited_job: Path) -> None:
    with start_desk() as desk, opened_editor(browser, desk, edited_job) as mine:
        mine.get_by_text("One fish.").first.wait_for()
        with opened_editor(browser, desk, edited_job) as theirs:
            theirs.get_by_text("One fish.").first.wait_for()
            theirs.fill("#text", "Theirs.")
            theirs.keyboard.press("Control+S")
            theirs.get_by_text("Saved.").wait_for()
        mine.fill("#text", "Mine.")
        with hold_job_lock(edited_job, 0.0):
            mine.keyboard.press("Control+S")
            mine.get_by_text("this is saved when it has ended").wait_for()
        dialog = mine.locator("dialog")  # the run has ended: the other's edit is met
        dialog.get_by_text("Theirs.").wait_for()
        assert dialog.get_by_text("Mine.").is_visible()
        dialog.get_by_role("button", name="Take theirs").click()
        assert texts(mine)[0] == "Theirs."
        mine.locator("#cues").focus()
        mine.keyboard.press("Control+Z")
        assert texts(mine)[0] == "Mine."
        mine.keyboard.press("Control+S")
        mine.get_by_text("Saved.").wait_for()
        assert saved_texts(edited_job)[0] == "Mine."
        mine.told[:] = [one for one in mine.told if "423" not in one and "409" not in one]


def test_two_thousand_cues_can_be_worked_on(
    browser: Any, output_root: Path, long_film: Path  # noqa: F811
) -> None:
    cues = tuple(Cue(n * 0.003, n * 0.003 + 0.002, f"Line {n}") for n in range(2000))
    job_dir = put_job(output_root, long_film, cues)
    with start_desk() as desk, opened_editor(browser, desk, job_dir) as page:
        page.get_by_text("Line 1999").wait_for(state="attached")
        page.keyboard.press("End")
        took = page.evaluate("""() => {
            const [field, begun] = [document.getElementById("text"), performance.now()];
            for (let n = 0; n < 5; n += 1) {
              field.value += "x"; field.dispatchEvent(new Event("input"));
            }
            return (performance.now() - begun) / 5; }""")
        assert texts(page)[-1] == "Line 1999xxxxx" and took < 250.0, took
        page.locator("#cues").focus()
        page.keyboard.press("Control+Z")
        assert texts(page)[-1] == "Line 1999"


def test_a_batch_is_live_and_leads_to_its_films(
    browser: Any, desk: RunningDesk, job_dir: Path
) -> None:
    root = job_dir.parents[4]
    waits = film_of(job_dir, "waiting")
    with running_batch(root, [waits]) as folder:
        with opened(browser, desk, "/", bypass_csp=True) as page:
            tab_to(page, "#batches a")
            page.keyboard.press("Enter")
            page.locator("#films .state.waiting").wait_for()
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert_no_barrier(page)
            failed = waits.model_copy(update={"state": "failed", "reason": "<b>no sound</b>"})
            write_batch(folder, read_batch(folder).model_copy(update={"films": [failed]}))
            page.get_by_text("<b>no sound</b>").wait_for()
            assert page.get_by_text("Next: ./run-pipeline.sh subtitle").is_visible()
            tab_to(page, "#films a[href$='/edit']")
            page.keyboard.press("Enter")
            page.locator("#cues [aria-selected=true]").wait_for()
