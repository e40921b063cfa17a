#!/usr/bin/env python3
"""
Measure glossary: whether telling the recogniser terms helps, and whether it does harm.

Every clip of a manifest is recognised without terms, with terms of another film (their words must
not appear, and word errors must not rise) and, where they are given, with terms of its own. The
terms go in as hotwords (before every window) or as the initial prompt (before the first). Run it
in the whisperx environment.

Usage:
    venv/common/bin/python tools/measure/glossary.py --manifest clips.json \
        --lengths 40,100,200 [--json FILE] [--related "en_sense=John Dashwood" \
        --related "de_0=Münchhausen,Adelaide"]

The manifest is that of tools/measure/word_errors.py.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech import silero_integration  # noqa: E402
from scripts.speech.regions import detection_rules  # noqa: E402
from scripts.whisper.recognition import decode_options  # noqa: E402
from scripts.whisperx_integration import (  # noqa: E402
    DecodeOptions,
    Recogniser,
    load_model,
)
from shared.core.errors import EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.files import read_json, write_json  # noqa: E402
from shared.core.ladder import Rung  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.glossary.records import RecognitionTerms  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from shared.transcript.records.schemas import SpeechRegion  # noqa: E402
from tools.evaluation.words import normalise, rate, word_errors  # noqa: E402
from tools.measure.clips import load_audio  # noqa: E402

# Names that none of the clips says.
UNRELATED = (
    "Gabbar Singh",
    "Veeru",
    "Basanti",
    "Thakur Baldev",
    "Ramgarh",
    "Mogambo",
    "Munna Bhai",
    "Raju Rastogi",
    "Phunsukh Wangdu",
    "Virus Sahastrabuddhe",
    "Bajirao",
    "Kashibai",
    "Mastani",
    "Shivgami",
    "Mahishmati",
    "Katappa",
)
WAYS = ("hotwords", "prompt")


@dataclass(frozen=True)
class Trial:
    """One way of telling terms: its name, what is told, the terms it is made of."""

    name: str
    way: str
    told: str
    terms: tuple[str, ...]


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's options.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/glossary.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("--manifest", type=named_path, required=True, help="JSON list of clips")
    parser.add_argument("--only", default="", help="comma-separated ids of the clips to measure")
    parser.add_argument("--model", default="base", help="size, hub name or folder (default: base)")
    parser.add_argument("--models-dir", type=named_path, default=PROJECT_ROOT / "models")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--lengths", default="40,100,200", help="characters of unrelated terms")
    parser.add_argument("--ways", default="hotwords", help=f"of {', '.join(WAYS)}, with commas")
    parser.add_argument("--related", action="append", default=[], help="ID=TERM,TERM of a clip")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    return parser.parse_args(arguments)


def trials(options: argparse.Namespace, related: tuple[str, ...]) -> list[Trial]:
    """Return what a clip is recognised with, without terms first.

    Args:
        options: Those of the command line.
        related: Terms that are spoken in the clip.
    """
    made = [Trial("none", "", "", ())]
    for way in options.ways.split(","):
        for length in options.lengths.split(","):
            told = RecognitionTerms(words=list(UNRELATED)).hotwords(int(length))
            made.append(Trial(f"{way} unrelated {length}", way, told, UNRELATED))
        if related:
            told = ", ".join(related)
            made.append(Trial(f"{way} related", way, told, related))
            words = [*UNRELATED[:6], *related, *UNRELATED[6:]]
            mixed = RecognitionTerms(words=words).hotwords(200)
            made.append(Trial(f"{way} related among others", way, mixed, related))
    return made


def trial_options(language: str, trial: Trial) -> DecodeOptions:
    """Return the pipeline's own settings with the terms of a trial.

    Args:
        language: Of the clip, BCP-47.
        trial: Which terms the recogniser is told, and how.
    """
    config = PipelineConfig(asr_initial_prompt=trial.told if trial.way == "prompt" else "")
    rung = Rung(chunk_length=config.asr_chunk_length)
    hotwords = trial.told if trial.way == "hotwords" else ""
    return decode_options(config, rung, language, hotwords)


def find_speech(audio: Any) -> list[SpeechRegion]:
    """Return the speech of a clip, by the detector that needs no environment of its own.

    Args:
        audio: Samples at 16 kHz, float32, shape (samples,).
    """
    rules = detection_rules(PipelineConfig())
    return silero_integration.detect_speech(audio, rules, progress=lambda share: None).regions


def measure(
    recogniser: Recogniser, clip: dict[str, Any], folder: Path, made: list[Trial]
) -> list[dict[str, Any]]:
    """Return the figures of one clip, one row a trial.

    Args:
        recogniser: A loaded model.
        clip: Its entry in the manifest.
        folder: Where the manifest and the clips lie.
        made: What the clip is recognised with, without terms first.
    """
    audio = load_audio(folder / clip["path"])
    regions = find_speech(audio)
    reference = set(normalise(clip["reference_text"]))
    rows = []
    for trial in made:
        began = time.monotonic()
        heard = recogniser.transcribe(
            audio, regions, trial_options(clip["language"], trial), progress=lambda share: None
        )
        text = " ".join(one.text for one in heard.segments)
        words = set(normalise(text))
        told = {word for term in trial.terms for word in normalise(term)}
        rows.append(
            {
                "clip": clip["id"],
                "trial": trial.name,
                "word_errors": rate(*word_errors(clip["reference_text"], text)),
                "invented": sorted((told & words) - reference),
                "found": sorted(told & words & reference),
                "quarantined": len(heard.quarantined),
                "seconds": time.monotonic() - began,
                "text": text,
            }
        )
        print(row(rows[-1]), flush=True)
    return rows


def row(figures: dict[str, Any]) -> str:
    """Return the figures of a trial as one line.

    Args:
        figures: Those of one clip and trial.
    """
    return (
        f"{figures['clip']:<22}{figures['trial']:<34}{figures['word_errors']:7.1f}"
        f"{figures['seconds']:7.1f}  found {', '.join(figures['found']) or '-'}"
        f"  invented {', '.join(figures['invented']) or '-'}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure every clip and print a table; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        InputError: The manifest cannot be read.
    """
    options = parse_arguments(arguments)
    related = dict(one.partition("=")[::2] for one in options.related)
    wanted = set(filter(None, options.only.split(",")))
    found: list[dict[str, Any]] = []
    try:
        clips = [one for one in read_json(options.manifest) if not wanted or one["id"] in wanted]
        recogniser = load_model(
            require_model("whisper", options.model, options.models_dir),
            device=options.device,
            compute_type=options.compute_type,
            threads=options.threads,
        )
        print(f"{'clip':<22}{'told':<34}{'WER %':>7}{'s':>7}")
        for clip in clips:
            own = tuple(filter(None, related.get(clip["id"], "").split(",")))
            found += measure(
                recogniser, clip, options.manifest.resolve().parent, trials(options, own)
            )
            if options.json:
                write_json(options.json, found)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{options.manifest} cannot be read: {error}") from error
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(ended(main))
