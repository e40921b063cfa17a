#!/usr/bin/env python3
"""
Whisper backend: English for each line, heard again from its own sound.

Whisper reads no text: a line's times say what to hear. What it writes is judged by its own figures
and by the line (whisper_hearings.py). `extra` of the options holds `audio` (path of the 16 kHz mono
sound), `spans` (start and end of every segment of the film, seconds), `words` (text, start and end
of each), `context` (seconds heard on either side), `temperatures`, `limits` (fields of Limits) and
`name` (what to call the model). The model itself is a folder with its weights.

Usage:
    backend = open_backend(BackendOptions(model=folder, extra={"name": "base", …}))
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.alignment.number_words import number_words
from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.translators.whisper_hearings import Hearings, Passage, SpokenWord
from scripts.whisper.translate import hear_in_english
from scripts.whisperx_integration import Recogniser, load_model
from shared.core.errors import UnavailableError
from shared.core.ladder import CPU
from shared.core.languages import primary
from shared.media.speech_audio import SpeechAudio
from shared.transcript.recognition.quality import Limits, plain
from shared.translation.backend import BackendOptions, SourceLine
from shared.translation.hearing.heard import Heard
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
        extra = options.extra
        self._starts = sorted(start for start, _ in extra["spans"])
        self._ends = sorted(end for _, end in extra["spans"])
        words = sorted((start, end, text) for text, start, end in extra["words"])
        self._words = [SpokenWord(text, start, end) for start, end, text in words]
        self._hearings = Hearings(
            self._hear,
            Limits(**extra["limits"]),
            number_words,
            extra["context"],
            extra["temperatures"],
        )
        self._said: dict[int, set[str]] = {}
        self.refused: dict[int, str] = {}

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
        """Return English for a line; asked again, other than before."""
        said = self._said.setdefault(line.id, set())
        if line.id in self.refused and not said:
            return ""
        answer = self._hearings.translate(self._passage(line), source, said)
        said |= {plain(answer.text)} if answer.text else set()
        self.refused.pop(line.id, None)
        if answer.refused:
            self.refused[line.id] = answer.refused
        return answer.text

    def _hear(self, start: float, end: float, language: str, temperature: float) -> Heard:
        return hear_in_english(
            self._engine,
            self._audio[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)],
            language=language,
            beam_size=self._options.beam_size,
            temperature=temperature,
        )

    def _passage(self, line: SourceLine) -> Passage:
        """Return what to hear: the line with its words, and where its neighbours begin."""
        ended = bisect_right(self._ends, line.start)
        begins = bisect_left(self._starts, line.end)
        first = bisect_left(self._words, line.start, key=lambda word: word.start)
        last = bisect_left(self._words, line.end, key=lambda word: word.start)
        words = tuple(self._words[first:last]) or (SpokenWord(line.text, line.start, line.end),)
        return Passage(
            words=words,
            start=line.start,
            end=line.end,
            lower=self._ends[ended - 1] if ended else 0.0,
            upper=self._starts[begins] if begins < len(self._starts) else float("inf"),
        )
