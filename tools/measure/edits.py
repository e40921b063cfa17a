#!/usr/bin/env python3
"""
Edits: real-looking subtitle files, and what people, editors and converters do to them.

Usage:
    from tools.measure.edits import edited, subtitle_text

    edited(subtitle_text("srt", "en", chance), "srt", chance)
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Sequence

from shared.subtitles.base.clock import clock_time

FORMATS = ("srt", "vtt", "ass", "ttml")
LINES = {
    "en": "We leave at noon.|I waited at the station until the train had gone.|- Who is it?\n- Me.|"
    "♪ Down by the river ♪|(door slams)|[knocking]\n[Anna] Come in.|Mr. Grant paid 1,200 dollars.|"
    "MAN: Stop!\nWOMAN: Why?|No...|He said # 3 was\nthe best of them all.|I <3 you, {really}.|"
    "Well--|# we used to sing #|It is a very long line that nobody can read on one screen, I say.",
    "hi": "तुम इतने समय कहाँ थे?|- चलो।\n- नहीं।|डॉ. शर्मा कल आएँगे।|♪ चलो चलें हम ♪|(दरवाज़ा)|"
    "मैंने कल शाम को राम से स्टेशन पर बात की थी और वह घर गया।|क्या...|ठीक है।",
    "fr": "Ça a été décidé à l'école.|- Tu l'as vu ?\n- Non, pas aujourd'hui.|Nous partons à midi.|"
    "C'est le 2e essai, et le dernier de la saison, je vous le jure.|Oh...|«Bonjour», dit-il.",
    "ar": "مرحبا بك في بيتنا.|- كيف حالك؟\n- بخير.|\u202bإلى أين أنت ذاهب؟\u202c|"
    "\u200f- لا.\n\u200f- نعم.",
    "ja": "昨日の夜に駅前の喫茶店で彼女とばったり会った。|えっ...|- 本当？\n- うん。|（ドアの音）|はい。",
    "th": "ผมไม่เคยคิดเลยว่าวันหนึ่งเราจะได้กลับมา|ไปกันเถอะ|- ใช่\n- ไม่ใช่|สวัสดีครับ",
}
WRAPS = {
    "srt": ("{}", "{}", "{}", "<i>{}</i>", "{{\\an8}}{}", '<font color="#ffff00">{}</font>'),
    "vtt": ("{}", "{}", "{}", "<i>{}</i>", "<v Anna>{}</v>", "<c.yellow>{}</c>"),
    "ass": ("{}", "{}", "{}", "{{\\i1}}{}{{\\i0}}", "{{\\an8}}{}", "{{\\pos(400,200)}}{}"),
    "ttml": ("{}", "{}", "{}", "<span>{}</span>", '<span tts:fontStyle="italic">{}</span>'),
}
HEADS = {
    "srt": "",
    "vtt": "WEBVTT\nKind: captions\n\nNOTE by hand\n\n",
    "ass": "[Script Info]\nScriptType: v4.00+\nPlayResX: 1920\nPlayResY: 1080\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, "
    "Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, "
    "Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
    "Style: Default,Arial,60,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,0,"
    "2,10,10,10,1\nStyle: Sign,Arial,40,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,"
    "100,0,0,1,2,0,8,10,10,10,1\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, "
    "MarginR, MarginV, Effect, Text\nComment: 0,0:00:00.00,0:00:00.00,Default,,0,0,0,,by hand\n",
    "ttml": '<?xml version="1.0" encoding="UTF-8"?>\n<tt xmlns="http://www.w3.org/ns/ttml" '
    'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
    'xmlns:tts="http://www.w3.org/ns/ttml#styling" ttp:frameRate="{}" {}>\n<head><layout>'
    '<region xml:id="top"/><region xml:id="foot"/></layout></head>\n<body><div region="foot">\n',
}
TAILS = {"srt": "", "vtt": "", "ass": "", "ttml": "</div></body></tt>\n"}
Edit = Callable[[str, random.Random], str]


def subtitle_text(kind: str, language: str, chance: random.Random) -> str:
    """Return a file of 4 to 16 cues.

    Args:
        kind: One of FORMATS.
        language: Key of LINES.
        chance: Decides.
    """
    rate, multiplier = chance.choice((("25", ""), ("24", 'ttp:frameRateMultiplier="1000 1001"')))
    cues, at = [], chance.choice((0.0, 1.0, 3600.0))
    for number in range(1, chance.randint(4, 16)):
        at += chance.choice((0.04, 0.083, 0.2, 0.5, 1.0, 3.0))
        length = chance.choice((0.4, 0.9, 1.5, 2.0, 2.5, 3.2, 4.0, 7.5))
        text = chance.choice(LINES[language].split("|"))
        cues.append(_cue(kind, number, (at, at + length), text, chance))
        at += length if chance.random() < 0.85 else length / 2
    head = HEADS[kind].format(rate, multiplier) if kind == "ttml" else HEADS[kind]
    between = "\n" if kind in ("srt", "vtt") else ""
    return head + between.join(cues) + TAILS[kind]


def _cue(
    kind: str, number: int, times: tuple[float, float], text: str, chance: random.Random
) -> str:
    start, end = (clock_time(one) for one in times)
    wrap = chance.choice(WRAPS[kind])
    if kind == "srt":
        between = f"{start} --> {end}".replace(".", ",")
        return f"{number}\n{between}\n{wrap.format(text)}\n"
    if kind == "vtt":
        place = chance.choice(("", "", "", " line:0", " region:top", " align:start position:0%"))
        return f"{start} --> {end}{place}\n{wrap.format(html.escape(text, quote=False))}\n"
    if kind == "ass":
        style = chance.choice(("Default", "Default", "Default", "Sign"))
        text = wrap.format(text.replace("{", "(").replace("}", ")").replace("\n", "\\N"))
        return f"Dialogue: 0,{start[1:-1]},{end[1:-1]},{style},,0,0,0,,{text}\n"
    if chance.random() < 0.3:
        frames = [f"{one[:8]}:{int(float(one[8:]) * 23):02d}" for one in (start, end)]
        start, end = frames
    text = wrap.format(html.escape(text, quote=False).replace("\n", "<br/>"))
    region = chance.choice(("", "", "", ' region="top"'))
    return f'<p begin="{start}" end="{end}"{region}>{text}</p>\n'


def edited(text: str, kind: str, chance: random.Random) -> str:
    """Return a file after one to four edits.

    Args:
        text: Of the file.
        kind: One of FORMATS.
        chance: Decides.
    """
    own = {"ttml": EVERYWHERE, "ass": EVERYWHERE + LINES_MOVE}
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(own.get(kind, EVERYWHERE + LINES_MOVE + BLOCKS))(text, chance)
    return text


def _line(lines: Sequence[str], chance: random.Random, wanted: str = "") -> int:
    """Return a line that holds something, -1 where none does; heads stay as they are."""
    found = [n for n, line in enumerate(lines) if wanted in line and n > 1]
    return chance.choice(found) if found else -1


def _other_digit(text: str, chance: random.Random) -> str:
    digits = [m.start() for m in re.finditer(r"(?<=:)\d(?=\d)|(?<=[.,])\d", text)]
    if not digits:
        return text
    at = chance.choice(digits)
    return text[:at] + chance.choice("012345") + text[at + 1 :]


def _replace_once(old: str, new: str) -> Edit:
    def edit(text: str, chance: random.Random) -> str:
        places = [m.start() for m in re.finditer(re.escape(old), text)][1:]
        at = chance.choice(places) if places else -1
        return text if at < 0 else text[:at] + new + text[at + len(old) :]

    return edit


def _all(old: str, new: str) -> Edit:
    return lambda text, chance: text.replace(old, new)


def _drop_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = _line(lines, chance)
    return "\n".join(lines[:at] + lines[at + 1 :]) if at > 0 else text


def _twice(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = _line(lines, chance)
    return "\n".join(lines[: at + 1] + lines[at:]) if at > 0 else text


def _swap(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    one, other = _line(lines, chance), _line(lines, chance)
    if min(one, other) > 0:
        lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _stray(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = _line(lines, chance)
    word = chance.choice(("stray words", "1984", "", " ", "NOTE that", "- Yes.", "12:30 --> 13:00"))
    return "\n".join([*lines[:at], word, *lines[at:]]) if at > 0 else text


def _swap_blocks(text: str, chance: random.Random) -> str:
    blocks = text.split("\n\n")
    one, other = (chance.randrange(len(blocks)) for _ in range(2))
    if min(one, other) > 0:
        blocks[one], blocks[other] = blocks[other], blocks[one]
    return "\n\n".join(blocks)


def _twice_block(text: str, chance: random.Random) -> str:
    blocks = text.split("\n\n")
    at = chance.randrange(len(blocks))
    return "\n\n".join(blocks[: at + 1] + blocks[max(at, 1) :])


EVERYWHERE: tuple[Edit, ...] = (
    _other_digit,
    _other_digit,
    _other_digit,
    _replace_once(" ", "  "),
    _replace_once(".", "..."),
    _replace_once(".", " . . ."),
    _replace_once("-", "–"),
    _replace_once(" ", " - "),
    _replace_once("e", "é"),
    _replace_once(".", "?! "),
    _replace_once(" ", " \u200f"),
    _replace_once(" ", "\u00a0"),
    _all("\n", "\r\n"),
)
LINES_MOVE: tuple[Edit, ...] = (
    _drop_line,
    _twice,
    _swap,
    _stray,
    _all("\n", "\r\r\n"),
    _replace_once("\n", "\n\ufeff"),
    _replace_once("\n", " \n"),
)
BLOCKS: tuple[Edit, ...] = (
    _swap_blocks,
    _twice_block,
    _replace_once("\n\n", "\n"),
    _replace_once("\n", "\n\n"),
    _replace_once("-->", "->"),
    _replace_once("-->", "- ->"),
    _replace_once("<", "&lt;"),
    _replace_once(">", ""),
)
