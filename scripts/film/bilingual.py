#!/usr/bin/env python3
"""
Bilingual: one more track with two languages in each cue, made of the tracks of both.

Usage:
    made |= bilingual_track(stage_io, config, "full")
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.core.errors import InputError
from shared.core.settings import PipelineConfig
from shared.media.mux.names import track_languages
from shared.stage_utils import StageIO
from shared.subtitles.base.cue import Cue, SourceCue
from shared.subtitles.base.finding import Finding
from shared.subtitles.base.profiles import limits_from_config
from shared.subtitles.files.formats import look_from_config, write_track
from shared.subtitles.files.merging import merged
from shared.subtitles.files.names import TrackKind, subtitle_name
from shared.subtitles.files.source import read_source

ITALIC = "italic"


def bilingual_track(
    stage_io: StageIO, config: PipelineConfig, kind: TrackKind
) -> dict[str, dict[str, list[Finding]]]:
    """Write the files of BILINGUAL; return its findings, of which it has none of its own.

    Its cues have the times of the first language and more lines than a profile allows.

    Args:
        stage_io: The stage's outputs, the tracks of both languages among them.
        config: BILINGUAL, BILINGUAL_STYLE and the looks.
        kind: Of the tracks.

    Raises:
        InputError: A track of one of the languages was not made.
    """
    if not config.bilingual:
        return {}
    job, languages = stage_io.job, track_languages(config.bilingual)
    first, second = (_cues(stage_io, config.bilingual, one, kind) for one in languages)
    slanted = config.bilingual_style == ITALIC
    cues = _in_style(merged(first, second), first, slanted)
    limits = limits_from_config(config, languages[0], job.media.frame_rate)
    name = subtitle_name(job.file_stem, config.bilingual, kind=kind)
    look = look_from_config(config, limits, job.title, {})
    write_track(cues, name, config.subtitle_formats, look, stage_io.get_output_path)
    return {config.bilingual: {name: []}}


def _cues(stage_io: StageIO, wanted: str, language: str, kind: TrackKind) -> list[SourceCue]:
    name = subtitle_name(stage_io.job.file_stem, language, ".srt", kind)
    path = stage_io.get_output_path(name)
    if not path.is_file():
        raise InputError(
            f"BILINGUAL={wanted}: there are no {language} subtitles",
            hint="Name the spoken language or one of -t",
        )
    return read_source(path).cues


def _in_style(cues: Sequence[SourceCue], first: Sequence[SourceCue], slanted: bool) -> list[Cue]:
    """Return cues whose lines below the first language's are in italics, where that is wanted."""
    above = {cue.start: len(cue.lines) for cue in first}
    made = []
    for cue in cues:
        count = above.get(cue.start, 0)
        lines = tuple(slanted and number >= count for number in range(len(cue.lines)))
        made.append(Cue(cue.start, cue.end, cue.text, italic_lines=lines if any(lines) else ()))
    return made
