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

from scripts.film.film_sound import check_loss, extract  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.media.intake.growing import refuse_grown  # noqa: E402
from shared.media.probe import probe_media  # noqa: E402
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
        if stream is None:  # the text is there already
            return stage_io.succeed(audio_seconds=0.0)
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


if __name__ == "__main__":
    sys.exit(main())
