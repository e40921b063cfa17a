#!/usr/bin/env python3
"""Tests of tools/lint_subtitles.py and of the fixes that it makes."""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from pathlib import Path

import pysubs2
import pytest

from shared.core.errors import InputError
from shared.pipeline.run.command_line import run_command
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.lint import each_finding
from shared.subtitles.files.source import read_source
from shared.subtitles.reading.source_text import MOST_BYTES
from tests.support.media import ffmpeg, numbered_picture
from tools.lint_subtitles import main

GOOD = "1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n"
FAULTY = """\
1
00:00:09,000 --> 00:00:11,000
Late...

7
00:00:01,000 --> 00:00:03,020
<i>Good  morning</i>

3
00:00:03,000 --> 00:00:03,400
- Yes
-No.

4
00:00:05,000 --> 00:00:05,300


5
00:00:12,000 --> 00:00:20,500
♪ When we came home she gave me all the keys of the old house. ♪

6
00:00:21,000 --> 00:00:23,000
{\\an8}top <b>bold</b> text...
"""

ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,{},{},Default,,0,0,0,,Good morning.
"""


def put(folder: Path, name: str, text: str) -> Path:
    """Write a file."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_exit_codes_and_lines_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = put(tmp_path, "Film.en.srt", GOOD)
    warned = put(tmp_path, "Warned.en.srt", GOOD.replace("Good", "Good "))
    bad = put(tmp_path, "Bad.en.srt", GOOD.replace("03,000", "09,000"))
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: 1 cue, 0 errors, 0 warnings (en)\n"
    assert main([str(warned)]) == 0
    assert f"{warned}:2: warning spacing: cue 1 at 1.000: " in capsys.readouterr().out
    assert main([str(good), str(bad)]) == 1
    assert f"{bad}:2: error max-duration: cue 1 at 1.000: " in capsys.readouterr().out
    broken = put(tmp_path, "Broken.en.srt", "1\n00:00:01,000 --> soon\nx\n")
    assert main([str(bad), str(broken), str(good)]) == 2
    told = capsys.readouterr()
    assert f"error: {broken}:2: not a line of times" in told.err
    assert f"{good}: 1 cue" in told.out


def test_json_holds_every_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, "Film.hi.srt", FAULTY)
    assert main([str(path), "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)[str(path)]
    assert {"order", "ellipsis", "italics", "overlap", "empty"} <= {f["rule"] for f in findings}
    assert findings[0].keys() == {"rule", "severity", "cue", "time", "message", "line"}


def test_json_of_many_files_is_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        put(tmp_path, name, text)
        for name, text in [("a.srt", FAULTY), ('b "é".srt', GOOD), ("c.srt", "soon --> 1:1")]
    ]
    assert main([*map(str, files), str(put(tmp_path, "d.srt", FAULTY)), "--json"]) in (1, 2)
    told = capsys.readouterr().out
    found = json.loads(told)
    assert [(len(found[one]) > 0) for one in found] == [True, False, True]
    assert told == json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    assert main([str(files[2]), "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {}


def faulty_cues(count: int) -> str:
    """Return an SRT whose every cue has faults and whose text is half outside of the cues."""
    return "\n".join(
        f"{3 * number}\n00:{number // 60 % 60:02}:{number % 60:02},000 --> 00:59:59,990\n"
        f"- {'far too long ' * 9}\n\nin between {number}\n"
        for number in range(count)
    )


@pytest.mark.slow
def test_four_times_as_many_faulty_cues_take_about_four_times_as_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = []
    for count in (500, 2_000):
        capsys.readouterr()
        path = put(tmp_path, "many.en.srt", faulty_cues(count))
        began = time.process_time()
        assert main([str(path)]) == 1
        seconds.append(time.process_time() - began)
    assert seconds[1] < 8 * seconds[0]
    lines = capsys.readouterr().out.splitlines()
    assert sum("text-outside" in line for line in lines) == 2_000
    cues = [int(line.split(": cue ")[1].split()[0]) for line in lines if ": cue " in line]
    assert cues == sorted(cues)


@pytest.mark.slow
def test_findings_are_not_kept_in_memory(tmp_path: Path) -> None:
    source = read_source(put(tmp_path, "many.en.srt", faulty_cues(2_000)))
    tracemalloc.start()
    try:
        count = sum(1 for _ in each_finding(source, limits_for("en")))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 8_000 and peak < 1_000_000


def test_language_profile_audience_and_kind_decide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """22 characters a second are allowed in Hindi for adults, 25 for the hard of hearing."""
    text = f"1\n00:00:01,000 --> 00:00:03,000\n{'abc ' * 10}abcd\n"  # 22 a second

    def rules(name: str, *options: str) -> set[str]:
        main([str(put(tmp_path, name, text)), "--json", *options])
        return {f["rule"] for one in json.loads(capsys.readouterr().out).values() for f in one}

    slow = {"reading-speed", "line-length"}
    assert rules("a.hi.srt") == {"line-length"}
    assert rules("a.en.srt") == rules("a.srt") == slow
    assert rules("a.en.srt", "--language", "Hindi") == {"line-length"}
    vtt = put(tmp_path, "a.vtt", "WEBVTT\nLanguage: hi\n\n" + text.replace(",", ".")[2:])
    assert main([str(vtt)]) == 1
    assert capsys.readouterr().out.endswith("(hi)\n")
    assert rules("a.hi.srt", "--audience", "child") == slow
    assert rules("a.hi.sdh.srt", "--audience", "child") == slow
    assert rules("a.en.srt", "--profile", "bbc") == {"line-length", "word-rate"}


def test_the_frame_rate_is_given_or_the_films(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = "\n2\n00:00:03,050 --> 00:00:05,000\nBye.\n"
    path = put(tmp_path, "Film.en.srt", GOOD + second)
    film = tmp_path / "film.mkv"
    ffmpeg(*numbered_picture(4, "50"), film)
    assert main([str(path)]) == 1
    assert main([str(path), "--fps", "50"]) == 0
    assert main([str(path), "--fps", "23.976"]) == 1
    assert "at least 0.083 s" in capsys.readouterr().out
    assert main([str(path), "--media", str(film)]) == 1
    told = capsys.readouterr().out
    assert "past-end" in told and "error gap" not in told
    with pytest.raises(InputError, match="frame rate"):
        main([str(path), "--fps", "many"])


def test_the_films_shots_are_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = tmp_path / "film.mkv"
    halves = [
        part
        for colour in ("black", "white")
        for part in ("-f", "lavfi", "-i", f"color={colour}:s=64x48:r=24:d=4")
    ]
    ffmpeg(*halves, "-filter_complex", "concat", film)
    path = put(tmp_path, "Film.en.srt", "1\n00:00:01,000 --> 00:00:04,100\nGood morning.\n")
    assert main([str(path), "--media", str(film)]) == 0
    assert "warning shot-out: cue 1 at 1.000: ends 0.100 s after a cut" in capsys.readouterr().out


VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\nGood morning.\n"
EVENT = ASS.format("{}", "{}")
TTML = """<tt xmlns="http://www.w3.org/ns/ttml"><body><div>
<p begin="{}" end="{}">Good morning.</p>
</div></body></tt>
"""
DAY, LATE = GOOD.replace("00:00:0", "25:00:0"), EVENT.format("24:00:01.00", "24:00:03.00")
UTF_16_TTML = '<?xml version="1.0" encoding="UTF-16"?>' + TTML.format("1s", "3s")
ARABIC = GOOD.replace("Good morning", "\u202bمرحبا بك، كيف حالك؟\u202c")


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("a.srt", GOOD.replace("03,000", "01,000"), 1, ":2: error zero-length: cue 1"),
        ("a.srt", GOOD.replace("03,000", "00,500"), 1, "ends before it starts"),
        ("a.vtt", VTT.replace("03.000", "01.000"), 1, ":3: error zero-length"),
        ("a.ass", EVENT.format("0:00:01.00", "0:00:01.00"), 1, ":6: error zero-length"),
        ("a.ttml", TTML.format("1s", "1s"), 1, ":2: error zero-length"),
        ("a.srt", DAY, 0, "1 cue, 0 errors"),
        ("a.vtt", VTT.replace("00:0", "1000:00:0"), 0, "1 cue, 0 errors"),
        ("a.ass", LATE, 0, "1 cue, 0 errors"),
        ("a.ttml", TTML.format("25:00:01.000", "25:00:03.000"), 0, "1 cue, 0 errors"),
        ("a.srt", GOOD.replace("00:00:01", "-00:00:01"), 2, ":2: not a line of times"),
        ("a.vtt", VTT.replace("00:01", "-00:01"), 2, ":3: not a line of times"),
        ("a.ass", EVENT.format("-0:00:01.00", "0:00:03.00"), 2, ":6: not an event"),
        ("a.ttml", TTML.format("-1s", "3s"), 2, ":2: not a time"),
        *(
            (name, text.replace("\n", "\r"), 0, "1 cue, 0 errors")
            for name, text in (("a.srt", GOOD), ("a.vtt", VTT), ("a.ass", LATE))
        ),
        ("a.srt", "\ufeff\ufeff" + GOOD, 0, "1 cue, 0 errors"),
        ("a.vtt", "\ufeff" + VTT, 0, "1 cue, 0 errors"),
        ("a.ass", "\ufeff" + LATE, 0, "1 cue, 0 errors"),
        ("a.ttml", "\ufeff" + TTML.format("1s", "3s"), 0, "1 cue, 0 errors"),
        ("a.vtt", VTT.encode("utf-16"), 0, "1 cue, 0 errors"),
        ("a.ttml", UTF_16_TTML.encode("utf-16"), 0, "1 cue, 0 errors"),
        ("a.srt", GOOD.encode("utf-32"), 0, "1 cue, 0 errors"),
        ("a.srt", GOOD.encode("utf-16-be"), 2, "iconv -f UTF-16BE"),
        ("a.srt", GOOD.encode("utf-16") + b"x", 2, ":4: not UTF-16 text"),
        ("a.srt", bytes(range(256)) * 40, 2, ":3: not UTF-8 text"),
        ("a.srt", bytes(5000), 2, ":1: zero bytes"),
        ("a.srt", GOOD.replace("Good", "Go\0od"), 1, ":2: error broken-character"),
        ("a.ttml", b"\x89PNG\r\n\x1a\n\0\0", 2, ":3: zero bytes"),
        ("a.srt", "", 0, "0 cues, 0 errors"),
        ("a.vtt", "", 2, ":1: WEBVTT is missing"),
        ("a.vtt", VTT.replace("\n\n", "\n"), 0, "1 cue, 0 errors"),
        ("a.srt", ARABIC, 0, "1 cue, 0 errors"),
        ("a.srt", GOOD.replace("Good", "x" * 1_000_000), 1, "error line-length"),
        ("a.ttml", '<p begin="1s" end="2s">x</p>', 2, ":1: a paragraph where none can be"),
    ],
)
def test_files_from_outside_are_judged_or_refused_with_a_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str | bytes,
    code: int,
    said: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    assert run_command(lambda: main([str(path)])) == code
    told = capsys.readouterr()
    assert said in (told.err if code == 2 else told.out)
    assert (len(told.err.splitlines()), "Traceback" in told.err) == (2 * (code == 2), False)
    mended = tmp_path / f"mended.{name}"
    assert run_command(lambda: main([str(path), "--fix", str(mended)])) == code
    assert mended.exists() == (code != 2)


def test_neither_a_folder_nor_a_huge_file_nor_a_pipe_is_read(tmp_path: Path) -> None:
    (tmp_path / "folder.srt").mkdir()
    os.mkfifo(tmp_path / "pipe.srt")
    with (tmp_path / "huge.srt").open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    for name, said in (("folder", "not a file"), ("pipe", "not a file"), ("huge", "larger than")):
        with pytest.raises(InputError, match=said):
            read_source(tmp_path / f"{name}.srt")


class TestFix:
    """--fix OUT."""

    def test_what_is_safe_is_mended_into_a_new_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = put(tmp_path, "Film.en.srt", FAULTY)
        target = tmp_path / "Mended.en.srt"
        assert main([str(path), "--fix", str(target)]) == 1
        assert path.read_text(encoding="utf-8") == FAULTY
        capsys.readouterr()
        assert main([str(target)]) == 0, capsys.readouterr().out
        mended = read_source(target).cues
        assert [c.number for c in mended] == [1, 2, 3, 4, 5]
        assert [(c.start, c.end) for c in mended][:3] == [(1.0, 2.917), (3.0, 3.833), (9.0, 11.0)]
        texts = [c.raw for c in mended]
        assert texts[:3] == ["<i>Good morning</i>", "-Yes\n-No.", "Late…"]
        assert texts[3].count("\n") == 1 and texts[3].startswith("♪ When we came home")
        assert not texts[3].endswith(". ♪")
        assert texts[4] == "{\\an8}top <b>bold</b> text…"

    def test_a_cue_without_length_keeps_its_words(self, tmp_path: Path) -> None:
        for end, mended in (("01,000", 1.833), ("00,500", 0.5)):
            target = tmp_path / f"Mended {end}.en.srt"
            path = put(tmp_path, "Film.en.srt", GOOD.replace("03,000", end))
            main([str(path), "--fix", str(target)])
            (cue,) = read_source(target).cues
            assert (cue.text, cue.start, cue.end) == ("Good morning.", 1.0, mended)

    def test_ass_keeps_styles_comments_and_positions(self, tmp_path: Path) -> None:
        subtitles = pysubs2.SSAFile()
        subtitles.styles["Sign"] = pysubs2.SSAStyle(fontname="Georgia", italic=True)
        subtitles.append(pysubs2.SSAEvent(0, 1, "note", type="Comment"))
        subtitles.append(pysubs2.SSAEvent(9000, 11000, "{\\pos(1,2)}Later...", style="Sign"))
        subtitles.append(pysubs2.SSAEvent(1000, 9950, "First\\Nline"))
        path, target = tmp_path / "Film.en.ass", tmp_path / "Mended.en.ass"
        subtitles.save(str(path))
        main([str(path), "--fix", str(target)])
        mended = pysubs2.load(str(target))
        assert mended.styles["Sign"].fontname == "Georgia"
        assert [(e.type, e.start, e.end, e.text, e.style) for e in mended] == [
            ("Comment", 0, 0, "note", "Default"),
            ("Dialogue", 1000, 8000, "First line", "Default"),
            ("Dialogue", 9000, 11000, "{\\pos(1,2)}Later…", "Sign"),
        ]

    @pytest.mark.parametrize("suffix", ["srt", "vtt", "ass", "ttml"])
    def test_pysubs2_and_ffmpeg_read_a_mended_file_as_we_do(
        self, tmp_path: Path, suffix: str
    ) -> None:
        subtitles = pysubs2.SSAFile()
        texts = [
            "नमस्ते...",
            "two  \\Nlines",
            "{\\i1}th ree{\\i0}...",
            "- Yes.\\N- No",
            "",
            "مرحبا",
        ]
        for number, text in enumerate(texts):
            start = (7 - number) * 2000 + 1010
            subtitles.append(pysubs2.SSAEvent(start, start + (number % 3) * 900, text))
        path, target = tmp_path / f"film.{suffix}", tmp_path / f"mended.{suffix}"
        subtitles.save(str(path))
        main([str(path), "--fix", str(target)])
        ours = read_source(target).cues
        assert len(ours) == 5 and [cue.start for cue in ours] == sorted(cue.start for cue in ours)
        told = [(round(cue.start * 1000), round(cue.end * 1000), cue.text) for cue in ours]
        theirs = [(one.start, one.end, one.plaintext) for one in pysubs2.load(str(target))]
        assert theirs == told
        if suffix == "ttml":  # ffmpeg reads none
            return
        ffmpeg("-i", target, "-c:s", "subrip", tmp_path / "shown.srt")
        shown = read_source(tmp_path / "shown.srt").cues
        assert [(round(c.start * 1000), round(c.end * 1000), c.text) for c in shown] == told

    def test_what_was_written_and_what_is_left_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = "1\n00:00:01,000 --> 00:00:03,000\nWell...\n\n"
        text += f"2\n00:00:04,000 --> 00:00:06,000\n{'x' * 50}\n"
        path, target = put(tmp_path, "Film.en.srt", text), tmp_path / "Mended.en.srt"
        assert main([str(path), "--fix", str(target)]) == 1
        told = capsys.readouterr()
        assert told.err == f"{target}: written; 1 of 3 errors and 1 of 1 warning left\n"
        *left, counts = told.out.splitlines()
        assert any(line.startswith(f"{target}:6: error line-length: ") for line in left)
        assert counts == f"{target}: 2 cues, 1 error, 1 warning (en)"

    @pytest.mark.parametrize("count", [3, 12])
    @pytest.mark.parametrize("suffix", ["srt", "vtt", "ass", "ttml"])
    def test_times_that_are_mended_tell_no_other_frame_rate(
        self, tmp_path: Path, suffix: str, count: int
    ) -> None:
        """Times in tenths tell none; out-times that are two frames earlier must not tell one."""
        subtitles = pysubs2.SSAFile()
        for number in range(count):
            start = number * 1300
            subtitles.append(
                pysubs2.SSAEvent(start, start + 1300 - 300 * (number % 2), "Yes, I do")
            )
        first, second, third = (tmp_path / f"{name}.{suffix}" for name in "abc")
        subtitles.save(str(first))
        assert main([str(first), "--fix", str(second)]) == 1
        assert main([str(second), "--fix", str(third)]) == 0
        assert third.read_bytes() == second.read_bytes()

    def test_web_vtt_keeps_its_escapes(self, tmp_path: Path) -> None:
        text = "WEBVTT\n\n00:01.000 --> 00:03.000\nThis &amp; that...\n"
        path, target = put(tmp_path, "Film.en.vtt", text), tmp_path / "Mended.en.vtt"
        main([str(path), "--fix", str(target)])
        assert "This &amp; that…" in target.read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("name", "text", "target", "said"),
        [
            ("a.en.srt", GOOD, "a.en.srt", "never overwrites"),
            ("a.en.srt", GOOD, "b.en.vtt", "keeps the format"),
            ("a.en.srt", GOOD, "none/b.en.srt", "No folder"),
        ],
    )
    def test_what_is_not_safe_is_refused(
        self, tmp_path: Path, name: str, text: str, target: str, said: str
    ) -> None:
        path = put(tmp_path, name, text)
        with pytest.raises(InputError, match=said):
            main([str(path), "--fix", str(tmp_path / target)])
        assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_link_that_leads_to_nothing_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.en.srt").write_text(GOOD)
    link = tmp_path / "new.en.srt"
    link.symlink_to(tmp_path / "gone.srt")
    with pytest.raises(InputError, match="never overwrites"):
        main([str(tmp_path / "a.en.srt"), "--fix", str(link)])
    assert link.is_symlink()
