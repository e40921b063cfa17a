#!/usr/bin/env python3
"""Tests of scripts/subtitle_gen.py as a real stage."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from shared.glossary_manager import Glossary, GlossaryTerm
from shared.media.mux.plan import SubtitleTrack
from shared.subtitles.checking.lint import LintReport
from shared.subtitles.files.formats import read_subtitles
from shared.transcript.sound.sounds import SoundEvent, SoundEvents
from shared.transcript.writing.script_policy import ROMAN_HINDI, with_shares
from shared.translation.lines import build_translation
from tests.support.media import ffmpeg, numbered_picture, silence, sound
from tests.support.media_job import (
    by_whisper,
    make_job,
    output,
    put,
    run_stage,
    segment,
    transcript,
    words,
)
from tests.support.programs import slow_ffmpeg

FILM = transcript(
    segment(
        0,
        1,
        3,
        "नमस्ते, दोस्त!",
        language="hi",
        words=words((1, 1.8, "नमस्ते,"), (2, 3, " दोस्त!")),
    ),
    segment(1, 4, 9, "ला ला ला " * 4, language="hi", is_lyrics=True),
    language="hi",
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A sound that can be prepared."""
    return silence(tmp_path / "film.wav")


def test_each_language_in_each_format_with_its_findings(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", targets=("en",), title="दोस्त: {2}", year=2020)
    put(job_dir, "asr", "segments.json", transcript(segment(0, 0, 1, "older"), language="hi"))
    put(job_dir, "lyrics_detection", "segments_lyrics.json", FILM)
    made = build_translation(FILM, "en", by_whisper({0: "Hello, friend!", 1: "La la"}))
    put(job_dir, "translation", "segments_translated_en.json", made)
    result = run_stage(job_dir, "subtitle_generation")
    assert (result.status, result.summary) == ("done", {"languages": ["hi", "en"]})
    stem = "दोस्त {2} (2020)"
    names = {f"{stem}.{lang}.{kind}" for lang in ("hi", "en") for kind in ("srt", "vtt", "ass")}
    written = {path.name for path in output(job_dir, "subtitle_generation", "").iterdir()}
    assert written == names | {"lint.json"}
    for name in names:
        first = read_subtitles(output(job_dir, "subtitle_generation", name))[0]
        assert first.text == ("नमस्ते, दोस्त!" if ".hi." in name else "Hello, friend!")
        assert (first.start, first.end) == (1.0, 3.5)
        assert "♪" in read_subtitles(output(job_dir, "subtitle_generation", name))[-1].text
    report = output(job_dir, "subtitle_generation", "lint.json").read_text(encoding="utf-8")
    assert set(LintReport.model_validate_json(report).files) == {f"{stem}.hi", f"{stem}.en"}


def test_hindi_put_into_roman_letters_is_named_so(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi")
    said = segment(0, 1, 3, "tum kahan ja rahe ho", language="hi", heard_text="तुम कहाँ जा रहे हो")
    heard = transcript(said, language="hi")
    roman = with_shares(heard, heard.segments, ROMAN_HINDI)
    put(job_dir, "lyrics_detection", "segments_lyrics.json", roman)
    result = run_stage(job_dir, "subtitle_generation")
    assert result.summary == {"languages": ["hi-Latn"]}
    made = output(job_dir, "subtitle_generation", "Film.hi-Latn.srt")
    assert "tum kahan" in made.read_text(encoding="utf-8")
    assert SubtitleTrack(made, *result.summary["languages"], True).title == "Hindi (Latin)"


def test_limits_come_from_the_configuration(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "de", SUBTITLE_LINE_LENGTH="12", SUBTITLE_MAX_LINES="1")
    long_word = segment(0, 0, 2, "Donaudampfschifffahrt auf der Donau", language="de")
    put(job_dir, "asr", "segments.json", transcript(long_word, language="de"))
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    cues = read_subtitles(output(job_dir, "subtitle_generation", "Film.de.srt"))
    assert " ".join(cue.text for cue in cues) == long_word.text
    assert [len(cue.text) > 12 for cue in cues] == [True] + [False] * (len(cues) - 1)
    report = output(job_dir, "subtitle_generation", "lint.json").read_text(encoding="utf-8")
    findings = LintReport.model_validate_json(report).files["Film.de"]
    assert ("line-length", 1) in [(finding.rule, finding.cue) for finding in findings]


def test_formats_highlights_and_profile_are_settings(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(
        tmp_path,
        film,
        "hi",
        SUBTITLE_FORMATS="ttml,ass",
        SUBTITLE_HIGHLIGHTS="true",
        SUBTITLE_PROFILE="bbc",
    )
    put(job_dir, "lyrics_detection", "segments_lyrics.json", FILM)
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    written = {path.suffix for path in output(job_dir, "subtitle_generation", "").iterdir()}
    assert written == {".srt", ".ttml", ".ass", ".json"}
    made = output(job_dir, "subtitle_generation", "Film.hi.ass").read_text(encoding="utf-8")
    assert "Noto Sans Devanagari" in made
    assert "{\\k100}नमस्ते, {\\k" in made
    cues = read_subtitles(output(job_dir, "subtitle_generation", "Film.hi.ttml"))
    assert cues[-1].text.startswith("# ला ला") and cues[-1].text.endswith(" #")


def test_speakers_of_the_bbc_have_one_colour_in_every_language(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", targets=("en",), SUBTITLE_PROFILE="bbc")
    said = [
        segment(0, 1, 6, "नमस्ते, दोस्त!", language="hi", speaker="SPEAKER_01"),
        segment(1, 9, 11, "नमस्ते!", language="hi", speaker="SPEAKER_00"),
    ]
    spoken = transcript(*said, language="hi")
    put(job_dir, "lyrics_detection", "segments_lyrics.json", spoken)
    made = build_translation(spoken, "en", by_whisper({0: "Hello, friend!", 1: "Hello!"}))
    put(job_dir, "translation", "segments_translated_en.json", made)
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    for language, second in (("hi", "नमस्ते!"), ("en", "Hello!")):
        made_vtt = output(job_dir, "subtitle_generation", f"Film.{language}.vtt")
        assert made_vtt.read_text(encoding="utf-8").count("<c.yellow") == 1
        assert f"<c.yellow.bg_black>{second}</c>" in made_vtt.read_text(encoding="utf-8")


def test_nothing_said_makes_empty_files_and_no_failure(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film)
    put(job_dir, "asr", "segments.json", transcript())
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    assert output(job_dir, "subtitle_generation", "Film.en.srt").read_bytes() == b""


def test_a_translation_of_another_transcript_fails(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", targets=("en",))
    put(job_dir, "asr", "segments.json", FILM)
    shorter = FILM.model_copy(update={"segments": FILM.segments[:1]})
    made = build_translation(shorter, "en", by_whisper({0: "Hello"}))
    put(job_dir, "translation", "segments_translated_en.json", made)
    result = run_stage(job_dir, "subtitle_generation")
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "does not match the transcript" in result.reason
    assert "--force translation" in result.hint


def test_cues_keep_clear_of_cuts_that_are_found_once(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    shots = [f"color={colour}:s=64x36:r=24:d=3" for colour in ("black", "white")]
    inputs = [part for shot in shots for part in ("-f", "lavfi", "-i", shot)]
    tone = ["-f", "lavfi", "-i", "anullsrc=d=6", "-map", "[v]", "-map", "2:a"]
    ffmpeg(*inputs, *tone[:4], "-filter_complex", "concat=n=2:v=1[v]", *tone[4:], film)
    job_dir = make_job(tmp_path, film)
    said = segment(0, 2.8, 4.1, "Now!", words=words((2.8, 4.1, "Now!")))
    put(job_dir, "asr", "segments.json", transcript(said, audio_duration=6.0))
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    (cue,) = read_subtitles(output(job_dir, "subtitle_generation", "Film.en.srt"))
    assert (cue.start, cue.end) == (3.0, 4.625)
    found = output(job_dir, "subtitle_generation", "shot_changes.json")
    found.write_text(found.read_text(encoding="utf-8").replace("3.0", "5.0"), encoding="utf-8")
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    assert "5.0" in found.read_text(encoding="utf-8")
    (cue,) = read_subtitles(output(job_dir, "subtitle_generation", "Film.en.srt"))
    assert cue.start == pytest.approx(2.792)


def test_a_track_for_deaf_viewers_in_each_language(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", targets=("en",), SDH="on")
    said = FILM.segments[0].model_copy(update={"speaker": "SPEAKER_00"})
    spoken = FILM.model_copy(update={"segments": [said, FILM.segments[1]]})
    put(job_dir, "lyrics_detection", "segments_lyrics.json", spoken)
    door = SoundEvent(kind="door", start=13.0, end=13.5, score=0.9)
    sounds = SoundEvents(engine="yamnet", audio_duration=60.0, events=[door])
    put(job_dir, "lyrics_detection", "sounds.json", sounds)
    term = GlossaryTerm(source="राज", preferred="Raj", speaker="SPEAKER_00", origin="film")
    put(job_dir, "glossary_load", "glossary.json", Glossary(terms=[term]))
    made = build_translation(spoken, "en", by_whisper({0: "Hello, friend!", 1: "La la"}))
    put(job_dir, "translation", "segments_translated_en.json", made)
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    texts = {
        name: [c.text for c in read_subtitles(output(job_dir, "subtitle_generation", name))]
        for name in ("Film.en.sdh.srt", "Film.hi.sdh.srt", "Film.en.srt")
    }
    assert texts["Film.en.sdh.srt"] == ["[Raj] Hello, friend!", "♪ La la ♪", "[door closes]"]
    assert texts["Film.hi.sdh.srt"][-1] == "[दरवाज़ा बंद होना]"
    assert texts["Film.en.srt"] == ["Hello, friend!", "♪ La la ♪"]
    report = output(job_dir, "subtitle_generation", "lint.json").read_text(encoding="utf-8")
    assert "Film.en.sdh" in LintReport.model_validate_json(report).files


@pytest.mark.parametrize("rate", ["25", "24000/1001"])
def test_every_time_of_every_track_is_that_of_a_frame(tmp_path: Path, rate: str) -> None:
    ffmpeg(*numbered_picture(1, rate), *sound("0", seconds=1), tmp_path / "film.mkv")
    job_dir = make_job(tmp_path, tmp_path / "film.mkv", "hi", targets=("en",), SDH="on")
    put(job_dir, "lyrics_detection", "segments_lyrics.json", FILM)
    spans = (("dog", 13.013, 13.377), ("engine", 17.191, 29.777), ("music", 9.3, 59.9))
    events = [SoundEvent(kind=kind, start=a, end=b, score=0.9) for kind, a, b in spans]
    sounds = SoundEvents(engine="yamnet", audio_duration=60.0, events=events)
    put(job_dir, "lyrics_detection", "sounds.json", sounds)
    made = build_translation(FILM, "en", by_whisper({0: "Hello, friend!", 1: "La la"}))
    put(job_dir, "translation", "segments_translated_en.json", made)
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    counts, frame = {}, float(1 / Fraction(rate))
    for path in output(job_dir, "subtitle_generation", "").glob("Film.*.srt"):
        cues = read_subtitles(path)
        counts[path.name] = len(cues)
        for time in (time for cue in cues for time in (cue.start, cue.end)):
            assert time == pytest.approx(round(time / frame) * frame, abs=0.0006), path.name
    shown = {"Film.hi.srt": 2, "Film.en.srt": 2, "Film.hi.sdh.srt": 5, "Film.en.sdh.srt": 5}
    assert counts == shown


def test_without_sounds_and_glossary_the_track_for_deaf_viewers_has_the_lines(
    film: Path, tmp_path: Path
) -> None:
    job_dir = make_job(tmp_path, film, "hi", SDH="on")
    put(job_dir, "lyrics_detection", "segments_lyrics.json", FILM)
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    plain, deaf = (
        read_subtitles(output(job_dir, "subtitle_generation", f"Film.hi{kind}.srt"))
        for kind in ("", ".sdh")
    )
    assert plain == deaf != []


def test_sounds_that_a_language_has_no_names_for_are_told_of(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "is", SDH="on")
    events = [SoundEvent(kind="door", start=13.0, end=13.5, score=0.9)]
    events.append(SoundEvent(kind="music", start=30.0, end=40.0, score=0.9))
    sounds = SoundEvents(engine="yamnet", audio_duration=60.0, events=events)
    said = segment(0, 1, 3, "Góðan dag!", language="is")
    put(job_dir, "lyrics_detection", "segments_lyrics.json", transcript(said, language="is"))
    put(job_dir, "lyrics_detection", "sounds.json", sounds)
    result = run_stage(job_dir, "subtitle_generation")
    cues = read_subtitles(output(job_dir, "subtitle_generation", "Film.is.sdh.srt"))
    assert [cue.text for cue in cues] == ["Góðan dag!", "[door closes]", "[music]"]
    told = "Sounds have no Icelandic names: English ones in the is.sdh track (door, music)"
    assert told in result.warnings


def test_songs_are_dropped_where_that_is_asked(film: Path, tmp_path: Path) -> None:
    job_dir = make_job(tmp_path, film, "hi", LYRICS="drop")
    put(job_dir, "lyrics_detection", "segments_lyrics.json", FILM)
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    cues = read_subtitles(output(job_dir, "subtitle_generation", "Film.hi.srt"))
    assert [cue.text for cue in cues] == ["नमस्ते, दोस्त!"]


def test_shot_changes_that_take_too_long_are_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg(*numbered_picture(1.0), *sound("0", seconds=1.0), "-c:v", "libx264", film)
    job_dir = make_job(tmp_path, film, "hi", FFMPEG_TIMEOUT_SECONDS="1")
    put(job_dir, "lyrics_detection", "segments_lyrics.json", FILM)
    path = os.environ["PATH"]
    slow_ffmpeg(tmp_path, monkeypatch, "scdet")
    result = run_stage(job_dir, "subtitle_generation")
    assert result.status == "done"
    assert result.outages == ["Shot changes are not known: ffmpeg took longer than 1 s"]
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("CP_FFMPEG_TIMEOUT_SECONDS", "60")
    result = run_stage(job_dir, "subtitle_generation")
    assert (result.status, result.outages) == ("done", [])
    assert output(job_dir, "subtitle_generation", "shot_changes.json").exists()
