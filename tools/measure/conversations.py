#!/usr/bin/env python3
"""
Measure who speaks when, on conversations made of recordings of one speaker each.

Recordings are cut at their pauses into turns; each conversation takes some of the speakers, puts
their turns one after the other in a random order, lets some begin before the one in front has ended
(both speak), and may lay music under all. Who speaks when is known by construction, where by the
level of each recording. The same seed makes the same conversations.

Usage:
    venv/pyannote/bin/python tools/measure/conversations.py --music music.mp3 a.flac b.flac c.opus …
    … --speakers 2 --speakers 4 --count 4 --seed 1 --set DIARIZATION=embedding --json figures.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.runtime.audio_frames import quietest_moment  # noqa: E402
from shared.core.errors import InputError  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.transcript.records.schemas import TimeSpan  # noqa: E402
from shared.transcript.sound.speakers import SpeakerTurn  # noqa: E402
from tools.measure.clips import measured  # noqa: E402
from tools.measure.diarization import LEVEL_DB, RATE, measure, turns_of  # noqa: E402
from tools.measure.speech_detection import load_sound  # noqa: E402

# Seconds: a conversation's length, the shortest and longest turn, pauses between turns.
LENGTH = 75.0
SHORTEST_TURNS = (1.0, 4.0)
LONGEST_TURN = 8.0
PAUSES = (0.05, 0.8)
# So many of the turns begin while the one in front goes on, and for how many seconds.
OVERLAPPING = 0.3
OVERLAPS = (0.4, 1.5)
NOISE = 1e-4
# Music under speech, dB below it; every other conversation has none.
MUSIC_DB = 10.0
PARTS = ("der", "missed", "false", "confused")


@dataclass(frozen=True)
class Conversation:
    """What is heard, float32 at 16 kHz, shape (samples,), and who speaks when in it."""

    name: str
    sound: Any
    turns: list[SpeakerTurn]


def leveled(samples: Any, level_db: float) -> Any:
    """Return samples at a level, dB below full scale (RMS).

    Args:
        samples: float32, shape (samples,).
        level_db: Below 0; -20 is loud speech.
    """
    import numpy as np

    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return samples * np.float32(10 ** (level_db / 20) / max(level, 1e-6))


def shortened(samples: Any, spans: list[TimeSpan]) -> list[tuple[Any, list[TimeSpan]]]:
    """Return a turn in pieces that are not too long, cut where it is quietest.

    Args:
        samples: float32, 16 kHz, shape (samples,).
        spans: Where in it somebody speaks, seconds.
    """
    seconds = len(samples) / RATE
    if seconds <= LONGEST_TURN:
        return [(samples, spans)]
    cut = quietest_moment(samples, seconds / 3, 2 * seconds / 3)
    first = [TimeSpan(start=one.start, end=min(cut, one.end)) for one in spans if one.start < cut]
    second = [
        TimeSpan(start=max(0.0, one.start - cut), end=one.end - cut)
        for one in spans
        if one.end > cut
    ]
    place = int(cut * RATE)
    return shortened(samples[:place], first) + shortened(samples[place:], second)


def converse(recordings: dict[str, Any], chance: Any, music: Any) -> tuple[Any, list[SpeakerTurn]]:
    """Return a conversation of all the speakers given, and who speaks when.

    Args:
        recordings: Name of the speaker → float32, 16 kHz mono, shape (samples,).
        chance: A numpy random generator.
        music: What is laid under it, as a recording; None for nothing.
    """
    import numpy as np

    said = {}
    for name, samples in recordings.items():
        whole = leveled(samples, LEVEL_DB)
        least = float(chance.uniform(*SHORTEST_TURNS))
        turns = [part for turn in turns_of(whole, least) for part in shortened(*turn)]
        first = int(chance.integers(len(turns)))
        said[name] = cycle(turns[first:] + turns[:first])
    sound = NOISE * chance.standard_normal(int(RATE * (LENGTH + 60)))
    truth: list[SpeakerTurn] = []
    position, before, order = 0.5, "", sorted(said)
    while position < LENGTH:
        waiting = [one for one in order if one not in {turn.speaker for turn in truth}]
        name = str(chance.choice([one for one in waiting or order if one != before]))
        samples, spans = next(said[name])
        pause = float(chance.uniform(*PAUSES))
        if before and chance.random() < OVERLAPPING:
            spoken = truth[-1].end - truth[-1].start
            pause = -min(float(chance.uniform(*OVERLAPS)), spoken / 2, len(samples) / RATE / 2)
        start = position + pause
        first = int(start * RATE)
        sound[first : first + len(samples)] += samples
        truth += [
            SpeakerTurn(start=start + one.start, end=start + one.end, speaker=name) for one in spans
        ]
        position, before = max(position, start + len(samples) / RATE), name
    sound = sound[: int((position + 0.5) * RATE)]
    if music is not None:
        under = np.resize(leveled(music, LEVEL_DB - MUSIC_DB), len(sound))
        sound = sound + under
    return sound.astype(np.float32), truth


def conversations(
    recordings: dict[str, Any], *, speakers: int, count: int, seed: int, music: Any
) -> list[Conversation]:
    """Return conversations of some of the speakers, every other one over music.

    Args:
        recordings: Name of the speaker → float32, 16 kHz mono, shape (samples,).
        speakers: How many take part in each.
        count: How many conversations.
        seed: Another one makes others.
        music: As for converse.

    Raises:
        InputError: There are fewer recordings.
    """
    import numpy as np

    if len(recordings) < speakers:
        raise InputError(
            f"{len(recordings)} recordings, {speakers} speakers wanted", hint="Give more"
        )
    chance = np.random.default_rng([seed, speakers])
    made = []
    for number in range(count):
        chosen = [str(one) for one in chance.permutation(sorted(recordings))[:speakers]]
        under = music if number % 2 else None
        sound, turns = converse({one: recordings[one] for one in chosen}, chance, under)
        name = " + ".join(chosen) + (" over music" if under is not None else "")
        made.append(Conversation(name, sound, turns))
    return made


def measure_all(options: argparse.Namespace) -> dict[str, Any]:
    """Tell the speakers of all conversations apart, print and return the figures.

    Args:
        options: Those of the command line.
    """
    changes = {"DIARIZATION": "embedding"} | dict(one.split("=", 1) for one in options.settings)
    config = PipelineConfig.model_validate({k.lower(): v for k, v in changes.items()})
    recordings = {path.stem: load_sound(path, "auto") for path in options.recordings}
    music = load_sound(options.music, "auto") if options.music else None
    found: dict[str, Any] = {}
    for speakers in options.speakers or [2, 4]:
        rows = [
            measure(one.name, one.sound, one.turns, config, options.collar, options.ge2e)
            for one in conversations(
                recordings, speakers=speakers, count=options.count, seed=options.seed, music=music
            )
        ]
        found[f"{speakers} speakers"] = rows
        means = {part: mean(rows, part) for part in (*PARTS, "der_collar")}
        told = sum(row["found"] == row["speakers"] for row in rows)
        cells = ", ".join(f"{part} {value:.1f}" for part, value in means.items())
        print(f"{speakers} speakers, {len(rows)} conversations: {cells}; number right: {told}")
    return found


def mean(rows: Sequence[dict[str, Any]], part: str) -> float:
    """Return the mean of one figure over conversations, weighted by their length.

    Args:
        rows: From measure.
        part: Which figure.
    """
    return float(sum(row[part] * row["seconds"] for row in rows) / sum(r["seconds"] for r in rows))


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/conversations.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("recordings", type=named_path, nargs="+", help="one speaker a file")
    parser.add_argument("--music", type=named_path, help="laid under every other conversation")
    parser.add_argument("--speakers", type=int, action="append", help="how many (default 2 and 4)")
    parser.add_argument("--count", type=int, default=4, help="conversations of each size")
    parser.add_argument("--seed", type=int, default=1, help="another one makes others")
    parser.add_argument("--collar", type=float, default=0.25, help="seconds not judged at edges")
    parser.add_argument("--ge2e", action="store_true", help="by GE2E, as before CAM++")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    return measured(lambda: measure_all(options), options.json)


if __name__ == "__main__":
    sys.exit(ended(main))
