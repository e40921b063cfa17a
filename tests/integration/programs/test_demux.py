#!/usr/bin/env python3
"""Tests of scripts/demux.py as a real stage."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from shared.media.speech_audio import wav_duration
from tests.support.media import (
    burst,
    ffmpeg,
    film_with_bursts,
    numbered_picture,
    onset,
    samples,
    sound,
)
from tests.support.media_job import log_of, make_job, output, run_stage

WORST_NAMES = ["http:a:b|%03d -x\n'\"$(ls) 🎬.mp4", "y" * 196 + ".ts"]


@pytest.mark.parametrize("name", WORST_NAMES)
def test_any_name_works_end_to_end(tmp_path: Path, name: str) -> None:
    film = film_with_bursts(tmp_path / f"film{Path(name).suffix}", 2, (0.5, 1.0), late=0.5)
    job_dir = make_job(tmp_path, film.rename(tmp_path / name))
    result = run_stage(job_dir, "demux")
    assert (result.status, result.warnings) == ("done", [])
    assert onset(output(job_dir, "demux", "audio.wav")) == pytest.approx(1.0, abs=0.02)
    info = json.loads(output(job_dir, "demux", "media_info.json").read_text())
    assert [stream["kind"] for stream in info["streams"]] == ["video", "audio"]


def test_the_chosen_stream_and_clip_are_taken(tmp_path: Path) -> None:
    tracks = [arg for n in range(3) for arg in sound(burst(n + 0.5, n + 1), seconds=4)]
    maps = [arg for n in range(4) for arg in ("-map", n)]
    ffmpeg(*numbered_picture(4), *tracks, *maps, "-c:a", "flac", tmp_path / "film.mkv")
    clip = (0.48, 3.48)
    job_dir = make_job(tmp_path, tmp_path / "film.mkv", clip=clip, audio_track=3)
    result = run_stage(job_dir, "demux")
    assert result.summary == {"audio_seconds": 3.0}
    assert onset(output(job_dir, "demux", "audio.wav")) == pytest.approx(2.02, abs=0.02)
    assert len(samples(output(job_dir, "demux", "audio.wav"))) == 48_000
    assert "stream 3: asked for" in log_of(job_dir, "demux")


def test_all_channels_are_not_kept_when_nobody_wants_them(tmp_path: Path) -> None:
    """That they are kept otherwise, test_separation.py shows."""
    source = sound(*[burst(0, 1)] * 6, seconds=1, layout="5.1")
    ffmpeg(*source, "-c:a", "flac", tmp_path / "film.mkv")
    job_dir = make_job(tmp_path, tmp_path / "film.mkv", SOURCE_SEPARATION="off")
    assert run_stage(job_dir, "demux").status == "done"
    names = {path.name for path in output(job_dir, "demux", "").iterdir()}
    assert names == {"media_info.json", "audio.wav"}


def test_the_film_is_read_once_for_both_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sound(*[burst(0, 1)] * 6, seconds=1, layout="5.1")
    ffmpeg(*source, "-c:a", "flac", tmp_path / "film.mkv")
    job_dir = make_job(tmp_path, tmp_path / "film.mkv")
    counting = tmp_path / "bin" / "ffmpeg"
    counting.parent.mkdir()
    program = f'#!/bin/sh\necho "$*" >> "{tmp_path}/runs"\nexec {shutil.which("ffmpeg")} "$@"\n'
    counting.write_text(program)
    counting.chmod(0o755)
    monkeypatch.setenv("PATH", f"{counting.parent}{os.pathsep}{os.environ['PATH']}")
    assert run_stage(job_dir, "demux").status == "done"
    names = {path.name for path in output(job_dir, "demux", "").iterdir()}
    assert names == {"media_info.json", "audio.wav", "audio_full.flac"}
    runs = (tmp_path / "runs").read_text().splitlines()
    assert sum("film.mkv" in run for run in runs) == 1


class TestLoss:
    """A cut-off film is refused; sound that is merely shorter is not."""

    def test_a_cut_off_film_is_refused_with_both_figures(self, tmp_path: Path) -> None:
        film = film_with_bursts(tmp_path / "film.mkv", 10, (0, 10))
        film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
        job_dir = make_job(tmp_path, film)
        result = run_stage(job_dir, "demux")
        assert (result.status, result.exit_code) == ("failed", 2)
        assert "cut off" in result.reason
        assert "of sound in a film of 10.0 s" in result.reason
        assert "AUDIO_LOSS_TOLERANCE" in result.hint
        assert not output(job_dir, "demux", "audio.wav").exists()

    def test_what_is_there_is_taken_when_asked(self, tmp_path: Path) -> None:
        film = film_with_bursts(tmp_path / "film.mkv", 10, (0, 10))
        film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
        job_dir = make_job(tmp_path, film, AUDIO_LOSS_TOLERANCE="0.9")
        assert run_stage(job_dir, "demux").status == "done"
        heard = wav_duration(output(job_dir, "demux", "audio.wav"))
        assert 3 < heard < 7

    @pytest.mark.parametrize("suffix", [".mp4", ".avi", ".ts"])
    def test_a_shorter_track_is_a_warning(self, tmp_path: Path, suffix: str) -> None:
        """Also where the picture has only one key frame, or no times of its own (AVI)."""
        inputs = [*numbered_picture(6), *sound(burst(0, 3), seconds=3)]
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", 999]
        film = tmp_path / f"film{suffix}"
        ffmpeg(*inputs, *codecs, "-c:a", "ac3", film)
        result = run_stage(make_job(tmp_path, film), "demux")
        assert result.status == "done"
        assert len(result.warnings) == 1
        assert "3.0 s of sound in a film of 6.0 s" in result.warnings[0]

    def test_a_scene_cut_out_without_decoding_is_whole(self, tmp_path: Path) -> None:
        """Its sound ends with the packet before the picture does."""
        inputs = [*numbered_picture(6), *sound(burst(0, 6), seconds=5.7)]
        ffmpeg(*inputs, "-c:v", "libx264", "-c:a", "ac3", tmp_path / "scene.mkv")
        result = run_stage(make_job(tmp_path, tmp_path / "scene.mkv"), "demux")
        assert (result.status, result.warnings) == ("done", [])

    def test_a_film_whose_clock_starts_late_is_whole(self, tmp_path: Path) -> None:
        film = film_with_bursts(tmp_path / "film.mkv", 2, (0.5, 1))
        ffmpeg("-i", film, "-c", "copy", "-output_ts_offset", 100, tmp_path / "late.mkv")
        job_dir = make_job(tmp_path, tmp_path / "late.mkv")
        result = run_stage(job_dir, "demux")
        assert (result.status, result.warnings) == ("done", [])
        assert onset(output(job_dir, "demux", "audio.wav")) == pytest.approx(0.5, abs=0.02)


def test_a_film_that_is_gone_is_an_input_error(tmp_path: Path) -> None:
    film = film_with_bursts(tmp_path / "film.mkv", 1)
    job_dir = make_job(tmp_path, film)
    film.unlink()
    result = run_stage(job_dir, "demux")
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "not there any more" in result.reason
