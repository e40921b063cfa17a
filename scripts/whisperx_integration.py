#!/usr/bin/env python3
"""
WhisperX: speech recognition, translation into English and alignment with Whisper.

The engine of WhisperX, faster_whisper, without the library whisperx itself: that is the engine
whisperx-batched (docs/LIBRARIES.md has the measurements).

Usage:
    from scripts.whisperx_integration import load_model
    from shared.models.store import require_model

    folder = require_model("whisper", "base")
    recogniser = load_model(folder, device="cpu", compute_type="int8", threads=2)
    transcript = recogniser.transcribe(audio, regions, DecodeOptions(...), progress=show)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.runtime.cuda_libraries import preload
from scripts.whisper.attention import align_by_attention
from scripts.whisper.batch import decode_together
from scripts.whisper.engine import (
    DecodeOptions,
    HeardWord,
    Item,
    LanguageRules,
    Result,
    make_utterance,
)
from scripts.whisper.recogniser import Progress, WhisperRecogniser
from shared.core.errors import InputError, UnavailableError
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.records.schemas import Segment, SpeechRegion

__all__ = ["DecodeOptions", "LanguageRules", "Recogniser", "load_model"]


def load_model(
    model: str | Path,
    *,
    device: str,
    compute_type: str,
    threads: int,
    name: str = "",
    batch_size: int = 1,
    engine_class: Any = None,
) -> Recogniser:
    """Load a Whisper model.

    Args:
        model: Folder with CTranslate2 weights, from the model store.
        device: "cpu", "cuda" or "cuda:<number>".
        compute_type: For example "int8", "float16", "float32".
        threads: CPU threads; 0: the engine decides.
        name: What to call the model in the transcript; the folder's name if empty.
        batch_size: Chunks decoded at once.
        engine_class: A kind of faster_whisper.WhisperModel, None for itself.

    Returns:
        The engine, its weights loaded.

    Raises:
        InputError: The device cannot compute with this type, or the folder holds no weights.
        UnavailableError: The device is not there, or its memory is too small.
    """
    if device.startswith("cuda"):
        preload()
    from faster_whisper import WhisperModel

    folder = Path(model)
    if not (folder / "model.bin").is_file():
        raise InputError(f"No Whisper weights in {folder}", hint="Resolve the model's name first")
    try:
        kind, _, number = device.partition(":")
        engine = (engine_class or WhisperModel)(
            str(folder),
            device=kind,
            device_index=int(number or 0),
            compute_type=compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )
    except ValueError as error:
        raise InputError(
            f"Whisper cannot use {compute_type} on {device}: {error}",
            hint="Set COMPUTE_TYPE=auto",
        ) from error
    except RuntimeError as error:
        raise UnavailableError(
            f"Whisper does not load on {device}: {error}", hint="Set DEVICE=cpu or free memory"
        ) from error
    return Recogniser(engine, name or folder.name, batch_size)


class FasterWhisper:
    """What scripts/whisper/engine.py asks of an engine, from faster_whisper.

    Args:
        model: A faster_whisper.WhisperModel.
        batch_size: Chunks decoded at once.
    """

    name = "faster-whisper"

    def __init__(self, model: Any, batch_size: int = 1) -> None:
        self.model = model
        self._batch_size = batch_size
        # While several chunks are decoded at once: the model that joins their calls.
        self._shared: Any = None

    @property
    def languages(self) -> list[str]:
        """Whisper's codes of what the model knows."""
        return list(self.model.supported_languages)

    def seed(self) -> None:
        """Start random numbers anew."""
        import ctranslate2

        ctranslate2.set_random_seed(0)

    def language_probabilities(self, piece: Any) -> dict[str, float]:
        """Return Whisper's codes and their probabilities for the first 30 s of a piece.

        Args:
            piece: Samples at 16 kHz, float32, shape (samples,).
        """
        from faster_whisper.audio import pad_or_trim

        features = pad_or_trim(self.model.feature_extractor(piece))
        results = self.model.model.detect_language(self.model.encode(features))[0]
        return {token[2:-2]: float(probability) for token, probability in results}

    def hear(
        self,
        piece: Any,
        offset: float,
        code: str,
        options: DecodeOptions,
        temperatures: Sequence[float],
    ) -> list[Utterance]:
        """Return what is said in a piece; see WhisperEngine.

        Args:
            piece: Samples at 16 kHz, float32, shape (samples,).
            offset: Where the piece begins in the film, seconds.
            code: Whisper's code of the language.
            options: How to decode.
            temperatures: Tried in order until one gives text that can be believed.
        """
        found, _ = (self._shared or self.model).transcribe(
            piece,
            language=code,
            beam_size=options.beam_size,
            temperature=list(temperatures),
            compression_ratio_threshold=options.limits.max_compression,
            log_prob_threshold=math.log(options.limits.min_confidence),
            no_speech_threshold=options.limits.max_no_speech,
            condition_on_previous_text=options.carry_context,
            initial_prompt=options.initial_prompt or None,
            hotwords=options.hotwords or None,
            vad_filter=False,
            word_timestamps=True,
        )
        return [
            make_utterance(
                (HeardWord(one.word, one.start, one.end, one.probability) for one in part.words),
                offset,
                log_probability=float(part.avg_logprob),
                no_speech=float(part.no_speech_prob),
                compression=float(part.compression_ratio),
                temperature=float(part.temperature or 0.0),
            )
            for part in found
            if part.words
        ]

    def map(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Do work for each item, several at once if the batch is larger than 1.

        Args:
            work: Called with each item, in a thread of its own.
            items: As many at a time as the batch size says.

        Returns:
            What work returned, in the order of the items.
        """
        if self._batch_size == 1 or len(items) < 2:
            yield from map(work, items)
            return

        def work_with(shared: Any, item: Item) -> Result:
            self._shared = shared
            return work(item)

        try:
            yield from decode_together(self.model, work_with, items, self._batch_size)
        finally:
            self._shared = None


class Recogniser(WhisperRecogniser):
    """Whisper by faster_whisper, which can also align a given text.

    Args:
        engine: A faster_whisper.WhisperModel.
        name: What to call the model in the transcript.
        batch_size: Chunks decoded at once.
    """

    def __init__(self, engine: Any, name: str, batch_size: int = 1) -> None:
        super().__init__(FasterWhisper(engine, batch_size), name)
        self.engine = engine

    def align(
        self,
        audio: Any,
        segments: Sequence[Segment],
        *,
        regions: Sequence[SpeechRegion],
        context: float,
        max_pause: float,
        progress: Progress,
    ) -> list[Segment]:
        """Return the segments with every token timed by Whisper's attention on the given text.

        Args:
            audio: See the class.
            segments: In order; text and id stay, times and words become new.
            regions: Where somebody speaks.
            context: Seconds heard on either side of a segment.
            max_pause: No word crosses a longer stretch without speech, seconds.
            progress: Called with the share done, 0 to 1.
        """
        return align_by_attention(
            self.engine,
            audio,
            segments,
            regions=regions,
            context=context,
            max_pause=max_pause,
            progress=progress,
        )
