#!/usr/bin/env python3
"""
Source separation: free speech from music and effects

Purpose: give the recogniser less to stumble over: the centre channel of surround sound, or the
    vocals that Demucs finds; nothing where neither fits.
Input: demux/media_info.json, demux/audio_full.flac.
Output: vocals.wav (16 kHz mono), separation.json (method, why).

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only source_separation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.files import write_json  # noqa: E402
from shared.core.ladder import Rung, build_ladder  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.audio import SPEECH_FORMAT, SPEECH_RATE, SoundOutput, extract_audio  # noqa: E402
from shared.media.centre import centre_channel  # noqa: E402
from shared.media.separation import SHORTEST_SEGMENT, separation_of  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("source_separation")
    logger = get_stage_logger("source_separation", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("SOURCE SEPARATION: free speech from music and effects")
        logger.info("=" * 60)
        config = load_config()
        choice = separation_of(config, stage_io.job.media.sound)
        if choice.method == "off":
            if choice.lacks_model:
                stage_io.use_model("demucs", config.demucs_model, None)
                stage_io.lack("Speech is heard together with its music")
            return stage_io.skip(choice.reason)
        logger.info(f"Method: {choice.method}, {choice.reason}")
        source = stage_io.get_input_path("audio_full.flac", from_stage="demux")
        target = stage_io.get_output_path("vocals.wav")
        if choice.method == "center":
            record = take_centre(stage_io, config, source, target)
        else:
            record = take_vocals(stage_io, config, source, target)
        record |= {"method": choice.method, "reason": choice.reason}
        write_json(stage_io.get_output_path("separation.json"), record)
        return stage_io.succeed(method=choice.method)
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def take_centre(
    stage_io: StageIO, config: PipelineConfig, source: Path, target: Path
) -> dict[str, object]:
    """Write the front centre channel, and left and right where it is silent.

    Args:
        stage_io: The stage's paths and job.
        config: Its settings.
        source: All channels.
        target: 16 kHz mono WAV to write.

    Returns:
        What separation.json says of it beside the method.
    """
    extract_audio(
        source,
        stream=0,
        clip=None,
        files=[SoundOutput(target, SPEECH_FORMAT, SPEECH_RATE, centre_channel)],
        timeout=config.ffmpeg_timeout_seconds,
        progress=lambda seconds: stage_io.progress(seconds, stage_io.job.duration),
    )
    return {}


def take_vocals(
    stage_io: StageIO, config: PipelineConfig, source: Path, target: Path
) -> dict[str, object]:
    """Write what Demucs takes for vocals.

    Args:
        stage_io: The stage's paths and job.
        config: Its settings.
        source: All channels.
        target: 16 kHz mono WAV to write.

    Returns:
        What separation.json says of it beside the method.
    """
    from scripts.sound.demucs_integration import separate_vocals

    name = config.demucs_repo or config.demucs_model
    repo = Path(name) if config.demucs_repo else require_model("demucs", name)
    stage_io.use_model("demucs", name, repo)
    wanted = Rung(config.device, "", chunk_length=config.demucs_segment)
    rung = stage_io.use_rung(build_ladder(wanted, SHORTEST_SEGMENT))
    return dict(
        separate_vocals(
            source,
            target,
            model=config.demucs_model,
            repo=repo,
            device=rung.device,
            segment=rung.chunk_length,
            overlap=config.demucs_overlap,
            progress=lambda seconds: stage_io.progress(seconds, stage_io.job.duration),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
