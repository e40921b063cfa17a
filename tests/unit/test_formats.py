#!/usr/bin/env python3
"""Tests of shared/subtitles/formats.py: what is written is read back by pysubs2 and by ffmpeg."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.subtitles.cue import Cue
from shared.subtitles.formats import read_subtitles, write_subtitles
from tests.support.media import ffmpeg, ffprobe

SUFFIXES = [".srt", ".vtt", ".ass"]
TEXTS = [
    "Plain words",
    "two\nlines",
    "a {b} c",
    "{\\an8}top",
    "<b>bold</b> & co",
    "1 < 2 > 0",
    "<3 & <i>",
    "&amp; &lt;i&gt;",
    "C:\\New\\hard\\n",
    "a --> b",
    "hello\n12",
    "NOTE that",
    "- नमस्ते!\n- क्या हाल है?",
    "مرحبا بك\nשלום עולם",
    "これは日本語です",
    "♪ la la la ♪",
    "Oui\u00a0! « Non »",
    "👩‍👩‍👧 family",
]


def cues_of(texts: list[str]) -> list[Cue]:
    """Return a cue every two seconds, at times that are no whole centiseconds."""
    return [Cue(2 * n + 1.001, 2 * n + 2.499, text) for n, text in enumerate(texts)]


def shown(text: str) -> str:
    """Return text in its plain form: look-alikes of markup are what they stand for."""
    return unicodedata.normalize("NFKC", text).replace("→", "-->")


def as_ffmpeg_shows(path: Path) -> list[str]:
    """Return what ffmpeg makes of the texts: libass then shows it."""
    ffmpeg("-i", path, "-c:s", "ass", path.with_suffix(".shown.ass"))
    lines = path.with_suffix(".shown.ass").read_text(encoding="utf-8").split("\n")
    texts = [line.split(",", 9)[9] for line in lines if line.startswith("Dialogue:")]
    return [text.replace("\\N", "\n") for text in texts]


@pytest.mark.parametrize("suffix", SUFFIXES)
class TestEveryFormat:
    """SRT, WebVTT and ASS."""

    def test_pysubs2_reads_the_same_cues(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"film{suffix}"
        write_subtitles(cues_of(TEXTS), path)
        read = read_subtitles(path)
        assert [shown(cue.text) for cue in read] == [shown(text) for text in TEXTS]
        tolerance = 0.0051 if suffix == ".ass" else 0.0  # ASS counts in centiseconds
        for cue, written in zip(read, cues_of(TEXTS), strict=True):
            assert cue.start == pytest.approx(written.start, abs=tolerance + 1e-9)
            assert cue.end == pytest.approx(written.end, abs=tolerance + 1e-9)

    def test_ffmpeg_reads_the_same_cues(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"film{suffix}"
        write_subtitles(cues_of(TEXTS), path)
        packets = ffprobe(path, "-show_packets")["packets"]
        tolerance = 0.0051 if suffix == ".ass" else 1e-6
        for packet, cue in zip(packets, cues_of(TEXTS), strict=True):
            assert float(packet["pts_time"]) == pytest.approx(cue.start, abs=tolerance)
            assert float(packet["duration_time"]) == pytest.approx(1.498, abs=2 * tolerance)
        for read, text in zip(as_ffmpeg_shows(path), TEXTS, strict=True):
            assert shown(read) == shown(text)
            assert "{" not in read  # libass would hide what follows

    def test_empty_lines_and_control_characters_never_split_a_cue(
        self, tmp_path: Path, suffix: str
    ) -> None:
        path = tmp_path / f"film{suffix}"
        write_subtitles(cues_of(["a\n\nb", " c \n", "d\x0be\u2028f\rg\x85h", "i"]), path)
        assert [cue.text for cue in read_subtitles(path)] == ["a\nb", "c", "d e f g h", "i"]
        assert len(ffprobe(path, "-show_packets")["packets"]) == 4

    def test_a_cue_without_text_is_left_out(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"film{suffix}"
        write_subtitles(cues_of([" ", "words", "\n"]), path)
        assert [cue.text for cue in read_subtitles(path)] == ["words"]

    def test_the_file_is_utf8_with_line_feeds_and_no_mark(
        self, tmp_path: Path, suffix: str
    ) -> None:
        write_subtitles(cues_of(["नमस्ते"]), tmp_path / f"film{suffix}")
        content = (tmp_path / f"film{suffix}").read_bytes()
        assert "नमस्ते".encode() in content
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content


def test_nothing_to_say_is_an_empty_srt(tmp_path: Path) -> None:
    write_subtitles([], tmp_path / "film.srt")
    assert (tmp_path / "film.srt").read_bytes() == b""


def test_web_vtt_escapes_as_its_standard_says(tmp_path: Path) -> None:
    write_subtitles(cues_of(["<b> & co"]), tmp_path / "film.vtt")
    text = (tmp_path / "film.vtt").read_text()
    assert text.startswith("WEBVTT\n\n")
    assert "&lt;b&gt; &amp; co" in text


def test_comments_of_an_ass_file_are_not_cues(tmp_path: Path) -> None:
    subtitles = pysubs2.SSAFile()
    subtitles.append(pysubs2.SSAEvent(0, 1000, "kept"))
    subtitles.append(pysubs2.SSAEvent(0, 1000, "comment", type="Comment"))
    subtitles.save(str(tmp_path / "film.ass"))
    assert [cue.text for cue in read_subtitles(tmp_path / "film.ass")] == ["kept"]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_subtitles(cues_of(["a"]), tmp_path / "film.sub")
    assert list(tmp_path.iterdir()) == []


LINE = st.text(st.characters(categories=["L", "M", "P", "S", "Zs"]), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=2), st.sampled_from(SUFFIXES))
def test_any_text_survives(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], suffix: str
) -> None:
    """No letter, mark, sign or symbol is lost, whatever it means to a format."""
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    write_subtitles([Cue(1, 2, "before"), Cue(3, 4, "\n".join(lines)), Cue(5, 6, "after")], path)
    read = [cue.text for cue in read_subtitles(path)]
    assert (read[0], read[-1]) == ("before", "after")
    assert shown("".join("".join(read[1:-1]).split())) == shown("".join("".join(lines).split()))
