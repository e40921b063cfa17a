#!/usr/bin/env python3
"""Tests of tools/subtitles.py and of shared/subtitles/files/{retiming,merging,conversion}.py."""

from __future__ import annotations

import itertools
import random
import xml.etree.ElementTree as ET
from pathlib import Path

import pysubs2
import pytest

from shared.core.errors import InputError
from shared.pipeline.run.command_line import run_command
from shared.subtitles.checking.guard import words
from shared.subtitles.files.source import read_source
from tests.support.media import ffmpeg
from tools.measure.edits import FORMATS, subtitle_text
from tools.subtitles import main

SRT = """\
1
00:00:01,000 --> 00:00:03,200 X1:10
<i>We leave</i> at noon.

note in between

2
00:00:04,000 --> 00:00:06,200
{\\an8}Bring <b>it</b>, I <3 it & {two} more.
"""
VTT = """\
WEBVTT - a film

STYLE
::cue { color: lime }

NOTE 00:00:09.000 is no time of a cue

first
00:01.000 --> 01:00:03.200 line:0
We <00:02.000><c>leave</c> at 00:00:05.000.
"""
ASS = """\
[Script Info]
ScriptType: v4.00+

[Events]
Format: Start, End, Layer, Style, Text
Comment: 0:00:01.00,0:00:01.00,0,Default,here
Dialogue: 0:00:01.00,0:00:03.20,0,Default,{\\t(0,500)}We leave, at noon.
"""
TTML = """\
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
 ttp:frameRate="25"><body><div>
<!-- begin="1s" --><p begin="00:00:01:00" end="00:00:03:05" region="top">We <br/>leave.</p>
<p begin='4s' dur="2s">At noon.</p></div></body></tt>
"""


def put(folder: Path, name: str, text: str) -> Path:
    """Write a file."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def run(*arguments: str | Path) -> int:
    """Run the command; return its exit code."""
    return run_command(lambda: main([str(one) for one in arguments]))


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        (
            "a.en.srt",
            SRT,
            {
                "00:00:01,000 --> 00:00:03,200": "00:00:03,500 --> 00:00:05,700",
                "00:00:04,000 --> 00:00:06,200": "00:00:06,500 --> 00:00:08,700",
            },
        ),
        (
            "a.en.vtt",
            VTT,
            {
                "00:01.000 --> 01:00:03.200": "00:00:03.500 --> 01:00:05.700",
                "<00:02.000>": "<00:00:04.500>",
            },
        ),
        (
            "a.en.ass",
            ASS,
            {
                "0:00:01.00,0:00:01.00": "0:00:03.50,0:00:03.50",
                "0:00:01.00,0:00:03.20": "0:00:03.50,0:00:05.70",
            },
        ),
        (
            "a.en.ttml",
            TTML,
            {
                'begin="00:00:01:00" end="00:00:03:05"': 'begin="00:00:03:12" end="00:00:05:18"',
                "begin='4s' dur=\"2s\"": 'begin="6.500s" dur="2.000s"',
            },
        ),
    ],
)
def test_times_alone_are_moved(
    tmp_path: Path, name: str, text: str, changed: dict[str, str]
) -> None:
    path, out = put(tmp_path, name, text), tmp_path / f"new.{name}"
    assert run("shift", path, out, "--by", "2.5") == 0
    wanted = text
    for before, after in changed.items():
        assert before in wanted
        wanted = wanted.replace(before, after)
    assert out.read_text(encoding="utf-8") == wanted
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_there_and_back_is_the_same_file(tmp_path: Path, ends: str) -> None:
    """The same file 2.5 seconds late, brought back."""
    path = tmp_path / "a.en.srt"
    path.write_bytes(SRT.replace("\n", ends).encode())
    late, back = tmp_path / "late.en.srt", tmp_path / "back.en.srt"
    assert run("shift", path, late, "--by", "1:02.5") == 0
    assert read_source(late).cues[0].start == 63.5
    assert run("shift", late, back, "--by=-1:02.5") == 0
    assert back.read_bytes() == path.read_bytes()


def test_at_another_speed_and_back(tmp_path: Path) -> None:
    text = SRT.replace("00:00:04,000 --> 00:00:06,200", "01:40:00,000 --> 01:40:02,000")
    path, fast, back = put(tmp_path, "a.en.srt", text), tmp_path / "f.srt", tmp_path / "b.srt"
    assert run("rate", path, fast, "--from", "23.976", "--to", "25") == 0
    assert read_source(fast).cues[1].start == pytest.approx(6000 * 24000 / 1001 / 25, abs=0.001)
    assert run("rate", fast, back, "--from", "25", "--to", "23.976") == 0
    for one, other in zip(read_source(path).cues, read_source(back).cues, strict=True):
        assert (one.start, one.end, one.raw) == (
            pytest.approx(other.start, abs=0.0011),
            pytest.approx(other.end, abs=0.0011),
            other.raw,
        )


@pytest.mark.slow
@pytest.mark.parametrize(("given", "wanted"), list(itertools.product(FORMATS, FORMATS)))
def test_every_word_is_in_every_format_as_pysubs2_and_ffmpeg_read_it(
    tmp_path: Path, given: str, wanted: str
) -> None:
    for number, language in enumerate(("en", "hi", "ar")):
        text = subtitle_text(given, language, random.Random(number))
        path = put(tmp_path, f"{number}.{language}.{given}", text)
        out = tmp_path / f"new{number}.{language}.{wanted}"
        assert run("convert", path, out) == 0
        old, new = read_source(path).cues, read_source(out).cues
        old = sorted((cue for cue in old if cue.text.strip()), key=lambda cue: cue.start)
        new = sorted(new, key=lambda cue: cue.start)
        for one, other in zip(old, new, strict=True):
            assert (other.start, other.end) == pytest.approx((one.start, one.end), abs=0.0051)
            assert _plain(other.text) == _plain(one.text)
        theirs = pysubs2.load(str(out), format_=wanted)
        said = [word for one in theirs for word in _plain(one.plaintext)]
        # Its reader of SRT and WebVTT takes what stands between < and > for markup.
        lacks = {"en"} if wanted in ("srt", "vtt") else set()
        if language not in lacks:
            assert sorted(said) == sorted(word for cue in new for word in _plain(cue.text))
        if wanted != "ttml":
            ffmpeg("-i", out, "-c:s", "subrip", tmp_path / f"{number}.shown.srt")
            shown = read_source(tmp_path / f"{number}.shown.srt").cues
            assert {round(cue.start, 1) for cue in shown} == {round(cue.start, 1) for cue in new}


def _plain(text: str) -> list[str]:
    return words(text.replace("｛", "{").replace("｝", "}"))


def test_italics_stay_and_signs_are_escaped(tmp_path: Path) -> None:
    path = put(tmp_path, "a.en.srt", SRT.replace("note in between\n\n", ""))
    assert run("convert", path, tmp_path / "a.vtt") == 0
    assert "<i>We leave</i> at noon." in (tmp_path / "a.vtt").read_text()
    assert "Bring <b>it</b>, I &lt;3 it &amp; {two} more." in (tmp_path / "a.vtt").read_text()
    assert run("convert", path, tmp_path / "a.ass") == 0
    assert "{\\i1}We leave{\\i0} at noon." in (tmp_path / "a.ass").read_text()
    assert run("convert", path, tmp_path / "a.ttml") == 0
    assert [cue.text for cue in read_source(tmp_path / "a.ttml").cues] == [
        cue.text for cue in read_source(path).cues
    ]


def test_places_that_are_left_out_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, "a.en.srt", SRT)
    assert run("convert", path, tmp_path / "a.vtt") == 0
    assert "a.vtt: written; 2 cues; 2 places on the picture left out" in capsys.readouterr().err


def test_two_languages_in_one_cue(tmp_path: Path) -> None:
    first = put(tmp_path, "a.en.srt", SRT.replace("note in between\n\n", ""))
    below = put(
        tmp_path,
        "a.hi.srt",
        "1\n00:00:01,100 --> 00:00:02,000\nहम निकलेंगे\n\n"
        "2\n00:00:02,100 --> 00:00:03,300\nदोपहर में।\n\n"
        "3\n00:00:09,000 --> 00:00:10,000\nअकेला\n",
    )
    assert run("merge", first, below, tmp_path / "both.srt") == 0
    assert [(cue.start, cue.end, cue.text) for cue in read_source(tmp_path / "both.srt").cues] == [
        (1.0, 3.3, "We leave at noon.\nहम निकलेंगे\nदोपहर में।"),
        (4.0, 6.2, "Bring it, I <3 it & {two} more."),
        (9.0, 10.0, "अकेला"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shift", "a.en.srt", "a.en.srt", "--by", "1"], "Nothing is written over a file"),
        (["shift", "a.en.srt", "--by", "1"], "Give OUT, or --in-place"),
        (["shift", "a.en.srt", "b.vtt", "--by", "1"], "shift keeps the format"),
        (["shift", "a.en.srt", "b.srt", "--by=-3.2"], ":2: the cue would lie before the film"),
        (["shift", "a.en.srt", "b.srt", "--by", "soon"], "not a time"),
        (["rate", "a.en.srt", "b.srt", "--from", "x", "--to", "25"], "not a frame rate"),
        (["convert", "a.en.srt", "b.lrc"], ".lrc is not written"),
        (["convert", "a.en.srt", "none/b.vtt"], "No folder"),
        (["convert", "broken.srt", "b.vtt"], ":2: not a line of times"),
        (["shift", "seq.ttml", "b.ttml", "--by", "1"], ":1: its times are not its own"),
        (["shift", "a.lrc", "b.lrc", "--by", "1"], "is read and not written"),
        (["convert", "zero.srt", "b.ttml"], "zero.srt:2: the cue holds U+0000"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "a.en.srt", SRT)
    put(tmp_path, "broken.srt", "1\n00:00:01,000 --> soon\nx\n")
    put(tmp_path, "a.lrc", "[00:01.00]x\n")
    put(tmp_path, "zero.srt", "1\n00:00:01,000 --> 00:00:02,000\nsome text\0 more\n")
    seq = (
        TTML.splitlines()[0] + '><body><div timeContainer="seq"><p dur="1s">x</p></div></body></tt>'
    )
    put(tmp_path, "seq.ttml", seq)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(InputError) as caught:
        main(arguments)
    assert said in caught.value.cause and caught.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_in_place_only_when_asked(tmp_path: Path) -> None:
    path = put(tmp_path, "a.en.srt", SRT)
    assert run("shift", path, "--in-place", "--by", "1") == 0
    assert [cue.start for cue in read_source(path).cues] == [2.0, 5.0]


def test_nothing_begins_before_the_film(tmp_path: Path) -> None:
    path = put(tmp_path, "a.en.srt", SRT)
    assert run("shift", path, tmp_path / "b.en.srt", "--by=-2") == 0
    assert [(cue.start, cue.end) for cue in read_source(tmp_path / "b.en.srt").cues] == [
        (0.0, 1.2),
        (2.0, 4.2),
    ]


def test_a_link_leads_to_what_is_replaced_and_its_permissions_stay(tmp_path: Path) -> None:
    path, link = put(tmp_path, "a.en.srt", SRT), tmp_path / "link.en.srt"
    path.chmod(0o600)
    link.symlink_to(path)
    assert run("shift", link, "--in-place", "--by", "1") == 0
    assert link.is_symlink() and path.stat().st_mode & 0o777 == 0o600
    assert [cue.start for cue in read_source(path).cues] == [2.0, 5.0]
    link.unlink()
    link.symlink_to(tmp_path / "gone.en.srt")
    assert run("shift", path, link, "--by", "1") == 2
    assert link.is_symlink()


def test_an_earlier_time_of_minutes_is_no_option(tmp_path: Path) -> None:
    path, out = put(tmp_path, "a.en.srt", SRT), tmp_path / "b.en.srt"
    assert run("shift", path, out, "--by", "-0:00.5") == 0
    assert [cue.start for cue in read_source(out).cues] == [0.5, 3.5]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        # pysubs2 writes no later time than ten hours.
        (["convert", "late.srt", "new.ass"], "1\n10:00:01,000 --> 10:00:03,000\nlate\n"),
        # The document ends before the moved cue does.
        (
            ["shift", "cut.ttml", "new.ttml", "--by", "5"],
            TTML.replace("<body>", '<body end="10s">').replace("'4s'", "'7s'"),
        ),
    ],
)
def test_nothing_is_written_whose_cues_would_be_at_other_times(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    text: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, arguments[1], text)
    assert run(*arguments) == 2
    assert "would not have every cue at its time" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [arguments[1]]


def test_events_are_moved_wherever_their_text_stands(tmp_path: Path) -> None:
    head = "[Events]\nFormat: Start, End, Text, Style\n"
    path = put(tmp_path, "a.ass", f"{head}Dialogue: 0:00:01.00,0:00:02.00,Hello\n")
    assert run("shift", path, tmp_path / "b.ass", "--by", "5") == 0
    assert "0:00:06.00,0:00:07.00,Hello" in (tmp_path / "b.ass").read_text()
    bare = put(tmp_path, "c.ass", "[Events]\nFormat: Layer, Text\nComment: 0,Hello\n")
    assert run("shift", bare, tmp_path / "d.ass", "--by", "5") == 0
    assert (tmp_path / "d.ass").read_text() == bare.read_text()


def test_a_document_in_another_encoding_names_that_in_which_it_is_written(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + TTML.replace("At noon", "À midi")
    path, out = tmp_path / "a.fr.ttml", tmp_path / "b.fr.ttml"
    path.write_bytes(text.encode("utf-16"))
    assert run("shift", path, out, "--by", "1") == 0
    assert "À midi." in "".join(ET.parse(out).getroot().itertext())


@pytest.mark.parametrize("wanted", FORMATS)
def test_signs_and_breaks_of_other_formats_are_text_and_breaks(tmp_path: Path, wanted: str) -> None:
    lines = put(tmp_path, "a.lrc", "[00:01.00]I <3 you\n[00:03.00]one {sighs} two <b\n")
    breaks = put(
        tmp_path, "b.srt", "1\n00:00:01,000 --> 00:00:02,000\nOne<br><BR/>two\\Nthree\\hfour\n"
    )
    assert run("convert", lines, tmp_path / f"a.{wanted}") == 0
    assert run("convert", breaks, tmp_path / f"new.b.{wanted}") == 0
    new = [_plain(cue.text) for cue in read_source(tmp_path / f"a.{wanted}").cues]
    assert new == [["I", "<3", "you"], ["one", "{sighs}", "two", "<b"]]
    new = [_plain(cue.text) for cue in read_source(tmp_path / f"new.b.{wanted}").cues]
    assert new == [["One", "two", "three", "four"]]


def test_what_a_format_lacks_and_what_is_in_no_cue_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SRT.replace("noon.", '<font color="red">noon</font>.')
    path = put(tmp_path, "a.en.srt", text)
    assert run("convert", path, tmp_path / "a.ttml") == 0
    told = capsys.readouterr().err
    assert "italics of 1 cue left out; colours of 1 cue left out" in told
    assert "; 1 line of text outside of cues left out" in told
    assert run("merge", path, path, tmp_path / "a.srt") == 0
    told = capsys.readouterr().err
    assert "4 places on the picture left out; italics of 2 cues left out" in told


def test_cues_of_any_format_stand_alone_or_below(tmp_path: Path) -> None:
    first = put(tmp_path, "a.en.srt", "1\n00:00:20,000 --> 00:00:21,000\nAlone.\n")
    broken = TTML.replace("At noon.", "At<br/><br/>noon &amp; <span>night</span>.")
    below = put(tmp_path, "a.fr.ttml", broken)
    for given in ((first, below), (below, below), (below, first)):
        out = tmp_path / f"{given[0].suffix}{given[1].suffix}.both.srt"
        assert run("merge", *given, out) == 0
        said = " ".join(cue.text for cue in read_source(out).cues)
        assert "noon & night." in said.replace("\n", " ")


@pytest.mark.slow
@pytest.mark.timeout(60)  # minutes, where each line was read from the file's begin
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.lrc", "[{:02d}:{:02d}.00]Line\n"),
        ("a.smi", "<SYNC Start={:d}{:02d}000><P Class=ENCC>Line\n"),
    ],
)
def test_a_long_film_of_lines_is_read_before_the_tests_time_is_up(
    tmp_path: Path, name: str, line: str
) -> None:
    count = 10_000
    text = "".join(line.format(1 + at // 60, at % 60) for at in range(count))
    assert len(read_source(put(tmp_path, name, text)).cues) == count
