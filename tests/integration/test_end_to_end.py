#!/usr/bin/env python3
"""
End to end: one film through all twelve stages in their own environments, judged by its results.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pysubs2
import pytest

from shared.media.probe import probe_media
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.stage_order import STAGE_ORDER, get_stage_dir
from shared.transcript.records.schemas import Transcript, Translation
from tests.integration.conftest import FinishedJob, run_pipeline
from tests.support.logs import json_lines, parameters_at_the_top

pytestmark = pytest.mark.integration


def words_of(text: str) -> list[str]:
    """Return the words of a text without case and punctuation."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())


def share_found(expected: list[str], found: list[str]) -> float:
    """Return which share of the expected words, counted, was found."""
    common = Counter(expected) & Counter(found)
    return sum(common.values()) / max(1, len(expected))


def aligned(job: FinishedJob) -> Transcript:
    """Return the transcript after alignment."""
    path = job.job_dir / get_stage_dir("alignment") / "segments_aligned.json"
    return Transcript.model_validate_json(path.read_bytes())


def subtitles(job: FinishedJob, language: str) -> pysubs2.SSAFile:
    """Return the finished .srt of a language."""
    folder = job.job_dir / get_stage_dir("subtitle_generation")
    return pysubs2.load(str(folder / f"Harbour Lights (2026).{language}.srt"))


def test_the_finished_film_has_tagged_subtitles_and_all_its_streams(
    finished_job: FinishedJob,
) -> None:
    path = finished_job.job_dir / get_stage_dir("mux") / "Harbour Lights (2026).subtitled.mkv"
    original, made = probe_media(finished_job.film.path), probe_media(path)
    tags = [stream.language for stream in made.streams if stream.kind == "subtitle"]
    assert tags == ["eng", "ger"]
    assert [s.codec for s in made.streams[:2]] == [s.codec for s in original.streams]
    assert made.chapters == original.chapters == 2
    assert made.duration == pytest.approx(original.duration, abs=0.1)


def test_the_subtitles_say_what_is_spoken(finished_job: FinishedJob) -> None:
    spoken = [word for line in finished_job.film.lines for word in words_of(line.text)]
    shown = [word for cue in subtitles(finished_job, "de") for word in words_of(cue.plaintext)]
    assert share_found(spoken, shown) >= 0.95
    assert len(shown) <= len(spoken) * 1.05, "words that nobody spoke"


def test_the_translation_says_it_in_english(finished_job: FinishedJob) -> None:
    meant = [word for line in finished_job.film.lines for word in words_of(line.translation_en)]
    shown = [word for cue in subtitles(finished_job, "en") for word in words_of(cue.plaintext)]
    assert share_found(meant, shown) >= 0.8


def test_every_line_is_shown_while_it_is_spoken(finished_job: FinishedJob) -> None:
    cues = subtitles(finished_job, "de")
    spoken_until = 0.0
    for line in finished_job.film.lines:
        if line.start - spoken_until > 1.5:  # after a pause a cue begins with the line
            assert min(abs(cue.start / 1000 - line.start) for cue in cues) < 0.7, line
        spoken_until = line.end
        near = [c for c in cues if c.start / 1000 < line.end and c.end / 1000 > line.start]
        text = [word for cue in near for word in words_of(cue.plaintext)]
        assert share_found(words_of(line.text), text) >= 0.6, line


def test_nothing_is_shown_over_music_and_silence(finished_job: FinishedJob) -> None:
    first = min(line.start for line in finished_job.film.lines)
    last = max(line.end for line in finished_job.film.lines)
    for language in ("de", "en"):
        cues = subtitles(finished_job, language)
        assert all(cue.start / 1000 >= first - 0.5 for cue in cues)
        assert all(cue.start / 1000 <= last for cue in cues)


def test_every_word_is_timed_inside_its_segment(finished_job: FinishedJob) -> None:
    transcript = aligned(finished_job)
    assert transcript.segments
    for segment in transcript.segments:
        assert segment.words, segment
        times = [t for word in segment.words for t in (word.start, word.end)]
        assert times == sorted(times)
        assert segment.start <= times[0] and times[-1] <= segment.end
        joined = "".join(word.text for word in segment.words)
        assert "".join(joined.split()) == "".join(segment.text.split())


def test_languages_are_told_apart(finished_job: FinishedJob) -> None:
    transcript = aligned(finished_job)
    assert transcript.language == "de"
    for line in finished_job.film.lines:
        middle = (line.start + line.end) / 2
        here = [s for s in transcript.segments if s.start <= middle <= s.end]
        assert [s.language for s in here] == [line.language], line


def test_english_lines_are_not_translated_again(finished_job: FinishedJob) -> None:
    path = finished_job.job_dir / get_stage_dir("translation") / "segments_translated_en.json"
    translation = Translation.model_validate_json(path.read_bytes())
    languages = {segment.id: segment.language for segment in aligned(finished_job).segments}
    for line in translation.lines:
        wanted = "same_language" if languages[line.id] == "en" else "translated"
        assert line.status == wanted


def test_own_output_has_no_lint_error(finished_job: FinishedJob) -> None:
    path = finished_job.job_dir / get_stage_dir("subtitle_generation") / "lint.json"
    files = json.loads(path.read_text(encoding="utf-8"))["files"]
    assert [f for findings in files.values() for f in findings if f["severity"] == "error"] == []


def test_no_stage_ran_with_less_than_it_should(finished_job: FinishedJob) -> None:
    checkpoints = CheckpointManager(finished_job.job_dir)
    done = {stage: checkpoints.load_record(stage) for stage in STAGE_ORDER}
    skipped = {name for name, record in done.items() if record and record.status == "skipped"}
    assert skipped == {"tmdb", "source_separation"}
    assert [w for record in done.values() if record for w in record.warnings] == []


def test_a_finished_job_starts_no_stage(finished_job: FinishedJob) -> None:
    events = finished_job.job_dir / "events.jsonl"
    before = events.read_bytes()
    again = run_pipeline(
        "subtitle",
        finished_job.job_dir,
        cwd=Path("/"),
        output_root=finished_job.job_dir.parent,
    )
    assert again.returncode == 0
    assert "Nothing to do" in again.stderr
    assert events.read_bytes() == before


def test_results_are_named_at_the_end(finished_job: FinishedJob) -> None:
    for suffix in (".mkv", ".en.srt", ".de.srt", "transcript.txt"):
        assert suffix in finished_job.output
    assert "Guten Abend" in finished_job.output


def test_the_lines_of_a_whole_job_are_joined_by_its_id(finished_job: FinishedJob) -> None:
    job_id = json.loads((finished_job.job_dir / "job.json").read_text())["job_id"]
    logs = json_lines(finished_job.job_dir)
    joined = [line for lines in logs.values() for line in lines if line["correlation_id"] == job_id]
    assert len(joined) == sum(map(len, logs.values()))
    assert {line["name"] for line in joined} >= {"cp.pipeline", *(f"cp.{s}" for s in STAGE_ORDER)}


def test_every_stages_log_begins_with_the_parameters_that_it_read(
    finished_job: FinishedJob,
) -> None:
    logs = json_lines(finished_job.job_dir)
    for stage in STAGE_ORDER:
        record = CheckpointManager(finished_job.job_dir).load_record(stage)
        assert record is not None
        messages = [line["message"] for line in logs[f"{get_stage_dir(stage)}.log"]]
        assert record.parameters.keys() <= parameters_at_the_top(messages).keys(), stage


def test_a_finished_jobs_results_are_delivered_where_they_are_wanted(
    finished_job: FinishedJob, tmp_path: Path
) -> None:
    place = tmp_path / "my films"
    for _ in range(2):  # the second time all is there already
        again = run_pipeline(
            *("subtitle", finished_job.job_dir, "--deliver", "my films", "--json"),
            cwd=tmp_path,
            output_root=finished_job.job_dir.parent,
        )
        assert again.returncode == 0, again.stderr
        event = json.loads(again.stdout.splitlines()[-1])
        stem = "Harbour Lights (2026)"
        assert {f"{stem}.en.srt", f"{stem}.de.srt", f"{stem}.subtitled.mkv"} <= {
            path.name for path in place.iterdir()
        }
        assert {Path(path) for path in event["delivered"]} == set(place.iterdir())
