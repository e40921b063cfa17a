#!/usr/bin/env python3
"""
Sounds: music, noise and speech, made by the tests.

Usage:
    from tests.support.sounds import beat, music, noise, say, tune

    audio = music(12.0)
"""

from __future__ import annotations

import os
import subprocess

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Audio = NDArray[np.float32]
# tests/performance/vary_arithmetic.py makes every sound a little louder or softer.
GAIN_VARIABLE = "TEST_SOUND_GAIN"
GAIN = np.float32(os.environ.get(GAIN_VARIABLE, "1"))


def pcm(*arguments: str) -> Audio:
    """Return what ffmpeg makes of its arguments, 16 kHz mono, shape (samples,)."""
    command = ["ffmpeg", "-nostdin", "-v", "error", *arguments, "-ac", "1", "-ar", str(RATE)]
    done = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=False)
    if done.returncode and b"flite" in done.stderr:
        import pytest  # measurements import this file where there is none

        pytest.skip("this ffmpeg has no flite: no speech can be synthesised")
    assert done.returncode == 0, done.stderr.decode()
    return np.asarray(GAIN * np.frombuffer(done.stdout, dtype=np.float32), dtype=np.float32)


def say(text: str, voice: str = "slt") -> Audio:
    """Return flite's speech, 16 kHz, shape (samples,)."""
    quoted = text.replace("'", "").replace(",", r"\,")
    return pcm("-f", "lavfi", "-i", f"flite=text='{quoted}':voice={voice}")


def music(seconds: float) -> Audio:
    """Return plucked chords at 16 kHz, shape (samples,)."""
    beat_seconds = 0.25
    audio = np.zeros(int(seconds * RATE) + RATE, dtype=np.float64)
    decay = np.arange(RATE) / RATE
    for number in range(int(seconds / beat_seconds)):
        root = 220.0 * 2 ** ([0, 5, 7, 3][number // 4 % 4] / 12)
        pitch = root * [1.0, 1.25, 1.5, 2.0][number % 4]
        note = sum(np.sin(2 * np.pi * pitch * h * decay) / h**1.5 for h in range(1, 8))
        start = int(number * beat_seconds * RATE)
        audio[start : start + RATE] += note * np.exp(-4 * decay)
    return _at_level(audio[: int(seconds * RATE)])


def tune(seconds: float) -> Audio:
    """Return a melody like a violin's: gliding, trembling, with many harmonics."""
    axis = np.arange(int(seconds * RATE)) / RATE
    steps = np.array([0, 2, 4, 7, 9, 7, 4, 2])[(axis / 0.6).astype(int) % 8]
    smooth = np.convolve(steps, np.ones(1600) / 1600, mode="same")
    pitch = 330.0 * 2 ** (smooth / 12) * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * axis))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    tones = sum(np.sin(h * phase) / h for h in range(1, 10))
    return _at_level(np.asarray(tones) * (0.7 + 0.3 * np.sin(2 * np.pi * axis / 2.4)))


def beat(seconds: float, seed: int = 4) -> Audio:
    """Return drums: a low thump twice a second, a hiss between."""
    axis = np.arange(int(seconds * RATE)) / RATE
    since, between = axis % 0.5, (axis + 0.25) % 0.5
    thump = np.sin(2 * np.pi * 60 * since) * np.exp(-18 * since)
    hiss = np.random.default_rng(seed).standard_normal(len(axis)) * np.exp(-40 * between)
    return _at_level(thump + 0.3 * hiss)


def noise(seconds: float, colour: float = 0.0, seed: int = 3) -> Audio:
    """Return noise; its power falls with frequency to the power of colour: 0 white, 1 pink."""
    samples = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    falling = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20.0) ** (-colour / 2)
    return _at_level(np.fft.irfft(spectrum * falling, samples))


def _at_level(audio: NDArray[np.float64], peak: float = 0.2) -> Audio:
    highest = float(np.abs(audio).max()) if audio.size else 0.0
    return np.asarray(GAIN * peak * audio / max(highest, 1e-9), dtype=np.float32)
