#!/usr/bin/env python3
"""
Tests of the desk with a film that is really heard: by keyboard alone, in a real browser.

One film goes the whole way: its job begun and watched, stopped and gone on with, a cue edited,
split, merged, undone, heard again, saved while others save and while a run is at work, and the
new text read from the finished film.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.core.paths import SPEECH_FIXTURES_DIR
from shared.stage_order import get_stage_dir
from tests.support.commands import wait_until
from tests.support.desk import RunningDesk, id_of, start_desk
from tests.support.desk_browser import chromium, opened, saved_texts, tab_to, texts
from tests.support.job_fixtures import clean_configuration, output_root  # noqa: F401
from tests.support.jobs import make_job
from tests.support.media import ffmpeg

pytestmark = pytest.mark.environments("web", "whisperx", "pyannote")
LONG = 300_000  # milliseconds for a whole run on a busy machine
WATCH = """() => {
  window.seen = [];
  const look = () => document.querySelectorAll("[data-stage]").forEach((one) => {
    const told = `${one.dataset.stage} ${one.querySelector(".state").textContent}`;
    if (!window.seen.includes(told)) window.seen.push(told);
  });
  const all = { subtree: true, childList: true, characterData: true };
  new MutationObserver(look).observe(document.getElementById("stages"), all);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser, once for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def job_dir(tmp_path: Path) -> Path:
    """A job on three spoken lines, of which nothing is done."""
    path = tmp_path / "Three Lines (2024).mkv"
    lines = [SPEECH_FIXTURES_DIR / f"en-0{number}.opus" for number in (2, 3, 5)]
    sounds = [part for line in lines for part in ("-i", line)]
    joined = "[1:a]apad=pad_dur=1[a];[2:a]apad=pad_dur=1[b];[a][b][3:a]concat=n=3:v=0:a=1[s]"
    picture = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=24:d=11"]
    ffmpeg(*picture, *sounds, "-filter_complex", joined, "-map", "0:v", "-map", "[s]", path)
    settings = {"TMDB_ENABLED": "false", "WHISPER_MODEL": "base", "LYRICS_ENABLED": "false"}
    return make_job(path, workflow="subtitle", source="en", settings=settings)


def film_text(job_dir: Path, folder: Path) -> str:
    """Return the subtitles of the finished film as another program reads them."""
    (made,) = (job_dir / get_stage_dir("mux")).glob("*.mkv")
    taken = folder / "taken.srt"
    ffmpeg("-i", made, "-map", "0:s:0", taken)
    return taken.read_text("utf-8")


def press_on(page: Any, selector: str) -> None:
    """Press a button or a link as a keyboard does."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def test_a_film_from_its_first_stage_to_a_mended_cue(
    browser: Any, job_dir: Path, tmp_path: Path
) -> None:
    with start_desk() as desk, opened(browser, desk, "/") as page:
        page.locator("#jobs a").wait_for()
        press_on(page, "#jobs a")
        page.get_by_role("heading", name="Stages").wait_for()
        watch_a_run_that_is_stopped_and_goes_on(page)
        press_on(page, "nav a[href$='/edit']")
        page.locator("#cues [aria-selected=true]").wait_for()
        edit_split_merge_undo(page)
        hear_again(page, job_dir)
        assert saved_texts(job_dir)[1] == "We should go home before the storm."
        with start_desk() as other:
            two_desks_and_a_run(page, desk, other, job_dir)
            shown = film_text(job_dir, tmp_path)
            assert "We should go home before the storm." in shown and "Mine" in shown
            kept = [path.read_text("utf-8") for path in (job_dir / "edited").rglob("*.srt*")]
            assert any("Theirs" in one for one in kept), "an edit is lost"
        page.told[:] = [one for one in page.told if "423" not in one and "409" not in one]


def watch_a_run_that_is_stopped_and_goes_on(page: Any) -> None:
    """Run the job, stop it after a stage, run it to its end; every stage is seen at work."""
    page.evaluate(WATCH)
    press_on(page, "#run")
    page.locator("[data-stage=demux] .state.done").wait_for(timeout=LONG)
    press_on(page, "#stop")
    page.locator("dialog[open]").wait_for()
    press_on(page, "dialog button[value=after]")
    page.locator("#state.partial").wait_for(timeout=LONG)
    page.get_by_text("exit code 130").wait_for(timeout=LONG)
    stages = page.locator("[data-stage] .state").all_inner_texts()
    assert "running" not in stages and "to do" in stages and "interrupted" not in stages
    page.get_by_text("Stopped after a stage").first.wait_for(timeout=LONG)
    press_on(page, "#run")
    page.locator("#state.done").wait_for(timeout=LONG)
    seen = page.evaluate("window.seen")
    for stage in ("demux", "asr", "subtitle_generation", "mux"):
        assert seen.index(f"{stage} running") < seen.index(f"{stage} done"), seen
    assert "mux: done" in page.inner_text("#log")


def edit_split_merge_undo(page: Any) -> None:
    """Mend the second cue, part and join it, take a step back, and save."""
    press, second = page.keyboard.press, "We should go home before the storm."
    page.wait_for_timeout(200)  # the list takes the focus when the track is there
    before = texts(page)
    assert len(before) == 3 and "storm" in before[1]
    for key in ("Home", "ArrowDown", "Enter", "Control+A"):
        press(key)
    page.keyboard.type(second)
    press("Escape")
    press("Control+Alt+V")
    assert len(texts(page)) == 4
    press("Control+Z")
    assert texts(page) == [before[0], second, before[2]]
    press("Control+Shift+M")
    assert texts(page) == [before[0], f"{second}\n{before[2]}"]
    press("Control+Z")
    press("Control+S")
    page.get_by_text("Saved.").wait_for()


def hear_again(page: Any, job_dir: Path) -> None:
    """Spoil the first cue, have it heard again, and take what comes out."""
    press = page.keyboard.press
    for key in ("Home", "Enter", "Control+A"):
        press(key)
    page.keyboard.type("Nonsense.")
    press("Escape")
    press("Control+S")
    press("Alt+h")
    press_on(page, "dialog button[value=go]")
    page.get_by_text("A proposal is here").wait_for(timeout=LONG)
    assert texts(page)[0] == "Nonsense.", "nothing is changed before it is taken"
    press("Alt+p")
    assert page.locator("dialog del").inner_text() == "Nonsense."
    assert saved_texts(job_dir)[0] == "Nonsense."
    press_on(page, "dialog button[value=take]")
    wait_until(lambda: "morning" in texts(page)[0])
    press("Control+Z")
    assert texts(page)[0] == "Nonsense."
    press("Control+Y")
    press("Control+S")
    page.get_by_text("Saved.").wait_for()


def two_desks_and_a_run(page: Any, desk: RunningDesk, other: RunningDesk, job_dir: Path) -> None:
    """Make the film, and save at two desks meanwhile: who comes late is told, nobody loses."""
    press, track = page.keyboard.press, f"/jobs/{id_of(job_dir)}/tracks/en"
    seen = other.ask(track).data
    theirs = [{**one, "text": f"Theirs. {one['text']}"} for one in seen["cues"]]
    press("Control+Enter")
    page.get_by_text("The film is made …").wait_for()
    wait_until(lambda: page.locator("#run").is_disabled())
    asked = {"seen": seen["sha256"], "cues": theirs}
    refused = other.ask(track, "PUT", asked)
    assert refused.status == 423, refused
    with saved_as_soon_as_possible(other, track, asked):
        for key in ("End", "Enter", "Control+A"):
            press(key)
        page.keyboard.type("Mine.")
        page.get_by_text("The film is made.", exact=True).wait_for(timeout=LONG)
    assert saved_texts(job_dir)[0].startswith("Theirs.")
    press("Control+S")
    press_on(page, "dialog button[value=mine]")
    page.get_by_text("Saved.").wait_for()
    assert saved_texts(job_dir)[2] == "Mine."
    press("Control+Enter")
    wait_until(lambda: page.locator("#run").is_disabled())
    page.get_by_text("The film is made.", exact=True).wait_for(timeout=LONG)


@contextmanager
def saved_as_soon_as_possible(desk: RunningDesk, track: str, asked: Any) -> Iterator[None]:
    """Save at a desk again and again until the run has ended, as its editor does."""
    answers: list[int] = []

    def save() -> None:
        while not answers or answers[-1] == 423:
            answers.append(desk.ask(track, "PUT", asked).status)
            threading.Event().wait(0.2)

    saving = threading.Thread(target=save, daemon=True)
    saving.start()
    yield
    saving.join(LONG / 1000)
    assert answers[-1] == 200, answers
