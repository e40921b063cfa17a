#!/usr/bin/env python3
"""
Measure diarization: who speaks when, on clips in which that is known.

Either recordings of one speaker each are cut at their pauses and interleaved turn by turn (who
speaks is then known; where, by the sound's level and not by a detector), or a film comes with a
list of its lines. Without arguments the project's own spoken lines are interleaved. Run it in the
pyannote environment.

Usage:
    venv/pyannote/bin/python tools/measure/diarization.py
    venv/pyannote/bin/python tools/measure/diarization.py --speaker a.flac --speaker b.flac,b2.flac
    venv/pyannote/bin/python tools/measure/diarization.py --film film.mkv --lines events.json

The lines are a JSON list, or {"lines": list}, of {"speaker", "start", "end"}.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech.methods import LADDER, find_speech, tell_speakers, turns_by_ge2e  # noqa: E402
from shared.core.errors import InputError  # noqa: E402
from shared.core.paths import SPEECH_FIXTURES_DIR  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.transcript.records.schemas import SpeechRegion, TimeSpan  # noqa: E402
from shared.transcript.sound.speakers import SpeakerTurn, name_regions  # noqa: E402
from tools.measure.clips import measured  # noqa: E402
from tools.measure.speech_detection import load_sound  # noqa: E402

RATE = 16_000
FRAME = 320
# A pause of so many seconds may part two turns.
PAUSE = 0.25
# What is so far below loud speech, or so little above the recording's own noise, is a pause, dB.
QUIET_DB = 30.0
NOISE_DB = 6.0
LEVEL_DB = -24.0
ENGLISH_VOICES = (("en-01", "en-03", "en-05"), ("en-02", "en-04", "en-06"))


def stretches(audio: Any) -> list[TimeSpan]:
    """Return where a clean recording is louder than a pause.

    Args:
        audio: Samples at 16 kHz, float32, shape (samples,).
    """
    import numpy as np

    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME)
    level = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-10)
    noise, loud = np.percentile(level, (5, 95))
    found: list[TimeSpan] = []
    for index in np.flatnonzero(level > max(loud - QUIET_DB, noise + NOISE_DB)).tolist():
        start, end = index * FRAME / RATE, (index + 1) * FRAME / RATE
        if found and start - found[-1].end < PAUSE:
            found[-1] = TimeSpan(start=found[-1].start, end=end)
        else:
            found.append(TimeSpan(start=start, end=end))
    return [one for one in found if one.duration >= 0.1]


def turns_of(audio: Any, shortest: float) -> list[tuple[Any, list[TimeSpan]]]:
    """Cut a recording at pauses into turns: the samples and where in them somebody speaks.

    Args:
        audio: Samples at 16 kHz, float32, shape (samples,), of one speaker.
        shortest: Seconds; shorter turns are left out.

    Returns:
        Pieces, each with the spans in seconds in which it sounds.
    """
    groups: list[list[TimeSpan]] = []
    for span in stretches(audio):
        if groups and groups[-1][-1].end - groups[-1][0].start < shortest:
            groups[-1].append(span)
        else:
            groups.append([span])
    cut = []
    for group in groups:
        first, last = group[0].start, group[-1].end
        spans = [TimeSpan(start=one.start - first, end=one.end - first) for one in group]
        cut.append((audio[int(first * RATE) : int(last * RATE)], spans))
    return cut


def interleave(
    voices: list[list[Any]], gap: float, shortest: float
) -> tuple[Any, list[SpeakerTurn]]:
    """Return one conversation of several speakers and who speaks when in it.

    Args:
        voices: For each speaker, recordings: float32, 16 kHz mono.
        gap: Seconds of near silence between two turns.
        shortest: A turn is at least so long, seconds, where the recording allows.
    """
    import numpy as np

    noise = np.random.default_rng(3)
    queues = [[turn for one in many for turn in turns_of(one, shortest)] for many in voices]
    pieces, truth, position = [], [], 0.0
    for number in range(max(len(queue) for queue in queues)):
        for speaker, queue in enumerate(queues):
            if number >= len(queue):
                continue
            samples, spans = queue[number]
            level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
            pause = 1e-4 * noise.standard_normal(int(gap * RATE)).astype(np.float32)
            pieces += [samples * np.float32(10 ** (LEVEL_DB / 20) / level), pause]
            truth += [
                SpeakerTurn(
                    start=position + span.start, end=position + span.end, speaker=f"voice {speaker}"
                )
                for span in spans
            ]
            position += (len(samples) + len(pause)) / RATE
    return np.concatenate(pieces).astype(np.float32), truth


def annotation(spans: list[Any]) -> Any:
    """Return spans with speakers as pyannote's Annotation.

    Args:
        spans: Objects with start, end (seconds) and speaker.
    """
    from pyannote.core import Annotation, Segment

    made = Annotation()
    for number, span in enumerate(spans):
        if span.speaker and span.duration > 0:
            for place, name in enumerate((span.speaker, *span.others)):
                made[Segment(span.start, span.end), f"{number}-{place}"] = name
    return made


def error_rates(
    truth: list[SpeakerTurn], regions: list[SpeechRegion], duration: float, collar: float
) -> dict[str, float]:
    """Return the diarization error rate and its parts in percent of the speech.

    Args:
        truth: Who really speaks when.
        regions: Who was found to speak when.
        duration: Length of the clip, seconds.
        collar: Seconds around a change of speaker that are not judged.
    """
    from pyannote.core import Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    metric = DiarizationErrorRate(collar=2 * collar)
    whole = Timeline([Segment(0, duration)])
    parts = metric(annotation(truth), annotation(regions), uem=whole, detailed=True)
    names = {"missed detection": "missed", "false alarm": "false", "confusion": "confused"}
    shares = {short: 100 * parts[long] / parts["total"] for long, short in names.items()}
    return {"der": 100 * parts["diarization error rate"]} | shares


def measure(
    name: str,
    audio: Any,
    truth: list[SpeakerTurn],
    config: PipelineConfig,
    collar: float,
    by_ge2e: bool = False,
) -> dict[str, Any]:
    """Tell the speakers of one clip apart, print and return the figures.

    Args:
        name: What the clip is called in the table.
        audio: Samples at 16 kHz, float32, shape (samples,).
        truth: Who really speaks when.
        config: Which diarization, and its thresholds.
        collar: Seconds around a change of speaker that are not judged.
        by_ge2e: By GE2E alone, as where CAM++ has no package.
    """
    began = time.process_time()
    quiet: dict[str, Any] = {
        "warn": lambda text: print(text, file=sys.stderr),
        "progress": lambda share: None,
        "batch_size": LADDER[0].batch_size,
    }
    speech = find_speech(audio, config, weights=None, **quiet)
    began_telling = time.process_time()
    if by_ge2e:
        quiet.pop("warn")
        turns = turns_by_ge2e(audio, speech.regions, config, **quiet)
        found = speech.model_copy(update={"regions": name_regions(speech.regions, turns)})
    else:
        found = tell_speakers(audio, speech, config, **quiet)
    duration = len(audio) / RATE
    figures: dict[str, Any] = {
        "clip": name,
        "seconds": duration,
        "speakers": len({one.speaker for one in truth}),
        "found": len({one.speaker for one in found.regions}),
        "regions": len(found.regions),
        "detection_cpu": began_telling - began,
        "speakers_cpu": time.process_time() - began_telling,
    }
    figures |= error_rates(truth, found.regions, duration, 0.0)
    figures["der_collar"] = error_rates(truth, found.regions, duration, collar)["der"]
    cells = (f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items())
    print(", ".join(cells), flush=True)
    return figures


def read_lines(path: Path) -> list[SpeakerTurn]:
    """Return who speaks when in a film, from a list of its lines.

    Args:
        path: JSON: objects with start, end (seconds) and speaker.
    """
    found = json.loads(path.read_text(encoding="utf-8"))
    lines = found["lines"] if isinstance(found, dict) else found
    return [
        SpeakerTurn(start=one["start"], end=one["end"], speaker=one["speaker"]) for one in lines
    ]


def load_clip(options: argparse.Namespace) -> tuple[str, Any, list[SpeakerTurn]]:
    """Return the name, the sound and the truth of what is to be measured.

    Args:
        options: Those of the command line: a film, or recordings to join.

    Raises:
        InputError: A film without the list of its lines.
    """
    if options.film:
        if not options.lines:
            raise InputError("A film without its lines", hint="Give --lines FILE as well")
        return options.film.name, load_sound(options.film, "auto"), read_lines(options.lines)
    paths = [[Path(one) for one in many.split(",")] for many in options.speaker]
    if not paths:
        paths = [[SPEECH_FIXTURES_DIR / f"{one}.opus" for one in many] for many in ENGLISH_VOICES]
    voices = [[load_sound(path, "auto") for path in many] for many in paths]
    name = " + ".join(many[0].stem for many in paths)
    return (name, *interleave(voices, options.gap, options.turn))


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/diarization.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument(
        "--speaker", action="append", default=[], help="recordings of one speaker, comma-separated"
    )
    parser.add_argument("--film", type=named_path, help="a film whose lines are known")
    parser.add_argument("--lines", type=named_path, help="its lines, JSON")
    parser.add_argument("--gap", type=float, default=0.4, help="seconds between turns")
    parser.add_argument("--turn", type=float, default=2.0, help="least seconds of a turn")
    parser.add_argument("--collar", type=float, default=0.25, help="seconds not judged at edges")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    options = parser.parse_args(arguments)

    def figures() -> Any:
        changes = {"DIARIZATION": "embedding"} | dict(one.split("=", 1) for one in options.settings)
        config = PipelineConfig.model_validate({k.lower(): v for k, v in changes.items()})
        return measure(*load_clip(options), config, options.collar)

    return measured(figures, options.json)


if __name__ == "__main__":
    sys.exit(ended(main))
