#!/usr/bin/env python3
"""Tests of what the desk shows of a batch, and of who is asked when a run is to be stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.desk.batches import batch_id
from shared.pipeline.batch.control import take_requests
from shared.pipeline.batch.record import FilmRecord
from shared.pipeline.job.job import load_job
from shared.pipeline.job.lock import hold_job_lock
from tests.support.batch_folder import film_of, running_batch
from tests.support.desk import RunningDesk, id_of, put_job, start_desk
from tests.support.job_fixtures import clean_configuration, film, output_root  # noqa: F401

pytestmark = pytest.mark.environments("web")
HOSTILE = "<img src=x onerror=alert(1)>.mkv"


@pytest.fixture
def job_dir(output_root: Path, film: Path) -> Path:  # noqa: F811
    """A job with subtitles."""
    return put_job(output_root, film)


@pytest.fixture
def desk(job_dir: Path) -> Iterator[RunningDesk]:
    """A desk that shows it."""
    with start_desk() as running:
        yield running


def test_a_batch_shows_its_films_and_what_to_do_next(
    desk: RunningDesk, job_dir: Path, tmp_path: Path
) -> None:
    root = job_dir.parents[4]
    failed = film_of(job_dir, "failed", reason="no sound in it")
    lost = FilmRecord.model_validate({"path": f"/films/{HOSTILE}", "state": "waiting", "order": 2})
    elsewhere = lost.model_copy(update={"job": str(tmp_path / "elsewhere" / "1")})
    with running_batch(root, [failed, lost, elsewhere]) as folder:
        name = batch_id(root, folder)
        page = desk.ask(f"/batches/{name}")
        assert page.status == 200 and "<img" not in page.text and "&lt;img" in page.text
        assert page.text.count('href="/jobs/') == 1
        assert f'href="/jobs/{id_of(job_dir)}"' in page.text
        assert f'href="/batches/{name}"' in desk.ask("/").text
        link = folder.with_name("batch-7")
        link.symlink_to(folder)
        for other in (batch_id(root, link), id_of(job_dir), "..", "%2e%2e%2f", name + "x"):
            assert desk.ask(f"/batches/{other}").status in {404, 307}, other
        link.unlink()
        assert desk.ask(f"/batches/{name}", cookie="none=1").status == 403
    assert "killed" in desk.ask(f"/batches/{name}").text


def test_a_film_of_a_batch_is_cancelled_there(desk: RunningDesk, job_dir: Path) -> None:
    address, ended = f"/jobs/{id_of(job_dir)}/stop", threading.Event()
    heard: list[tuple[str, str]] = []

    def listen(folder: Path) -> None:
        while not ended.wait(0.05):
            heard.extend(take_requests(folder))

    with running_batch(job_dir.parents[4], [film_of(job_dir, "running")]) as folder:
        batch = threading.Thread(target=listen, args=(folder,), daemon=True)
        batch.start()
        with hold_job_lock(job_dir, 0.0):
            found = desk.ask(address, "POST", {"now": True})
        ended.set()
        batch.join()
    assert found.status == 202 and "without this film" in found.data["told"], found
    assert heard == [("cancel", load_job(job_dir).media.path)]


def test_what_is_no_run_of_ours_is_not_stopped(desk: RunningDesk, job_dir: Path) -> None:
    address = f"/jobs/{id_of(job_dir)}/stop"
    assert "No run" in desk.ask(address, "POST", {}).data["cause"]
    with hold_job_lock(job_dir, 0.0):  # this process of the tests holds it
        found = desk.ask(address, "POST", {"now": True})
        assert found.status == 422 and "is no run of it" in found.data["cause"]
        for asked in ({"now": "soon"}, {"pid": 1}, []):
            assert desk.ask(address, "POST", asked).status == 422
        assert desk.ask(address, "POST", {}, headers={"Origin": "http://other"}).status == 403


ODD = (
    {"what": "hear", "start": 0, "end": 100},
    {"what": "hear", "start": 0, "end": 900_000},
    {"what": "hear", "start": 2000, "end": 1000},
    {"what": "translate", "start": 0, "end": 2000, "text": " "},
    {"what": "hear", "start": 0, "end": 2000, "model": "--help"},
    {"what": "hear", "start": 0, "end": 2000, "language": "-s en"},
    {"what": "hear", "start": 0, "end": 2000, "set": "OUTPUT_ROOT=/"},
    {"what": "remove", "start": 0, "end": 2000},
)


def test_only_a_region_can_be_done_again(desk: RunningDesk, job_dir: Path) -> None:
    job = f"/jobs/{id_of(job_dir)}"
    for asked in ODD:
        assert desk.ask(f"{job}/tracks/en/again", "POST", asked).status == 422, asked
    assert desk.ask(f"{job}/again").status == 404
    assert desk.ask(f"{job}/again", "DELETE").data == {"stopped": False}


def test_what_is_done_again_can_be_stopped_and_leaves_nothing(
    desk: RunningDesk, job_dir: Path
) -> None:
    job, asked = f"/jobs/{id_of(job_dir)}", {"what": "hear", "start": 0, "end": 900}
    before = {path: path.stat().st_mtime_ns for path in job_dir.rglob("*")}
    assert desk.ask(f"{job}/tracks/en/again", "POST", asked).status == 202
    assert desk.ask(f"{job}/tracks/en/again", "POST", asked).status == 423
    assert desk.ask(f"{job}/again").data["state"] == "running"
    assert desk.ask(f"{job}/again", "DELETE").data == {"stopped": True}
    (own,) = job_dir.parents[4].glob(".desk-*")
    assert list(own.glob("again.*")) == []
    assert {path: path.stat().st_mtime_ns for path in job_dir.rglob("*")} == before
