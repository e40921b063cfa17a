#!/usr/bin/env python3
"""Tests of shared/observability/summary.py."""

from __future__ import annotations

from pathlib import Path

from shared.observability.summary import describe_results
from shared.pipeline.job.checkpoint import CheckpointManager
from tests.support.checkpoints import make_checkpoint


def test_results_come_with_their_first_lines(tmp_path: Path) -> None:
    subtitles = tmp_path / "11_subtitle_generation"
    subtitles.mkdir()
    (subtitles / "Film.en.srt").write_text("".join(f"line {n}\n" for n in range(9)))
    film = tmp_path / "12_mux" / "Film.mkv"
    film.parent.mkdir()
    film.write_bytes(b"\x1a\x45\xdf\xa3")
    film.with_suffix(".mp4").touch()
    lines = describe_results(tmp_path)
    assert f"Film:        {film}" in lines and f"Film:        {film.with_suffix('.mp4')}" in lines
    assert f"Subtitles:   {subtitles / 'Film.en.srt'}" in lines
    assert [line for line in lines if line.startswith("    ")] == [
        f"    line {n}" for n in range(6)
    ]


def test_what_is_said_comes_first_and_tracks_for_deaf_viewers_by_name(tmp_path: Path) -> None:
    checkpoints = CheckpointManager(tmp_path)
    summary = {"languages": ["hi", "en", "hi-Latn"]}
    checkpoints.save_record(make_checkpoint("subtitle_generation", summary=summary))
    folder = tmp_path / "11_subtitle_generation"
    folder.mkdir(exist_ok=True)
    for language in ("en", "hi", "hi-Latn", "ta"):
        for kind in ("", ".sdh"):
            name = f"{language}{kind}"
            (folder / f"A.en.Film.{name}.srt").write_text(f"says {name}\n")
    lines = [line.replace(f"{folder}/A.en.Film.", "") for line in describe_results(tmp_path)]
    assert [line.split()[-1] for line in lines if line] == [
        *("hi.srt", "hi", "en.srt", "en", "hi-Latn.srt", "hi-Latn"),
        *("en.sdh.srt", "hi-Latn.sdh.srt", "hi.sdh.srt", "ta.sdh.srt", "ta.srt"),
    ]


def test_an_edited_file_in_another_encoding_is_shown_as_far_as_it_can_be(tmp_path: Path) -> None:
    subtitles = tmp_path / "11_subtitle_generation"
    subtitles.mkdir()
    (subtitles / "Film.de.srt").write_bytes("für dich".encode("latin-1"))
    assert describe_results(tmp_path)[-1] == "    f\ufffdr dich"


def test_what_was_left_out_is_told_in_the_order_of_the_stages(tmp_path: Path) -> None:
    checkpoints = CheckpointManager(tmp_path)
    for stage in ("mux", "asr"):
        checkpoints.save_record(make_checkpoint(stage, warnings=[f"{stage} did less"]))
    notes = [line for line in describe_results(tmp_path) if line.startswith("Note: ")]
    assert notes == ["Note: asr: asr did less", "Note: mux: mux did less"]


def test_a_new_job_has_nothing_to_show(tmp_path: Path) -> None:
    assert describe_results(tmp_path) == [""]
