#!/usr/bin/env python3
"""Tests of scripts/whisper/no_text.py."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy
import pytest

from scripts.whisper.no_text import no_text
from shared.media.speech_audio import SpeechAudio
from shared.pipeline.job.job import HeardTrack
from shared.transcript.records.schemas import Coverage, Transcript


@pytest.fixture
def audio(tmp_path: Path) -> SpeechAudio:
    """Two seconds of a tone at -23 dB."""
    with wave.open(str(tmp_path / "a.wav"), "wb") as stream:
        stream.setparams((1, 2, 16_000, 0, "NONE", ""))
        tone = 0.1 * numpy.sin(numpy.arange(32_000) * 0.2)
        stream.writeframes((tone * 32_767).astype("<i2").tobytes())
    return SpeechAudio(tmp_path / "a.wav")


def nothing(speech: float, apart: float = 0.0) -> Transcript:
    """Return a transcript without a line."""
    coverage = Coverage(
        speech_seconds=speech,
        text_seconds=0.0,
        quarantined_seconds=apart,
        without_text_seconds=speech - apart,
    )
    return Transcript(
        language="en",
        engine="e",
        model="m",
        audio_duration=2.0,
        segments=[],
        coverage=coverage,
    )


def test_where_nobody_speaks_it_says_so_with_the_level(audio: SpeechAudio) -> None:
    said = no_text(nothing(0.2), audio, [])
    assert said == (
        "No speech was recognised: nobody speaks in this sound; its loud moments are at -23 dB"
    )


def test_what_sounds_like_speech_is_told_with_what_to_do(audio: SpeechAudio) -> None:
    said = no_text(nothing(6.5, 6.4), audio, [])
    assert "though 6.5 s sound like it (6.4 s of text kept apart)" in said
    assert "--audio-track N or AUDIO_CHANNELS takes another" in said


def test_tracks_and_levels_are_named(audio: SpeechAudio) -> None:
    tracks = [
        HeardTrack(track=1, level_db=-12.5, speech_seconds=0.0),
        HeardTrack(track=3, level_db=-30.2, speech_seconds=None),
    ]
    said = no_text(nothing(0.0), audio, tracks)
    assert said.endswith("tracks: 1 (-12 dB, 0.0 s of speech in a few moments), 3 (-30 dB)")
