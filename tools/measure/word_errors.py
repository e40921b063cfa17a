#!/usr/bin/env python3
"""
Measure word errors: our recognition beside the bare engine, same model, same run.

For every clip of a manifest it prints the word error rate of ours, of the bare engine with its own
VAD and without one, whether every word lies in its segment and off the pauses, and how far word
onsets are from the reference where there is one. Run it in the whisperx environment with pyannote
(for --vad pyannote) or without (--vad silero).

Usage:
    venv/common/bin/python tools/measure/word_errors.py --manifest clips.json \
        --cache-dir DIR [--json FILE]

The manifest is a JSON list of {"id", "path", "language", "reference_text"} and, if known,
"reference_words" (a file with a list of {"word", "start"}); paths are relative to the manifest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech import pyannote_integration, silero_integration  # noqa: E402
from scripts.speech.regions import detection_rules  # noqa: E402
from scripts.whisperx_integration import (  # noqa: E402
    DecodeOptions,
    Recogniser,
    load_model,
)
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from shared.transcript.records.schemas import (  # noqa: E402
    TIME_TOLERANCE,
    SpeechSegments,
    Transcript,
)
from tools.evaluation.words import rate, word_errors  # noqa: E402
from tools.measure.clips import load_audio, measured, onset_errors, read_clips  # noqa: E402


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line's options.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/word_errors.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("--manifest", type=named_path, required=True, help="JSON list of clips")
    parser.add_argument("--only", default="", help="comma-separated ids of the clips to measure")
    parser.add_argument("--model", default="base", help="size, hub name or folder (default: base)")
    parser.add_argument("--models-dir", type=named_path, default=PROJECT_ROOT / "models")
    parser.add_argument("--cache-dir", type=named_path, required=True, help="for exported weights")
    parser.add_argument("--vad", choices=("pyannote", "silero"), default="pyannote")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--max-gap", type=float, default=2.0, help="seconds between chunks")
    parser.add_argument("--word-pause", type=float, default=0.1, help="seconds")
    parser.add_argument("--min-silence", type=float, default=0.1, help="seconds")
    parser.add_argument("--pad", type=float, default=0.05, help="seconds")
    parser.add_argument("--no-bare", action="store_true", help="measure ours only")
    parser.add_argument("--detect", action="store_true", help="detect the language")
    parser.add_argument("--align", action="store_true", help="align the words again")
    parser.add_argument("--show", action="store_true", help="print what was heard")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    return parser.parse_args(arguments)


def find_speech(options: argparse.Namespace, audio: Any) -> SpeechSegments:
    """Return the speech regions of the chosen detector, with the pipeline's defaults.

    Args:
        options: Those of the command line, the detector among them.
        audio: Samples at 16 kHz, float32, shape (samples,).
    """
    config = PipelineConfig(vad_min_silence=options.min_silence, vad_pad=options.pad)
    rules, progress = detection_rules(config), lambda share: None
    if options.vad == "pyannote":
        return pyannote_integration.detect_speech(
            audio, rules, weights=None, cache_dir=options.cache_dir, progress=progress
        )
    return silero_integration.detect_speech(audio, rules, progress=progress)


def recognise(
    recogniser: Recogniser, options: argparse.Namespace, audio: Any, language: str
) -> tuple[Transcript, SpeechSegments]:
    """Return our transcript of a clip and the speech it was found in.

    Args:
        recogniser: A loaded model.
        options: Those of the command line.
        audio: Samples at 16 kHz, float32, shape (samples,).
        language: Of the clip, BCP-47.
    """
    speech = find_speech(options, audio)
    decode = DecodeOptions(
        language=None if options.detect else language,
        multilingual=False,
        beam_size=5,
        temperatures=(0.0, 0.2, 0.4, 0.6),
        chunk_length=28.0,
        max_gap=options.max_gap,
        context=0.2,
        max_pause=1.0,
        word_pause=options.word_pause,
        max_segment=15.0,
        carry_context=True,
    )
    transcript = recogniser.transcribe(audio, speech.regions, decode, progress=lambda share: None)
    if options.align:
        segments = recogniser.align(
            audio,
            transcript.segments,
            regions=speech.regions,
            context=0.2,
            max_pause=options.word_pause,
            progress=lambda share: None,
        )
        transcript = Transcript.model_validate(
            {**transcript.model_dump(), "segments": [one.model_dump() for one in segments]}
        )
    return transcript, speech


def bare(recogniser: Recogniser, audio: Any, language: str, vad: bool) -> str:
    """Return what the engine alone hears, with its own defaults.

    Args:
        recogniser: A loaded model; its engine is used directly.
        audio: Samples at 16 kHz, float32, shape (samples,).
        language: Of the clip, BCP-47.
        vad: Whether the engine's own detector of speech is on.
    """
    found, _ = recogniser.engine.transcribe(audio, language=language, beam_size=5, vad_filter=vad)
    return " ".join(one.text for one in found)


def misplaced_words(transcript: Transcript, speech: SpeechSegments) -> int:
    """Return how many words leave their segment, overlap, or cross 1 s without speech.

    Args:
        transcript: With the times of its words, seconds.
        speech: Where somebody speaks, seconds.
    """
    wrong = 0
    edges = [0.0]
    for region in speech.regions:
        edges += [region.start, region.end]
    edges.append(speech.audio_duration)
    pauses = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1.0]
    position = 0.0
    for segment in transcript.segments:
        for word in segment.words:
            crossed = any(
                word.start < b - TIME_TOLERANCE and word.end > a + TIME_TOLERANCE for a, b in pauses
            )
            outside = word.start < segment.start or word.end > segment.end
            wrong += (
                crossed
                or outside
                or word.start < position - TIME_TOLERANCE
                or word.end < word.start
            )
            position = word.end
    return wrong


def measure(
    recogniser: Recogniser, options: argparse.Namespace, clip: dict[str, Any]
) -> dict[str, Any]:
    """Return the figures of one clip.

    Args:
        recogniser: A loaded model.
        options: Those of the command line.
        clip: Its entry in the manifest.
    """
    audio = load_audio(Path(clip["path"]))
    began = time.monotonic()
    transcript, speech = recognise(recogniser, options, audio, clip["language"])
    figures: dict[str, Any] = {
        "id": clip["id"],
        "ours": rate(*word_errors(clip["reference_text"], _text(transcript))),
        "seconds": time.monotonic() - began,
        "language": transcript.language,
        "segments": len(transcript.segments),
        "quarantined": len(transcript.quarantined),
        "misplaced_words": misplaced_words(transcript, speech),
        "coverage": 100.0 * transcript.coverage.share if transcript.coverage else None,
        "regions": len(speech.regions),
    }
    if not options.no_bare:
        for name, vad in (("bare_vad", True), ("bare", False)):
            heard = bare(recogniser, audio, clip["language"], vad)
            figures[name] = rate(*word_errors(clip["reference_text"], heard))
    timed = [(word.text, word.start) for one in transcript.segments for word in one.words]
    errors = onset_errors(timed, clip.get("onsets", []))
    if errors:
        figures["onset_median_ms"] = statistics.median(abs(one) for one in errors)
        figures["onset_worst_ms"] = max(abs(one) for one in errors)
        figures["onset_bias_ms"] = statistics.median(errors)
    if options.show:
        show(transcript)
    return figures


def _text(transcript: Transcript) -> str:
    return " ".join(one.text for one in transcript.segments)


def show(transcript: Transcript) -> None:
    """Print what was heard and what was not believed.

    Args:
        transcript: What was recognised.
    """
    for segment in transcript.segments:
        print(
            f"    {segment.start:7.2f} {segment.end:7.2f} {segment.confidence:.2f} {segment.text}"
        )
    for lost in transcript.quarantined:
        print(f"  ? {lost.start:7.2f} {lost.end:7.2f} {lost.text} ({'; '.join(lost.evidence)})")
    for gap in transcript.regions_without_text:
        print(f"  - {gap.start:7.2f} {gap.end:7.2f} speech without text")


def row(figures: dict[str, Any]) -> str:
    """Return the figures of a clip as one line.

    Args:
        figures: Those of one clip.
    """

    def cell(name: str, width: int = 9) -> str:
        value = figures.get(name)
        text = "-" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)
        return text.rjust(width)

    columns = ("ours", "bare_vad", "bare", "segments", "quarantined", "misplaced_words")
    rest = ("coverage", "onset_median_ms", "onset_worst_ms", "seconds", "language")
    return str(figures["id"]).ljust(22) + "".join(cell(one) for one in columns + rest)


def measure_clips(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the figures of every clip; each is printed when it is done.

    Args:
        options: Those of the command line.
    """
    clips = read_clips(options.manifest, options.only)
    recogniser = load_model(
        require_model("whisper", options.model, options.models_dir),
        device=options.device,
        compute_type=options.compute_type,
        threads=options.threads,
    )
    print(
        "clip".ljust(22)
        + " WER ours bare+vad     bare segments quarant. misplaced cover %  onset ms  worst"
    )
    found = []
    for clip in clips:
        found.append(measure(recogniser, options, clip))
        print(row(found[-1]), flush=True)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure every clip and print a table; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    options = parse_arguments(arguments)
    return measured(lambda: measure_clips(options), options.json)


if __name__ == "__main__":
    sys.exit(ended(main))
