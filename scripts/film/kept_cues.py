#!/usr/bin/env python3
"""
Kept cues: the tracks of a job that began with subtitles: their cues and times, in each language.

Usage:
    findings = keep_cues(stage_io, config, transcript, kind="sdh")
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.core.errors import counted
from shared.core.settings import PipelineConfig
from shared.stage_utils import StageIO
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import Finding
from shared.subtitles.base.profiles import limits_from_config
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.files.formats import look_from_config, write_track
from shared.subtitles.files.names import TrackKind, subtitle_name
from shared.subtitles.from_text.cues import cues_of
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import Transcript, Translation


def keep_cues(
    stage_io: StageIO, config: PipelineConfig, transcript: Transcript, kind: TrackKind
) -> dict[str, dict[str, list[Finding]]]:
    """Write the files of each language; return what is wrong by language and file.

    Args:
        stage_io: The stage's inputs, outputs and job.
        config: Profile, formats, look.
        transcript: Of a subtitle file.
        kind: What its track holds, and so do those made of it.
    """
    job, made = stage_io.job, {}
    if config.sdh == "on" and kind != "sdh":
        stage_io.warn("SDH=on: no sounds are added to text that is there already")
    for language, texts in _texts(stage_io, transcript):
        limits = limits_from_config(config, language, job.media.frame_rate, is_sdh=kind == "sdh")
        cues = cues_of(transcript.segments, texts, limits)
        if not limits.italics and any(cue.italic_lines for cue in cues):
            number = sum(bool(cue.italic_lines) for cue in cues)
            stage_io.warn(f"Italics of {counted(number, 'cue')} left out: {language} has none")
            cues = [_upright(cue) for cue in cues]
        name = subtitle_name(job.file_stem, language, kind=kind)
        look = look_from_config(config, limits, job.title, {})
        write_track(cues, name, config.subtitle_formats, look, stage_io.get_output_path)
        made[language] = {name: lint_cues(cues, limits, [], transcript.audio_duration)}
    return made


def _texts(stage_io: StageIO, transcript: Transcript) -> Iterator[tuple[str, dict[int, str]]]:
    """Yield each language with what takes the place of the file's texts, by segment."""
    yield transcript.language, {}
    for language in stage_io.job.target_languages:
        path = stage_io.get_input_path(translated_file(language), from_stage="translation")
        if path.exists():
            lines = stage_io.read_model(path, Translation).lines
            texts = {one.id: one.text for one in lines if one.status == "translated"}
            # A sound stands in brackets as it is.
            sounds = {one.id for one in transcript.segments if one.shown and one.shown.is_sound}
            left = [one for one in lines if one.status == "untranslated" and one.id not in sounds]
            yield language, texts | {one.id: f"[{one.source_text}]" for one in left}


def _upright(cue: Cue) -> Cue:
    return Cue(cue.start, cue.end, cue.text, alignment=cue.alignment)
