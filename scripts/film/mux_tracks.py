#!/usr/bin/env python3
"""
Mux setup: what the mux stage puts into the film, from the stage's inputs and the configuration.

Usage:
    plan = plan_film(stage_io, config, media)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scripts.film.edited_tracks import STAGE, EditedTracks
from scripts.film.own_track import held_already
from scripts.film.track_fonts import attachments, for_picture, for_players
from scripts.film.untranslated import Lacking, find_lacking
from shared.core.settings import PipelineConfig
from shared.media.mux.containers import CONTAINERS
from shared.media.mux.feasible import as_it_can_be, what_changes
from shared.media.mux.film import take_cover
from shared.media.mux.names import (
    AUTO,
    check_burn_in,
    default_track,
    describe_track,
    track_languages,
)
from shared.media.mux.plan import Attachment, BurntIn, MuxPlan, SubtitleTrack, cover_streams
from shared.media.probe import MediaInfo
from shared.stage_utils import StageIO, get_stage_logger
from shared.subtitles.base.finding import LintReport
from shared.subtitles.files.letters import Font
from shared.subtitles.files.names import TrackKind

KINDS: tuple[TrackKind, ...] = ("full", "sdh", "forced")


def plan_film(stage_io: StageIO, config: PipelineConfig, media: MediaInfo) -> MuxPlan:
    """Return what goes into the film; what is left out is a warning.

    Args:
        stage_io: The stage's inputs and job.
        config: OUTPUT_CONTAINER and what belongs to it.
        media: What the original holds.

    Raises:
        InputError: A setting names a track that was not made, or MP4 cannot hold the picture.
    """
    container = CONTAINERS[config.output_container]
    clip = stage_io.job.clip
    files = EditedTracks(stage_io)
    burnt_in = _burnt_in(stage_io, files, config.burn_in, media)
    lacking = find_lacking(stage_io, stage_io.job.target_languages)
    form = config.mux_subtitles if container.attachments else "srt"
    offered = [name for name in track_names(stage_io) if name != config.burn_in]
    written = _with_text(stage_io, files, offered, form)
    names = _translated_enough(stage_io, written, lacking, config.mux_untranslated)
    plan = MuxPlan(media, [], clip, container, burnt_in=burnt_in)
    if held := held_already(stage_io, config, plan, names, files):
        names.remove(held)
        get_stage_logger("mux").info(f"{held}: the film's own track, no second one is added")
    targets = stage_io.job.target_languages
    default = _default(names, written, config.default_subtitle, config.burn_in, lacking, targets)
    tracks, fonts = _tracks(stage_io, files, names, form, default, lacking)
    plan = as_it_can_be(stage_io.get_media_path(), replace(plan, tracks=tracks))
    for remark in what_changes(plan):
        stage_io.warn(remark)
    attached: list[Attachment] = []
    if container.attachments:
        attached = _covers(stage_io, media, config.ffmpeg_timeout_seconds)
        attached += attachments(fonts)
    return replace(plan, attached=attached)


def track_names(stage_io: StageIO) -> list[str]:
    """Return the names of the subtitle files ('en', 'en.sdh'): translations first, as asked for.

    Args:
        stage_io: The stage's inputs and job.
    """
    stem = stage_io.job.file_stem
    lint = stage_io.get_input_path("lint.json", from_stage=STAGE)
    made = [name[len(stem) :].lstrip(".") for name in stage_io.read_model(lint, LintReport).files]
    targets = stage_io.job.target_languages

    def place(name: str) -> tuple[int, int]:
        language, kind = describe_track(name)
        return KINDS.index(kind), targets.index(language) if language in targets else len(targets)

    return sorted(made, key=place)


def _translated_enough(
    stage_io: StageIO, names: list[str], lacking: Mapping[str, Lacking], most: float
) -> list[str]:
    """Return the tracks that go into the film; those with too few translations are told."""
    found = []
    for name in names:
        gaps = _gaps(name, lacking)
        if gaps is None or gaps.share <= most:
            found.append(name)
        else:
            stage_io.warn(f"No {name} subtitle track: {gaps.told}, MUX_UNTRANSLATED={most:g}")
    return found


def _gaps(name: str, lacking: Mapping[str, Lacking]) -> Lacking | None:
    """Return what a track lacks, of two languages in it the one that lacks more."""
    gaps = [lacking[one] for one in track_languages(name) if one in lacking]
    return max(gaps, key=lambda one: one.share, default=None)


def _default(
    names: list[str],
    written: list[str],
    wanted: str,
    burnt_in: str,
    lacking: Mapping[str, Lacking],
    targets: Sequence[str],
) -> str | None:
    """Return the track that players switch on; none by itself where the picture has subtitles.

    One with untranslated lines is so by a person's word only, and what is spoken does not take the
    place of a translation.
    """
    switched_on = default_track(written, wanted, burnt_in)
    if switched_on is None or wanted != AUTO:
        return switched_on if switched_on in names else None
    whole = [name for name in names if _gaps(name, lacking) is None]
    if lacking:
        whole = [name for name in whole if describe_track(name)[0] in targets]
    return whole[0] if whole else None


def _with_text(
    stage_io: StageIO, files: EditedTracks, names: Sequence[str], form: str
) -> list[str]:
    """Return the tracks that show something."""
    found = []
    for name in names:
        if files.shows(name, form):
            found.append(name)
        else:
            stage_io.warn(f"No {name} subtitle track: there is nothing to show")
    return found


def _tracks(
    stage_io: StageIO,
    files: EditedTracks,
    names: list[str],
    form: str,
    default: str | None,
    lacking: Mapping[str, Lacking],
) -> tuple[list[SubtitleTrack], list[Font]]:
    """Return the tracks that the film gets, and the fonts of styled ones."""
    tracks: list[SubtitleTrack] = []
    fonts: list[Font] = []
    for name in names:
        (language, kind), others = describe_track(name), track_languages(name)[1:]
        path, gaps = files.file(name, form), _gaps(name, lacking)
        if form == "ass":
            path, used = for_players(stage_io, path)
            fonts += used
        remark = gaps.told if gaps else ""
        if gaps:
            stage_io.warn(f"The {name} subtitle track has {gaps.told}, and is titled so")
        tracks.append(SubtitleTrack(path, language, name == default, kind, remark, *others))
    return tracks, fonts


def _burnt_in(
    stage_io: StageIO, files: EditedTracks, name: str, media: MediaInfo
) -> BurntIn | None:
    """Return what to draw into the picture.

    Raises:
        InputError: There are no such subtitles.
    """
    if not name:
        return None
    check_burn_in(track_names(stage_io), name)
    return for_picture(stage_io, files.file(name, "ass"), media, files.is_edited(name, "ass"))


def _covers(stage_io: StageIO, media: MediaInfo, timeout: float) -> list[Attachment]:
    """Write the film's covers beside the film to be made; they are attached and then removed."""
    film = stage_io.get_media_path()
    covers: list[Attachment] = []
    for number, stream in enumerate(cover_streams(media)):
        name = f"cover{number or ''}.{'jpg' if stream.codec == 'mjpeg' else 'png'}"
        covers.append(take_cover(film, stream, stage_io.get_output_path(name), timeout))
    return covers
