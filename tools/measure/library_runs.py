#!/usr/bin/env python3
"""
Library runs: one measurement of one engine, alone in its process; tools/measure/libraries.py asks.

Prints one JSON object: wall and processor seconds, peak memory, and what was found.

Usage:
    venv/whisperx/bin/python tools/measure/library_runs.py '{"what": "start", "module": "torch"}'
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(PROJECT_ROOT)

from tools.measure.library_alignment import align, network, spans  # noqa: E402
from tools.measure.library_timing import Figures, timed  # noqa: E402


def main(argument: str) -> int:
    """Measure what a JSON object asks for; return the exit code.

    Args:
        argument: The object: `what` names the function here, the rest are its arguments.
    """
    warnings.simplefilter("ignore")
    asked = json.loads(argument)
    found = RUNS[asked.pop("what")](**asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({**found, "peak_mb": peak}))
    return 0


def start(module: str) -> Figures:
    """Import a module.

    Args:
        module: Its name.

    Returns:
        Seconds and CPU seconds of the import.
    """
    found: Figures = {}
    with timed(found, "import"):
        importlib.import_module(module)
    return found


def recognise(
    engine: str, clips: list[Figures], device: str, compute_type: str, batch_size: int, model: str
) -> Figures:
    """Recognise clips, by whisperx's own pipeline or by ours.

    Args:
        engine: whisperx or whisperx-batched.
        clips: With `path`, `language`.
        device: cpu or cuda.
        compute_type: For example int8.
        batch_size: Chunks at once.
        model: A Whisper model of the store.

    Returns:
        Seconds to load and for each clip, and the text.
    """
    from scripts.whisper.recognition import ENGINES
    from shared.models.store import require_model

    found: Figures = {"clips": {}}
    name = ENGINES[engine].replace("_setup", "_integration")
    if engine == "whisperx":
        name = "scripts.whisperx_integration"
    with timed(found, "load"):
        recogniser = importlib.import_module(name).load_model(
            require_model("whisper", model),
            device=device,
            compute_type=compute_type,
            threads=0,
            batch_size=batch_size,
        )
    for clip in clips:
        audio, regions = _speech(clip["path"])
        with timed(found, "work"):
            transcript = recogniser.transcribe(
                audio, regions, _options(clip["language"]), progress=lambda share: None
            )
        found["clips"][clip["id"]] = {
            "text": " ".join(one.text for one in transcript.segments),
            "words": [
                (one.text, one.start, one.end) for part in transcript.segments for one in part.words
            ],
            "coverage": transcript.coverage.share,
        }
    return found


def _options(language: str) -> Any:
    """Return the pipeline's defaults."""
    from scripts.whisper.engine import DecodeOptions

    return DecodeOptions(
        language=language,
        multilingual=False,
        beam_size=5,
        temperatures=(0.0, 0.2, 0.4, 0.6),
        chunk_length=28.0,
        max_gap=2.0,
        context=0.2,
        max_pause=1.0,
        max_segment=15.0,
    )


def _speech(path: str) -> tuple[Any, Any]:
    """Return the sound of a clip, and where Silero hears speech."""
    from scripts.speech.silero_integration import detect_speech
    from tools.measure.clips import load_audio

    audio = load_audio(Path(path)).copy()
    return audio, detect_speech(audio, _rules(), progress=lambda share: None).regions


def _rules() -> Any:
    """Return how regions are made: the pipeline's defaults."""
    from scripts.speech.regions import detection_rules
    from shared.core.settings import PipelineConfig

    return detection_rules(PipelineConfig())


def detect(engine: str, clips: list[Figures], device: str, cache: str) -> Figures:
    """Find speech, by pyannote.audio as whisperx uses it or by the network exported from it.

    Args:
        engine: pyannote or ours.
        clips: With `path`.
        device: cpu or cuda, for pyannote.
        cache: Folder of the exported network.

    Returns:
        Seconds to load and for each clip, and the stretches of speech.
    """
    from tools.measure.clips import load_audio

    found: Figures = {"clips": {}}
    with timed(found, "load"):
        spans = _detect_theirs(device) if engine == "pyannote" else _detect_ours(cache)
    for clip in clips:
        audio = load_audio(Path(clip["path"])).copy()
        with timed(found, "work"):
            found["clips"][clip["id"]] = {"spans": spans(audio)}
    return found


def _detect_theirs(device: str) -> Callable[[Any], list[tuple[float, float]]]:
    import torch
    from whisperx.vads.pyannote import Pyannote

    rules = {"vad_onset": 0.5, "vad_offset": 0.363, "chunk_size": 30}
    detector = Pyannote(torch.device(device), token=None, **rules)

    def spans(audio: Any) -> list[tuple[float, float]]:
        sound = {"waveform": Pyannote.preprocess_audio(audio), "sample_rate": 16000}
        merged = Pyannote.merge_chunks(detector(sound), 30, onset=0.5, offset=0.363)
        return [(a, b) for chunk in merged for a, b in chunk["segments"]]

    return spans


def _detect_ours(cache: str) -> Callable[[Any], list[tuple[float, float]]]:
    from scripts.speech.pyannote_integration import detect_speech, find_weights, open_network

    open_network(find_weights(None), Path(cache))

    def spans(audio: Any) -> list[tuple[float, float]]:
        found = detect_speech(
            audio, _rules(), weights=None, cache_dir=Path(cache), progress=lambda share: None
        )
        return [(one.start, one.end) for one in found.regions]

    return spans


RUNS: dict[str, Callable[..., Figures]] = {
    "start": start,
    "recognise": recognise,
    "align": align,
    "network": network,
    "spans": spans,
    "detect": detect,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
