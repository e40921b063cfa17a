#!/usr/bin/env python3
"""Tests of scripts/mux.py with translations that have gaps: what ffprobe sees is judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.media.probe import probe_media
from shared.pipeline.run.result import StageResult
from shared.subtitles.base.finding import LintReport
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import TranslatedLine, Translation
from tests.support.media import ffprobe, film_with_bursts
from tests.support.media_job import make_job, output, put, run_stage

LINES = 10
SRT = "1\n00:00:00,500 --> 00:00:00,900\neins\n\n2\n00:00:01,100 --> 00:00:01,800\nzwei\n\n"


def translation(language: str, untranslated: int) -> Translation:
    """Return a translation whose first lines are missing; one more line needed none."""
    status = ["untranslated"] * untranslated + ["translated"] * (LINES - untranslated)
    lines = [
        TranslatedLine(id=n, source_text="eins", text="", status=one, engine="llm")  # type: ignore
        for n, one in enumerate([*status, "same_language"])
    ]
    return Translation(source_language="hi", target_language=language, engine="llm", lines=lines)


def tracks(
    folder: Path, untranslated: dict[str, int], **settings: str
) -> tuple[StageResult, list[tuple[str, bool]]]:
    """Run the stage; return its result, and title and default flag of each subtitle track."""
    film = film_with_bursts(folder / "film.mkv", 2.0)
    job_dir = make_job(folder / "job", film, "hi", tuple(untranslated), **settings)
    put(job_dir, "demux", "media_info.json", probe_media(film))
    names = [*untranslated, "hi", f"{next(iter(untranslated))}.sdh"]
    for name in names:
        put(job_dir, "subtitle_generation", f"Film.{name}.srt", SRT)
    report = LintReport(files={f"Film.{name}": [] for name in names})
    put(job_dir, "subtitle_generation", "lint.json", report)
    for language, count in untranslated.items():
        put(job_dir, "translation", translated_file(language), translation(language, count))
    result = run_stage(job_dir, "mux")
    if result.status != "done":
        return result, []
    streams: list[dict[str, Any]] = ffprobe(output(job_dir, "mux", "Film.subtitled.mkv"))["streams"]
    return result, [
        (s["tags"]["title"], bool(s["disposition"]["default"]))
        for s in streams
        if s["codec_type"] == "subtitle"
    ]


def test_a_whole_translation_is_the_default(tmp_path: Path) -> None:
    result, found = tracks(tmp_path, {"en": 0})
    assert found == [("English", True), ("हिन्दी", False), ("English (SDH)", False)]
    assert not any("untranslated" in told for told in result.warnings)


def test_one_with_gaps_is_titled_so_and_is_not_the_default(tmp_path: Path) -> None:
    result, found = tracks(tmp_path, {"en": 4})
    gaps = "4 of 10 lines untranslated"
    assert found == [
        (f"English [{gaps}]", False),
        ("हिन्दी", False),
        (f"English (SDH) [{gaps}]", False),
    ]
    assert any(gaps in told for told in result.warnings)


def test_the_next_whole_translation_is_the_default(tmp_path: Path) -> None:
    _, found = tracks(tmp_path, {"en": 1, "de": 0})
    assert [title for title, default in found if default] == ["Deutsch"]


def test_a_person_may_still_choose_it(tmp_path: Path) -> None:
    _, found = tracks(tmp_path, {"en": 4}, DEFAULT_SUBTITLE="en")
    assert [default for _, default in found] == [True, False, False]


@pytest.mark.parametrize(
    ("count", "most", "there"),
    [(5, "0.5", True), (6, "0.5", False), (10, "1", True), (1, "0", False), (0, "0", True)],
)
def test_above_the_share_it_is_not_in_the_film(
    tmp_path: Path, count: int, most: str, there: bool
) -> None:
    result, found = tracks(tmp_path, {"en": count}, MUX_UNTRANSLATED=most, DEFAULT_SUBTITLE="en")
    assert any(title.startswith("English") for title, _ in found) == there
    assert any(title == "हिन्दी" for title, _ in found)
    told = f"No en subtitle track: {count} of 10 lines untranslated"
    assert any(told in warning for warning in result.warnings) != there
