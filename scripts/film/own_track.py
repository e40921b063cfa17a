#!/usr/bin/env python3
"""
Own track: the film's own subtitle track that a job began with, so that the film gets no second one.

Usage:
    held = held_already(stage_io, config, plan, names, files)    # "de.sdh", or None
"""

from __future__ import annotations

from collections.abc import Sequence

from scripts.film.edited_tracks import EditedTracks
from shared.core.settings import PipelineConfig
from shared.media.mux.names import BOTH, describe_track
from shared.media.mux.plan import MuxPlan
from shared.pipeline.jobs.results import results
from shared.stage_utils import StageIO
from shared.transcript.records.schemas import Transcript

EXPORT, TRANSCRIPT = "export_transcript", "transcript.json"


def held_already(
    stage_io: StageIO,
    config: PipelineConfig,
    plan: MuxPlan,
    names: Sequence[str],
    files: EditedTracks,
) -> str | None:
    """Return the track that would say what a track of the film says; None where there is none.

    What a person or the glossary changed, and what was brought to the sound, is another one, and
    goes in beside the film's own.

    Args:
        stage_io: The stage's inputs and job.
        config: Says whether times were brought to the sound.
        plan: Says which of the film's streams go in; its own tracks do not matter.
        names: Of the tracks that were made: 'en', 'en.sdh'.
        files: Tells what a person edited of them.
    """
    text = stage_io.job.text
    if text is None or text.stream is None or config.subtitles_sync:
        return None
    kept = [one for one in plan.streams[0] if one.index == text.stream]
    transcript = stage_io.read_model(
        stage_io.get_input_path(TRANSCRIPT, from_stage=EXPORT), Transcript
    )
    edited = any(
        one.path.name == TRANSCRIPT and one.state == "edited"
        for one in results(stage_io.output_base, EXPORT)
    )
    if not kept or edited or any(segment.corrections for segment in transcript.segments):
        return None
    same = (transcript.language, text.kind)
    found = [name for name in names if describe_track(name) == same and BOTH not in name]
    return found[0] if found and not files.is_touched(found[0]) else None
