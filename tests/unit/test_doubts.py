#!/usr/bin/env python3
"""Tests of shared/pipeline/jobs/doubts, look_at.py and fitness.py: what a person should look at."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from shared.core.files import read_json, write_json
from shared.glossary.records import ADHERENCE
from shared.glossary.report import AdherenceReport, Share, TermAdherence
from shared.models.fitness import model_advice
from shared.observability.look_at import describe_advice, describe_doubts, look_at_data
from shared.observability.summary import describe_results
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.jobs.doubts.queue import find_doubts
from shared.pipeline.jobs.doubts.table import read_table, table_file, write_table
from shared.stage_order import get_stage_dir
from shared.transcript.records.schemas import QuarantinedText, TranslatedLine, Translation
from tests.support.checkpoints import make_checkpoint
from tests.support.media_job import make_job, put, segment, transcript

STAGE = "subtitle_generation"
HI = """1
00:00:01,000 --> 00:00:03,000
वह 他 गया था

2
00:00:04,000 --> 00:00:06,000
मैं office जा रहा हूँ

3
00:00:07,000 --> 00:00:07,900
इतनी लंबी बात एक ही साँस में कौन पढ़ सकता है भला?

4
00:00:10,000 --> 00:00:12,000
ठीक है
"""
EN = """1
00:00:01,000 --> 00:00:03,000
He went.

2
00:00:04,000 --> 00:00:06,000
मैं office जा रहा हूँ

3
00:00:07,000 --> 00:00:09,900
Who can read that much?

4
00:00:10,000 --> 00:00:12,000
All right.
"""


@pytest.fixture
def empty_job(film: Path, tmp_path: Path) -> Path:
    """A job from Hindi to English of which nothing is done."""
    job_dir = make_job(tmp_path, film, source="hi", targets=("en",))
    job = read_json(job_dir / "job.json")
    job["media"]["duration"] = 7200.0  # as long as what the tests put into it
    write_json(job_dir / "job.json", job)
    return job_dir


@pytest.fixture
def hindi_job(empty_job: Path) -> Path:
    """A job in which something is wrong with nearly everything."""
    job_dir = empty_job
    segments = [
        segment(0, 1, 3, "वह 他 गया था", language="hi"),
        segment(1, 4, 6, "मैं office जा रहा हूँ", language="hi"),
        segment(2, 7, 8, "इतनी लंबी बात", language="hi"),
        segment(3, 10, 12, "ठीक है", language="hi", confidence=0.4),
        segment(4, 20, 22, "ठीक है", language="hi", confidence=0.2),
    ]
    apart = [QuarantinedText(start=30, end=45, text="ला ला", language="hi", evidence=["a loop"])]
    put(
        job_dir,
        "export_transcript",
        "transcript.json",
        transcript(*segments, language="hi", quarantined=apart),
    )
    lines = [
        TranslatedLine(
            id=one.id,
            source_text=one.text,
            text="" if one.id == 1 else "said",
            status="untranslated" if one.id == 1 else "translated",
            engine="x",
        )
        for one in segments
    ]
    put(
        job_dir,
        "translation",
        "segments_translated_en.json",
        Translation(source_language="hi", target_language="en", engine="x", lines=lines),
    )
    share = Share(written="Vikram", due=1, preferred=0, lacking=[3])
    term = TermAdherence(
        source="विक्रम",
        origin="user",
        transcript=Share(due=1, preferred=1),
        translations={"en": share},
    )
    put(job_dir, "translation", ADHERENCE, AdherenceReport(terms=[term]))
    stem = "Film"
    for language, text in (("hi", HI), ("en", EN)):
        put(job_dir, STAGE, f"{stem}.{language}.srt", text)
    folder = job_dir / get_stage_dir(STAGE)
    CheckpointManager(job_dir).save_record(make_checkpoint(STAGE, outputs=describe_outputs(folder)))
    return job_dir


def told(job_dir: Path) -> list[tuple[float, str, list[str]]]:
    """Return start, track and kinds of reasons of every doubt."""
    return [
        (one.start, one.track, [reason.kind for reason in one.reasons])
        for one in find_doubts(job_dir)
    ]


def test_the_worst_come_first_and_a_cue_has_all_its_reasons(hindi_job: Path) -> None:
    assert told(hindi_job) == [
        (4.0, "en", ["script", "untranslated"]),
        (20.0, "hi", ["no text", "not sure"]),
        (1.0, "hi", ["script"]),
        (7.0, "hi", ["too fast"]),
        (10.0, "en", ["term"]),
        (30.0, "hi", ["kept apart"]),
        (10.0, "hi", ["not sure"]),
    ]
    worst = find_doubts(hindi_job)[0]
    assert (worst.file, worst.line) == (f"{get_stage_dir(STAGE)}/Film.en.srt", 6)
    assert (
        (hindi_job / worst.file)
        .read_text("utf-8")
        .splitlines()[worst.line - 1]
        .startswith("00:00:04,000")
    )


def test_what_a_person_mended_is_no_doubt_any_more(hindi_job: Path) -> None:
    path = hindi_job / get_stage_dir(STAGE) / "Film.hi.srt"
    path.write_text(path.read_text("utf-8").replace("他 ", ""), "utf-8")
    assert (1.0, "hi", ["script"]) not in told(hindi_job)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Film.hi.srt", "transcript.json", "segments_translated_en.json"])
@pytest.mark.parametrize("content", ["", "{}", "1\n00:00:01 -> x\n", "\xff", "[" * 5000])
def test_files_that_a_person_broke_are_passed_over(
    hindi_job: Path, name: str, content: str
) -> None:
    (path,) = hindi_job.glob(f"*/{name}")
    path.write_text(content, "latin-1")
    assert find_doubts(hindi_job)


def test_a_job_without_results_has_no_doubts(empty_job: Path) -> None:
    assert find_doubts(empty_job) == []


def test_ten_lines_and_where_the_rest_is(hindi_job: Path) -> None:
    write_table(hindi_job, find_doubts(hindi_job))
    rows = read_table(hindi_job)
    lines = describe_doubts(hindi_job, rows)
    assert lines[0] == (
        "Look at:     00:00:04 en  “मैं office जा रहा हूँ”: letters of another script "
        "(Devanagari): मैं, जा, रहा, हूँ; not translated"
    )
    assert lines[5].endswith("“ला ला”: not in the subtitles: a loop")
    assert lines[-1] == f"             as a table: {table_file(hindi_job)}"
    many = describe_doubts(hindi_job, rows * 5)
    assert len(many) == 11 and many[-1].startswith("             and 25 more: ")
    data = look_at_data(hindi_job, [], rows)["doubts"]
    assert (data["count"], data["worst"][0]["track"]) == (7, "en")
    assert describe_doubts(hindi_job, []) == []


def test_a_table_that_somebody_changed_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    assert read_table(tmp_path) == []
    write_table(tmp_path, [])
    table_file(tmp_path).write_text("start\nx\ty\n1\t2\t3\t4\t5\t6\t7\n", "latin-1")
    assert [row["text"] for row in read_table(tmp_path)] == ["5"]


@pytest.mark.slow
def test_a_long_film_takes_little_time(empty_job: Path) -> None:
    """Two thousand cues in two tracks, each with a segment that the recogniser doubts."""
    job_dir = empty_job
    segments = [
        segment(n, 3 * n, 3 * n + 2, f"said {n}", language="hi", confidence=0.3)
        for n in range(2000)
    ]
    said = transcript(*segments, language="hi", audio_duration=7000.0)
    put(job_dir, "export_transcript", "transcript.json", said)
    text = "".join(
        f"{n + 1}\n{_clock(3 * n)} --> {_clock(3 * n + 2)}\nsaid {n}\n\n" for n in range(2000)
    )
    for language in ("hi", "en"):
        put(job_dir, STAGE, f"Film.{language}.srt", text)
    outputs = describe_outputs(job_dir / get_stage_dir(STAGE))
    CheckpointManager(job_dir).save_record(make_checkpoint(STAGE, outputs=outputs))
    before = time.process_time()
    assert len(find_doubts(job_dir)) == 2000
    assert time.process_time() - before < 20.0  # 0.6 to 2 s here


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},000"


@pytest.mark.parametrize(
    ("model", "language", "better"),
    [
        ("tiny.en", "en", "small"),
        ("base", "en", None),
        ("base", "de", "small"),
        ("small", "de", None),
        ("base", "hi", "large-v3"),
        ("small", "ta", "large-v3"),
        ("large-v3", "hi", None),
        ("large-v3-turbo", "hi", None),
        ("someone/whisper-hindi", "hi", None),
    ],
)
def test_a_small_model_is_told(model: str, language: str, better: str | None) -> None:
    advice = model_advice(model, language)
    assert bool(advice) == (better is not None)
    assert better is None or f"WHISPER_MODEL={better} (" in advice


def test_the_advice_names_model_and_language(tmp_path: Path) -> None:
    facts: dict[str, Any] = {"parameters": {"WHISPER_MODEL": "base"}}
    for segments in (0, 3):
        summary = {"language": "hi", "segments": segments}
        record = make_checkpoint("asr", summary=summary, **facts)
        CheckpointManager(tmp_path).save_record(record)
        advice = describe_advice(tmp_path)
        assert bool(advice) == bool(segments)
    assert advice == [
        "Recognised with base, the smallest model but one: Hindi will have many mistakes. "
        "Better: --set WHISPER_MODEL=large-v3 (3.1 GB, fetched once)"
    ]


@pytest.mark.parametrize(
    ("inputs", "terms", "line"),
    [
        ({"project:glossary/Film.tsv": None, "project:glossary/terms.tsv": None}, 0,
         "no file for this film (glossary/Film.tsv)"),
        ({"project:glossary/Film.tsv": "00", "project:glossary/terms.tsv": None}, 3,
         "3 terms of Film.tsv, 0 heard"),
        ({"project:glossary/Film.tsv": None, "project:glossary/Film.csv": "00"}, 2,
         "2 terms of Film.csv, 0 heard"),
        ({"file:/x/a b.tsv": "00", "job:02_tmdb/enrichment.json": "00"}, 1,
         "1 term of a b.tsv, TMDB, 0 heard"),
    ],
)  # fmt: skip
def test_the_glossary_is_always_told(
    tmp_path: Path, inputs: dict[str, str | None], terms: int, line: str
) -> None:
    record = make_checkpoint("glossary_load", inputs=inputs, summary={"terms": terms})
    CheckpointManager(tmp_path).save_record(record)
    put(tmp_path, "export_transcript", ADHERENCE, AdherenceReport())
    assert f"Glossary:    {line}" in describe_results(tmp_path)


def test_a_glossary_that_is_off_is_told(tmp_path: Path) -> None:
    why = "switched off (GLOSSARY_ENABLED=false)"
    record = make_checkpoint("glossary_load", status="skipped", reason=why)
    CheckpointManager(tmp_path).save_record(record)
    assert f"Glossary:    {why}" in describe_results(tmp_path)
