#!/usr/bin/env python3
"""Tests of shared/subtitles/checking/fixing.py: what is mended, and nothing else."""

from __future__ import annotations

import html
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.fixing import fix_source
from shared.subtitles.checking.lint import lint_source
from shared.subtitles.files.source import SourceFile, parse_source
from tests.support.examples import examples

PIECES = (
    *("Yes", "No.", "Good morning", "a very long word indeed,", "the", "house", "of cards"),
    *("...", "…", " . . . ", "-", "- ", "–", "--", "♪", "♪ la la. ♪", "# song", "(door)", "[door]"),
    *(
        "\n",
        "\n",
        "  ",
        "नमस्ते।",
        "कैसे हो?",
        "12",
        "&",
        "<",
        "I'm",
        "he said:",
        "(",
        "सिमरन ने कहा",
    ),
)
WRAPS = {
    "srt": (
        "{}",
        "{}",
        "<i>{}</i>",
        "{{\\an8}}{}",
        '<font color="#FFFF00">{}</font>',
        "x <b>{}</b>",
    ),
    "vtt": ("{}", "{}", "<i>{}</i>", "<v Anna>{}</v>", "<c.yellow>{}</c> y", "x <b>{}</b>"),
    "ass": ("{}", "{}", "{{\\i1}}{}{{\\i0}}", "{{\\pos(1,2)}}{}", "x {{\\b1}}{}"),
    "ttml": ("{}", "{}", "<span>{}</span>", '<span tts:color="yellow">{}</span> y', "{}<br/>z"),
}


@st.composite
def files(draw: st.DrawFn, kind: str) -> str:
    """Return the text of a file of random cues, in any order and shape."""
    cues = []
    at = 0
    for _ in range(draw(st.integers(0, 8))):
        at += draw(st.sampled_from((0, 0, 40, 80, 120, 300, 500, 900, 2000, 5000)))
        length = draw(st.sampled_from((-500, 0, 40, 200, 500, 840, 1000, 2000, 4000, 7000, 9000)))
        text = "".join(draw(st.lists(st.sampled_from(PIECES), max_size=12)))
        cues.append((at, at + length, _escaped(text, kind), draw(st.sampled_from(WRAPS[kind]))))
        at += draw(st.sampled_from((0, length, length, length)))
        at = max(at, 0)
    cues = draw(st.permutations(cues)) if draw(st.booleans()) else cues
    each = [_cue(kind, index, *cue) for index, cue in enumerate(cues)]
    return HEADS[kind] + BETWEEN[kind].join(each) + TAILS[kind]


def _escaped(text: str, kind: str) -> str:
    if kind in ("vtt", "ttml"):
        text = html.escape(text, quote=False)
    breaks = {"ass": "\\N", "ttml": "<br/>"}
    lines = [line for line in text.split("\n") if line.strip()]
    return breaks.get(kind, "\n").join(lines)


def _cue(kind: str, index: int, start: int, end: int, text: str, wrap: str) -> str:
    end = max(end, 0)
    text = wrap.format(text)
    if kind == "srt":
        return f"{index * index}\n{_clock(start, ',')} --> {_clock(end, ',')} X1:1\n{text}\n"
    if kind == "vtt":
        return f"name {index}\n{_clock(start, '.')} --> {_clock(end, '.')} line:0\n{text}\n"
    if kind == "ass":
        return f"Dialogue: 0,{_clock(start, '.')[1:-1]},{_clock(end, '.')[1:-1]},A,,1,2,3,,{text}\n"
    return f'<p xml:id="c{index}" begin="{start}ms" end="{_clock(end, ".")}">{text}</p>\n'


def _clock(milliseconds: int, point: str) -> str:
    seconds = milliseconds // 1000
    return f"00:{seconds // 60:02d}:{seconds % 60:02d}{point}{milliseconds % 1000:03d}"


HEADS = {
    "srt": "1\n00:00:00,000 --> 00:00:00,000\n\n\n",
    "vtt": "WEBVTT - a film\nLanguage: en\n\nSTYLE\n::cue { color: white }\n\n",
    "ass": "[Script Info]\n; by hand\nScriptType: v4.00+\n\n[Events]\n"
    "Comment: 0,0:00:00.00,0:00:00.00,A,,0,0,0,,note\n",
    "ttml": '<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml" '
    'xmlns:tts="http://www.w3.org/ns/ttml#styling">'
    '<head><layout><region xml:id="top"/></layout></head><body><div region="top">\n',
}
BETWEEN = {"srt": "\n", "vtt": "\nNOTE here\n\n", "ass": "", "ttml": "<!-- here -->"}
TAILS = {"srt": "", "vtt": "\n", "ass": "\n[Fonts]\n", "ttml": "</div></body></tt>\n"}


def words(source: SourceFile) -> Counter[str]:
    """Return how often each word is in a file."""
    text = " ".join([cue.text for cue in source.cues] + [text for _, text in source.stray])
    return Counter("".join(c if c.isalnum() else " " for c in text).split())


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["netflix", "bbc"])
@pytest.mark.parametrize("kind", ["srt", "vtt", "ass", "ttml"])
@examples(40)
@given(data=st.data())
def test_no_word_is_lost_no_error_is_made_and_twice_is_once(
    kind: str, profile: str, data: st.DataObject
) -> None:
    text = data.draw(files(kind))
    limits = limits_for("en", profile=profile, frame_rate="25")
    source = parse_source(text, kind, Path(f"a.{kind}"))
    mended = parse_source(fix_source(source, limits), kind, Path(f"b.{kind}"))
    assert words(mended) == words(source)
    assert fix_source(mended, limits) == mended.text
    before, after = (
        sum(one.severity == "error" for one in lint_source(each, limits))
        for each in (source, mended)
    )
    assert after <= before


VTT = """\
WEBVTT - a film
Kind: captions
Language: en

STYLE
::cue(.sign) { color: lime }

REGION
id:top

NOTE the first

first
00:01.000 --> 00:01.300 region:top align:start position:10%
<v Anna>Good  morning...</v>

NOTE about Ben,
two lines

00:09.000 --> 00:11.000 line:0
<c.sign>- Exit</c>
&amp; <b>out</b>...

third & last
00:00:05.000 --> 00:00:08.900 line:0
This &amp; that  one...
"""
MENDED_VTT = """\
WEBVTT - a film
Kind: captions
Language: en

STYLE
::cue(.sign) { color: lime }

REGION
id:top

NOTE the first

first
00:01.000 --> 00:00:01.833 region:top align:start position:10%
<v Anna>Good morning…</v>

third & last
00:00:05.000 --> 00:00:08.900 line:0
This &amp; that one…

NOTE about Ben,
two lines

00:09.000 --> 00:11.000 line:0
<c.sign>- Exit</c>
&amp; <b>out</b>…
"""
TTML = """\
<?xml version="1.0" encoding="UTF-16"?>
<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
  xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="en">
 <tt:head><tt:styling><tt:style xml:id="s1" tts:color="white"/></tt:styling>
 <tt:layout><tt:region xml:id="top"/></tt:layout></tt:head>
 <tt:body><tt:div begin="10s" region="top">
  <!-- one -->
  <tt:p xml:id="a" begin="00:00:01:00" end='00:00:01:05' style="s1" tts:origin="1% 1%"
    >Good  morning...</tt:p>
  <tt:p xml:id="c" begin="5s" dur="2s">A line of a film that is too long<tt:br clear="x"/>for
     these two lines of subtitles, or not & so?</tt:p>
  <tt:p xml:id="b" begin="3s" end="4.999s"><tt:span tts:color="lime">Two</tt:span> (2)...</tt:p>
  <tt:p xml:id="e" begin="8s" end="9s"><tt:br/></tt:p>
 </tt:div><tt:div><tt:p begin="30s"><tt:span begin="1s" end="2s">By </tt:span>it...</tt:p></tt:div>
 </tt:body></tt:tt>
""".replace(" & ", " &amp; ")
MENDED_TTML = """\
<?xml version="1.0" encoding="UTF-8"?>
<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"
  xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="en">
 <tt:head><tt:styling><tt:style xml:id="s1" tts:color="white"/></tt:styling>
 <tt:layout><tt:region xml:id="top"/></tt:layout></tt:head>
 <tt:body><tt:div begin="10s" region="top">
  <!-- one -->
  <tt:p xml:id="a" begin="00:00:01:00" end="00:00:01:21" style="s1" tts:origin="1% 1%"
    >Good morning…</tt:p>
  <tt:p xml:id="b" begin="3s" end="4.920s"><tt:span tts:color="lime">Two</tt:span> (2)…</tt:p>
  <tt:p xml:id="c" begin="5s" dur="4.000s">A line of a film that is too long<tt:br clear="x"/>for
     these two lines of subtitles, or not & so?</tt:p>
  {}
 </tt:div><tt:div><tt:p begin="30s"><tt:span begin="1s" end="2s">By </tt:span>it…</tt:p></tt:div>
 </tt:body></tt:tt>
""".format("").replace(" & ", " &amp; ")


@pytest.mark.parametrize(
    ("kind", "text", "wanted"), [("vtt", VTT, MENDED_VTT), ("ttml", TTML, MENDED_TTML)]
)
def test_what_is_not_mended_stays_as_it_is(kind: str, text: str, wanted: str) -> None:
    rate = "24" if kind == "vtt" else "25"
    source = parse_source(text, kind, Path(f"a.{kind}"))
    assert fix_source(source, limits_for("en", frame_rate=rate)) == wanted


SRT = """\
Made by hand

7
00:00:05.5 --> 00:00:06,000 X1:10 X2:20
Later...

4
0:00:01,000 --> 0:00:03,000
Good  morning

and some text outside

9
00:00:08,000 --> 00:00:09,000
"""
MENDED_SRT = """\
Made by hand

1
00:00:01,000 --> 00:00:03,000
Good morning

and some text outside

2
00:00:05,500 --> 00:00:06,333 X1:10 X2:20
Later…
"""


def test_srt_keeps_positions_and_text_outside_of_cues() -> None:
    for ends in ("\n", "\r\n"):
        source = parse_source(SRT.replace("\n", ends), "srt", Path("a.srt"))
        assert fix_source(source, limits_for("en")) == MENDED_SRT.replace("\n", ends)
    source = parse_source(SRT.replace("\n", "\r"), "srt", Path("a.srt"))
    assert fix_source(source, limits_for("en")) == MENDED_SRT


def test_ass_of_ten_hours_keeps_all_that_is_not_mended() -> None:
    head = "[Script Info]\n; by hand\n\n[Aegisub Project Garbage]\nAudio File: ?video\n\n[Events]\n"
    comment = "Comment: 0,0:00:00.00,0:00:00.00,A,,0,0,0,,a note, kept\n"
    drawing = "Dialogue: 9,0:00:00.00,0:00:09.00,A,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
    faulty = "Dialogue: 0,10:00:01.00,10:00:01.50,A,Anna,1,2,3,fx,{\\an8}Good morning,  Ben...\n"
    mended = faulty.replace("01.50", "01.90").replace("  ", " ").replace("...", "…")
    tail = "[Fonts]\nfontname: a.ttf\n"
    text, wanted = (
        head + comment + faulty + drawing + tail,
        head + comment + mended + drawing + tail,
    )
    for ends in ("\n", "\r\n"):
        source = parse_source(text.replace("\n", ends), "ass", Path("a.ass"))
        assert fix_source(source, limits_for("en")) == wanted.replace("\n", ends)


def test_nothing_grows_into_a_cue_of_another_style_at_the_same_spot() -> None:
    """Players would show both, one above the other; a sign at the top is in nobody's way."""
    head = "[Script Info]\n\n[Events]\n"
    event = "Dialogue: 0,0:00:0{}.00,0:00:0{}.{},{},,0,0,0,,{}Good morning, my old friend.\n"
    for other, wanted in (("", "1.91"), ("{\\an8}", "2.40")):
        text = head + event.format(1, 1, 50, "A", "") + event.format(2, 4, "00", "B", other)
        source = parse_source(text, "ass", Path("a.ass"))
        assert f"0:00:01.00,0:00:0{wanted},A" in fix_source(source, limits_for("en"))


def test_nothing_stays_after_the_film() -> None:
    source = parse_source("1\n00:00:01,000 --> 00:00:01,200\nGood.\n", "srt", Path("a.srt"))
    assert "--> 00:00:01,500" in fix_source(source, limits_for("en"), film_end=1.5)


def test_empty_paragraphs_go_alone_and_a_picture_is_none() -> None:
    paragraph = '<p begin="1s" end="3s"{}>{}</p>'
    text = '<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{}</div></body></tt>'
    picture = paragraph.format(' xmlns:s="urn:s" s:backgroundImage="#i"', "")
    picture += picture.replace("></p>", "/>")
    image = paragraph.format("", '<image src="a.png"/>')
    empty = paragraph.format("", " <br/> ")
    empty += paragraph.format("", "").replace("></p>", "/>")
    source = parse_source(text.format(empty + picture + empty + image), "ttml", Path("a.ttml"))
    assert fix_source(source, limits_for("en")) == text.format(picture + image)
