#!/usr/bin/env python3
"""Tests of shared/subtitles/from_text: cues as a transcript, and the cues made again from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.settings import PipelineConfig
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.profiles import ReadingLimits, limits_from_config
from shared.subtitles.files.formats import Look, write_subtitles
from shared.subtitles.files.source import SourceFile, parse_source, read_source
from shared.subtitles.from_text.cues import cues_of
from shared.subtitles.from_text.opening import open_text
from shared.subtitles.from_text.parts import parts_of
from shared.subtitles.from_text.places import alignments
from shared.subtitles.from_text.styled import Line
from shared.subtitles.from_text.transcript import late_cues, transcript_from
from shared.transcript.records.schemas import Transcript

FILM = 60.0
SRT = """1
00:00:01,000 --> 00:00:03,000
- [Tür knallt] Wer ist da?
- <i>Ich.</i>

2
00:00:04,000 --> 00:00:06,000
{\\an8}<i>Berlin, 1942</i>

3
00:00:05,000 --> 00:00:06,500
♪ La la la
la la ♪

4
00:00:07,000 --> 00:00:09,000
MARIE: Komm! (Hund bellt)
"""
# A text for each segment of it.
ENGLISH = ("door slams", "Who is there?", "It's me.", "Berlin, 1942", "Tra la la", "Come!")


def read(text: str, kind: str = "srt") -> SourceFile:
    return parse_source(text, kind, Path(f"x.{kind}"))


def transcript(text: str = SRT, language: str = "de") -> Transcript:
    return transcript_from(read(text), language, FILM, "x.srt")


def limits(language: str) -> ReadingLimits:
    return limits_from_config(PipelineConfig(), language, None)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["- [Tür knallt] Wer ist da?", "- Ich."], ["Tür knallt", "Wer ist da?", "Ich."]),
        (["– Où es-tu ?", "– Là (en haut)."], ["Où es-tu ?", "Là (en haut)."]),
        (["♪ कभी कभी मेरे", "दिल में ♪"], ["कभी कभी मेरे दिल में"]),
        (["（ドアの音）", "誰だ？"], ["ドアの音", "誰だ？"]),
        (["[ضوضاء] من هناك؟"], ["ضوضاء", "من هناك؟"]),
        (["你好", "世界"], ["你好世界"]),
        (["HOMBRE 1: ¡Alto!", "MUJER: No."], ["¡Alto!", "No."]),
        (["-5 Grad, sagte sie"], ["-5 Grad, sagte sie"]),
        (["-- and then"], ["-- and then"]),
        (["#1 in the world"], ["#1 in the world"]),
        (["# Happy birthday #"], ["Happy birthday"]),
        (["♪♪"], ["♪♪"]),
        (["(...)"], ["(...)"]),
        (["He said: no."], ["He said: no."]),
    ],
)
def test_a_translator_gets_the_words_alone(lines: list[str], said: list[str]) -> None:
    assert [part.text for part in parts_of([Line(one, False) for one in lines])] == said


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("-–— [](){}♪#:.?!ABab1 कियाبن你好…", min_size=1), min_size=1, max_size=3))
def test_no_character_of_a_cue_is_lost_between_its_parts(lines: list[str]) -> None:
    shown = [Line(one.strip(), False) for one in lines if one.strip()]
    parts = parts_of(shown)
    whole = "".join(part.before + part.text + part.after for part in parts)
    assert "".join(whole.split()) == "".join("".join(one.text for one in shown).split())


def test_what_nobody_translated_stands_as_it_stood() -> None:
    cues = cues_of(transcript().segments, {}, limits("de"))
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (cue.start, cue.end, cue.text) for cue in read(SRT).cues
    ]
    assert [cue.italic_lines for cue in cues] == [(False, True), (True,), (), ()]
    assert [cue.alignment for cue in cues] == [2, 8, 2, 2]


def test_dashes_sounds_notes_names_and_places_survive_translation() -> None:
    segments = transcript().segments
    assert [segment.text for segment in segments][-1] == "Hund bellt"
    texts = dict(enumerate((*ENGLISH, "dog barks")))
    cues = cues_of(segments, texts, limits("en"))
    assert [cue.text for cue in cues] == [
        "-[door slams] Who is there?\n-It's me.",
        "Berlin, 1942",
        "♪ Tra la la ♪",
        "MARIE: Come! (dog barks)",
    ]
    assert [cue.italic_lines for cue in cues] == [(False, True), (True,), (), ()]
    french = cues_of(segments, texts, limits("fr"))
    assert french[0].text.startswith("- [door slams]") and "\n- It's" in french[0].text


def test_a_word_mended_in_the_transcript_is_in_the_cue() -> None:
    segments = transcript().segments
    segments[1] = segments[1].model_copy(update={"text": "Wer war da?"})
    assert cues_of(segments, {}, limits("de"))[0].text == "-[Tür knallt] Wer war da?\n-Ich."


def test_a_line_that_somebody_added_is_a_cue_of_its_own() -> None:
    segments = transcript().segments
    added = segments[0].model_copy(
        update={"id": 99, "start": 20.0, "end": 21.0, "text": "Neu.", "shown": None}
    )
    cues = cues_of([*segments, added], {}, limits("de"))
    assert (cues[-1].start, cues[-1].text) == (20.0, "Neu.")


@pytest.mark.parametrize("kind", ["srt", "vtt", "ass", "ttml"])
def test_every_format_says_places_and_italics_again(tmp_path: Path, kind: str) -> None:
    cues = cues_of(transcript().segments, {}, limits("de"))
    path = tmp_path / f"x.{kind}"
    write_subtitles(cues, path, Look(language="de"))
    again = read_source(path)
    assert alignments(again) == [2, 8, 2, 2]
    assert cues_of(transcript_from(again, "de", FILM, "x").segments, {}, limits("de")) == cues


@pytest.mark.parametrize("alignment", range(1, 10))
@pytest.mark.parametrize("kind", ["srt", "vtt", "ass", "ttml"])
def test_each_of_nine_places_is_read_as_it_was_written(
    tmp_path: Path, kind: str, alignment: int
) -> None:
    path = tmp_path / f"x.{kind}"
    write_subtitles([Cue(1.0, 2.0, "यहाँ", alignment=alignment)], path, Look())
    assert alignments(read_source(path)) == [alignment]


def test_places_of_other_people_s_files() -> None:
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000 line:10% position:5%\nA\n\n"
    vtt += "00:03.000 --> 00:04.000 line:-1\nB\n\n00:05.000 --> 00:06.000\nC\n"
    assert alignments(read(vtt, "vtt")) == [7, 2, 2]
    head = "[Script Info]\nPlayResX: 1000\nPlayResY: 500\n\n[V4+ Styles]\n"
    head += "Format: Name, Fontname, Alignment\nStyle: Default,Arial,2\nStyle: Top,Arial,8\n\n"
    head += "[Events]\nFormat: Layer, Start, End, Style, Text\n"
    line = "Dialogue: 0,0:00:0{n}.00,0:00:0{m}.00,{style},{text}\n"
    said = [("Top", "A"), ("Default", "{\\pos(900,30)}B"), ("Default", "C")]
    ass = head + "".join(
        line.format(n=n, m=n + 1, style=style, text=text) for n, (style, text) in enumerate(said)
    )
    assert alignments(read(ass, "ass")) == [8, 9, 2]


def test_a_part_of_the_film_has_its_cues_on_its_own_clock() -> None:
    source = read(SRT)
    made = transcript_from(source, "de", 2.0, "x.srt", start=4.5)
    cues = cues_of(made.segments, {}, limits("de"))
    assert [(cue.start, cue.end) for cue in cues] == [(0.0, 1.5), (0.5, 2.0)]
    assert late_cues(source, 2.0, start=4.5) == 1


@pytest.mark.parametrize(
    ("text", "language", "encoding"),
    [
        ("Привет, как у тебя дела сегодня?", "ru", "cp1251"),
        ("Ça va très bien, l'été est déjà là.", "fr", "cp1252"),
        ("مرحبا كيف حالك اليوم يا صديقي", "ar", "cp1256"),
        ("今日はとてもいい天気ですね。", "ja", "shift_jis"),
        ("आज मौसम बहुत अच्छा है।", "hi", "utf-16"),
        ("Wie geht's? Schön!", "de", "utf-8-sig"),
    ],
)
def test_text_is_read_in_whichever_encoding_it_is(
    tmp_path: Path, text: str, language: str, encoding: str
) -> None:
    path = tmp_path / f"Film.{language}.srt"
    path.write_bytes(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(encoding))
    source, told = open_text(path, language)
    assert [cue.text for cue in source.cues] == [text]
    assert bool(told) == (not encoding.startswith("utf"))
