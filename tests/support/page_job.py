#!/usr/bin/env python3
"""
Page job: texts put into a job as its stages leave them, for the tests of its page.

Usage:
    from tests.support.page_job import HOSTILE, put_texts

    put_texts(job_dir, ["नमस्ते", *HOSTILE])
"""

from __future__ import annotations

import io
import wave as wave_file
from pathlib import Path

from shared.core.files import read_json, write_json
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.stage_order import get_stage_dir
from shared.transcript.records.schemas import TranslatedLine, Translation
from tests.support.checkpoints import make_checkpoint
from tests.support.media_job import put, segment, transcript

STAGE = "subtitle_generation"
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "</style></title><svg onload=alert(3)>",
    "\"' onmouseover=alert(4) x='",
    "{{ 7 * 7 }}{% raw %}&lt;b&gt;&#x3c;i>",
    "<!-- ]]> --> javascript:alert(5)",
    "\u202eevitcefe \u2066hidden\u2069",
    "null\x00\x07\x1b[31m \u2028 end",
)


def clock(seconds: float) -> str:
    """Return a time as .srt files have it."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},000"


def put_texts(job_dir: Path, texts: list[str], duration: float | None = None) -> None:
    """Put lines into a job as its stages leave them, two seconds each, doubted."""
    job = read_json(job_dir / "job.json")
    job["media"]["duration"] = duration or 3.0 * len(texts) + 10
    write_json(job_dir / "job.json", job)
    segments = [
        segment(n, 3 * n + 1, 3 * n + 3, text, language="hi", confidence=0.3)
        for n, text in enumerate(texts)
    ]
    said = transcript(*segments, language="hi", audio_duration=job["media"]["duration"])
    put(job_dir, "export_transcript", "transcript.json", said)
    lines = [
        TranslatedLine(
            id=n, source_text=text, text=f"en {text}", status="translated", engine="x", note=text
        )
        for n, text in enumerate(texts)
    ]
    made = Translation(source_language="hi", target_language="en", engine="x", lines=lines)
    put(job_dir, "translation", "segments_translated_en.json", made)
    for language in ("hi", "en"):
        cues = "".join(
            f"{n + 1}\n{clock(3 * n + 1)} --> {clock(3 * n + 3)}\n{language} {text}\n\n"
            for n, text in enumerate(texts)
        )
        put(job_dir, STAGE, f"Film.{language}.srt", cues)
    checkpoints = CheckpointManager(job_dir)
    for stage in ("export_transcript", "translation", STAGE):
        outputs = describe_outputs(job_dir / get_stage_dir(stage))
        checkpoints.save_record(make_checkpoint(stage, outputs=outputs, warnings=texts[:1]))


def wave(seconds: int = 10) -> bytes:
    """Return silence as a file of 16 kHz mono."""
    target = io.BytesIO()
    with wave_file.open(target, "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(16_000)
        stream.writeframes(b"\0\0" * 16_000 * seconds)
    return target.getvalue()
