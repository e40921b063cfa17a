#!/usr/bin/env python3
"""
Probe of the environment common: a second of film is made and probed, a subtitle written and read.

Usage:
    venv/common/bin/python tools/probes/common.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import FFMPEG_SECONDS, require, run_probe  # noqa: E402


def work(device: str) -> str:
    """Make, probe and subtitle one second.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import pysubs2

    from shared.media.ffmpeg import file_output, generated_input, read_ffmpeg
    from shared.media.probe import probe_media
    from shared.media.sources import source_text

    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mkv"
        picture = generated_input(source_text("testsrc2", size="64x48", rate=24, duration=1))
        sound = generated_input(source_text("sine", frequency=220, sample_rate=16_000, duration=1))
        codecs = {"c:v": "mpeg4", "c:a": "flac"}
        read_ffmpeg(file_output([picture, sound], film, codecs), FFMPEG_SECONDS)
        media = probe_media(film)
        require(abs(media.duration - 1.0) < 0.2, f"a second of film lasts {media.duration} s")
        subtitles = pysubs2.SSAFile()
        subtitles.append(pysubs2.SSAEvent(start=0, end=900, text="नमस्ते"))
        subtitles.save(str(Path(folder) / "film.srt"))
        read = pysubs2.load(str(Path(folder) / "film.srt"))
        require(read[0].text == "नमस्ते", "a subtitle changed when it was written")
    return f"a film of {media.duration:.2f} s made, probed and subtitled"


if __name__ == "__main__":
    run_probe("ffmpeg, pysubs2", work)
