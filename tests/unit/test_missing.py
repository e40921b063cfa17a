#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/missing.py: a job says in words what its results do not have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.observability.summary import describe_results
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.plan.missing import Missing, describe_missing, find_missing
from shared.transcript.records.schemas import (
    QuarantinedText,
    SpeechRegion,
    TimeSpan,
    TranslatedLine,
    Translation,
)
from shared.transcript.sound.coverage import coverage_figures, measure_coverage
from tests.support.checkpoints import make_checkpoint
from tests.support.commands import run_script
from tests.support.media_job import put, segment, transcript


def hear(job_dir: Path, texts: list[TimeSpan], quarantined: list[QuarantinedText]) -> None:
    """Leave what recognition leaves: 100 s of speech with these texts."""
    regions = [SpeechRegion(start=0, end=40, score=0.9), SpeechRegion(start=50, end=110, score=0.9)]
    said = transcript(
        *(segment(n, one.start, one.end, "said") for n, one in enumerate(texts)),
        quarantined=quarantined,
        coverage=measure_coverage(regions, texts, quarantined),
    )
    put(job_dir, "asr", "segments.json", said)
    record = make_checkpoint("asr", summary=coverage_figures(said))
    CheckpointManager(job_dir).save_record(record)


def doubted(start: float, end: float, *evidence: str) -> QuarantinedText:
    """Return text that is not believed."""
    return QuarantinedText(start=start, end=end, text="la", language="en", evidence=list(evidence))


def translate(job_dir: Path, **left: int) -> None:
    """Leave translations of five lines, so many of them not translated."""
    for language, count in left.items():
        lines = [
            TranslatedLine(
                id=n,
                source_text="said",
                text="" if n < count else "gesagt",
                status="untranslated" if n < count else "translated",
                engine="none",
            )
            for n in range(5)
        ]
        name = f"segments_translated_{language}.json"
        made = Translation(source_language="en", target_language=language, engine="x", lines=lines)
        put(job_dir, "translation", name, made)
    summary = {"languages": list(left), "untranslated": sum(left.values())}
    CheckpointManager(job_dir).save_record(make_checkpoint("translation", summary=summary))


def test_a_song_that_is_wholly_kept_apart_is_told_with_its_strongest_reason(job_dir: Path) -> None:
    hear(
        job_dir,
        [TimeSpan(start=0, end=40), TimeSpan(start=50, end=72)],
        [
            doubted(72, 82, "repeats itself (compression ratio 3.10)", "low confidence (0.20)"),
            doubted(82, 91, "heard as no speech (0.91)", "low confidence (0.20)"),
            doubted(91, 100, "repeats itself (compression ratio 2.70)"),
        ],
    )
    found = find_missing(job_dir)
    assert (found.speech_seconds, found.text_share) == (100.0, 0.62)
    assert (found.quarantined_seconds, found.without_text_seconds) == (28.0, 10.0)
    assert describe_missing(found) == [
        "62% of 100.0 s of speech has text",
        "28.0 s kept apart, not believed: repeats itself",
        "10.0 s of speech without any text",
    ]
    told = describe_results(job_dir)
    assert [line for line in told if line.startswith("Result:")] == [
        f"Result:      {line}" for line in describe_missing(found)
    ]


def test_lines_that_are_not_translated_are_counted_by_language(job_dir: Path) -> None:
    translate(job_dir, de=1, fr=0, hi=3)
    assert describe_missing(find_missing(job_dir)) == [
        "1 line not translated into de",
        "3 lines not translated into hi",
    ]


def test_nothing_is_said_to_be_whole_that_is_not(job_dir: Path) -> None:
    hear(job_dir, [TimeSpan(start=0, end=40), TimeSpan(start=50, end=109.97)], [])
    assert describe_missing(find_missing(job_dir)) == ["100% of 100.0 s of speech has text"]
    assert describe_missing(Missing(6000.0, 0.9999, 0.0, None, 0.6))[0].startswith("99.9% of")
    hear(job_dir, [], [])
    assert describe_missing(find_missing(job_dir))[0] == "0% of 100.0 s of speech has text"


def test_a_new_job_tells_nothing(job_dir: Path) -> None:
    assert find_missing(job_dir) == Missing()
    assert describe_missing(Missing()) == []


@pytest.mark.parametrize("content", ["", "[]", "null", '{"quarantined": [{"start": "?"}]}', "\xff"])
def test_files_that_somebody_broke_lose_only_their_details(job_dir: Path, content: str) -> None:
    hear(job_dir, [TimeSpan(start=0, end=40)], [doubted(50, 60, "repeats itself (1.0)")])
    translate(job_dir, de=1, fr=2)
    put(job_dir, "asr", "segments.json", content)
    put(job_dir, "translation", "segments_translated_fr.json", content)
    assert describe_missing(find_missing(job_dir)) == [
        "40% of 100.0 s of speech has text",
        "10.0 s kept apart, not believed",
        "50.0 s of speech without any text",
        "3 lines not translated into de and fr",
    ]


def test_the_plan_of_the_next_run_and_programs_are_told(job_dir: Path) -> None:
    hear(job_dir, [TimeSpan(start=0, end=40)], [doubted(50, 60, "repeats itself (1.0)")])
    translate(job_dir, de=2)
    before = sorted(path.name for path in (job_dir / ".checkpoints").iterdir())
    plan = run_script("run-pipeline", "transcribe", job_dir, "--dry-run")
    assert "  So far: 40% of 100.0 s of speech has text\n" in plan.stdout
    assert "  So far: 10.0 s kept apart, not believed: repeats itself\n" in plan.stdout
    lines = run_script("run-pipeline", "transcribe", job_dir, "--dry-run", "--json").stdout
    told = json.loads(lines.splitlines()[0])["missing"]
    assert told == {
        "speech_seconds": 100.0,
        "text_share": 0.4,
        "quarantined_seconds": 10.0,
        "quarantine_reason": "repeats itself",
        "without_text_seconds": 50.0,
        "untranslated": {"de": 2},
    }
    assert sorted(path.name for path in (job_dir / ".checkpoints").iterdir()) == before
