#!/usr/bin/env python3
"""
Whisper backend: English for each line, heard again from its own sound.

Whisper reads no text: a line's times say what to hear, never into a neighbour's. `extra` of the
options holds `audio` (path of the 16 kHz mono sound), `spans` (start and end of every segment of
the film, seconds), `context` (seconds heard on either side), `temperatures`, `limits` (fields of
Limits) and `name` (what to call the model). The model itself is a folder with its weights.

Usage:
    backend = open_backend(BackendOptions(model=folder, extra={"name": "base", …}))
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.whisper.translate import translate_segment
from scripts.whisperx_integration import Recogniser, load_model
from shared.core.errors import UnavailableError
from shared.core.ladder import CPU
from shared.core.languages import primary
from shared.media.speech_audio import SpeechAudio
from shared.transcript.recognition.quality import Limits
from shared.translation.backend import BackendOptions, SourceLine
from shared.translation.lines import WHISPER_TARGET

# CTranslate2 knows CUDA and CPU only.
CUDA = "cuda"


def open_backend(options: BackendOptions) -> WhisperBackend:
    """Load the model and the sound.

    Args:
        options: See the module.

    Returns:
        The engine, its model loaded.

    Raises:
        UnavailableError: The model is not there and cannot be fetched, or the device has no room.
        InputError: The device cannot compute with this number format.
    """
    import ctranslate2
    from faster_whisper import WhisperModel

    ctranslate2.set_random_seed(0)
    recogniser = load_model(
        Path(options.model),
        device=options.device if options.device.startswith(CUDA) else CPU,
        compute_type=options.compute_type,
        threads=options.threads,
        name=options.extra["name"],
        engine_class=WhisperModel,  # encoding less of the padding was measured for recognition only
    )
    return WhisperBackend(recogniser, options)


class WhisperBackend:
    """A loaded Whisper with the film's sound; see shared/translation/backend.py.

    Args:
        recogniser: The model.
        options: See the module.
    """

    name = "whisper"

    def __init__(self, recogniser: Recogniser, options: BackendOptions) -> None:
        self.model = recogniser.name
        self._engine = recogniser.engine
        self._options = options
        self._audio = SpeechAudio(Path(options.extra["audio"]))
        self._starts = sorted(start for start, _ in options.extra["spans"])
        self._ends = sorted(end for _, end in options.extra["spans"])

    def translate(
        self,
        lines: Sequence[SourceLine],
        source: str,
        target: str,
        before: Sequence[SourceLine] = (),
    ) -> Mapping[int, str]:
        """Return English by id; lines whose sound gives nothing usable are left out.

        Args:
            lines: What is to be translated, each with its times in seconds.
            source: Language that is spoken, BCP-47.
            target: en; Whisper translates into nothing else.
            before: Lines in front; sound needs none.

        Raises:
            UnavailableError: The target is not English.
        """
        if primary(target) != WHISPER_TARGET:
            raise UnavailableError(
                f"Whisper translates into English only, not into {target}", hint="Use -t en"
            )
        texts = {line.id: self._translate_line(line, source) for line in lines}
        return {number: text for number, text in texts.items() if text}

    def _translate_line(self, line: SourceLine, source: str) -> str:
        start, end = self._stretch(line)
        return translate_segment(
            self._engine,
            self._audio[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)],
            language=source,
            beam_size=self._options.beam_size,
            temperatures=tuple(self._options.extra["temperatures"]),
            limits=Limits(**self._options.extra["limits"]),
        )

    def _stretch(self, line: SourceLine) -> tuple[float, float]:
        """Return what to hear, seconds: the line with some context, but none of its neighbours."""
        context: float = self._options.extra["context"]
        ended = bisect_right(self._ends, line.start)
        begins = bisect_left(self._starts, line.end)
        lower = self._ends[ended - 1] if ended else 0.0
        upper = self._starts[begins] if begins < len(self._starts) else line.end + context
        start = min(line.start, max(lower, line.start - context))
        return start, max(line.end, min(upper, line.end + context))
