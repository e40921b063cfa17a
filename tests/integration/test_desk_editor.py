#!/usr/bin/env python3
"""Tests of what the editor asks the desk for: tracks saved as a person's edit, the film, runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from shared.core.files import read_json, write_json
from shared.media.probe import probe_media
from shared.pipeline.job.lock import hold_job_lock
from shared.pipeline.jobs.results import edits
from shared.stage_order import get_stage_dir
from shared.subtitles.base.cue import Cue
from tests.support.commands import wait_until
from tests.support.desk import STAGE, Answer, RunningDesk, id_of, put_job, start_desk
from tests.support.job_fixtures import clean_configuration, output_root  # noqa: F401
from tests.support.media import burst, ffmpeg, sound
from tests.support.page_job import HOSTILE, wave

pytestmark = pytest.mark.environments("web")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 6 s, in a container that browsers do not play."""
    film = tmp_path_factory.mktemp("film") / "plain.mkv"
    picture = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=24:d=6"]
    ffmpeg(*picture, *sound(burst(0.5, 1), seconds=6), "-c:v", "mpeg4", "-c:a", "flac", film)
    return film


@pytest.fixture
def job_dir(output_root: Path, film: Path) -> Path:  # noqa: F811
    """A job with subtitles of which no film is made yet."""
    return put_job(output_root, film)


@pytest.fixture
def desk(job_dir: Path) -> Iterator[RunningDesk]:
    """A desk that shows it."""
    with start_desk() as running:
        yield running


def track_path(job_dir: Path) -> str:
    """Return the address of its track."""
    return f"/jobs/{id_of(job_dir)}/tracks/en"


def srt(job_dir: Path) -> Path:
    """Return the file of its track."""
    (found,) = (job_dir / get_stage_dir(STAGE)).glob("*.en.srt")
    return found


def save(desk: RunningDesk, job_dir: Path, seen: str, cues: list[dict[str, Any]]) -> Answer:
    """Save a track as the editor does."""
    return desk.ask(track_path(job_dir), "PUT", {"seen": seen, "cues": cues})


def test_what_is_saved_is_the_persons_edit(desk: RunningDesk, job_dir: Path) -> None:
    track = desk.ask(track_path(job_dir)).data
    assert [one["text"] for one in track["cues"]][:2] == ["One fish.", "Two fish\nand a hook."]
    assert (track["locked"], track["is_edited"]) == ("", False)
    cues = track["cues"]
    cues[0]["text"] = "A whale.\r\n\r\n  \n<i>Big</i>\n"
    cues.append({"start": 4500, "end": 5600, "text": "Four."})
    cues.reverse()  # as the person has them: the file is in order
    saved = save(desk, job_dir, track["sha256"], cues)
    assert saved.status == 200, saved
    assert [one["text"] for one in saved.data["cues"]][0] == "A whale.\n<i>Big</i>"
    assert saved.data["is_edited"] and saved.data["cues"][3]["text"] == "Four."
    assert [one.name for one in edits(job_dir)] == [str(srt(job_dir).relative_to(job_dir))]
    told = desk.ask(track_path(job_dir)).data
    assert told["sha256"] == saved.data["sha256"] and told["cues"] == saved.data["cues"]
    vtt = desk.ask(track_path(job_dir) + "/vtt")
    assert vtt.headers["content-type"].startswith("text/vtt") and "A whale." in vtt.text


def test_two_desks_lose_no_edit(desk: RunningDesk, job_dir: Path) -> None:
    with start_desk() as other:
        seen = desk.ask(track_path(job_dir)).data
        mine = [{**one, "text": f"mine {one['text']}"} for one in seen["cues"]]
        theirs = [{**one, "text": f"theirs {one['text']}"} for one in seen["cues"]]
        with ThreadPoolExecutor(2) as threads:
            both = [
                threads.submit(save, one, job_dir, seen["sha256"], cues)
                for one, cues in ((desk, mine), (other, theirs))
            ]
            answers = [one.result() for one in both]
        # Of two at once one is told to wait (423) or that it comes late (409).
        assert sorted(one.status for one in answers)[0] == 200
        late = next(n for n, one in enumerate(answers) if one.status != 200)
        refused = save((desk, other)[late], job_dir, seen["sha256"], (mine, theirs)[late])
        assert refused.status == 409
        there = refused.data["theirs"]
        assert there["cues"][0]["text"] == f"{('theirs', 'mine')[late]} One fish."
        taken = save((desk, other)[late], job_dir, there["sha256"], (mine, theirs)[late])
        assert taken.status == 200
    kept = [path.read_text() for path in (job_dir / "edited").rglob("*.srt")]
    assert len(kept) == 1 and f"{('theirs', 'mine')[late]} One fish." in kept[0]


def test_a_run_at_work_is_not_disturbed(desk: RunningDesk, job_dir: Path) -> None:
    track = desk.ask(track_path(job_dir)).data
    before = srt(job_dir).read_bytes()
    with hold_job_lock(job_dir, 0.0):
        assert save(desk, job_dir, track["sha256"], track["cues"][:1]).status == 423
        assert desk.ask(f"/jobs/{id_of(job_dir)}/run", "POST", {}).status == 423
    assert srt(job_dir).read_bytes() == before
    assert save(desk, job_dir, track["sha256"], track["cues"][:1]).status == 200


@pytest.mark.parametrize(
    "text", ["", " \n ", "00:00:01,000 --> 00:00:02,000", "a\n7\n00:00:01,000 --> 00:00:02,000\nb"]
)
def test_what_would_not_be_shown_is_refused_at_its_cue(
    desk: RunningDesk, job_dir: Path, text: str
) -> None:
    track, before = desk.ask(track_path(job_dir)).data, srt(job_dir).read_bytes()
    cues = track["cues"]
    cues[1]["text"] = text
    refused = save(desk, job_dir, track["sha256"], cues)
    assert refused.status == 422 and refused.data["cue"] == 1, refused
    cues[1] |= {"text": "x", "start": 90_000, "end": 91_000}
    assert save(desk, job_dir, track["sha256"], cues).data["cue"] == 1
    cues[1] |= {"start": 2000, "end": 1000}
    assert save(desk, job_dir, track["sha256"], cues).data["cue"] == 1
    assert save(desk, job_dir, track["sha256"], []).status == 422
    assert srt(job_dir).read_bytes() == before


def test_texts_stay_what_they_are(desk: RunningDesk, job_dir: Path) -> None:
    track = desk.ask(track_path(job_dir)).data
    texts = [*HOSTILE[:7], "7", "-->", "{\\an8}up", "नमस्ते\nदुनिया", "a\u2028b", "&lt;b&gt;"]
    cues = [{"start": 100 * n, "end": 100 * n + 90, "text": t} for n, t in enumerate(texts)]
    saved = save(desk, job_dir, track["sha256"], cues)
    assert saved.status == 200, saved.data
    assert [one["text"] for one in saved.data["cues"]] == texts
    vtt = desk.ask(track_path(job_dir) + "/vtt").text
    assert "<script>" not in vtt and "<svg" not in vtt


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"seen": "x", "cues": []}',
        json.dumps({"seen": "0" * 64, "cues": [], "path": "../x"}).encode(),
        json.dumps({"seen": "0" * 64, "cues": [{"start": -1, "end": 1, "text": ""}]}).encode(),
        json.dumps({"seen": "0" * 64, "cues": [{"start": 0, "end": 1, "text": 1}]}).encode(),
        b'{"seen": "' + b"0" * 64 + b'", "cues": ' + b"[" * 100_000,
    ],
)
def test_what_cannot_be_understood_is_refused(
    desk: RunningDesk, job_dir: Path, body: bytes
) -> None:
    assert desk.ask(track_path(job_dir), "PUT", body).status == 422
    assert edits(job_dir) == []


def test_a_track_is_one_of_the_job(desk: RunningDesk, job_dir: Path, tmp_path: Path) -> None:
    job = f"/jobs/{id_of(job_dir)}"
    for key in ("fr", "..", "%2e%2e", "..%2f..%2fjob.json", "en.srt", "en%00"):
        assert desk.ask(f"{job}/tracks/{key}").status in {404, 307}, key
        seen = {"seen": "0" * 64, "cues": []}
        assert desk.ask(f"{job}/tracks/{key}", "PUT", seen).status in {404, 405, 307}
    outside = tmp_path / "outside.srt"
    outside.write_text("1\n00:00:00,000 --> 00:00:01,000\nsecret\n")
    path = srt(job_dir)
    path.unlink()
    path.symlink_to(outside)
    found = desk.ask(track_path(job_dir))
    assert found.status == 422 and "secret" not in found.text
    assert save(desk, job_dir, "0" * 64, []).status == 422
    assert "secret" in outside.read_text()


def test_another_form_that_was_edited_is_not_passed_over(desk: RunningDesk, job_dir: Path) -> None:
    ass = srt(job_dir).with_suffix(".ass")
    ass.write_text(ass.read_text("utf-8").replace("One fish", "A whale"), "utf-8")
    track = desk.ask(track_path(job_dir)).data
    assert f"{ass.name} was edited" in track["locked"]
    refused = save(desk, job_dir, track["sha256"], track["cues"][:1])
    assert refused.status == 422 and edits(job_dir)[0].path == ass


def test_the_film_is_made_playable_and_given_by_ranges(desk: RunningDesk, job_dir: Path) -> None:
    job = f"/jobs/{id_of(job_dir)}"
    assert desk.ask(f"{job}/film").status == 404
    wait_until(lambda: desk.ask(f"{job}/film/state").data["state"] != "making")
    assert desk.ask(f"{job}/film/state").data["state"] == "ready"
    whole = desk.ask(f"{job}/film")
    assert (whole.status, whole.headers["content-type"]) == (200, "video/mp4")
    part = desk.ask(f"{job}/film", headers={"Range": "bytes=100-199"})
    assert part.status == 206 and part.body == whole.body[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.body)}"
    assert desk.ask(f"{job}/film", headers={"Range": "bytes=99999999-"}).status == 416
    (made,) = (job_dir.parents[4]).glob(".desk-*/*.mp4")
    info = probe_media(made)
    assert [one.codec for one in info.streams] == ["h264", "aac"]
    assert info.duration == pytest.approx(6.0, abs=0.15)


def test_what_is_no_film_is_not_given(desk: RunningDesk, job_dir: Path, tmp_path: Path) -> None:
    """A job that was handed over may name any file of this machine as its film."""
    secret = tmp_path / "secret.mp4"
    secret.write_text("root:secret\n" * 1000)
    job = read_json(job_dir / "job.json")
    job["media"]["path"] = str(secret)
    write_json(job_dir / "job.json", job)
    address = f"/jobs/{id_of(job_dir)}/film"
    found = desk.ask(address)
    assert found.status == 422 and "root:" not in found.text
    state = desk.ask(f"{address}/state").data
    assert state["state"] == "failed" and state["problem"]


def test_a_clip_is_played_from_its_own_beginning(
    desk: RunningDesk, job_dir: Path, film: Path, output_root: Path  # noqa: F811
) -> None:
    clip = put_job(output_root, film, (Cue(0.2, 0.9, "x"),), number=2, clip=(1.0, 3.0))
    address = f"/jobs/{id_of(clip)}/film/state"
    wait_until(lambda: desk.ask(address).data["state"] != "making")
    (made,) = (output_root).glob(".desk-*/*.mp4")
    assert probe_media(made).duration == pytest.approx(2.0, abs=0.15)


def test_the_sound_is_drawn(desk: RunningDesk, job_dir: Path) -> None:
    address = f"/jobs/{id_of(job_dir)}/peaks"
    assert desk.ask(address).status == 204
    loud = wave(2)[:44] + b"\0\0" * 16_000 + b"\xff\x3f" * 16_000
    (job_dir / get_stage_dir("demux") / "audio.wav").write_bytes(loud)
    peaks = desk.ask(address).body
    assert len(peaks) == 100 and set(peaks[:50]) == {0} and set(peaks[50:]) == {127}


def shown_texts(film: Path, folder: Path) -> str:
    """Return the subtitles of a film, as ffmpeg takes them out."""
    taken = folder / "taken.srt"
    ffmpeg("-i", film, "-map", "0:s:0", taken)
    return taken.read_text("utf-8")


def test_a_run_makes_the_film_with_the_new_text(
    desk: RunningDesk, job_dir: Path, tmp_path: Path
) -> None:
    track = desk.ask(track_path(job_dir)).data
    track["cues"][0]["text"] = "A whale of one."
    assert save(desk, job_dir, track["sha256"], track["cues"]).status == 200
    job = f"/jobs/{id_of(job_dir)}"
    assert desk.ask(f"{job}/run", "POST", {"from": "mux"}).status == 202
    made = job_dir / get_stage_dir("mux")
    wait_until(lambda: list(made.glob("*.mkv")), 60)
    (film,) = made.glob("*.mkv")
    assert "A whale of one." in shown_texts(film, tmp_path)


def test_a_run_that_cannot_be_is_told(desk: RunningDesk, job_dir: Path) -> None:
    job = f"/jobs/{id_of(job_dir)}"
    for wrong in ("nothing", "--help", "../x", "mux --force all"):
        assert desk.ask(f"{job}/run", "POST", {"from": wrong}).status == 422
    assert desk.ask(f"{job}/run", "POST", {"stage": "mux"}).status == 422
    assert not (job_dir / "events.jsonl").exists()


def test_a_term_goes_into_the_films_glossary(
    job_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "terms of mine.tsv"
    path.write_text("source\tpreferred:en\talternatives\nJai\t\tJay\n")
    monkeypatch.setenv("CP_GLOSSARY_FILES", str(path))
    job = read_json(job_dir / "job.json")  # a job from elsewhere chooses no file to write
    job["config"]["GLOSSARY_FILES"] = str(tmp_path / "other.tsv")
    write_json(job_dir / "job.json", job)
    with start_desk() as desk:
        address = track_path(job_dir) + "/term"
        term = {"spoken": "मछली", "right": "fish", "wrong": "fisch"}
        found = desk.ask(address, "POST", term)
        assert (found.status, found.data) == (200, {"file": str(path)})
        for wrong in ({**term, "spoken": "?"}, {**term, "path": "x"}, {"spoken": "a"}):
            assert desk.ask(address, "POST", wrong).status == 422
    assert path.read_text("utf-8").splitlines()[2:] == ["मछली\tfish\tfisch"]
    assert not (tmp_path / "other.tsv").exists()
