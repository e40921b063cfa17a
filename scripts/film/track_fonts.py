#!/usr/bin/env python3
"""
Track fonts: styled subtitles with the fonts of all their letters, for players and for the picture.

Usage:
    track, fonts = for_players(stage_io, path)
    burnt_in = for_picture(stage_io, path, media, keep_size=False)
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from shared.core.errors import first_of
from shared.core.files import write_text
from shared.media.mux.plan import Attachment, BurntIn
from shared.media.probe import MediaInfo
from shared.stage_utils import StageIO
from shared.subtitles.files.dressing import Dressed, dress_for_picture, dress_for_players
from shared.subtitles.files.fonts import MEDIA_TYPE
from shared.subtitles.files.letters import Font

# Folder of the fonts for the picture, beside the film until that is made.
FONTS = "fonts"
MOST_NAMED = 8


def for_players(stage_io: StageIO, path: Path) -> tuple[Path, list[Font]]:
    """Return a styled track in which each letter has a font, and those fonts.

    Args:
        stage_io: Where a track is written that names more fonts than its style's.
        path: An ASS file.
    """
    dressed = dress_for_players(path.read_text("utf-8"))
    if not dressed.fonts:
        stage_io.warn(f"No font comes with us for {path.name}: players take their own")
    _tell_lacking(stage_io, path, dressed)
    if dressed.is_as_it_was:
        return path, dressed.fonts
    written = stage_io.get_output_path(path.name)
    write_text(written, dressed.text)
    return written, dressed.fonts


def for_picture(stage_io: StageIO, path: Path, media: MediaInfo, keep_size: bool) -> BurntIn:
    """Return subtitles to draw into the picture, with a folder that holds all their fonts.

    Args:
        stage_io: Where both are written.
        path: An ASS file.
        media: The film, for the size of its picture.
        keep_size: Whether the size of the letters is a person's.
    """
    dressed = dress_for_picture(path.read_text("utf-8"), *media.picture_size, keep_size)
    for family in dressed.replaced:
        stage_io.warn(f"The font {family} is not on this machine: others are taken")
    _tell_lacking(stage_io, path, dressed)
    written = stage_io.get_output_path(f"drawn.{path.name}")
    write_text(written, dressed.text)
    folder = stage_io.get_output_path(FONTS)
    folder.mkdir()
    for number, font in enumerate(dressed.fonts):
        shutil.copyfile(font.path, folder / f"{number}.{font.path.name}")
    return BurntIn(written, folder, None if media.pixel_shape == 1.0 else media.picture_size)


def attachments(fonts: Sequence[Font]) -> list[Attachment]:
    """Return the fonts that a film may carry: ours, each once.

    Args:
        fonts: Of all its tracks.
    """
    paths = dict.fromkeys(font.path for font in fonts if font.is_ours)
    return [Attachment(path, MEDIA_TYPE) for path in paths]


def _tell_lacking(stage_io: StageIO, path: Path, dressed: Dressed) -> None:
    if dressed.lacking:
        named = first_of(dressed.lacking, MOST_NAMED, " ")
        stage_io.warn(f"No font shows {named}: left out of {path.name} in the film")
