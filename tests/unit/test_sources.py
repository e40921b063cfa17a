#!/usr/bin/env python3
"""Tests of shared/media/sources.py: what ffmpeg makes itself, as an input and inside a graph."""

from __future__ import annotations

from pathlib import Path

import ffmpeg
import pytest

from shared.media.ffmpeg import file_output, generated_input, media_input, run_ffmpeg
from shared.media.sources import source, source_text
from tests.support.media import HOSTILE, samples, silence


def test_the_words_of_a_hostile_text_file_are_spoken(tmp_path: Path) -> None:
    """As an input and inside a graph: a filter that cannot open its file would fail."""
    folder = tmp_path / HOSTILE
    folder.mkdir()
    (folder / "words.txt").write_text("hello")
    options = {"textfile": folder / "words.txt", "voice": "slt"}
    quiet = media_input(silence(tmp_path / "quiet.wav"))
    spoken = source("flite", **options).filter("aresample", sample_rate=8_000)
    mixed = ffmpeg.filter([quiet, spoken], "amix", inputs=2)
    for heard in (generated_input(source_text("flite", **options)), mixed):
        run_ffmpeg(file_output([heard], tmp_path / "heard.wav"), 30)
        assert samples(tmp_path / "heard.wav").std() > 0.01


def test_two_sources_of_a_kind_are_two(tmp_path: Path) -> None:
    """The library takes equal filters for one, and one cannot be used twice."""
    song = media_input(silence(tmp_path / "s.wav", 1))
    tones = [source("sine", frequency=440, sample_rate=8_000, duration=1) for _ in range(2)]
    mixed = ffmpeg.filter([song, *tones], "amix", inputs=3, normalize=0, duration="first")
    run_ffmpeg(file_output([mixed], tmp_path / "two.wav"), 30)
    assert abs(samples(tmp_path / "two.wav")).max() == pytest.approx(2 / 8, abs=0.01)
