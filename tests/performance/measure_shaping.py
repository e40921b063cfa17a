#!/usr/bin/env python3
"""
Measure shaping: a film of two hours from timed words to cues, beside what else a stage does.

The words are drawn with a fixed seed from a small vocabulary; sentences, pauses, songs, two
speakers and a shot change every four seconds are as frequent as in a film. Processor seconds of
one core are told, and their ratio to parsing the transcript that the words come in, which tells
how a machine of another speed would do.

Usage:
    venv/common/bin/python tests/performance/measure_shaping.py [--words 20000] [--runs 3]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.subtitles.base.phrase import phrase_from_segment, phrase_from_text  # noqa: E402
from shared.subtitles.base.profiles import limits_for  # noqa: E402
from shared.subtitles.checking.lint import lint_cues  # noqa: E402
from shared.subtitles.shaping.shaping import shape_cues  # noqa: E402
from shared.transcript.records.schemas import Segment, Transcript, Word  # noqa: E402

TARGET_SECONDS = 3.0
SHOT_SECONDS = 4.1
SEED = 20
ENGLISH = (
    "I you the a house going to know that he she will not and but when morning everybody something "
    "with never really Peter in of it was there yesterday because captain harbour do"
).split()
HINDI = (
    "मैं तुम यह घर में है और लेकिन जब सुबह सब कुछ के साथ कभी नहीं सच पीटर का था वहाँ कल क्योंकि "
    "कप्तान बंदरगाह जानता हूँ कि वह आएगा को ने रहा बहुत"
).split()


def main() -> int:
    """Measure and print; return 1 when a track takes longer than three seconds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    slow = False
    for language, vocabulary in (("en", ENGLISH), ("hi", HINDI)):
        film = make_film(language, vocabulary, arguments.words)
        slow |= tell(film, language, arguments.runs)
    return 1 if slow else 0


def make_film(language: str, vocabulary: list[str], count: int) -> Transcript:
    """Return the transcript of a film of so many words.

    Args:
        language: BCP-47.
        vocabulary: Its words.
        count: How many words are said.
    """
    drawn = random.Random(SEED)
    segments: list[Segment] = []
    now, said = 1.0, 0
    while said < count:
        words: list[Word] = []
        for _ in range(drawn.randint(1, 18)):
            text = drawn.choice(vocabulary) + ("," if drawn.random() < 0.1 else "")
            length = 0.08 + 0.05 * len(text)
            words.append(Word(start=now, end=now + length, text=text))
            now += length + drawn.choice([0.0, 0.0, 0.0, 0.1])
        words[-1] = words[-1].model_copy(update={"text": words[-1].text.rstrip(",") + "."})
        segments.append(
            Segment(
                id=len(segments),
                start=words[0].start,
                end=words[-1].end,
                text=" ".join(word.text for word in words),
                confidence=0.9,
                language=language,
                words=words,
                speaker=drawn.choice(["SPEAKER_00", "SPEAKER_01"]),
                is_lyrics=drawn.random() < 0.03,
            )
        )
        said += len(words)
        now += drawn.choice([0.1, 0.3, 0.6, 1.0, 2.0, 4.0])
    return Transcript(
        language=language, engine="none", model="none", audio_duration=now, segments=segments
    )


def tell(film: Transcript, language: str, runs: int) -> bool:
    """Print how long the film takes; return whether that is too long.

    Args:
        film: Its transcript.
        language: BCP-47.
        runs: How often each part is measured; medians are told.
    """
    limits = limits_for(language, frame_rate="24")
    cuts = [SHOT_SECONDS * number for number in range(1, int(film.audio_duration / SHOT_SECONDS))]
    document = film.model_dump_json()
    phrases = [phrase_from_segment(segment) for segment in film.segments]
    translated = [
        phrase_from_text(one.text, one, speaker=one.speaker, source=one.words)
        for one in film.segments
    ]
    reading = seconds(partial(Transcript.model_validate_json, document), runs)
    print(f"\n{language}: {sum(len(one.words) for one in film.segments)} words", end="")
    print(f" in {film.audio_duration / 60:.0f} minutes; reading the transcript {reading:.2f} s")
    worst = 0.0
    for name, track in (("as spoken", phrases), ("translated", translated)):
        taken = seconds(partial(shape_cues, track, limits, cuts, film.audio_duration), runs)
        cues = shape_cues(track, limits, cuts, film.audio_duration)
        errors = sum(one.severity == "error" for one in lint_cues(cues, limits, cuts))
        print(f"  {name:<11} {taken:5.2f} s, {taken / reading:4.1f} x reading, ", end="")
        print(f"{film.audio_duration / taken:6.0f} x as fast as the film; ", end="")
        print(f"{len(cues)} cues, {errors} errors of the linter")
        worst = max(worst, taken)
    return worst > TARGET_SECONDS


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median processor seconds of one core.

    Args:
        work: What to measure.
        runs: How often.
    """
    taken = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
