#!/usr/bin/env python3
"""Tests of shared/report: what the film's page says, and what it never does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shared.core.files import read_json, write_json
from shared.core.paths import PROJECT_ROOT
from shared.core.redact import Redactor
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.job.places import PAGE_FILE
from shared.pipeline.job.record.manifest import FailedRung
from shared.report.at_end import page_at_end
from shared.report.clips import ClipLimits
from shared.report.facts import read_facts
from shared.report.page import write_page
from shared.report.texts import harmless
from shared.report.verdict import judge
from shared.stage_order import get_stage_dir, get_workflow_stages
from shared.transcript.records.schemas import QuarantinedText
from tests.support.checkpoints import make_checkpoint
from tests.support.media import ffmpeg
from tests.support.media_job import make_job, put
from tests.support.page_job import HOSTILE, put_texts, wave

WORDS_ALONE = ClipLimits(most=0)


class Read(HTMLParser):
    """What a browser without scripts makes of a page: its elements, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note where a script or style ends."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note text that is shown."""
        if not self._open:
            self.parts.append(data)

    @property
    def text(self) -> str:
        """The text that is shown."""
        return "".join(self.parts)


def read(page: Path) -> Read:
    """Read a page."""
    found = Read()
    found.feed(page.read_text("utf-8"))
    return found


@pytest.fixture
def job_dir(film: Path, tmp_path: Path) -> Path:
    """A job from Hindi to English, prepared."""
    return make_job(tmp_path, film, source="hi", targets=("en",), title="Film")


def test_a_job_that_is_prepared_has_a_page(job_dir: Path) -> None:
    page = read(write_page(job_dir))
    assert "Prepared, not begun" in page.text and "There is no text yet" in page.text
    assert str(job_dir) in page.text


def test_a_failed_job_tells_of_its_failure(job_dir: Path) -> None:
    put_texts(job_dir, ["नमस्ते"])
    end = {"event": "end", "stage": "mux", "status": "failed", "reason": "no room", "seconds": 1.0}
    (job_dir / "events.jsonl").write_text(json.dumps(end) + "\n{broken\n", "utf-8")
    page = read(write_page(job_dir))
    assert "Failed at mux: no room" in page.text and "नमस्ते" in page.text
    assert ("section", "verdict bad") in [(tag, of.get("class")) for tag, of in page.elements]


@pytest.mark.parametrize("speech", [None, 0.0, 4.0])
def test_a_line_without_translation_is_no_good_ending(job_dir: Path, speech: float | None) -> None:
    for stage in get_workflow_stages(load_job(job_dir).workflow):
        heard = {"speech_seconds": speech, "coverage": 1.0 if speech else None}
        CheckpointManager(job_dir).save_record(make_checkpoint(stage, summary=heard))
    facts = read_facts(job_dir)
    assert facts.summary.state == "done" and judge(facts).level == "good"
    lacking = replace(facts, missing=replace(facts.missing, untranslated={"en": 1}))
    verdict = judge(lacking)
    assert verdict.level == "look"
    assert any("1 line not translated" in line for one in verdict.sections for line in one.lines)


def test_stages_tell_time_cpu_memory_cache_and_what_was_tried(job_dir: Path) -> None:
    checkpoints = CheckpointManager(job_dir)
    rung = FailedRung(rung="cuda", reason="out of memory", seconds=1.0, peak_memory_mb=9000.0)
    figures = {"seconds": 12.34, "cpu_seconds": 45.6, "peak_memory_mb": 789.0}
    inputs: dict[str, str | None] = {"model:whisper/base": "00"}
    checkpoints.save_record(
        make_checkpoint("asr", rungs=[rung], inputs=inputs, parameters={"BEAM": 5}, **figures)
    )
    checkpoints.save_record(make_checkpoint("demux", reused_from="20260101-tester-0000"))
    checkpoints.save_record(make_checkpoint("tmdb", status="skipped", reason="no key"))
    retry = {"event": "retry", "stage": "asr", "attempt": 1, "reason": "the device was lost"}
    (job_dir / "events.jsonl").write_text(json.dumps(retry), "utf-8")
    text = " ".join(read(write_page(job_dir)).text.split())
    assert "6 asr done 12.3 s 45.6 s 789 MB attempt 1: the device was lost; tried again" in text
    assert "1 demux from the cache" in text and "work of job 20260101-tester-0000" in text
    assert "2 tmdb skipped – – – no key" in text and "12 mux not run – – –" in text
    assert "asr: cuda failed (out of memory), done one step smaller" in text
    assert "6 asr: whisper/base" in text and "BEAM5" in text


def test_hostile_titles_and_texts_are_text(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", ("en",), title="".join(HOSTILE[:5]))
    put_texts(job_dir, ["नमस्ते", *HOSTILE])
    apart = [
        QuarantinedText(start=1, end=2, text=text, language="hi", evidence=[text])
        for text in HOSTILE
    ]
    place = job_dir / get_stage_dir("export_transcript") / "transcript.json"
    write_json(place, read_json(place) | {"quarantined": [one.model_dump() for one in apart]})
    events = [
        {"event": "end", "stage": "mux", "status": "failed", "reason": text} for text in HOSTILE
    ]
    (job_dir / "events.jsonl").write_text("\n".join(map(json.dumps, events)), "utf-8")
    content = (path := write_page(job_dir)).read_text("utf-8")
    page = read(path)
    tags = {tag for tag, _ in page.elements}
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not tags & {"iframe", "object", "embed", "form", "base"}
    assert not [
        (tag, name) for tag, of in page.elements for name in of if name.lower().startswith("on")
    ]
    for text in HOSTILE[:6]:
        assert text in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "⟨U+202E⟩evitcefe ⟨U+2066⟩hidden⟨U+2069⟩" in page.text
    assert "⟨U+0000⟩⟨U+0007⟩⟨U+001B⟩[31m" in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", content)


def test_nothing_on_a_page_asks_for_anything(job_dir: Path) -> None:
    put_texts(job_dir, ["नमस्ते", "http://example.org/x.png", "<link href=//example.org>"])
    page = read(write_page(job_dir))
    addresses = [
        value or ""
        for _, of in page.elements
        for name, value in of.items()
        if name in {"src", "href", "srcset", "poster", "action", "data", "xlink:href"}
    ]
    assert addresses and all(one.startswith(("#", "data:")) for one in addresses), addresses
    policy = next(of["content"] for _, of in page.elements if of.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'")
    assert "@import" not in page.text and "url(" not in (job_dir / PAGE_FILE).read_text("utf-8")


def test_secrets_are_on_no_page(job_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "tok<en&42'secret"
    monkeypatch.setenv("HF_TOKEN", secret)
    put_texts(job_dir, ["नमस्ते", f"said {secret}", "at https://me:passwort1@example.org/"])
    content = write_page(job_dir).read_text("utf-8")
    assert "said [secret]" in content
    for form in (secret, "tok&lt;en&amp;42", "passwort1"):
        assert form not in content


@pytest.mark.slow
def test_a_film_of_two_hours_is_a_small_page_soon(job_dir: Path) -> None:
    put_texts(job_dir, [f"यह पंक्ति संख्या {n} है, और वह बोलता है" for n in range(2400)])
    before = time.process_time()
    path = write_page(job_dir, WORDS_ALONE)
    assert time.process_time() - before < 60.0  # 3 to 7 s here
    assert path.stat().st_size + ClipLimits().most_bytes < 5_000_000
    page = read(path)
    assert page.text.count("यह पंक्ति संख्या 2399 है") >= 2


def test_each_doubt_has_the_command_that_opens_its_place(job_dir: Path) -> None:
    put_texts(job_dir, ["नमस्ते", "ठीक है"])
    text = read(write_page(job_dir)).text
    opened = re.findall(r"nano\} \+(\d+) (\S+)", text)
    assert len(opened) >= 6
    for line, file in opened:
        assert file.startswith(str(job_dir))
        there = Path(file).read_text("utf-8").splitlines()[int(line) - 1]
        assert "-->" in there or '"text"' in there
    assert f"./run-pipeline.sh subtitle {job_dir}" in text


def test_a_page_is_whole_or_not_there(job_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = write_page(job_dir).read_text("utf-8")
    monkeypatch.setattr("shared.report.page.render", lambda *_: (_ for _ in ()).throw(OSError("x")))
    assert page_at_end(job_dir) is None
    assert (job_dir / PAGE_FILE).read_text("utf-8") == old
    assert not list(job_dir.glob(".report*"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["transcript.json", "segments_translated_en.json", "Film.hi.srt"])
@pytest.mark.parametrize("content", ["", "{}", "\xff\x00", "[" * 5000])
def test_a_job_whose_files_a_person_broke_has_a_page(
    job_dir: Path, name: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put_texts(job_dir, ["नमस्ते"])
    (path,) = job_dir.glob(f"*/{name}")
    path.write_text(content, "latin-1")
    assert page_at_end(job_dir) == job_dir / PAGE_FILE
    assert capsys.readouterr().err == ""


def test_picture_and_sound_are_inside_and_end_where_the_limit_is(job_dir: Path, film: Path) -> None:
    put_texts(job_dir, ["नमस्ते", "ठीक है"], duration=20.0)
    put(job_dir, "demux", "media_info.json", "{}")
    (job_dir / get_stage_dir("demux") / "audio.wav").write_bytes(wave())
    page = read(write_page(job_dir))
    kinds = [(of.get("src") or "").partition(";")[0] for tag, of in page.elements if of.get("src")]
    assert kinds.count("data:image/jpeg") == 2 and kinds.count("data:audio/webm") == 2
    page = read(write_page(job_dir, ClipLimits(most=40, most_bytes=1)))
    assert len([1 for tag, _ in page.elements if tag == "img"]) == 1
    assert "more would make a large page" in page.text


def test_a_cue_behind_the_end_has_no_clip_and_those_before_it_have(
    job_dir: Path, film: Path
) -> None:
    put_texts(job_dir, ["नमस्ते", "ठीक है"], duration=4.0)
    put(job_dir, "demux", "media_info.json", "{}")
    (job_dir / get_stage_dir("demux") / "audio.wav").write_bytes(wave(4))
    kinds = [data.partition(";")[0] for data in clips_of(write_page(job_dir)).values()]
    assert sorted(kinds) == ["data:audio/webm", "data:image/jpeg"]


@pytest.mark.slow
def test_a_picture_far_higher_than_wide_makes_no_large_page(job_dir: Path, tmp_path: Path) -> None:
    noise = "nullsrc=s=16x2048:d=12:r=2,geq=random(1)*255:128:128"
    ffmpeg("-f", "lavfi", "-i", noise, "-c:v", "libx264", "-qp", 4, tmp_path / "high.mkv")
    put_texts(job_dir, ["नमस्ते", "ठीक है"], duration=12.0)
    job = read_json(job_dir / "job.json")
    job["media"]["path"] = str(tmp_path / "high.mkv")
    write_json(job_dir / "job.json", job)
    (job_dir / get_stage_dir("demux")).mkdir()
    (job_dir / get_stage_dir("demux") / "audio.wav").write_bytes(wave())
    page = write_page(job_dir)
    assert len(clips_of(page)) == 4
    assert page.stat().st_size < 800_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pipe", "large"])
def test_what_is_no_page_is_not_read_for_its_clips(job_dir: Path, kind: str) -> None:
    page = job_dir / PAGE_FILE
    if kind == "pipe":
        os.mkfifo(page)
    else:
        page.write_bytes(bytes(64 << 20))
    tell = "import resource as r, sys, pathlib; from shared.report.clips import kept_clips as k"
    limit = f"r.setrlimit(r.RLIMIT_DATA, 2 * [{80 << 20}])"
    code = f"{tell}; {limit}; print(k(pathlib.Path(sys.argv[1])))"
    asked = [sys.executable, "-c", code, str(page)]
    done = subprocess.run(asked, cwd=PROJECT_ROOT, timeout=30, capture_output=True, check=False)
    assert done.stdout == b"{}\n", done.stderr


def clips_of(page: Path) -> dict[str, str]:
    """Return the data of the clips on a page, by their keys."""
    return {
        of["data-clip"] or "": of["src"] or ""
        for _, of in read(page).elements
        if of.get("data-clip")
    }


@pytest.mark.slow
def test_clips_are_cut_once_and_anew_where_the_sound_changed(job_dir: Path) -> None:
    put_texts(job_dir, ["नमस्ते", "ठीक है"], duration=20.0)
    put(job_dir, "demux", "media_info.json", "{}")
    sound = job_dir / get_stage_dir("demux") / "audio.wav"
    sound.write_bytes(wave())
    first = clips_of(write_page(job_dir))
    assert len(first) == 4
    mark = "data:audio/webm;base64,AAAA"
    page = job_dir / PAGE_FILE
    old = next(data for data in first.values() if data.startswith("data:audio"))
    page.write_text(page.read_text("utf-8").replace(old, mark), "utf-8")
    assert mark in clips_of(write_page(job_dir, ClipLimits(is_cutting=False))).values()
    page.write_text(page.read_text("utf-8").replace(mark, "data:text/html;base64,AAAA"), "utf-8")
    assert "text/html" not in write_page(job_dir).read_text("utf-8")
    sound.write_bytes(wave(11))
    assert not clips_of(write_page(job_dir)).keys() & {
        key for key, data in first.items() if data.startswith("data:audio")
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200fb", "a\u200fb"),
        ("क्\u200dष", "क्\u200dष"),
        ("a\tb\nc", "a\tb\nc"),
        ("\ud800x", "⟨U+D800⟩x"),
        ("x" * 5000, "x" * 3999 + "…"),
    ],
)
def test_what_acts_is_named_and_what_scripts_need_stays(text: str, shown: str) -> None:
    assert harmless(text, Redactor([])) == shown
