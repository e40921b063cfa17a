#!/usr/bin/env python3
"""
No text: what a person should know where recognition has found nothing in a film.

Usage:
    stage_io.warn(no_text(transcript, audio, stage_io.job.media.heard))
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.media.speech_audio import SpeechAudio
from shared.media.tracks.loudness import loud_moments_db
from shared.pipeline.job.job import HeardTrack
from shared.transcript.records.schemas import Transcript

# What a detector hears in music and noise, seconds.
NO_SPEECH = 1.0
HINT = "--audio-track N or AUDIO_CHANNELS takes another, --force asr hears it again"


def no_text(transcript: Transcript, audio: SpeechAudio, tracks: Sequence[HeardTrack]) -> str:
    """Return one line: whether there was speech, how loud the sound is, and what else there is.

    Args:
        transcript: Without any segment.
        audio: What was heard.
        tracks: Those that were tried when the job was prepared.
    """
    coverage = transcript.coverage
    speech = coverage.speech_seconds if coverage else 0.0
    level = f"its loud moments are at {loud_moments_db(audio):.0f} dB"
    if speech < NO_SPEECH:
        said = f"No speech was recognised: nobody speaks in this sound; {level}"
    else:
        apart = f" ({coverage.quarantined_seconds:.1f} s of text kept apart)" if coverage else ""
        said = f"No speech was recognised, though {speech:.1f} s sound like it{apart}; {level}"
    others = [_describe(one) for one in tracks]
    if speech >= NO_SPEECH or len(others) > 1:
        said += f"; {HINT}"
    return f"{said}; tracks: {', '.join(others)}" if others else said


def _describe(track: HeardTrack) -> str:
    speech = track.speech_seconds
    heard = "" if speech is None else f", {speech:.1f} s of speech in a few moments"
    return f"{track.track} ({track.level_db:.0f} dB{heard})"
