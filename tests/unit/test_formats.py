#!/usr/bin/env python3
"""Tests of shared/subtitles/files/formats.py: read back by pysubs2 and by ffmpeg."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ttconv import model
from ttconv.imsc.reader import to_model
from ttconv.isd import ISD

from shared.subtitles.base.cue import Cue
from shared.subtitles.files.formats import Look, read_subtitles, write_subtitles
from shared.subtitles.files.source import read_source
from shared.transcript.records.schemas import Word
from tests.support.examples import examples
from tests.support.media import ffmpeg, ffprobe

SUFFIXES = [".srt", ".vtt", ".ass", ".ttml"]
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
    """SRT, WebVTT, ASS and TTML."""

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
        if suffix == ".ttml":
            pytest.skip("ffmpeg writes TTML and does not read it")
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
        if suffix != ".ttml":
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


def test_ttml_is_well_formed_and_names_its_profile_and_language(tmp_path: Path) -> None:
    path = tmp_path / "film.ttml"
    cues = [Cue(3661.5, 3663.25, "♪ ला < ला ♪\n& ला", is_lyrics=True), Cue(3664, 3665, "\ufffea")]
    write_subtitles(cues, path, Look(language="hi", title="A & B", italic_lyrics=True))
    root = ET.parse(path).getroot()
    tt = "{http://www.w3.org/ns/ttml}"
    assert root.tag == f"{tt}tt"
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "hi"
    profile = root.attrib["{http://www.w3.org/ns/ttml#parameter}contentProfiles"]
    assert profile == "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
    titles = [one.text for one in root.iter("{http://www.w3.org/ns/ttml#metadata}title")]
    assert titles == ["A & B"]
    first, second = root.iter(f"{tt}p")
    assert (first.attrib["begin"], first.attrib["end"]) == ("01:01:01.500", "01:01:03.250")
    assert first.attrib["{http://www.w3.org/ns/ttml#styling}fontStyle"] == "italic"
    assert second.text == "a"
    regions = {
        one.attrib["{http://www.w3.org/XML/1998/namespace}id"] for one in root.iter(f"{tt}region")
    }
    assert {one.attrib["region"] for one in root.iter(f"{tt}div")} == regions
    read = pysubs2.load(str(path))
    assert [event.plaintext for event in read] == ["♪ ला < ला ♪\n& ला", "a"]
    assert [event.start for event in read] == [3_661_500, 3_664_000]


def as_ttconv_shows(path: Path) -> list[tuple[float, str]]:
    """Return what ttconv, another program, shows from each time on."""
    document = to_model(ET.parse(path))
    shown_from: list[tuple[float, str]] = []
    for time in ISD.significant_times(document):
        parts: list[str] = []
        picture = ISD.from_model(document, time)
        for region in picture.iter_regions() if picture else ():
            for element in region.dfs_iterator():
                if isinstance(element, model.Text):
                    parts.append(element.get_text())
                elif isinstance(element, model.Br):
                    parts.append("\n")
        shown_from.append((float(time), "".join(parts)))
    return shown_from


def test_ttconv_shows_each_ttml_cue_at_its_time_and_nothing_between(tmp_path: Path) -> None:
    path = tmp_path / "film.ttml"
    cues = cues_of(TEXTS)
    write_subtitles(cues, path)
    found = as_ttconv_shows(path)
    assert [text for _, text in found if not text] == [""] * (len(cues) + 1)
    spoken = [(time, shown(text)) for time, text in found if text]
    assert [text for _, text in spoken] == [shown(one.text) for one in cues]
    assert [time for time, _ in spoken] == pytest.approx([one.start for one in cues], abs=1e-9)
    ends = [time for time, text in found[1:] if not text]
    assert ends == pytest.approx([one.end for one in cues], abs=1e-9)


def test_songs_are_in_italics_where_they_should_be(tmp_path: Path) -> None:
    cues = [Cue(0, 1, "spoken"), Cue(2, 4, "♪ sung\ntwice ♪", is_lyrics=True)]
    for suffix in SUFFIXES:
        path = tmp_path / f"film{suffix}"
        write_subtitles(cues, path, Look(italic_lyrics=True))
        read = read_source(path).cues
        assert [cue.is_italic for cue in read] == [False, True]
        assert read[1].text == cues[1].text
        write_subtitles(cues, path)
        assert not any(cue.is_italic for cue in read_source(path).cues)
    assert "<i>" not in (tmp_path / "film.srt").read_text()


def test_words_light_up_when_they_are_said(tmp_path: Path) -> None:
    words = [Word(start=1.0, end=1.4, text="One"), Word(start=2.0, end=2.5, text=" two,")]
    cue = Cue(1.0, 3.0, "♪ One\ntwo, ♪", words=tuple(words))
    untimed = Cue(4.0, 6.0, "abc def")
    write_subtitles([cue, untimed], tmp_path / "film.ass", Look(highlights=True))
    first, second = pysubs2.load(str(tmp_path / "film.ass"))
    assert first.text == "{\\k0}♪ {\\k100}One\\N{\\k100}two, {\\k0}♪"
    assert first.plaintext == cue.text
    assert second.text == "{\\k114}abc {\\k86}def"
    write_subtitles([cue], tmp_path / "film.srt", Look(highlights=True))
    assert "\\k" not in (tmp_path / "film.srt").read_text()


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


@examples(60)
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


@pytest.mark.parametrize(
    "inside", ["\n[Fonts]\nfontname: evil.ttf", "\r\n[Events]\r\nDialogue: 0,"]
)
def test_a_title_or_font_adds_nothing_to_an_ass_file(inside: str, tmp_path: Path) -> None:
    look = Look(title=f"Film{inside}", font=f"Noto Sans{inside}")
    write_subtitles(cues_of(["one"]), tmp_path / "film.ass", look)
    text = (tmp_path / "film.ass").read_text(encoding="utf-8")
    sections = [line for line in text.splitlines() if line.startswith("[")]
    assert sections == ["[Script Info]", "[V4+ Styles]", "[Events]"]
    assert [cue.text for cue in read_subtitles(tmp_path / "film.ass")] == ["one"]
