#!/usr/bin/env python3
"""
Library alignment: measurements of whisperx.alignment and transformers beside our alignment.

Run by tools/measure/library_runs.py, one in a process.

Usage:
    from tools.measure.library_alignment import align, network, spans
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.measure.library_timing import Figures, timed

Span = tuple[str, float, float]
CTC_RUNG_SECONDS = 30.0


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

    Returns:
        Seconds to load and for each clip, and the timed words.
    """
    from tools.measure.clips import load_audio

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

    from scripts.alignment.wav2vec2_integration import AlignmentRequest, align_wav2vec2
    from shared.core.ladder import Rung
    from shared.transcript.records.schemas import Segment

    def times(audio: Any, lines: list[Any], language: str) -> list[Span]:
        segments = [
            Segment(id=n, start=a, end=b, text=text, confidence=1.0, language=language)
            for n, (a, b, text) in enumerate(lines)
        ]
        aligned = align_wav2vec2(
            audio,
            [AlignmentRequest(one, one.start, one.end) for one in segments],
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

    Returns:
        Seconds, and how far the letters were found from where they are.
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
    found: Figures = {}
    with timed(found, "load"):
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

    Returns:
        Seconds to load and to hear, and what was heard.
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
