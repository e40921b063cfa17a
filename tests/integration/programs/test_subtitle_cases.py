#!/usr/bin/env python3
"""
Tests of other people's files: small examples of kinds that went wrong in public, and what is right.

Each is linted and mended by tools/lint_subtitles.py; ffmpeg reads what was written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.media.shown_text import FfmpegReader
from shared.pipeline.run.command_line import run_command
from shared.subtitles.files.source import SourceFile, examine_source
from tools.lint_subtitles import main


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    `said`: rules that are found. `mended`: how lines of the old file are written in the new one;
    every other line stays. `left`: rules that are found in the new file.
    """

    name: str
    text: str
    said: tuple[str, ...] = ()
    mended: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()


def srt(*cues: str) -> str:
    """Return an SRT of cues of three seconds each, four seconds apart."""
    times = [(f"00:00:{4 * n + 1:02d},000", f"00:00:{4 * n + 4:02d},000") for n in range(len(cues))]
    return "\n".join(
        f"{n}\n{start} --> {end}\n{text}\n"
        for n, ((start, end), text) in enumerate(zip(times, cues, strict=True), 1)
    )


def timed(*cues: tuple[str, str, str]) -> str:
    """Return an SRT of cues with start, end (seconds and milliseconds) and text."""
    return "\n".join(
        f"{n}\n00:00:{start} --> 00:00:{end}\n{text}\n"
        for n, (start, end, text) in enumerate(cues, 1)
    )


LONG = "We stood in the rain until the last bus\nhad left, and nobody came for us."
ASS = """\
[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Italic, Alignment, MarginL, MarginR, MarginV
Style: Default,Arial,60,&H00FFFFFF,0,2,10,10,10
Style: Sign,Arial,40,&H00FFFFFF,0,8,10,10,10

[Events]
Format: {}
{}
"""
EVENT = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
TALK = "Dialogue: 0,0:00:01.00,0:00:06.00,Default,,0,0,0,," + LONG.replace("\n", "\\N")
OTHER_ORDER = ASS.format(
    "Start, End, Style, Layer, Actor, MarginL, MarginR, MarginV, Effect, Text",
    "Dialogue: 0:00:01.00,0:00:01.50,Default,0,,0,0,0,,Wait here, please...",
)
TTML = """\
<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {}>
<body><div>
{}
</div></body></tt>
"""
FILM_RATE = 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"'
ROLLING = """\
WEBVTT
Kind: captions

00:00.080 --> 00:02.300 align:start position:0%
\x20
now<00:00:00.400><c> we</c><00:00:00.700><c> knead</c>

00:02.300 --> 00:02.310 align:start position:0%
now we knead
\x20

00:02.310 --> 00:04.500 align:start position:0%
now we knead
the<00:02.700><c> dough</c>

00:04.500 --> 00:04.510 align:start position:0%
the dough
\x20
"""
KINDS = (
    Kind(
        "overlap.en.srt",
        timed(("01,000", "06,000", LONG), ("02,000", "05,000", "No.")),
        said=("overlap",),
        left=("overlap",),
    ),
    Kind(
        "small-overlap.en.srt",
        timed(("01,000", "03,040", "Good."), ("03,000", "05,000", "No.")),
        said=("overlap",),
        mended=(("00:00:01,000 --> 00:00:03,040", "00:00:01,000 --> 00:00:02,917"),),
    ),
    Kind("sign.en.srt", timed(("01,000", "06,000", LONG), ("02,000", "05,000", "{\\an8}[EXIT]"))),
    Kind(
        "sign.en.vtt",
        "WEBVTT\n\n00:01.000 --> 00:06.000\n" + LONG + "\n\n00:02.000 --> 00:05.000 line:0\nEXIT\n",
    ),
    *(
        Kind(f"sign-{n}.en.ass", ASS.format(EVENT, f"{TALK}\nDialogue: {event}EXIT"))
        for n, event in enumerate(
            (
                "0,0:00:02.00,0:00:05.00,Default,,0,0,0,,{\\pos(40,20)}",
                "0,0:00:02.00,0:00:05.00,Default,,0,0,0,,{\\an8}",
                "1,0:00:02.00,0:00:05.00,Default,,0,0,0,,",
                "0,0:00:02.00,0:00:05.00,Sign,,0,0,0,,",
                "0,0:00:02.00,0:00:05.00,Default,,0,0,300,,",
            )
        )
    ),
    Kind(
        "together.en.ass",
        ASS.format(EVENT, f"{TALK}\nDialogue: 0,0:00:02.00,0:00:05.00,Default,,0,0,0,,EXIT"),
        said=("overlap",),
        left=("overlap",),
    ),
    Kind(
        "sign.en.ttml",
        TTML.format(
            "",
            f'<p begin="1s" end="6s">{LONG.replace(chr(10), "<br/>")}</p>\n'
            '<p begin="2s" end="5s" region="top">EXIT</p>',
        ),
    ),
    Kind(
        "spaces.en.vtt",
        "WEBVTT\n\n00:01.000 --> 00:04.000\n \nUnder a line of spaces\n",
        said=("spacing",),
        mended=(("\n \n", "\n"),),
    ),
    Kind("rolling.en.vtt", ROLLING, said=("rolling",), left=("rolling",)),
    Kind(
        "names.en.vtt",
        "WEBVTT\n\nNOTE 00:01 --> 00:02\nnot now\n\n"
        "STYLES\n00:01.000 --> 00:03.000\nThe styles.\n\n"
        "NOTED\n00:04.000 --> 00:06.000\nI have noted it.\n",
    ),
    Kind(
        "film-rate.en.ttml",
        TTML.format(
            FILM_RATE,
            '<p begin="00:20:00:00" end="00:20:01:12">It needs more time than it has, I say.</p>\n'
            '<p begin="00:20:05:00" end="00:20:08:00">Stay... as you are.</p>',
        ),
        said=("reading-speed", "ellipsis"),
        mended=(("00:20:01:12", "00:20:01:22"), ("...", "…")),
    ),
    Kind(
        "drop.en.ttml",
        TTML.format(
            'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" '
            'ttp:dropMode="dropNTSC"',
            '<p begin="00:02:00;02" end="00:02:03;00">A semicolon.</p>\n'
            '<p begin="00:03:00;01" end="00:03:03;00">No such frame.</p>',
        ),
        said=("no-frame",),
        left=("no-frame",),
    ),
    Kind(
        "frame.en.ttml",
        TTML.format('ttp:frameRate="25"', '<p begin="00:00:01:25" end="00:00:04:10">No.</p>'),
        said=("no-frame",),
        left=("no-frame",),
    ),
    Kind(
        "film.en.itt",
        TTML.format(
            'ttp:timeBase="smpte" ttp:frameRate="24" ttp:frameRateMultiplier="999 1000"',
            '<p begin="01:00:01:00" end="01:00:02:00">A file for a shop, some more words.</p>',
        ),
        said=("reading-speed",),
        mended=(("01:00:02:00", "01:00:02:18"),),
    ),
    Kind(
        "speakers.he.srt",
        srt("\u200f-מה שלומך?\n\u200f-טוב, תודה.", "\u200f♪ שיר ישן ♪"),
        said=("speakers",),
        mended=(("\u200f-מה שלומך?", "\u200fמה שלומך?"),),
    ),
    Kind(
        "labels.en.sdh.srt",
        srt("MAN: Stop!\nWOMAN: Why?", "[bell]\n[Eva] Come.", "[rain]\n[wind]", ">> One.\n>> Two."),
    ),
    Kind(
        "sounds.en.sdh.srt",
        srt("MAN #1: (SIGHS)\nMAN #2: [laughs]", "- (GASPS)\n- (SCREAMS)"),
        said=("speakers", "brackets"),
        mended=(("- (GASPS)", "-[GASPS]"), ("- (SCREAMS)", "-[SCREAMS]")),
    ),
    Kind(
        "inside-word.en.srt",
        srt("I have never met such a well\n-known actor.", "It costs 5\n,000."),
    ),
    Kind(
        "join.zh.srt",
        srt("他说他明天早上\n要去北京。"),
        said=("one-line",),
        mended=(("他说他明天早上\n要去北京。", "他说他明天早上要去北京。"),),
    ),
    Kind("hash.en.srt", srt("# 7 in the charts.", "# 10 Downing Street.")),
    Kind("verses.en.srt", srt("<i>♪ Over the hill\nwe used to go ♪</i>", "♪ La la ♪\n♪ Lo lo ♪")),
    Kind(
        "width.ja.srt",
        timed(("01,000", "08,000", "今日は朝から雨が降っていて、家にいる。")),
        said=("line-length",),
        mended=(
            (
                "今日は朝から雨が降っていて、家にいる。",
                "今日は朝から雨が\n降っていて、家にいる。",
            ),
        ),
    ),
    Kind("dashes.fr.srt", srt("- Tu viens ?\n- Non, pas demain.")),
    Kind(
        "dashes.es.srt",
        srt("—¿Vienes?\n—No, mañana no."),
        said=("speakers",),
        mended=(("—¿Vienes?", "- ¿Vienes?"), ("—No, ", "- No, ")),
    ),
    Kind(
        "dashes.nl.srt",
        srt("-Kom je?\n-Nee, morgen niet."),
        said=("speakers",),
        mended=(("-Kom je?", "Kom je?"),),
    ),
    Kind(
        "twice-decoded.fr.srt",
        srt("Ã‰lise a dÃ©jÃ\u00a0 mangÃ©."),
        said=("decoded-wrongly",),
        left=("decoded-wrongly",),
    ),
    Kind(
        "swapped.en.srt",
        timed(("01,000", "03,000", "Good."), ("07,000", "05,000", "Swapped.")),
        said=("zero-length",),
        left=("zero-length",),
    ),
    Kind(
        "two-files.en.srt",
        "\ufeff"
        + timed(("01,000", "03,000", "One."))
        + "\n\ufeff1\n00:00:05,000 --> 00:00:07,000\nTwo.\n",
        said=("numbering",),
        mended=(("\ufeff1\n00:00:01", "1\n00:00:01"), ("\ufeff1\n00:00:05", "2\n00:00:05")),
    ),
    Kind("arrow.en.srt", srt("Route A --> B at 9:15")),
    Kind(
        "number-last.en.srt",
        "1\n00:00:01,000 --> 00:00:03,000\nIt was in the\nwinter of\n1947\n"
        "00:00:05,000 --> 00:00:07,000\nSnow fell.\n",
        said=("line-count", "line-break"),
        mended=(("It was in the\nwinter of\n1947\n", "It was in the winter of 1947\n\n2\n"),),
    ),
    Kind("no-tags.en.srt", srt("I <3 it > all", "{Laughs} really", "to <eva@example.org>")),
    Kind(
        "bilingual.en.srt",
        srt("Where are you?\nतुम कहाँ हो?"),
        said=("foreign-script",),
        left=("foreign-script",),
    ),
    Kind(
        "field-order.en.ass",
        OTHER_ORDER,
        said=("min-duration", "reading-speed", "ellipsis"),
        mended=(("0:00:01.50", "0:00:01.90"), ("...", "…")),
    ),
    Kind(
        "twice.en.srt",
        timed(("01,000", "03,000", "So it is."), ("01,000", "03,000", "So it is.")),
        said=("duplicate",),
        left=("duplicate",),
    ),
)


def rules(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the rules that a file breaks, each once, as the linter tells them."""
    capsys.readouterr()
    run_command(lambda: main([str(path), "--json"]))
    (found,) = json.loads(capsys.readouterr().out).values()
    return list(dict.fromkeys(one["rule"] for one in found))


def shown(source: SourceFile) -> list[tuple[float, str]]:
    """Return start and text of the cues as ffmpeg shows them, as far as it does; of TTML as we."""
    cues = FfmpegReader()(source) if source.format != "ttml" else source.cues
    cues = cues or []
    return sorted((round(cue.start, 2), cue.text) for cue in cues if cue.text.strip())


@pytest.mark.parametrize("kind", KINDS, ids=[one.name for one in KINDS])
def test_a_file_of_this_kind_is_judged_and_mended_rightly(
    kind: Kind, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = tmp_path / kind.name, tmp_path / f"new.{kind.name}"
    path.write_bytes(kind.text.encode("utf-8"))
    assert rules(path, capsys) == list(kind.said)
    main([str(path), "--fix", str(target)])
    wanted = kind.text.lstrip("\ufeff") if not kind.mended else kind.text
    for before, after in kind.mended:
        assert before in wanted
        wanted = wanted.replace(before, after)
    written = target.read_text(encoding="utf-8")
    assert [line for line in written.split("\n") if line] == [
        line for line in wanted.split("\n") if line
    ]
    assert rules(target, capsys) == list(kind.left)
    seen, before_that = (shown(examine_source(one)) for one in (target, path))
    assert [start for start, _ in seen][: len(before_that)] == [start for start, _ in before_that]


@pytest.mark.parametrize(
    ("name", "text", "encoding", "told"),
    [
        ("a.ru.srt", "Привет, как твои дела?", "cp1251", "CP1251"),
        ("a.ru.srt", "Привет, как твои дела, мой дорогой друг?", "koi8_r", "KOI8-R"),
        ("a.ar.srt", "مرحبا، كيف حالك اليوم؟", "cp1256", "CP1256"),
        ("a.el.srt", "Καλημέρα, τι κάνεις;", "cp1253", "CP1253"),
        ("a.fr.srt", "Ça a été décidé à l'école, je crois.", "cp1252", "CP1252"),
    ],
)
def test_the_hint_names_the_encoding_of_the_language(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str,
    encoding: str,
    told: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(srt(text).encode(encoding))
    assert run_command(lambda: main([str(path)])) == 2
    assert f"iconv -f {told} -t UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["« Oui », dit-il à l'«été».", "NÃO É»", "CAFÉ» À «", "Señor ¿qué?"]
)
def test_letters_with_accents_are_no_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "film.es.srt"
    path.write_text(srt(text), encoding="utf-8")
    assert "decoded-wrongly" not in rules(path, capsys)


def test_all_that_is_malformed_is_told_at_once_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = "00:00:01.000 --> 00:00:03.000\nGood.\n\n"
    path = tmp_path / "film.en.vtt"
    path.write_text(
        f"WEBVTT\n\n{good}00:04,000 --> 00:05,000\nlost\n\n00:06 -> 00:07\nx\n\n00:8 --> 9\ny\n"
    )
    assert main([str(path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        [f"{path}:6", "error malformed"],
        [f"{path}:9", "error text-outside"],
        [f"{path}:10", "error text-outside"],
        [f"{path}:12", "error malformed"],
        [f"{path}", "1 cue, 4 errors, 0 warnings (en)"],
    ]


def test_two_carriage_returns_and_a_line_feed_are_one_line_end(tmp_path: Path) -> None:
    path = tmp_path / "film.en.srt"
    path.write_bytes(srt("One\ntwo...", "Three.").replace("\n", "\r\r\n").encode())
    assert [cue.text for cue in examine_source(path).cues] == ["One\ntwo...", "Three."]
    main([str(path), "--fix", str(tmp_path / "new.en.srt")])
    assert (tmp_path / "new.en.srt").read_bytes() == srt("One two…", "Three.").replace(
        "\n", "\r\n"
    ).encode()
