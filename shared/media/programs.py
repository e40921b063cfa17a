#!/usr/bin/env python3
"""
Programs: the two of FFmpeg, and whether they are here. Standard library only.

Usage:
    from shared.media.programs import missing_programs

    missing_programs()      # [] where both are installed
"""

from __future__ import annotations

import shutil

PROGRAMS = ("ffmpeg", "ffprobe")


def missing_programs() -> list[str]:
    """Return which of ffmpeg and ffprobe are not on PATH; costs microseconds."""
    return [name for name in PROGRAMS if shutil.which(name) is None]
