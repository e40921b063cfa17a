#!/usr/bin/env python3
"""
Demux: take the sound to transcribe out of the film

Purpose: probe the film and write its speech track as 16 kHz mono sound on the film's own clock;
    keep all channels too when source separation will want them.
Input: the media file that job.json names.
Output: media_info.json, audio.wav, audio_full.flac (only when wanted).

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only demux
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.errors import InputError  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.audio import (  # noqa: E402
    FULL_FORMAT,
    SMALL_LOSS,
    SPEECH_FORMAT,
    SPEECH_RATE,
    SoundOutput,
    extract_audio,
    goes_on_after,
)
from shared.media.intake.growing import refuse_grown  # noqa: E402
from shared.media.probe import MediaInfo, probe_media  # noqa: E402
from shared.media.separation import separation_of  # noqa: E402
from shared.media.speech_audio import wav_duration  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("demux")
    logger = get_stage_logger("demux", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("DEMUX: take the sound to transcribe out of the film")
        logger.info("=" * 60)
        config = load_config()
        media_path = stage_io.get_media_path()
        media = probe_media(media_path)
        stage_io.write_model("media_info.json", media)
        stream = stage_io.job.media.audio_stream
        logger.info(
            f"Input: {media_path}, stream {stream.index}: {stage_io.job.media.audio_choice}"
        )
        extract(stage_io, config, media)
        refuse_grown(media_path, media.size)
        duration = wav_duration(stage_io.get_output_path("audio.wav"))
        check_loss(stage_io, config, media, duration)
        return stage_io.succeed(audio_seconds=duration)
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def extract(stage_io: StageIO, config: PipelineConfig, media: MediaInfo) -> None:
    """Write the sound for speech and, where they are wanted, all channels, reading the film once.

    Args:
        stage_io: The stage's paths and job.
        config: Its settings.
        media: What the film holds.
    """
    job = stage_io.job
    wanted = [SoundOutput(stage_io.get_output_path("audio.wav"), SPEECH_FORMAT, SPEECH_RATE)]
    if separation_of(config, job.media.audio_stream).needs_all_channels:
        wanted.append(SoundOutput(stage_io.get_output_path("audio_full.flac"), FULL_FORMAT))
    damage = extract_audio(
        stage_io.get_media_path(),
        job.media.audio_stream.index,
        job.clip,
        wanted,
        timeout=config.ffmpeg_timeout_seconds,
        beside=media.clock_streams(job.media.audio_stream.index),
        look_ahead=media.look_ahead,
        progress=lambda seconds: stage_io.progress(seconds, job.duration),
    )
    if damage:
        stage_io.warn(f"The film is damaged, some of its sound may be missing: {damage}")


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


if __name__ == "__main__":
    sys.exit(main())
