#!/usr/bin/env python3
"""
Muxing: the mux stage run on a film and hand-written subtitles, for the tests.

Usage:
    from tests.support.muxing import SRT, mux

    result, made = mux(tmp_path, film, {"en": SRT.format("one")})
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pysubs2

from shared.media.probe import MediaInfo, probe_media
from shared.pipeline.run.result import StageResult
from shared.subtitles.base.finding import LintReport
from shared.subtitles.files.fonts import font_family
from tests.support.media_job import make_job, output, put, run_stage

SRT = "1\n00:00:00,500 --> 00:00:00,900\n{}\n\n2\n00:00:01,100 --> 00:00:01,800\nzwei\n\n"


def mux(
    folder: Path,
    film: Path,
    tracks: Mapping[str, str],
    media: MediaInfo | None = None,
    **wanted: Any,
) -> tuple[StageResult, Path]:
    """Run the stage on hand-written subtitles; return its result and the finished film.

    Args:
        folder: Where the job goes.
        film: The film.
        tracks: Names of tracks to their text.
        media: What demux found in the film; None = what is in it.
        wanted: As of make_job.
    """
    job_dir = make_job(folder, film, **wanted)
    put(job_dir, "demux", "media_info.json", media or probe_media(film))
    for name, text in tracks.items():
        put(job_dir, "subtitle_generation", f"Film.{name}.srt", text)
        styled = pysubs2.SSAFile.from_string(text) if text else pysubs2.SSAFile()
        styled.styles["Default"].fontname = font_family(name.partition(".")[0])
        put(job_dir, "subtitle_generation", f"Film.{name}.ass", styled.to_string("ass"))
    report = LintReport(files={f"Film.{language}": [] for language in tracks})
    put(job_dir, "subtitle_generation", "lint.json", report)
    suffix = wanted.get("OUTPUT_CONTAINER", "mkv")
    return run_stage(job_dir, "mux"), output(job_dir, "mux", f"Film.subtitled.{suffix}")
