#!/usr/bin/env python3
"""
Demucs: separates the voices of a film from its music and effects.

The only place that imports demucs, and only when it is used. The file is read, separated and
written piece by piece: one model segment is in memory at a time, however long the film is. The
pieces are the ones demucs itself would cut (triangular weights, Défossez 2021), so the result is
that of separating the whole film at once.

Usage:
    from scripts.sound.demucs_integration import separate_vocals

    record = separate_vocals(
        audio, target, model="htdemucs", repo=folder, device="cpu", segment=None, overlap=0.25,
        progress=lambda seconds: None,
    )
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from scripts.sound.demucs_weights import load_network
from shared.core.errors import InputError, UnavailableError

TARGET_RATE = 16000
BLOCK_SECONDS = 10.0
# What each channel gives to left and right, in the order of WAV and FLAC; ITU-R BS.775: centre and
# surrounds at -3 dB, no effects channel.
M3DB = math.sqrt(0.5)
SURROUND = ((1.0, 0.0), (0.0, 1.0), (M3DB, M3DB), (0.0, 0.0), (M3DB, 0.0), (0.0, M3DB))
DOWNMIX = {2: SURROUND[:2], 6: SURROUND, 8: SURROUND + SURROUND[4:]}


def separate_vocals(
    source: Path,
    target: Path,
    *,
    model: str,
    repo: Path,
    device: str,
    segment: float | None,
    overlap: float,
    progress: Callable[[float], None],
) -> dict[str, Any]:
    """Write the voices of an audio file as 16 kHz mono.

    Args:
        source: WAV or FLAC of any rate and number of channels.
        target: The WAV to write (16 bit); as long as the source to the sample at 16 kHz.
        model: Demucs model name, e.g. "htdemucs", or the signature of a single model.
        repo: Folder with the weights: `<model>.yaml` with `<signature>.safetensors`, or
            `<signature>[-<checksum>].th`.
        device: "cpu", "cuda", "cuda:1" or "mps".
        segment: Length in seconds that the model works on at a time, None for the model's own.
        overlap: Share of a segment that overlaps the next one, 0 to below 1.
        progress: Called with the seconds of audio done, 0 as soon as the model is loaded.

    Returns:
        A record: model, device, seconds (of audio), elapsed_seconds (of work).

    Raises:
        InputError: The file cannot be read, or a parameter is out of range.
        UnavailableError: Weights, device or memory are not there.
    """
    if not 0 <= overlap < 1:
        raise InputError(f"Overlap {overlap} is not in 0 to 1", hint="Set DEMUCS_OVERLAP=0.25")
    began = time.monotonic()
    with closing(_open_audio(source)) as reader:
        network = load_network(model, repo)
        _check_device(device)
        separator = _Separator(network, device, segment, overlap)
        progress(0.0)
        _separate(reader, target, separator, progress)
        seconds = reader.frames / reader.samplerate
    elapsed = round(time.monotonic() - began, 3)
    return {"model": model, "device": device, "seconds": seconds, "elapsed_seconds": elapsed}


def _separate(
    reader: Any, target: Path, separator: _Separator, progress: Callable[[float], None]
) -> None:
    """Run the chain source -> model rate -> vocals -> 16 kHz file, piece by piece."""
    import soundfile
    import torch

    try:
        left = round(reader.frames * TARGET_RATE / reader.samplerate)
        done = 0
        with soundfile.SoundFile(target, "w", TARGET_RATE, 1, subtype="PCM_16") as writer:
            for block in _resampled(_voice(reader, separator), separator.rate, TARGET_RATE, left):
                writer.write(block[0].clamp(-1, 1).numpy())
                done += block.shape[-1]
                progress(done / TARGET_RATE)
    except torch.OutOfMemoryError as error:
        raise UnavailableError(
            f"Demucs ran out of memory on {separator.device}", hint="Set DEVICE=cpu"
        ) from error
    except soundfile.SoundFileError as error:
        raise _unreadable(Path(reader.name)) from error


def _voice(reader: Any, separator: _Separator) -> Iterator[Any]:
    """Yield the vocals as tensors of shape (1, samples) at the model's rate."""
    mean, deviation = _level(reader)
    reader.seek(0)
    wanted = math.ceil(reader.frames * separator.rate / reader.samplerate)
    mix = _resampled(_stereo_blocks(reader), reader.samplerate, separator.rate, wanted)
    for vocals in separator.vocals(((block - mean) / deviation for block in mix), wanted):
        yield (vocals * deviation + mean).mean(0, keepdim=True)


def _open_audio(source: Path) -> Any:
    """Return the open sound file; InputError when it is none."""
    import soundfile

    try:
        return soundfile.SoundFile(source)
    except (OSError, soundfile.SoundFileError) as error:
        raise _unreadable(source) from error


def _unreadable(source: Path) -> InputError:
    return InputError(f"{source} cannot be read as audio", hint=f"Check it: ffprobe '{source}'")


def _stereo_blocks(reader: Any) -> Iterator[Any]:
    """Yield float32 tensors of shape (2, samples) at the file's own rate."""
    import torch

    # A layout not in the table (mono is one) goes to both sides; none may exceed full scale.
    weights = torch.tensor(DOWNMIX.get(reader.channels, ((1.0, 1.0),) * reader.channels)).T
    weights = weights / weights.sum(1, keepdim=True).clamp(min=1.0)
    for block in reader.blocks(
        int(BLOCK_SECONDS * reader.samplerate), dtype="float32", always_2d=True
    ):
        yield weights @ torch.from_numpy(block.T.copy())


def _level(reader: Any) -> tuple[float, float]:
    """Return mean and standard deviation of the mono mix: demucs expects unit variance."""
    count, total, squares = 0, 0.0, 0.0
    for block in _stereo_blocks(reader):
        mono = block.mean(0).double()
        count += mono.numel()
        total += float(mono.sum())
        squares += float((mono * mono).sum())
    if not count:
        return 0.0, 1.0
    mean = total / count
    return mean, math.sqrt(max(squares / count - mean * mean, 0.0)) + 1e-8


def _resampled(blocks: Iterator[Any], old: int, new: int, length: int) -> Iterator[Any]:
    """Yield the blocks (channels, samples) at another rate, `length` samples in all.

    The same samples come out as if everything were resampled at once: each piece is given the
    reach of the filter on both sides, and whole periods of the two rates are worked on.
    """
    import torch
    from julius.resample import ResampleFrac

    resampler: Any = ResampleFrac(old, new)
    period, width = resampler.old_sr, getattr(resampler, "_width", 0)
    context = math.ceil(width / period) * period
    buffer: Any = None
    before, sent = 0, 0

    def piece(ready: int) -> Any:
        out = resampler(buffer[:, : before + ready + context])
        first = before // period * resampler.new_sr
        return out[:, first : first + ready // period * resampler.new_sr]

    for block in blocks:
        buffer = block if buffer is None else torch.cat([buffer, block], dim=1)
        ready = (buffer.shape[1] - before - context) // period * period
        if ready <= 0:
            continue
        out = piece(ready)[:, : length - sent]
        sent += out.shape[1]
        yield out
        keep = min(before + ready, context)
        buffer, before = buffer[:, before + ready - keep :], keep
    if buffer is not None and sent < length:
        # The last sample is held, as the filter itself does beyond the end of a signal.
        tail = buffer[:, -1:].expand(-1, 2 * context + 2 * period)
        buffer = torch.cat([buffer, tail], dim=1)
        yield piece((buffer.shape[1] - before - context) // period * period)[:, : length - sent]


class _Separator:
    """Applies the models that matter for vocals to a stream of audio, segment by segment."""

    def __init__(self, network: Any, device: str, segment: float | None, overlap: float) -> None:
        import torch

        self.device = device
        self.rate = int(network.samplerate)
        self.index = _vocals_index(network)
        self.models = _vocal_models(network, self.index)
        longest = min(float(model.segment) for model, _ in self.models)
        if segment is not None and not 0 < segment <= longest:
            raise InputError(
                f"Segment of {segment} s does not suit this Demucs model",
                hint=f"Set DEMUCS_SEGMENT to at most {longest:g}",
            )
        self.seconds = segment or longest
        self.length = int(self.rate * self.seconds)
        self.stride = max(1, int((1 - overlap) * self.length))
        half = self.length // 2
        ramp = torch.cat([torch.arange(1, half + 1), torch.arange(self.length - half, 0, -1)])
        self.weight = ramp / ramp.max()
        for model, _ in self.models:
            model.segment = self.seconds  # else it would pad every piece to its own length
            model.to(device).eval()

    def vocals(self, blocks: Iterator[Any], total: int) -> Iterator[Any]:
        """Yield the vocals (channels, samples) of a mix of `total` samples, in order."""
        import torch

        history, mix = 0, None
        estimate = torch.zeros(2, self.length)
        weights = torch.zeros(self.length)
        for offset in range(0, total, self.stride):
            size = min(self.length, total - offset)
            while mix is None or mix.shape[1] - history < size:
                block = next(blocks, None)
                if block is None:
                    raise InputError("The audio ends before its declared length")
                mix = block if mix is None else torch.cat([mix, block], dim=1)
            estimate[:, :size] += self.weight[:size] * self._apply(mix, history, size)
            weights[:size] += self.weight[:size]
            done = min(self.stride, size)
            yield estimate[:, :done] / weights[:done]
            estimate = torch.cat([estimate[:, done:], torch.zeros(2, done)], dim=1)
            weights = torch.cat([weights[done:], torch.zeros(done)])
            keep = min(history + done, self.length)
            mix, history = mix[:, history + done - keep :], keep

    def _apply(self, mix: Any, offset: int, size: int) -> Any:
        """Return the vocals (channels, size) of one segment of the mix."""
        import demucs.apply

        engine: Any = demucs.apply
        # A last, short segment is filled up with the sound before it, as demucs does.
        chunk = engine.TensorChunk(mix[None], offset, size)
        total: Any = 0.0
        share = 0.0
        for model, weight in self.models:
            sources = engine.apply_model(
                model, chunk, shifts=0, split=False, device=self.device, segment=self.seconds
            )
            total = total + weight * sources[0, self.index].cpu()
            share += weight
        return total / share


def _vocals_index(network: Any) -> int:
    """Return the place of "vocals" among the model's sources."""
    if "vocals" not in network.sources or int(network.audio_channels) != 2:
        raise InputError(
            "This Demucs model does not separate vocals in stereo",
            hint="Set DEMUCS_MODEL=htdemucs",
        )
    return list(network.sources).index("vocals")


def _vocal_models(network: Any, index: int) -> list[tuple[Any, float]]:
    """Return the models of a bag that have a say in the vocals: one of four in htdemucs_ft."""
    if not hasattr(network, "models"):
        return [(network, 1.0)]
    pairs = zip(network.models, network.weights, strict=True)
    return [(model, float(weight[index])) for model, weight in pairs if weight[index]]


def _check_device(device: str) -> None:
    """Raise UnavailableError when torch cannot work on this device."""
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UnavailableError(
            f"Device {device} cannot be used by torch", hint="Set DEVICE=cpu"
        ) from error
