#!/usr/bin/env python3
"""
WhisperX batched: recognition by the pipeline of the library whisperx itself.

The only place that imports whisperx.asr (5 s and 0.9 GB). The
pipeline packs the speech found before into windows of up to 30 s and decodes many of them at once,
each once, as text without times: the same model's attention times its words, which are then judged
as any engine's, and speech without text is heard again.

Usage:
    from scripts.whisper.whisperx_batched_integration import load_model

    recogniser = load_model(
        folder, device="cuda", compute_type="float16", threads=0, name="base", batch_size=8
    )
    transcript = recogniser.transcribe(audio, regions, options, progress=show)
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from scripts.whisper.attention import align_by_attention
from scripts.whisper.decode import Chunk
from scripts.whisper.engine import DecodeOptions
from scripts.whisper.language import engine_code, language_runs
from scripts.whisper.recogniser import Progress
from scripts.whisper.second_pass import run_second_pass
from scripts.whisperx_integration import FasterWhisper, Recogniser
from scripts.whisperx_integration import load_model as load_faster_whisper
from shared.transcript.recognition.sentences import Utterance, regroup
from shared.transcript.recognition.transcribed import TranscriptBuilder
from shared.transcript.recognition.words import tokens_of_text
from shared.transcript.records.schemas import Segment, SpeechRegion

# Of the work, by time: the pipeline, then the times of the words; the rest is heard again.
DECODED, TIMED = 0.7, 0.9


def load_model(
    model: str | Path,
    *,
    device: str,
    compute_type: str,
    threads: int,
    name: str = "",
    batch_size: int = 1,
) -> BatchedRecogniser:
    """Load a Whisper model into whisperx's pipeline.

    Args:
        model: Folder with CTranslate2 weights, from the model store.
        device: "cpu", "cuda" or "cuda:<number>".
        compute_type: For example "int8", "float16", "float32".
        threads: CPU threads; 0: as many as help. Never more than there are CPUs.
        name: What to call the model in the transcript; the folder's name if empty.
        batch_size: Windows decoded at once.

    Returns:
        The recogniser, its weights loaded.

    Raises:
        InputError: The device cannot compute with this type, or the folder holds no weights.
        UnavailableError: The device is not there, or its memory is too small.
    """
    from whisperx.asr import WhisperModel

    loaded = load_faster_whisper(
        model,
        device=device,
        compute_type=compute_type,
        threads=threads,
        name=name,
        engine_class=WhisperModel,
    )
    return BatchedRecogniser(loaded.engine, loaded.name, batch_size)


class WhisperXModel(FasterWhisper):
    """The model of the pipeline, for what is heard again one by one."""

    name = "whisperx"

    def hear_ahead(self, pieces: Iterable[Any]) -> list[dict[str, float]]:
        """Return nothing: the pipeline makes windows of its own; see WhisperEngine."""
        return []


@dataclass(frozen=True)
class Window:
    """What the pipeline wrote for one window: seconds, mean per token, probability."""

    text: str
    start: float
    end: float
    log_probability: float
    no_speech: float


class BatchedRecogniser(Recogniser):
    """Whisper by whisperx's pipeline.

    Args:
        engine: A whisperx.asr.WhisperModel.
        name: What to call the model in the transcript.
        batch_size: Windows decoded at once.
    """

    def __init__(self, engine: Any, name: str, batch_size: int) -> None:
        super().__init__(engine, name)
        self.whisper = WhisperXModel(engine)
        self._batch_size = batch_size

    def _decode(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        language: str,
        builder: TranscriptBuilder,
        options: DecodeOptions,
        progress: Progress,
    ) -> int:
        """Add what the pipeline hears to the transcript, then what a second hearing finds."""
        chunks: list[Chunk] = []
        done = 0.0
        for spoken, run in language_runs(self.whisper, audio, regions, language, options):
            share = sum(one.duration for one in run) / sum(one.duration for one in regions)
            windows = self._windows(
                audio, run, spoken, options, _part(progress, done, share * DECODED)
            )
            start, share_timed = done + share * DECODED, share * (TIMED - DECODED)
            for window, unit in self._timed(
                audio, windows, run, spoken, options, _part(progress, start, share_timed)
            ):
                members = [one for one in run if window.start <= one.start < window.end]
                chunks.append(Chunk(tuple(members), spoken, window.start, window.end))
                units = regroup(
                    [unit] if unit else [],
                    max_pause=options.max_pause,
                    max_length=options.max_segment,
                    language=spoken,
                )
                builder.add(units, spoken, start=window.start, end=window.end)
            done += share * TIMED
        return run_second_pass(
            self.whisper, audio, chunks, builder, options, _part(progress, done, 1.0 - done)
        )

    def _windows(
        self,
        audio: Any,
        regions: Sequence[SpeechRegion],
        language: str,
        options: DecodeOptions,
        progress: Progress,
    ) -> list[Window]:
        """Return what the pipeline writes for some speech of one language, window by window."""
        network = _Listening(self.engine.model)
        pipeline_model = copy.copy(self.engine)
        pipeline_model.model = network
        code = engine_code(self.whisper.languages, language)
        found = _pipeline(pipeline_model, regions, code, options).transcribe(
            audio,
            batch_size=self._batch_size,
            language=code,
            chunk_size=options.chunk_length,
            progress_callback=lambda percent: progress(percent / 100),
        )
        return [
            Window(one["text"], one["start"], one["end"], float(one["avg_logprob"]), no_speech)
            for one, no_speech in zip(found["segments"], network.no_speech, strict=True)
        ]

    def _timed(
        self,
        audio: Any,
        windows: Sequence[Window],
        regions: Sequence[SpeechRegion],
        language: str,
        options: DecodeOptions,
        progress: Progress,
    ) -> Iterator[tuple[Window, Utterance | None]]:
        """Yield each window with its text timed word by word, None where it has no text."""
        from faster_whisper.transcribe import get_compression_ratio

        texts = [
            Segment(
                id=number,
                start=one.start,
                end=one.end,
                text=one.text.strip(),
                confidence=1.0,
                language=language,
            )
            for number, one in enumerate(windows)
            if one.text.strip()
        ]
        aligned = {
            one.id: one.words
            for one in align_by_attention(
                self.engine,
                audio,
                texts,
                regions=regions,
                context=0.0,
                max_pause=options.word_pause,
                progress=progress,
            )
        }
        for number, window in enumerate(windows):
            if number not in aligned:
                yield window, None
                continue
            words = zip(tokens_of_text(window.text), aligned[number], strict=True)
            tokens = tuple(
                replace(
                    token,
                    start=word.start,
                    end=word.end,
                    confidence=word.confidence,
                    source=word.source,
                )
                for token, word in words
            )
            compression = get_compression_ratio(window.text)
            yield window, Utterance(tokens, window.log_probability, window.no_speech, compression)


class _Listening:
    """A ctranslate2.models.Whisper that also keeps how probable it is that nobody speaks.

    Args:
        network: The real one; whisperx does not ask it.
    """

    def __init__(self, network: Any) -> None:
        self._network = network
        self.no_speech: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def generate(self, *arguments: Any, **options: Any) -> list[Any]:
        """Return what ctranslate2's generate does."""
        found: list[Any] = self._network.generate(*arguments, **options, return_no_speech_prob=True)
        self.no_speech += [float(one.no_speech_prob) for one in found]
        return found


def _pipeline(
    model: Any, regions: Sequence[SpeechRegion], code: str, options: DecodeOptions
) -> Any:
    """Return whisperx's pipeline around a model, which takes some regions for its detector's."""
    import whisperx.asr
    from whisperx.diarize import Segment as Speech
    from whisperx.vads.vad import Vad

    class Regions(Vad):  # type: ignore[misc]
        """The regions of stage pyannote_vad, merged into windows by whisperx."""

        @staticmethod
        def preprocess_audio(audio: Any) -> Any:
            """Return the sound as it is."""
            return audio

        def __call__(self, audio: Any) -> list[Any]:
            """Return the regions, whatever the sound."""
            return [Speech(one.start, one.end, "") for one in regions]

    asr_options = {
        "beam_size": options.beam_size,
        "hotwords": options.hotwords or None,
        "initial_prompt": options.initial_prompt or None,
    }
    with redirect_stdout(StringIO()):  # it tells that it was given a detector
        return whisperx.asr.load_model(
            "",
            model.model.device,
            compute_type=model.model.compute_type,
            asr_options=asr_options,
            language=code,
            model=model,
            vad_model=Regions(0.5),
        )


def _part(progress: Progress, start: float, share: float) -> Progress:
    """Return a progress that fills a share of another one, from `start` on."""
    return lambda done: progress(min(1.0, start + share * done))
