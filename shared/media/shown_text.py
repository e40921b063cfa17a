#!/usr/bin/env python3
"""
Shown text: what ffmpeg, and with it most players, reads of a subtitle file.

Usage:
    from shared.media.shown_text import FfmpegReader

    FfmpegReader()(source)    # its cues as ffmpeg has them
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from shared.core.errors import DependencyError, UnavailableError
from shared.core.files import write_text
from shared.media.ffmpeg import SUBTITLE_FORMATS, file_output, media_input, run_ffmpeg
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.source import SourceFile, parse_source

# ffmpeg's name of what reads a format; it knows no TTML.
DEMUXERS = {"srt": "srt", "vtt": "webvtt", "ass": "ass", "ssa": "ass"}
SECONDS = 60.0
# Letters of a cue, for which ffmpeg takes time with their square: a million take ten seconds.
LONGEST_CUE = 50_000


class FfmpegReader:
    """Reads files by ffmpeg; what was read is remembered by its text."""

    def __init__(self) -> None:
        self._read: dict[str, list[SourceCue] | None] = {}

    def __call__(self, source: SourceFile) -> list[SourceCue] | None:
        """Return what ffmpeg shows of a file; None where it is not here or not for such a file.

        Args:
            source: Any file; its text counts, not what was read of it.
        """
        longest = max((len(cue.text) for cue in source.cues), default=0)
        if source.format not in DEMUXERS or longest > LONGEST_CUE:
            return None
        if source.text not in self._read:
            self._read[source.text] = _shown(source)
        return self._read[source.text]


def _shown(source: SourceFile) -> list[SourceCue] | None:
    with tempfile.TemporaryDirectory() as scratch:
        given, made = Path(scratch) / f"given.{source.format}", Path(scratch) / "shown.srt"
        write_text(given, source.text)
        read = media_input(given, SUBTITLE_FORMATS, format=DEMUXERS[source.format])["s:0"]
        try:
            run_ffmpeg(file_output([read], made, {"c:s": "subrip"}), SECONDS)
        except UnavailableError:
            return None
        except DependencyError:  # nothing in it that ffmpeg knows
            return []
        text = made.read_text(encoding="utf-8", errors="replace")
    return parse_source(text, "srt", made).cues if text.strip() else []
