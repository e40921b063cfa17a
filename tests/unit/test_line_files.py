#!/usr/bin/env python3
"""Tests of shared/subtitles/reading/line_files.py: times and text, as others read them."""

from __future__ import annotations

from pathlib import Path

import pysubs2
import pytest

from shared.core.errors import InputError
from shared.subtitles.files.source import examine_source, read_source
from tests.support.media import ffmpeg
from tools.lint_subtitles import main

LRC = "[ar:Nobody]\n[offset:+500]\n[00:01.50]Hello there\n[00:04.5][00:09.50]How <00:05.00>are "
LRC += "you\n[00:07.00]\n"
SBV = "0:00:01.000,0:00:03.250\nHello there,\nold friend\n\n0:00:04.000,0:00:06.000\nHow are you\n"
SUBVIEWER = "[INFORMATION]\n[AUTHOR]nobody\n00:00:01.00,00:00:03.25\nHello there,[br]old friend\n"
SMI = """\
<SAMI><HEAD><STYLE><!-- P {color: white} --></STYLE></HEAD><BODY>
<SYNC Start=1000><P Class=ENCC>Hello there,<br>old &amp; dear<SYNC Start=3000><P Class=ENCC>&nbsp;
<SYNC Start=4000><P Class=ENCC><i>How</i> are you
<SYNC Start=6000><P Class=ENCC>&nbsp;</BODY></SAMI>
"""
MICRODVD = "{1}{1}25\n{25}{75}{y:i}Hello there,|old friend\n{100}{150}How are you\n"
MPL2 = "[10][30]/Hello there,|old friend\n[40][60]How are you\n"
TMP = "00:00:01:Hello there,|old friend\n00:00:04:How are you\n"
TWO = [(1.0, "Hello there,\nold friend"), (4.0, "How are you")]


def put(folder: Path, name: str, text: str) -> Path:
    """Write a file."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("name", "text", "wanted", "ends"),
    [
        (
            "a.lrc",
            LRC,
            [(1.0, "Hello there"), (4.0, "How are you"), (9.0, "How are you")],
            [4.0, 6.5, None],
        ),
        ("a.sbv", SBV, TWO, [3.25, 6.0]),
        ("a.sub", SUBVIEWER, TWO[:1], [3.25]),
        ("a.smi", SMI, [(1.0, "Hello there,\nold & dear"), TWO[1]], [3.0, 6.0]),
        ("a.sub", MICRODVD, TWO, [3.0, 6.0]),
        ("a.txt", MPL2, TWO, [3.0, 6.0]),
        ("a.txt", TMP, TWO, [4.0, None]),
    ],
)
def test_times_and_text_are_read(
    tmp_path: Path, name: str, text: str, wanted: list[tuple[float, str]], ends: list[float | None]
) -> None:
    cues = read_source(put(tmp_path, name, text)).cues
    assert [(cue.start, cue.text) for cue in cues] == wanted
    assert [None if cue.is_open else cue.end for cue in cues] == ends


@pytest.mark.parametrize("kind", ["microdvd", "mpl2", "tmp", "json"])
def test_what_pysubs2_writes_is_read_as_it_reads_it(tmp_path: Path, kind: str) -> None:
    made = pysubs2.SSAFile()
    for number, text in enumerate(["नमस्ते", "two\\Nlines", "- a, b", "12"]):
        made.append(pysubs2.SSAEvent(number * 2000 + 1000, number * 2000 + 2600, text))
    suffix = {"microdvd": "sub", "mpl2": "txt", "tmp": "txt"}.get(kind, kind)
    path = tmp_path / f"a.{suffix}"
    made.save(str(path), format_=kind, fps=25)
    # Of MicroDVD the first line is the frame rate, which it writes and takes for text.
    read = pysubs2.load(str(path), format_=kind, fps=25 if kind == "microdvd" else None)
    theirs = [one for one in read if one.plaintext.strip() not in ("", "25")]
    ours = read_source(path).cues
    assert [(round(cue.start * 1000), cue.text) for cue in ours] == [
        (one.start, one.plaintext) for one in theirs
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.lrc", LRC.replace("<00:05.00>", "").replace("[00:09.50]", "")),
        ("a.smi", SMI.replace("&amp; ", "")),
        ("a.sub", MICRODVD),
    ],
)
def test_ffmpeg_reads_the_same_words(tmp_path: Path, name: str, text: str) -> None:
    path = put(tmp_path, name, text)
    ffmpeg("-i", path, "-c:s", "subrip", tmp_path / "shown.srt")
    read = read_source(tmp_path / "shown.srt").cues
    shown = [cue for cue in read if cue.text.strip()]
    ours = read_source(path).cues
    assert [cue.text.split() for cue in ours] == [cue.text.split() for cue in shown]
    starts = [cue.start for cue in shown]
    assert [cue.start for cue in ours] == pytest.approx(starts, abs=0.6 if "lrc" in name else 0.05)


def test_two_languages_of_a_file_are_not_in_one_anothers_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = SMI.replace("&nbsp;", "").replace(
        "Hello there,<br>old &amp; dear", "Hello there, friend<P Class=FRCC>Bonjour"
    )
    path = put(tmp_path, "a.en.smi", both.replace("<i>How</i> are you", "So<P Class=FRCC>Et"))
    assert [(cue.text, cue.place) for cue in read_source(path).cues] == [
        *(("Hello there, friend", "encc"), ("Bonjour", "frcc")),
        *(("So", "encc"), ("Et", "frcc")),
    ]
    main([str(path)])
    assert "overlap" not in capsys.readouterr().out


def test_what_is_no_line_of_it_is_told_with_its_line(tmp_path: Path) -> None:
    read = examine_source(put(tmp_path, "a.sub", MICRODVD + "{200}no\n"))
    assert [(one.line, one.cause) for one in read.faults] == [(4, "not a line with times: {200}no")]
    with pytest.raises(InputError, match=":4: not a line with times"):
        read_source(tmp_path / "a.sub")


def test_they_are_judged_and_not_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, "a.en.sbv", SBV.replace("you", "you..."))
    assert main([str(path)]) == 1
    assert f"{path}:5: error ellipsis: cue 2 at 4.000" in capsys.readouterr().out
    with pytest.raises(InputError, match="--fix writes no .sbv"):
        main([str(path), "--fix", str(tmp_path / "b.sbv")])
