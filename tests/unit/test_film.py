#!/usr/bin/env python3
"""Tests of shared/pipeline/job/record/film.py: the digest of a film as it was read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.core.files import sha256_of
from shared.core.identity import UNKNOWN
from shared.pipeline.job.record import film as reading
from shared.pipeline.job.record.film import FilmReading


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Something to be read."""
    path = tmp_path / "film.mkv"
    path.write_bytes(os.urandom(5 << 20))
    return path


def test_a_film_is_read_whole(film: Path) -> None:
    record = FilmReading(film, known=None).record()
    assert record.sha256 == sha256_of(film) and record.matches(film)


def test_a_film_that_a_stage_of_the_job_has_read_is_not_read_again(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = FilmReading(film, known=None).record()
    monkeypatch.setattr(reading, "sha256_of", lambda path: pytest.fail("read again"))
    assert FilmReading(film, known).record() == known


def test_another_film_in_its_place_is_read_again(film: Path) -> None:
    known = FilmReading(film, known=None).record()
    film.write_bytes(b"another")
    assert FilmReading(film, known).record().sha256 == sha256_of(film) != known.sha256


def test_a_film_that_changes_or_goes_while_it_is_read_is_not_known(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed_meanwhile(path: Path) -> str:
        digest = sha256_of(path)
        path.write_bytes(path.read_bytes()[::-1])
        return digest

    def gone_meanwhile(path: Path) -> str:
        path.unlink()
        return sha256_of(path)

    for meanwhile in (changed_meanwhile, gone_meanwhile):
        monkeypatch.setattr(reading, "sha256_of", meanwhile)
        assert FilmReading(film, known=None).record().sha256 == UNKNOWN
