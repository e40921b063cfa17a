#!/usr/bin/env python3
"""
Film sound: writes the sound that demux takes out of the film, and checks that none is lost.

Usage:
    extract(stage_io, config, media)
    check_loss(stage_io, config, media, wav_duration(stage_io.get_output_path("audio.wav")))
"""

from __future__ import annotations

from shared.core.errors import InputError
from shared.core.settings import PipelineConfig
from shared.media.audio import SMALL_LOSS, extract_audio, goes_on_after
from shared.media.probe import MediaInfo
from shared.media.separation import separation_of
from shared.media.speech_audio import SpeechAudio
from shared.media.tracks.channels import heard_outputs
from shared.media.tracks.loudness import loud_moments_db, raise_by
from shared.stage_utils import StageIO


def extract(stage_io: StageIO, config: PipelineConfig, media: MediaInfo) -> None:
    """Write the sound for speech and, where they are wanted, all channels, reading the film once.

    Args:
        stage_io: The stage's paths and job.
        config: Its settings.
        media: What the film holds.
    """
    job = stage_io.job
    speech = stage_io.get_output_path("audio.wav")
    choice = separation_of(config, job.media.sound)
    if choice.lacks_model:  # when it comes, it wants all channels
        stage_io.use_model("demucs", config.demucs_model, None)
    wanted = choice.needs_all_channels
    full = stage_io.get_output_path("audio_full.flac") if wanted else None

    def write(gain: float) -> None:
        damage = extract_audio(
            stage_io.get_media_path(),
            job.media.sound.index,
            job.clip,
            heard_outputs(speech, full, config.audio_channels, gain),
            timeout=config.ffmpeg_timeout_seconds,
            beside=media.clock_streams(job.media.sound.index),
            look_ahead=media.look_ahead,
            progress=lambda seconds: stage_io.progress(seconds, job.duration),
        )
        if damage and not gain:
            stage_io.warn(f"The film is damaged, some of its sound may be missing: {damage}")

    write(gain=0.0)
    level = loud_moments_db(SpeechAudio(speech))
    if gain := raise_by(level):
        stage_io.warn(f"The sound is very quiet ({level:.0f} dB) and is raised by {gain:.0f} dB")
        write(gain)


def check_loss(stage_io: StageIO, config: PipelineConfig, media: MediaInfo, decoded: float) -> None:
    """Compare the decoded with the expected length: ffmpeg's exit code says nothing about it.

    Args:
        stage_io: The stage's paths and job.
        config: Its settings.
        media: What the film holds.
        decoded: Seconds of sound that were written.

    Raises:
        InputError: When the file is cut off and the loss is not small.
    """
    expected = stage_io.job.duration
    lost = expected - decoded
    if decoded > 0 and lost <= max(SMALL_LOSS, expected * config.audio_loss_tolerance):
        return
    first = stage_io.job.clip.start if stage_io.job.clip else 0.0
    span = (first + decoded, first + expected)
    figures = f"{decoded:.1f} s of sound in a film of {expected:.1f} s"
    if decoded > 0 and goes_on_after(stage_io.get_media_path(), span, media.start_time):
        stage_io.warn(f"The audio track is shorter than the film: {figures}")
        return
    raise InputError(
        f"The film is cut off: {figures}",
        hint="Copy or download it again, or raise AUDIO_LOSS_TOLERANCE to work on what is there",
    )
