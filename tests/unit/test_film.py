#!/usr/bin/env python3
"""Tests of shared/pipeline/job/record/film.py: the digest of a film as it was read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.core.files import sha256_of
from shared.core.identity import UNKNOWN
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.record.film import FilmReading

READ_FOR_LONG = 256 << 20  # bytes, most of them a hole: reading takes far longer than a change


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Something to be read."""
    path = tmp_path / "film.mkv"
    path.write_bytes(os.urandom(5 << 20))
    return path


def test_a_film_is_read_whole(film: Path) -> None:
    record = FilmReading(film, known=None).record()
    assert record.sha256 == sha256_of(film) and record.matches(film)


def test_a_film_that_a_stage_of_the_job_has_read_is_not_read_again(film: Path) -> None:
    known = OutputFile.of(film, "f" * 64)  # not what reading it gives
    assert FilmReading(film, known).record() == known


def test_another_film_in_its_place_is_read_again(film: Path) -> None:
    known = FilmReading(film, known=None).record()
    film.write_bytes(b"another")
    assert FilmReading(film, known).record().sha256 == sha256_of(film) != known.sha256


@pytest.mark.parametrize("meanwhile", [Path.unlink, lambda film: os.utime(film, (0, 0))])
def test_a_film_that_changes_or_goes_while_it_is_read_is_not_known(
    film: Path, meanwhile: Callable[[Path], None]
) -> None:
    os.truncate(film, READ_FOR_LONG)
    reading = FilmReading(film, known=None)
    meanwhile(film)
    assert reading.record().sha256 == UNKNOWN
