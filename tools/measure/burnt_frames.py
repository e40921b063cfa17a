#!/usr/bin/env python3
"""
Burnt frames: one picture a language, with cues laid out and drawn as a film gets them, to look at.

Of each language a question with its answer, and a long sentence with a quotation, a number and a
foreign name: order of letters and lines, breaks, marks at the right end. All of them are tiled into
frames.png, in the order in which they are told.

Usage:
    venv/common/bin/python tools/measure/burnt_frames.py FOLDER [--languages ar,he,ja]
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

import ffmpeg  # noqa: E402

from shared.core.errors import EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path, usage_of  # noqa: E402
from shared.media.ffmpeg import file_output, generated_input, media_input, run_ffmpeg  # noqa: E402
from shared.media.mux.film import drawn_into  # noqa: E402
from shared.media.mux.plan import BurntIn  # noqa: E402
from shared.subtitles.base.cue import Cue  # noqa: E402
from shared.subtitles.base.phrase import Phrase, phrase_from_text  # noqa: E402
from shared.subtitles.base.profiles import limits_for  # noqa: E402
from shared.subtitles.files.dressing import dress_for_picture  # noqa: E402
from shared.subtitles.files.formats import Look, write_subtitles  # noqa: E402
from shared.subtitles.layout.tidy import tidy_cues, tidy_words  # noqa: E402
from shared.subtitles.shaping.shaping import shape_cues  # noqa: E402
from shared.transcript.records.schemas import Word  # noqa: E402

WIDTH, HEIGHT, COLUMNS, SECONDS = 640, 360, 3, 6.0
# Question, answer, and a sentence that takes two lines.
LINES = {
    "ar": (
        "هل رأيت أخي؟",
        "نعم، البارحة.",
        "قال الطبيب: «انتظروا 15 دقيقة»، ثم غادر مع السيد Smith إلى المطار.",
    ),
    "he": (
        "ראית את אחי?",
        "כן, אתמול.",
        'הרופא אמר: "חכו 15 דקות", ואז נסע עם מר Smith לשדה התעופה.',
    ),
    "hi": (
        "क्या तुमने मेरे भाई को देखा?",
        "हाँ, कल देखा था।",
        "डॉक्टर ने कहा, “15 मिनट रुकिए”, और फिर वह श्री Smith के साथ हवाई अड्डे चला गया।",
    ),
    "ta": (
        "என் சகோதரனைப் பார்த்தீர்களா?",
        "ஆமாம், நேற்று.",
        "மருத்துவர் “15 நிமிடம் காத்திருங்கள்” என்றார், பிறகு Smith உடன் விமான நிலையம் சென்றார்.",
    ),
    "th": (
        "คุณเห็นพี่ชายของฉันไหม",
        "เห็นเมื่อวานนี้",
        "หมอบอกว่า “รอ 15 นาที” แล้วเขาก็เดินทางไปสนามบินพร้อมกับคุณ Smith เมื่อคืนนี้",
    ),
    "ja": (
        "兄を見ましたか？",
        "ええ、昨日。",
        "医者は「15分待ってください」と言って、スミスさんと空港へ行きました。",
    ),
    "zh": (
        "你看见我哥哥了吗？",
        "看见了，昨天。",
        "医生说：“请等15分钟”，然后和史密斯先生一起去了机场，再也没有回来。",
    ),
    "ko": (
        "우리 형을 봤어요?",
        "네, 어제요.",
        "의사가 “15분만 기다리세요”라고 말하고 Smith 씨와 함께 공항으로 갔어요.",
    ),
}


def shaped(language: str) -> list[Cue]:
    """Return the cues of a language: two people in one, then the sentence.

    Args:
        language: One of LINES.
    """
    question, answer, sentence = LINES[language]
    spans = ((0.5, 2.0, question, "A"), (2.0, 3.5, answer, "B"), (8.0, 13.0, sentence, "A"))
    phrases: list[Phrase] = [
        phrase_from_text(text, Word(start=start, end=end, text=text), False, who, (), language)
        for start, end, text, who in spans
    ]
    limits = limits_for(language, frame_rate="25")
    return tidy_cues(shape_cues(tidy_words(phrases, limits), limits, [], 15.0), limits)


def draw(language: str, folder: Path) -> list[str]:
    """Draw the lower thirds of a language's frames; return the letters that no font here has.

    Args:
        language: One of LINES.
        folder: Where they are written: 'ar.0.png', 'ar.1.png'.
    """
    lacking: list[str] = []
    for number, cue in enumerate(shaped(language)):
        track = folder / f"{language}.ass"
        write_subtitles([Cue(0.0, SECONDS, cue.text)], track, Look(language=language))
        dressed = dress_for_picture(track.read_text("utf-8"), WIDTH, HEIGHT)
        track.write_text(dressed.text, encoding="utf-8")
        fonts = folder / "fonts"
        fonts.mkdir(exist_ok=True)
        for font in dressed.fonts:
            shutil.copyfile(font.path, fonts / font.path.name)
        colour = f"color=0x405060:s={WIDTH}x{HEIGHT}:r=1:d=2"
        picture = drawn_into(generated_input(colour), BurntIn(track, fonts))
        made = folder / f"{language}.{number}.png"
        shown = picture.filter("crop", w="iw", h="ih/3", x="0", y="ih*2/3")
        run_ffmpeg(file_output([shown], made, {"frames:v": "1"}), 60.0)
        lacking += dressed.lacking
    return lacking


def main(argv: list[str]) -> int:
    """Draw, tile and tell; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: There are no lines of a language.
    """
    parser = CommandParser(
        prog="tools/measure/burnt_frames.py",
        description="A picture of each language, with cues drawn as a film gets them.",
        examples=usage_of(__doc__),
    )
    parser.add_argument("folder", type=named_path, metavar="FOLDER", help="where to draw; is made")
    parser.add_argument("--languages", default=",".join(LINES), help="comma-separated")
    arguments = parser.parse_args(argv)
    wanted = arguments.languages.split(",")
    if unknown := [one for one in wanted if one not in LINES]:
        raise InputError(f"No lines for {', '.join(unknown)}", hint=f"There are {', '.join(LINES)}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for language in wanted:
        lacking = draw(language, arguments.folder)
        cues = " | ".join(cue.text.replace("\n", " / ") for cue in shaped(language))
        told = f"; no font has {' '.join(lacking)}" if lacking else ""
        sys.stdout.write(f"{language}: {cues}{told}\n")
    frames = [path for one in wanted for path in sorted(arguments.folder.glob(f"{one}.*.png"))]
    whole = ffmpeg.filter(
        [media_input(path, "png_pipe,image2") for path in frames],
        "xstack",
        inputs=len(frames),
        layout="|".join(
            f"{number % COLUMNS * WIDTH}_{number // COLUMNS * HEIGHT // 3}"
            for number in range(len(frames))
        ),
        fill="black",
    )
    run_ffmpeg(file_output([whole], arguments.folder / "frames.png", {"frames:v": "1"}), 60.0)
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(lambda: main(sys.argv[1:])))
