#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/films/known_films.py: it finds what find_same does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from shared.media.probe import AudioStream
from shared.pipeline.batch.films.known_films import KnownFilms
from shared.pipeline.job.job import JOB_FILE, Job, MediaReference, SeenFilm
from shared.pipeline.prepare.new_job import create_job
from shared.pipeline.prepare.same_film import find_same


def a_job(film: int, language: str = "hi") -> Job:
    """Return a job of a film by its number."""
    stream = AudioStream(index=1, kind="audio", codec="aac", channels=2, sample_rate=48000)
    path = f"/films/{film}.mkv"
    return Job(
        job_id="",
        created_at="",
        user="tester",
        workflow="subtitle",
        media=MediaReference(
            path=path, size=1, duration=9.0, audio_stream=stream, audio_choice="the only one"
        ),
        film=SeenFilm(identity=f"{film:064x}", size=1, mtime_ns=0, inode=film),
        title=str(film),
        source_language=language,
        target_languages=["en"],
    )


def test_jobs_that_come_go_and_change_are_found_as_find_same_finds_them(tmp_path: Path) -> None:
    known = KnownFilms()

    def assert_same() -> None:
        for film in range(4):
            for language in ("hi", "ta"):
                job = a_job(film, language)
                assert known.find(job, tmp_path) == find_same(job, tmp_path)

    assert_same()
    made = [create_job(a_job(film), tmp_path) for film in (0, 1, 1)]
    assert_same()
    assert known.find(a_job(1), tmp_path) == made[2]
    create_job(a_job(1, "ta"), tmp_path)
    assert_same()
    shutil.rmtree(made[2])
    assert_same()
    create_job(a_job(3), tmp_path)
    (made[0] / JOB_FILE).write_bytes(b"\0" * 100)  # as a power cut leaves it
    assert_same()


def test_each_job_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for film in range(5):
        create_job(a_job(film), tmp_path)
    known, opened = KnownFilms(), []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest: opened.append(path) or real(path, *rest))
    for _ in range(20):
        assert known.find(a_job(9), tmp_path) is None
    assert sorted(Path(path).parent.name for path in opened) == ["1", "2", "3", "4", "5"]
