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
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(PROJECT_ROOT)

Figures = dict[str, Any]
Span = tuple[str, float, float]
CTC_RUNG_SECONDS = 30.0


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


@contextmanager
def timed(found: Figures, name: str) -> Iterator[None]:
    """Add the wall and processor seconds of what is done inside.

    Args:
        found: Where to.
        name: What they are called.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    found[f"{name}_s"] = found.get(f"{name}_s", 0.0) + time.perf_counter() - wall
    found[f"{name}_cpu_s"] = found.get(f"{name}_cpu_s", 0.0) + time.process_time() - cpu


def start(module: str) -> Figures:
    """Import a module.

    Args:
        module: Its name.
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
    from tools.measure.word_errors import load_audio

    audio = load_audio(Path(path)).copy()
    return audio, detect_speech(audio, **_detection()).regions


def _detection() -> Figures:
    """Return the options of speech detection: the pipeline's defaults."""
    return {
        "weights": None,
        "onset": 0.5,
        "offset": 0.363,
        "min_speech": 0.1,
        "min_silence": 0.1,
        "pad": 0.05,
        "max_speech": 12.0,
        "floor_db": -70.0,
        "progress": lambda share: None,
    }


def align(
    engine: str, clips: list[Figures], device: str, folder: str, batch_size: int = 1
) -> Figures:
    """Time the words of given texts, by whisperx.alignment or by ours.

    Args:
        engine: whisperx or ours.
        clips: With `path`, `language` and `lines`: start, end (seconds), text.
        device: cpu or cuda.
        folder: A Wav2Vec2ForCTC model.
        batch_size: Lines at once; whisperx has no batch.
    """
    from tools.measure.word_errors import load_audio

    found: Figures = {"clips": {}}
    with timed(found, "load"):
        times = (
            _align_theirs(folder, device)
            if engine == "whisperx"
            else _align_ours(folder, device, batch_size)
        )
    for clip in clips:
        audio = load_audio(Path(clip["path"])).copy()
        with timed(found, "work"):
            found["clips"][clip["id"]] = {"words": times(audio, clip["lines"], clip["language"])}
    return found


def _align_theirs(folder: str, device: str) -> Callable[..., list[Span]]:
    """Return whisperx's alignment. It splits sentences with data of NLTK's, where they are."""
    import nltk
    import whisperx.alignment as theirs

    try:
        nltk.data.find("tokenizers/punkt_tab")
    except LookupError:
        # whisperx would fetch them from GitHub and fail without; they do not touch the times.
        theirs.nltk_load = lambda name: nltk.tokenize.punkt.PunktSentenceTokenizer()
    model, metadata = theirs.load_align_model("en", device, model_name=folder)

    def times(audio: Any, lines: list[Any], language: str) -> list[Span]:
        segments = [{"start": a, "end": b, "text": text} for a, b, text in lines]
        metadata["language"] = language
        words = theirs.align(segments, model, metadata, audio, device)["word_segments"]
        return [(w["word"], w.get("start", -1.0), w.get("end", -1.0)) for w in words]

    return times


def _align_ours(folder: str, device: str, batch_size: int) -> Callable[..., list[Span]]:
    """Return our alignment."""
    import torchaudio.models  # noqa: F401  # the import belongs to the loading

    from scripts.alignment.wav2vec2_integration import Passage, align_wav2vec2
    from shared.core.ladder import Rung
    from shared.transcript.records.schemas import Segment

    def times(audio: Any, lines: list[Any], language: str) -> list[Span]:
        segments = [
            Segment(id=n, start=a, end=b, text=text, confidence=1.0, language=language)
            for n, (a, b, text) in enumerate(lines)
        ]
        aligned = align_wav2vec2(
            audio,
            [Passage(one, one.start, one.end) for one in segments],
            Path(folder),
            source="wav2vec2",
            rung=Rung(device, "", batch_size, CTC_RUNG_SECONDS),
            threads=0,
            regions=[],
            max_pause=1.0,
            progress=lambda share: None,
        )
        return [(w.text, w.start, w.end) for one in aligned.values() for w in one.words]

    return times


def spans(engine: str, seconds: float, letters: float = 12.0, misheard: float = 0.1) -> Figures:
    """Find letters in made-up frames, each a sure one of a known letter but some pure noise.

    Args:
        engine: whisperx or ours.
        seconds: Length, at 50 frames a second.
        letters: How many a second.
        misheard: Share of the frames that are noise.
    """
    import numpy as np
    import torch

    rng = np.random.default_rng(3)
    frames, count = int(50 * seconds), int(letters * seconds)
    places = np.sort(rng.choice(np.arange(0, frames, 2), count, replace=False))
    labels = rng.integers(1, 32, count)
    logits = rng.normal(0, 1.5, (frames, 32))
    logits[np.arange(frames), 0] += 8.0
    logits[places, 0] -= 8.0
    logits[places, labels] += 8.0
    noisy = rng.random(frames) < misheard
    logits[noisy] = rng.normal(0, 3.0, (noisy.sum(), 32))
    emission = torch.log_softmax(torch.tensor(logits, dtype=torch.float32), dim=-1)
    find = _spans_theirs if engine == "whisperx" else _spans_ours
    with timed(found := {}, "load"):
        find(emission[:50], [1, 2])
    with timed(found, "work"):
        firsts = find(emission, labels.tolist())
    apart = np.abs(np.array(firsts) - places)
    return {
        **found,
        "letters": count,
        "in_place_percent": 100.0 * float((apart == 0).mean()),
        "mean_error_ms": 20.0 * float(apart.mean()),
    }


def _spans_theirs(emission: Any, labels: list[int]) -> list[int]:
    from whisperx.alignment import backtrack, get_trellis, merge_repeats

    path = backtrack(get_trellis(emission, labels), emission, labels)
    return [one.start for one in merge_repeats(path, "x" * len(labels))]


def _spans_ours(emission: Any, labels: list[int]) -> list[int]:
    from scripts.alignment.ctc_alignment import align_labels

    return [one.first for one in align_labels(emission.numpy(), labels, blank=0)]


def network(engine: str, folder: str, device: str, seconds: float = 20.0) -> Figures:
    """Hear the same noise with a CTC network, by transformers or by ours.

    Args:
        engine: transformers or ours.
        folder: A Wav2Vec2ForCTC model.
        device: cpu or cuda.
        seconds: Length of the noise.
    """
    import numpy as np

    noise = np.random.default_rng(1).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)
    found: Figures = {}
    with timed(found, "load"):
        if engine == "transformers":
            import torch
            from transformers import Wav2Vec2ForCTC

            module = Wav2Vec2ForCTC.from_pretrained(folder).to(device).eval()
        else:
            from scripts.alignment.wav2vec2_model import load_network

            ours = load_network(Path(folder), device=device, threads=0, romanised=False)
    with timed(found, "work"):
        if engine == "transformers":
            with torch.inference_mode():
                logits = module(torch.from_numpy(noise)[None].to(device)).logits[0]
            scores = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
        else:
            scores = ours.log_probs([noise])[0][:, :-1]
    found["scores"] = np.round(scores[::10].astype(float), 6).tolist()
    return found


def detect(engine: str, clips: list[Figures], device: str, cache: str) -> Figures:
    """Find speech, by pyannote.audio as whisperx uses it or by the network exported from it.

    Args:
        engine: pyannote or ours.
        clips: With `path`.
        device: cpu or cuda, for pyannote.
        cache: Folder of the exported network.
    """
    from tools.measure.word_errors import load_audio

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
        found = detect_speech(audio, cache_dir=Path(cache), **_detection())
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
