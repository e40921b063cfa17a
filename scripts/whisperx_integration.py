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
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.runtime.ctranslate2_runtime import thread_count
from scripts.runtime.cuda_libraries import preload
from scripts.runtime.encoder_length import encoding_only_sound
from scripts.whisper.attention import align_by_attention
from scripts.whisper.engine import (
    DecodeOptions,
    LanguageRules,
    RecognisedWord,
    make_utterance,
)
from scripts.whisper.recogniser import Progress, WhisperRecogniser
from shared.core.errors import InputError, UnavailableError
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.records.schemas import Segment, SpeechRegion

__all__ = ["DecodeOptions", "LanguageRules", "Recogniser", "load_model"]

# Far more than is ever said: Hindi has 11 tokens a second, English 3.
MOST_TOKENS, MOST_TOKENS_PER_SECOND = 30, 30
# Whisper's signs of start, language, task and times.
SPECIAL_TOKENS = 8


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
        threads: CPU threads; 0: as many as help. Never more than there are CPUs.
        name: What to call the model in the transcript; the folder's name if empty.
        batch_size: Windows decoded at once.
        engine_class: A kind of faster_whisper.WhisperModel; None: itself, encoding only sound.

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
        engine = (engine_class or encoding_only_sound(WhisperModel))(
            str(folder),
            device=kind,
            device_index=int(number or 0),
            compute_type=compute_type,
            cpu_threads=thread_count(threads),
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
        batch_size: Windows decoded at once.
    """

    name = "faster-whisper"

    def __init__(self, model: Any, batch_size: int = 1) -> None:
        self.model = model
        self._batch_size = batch_size

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
        from faster_whisper import WhisperModel
        from faster_whisper.audio import pad_or_trim

        features = pad_or_trim(self.model.feature_extractor(piece))
        # With all of the padding that it learnt with: a short German line is Yiddish without.
        encoded = WhisperModel.encode(self.model, features)
        results = self.model.model.detect_language(encoded)[0]
        return {token[2:-2]: float(probability) for token, probability in results}

    def hear_ahead(self, pieces: Iterable[Any]) -> list[dict[str, float]]:
        """Return what languages the first batch is in, and keep its encoding; see WhisperEngine."""
        import numpy as np
        from faster_whisper.audio import pad_or_trim

        batch = islice(pieces, self._batch_size)
        features = [pad_or_trim(self.model.feature_extractor(one)[..., :-1]) for one in batch]
        if not features:
            return []
        encoded = self.model.encode_ahead(np.stack(features))
        return [
            {token[2:-2]: float(probability) for token, probability in found}
            for found in self.model.model.detect_language(encoded)
        ]

    def decode(
        self,
        piece: Any,
        offset: float,
        code: str,
        options: DecodeOptions,
        temperatures: Sequence[float],
    ) -> list[Utterance]:
        """Return what is said in a piece; see WhisperEngine."""
        found, _ = self.model.transcribe(
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
            max_new_tokens=self._most_tokens(len(piece), options),
        )
        return [_utterance(part, offset) for part in found if part.words]

    def decode_batch(
        self, pieces: Iterable[Any], code: str, options: DecodeOptions
    ) -> Iterator[list[Utterance]]:
        """Yield what is said in each piece, as many at once as a batch holds; see WhisperEngine."""
        waiting = iter(pieces)
        while batch := list(islice(waiting, self._batch_size)):
            yield from self._decode_batch(batch, code, options)

    def _decode_batch(
        self, pieces: Sequence[Any], code: str, options: DecodeOptions
    ) -> list[list[Utterance]]:
        """Return what is said in each of some pieces, which are decoded together."""
        import numpy as np
        from faster_whisper import BatchedInferencePipeline

        ends = [int(end) for end in np.cumsum([len(one) for one in pieces])]
        edges = [edge / SAMPLE_RATE for edge in (0, *ends)]
        found, _ = BatchedInferencePipeline(self.model).transcribe(
            np.concatenate(pieces),
            language=code,
            beam_size=options.beam_size,
            temperature=options.temperatures[0],
            initial_prompt=options.initial_prompt or None,
            hotwords=options.hotwords or None,
            clip_timestamps=[
                {"start": start, "end": end}
                for start, end in zip(map(_inside, edges), map(_inside, edges[1:]), strict=False)
            ],
            batch_size=len(pieces),
            word_timestamps=True,
            max_new_tokens=self._most_tokens(max(map(len, pieces)), options),
        )
        decoded: list[list[Utterance]] = [[] for _ in pieces]
        for part in found:
            if part.words:
                place = min(len(pieces), max(1, bisect_right(edges, part.seek / 100 + 0.015))) - 1
                decoded[place].append(_utterance(part, -edges[place]))
        return decoded

    def _most_tokens(self, samples: int, options: DecodeOptions) -> int | None:
        """Return how many tokens can be said in a piece, None where Whisper's own limit is lower.

        A loop in a second of sound else goes on for as long as one in half a minute.
        """
        most = MOST_TOKENS + math.ceil(MOST_TOKENS_PER_SECOND * samples / SAMPLE_RATE)
        # What was said before takes up to half of the room.
        room = self.model.max_length // 2 - SPECIAL_TOKENS
        prompted = options.hotwords or options.initial_prompt
        return None if prompted or most > room else most


def _inside(edge: float) -> float:
    """Return a time within the sample that begins at an edge, of which the library takes the floor.

    One sample less, which the edge itself may come to, is another sound than was heard ahead.
    """
    return edge + 0.5 / SAMPLE_RATE


def _utterance(part: Any, offset: float) -> Utterance:
    """Return a segment of faster_whisper as an utterance, its times moved by an offset."""
    words = [
        RecognisedWord(one.word, max(0.0, one.start + offset), one.end + offset, one.probability)
        for one in part.words
    ]
    return make_utterance(
        words,
        0.0,
        log_probability=float(part.avg_logprob),
        no_speech=float(part.no_speech_prob),
        compression=float(part.compression_ratio),
        temperature=float(part.temperature or 0.0),
    )


class Recogniser(WhisperRecogniser):
    """Whisper by faster_whisper, which can also align a given text.

    Args:
        engine: A faster_whisper.WhisperModel.
        name: What to call the model in the transcript.
        batch_size: Windows decoded at once.
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
