#!/usr/bin/env python3
"""Tests of shared/subtitles/files/dressing.py, letters.py, picture.py: every letter has a font."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pysubs2
import pytest

from shared.subtitles.base.cue import Cue
from shared.subtitles.files.dressing import dress_for_picture, dress_for_players
from shared.subtitles.files.fonts import font_family, font_file, packaged_fonts
from shared.subtitles.files.formats import Look, write_subtitles
from shared.subtitles.files.letters import STEERING, font_of_family
from shared.subtitles.files.picture import readable_size

# A line in its own letters, and what people put beside them: names, notes, hearts, other scripts.
LINES = {
    "hi": "क्या तुमने उसे बताया कि ज़िन्दगी\nश्रृंगार है? ♪ OK, 你 ❤️ ₹5 தமிழ்",
    "ta": "அவன் நேற்று சென்னைக்கு வந்தான் என்று\nஎனக்குத் தெரியாது, रुको ♪",
    "ar": "لم أكن أعرف أنه وصل إلى المدينة أمس،\nفلماذا لم تخبرني؟ 5 % Facebook",
    "en": "I didn't know that he had arrived in town\nyesterday — привет, Ωμέγα… ♪ 😀",
    "ur": "ٹھیک ہے، میں دفتر جا رہا ہوں۔ OK",
    "bn": "আমি অফিস যাচ্ছি, Ravi ♪",
    "gu": "હું ઓફિસ જાઉં છું. OK?",
    "kn": "ನಾನು ಕಚೇರಿಗೆ ಹೋಗುತ್ತಿದ್ದೇನೆ, John!",
    "ml": "ഞാൻ ഓഫീസിൽ പോകുന്നു — OK",
    "pa": "ਮੈਂ ਦਫ਼ਤਰ ਜਾ ਰਿਹਾ ਹਾਂ। OK",
    "or": "ମୁଁ ଅଫିସ ଯାଉଛି 5",
    "he": "אני הולך למשרד, נכון?",
    "th": "ฉันไปทำงาน OK",
    "te": "నేను ఆఫీసుకు వెళ్తున్నాను ♪",
    "si": "මම කාර්යාලයට යනවා",
    "ka": "მე ოფისში მივდივარ",
    "my": "ကျွန်တော် ရုံးသွားမယ်",
    "ja": "今日はいい天気ですね、ジョンさん。OK",
    "bo": "ང་ལས་ཁུངས་ལ་འགྲོ",
}
SIZES = [(480, 204), (1280, 720), (3840, 2160), (1080, 1920), (320, 240)]
PIECE = re.compile(r"\{\\fn([^\\}]+)[^}]*\}|\{[^}]*\}|\\[Nnh]")


def styled(text: str, language: str, tmp_path: Path, font: str = "") -> str:
    """Return an ASS file with one cue."""
    path = tmp_path / "Film.ass"
    write_subtitles([Cue(0.0, 2.0, text)], path, Look(language=language, font=font))
    return path.read_text("utf-8")


def in_fonts(file: str) -> list[tuple[str, str]]:
    """Return the text of a file in pieces with the family that shows each."""
    made = pysubs2.SSAFile.from_string(file)
    found = []
    for event in made.events:
        family, last = made.styles[event.style].fontname, 0
        for tag in [*PIECE.finditer(event.text), None]:
            end = tag.start() if tag else len(event.text)
            found.append((family, event.text[last:end]))
            if tag:
                family, last = tag[1] or family, tag.end()
    return [(family, text) for family, text in found if text]


@pytest.mark.parametrize("language", LINES)
@pytest.mark.parametrize("for_picture", [True, False])
def test_every_letter_is_in_the_font_that_shows_it(
    language: str, for_picture: bool, tmp_path: Path
) -> None:
    file = styled(LINES[language], language, tmp_path)
    if for_picture:
        dressed = dress_for_picture(file, 1280, 720)
    elif font_of_family(font_family(language)) is None:
        return  # players take their own, although this machine may have another for the letters
    else:
        dressed = dress_for_players(file)
    shown = ""
    for family, text in in_fonts(dressed.text):
        font = font_of_family(family)
        assert font is not None and font in dressed.fonts and font.shows(text), (family, text)
        shown += text
    left_out = set("".join(dressed.lacking))
    said = [char for char in LINES[language] if not STEERING.match(char)]
    assert [char for char in shown if not STEERING.match(char)] == [
        char for char in said if char not in left_out
    ]
    fonts = filter(None, map(font_of_family, packaged_fonts()))
    ours = set().union(*(one.letters for one in fonts))
    assert not {char for char in left_out if ord(char) in ours}


def test_letters_of_every_language_are_as_large_as_latin_ones(tmp_path: Path) -> None:
    for language in ("hi", "ar", "ta", "en", "gu"):
        made = pysubs2.SSAFile.from_string(styled("x", language, tmp_path))
        style = made.styles["Default"]
        font = font_of_family(style.fontname)
        assert font is not None and style.fontsize / font.cell == pytest.approx(47.5, abs=0.2)


@pytest.mark.parametrize("language", ["hi", "ta", "ar", "en"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_drawn_letters_can_be_read_and_fit(
    language: str, width: int, height: int, tmp_path: Path
) -> None:
    dressed = dress_for_picture(styled(LINES[language], language, tmp_path), width, height)
    assert 17 <= dressed.pixels <= 0.1 * height


def test_sizes() -> None:
    assert readable_size(1920, 1080, widest=20, is_latin=True) == pytest.approx(47.52)
    assert readable_size(480, 204, widest=20, is_latin=True) == 13.0
    assert readable_size(480, 204, widest=20, is_latin=False) == 17.0
    assert readable_size(1080, 1920, widest=20, is_latin=False) == pytest.approx(51.3)
    assert readable_size(160, 90, widest=20, is_latin=False) == 9.0


def test_a_font_that_is_not_here_is_told_and_replaced(tmp_path: Path) -> None:
    dressed = dress_for_picture(styled("नमस्ते", "hi", tmp_path, "Nobody's Font"), 640, 360)
    assert dressed.replaced == ["Nobody's Font"]
    assert "Nobody's Font" not in dressed.text and dressed.fonts
    kept = styled("नमस्ते", "hi", tmp_path, "Nobody's Font")
    assert dress_for_players(kept).is_as_it_was  # a player may have it


def test_a_text_that_its_own_font_shows_is_left_as_it_is(tmp_path: Path) -> None:
    dressed = dress_for_players(styled("Plain text, naïve.", "en", tmp_path))
    assert dressed.is_as_it_was and [font.path for font in dressed.fonts] == [font_file("en")]


def test_what_a_person_chose_stays(tmp_path: Path) -> None:
    file = styled("x", "hi", tmp_path).replace(",,x", r",,{\fnDejaVu Sans}你{\fs20}")
    dressed = dress_for_picture(file, 1280, 720, keep_size=True)
    assert r"{\fnDejaVu Sans}你{\fs20}" in dressed.text and dressed.pixels == 0.0


@pytest.mark.parametrize("language", ["hi", "ta", "ar", "en", "gu"])
def test_libass_finds_all_without_a_font_of_the_machine(language: str, tmp_path: Path) -> None:
    """The real renderer, small picture, no fonts but those given: no letter is a box."""
    text = LINES[language].replace("你", "")
    dressed = dress_for_picture(styled(text, language, tmp_path), 480, 204)
    (tmp_path / "drawn.ass").write_text(dressed.text, "utf-8")
    for font in dressed.fonts:
        shutil.copy(font.path, tmp_path)
    (tmp_path / "none.conf").write_text("<fontconfig></fontconfig>")
    told = subprocess.run(
        ["ffmpeg", "-v", "verbose", "-f", "lavfi", "-i", "color=gray:s=480x204:d=0.1", "-vf"]
        + ["ass=filename=drawn.ass:fontsdir=.:shaping=complex", "-f", "null", "-"],
        cwd=tmp_path,
        env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "none.conf")},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "not found" not in told and "failed to find" not in told, told
