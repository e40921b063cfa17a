#!/usr/bin/env python3
"""Tests of transcript/records/export.py, and of scripts/export_transcript.py as a real stage."""

from __future__ import annotations

import csv
from pathlib import Path

from shared.glossary.records import (
    ADHERENCE,
    TRANSCRIPT_TERMS,
    Terms,
    TranslationTerm,
    TranslationTerms,
    Wording,
    translation_terms,
)
from shared.glossary.report import AdherenceReport, Share
from shared.observability.summary import describe_results
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.transcript.records.export import to_text, to_tsv
from shared.transcript.records.schemas import QuarantinedText, Transcript
from tests.support.media import silence
from tests.support.media_job import make_job, output, put, run_stage, segment, transcript, words

FILM = transcript(
    segment(0, 0, 2, "Who is there?", speaker="Asha"),
    segment(1, 2.5, 4, "Me.", speaker="Ravi"),
    segment(2, 4, 5.5, "Come\tin,\nplease.", speaker="Ravi"),
    segment(3, 8, 12, "ला ला ला", language="hi", is_lyrics=True),
)


def test_text_names_speakers_once_marks_songs_and_parts_paragraphs() -> None:
    plain = transcript(*FILM.segments[:2], *FILM.segments[3:])
    assert to_text(plain) == "Asha: Who is there?\nRavi: Me.\n\n♪ ला ला ला ♪\n"
    assert to_text(FILM).count("Ravi:") == 1
    assert to_text(transcript()) == ""


def test_who_speaks_at_once_is_named_together() -> None:
    both = segment(1, 1, 2, "x", speaker="A").model_copy(update={"others": ["B"]})
    spoken = transcript(segment(0, 0, 1, "x", speaker="A"), both, segment(2, 2, 3, "x"))
    assert to_text(spoken) == "A: x\nA, B: x\nx\n"
    assert [row.split("\t")[3] for row in to_tsv(spoken).splitlines()[1:]] == ["A", "A, B", ""]


def test_a_speaker_who_comes_back_is_named_again() -> None:
    spoken = [segment(n, n, n + 1, "x", speaker=who) for n, who in enumerate("ABA")]
    assert to_text(transcript(*spoken)) == "A: x\nB: x\nA: x\n"


def test_the_table_has_one_row_a_segment() -> None:
    rows = list(csv.DictReader(to_tsv(FILM).split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [row["id"] for row in rows] == ["0", "1", "2", "3"]
    assert rows[0] == {
        "id": "0",
        "start": "0.000",
        "end": "2.000",
        "speaker": "Asha",
        "language": "en",
        "confidence": "0.900",
        "lyrics": "0",
        "text": "Who is there?",
    }
    assert rows[2]["text"] == "Come in, please."
    assert (rows[3]["speaker"], rows[3]["lyrics"]) == ("", "1")
    assert to_tsv(transcript()).count("\n") == 1


def test_the_stage_exports_the_nearest_transcript_and_loses_nothing(tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, silence(tmp_path / "film.wav"))
    doubted = QuarantinedText(
        start=20, end=21, text="Thanks for watching", language="en", evidence=["x"]
    )
    film = FILM.model_copy(update={"quarantined": [doubted]})
    put(job_dir, "asr", "segments.json", transcript(segment(0, 0, 1, "older")))
    put(job_dir, "alignment", "segments_aligned.json", film)
    result = run_stage(job_dir, "export_transcript")
    assert (result.status, result.summary) == (
        "done",
        {"segments": 4, "quarantined": 1, "corrections": 0},
    )
    written = {
        path.suffix: path.read_text(encoding="utf-8")
        for path in output(job_dir, "export_transcript", "").iterdir()
    }
    assert set(written) == {".txt", ".json", ".tsv"}
    assert Transcript.model_validate_json(written[".json"]) == film
    assert written[".txt"] == to_text(film)
    assert "Thanks for watching" not in written[".txt"] + written[".tsv"]


def test_without_a_transcript_it_says_what_is_missing(tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, silence(tmp_path / "film.wav"))
    result = run_stage(job_dir, "export_transcript")
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "08_lyrics_detection/segments_lyrics.json or" in result.reason
    assert result.hint.startswith("./run-pipeline.sh ")


def test_a_transcript_broken_by_hand_is_refused_with_the_place(tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, silence(tmp_path / "film.wav"))
    text = FILM.model_dump_json().replace('"confidence":0.9', '"confidence":"high"', 1)
    put(job_dir, "asr", "segments.json", text)
    result = run_stage(job_dir, "export_transcript")
    assert result.exit_code == 2
    assert "segments.0.confidence" in result.reason
    assert "--force asr" in result.hint


def test_the_films_terms_are_written_as_the_glossary_wants_them(tmp_path: Path) -> None:
    """Five spellings of one name come out as one, and nothing else changes."""
    job_dir = make_job(tmp_path, silence(tmp_path / "film.wav"))
    name = Wording(
        source="Gabbar", origin="film", written="Gabbar", spellings=["Gobar"], common=["grabber"]
    )
    put(job_dir, "glossary_load", TRANSCRIPT_TERMS, Terms(guarded=["en"], terms=[name]))
    heard = ["Gabbar", "Gabber", "Ghabar", "gobar", "Gab bar"]
    said = [
        segment(n, n, n + 1, f"{spelling}, the grabber ran", words=words(*timed(spelling, n)))
        for n, spelling in enumerate(heard)
    ]
    put(job_dir, "asr", "segments.json", transcript(*said))
    result = run_stage(job_dir, "export_transcript")
    assert result.summary == {"segments": 5, "quarantined": 0, "corrections": 4}
    text = output(job_dir, "export_transcript", "transcript.json").read_text(encoding="utf-8")
    made = Transcript.model_validate_json(text)
    assert {one.text for one in made.segments} == {"Gabbar, the grabber ran"}
    for one in made.segments:
        assert [word.text for word in one.words] == ["Gabbar,", "the", "grabber", "ran"]
        assert (one.words[0].start, one.words[-1].end) == (one.start, one.end)
    kept = [(c.heard, c.written) for one in made.segments for c in one.corrections]
    assert kept == [(spelling, "Gabbar") for spelling in heard[1:]]
    assert made.segments[3].corrections[0].confidence == 1.0
    assert all(0.8 <= one.corrections[0].confidence <= 1 for one in made.segments[1:])
    report = output(job_dir, "export_transcript", ADHERENCE).read_text(encoding="utf-8")
    (term,) = AdherenceReport.model_validate_json(report).terms
    put_right = dict.fromkeys(heard[1:], 1)
    share = Share(written="Gabbar", due=5, preferred=5, corrected=put_right)
    assert (term.source, term.transcript) == ("Gabbar", share)


def timed(spelling: str, start: float) -> list[tuple[float, float, str]]:
    """Return the words of such a line, in a second."""
    texts = f"{spelling}, the grabber ran".split()
    step = 1 / len(texts)
    return [(start + n * step, start + (n + 1) * step, text) for n, text in enumerate(texts)]


def test_translation_and_subtitles_start_from_it_and_read_no_more_of_the_glossary_than_they_need(
    tmp_path: Path,
) -> None:
    """So that an edit of the glossary reaches only the stages that it concerns."""
    job_dir = make_job(tmp_path, silence(tmp_path / "film.wav"), targets=("en",))
    name = Wording(source="Gabbar", origin="film", written="Gabbar", spellings=["Gobar"])
    put(job_dir, "glossary_load", "glossary.json", "{}")
    put(job_dir, "glossary_load", TRANSCRIPT_TERMS, Terms(terms=[name]))
    pair = TranslationTerm(spoken=name, target=name)
    terms = TranslationTerms(language="en", terms=[pair])
    put(job_dir, "glossary_load", translation_terms("en"), terms)
    put(job_dir, "asr", "segments.json", transcript(segment(0, 0, 1, "Gobar came")))
    read = {}
    for stage in ("export_transcript", "translation", "subtitle_generation"):
        result = run_stage(job_dir, stage)
        assert result.status == "done", result.reason
        checkpoint = CheckpointManager(job_dir).load_record(stage)
        assert checkpoint is not None
        read[stage] = {one for one in checkpoint.inputs if "glossary_load" in one}
    assert read == {
        "export_transcript": {f"job:03_glossary_load/{TRANSCRIPT_TERMS}"},
        "translation": {"job:03_glossary_load/translation_terms_en.json"},
        "subtitle_generation": set(),
    }
    translated = output(job_dir, "translation", "segments_translated_en.json")
    assert '"Gabbar came"' in translated.read_text(encoding="utf-8")
    assert output(job_dir, "translation", ADHERENCE).is_file()
    (srt,) = output(job_dir, "subtitle_generation", "").glob("*.srt")
    assert "Gabbar came" in srt.read_text(encoding="utf-8")
    told = "Glossary:    1 heard; in preferred form: transcript 1 of 1 (1 put right)"
    assert told in describe_results(job_dir)
