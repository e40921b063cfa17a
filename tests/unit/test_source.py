#!/usr/bin/env python3
"""Tests of shared/subtitles/files/source.py and ttml.py: files are read, or refused with a line."""

from __future__ import annotations

import time
from pathlib import Path

import pysubs2
import pytest

from shared.core.errors import InputError
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.lint import lint_source
from shared.subtitles.files.source import read_source
from tests.support.media import ffmpeg, ffprobe

SRT = """\
1
00:00:01,000 --> 00:00:03,500
<i>नमस्ते</i>, दोस्त!
कैसे हो?

2
00:00:04.000 --> 00:00:05,250  X1:100 X2:200
{\\an8}مرحبا بك

4
25:01:02,003 --> 25:01:04,000
12
"""
VTT = """\
WEBVTT - a film
Kind: captions

STYLE
::cue { color: white }

NOTE
nobody sees
this

intro
00:01.000 --> 00:03.500 align:start position:10%
<v Anna><i>One &amp; two</i></v>
three

100:00:00.000 --> 100:00:01.000
four
"""
ASS = """\
[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,54,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,3,0,2,10,10,10,1
Style: Song,Arial,54,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,-1,0,0,100,100,0,0,1,3,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:04.00,0:00:05.00,Default,,0,0,0,,second, with {\\i1}commas{\\i0}
Dialogue: 0,0:00:01.00,0:00:03.50,Song,,0,0,0,,{\\k50}first\\N{\\k60}line
Dialogue: 0,0:00:01.00,0:00:09.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
"""  # noqa: E501
TTML = """\
<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="24"
    ttp:frameRateMultiplier="1000 1001" ttp:tickRate="1000">
  <head><styling><style xml:id="sung" tts:fontStyle="italic"/></styling></head>
  <body><div begin="10s">
    <p begin="00:00:01.500" end="00:00:03:12">One
       <span tts:fontStyle="italic">&amp;</span> two<br/>three</p>
    <p begin="5000t" dur="2s" style="sung">sung</p>
    <p begin="0.2m" end="13500ms"> plain </p>
    <p xml:space="preserve"><span begin="20s" end="21s">by </span><span begin="21s" end="22s">word</span></p>
  </div></body>
</tt>
"""  # noqa: E501
PARAGRAPH = '<tt xmlns="http://www.w3.org/ns/ttml"><body><div>\n<p {}>x</p>\n</div></body></tt>'


def put(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_srt_with_everything_that_is_allowed(tmp_path: Path) -> None:
    read = read_source(put(tmp_path, "a.srt", b"\xef\xbb\xbf" + SRT.replace("\n", "\r\n").encode()))
    assert [(c.start, c.end, c.line, c.number) for c in read.cues] == [
        (1.0, 3.5, 2, 1),
        (4.0, 5.25, 7, 2),
        (90062.003, 90064.0, 11, 4),
    ]
    assert [c.text for c in read.cues] == ["नमस्ते, दोस्त!\nकैसे हो?", "مرحبا بك", "12"]
    assert [c.is_italic for c in read.cues] == [True, False, False]
    assert read.stray == []


def test_web_vtt_without_its_notes_styles_and_names(tmp_path: Path) -> None:
    read = read_source(put(tmp_path, "a.vtt", VTT))
    assert [(c.start, c.end, c.text, c.line) for c in read.cues] == [
        (1.0, 3.5, "One & two\nthree", 12),
        (360_000.0, 360_001.0, "four", 16),
    ]
    assert read.cues[0].is_italic


def test_ass_in_order_of_time_without_comments_and_drawings(tmp_path: Path) -> None:
    read = read_source(put(tmp_path, "a.ass", ASS))
    assert [(c.start, c.end, c.text, c.line, c.is_italic) for c in read.cues] == [
        (1.0, 3.5, "first\nline", 13, True),
        (4.0, 5.0, "second, with commas", 12, True),
    ]


def test_ttml_in_frames_ticks_and_offsets(tmp_path: Path) -> None:
    read = read_source(put(tmp_path, "a.ttml", TTML))
    expected = [
        (11.5, 13 + 12 * 1001 / 24_000, "One & two\nthree", 7, True),
        (15.0, 17.0, "sung", 9, True),
        (22.0, 23.5, "plain", 10, False),
        (30.0, 32.0, "by word", 11, False),
    ]
    for cue, (start, end, text, line, is_italic) in zip(read.cues, expected, strict=True):
        assert (cue.start, cue.end) == (pytest.approx(start), pytest.approx(end))
        assert (cue.text, cue.line, cue.is_italic) == (text, line, is_italic)


@pytest.mark.parametrize("suffix", ["srt", "vtt", "ass", "ttml"])
def test_pysubs2_reads_the_same(tmp_path: Path, suffix: str) -> None:
    """Plain files of every format, made by pysubs2 itself."""
    subtitles = pysubs2.SSAFile()
    for number, text in enumerate(["नमस्ते", "two\\Nlines", "{\\i1}three{\\i0}", "- a, b", "12"]):
        subtitles.append(pysubs2.SSAEvent(number * 2000 + 1010, number * 2000 + 2500, text))
    path = tmp_path / f"film.{suffix}"
    subtitles.save(str(path))
    ours, theirs = read_source(path).cues, pysubs2.load(str(path))
    assert [(round(c.start * 1000), round(c.end * 1000), c.text) for c in ours] == [
        (event.start, event.end, event.plaintext) for event in theirs
    ]


# ffmpeg stops reading at a style sheet, and shows drawings as text.
BARE_VTT = VTT.replace("STYLE\n::cue { color: white }\n\n", "")
SHOWN_ASS = "\n".join(line for line in ASS.split("\n") if "\\p1" not in line)


@pytest.mark.parametrize(
    ("name", "text"), [("a.srt", SRT), ("a.vtt", BARE_VTT), ("a.ass", SHOWN_ASS)]
)
def test_ffmpeg_reads_the_same(tmp_path: Path, name: str, text: str) -> None:
    path = put(tmp_path, name, text)
    ours = read_source(path).cues
    packets = ffprobe(path, "-show_packets")["packets"]
    for cue, packet in zip(ours, packets, strict=True):
        assert float(packet["pts_time"]) == pytest.approx(cue.start, abs=1e-3)
        assert float(packet["duration_time"]) == pytest.approx(cue.duration, abs=1e-3)
    ffmpeg("-i", path, "-c:s", "subrip", tmp_path / "shown.srt")
    shown = read_source(tmp_path / "shown.srt").cues
    assert [c.text for c in shown] == [c.text for c in ours]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.srt", "1\n00:00:01,000 -> 00:00:02,000\nx\n", ":2: not a line of times"),
        ("a.srt", SRT + "\n5\n00:00:70,000 --> 00:00:72,000\nx\n", ":15: not a line of times"),
        ("a.srt", "1\n10:00:00:12 --> 10:00:01:00\nx\n", ":2: not a line of times"),
        ("a.srt", "1\n00:00:01,000 --> \nx\n", ":2: not a line of times"),
        ("a.srt", "1\n00:00:01,000 00:00:02,000\nx\n", ":2: not a line of times"),
        ("a.srt", "Dear reader,\nthis is a letter\n", ":1: no cue in it"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nCaf\xe9\n", ":3: not UTF-8 text"),
        ("a.vtt", "1\n00:01.000 --> 00:02.000\nx\n", ":1: WEBVTT is missing"),
        ("a.vtt", "WEBVTT\n\n00:01,000 --> 00:02,000\nx\n", ":3: not a line of times"),
        ("a.vtt", "", ":1: WEBVTT is missing"),
        ("a.ass", "[Events]\nDialogue: 0,0:00:01.00,soon,Default,,0,0,0,,x\n", ":2: not an event"),
        ("a.ass", "[Events]\nDialogue: 0,0:00:01.00\n", ":2: not an event"),
        ("a.ass", "nothing\n", ":1: no [Events] in it"),
        ("a.ttml", "<tt>\n<body>\n</tt>", ":3: not well-formed XML"),
        ("a.ttml", "<html/>", ":1: not a TTML document"),
        ("a.ttml", "", ":1: not well-formed XML"),
        ("a.ttml", PARAGRAPH.format('begin="1 o clock" end="2s"'), ":2: not a time"),
        ("a.ttml", '<!DOCTYPE tt [<!ENTITY a "b">]>\n<tt>&a;</tt>', ":1: a DOCTYPE is not read"),
        ("a.ttml", TTML.replace("1000 1001", "1000 0"), ":2: not a frame rate"),
        ("a.sub", "{1}{2}x", "times in frames, and no frame rate"),
        ("a.sub", "nothing\n", "not a subtitle file that can be read"),
        ("a.txt", "Dear reader\n", "not a subtitle file that can be read"),
        ("a.doc", "{1}{2}x", "not a subtitle file that can be read"),
    ],
)
def test_what_is_malformed_is_refused_with_its_line(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_source(put(tmp_path, name, text))
    assert said in caught.value.cause
    assert caught.value.hint and "\n" not in caught.value.cause


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_source(tmp_path / "none.srt")


def test_dialogue_about_times_is_dialogue(tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:03,000\nAt 10:30, 11:45 or 12:00:00?\n5 --> 6\n"
    assert read_source(put(tmp_path, "a.srt", text)).cues[0].lines[1] == "5 --> 6"


def test_numbers_and_times_beside_tags_are_text(tmp_path: Path) -> None:
    times = "00:00:01,000 --> 00:00:03,000\n"
    text = f"{times}<i>How many?</i>\n12\n\n{times}<b>at 10:00:00,000 and 11:00:00,000</b>\nyes\n"
    assert [cue.text for cue in read_source(put(tmp_path, "a.srt", text)).cues] == [
        "How many?\n12",
        "at 10:00:00,000 and 11:00:00,000\nyes",
    ]


def test_files_without_cues_are_empty(tmp_path: Path) -> None:
    assert read_source(put(tmp_path, "a.srt", "\n\n")).cues == []
    assert read_source(put(tmp_path, "a.vtt", "WEBVTT\n")).cues == []
    assert read_source(put(tmp_path, "a.ass", "[Events]\n")).cues == []


def test_missing_empty_lines_numbers_and_texts(tmp_path: Path) -> None:
    text = "00:00:01,000 --> 00:00:02,000\na\n2\n00:00:03,000 --> 00:00:04,000\n\n3\n"
    text += "00:00:05,000 --> 00:00:06,000\nc\n\nd\n"
    read = read_source(put(tmp_path, "a.srt", text))
    assert [(c.number, c.text) for c in read.cues] == [(None, "a"), (2, ""), (3, "c")]
    assert read.stray == [(10, "d")]


def test_utf_16_is_read(tmp_path: Path) -> None:
    read = read_source(put(tmp_path, "a.srt", SRT.encode("utf-16")))
    assert read.cues[0].text.startswith("नमस्ते")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["srt", "ttml"])
def test_thousands_of_cues_are_read_and_judged_in_seconds(tmp_path: Path, suffix: str) -> None:
    subtitles = pysubs2.SSAFile()
    for number in range(2_000):
        text = "{\\i1}A good line{\\i0} here,\\Nand a long film."
        subtitles.append(pysubs2.SSAEvent(number * 3000, number * 3000 + 2000, text))
    path = tmp_path / f"film.{suffix}"
    subtitles.save(str(path))
    began = time.process_time()
    read = read_source(path)
    found = lint_source(read, limits_for("en"))
    assert (len(read.cues), {f.rule for f in found}) == (2_000, {"one-line"})
    assert time.process_time() - began < 20
