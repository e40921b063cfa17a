#!/usr/bin/env python3
"""Tests of split and clean of tools/subtitles.py, and of shared/subtitles/cleaning/."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.checking.guard import words
from shared.subtitles.cleaning.adverts import is_advert
from shared.subtitles.files.source import read_source
from tools.measure.edits import FORMATS, subtitle_text
from tools.subtitles import main

VTT = """\
WEBVTT

STYLE
::cue { color: lime }

first
00:01.000 --> 00:03.000 line:0
We <00:02.000><c>leave</c> now.

NOTE by hand

00:09.000 --> 00:11.000 align:start
<i>Later.</i>

00:12.000 --> 00:14.000
Not <00:13.000>yet.
"""
ASS = """\
[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Sign,Arial,40

[Events]
Format: Layer, Start, End, Style, Text
Dialogue: 0,0:00:01.00,0:00:03.00,Sign,{\\pos(10,20)}We leave, now.
Dialogue: 0,0:00:09.00,0:00:11.00,Default,{\\i1}Later.{\\i0}
Dialogue: 0,0:00:12.00,0:00:14.00,Default,Not\\Nyet.
"""
# As YouTube writes what it heard: each line again in the next cue.
ROLLING = """\
WEBVTT
Kind: captions

00:00:00.160 --> 00:00:01.990 align:start position:0%
we<00:00:00.400><c> leave</c><00:00:00.900><c> at</c><00:00:01.200><c> noon</c>

00:00:01.990 --> 00:00:02.000 align:start position:0%
we leave at noon

00:00:02.000 --> 00:00:03.990 align:start position:0%
we leave at noon
bring<00:00:02.400><c> a</c><00:00:02.900><c> map</c>

00:00:03.990 --> 00:00:04.000 align:start position:0%
bring a map

00:00:04.000 --> 00:00:06.000 align:start position:0%
bring a map
and<00:00:04.600><c> your</c><00:00:05.200><c> coat</c>

00:00:09.000 --> 00:00:10.000
[Music]
"""
ADVERTS = (
    "Subtitles by explosiveskull\nwww.OpenSubtitles.org",
    "Sync & corrections by honeybunny\nwww.addic7ed.com",
    "== sync, corrected by <font>elderman</font> ==",
    "Advertise your product or brand here\ncontact www.OpenSubtitles.org today",
    "Support us and become VIP member\nto remove all ads from www.OpenSubtitles.org",
    "Please rate this subtitle at osdb.link/abc\nHelp other users to choose the best subtitles",
    "Downloaded from\nwww.example.tv",
    "Untertitel von Maria Müller",
    "Untertitelung im Auftrag des ZDF, 2018",
    "Sous-titres réalisés par la communauté d'Amara.org",
    "Subtítulos por aRGENTeaM",
    "Legendas por InSanos",
    "字幕组 翻译: 小明",
    "Субтитры сделал DimaTorzok",
    "ترجمة: أحمد",
    "https://example.org",
    "-= www.example.com =-",
    "Captioned by VITAC",
)
DIALOGUE = (
    "I sent it to anna@example.com.",
    "Go to www.example.com and order now!",
    "Subtitles? I hate subtitles.",
    "This was translated by my grandmother, and she wept.",
    "He downloaded it from the office computer, I tell you.",
    "Who corrected this? By noon I want a name.",
    "Edited by whom?\nI don't know.",
    "We are in sync.",
    "Stand by.",
    "The timing, by God, is perfect.",
    "Untertitel? Nein danke.",
    "She made it by hand.",
    "Find me at the net.",
    "Fixed by tomorrow?\nYou promise?",
    "Adapted from a true story.",
    "The transcript: where is it?",
    "Das hat von mir keiner übersetzt.",
    "Support us!",
    "Watch it online, whatever.",
    "Yours by right.",
    "Fixed by noon.",
    "Edited by my own mother!",
    "Translated by hand?",
)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def shown(path: Path) -> list[SourceCue]:
    return [cue for cue in read_source(path).cues if cue.text.strip()]


def times(path: Path) -> list[tuple[float, float, str]]:
    return [(round(one.start, 3), round(one.end, 3), one.text) for one in shown(path)]


def test_the_parts_of_webvtt_keep_styles_settings_and_times_of_words(tmp_path: Path) -> None:
    film = write(tmp_path, "film.vtt", VTT)
    first, second = tmp_path / "1.vtt", tmp_path / "2.vtt"
    assert main(["split", str(film), str(first), str(second), "--at", "10"]) == 0
    assert times(first) == [(1.0, 3.0, "We leave now."), (9.0, 10.0, "Later.")]
    assert times(second) == [(0.0, 1.0, "Later."), (2.0, 4.0, "Not yet.")]
    for part in (first, second):
        assert "::cue { color: lime }" in part.read_text("utf-8")
    assert "line:0" in first.read_text("utf-8") and "<00:02.000>" in first.read_text("utf-8")
    assert "align:start" in second.read_text("utf-8")
    assert "<00:00:03.000>" in second.read_text("utf-8")


def test_the_parts_of_ass_keep_styles_and_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = write(tmp_path, "film.ass", ASS)
    first, second = tmp_path / "1.ass", tmp_path / "2.ass"
    assert main(["split", str(film), str(first), str(second), "--at", "0:10"]) == 0
    assert times(first) == [(1.0, 3.0, "We leave, now."), (9.0, 10.0, "Later.")]
    assert times(second) == [(0.0, 1.0, "Later."), (2.0, 4.0, "Not\nyet.")]
    assert "Style: Sign" in second.read_text("utf-8") and "{\\pos(10,20)}" in first.read_text()
    assert "1 cue shown at 00:00:10.000: in both" in capsys.readouterr().err


@pytest.mark.parametrize("kind", FORMATS)
def test_each_word_of_any_file_is_in_a_part_at_its_time(tmp_path: Path, kind: str) -> None:
    for seed in range(12):
        chance = random.Random(f"split {kind} {seed}")
        film = write(tmp_path, f"{seed}.{kind}", subtitle_text(kind, "en", chance))
        cues = shown(film)
        at = chance.choice(cues[1:]).start + chance.choice((0.0, 0.25, 1.0))
        first, second = tmp_path / f"{seed}.1.{kind}", tmp_path / f"{seed}.2.{kind}"
        assert main(["split", str(film), str(first), str(second), "--at", f"{at:.3f}"]) == 0
        parts = [(0.0, one) for one in shown(first)] + [(at, one) for one in shown(second)]
        for cue in cues:
            found = [
                (one.start + offset, one.end + offset)
                for offset, one in parts
                if words(one.text) == words(cue.text)
                and cue.start - 0.1 <= one.start + offset <= one.end + offset <= cue.end + 0.1
            ]
            assert sum(end - start for start, end in found) >= cue.end - cue.start - 0.2
        lasting = sum(one.end - one.start for _, one in parts)
        assert lasting == pytest.approx(sum(one.end - one.start for one in cues), abs=0.5)


def test_each_line_of_rolling_captions_is_there_once_when_it_appears(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film, new = write(tmp_path, "film.vtt", ROLLING), tmp_path / "new.vtt"
    assert main(["clean", str(film), str(new), "--rolling"]) == 0
    assert times(new) == [
        (0.16, 2.0, "we leave at noon"),
        (2.0, 4.0, "bring a map"),
        (4.0, 6.0, "and your coat"),
        (9.0, 10.0, "[Music]"),
    ]
    assert "<00:00:02.400><c> a</c>" in new.read_text("utf-8")
    told = capsys.readouterr().err
    assert "line 4 to 17: 5 rolling captions are 3 cues now, each line once" in told


@pytest.mark.parametrize("kind", ["srt", "ass", "ttml"])
def test_rolling_captions_of_other_formats_are_unrolled_as_well(tmp_path: Path, kind: str) -> None:
    film = write(tmp_path, "film.vtt", ROLLING)
    other, new = tmp_path / f"film.{kind}", tmp_path / f"new.{kind}"
    assert main(["convert", str(film), str(other)]) == 0
    assert main(["clean", str(other), str(new), "--rolling"]) == 0
    assert [text for *_, text in times(new)] == [
        "we leave at noon",
        "bring a map",
        "and your coat",
        "[Music]",
    ]


def test_the_same_words_twice_at_a_time_are_one_cue_and_an_echo_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cues = [("1,000", "3,000", "Help!"), ("1,000", "3,000", "Help!"), ("2,500", "4,000", "Help!")]
    cues += [("4,083", "5,000", "Help!"), ("4,500", "5,500", "{\\an8}Help!")]
    blocks = (f"{n}\n00:00:0{a} --> 00:00:0{b}\n{text}\n" for n, (a, b, text) in enumerate(cues, 1))
    film, new = write(tmp_path, "film.srt", "\n".join(blocks)), tmp_path / "new.srt"
    assert main(["clean", str(film), str(new), "--duplicates"]) == 0
    assert [one[:2] for one in times(new)] == [(1.0, 4.0), (4.083, 5.0), (4.5, 5.5)]
    told = capsys.readouterr().err
    assert told.count("“Help!”: joined with the same of line 2") == 2


@pytest.mark.parametrize("text", ADVERTS)
def test_those_who_made_or_spread_a_file_are_known(text: str) -> None:
    assert is_advert(text.replace("<font>", "").replace("</font>", ""))


@pytest.mark.parametrize("text", DIALOGUE)
def test_dialogue_is_no_advert(text: str) -> None:
    assert not is_advert(text)


def test_adverts_go_only_when_asked_and_each_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = f"1\n00:00:01,000 --> 00:00:03,000\n{ADVERTS[0]}\n\n"
    blocks += "2\n00:00:04,000 --> 00:00:06,000\nWe leave.\n"
    film = write(tmp_path, "film.srt", blocks)
    assert main(["clean", str(film), str(tmp_path / "same.srt"), "--duplicates"]) == 0
    assert (tmp_path / "same.srt").read_text("utf-8") == blocks
    assert "nothing of it was found" in capsys.readouterr().err
    assert main(["clean", str(film), "--in-place", "--adverts"]) == 0
    assert times(film) == [(4.0, 6.0, "We leave.")]
    said = "“Subtitles by explosiveskull / www.OpenSubtitles.org”: taken out, it advertises"
    assert f"line 2, 00:00:01.000: {said}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["clean", "film.srt", "new.srt"], "What is to be taken out"),
        (["split", "film.srt", "a.srt", "a.srt", "--at", "5"], "both parts have this name"),
        (["split", "film.srt", "a.srt", "film.srt", "--at", "5"], "Nothing is written over"),
        (["split", "film.srt", "a.srt", "b.vtt", "--at", "5"], "keeps the format"),
        (["split", "film.srt", "a.srt", "b.srt", "--at", "0.5"], "nothing is shown before"),
        (["split", "film.srt", "a.srt", "b.srt", "--at", "99"], "nothing is shown after"),
    ],
)
def test_what_cannot_be_done_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    write(tmp_path, "film.srt", "1\n00:00:01,000 --> 00:00:09,000\nStay.\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        main(arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["film.srt"]
