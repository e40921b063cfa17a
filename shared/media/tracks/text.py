#!/usr/bin/env python3
"""
Text tracks: the subtitle tracks of a film that are text, and those that are pictures of it.

Usage:
    from shared.media.tracks.text import choose_text_track, take_text

    stream = choose_text_track(probe_media(film), 1, film.name)
    take_text(film, stream, folder, timeout=600.0)      # folder/track.srt
"""

from __future__ import annotations

import re
from pathlib import Path

from shared.core.errors import InputError
from shared.media.ffmpeg import file_output, looking_ahead, media_input, run_ffmpeg
from shared.media.probe import MediaInfo, MediaStream
from shared.media.tracks.choice import same_language
from shared.subtitles.files.names import TrackKind

PICTURES = {
    "hdmv_pgs_subtitle": "PGS",
    "dvd_subtitle": "VobSub",
    "dvb_subtitle": "DVB",
    "xsub": "XSUB",
}
# Formats in which a track is taken as it is; of others ffmpeg makes SRT.
OWN_FORMS = {"ass": ".ass", "ssa": ".ass", "webvtt": ".vtt"}
TEXT = frozenset(
    "subrip srt text mov_text microdvd mpl2 jacosub sami realtext subviewer subviewer1 stl vplayer "
    "pjs".split()
) | frozenset(OWN_FORMS)
READ_BY = "Subtitle Edit (its OCR) reads such tracks and writes .srt; then: --subtitles FILE.srt"
# How discs and services name such tracks.
FOR_DEAF = re.compile(r"\bSDH\b|\bCC\b|hearing|sourds|malentendant|hörgeschädigt|sordos", re.I)
FORCED = re.compile(r"forced|forcé|erzwungen|forzad|signs", re.I)


def choose_text_track(media: MediaInfo, wanted: int, name: str) -> MediaStream:
    """Return a subtitle track of a film.

    Args:
        media: What the film holds.
        wanted: Number of the track, 1 = the first.
        name: The film, for messages.

    Raises:
        InputError: There is no such track, or it is no text; lists what there is.
    """
    tracks = media.subtitle_streams
    if not 1 <= wanted <= len(tracks):
        raise InputError(
            f"No subtitle track {wanted} in {name}",
            hint=f"It has {len(tracks)}: {describe_tracks(tracks)}" if tracks else "It has none",
        )
    track = tracks[wanted - 1]
    if kind := PICTURES.get(track.codec):
        raise InputError(
            f"Subtitle track {wanted} of {name} is pictures ({kind}), not text", hint=READ_BY
        )
    if track.codec not in TEXT:
        raise InputError(
            f"Subtitle track {wanted} of {name} ({track.codec}) is no text that ffmpeg reads",
            hint=f"Its tracks: {describe_tracks(tracks)}",
        )
    return track


def describe_tracks(tracks: list[MediaStream]) -> str:
    """Return subtitle tracks as one readable line, numbered as track:N counts.

    Args:
        tracks: In file order.
    """
    parts = []
    for number, track in enumerate(tracks, 1):
        facts = [track.language or "no language", PICTURES.get(track.codec, track.codec)]
        parts.append(f"{number}: " + ", ".join([*facts, *([track.title] if track.title else [])]))
    return "; ".join(parts)


def spoken_text_track(media: MediaInfo, language: str) -> str:
    """Return the text track that says what is spoken, in words: 'track:2, fre, subrip'.

    Args:
        media: What the film holds.
        language: That is spoken, BCP-47, or auto, which no track has.

    Returns:
        The first one that holds all that is said; "" where there is none.
    """
    for number, track in enumerate(media.subtitle_streams, 1):
        fits = same_language(track.language, language) and kind_of_track(track) != "forced"
        if fits and track.codec in TEXT:
            return f"track:{number}, {track.language}, {track.codec}"
    return ""


def kind_of_track(track: MediaStream) -> TrackKind:
    """Return what a subtitle track holds, by its flags and its title.

    Args:
        track: Of a film.
    """
    title = track.title or ""
    if track.is_forced or FORCED.search(title):
        return "forced"
    return "sdh" if track.is_for_deaf or FOR_DEAF.search(title) else "full"


def take_text(
    film: Path, stream: int, codec: str, folder: Path, timeout: float, look_ahead: float = 0.0
) -> Path:
    """Write a text track to a file and return it; its times count from the film's start.

    Args:
        film: Where the track is.
        stream: Number of the stream in it.
        codec: Of the stream.
        folder: Where the file is written.
        timeout: Longest run in seconds.
        look_ahead: As of MediaInfo.

    Raises:
        DependencyError: When ffmpeg fails or takes too long.
    """
    target = folder / f"track{OWN_FORMS.get(codec, '.srt')}"
    own = codec in OWN_FORMS or codec in ("subrip", "srt")
    source = media_input(film, **looking_ahead(look_ahead))
    run_ffmpeg(
        file_output([source[str(stream)]], target, {"c:s": "copy" if own else "srt"}), timeout
    )
    return target
