#!/usr/bin/env python3
"""
Measure speech detection: is every spoken word of known clips inside a speech region?

Words with reference times are judged strictly: the longest stretch of a word that no region covers.
A cue is judged at its ends (captions may come early: compare the detectors before you believe one)
and, with --align, by its words as Whisper's attention times them; those times are rough beside
pauses, so that such a word counts as lost only by its distance to the nearest region. Clips with a
text alone are judged by --align only. Run it in the pyannote environment.

Usage:
    venv/pyannote/bin/python tools/measure/speech_detection.py --manifest clips.json
        [--engine pyannote,silero] [--align models/whisper-base] [--set VAD_PAD=0.1]

The manifest is a JSON list of {"id", "path", "language"} and, where known, "reference_text",
"reference_srt", "reference_words" (a list of {"w" or "word", "start", "end"}) and
"reference_events" ({"non_dialogue": [[kind, start, end], …]}); paths are relative to it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech.methods import LADDER, find_speech, segmentation_weights  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.media.audio import SPEECH_FORMAT, SoundOutput, extract_audio  # noqa: E402
from shared.media.centre import centre_channel  # noqa: E402
from shared.media.probe import probe_media  # noqa: E402
from shared.media.separation import choose_separation  # noqa: E402
from shared.media.speech_audio import SpeechAudio  # noqa: E402
from shared.media.tracks.choice import choose_audio_stream  # noqa: E402
from shared.transcript.records.schemas import Segment, SpeechRegion, TimeSpan  # noqa: E402
from shared.transcript.sound.speech import uncovered  # noqa: E402
from tools.measure.clips import measured  # noqa: E402

SAMPLE_RATE = 16_000
TOLERANCE = 0.2
FFMPEG_SECONDS = 600.0


@dataclass
class Reference:
    """What is known of a clip: words with times, cues, stretches in which nobody speaks."""

    words: list[TimeSpan] = field(default_factory=list)
    cues: list[tuple[TimeSpan, str]] = field(default_factory=list)
    quiet: list[tuple[str, TimeSpan]] = field(default_factory=list)


def load_sound(path: Path, language: str) -> Any:
    """Return what the pipeline would listen to: float32, 16 kHz mono, of 5.1 the centre channel.

    Args:
        path: The clip.
        language: Its language, which chooses among several audio tracks.
    """
    stream, _ = choose_audio_stream(probe_media(path), language, None)
    centre = choose_separation("auto", stream).method == "center"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "audio.wav"
        extract_audio(
            path,
            stream.index,
            None,
            [SoundOutput(target, SPEECH_FORMAT, SAMPLE_RATE, centre_channel if centre else None)],
            FFMPEG_SECONDS,
        )
        return SpeechAudio(target)[:]


def read_reference(clip: dict[str, Any], folder: Path, duration: float) -> Reference:
    """Return what the manifest knows of a clip.

    Args:
        clip: Its entry in the manifest.
        folder: Where the manifest and the clips lie.
        duration: Length of the clip, seconds.
    """
    import pysubs2

    known = Reference()
    if clip.get("reference_words"):
        found = json.loads((folder / clip["reference_words"]).read_text(encoding="utf-8"))
        words = found["words"] if isinstance(found, dict) else found
        known.words = [TimeSpan(start=word["start"], end=word["end"]) for word in words]
    if clip.get("reference_srt"):
        for event in pysubs2.load(str(folder / clip["reference_srt"])):
            span = TimeSpan(start=event.start / 1000, end=min(duration, event.end / 1000))
            known.cues.append((span, event.plaintext))
    if clip.get("reference_events"):
        events = json.loads((folder / clip["reference_events"]).read_text(encoding="utf-8"))
        for kind, start, end, *_ in events["non_dialogue"]:
            known.quiet.append((kind, TimeSpan(start=start, end=end)))
    elif not clip.get("reference_text"):
        known.quiet.append(("all", TimeSpan(start=0, end=duration)))
    return known


def outside(word: TimeSpan, regions: list[SpeechRegion]) -> float:
    """Return the longest stretch of a word that no region covers, seconds.

    Args:
        word: Start and end in seconds.
        regions: Speech that a detector found, in order.
    """
    cover = [one for one in regions if one.end > word.start and one.start < word.end]
    whole = SpeechRegion(start=word.start, end=word.end, score=1.0)
    return max((gap.duration for gap in uncovered([whole], cover, min_length=0.0)), default=0.0)


def distance(word: TimeSpan, regions: list[SpeechRegion]) -> float:
    """Return how far a word lies from the nearest region, seconds; 0 where they touch.

    Args:
        word: Start and end in seconds.
        regions: Speech that a detector found, in order.
    """
    return min(
        (max(0.0, one.start - word.end, word.start - one.end) for one in regions),
        default=float("inf"),
    )


def edges(cue: TimeSpan, regions: list[SpeechRegion]) -> tuple[float, float] | None:
    """Return how much of a cue's head and tail no region covers, seconds; None: the whole cue.

    Args:
        cue: Start and end in seconds.
        regions: Speech that a detector found, in order.
    """
    inside = [one for one in regions if one.end > cue.start and one.start < cue.end]
    if not inside:
        return None
    return max(0.0, inside[0].start - cue.start), max(0.0, cue.end - inside[-1].end)


def time_words(
    recogniser: Any, audio: Any, language: str, cues: list[tuple[TimeSpan, str]]
) -> list[TimeSpan]:
    """Return the words of the cues, timed by Whisper's attention inside their cue.

    Args:
        recogniser: A loaded model.
        audio: Samples at 16 kHz, float32, shape (samples,).
        language: Of the clip, BCP-47.
        cues: Span in seconds and text of each.
    """
    segments = [
        Segment(
            id=number, start=span.start, end=span.end, text=text, confidence=1.0, language=language
        )
        for number, (span, text) in enumerate(cues)
    ]
    aligned = recogniser.align(
        audio, segments, regions=[], context=0.2, max_pause=0.1, progress=lambda share: None
    )
    return [word for segment in aligned for word in segment.words]


def judge(
    known: Reference, timed: list[TimeSpan], regions: list[SpeechRegion], tolerance: float
) -> dict[str, Any]:
    """Return the figures of one clip and one detector.

    Args:
        known: What the manifest knows of the clip.
        timed: The words with their times in seconds.
        regions: Speech that the detector found.
        tolerance: Seconds that a word may stand outside.
    """
    strict = [outside(word, regions) for word in known.words]
    rough = [distance(word, regions) for word in timed]
    ends = [edges(span, regions) for span, _ in known.cues]
    spoken = sum(one.duration for one in regions)
    figures: dict[str, Any] = {"regions": len(regions), "speech": spoken}
    if strict:
        figures |= {"words": len(strict), "worst": max(strict)}
        figures["outside"] = sum(one > tolerance for one in strict)
    if rough:
        figures |= {"timed": len(rough), "timed_worst": max(rough)}
        figures["lost"] = sum(one > tolerance for one in rough)
    if ends:
        figures["cues_lost"] = ends.count(None)
        figures["head"] = max((one[0] for one in ends if one), default=0.0)
        figures["tail"] = max((one[1] for one in ends if one), default=0.0)
    for kind, span in known.quiet:
        free = uncovered([SpeechRegion(**span.model_dump(), score=1.0)], regions, min_length=0.0)
        heard = span.duration - sum(one.duration for one in free)
        figures[f"in_{kind}"] = figures.get(f"in_{kind}", 0.0) + heard
    return figures


def measure(options: argparse.Namespace, config: PipelineConfig, clips: list[Any]) -> list[Any]:
    """Measure every clip with every detector, printing as it goes; return the figures.

    Args:
        options: Those of the command line.
        config: The detectors' thresholds.
        clips: Entries of the manifest.
    """
    folder = options.manifest.resolve().parent
    recogniser = None
    if options.align:
        from scripts.whisperx_integration import load_model

        recogniser = load_model(options.align, device="cpu", compute_type="int8", threads=0)
    found = []
    for clip in clips:
        audio = load_sound(folder / clip["path"], clip["language"])
        whole = TimeSpan(start=0, end=len(audio) / SAMPLE_RATE)
        known = read_reference(clip, folder, whole.end)
        cues = known.cues or [(whole, clip["reference_text"])] * bool(clip.get("reference_text"))
        timed = []
        if recogniser and not known.words:
            timed = time_words(recogniser, audio, clip["language"], cues)
        for engine in options.engine.split(","):
            chosen = config.model_copy(update={"vad_engine": engine})
            speech = find_speech(
                audio,
                chosen,
                weights=segmentation_weights(config.vad_weights),
                batch_size=LADDER[0].batch_size,
                warn=lambda text: print(text, file=sys.stderr),
                progress=lambda share: None,
            )
            figures = judge(known, timed, speech.regions, options.tolerance)
            found.append({"id": clip["id"], "engine": speech.engine} | figures)
            print(row(found[-1]), flush=True)
    return found


def row(figures: dict[str, Any]) -> str:
    """Return the figures of a clip as one line.

    Args:
        figures: Those of one clip and detector.
    """
    rest = {name: value for name, value in figures.items() if name not in ("id", "engine")}
    if not {"words", "timed", "head"} & set(rest) and not any(n.startswith("in_") for n in rest):
        rest["skipped"] = "a text without times; use --align"
    cells = [
        f"{name} {value:.2f}" if isinstance(value, float) else f"{name} {value}"
        for name, value in rest.items()
    ]
    return f"{figures['id']:<22}{figures['engine']:<10}" + ", ".join(cells)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/speech_detection.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("--manifest", type=named_path, required=True, help="JSON list of clips")
    parser.add_argument("--only", default="", help="comma-separated ids of the clips to measure")
    parser.add_argument("--engine", default="pyannote,silero", help="detectors, comma-separated")
    parser.add_argument(
        "--align", type=named_path, help="Whisper model folder: time the words of cues"
    )
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="seconds")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    options = parser.parse_args(arguments)

    def figures() -> list[dict[str, Any]]:
        changes = dict(one.split("=", 1) for one in options.settings)
        config = PipelineConfig(**{key.lower(): value for key, value in changes.items()})
        clips = json.loads(options.manifest.read_text(encoding="utf-8"))
        wanted = set(filter(None, options.only.split(",")))
        return measure(options, config, [c for c in clips if not wanted or c["id"] in wanted])

    return measured(figures, options.json)


if __name__ == "__main__":
    sys.exit(ended(main))
