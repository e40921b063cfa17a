#!/usr/bin/env python3
"""
Mux setup: what the mux stage puts into the film, from the stage's inputs and the configuration.

Usage:
    plan = plan_film(stage_io, config, media)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scripts.film.untranslated import Lacking, find_lacking
from shared.core.errors import InputError
from shared.core.settings import PipelineConfig
from shared.media.mux.containers import CONTAINERS, COPY
from shared.media.mux.film import take_cover
from shared.media.mux.plan import Attachment, BurntIn, MuxPlan, SubtitleTrack, cover_streams
from shared.media.probe import MediaInfo
from shared.stage_utils import StageIO
from shared.subtitles.base.finding import LintReport
from shared.subtitles.files.fonts import MEDIA_TYPE, font_file
from shared.subtitles.files.names import TrackKind, parse_name, subtitle_name

STAGE = "subtitle_generation"
AUTO, NONE = "auto", "none"
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
    burnt_in = _burnt_in(stage_io, config.burn_in)
    lacking = find_lacking(stage_io, stage_io.job.target_languages)
    written = [name for name in _with_text(stage_io) if name != config.burn_in]
    names = _translated_enough(stage_io, written, lacking, config.mux_untranslated)
    form = config.mux_subtitles if container.attachments else "srt"
    targets = stage_io.job.target_languages
    default = _default(names, written, config.default_subtitle, burnt_in, lacking, targets)
    tracks = _tracks(stage_io, names, form, default, lacking)
    plan = MuxPlan(media, tracks, clip, container, burnt_in=burnt_in)
    _tell_losses(stage_io, plan)
    attached: list[Attachment] = []
    if container.attachments:
        attached = _covers(stage_io, media, config.ffmpeg_timeout_seconds)
        attached += _fonts(stage_io, tracks)
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


def describe_track(name: str) -> tuple[str, TrackKind]:
    """Return language and kind of a track.

    Args:
        name: A BCP-47 tag, or one with '.sdh' or '.forced'.
    """
    found = parse_name(subtitle_name("", name, ".srt"))
    return found.language, found.kind


def _tell_losses(stage_io: StageIO, plan: MuxPlan) -> None:
    """Warn of what the container cannot hold as it is.

    Raises:
        InputError: It cannot hold the picture.
    """
    kept, left = plan.streams
    for stream in left:
        if stream.kind == "video" and not stream.is_cover:
            raise InputError(
                f"MP4 does not hold {stream.codec} pictures", hint="--set OUTPUT_CONTAINER=mkv"
            )
        stage_io.warn(f"Left out: {stream.kind} stream {stream.index} ({stream.codec})")
    for stream in kept:
        codec = plan.container.audio_codec(stream)
        if stream.kind == "audio" and plan.clip is None and codec != COPY:
            stage_io.warn(f"Sound stream {stream.index} becomes {codec}: was {stream.codec}")


def _translated_enough(
    stage_io: StageIO, names: list[str], lacking: Mapping[str, Lacking], most: float
) -> list[str]:
    """Return the tracks that go into the film; those with too few translations are told."""
    found = []
    for name in names:
        gaps = lacking.get(describe_track(name)[0])
        if gaps is None or gaps.share <= most:
            found.append(name)
        else:
            stage_io.warn(f"No {name} subtitle track: {gaps.told}, MUX_UNTRANSLATED={most:g}")
    return found


def _default(
    names: list[str],
    written: list[str],
    wanted: str,
    burnt_in: BurntIn | None,
    lacking: Mapping[str, Lacking],
    targets: Sequence[str],
) -> str | None:
    """Return the track that players switch on; none by itself where the picture has subtitles.

    One with untranslated lines is so by a person's word only, and what is spoken does not take the
    place of a translation.
    """
    if wanted == NONE or not written:
        return None
    if wanted == AUTO:
        whole = [name for name in names if describe_track(name)[0] not in lacking]
        if lacking:
            whole = [name for name in whole if describe_track(name)[0] in targets]
        return None if burnt_in or not whole else whole[0]
    if wanted not in written:
        raise InputError(
            f"DEFAULT_SUBTITLE={wanted}: there is no such track",
            hint=f"Tracks: {', '.join(written)}",
        )
    return wanted if wanted in names else None


def _with_text(stage_io: StageIO) -> list[str]:
    """Return the tracks that show something; a person may have saved one in another encoding."""
    found = []
    for name in track_names(stage_io):
        path = _subtitle(stage_io, name, "srt")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: not a UTF-8 text file",
                hint=f"Save the file again as UTF-8, or make it again with --force {STAGE}",
            ) from error
        if text:
            found.append(name)
        else:
            stage_io.warn(f"No {name} subtitle track: there is nothing to show")
    return found


def _tracks(
    stage_io: StageIO,
    names: list[str],
    form: str,
    default: str | None,
    lacking: Mapping[str, Lacking],
) -> list[SubtitleTrack]:
    tracks: list[SubtitleTrack] = []
    for name in names:
        language, kind = describe_track(name)
        path, gaps = _subtitle(stage_io, name, form), lacking.get(language)
        remark = gaps.told if gaps else ""
        if gaps:
            stage_io.warn(f"The {name} subtitle track has {gaps.told}, and is titled so")
        tracks.append(SubtitleTrack(path, language, name == default, kind, remark))
    return tracks


def _subtitle(stage_io: StageIO, name: str, form: str) -> Path:
    """Return a subtitle file.

    Raises:
        InputError: It was not made in this form.
    """
    file = subtitle_name(stage_io.job.file_stem, name, f".{form}")
    path = stage_io.get_input_path(file, from_stage=STAGE)
    if not path.exists():
        raise InputError(f"There is no {file}", hint=f"Add {form} to SUBTITLE_FORMATS")
    return path


def _burnt_in(stage_io: StageIO, name: str) -> BurntIn | None:
    """Return what to draw into the picture.

    Raises:
        InputError: There are no such subtitles.
    """
    if not name:
        return None
    names = track_names(stage_io)
    if name not in names:
        raise InputError(
            f"BURN_IN={name}: there are no such subtitles", hint=f"There are: {', '.join(names)}"
        )
    font = font_file(describe_track(name)[0])
    if font is None:
        stage_io.warn(f"No font comes with us for {name}: the machine's own are taken")
    return BurntIn(_subtitle(stage_io, name, "ass"), font.parent if font else None)


def _fonts(stage_io: StageIO, tracks: list[SubtitleTrack]) -> list[Attachment]:
    """Return the fonts of tracks that name one."""
    styled = {track.language: track for track in tracks if track.path.suffix == ".ass"}
    found = {language: font_file(language) for language in styled}
    for language in (language for language, font in found.items() if font is None):
        stage_io.warn(f"No font comes with us for {language}: players take their own")
    fonts = dict.fromkeys(font for font in found.values() if font is not None)
    return [Attachment(font, MEDIA_TYPE) for font in fonts]


def _covers(stage_io: StageIO, media: MediaInfo, timeout: float) -> list[Attachment]:
    """Write the film's covers beside the film to be made; they are attached and then removed."""
    film = stage_io.get_media_path()
    covers: list[Attachment] = []
    for number, stream in enumerate(cover_streams(media)):
        name = f"cover{number or ''}.{'jpg' if stream.codec == 'mjpeg' else 'png'}"
        covers.append(take_cover(film, stream, stage_io.get_output_path(name), timeout))
    return covers
