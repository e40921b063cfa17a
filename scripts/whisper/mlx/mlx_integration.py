#!/usr/bin/env python3
"""
MLX: speech recognition with Whisper on Apple's GPU; on a CPU too, slowly.

The only place that imports mlx_whisper. It has no beam search: the best token is taken each time.

Usage:
    from scripts.whisper.mlx.mlx_integration import load_model

    recogniser = load_model(folder, device="cpu", compute_type="float32", name="base")
    transcript = recogniser.transcribe(audio, regions, DecodeOptions(...), progress=show)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.whisper.engine import (
    DecodeOptions,
    RecognisedWord,
    make_utterance,
)
from scripts.whisper.recogniser import WhisperRecogniser
from shared.core.errors import InputError, UnavailableError
from shared.core.ladder import CPU
from shared.transcript.recognition.sentences import Utterance

HALF = "float16"


def load_model(
    model: str | Path, *, device: str, compute_type: str, name: str = ""
) -> WhisperRecogniser:
    """Load a Whisper model in MLX's layout.

    Args:
        model: Folder with weights.safetensors or weights.npz, and config.json.
        device: "cpu" or "mps".
        compute_type: "float16" or "float32".
        name: What to call the model in the transcript; the folder's name if empty.

    Returns:
        The engine, its weights loaded.

    Raises:
        InputError: The folder holds no such model.
        UnavailableError: The device is not there, or its memory is too small.
    """
    from scripts.runtime import (  # noqa: F401  first: it decides what multiplies matrices
        mlx_runtime,
    )

    import mlx.core as mx  # isort: skip
    from mlx_whisper.transcribe import ModelHolder  # isort: skip

    folder = Path(model)
    dtype = mx.float16 if compute_type == HALF else mx.float32
    try:
        mx.set_default_device(mx.Device(mx.cpu if device == CPU else mx.gpu))
        # The holder is where transcribe looks for the model of a path.
        network = ModelHolder.get_model(str(folder), dtype)
        network.set_dtype(dtype)
        mx.eval(network.parameters())
    except (KeyError, TypeError, OSError) as error:
        raise InputError(
            f"No Whisper model for MLX in {folder}: {error}",
            hint="It must hold config.json and weights.safetensors",
        ) from error
    except (ValueError, RuntimeError) as error:
        raise UnavailableError(
            f"Whisper does not load on {device}: {error}", hint="Set DEVICE=cpu or free memory"
        ) from error
    network.encoder = RememberingEncoder(network.encoder)
    return WhisperRecogniser(MlxWhisper(network, folder), name or folder.name)


class RememberingEncoder:
    """An encoder that does not compute twice what decoding, a second try and word times all need.

    Args:
        encoder: Of a Whisper: takes (batch, frames, mels), gives (batch, frames / 2, width).
    """

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._mel: Any = None
        self._encoded: Any = None

    def __call__(self, mel: Any) -> Any:
        """Return the encoding of a spectrogram, the last one's at once.

        Args:
            mel: Shape (batch, frames, mels).
        """
        import mlx.core as mx

        same = self._mel is not None and self._mel.shape == mel.shape
        if not (same and mx.array_equal(self._mel, mel).item()):
            self._mel, self._encoded = mel, self._encoder(mel)
        return self._encoded


class MlxWhisper:
    """What scripts/whisper/engine.py asks of an engine, from mlx_whisper.

    Args:
        network: A mlx_whisper.whisper.Whisper that ModelHolder holds.
        folder: Where it came from.
    """

    name = "mlx-whisper"

    def __init__(self, network: Any, folder: Path) -> None:
        import mlx.core as mx

        self._network = network
        self._folder = folder
        self._dtype = network.encoder._encoder.conv1.weight.dtype
        self._is_half = self._dtype == mx.float16

    @property
    def languages(self) -> list[str]:
        """Whisper's codes of what the model knows."""
        from mlx_whisper.tokenizer import LANGUAGES

        if not self._network.is_multilingual:
            return ["en"]
        return list(LANGUAGES)[: self._network.num_languages]

    def seed(self) -> None:
        """Start random numbers anew."""
        import mlx.core as mx

        mx.random.seed(0)

    def language_probabilities(self, piece: Any) -> dict[str, float]:
        """Return Whisper's codes and their probabilities for the first 30 s of a piece.

        Args:
            piece: Samples at 16 kHz, float32, shape (samples,).
        """
        from mlx_whisper.audio import (
            N_FRAMES,
            N_SAMPLES,
            log_mel_spectrogram,
            pad_or_trim,
        )

        mel = log_mel_spectrogram(piece, n_mels=self._network.dims.n_mels, padding=N_SAMPLES)
        window = pad_or_trim(mel, N_FRAMES, axis=-2).astype(self._dtype)
        _, probabilities = self._network.detect_language(window)
        return {code: float(share) for code, share in probabilities.items()}

    def hear_ahead(self, pieces: Iterable[Any]) -> list[dict[str, float]]:
        """Return nothing: the library encodes each piece anew; see WhisperEngine."""
        return []

    def decode(
        self,
        piece: Any,
        offset: float,
        code: str,
        options: DecodeOptions,
        temperatures: Sequence[float],
    ) -> list[Utterance]:
        """Return what is said in a piece; see WhisperEngine."""
        from mlx_whisper.transcribe import transcribe

        prompt = " ".join(filter(None, (options.hotwords, options.initial_prompt)))
        found = transcribe(
            piece,
            path_or_hf_repo=str(self._folder),
            language=code,
            temperature=tuple(temperatures),
            compression_ratio_threshold=options.limits.max_compression,
            logprob_threshold=math.log(options.limits.min_confidence),
            no_speech_threshold=options.limits.max_no_speech,
            condition_on_previous_text=options.carry_context,
            initial_prompt=prompt or None,
            word_timestamps=True,
            fp16=self._is_half,
        )
        return [
            make_utterance(
                (
                    RecognisedWord(one["word"], one["start"], one["end"], one["probability"])
                    for one in part["words"]
                ),
                offset,
                log_probability=float(part["avg_logprob"]),
                no_speech=float(part["no_speech_prob"]),
                compression=float(part["compression_ratio"]),
                temperature=float(part["temperature"]),
            )
            for part in found["segments"]
            if part["words"]
        ]

    def decode_batch(
        self, pieces: Iterable[Any], code: str, options: DecodeOptions
    ) -> Iterator[list[Utterance]]:
        """Yield what is said in each piece, one after the other; see WhisperEngine."""
        for piece in pieces:
            yield self.decode(piece, 0.0, code, options, options.temperatures[:1])
