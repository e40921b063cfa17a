#!/usr/bin/env python3
"""
Finished film: whether the last stage can make what the settings ask for, told before the first.

The tracks are foreseen by name; what becomes of the film's streams is the plan that mux follows.

Usage:
    from shared.pipeline.plan.finished_film import foresee_film

    foresee_film(job, config, film, media)      # ['Sound stream 1 becomes flac: was pcm_bluray']
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import InputError, UnavailableError
from shared.core.languages import AUTO, language_name, primary
from shared.core.settings import PipelineConfig
from shared.media.mux.containers import CONTAINERS
from shared.media.mux.feasible import as_it_can_be, what_changes
from shared.media.mux.names import check_burn_in, default_track, describe_track, track_languages
from shared.media.mux.plan import BurntIn, MuxPlan
from shared.media.probe import MediaInfo
from shared.pipeline.job.job import Job
from shared.subtitles.files.names import TrackKind, subtitle_name
from shared.transcript.writing.script_policy import HINDI, ROMAN_HINDI

STYLED = "ass"


def foresee_film(job: Job, config: PipelineConfig, film: Path, media: MediaInfo) -> list[str]:
    """Return what will not be in the finished film as it was in the original.

    Args:
        job: Its languages and clip.
        config: OUTPUT_CONTAINER and what belongs to it.
        film: The original.
        media: What it holds.

    Raises:
        InputError: A setting names a track or a form that will not be made, or the container
            cannot hold the picture.
        UnavailableError: No font shows what is to be drawn into the picture.
    """
    _check_forms(config)
    _check_names(job, config)
    burnt_in = BurntIn(film, None) if config.burn_in else None
    container = CONTAINERS[config.output_container]
    plan = as_it_can_be(film, MuxPlan(media, [], job.clip, container, burnt_in=burnt_in))
    lines = what_changes(plan)
    if config.burn_in:
        for language in track_languages(config.burn_in):
            lines += _foresee_letters(language, media)
    return lines


def _foresee_letters(language: str, media: MediaInfo) -> list[str]:
    """Refuse to draw letters that no font shows; tell whose font it is, and letters too small."""
    # Only who burns in waits for what reads fonts.
    from shared.subtitles.files.fonts import font_package
    from shared.subtitles.files.letters import font_of_language
    from shared.subtitles.files.picture import too_small

    font = font_of_language(language)
    if font is None:
        raise UnavailableError(
            f"No font on this machine shows {language_name(language)}, to draw it into the picture",
            hint=f"Install one (Debian: sudo apt-get install {font_package(language)}), "
            "or leave BURN_IN out",
        )
    lines = [] if font.is_ours else [f"Drawn in {font.family}, a font of this machine"]
    return lines + too_small(*media.picture_size, language)


def _check_forms(config: PipelineConfig) -> None:
    """Refuse styled subtitles that no format asked for holds."""
    if STYLED in config.subtitle_formats:
        return
    styled_tracks = config.mux_subtitles == STYLED and CONTAINERS[config.output_container]
    wanted = f"BURN_IN={config.burn_in}" if config.burn_in else ""
    if styled_tracks and styled_tracks.attachments:
        wanted = f"MUX_SUBTITLES={STYLED}"
    if wanted:
        raise InputError(
            f"{wanted} wants {STYLED} files, and none are made",
            hint=f"Add {STYLED} to SUBTITLE_FORMATS",
        )


def _check_names(job: Job, config: PipelineConfig) -> None:
    """Refuse a track that will not be made; with -s auto any language may be spoken."""
    names = _foreseen_names(job, config)
    if config.bilingual:
        names.append(_check_bilingual(job, config, names))
    for key, wanted in (("BURN_IN", config.burn_in), ("DEFAULT_SUBTITLE", config.default_subtitle)):
        if job.source_language == AUTO and _is_spoken_track(wanted, config):
            continue
        if key == "BURN_IN":
            check_burn_in(names, wanted)
        else:
            left = [name for name in names if name != config.burn_in]
            default_track(left, wanted, config.burn_in)


def _check_bilingual(job: Job, config: PipelineConfig, names: list[str]) -> str:
    """Refuse two languages of which one will have no track; return the name of the track."""
    end = "" if job.text is None or job.text.kind == "full" else f".{job.text.kind}"
    missing = [one for one in track_languages(config.bilingual) if f"{one}{end}" not in names]
    spoken = job.source_language == AUTO and len(missing) == 1
    if missing and not spoken:
        raise InputError(
            f"BILINGUAL={config.bilingual}: there will be no {missing[0]} subtitles",
            hint=f"There are: {', '.join(names)}; -t adds a language",
        )
    return config.bilingual + end


def _foreseen_names(job: Job, config: PipelineConfig) -> list[str]:
    spoken = [] if job.source_language == AUTO else [job.source_language]
    if spoken and primary(spoken[0]) == HINDI and config.script_policy == "roman":
        spoken = [ROMAN_HINDI]
    languages = list(dict.fromkeys([*job.target_languages, *spoken]))
    kinds: tuple[TrackKind, ...] = ("full", "sdh") if config.sdh == "on" else ("full",)
    if job.text is not None:
        kinds = (job.text.kind,)
    return [subtitle_name("", one, kind=kind).lstrip(".") for kind in kinds for one in languages]


def _is_spoken_track(wanted: str, config: PipelineConfig) -> bool:
    """Return whether a name may be that of the language that is found out later."""
    language, kind = describe_track(wanted)
    return language != "und" and (kind == "full" or config.sdh == "on")
