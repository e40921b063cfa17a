#!/usr/bin/env python3
"""
Missing: what the results of a job do not have, judged by the job's own files.

How much of the detected speech has text, what was kept apart and why, what stayed without text, and
which lines no engine could translate.

Usage:
    from shared.pipeline.plan.missing import describe_missing, find_missing

    for line in describe_missing(find_missing(job_dir)): ...
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from shared.core.errors import InputError, counted
from shared.core.files import read_json
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.stage_order import get_stage_dir
from shared.transcript.records.inputs import translated_file

# Shorter than this nobody misses anything, seconds.
LEAST_SECONDS = 0.1


@dataclass(frozen=True)
class Missing:
    """What is not there; None where no stage has told yet. Times in seconds of speech.

    Attributes:
        speech_seconds: Detected speech.
        text_share: Share of it that has text, 0 to 1.
        quarantined_seconds: Of it, with text that is not believed and kept apart.
        quarantine_reason: What speaks against most of that text; None without such text.
        without_text_seconds: Of it, without any text.
        untranslated: Lines without a translation, by language; languages without such are left out.
    """

    speech_seconds: float | None = None
    text_share: float | None = None
    quarantined_seconds: float | None = None
    quarantine_reason: str | None = None
    without_text_seconds: float | None = None
    untranslated: dict[str, int] = field(default_factory=dict)


def find_missing(job_dir: Path) -> Missing:
    """Return what is missing in a job, as far as its stages have come.

    Args:
        job_dir: The job directory; nothing in it is changed.
    """
    records = CheckpointManager(job_dir, only_looks=True)
    heard, translated = (
        record.summary if record is not None else {}
        for record in (records.load_record("asr"), records.load_record("translation"))
    )
    kept_apart = _figure(heard, "quarantined_seconds")
    return Missing(
        speech_seconds=_figure(heard, "speech_seconds"),
        text_share=_figure(heard, "coverage"),
        quarantined_seconds=kept_apart,
        quarantine_reason=_strongest_reason(job_dir) if kept_apart else None,
        without_text_seconds=_figure(heard, "without_text_seconds"),
        untranslated=_untranslated(job_dir, translated) if translated.get("untranslated") else {},
    )


def describe_missing(missing: Missing) -> list[str]:
    """Return what is missing in words, a line each; the share of speech with text comes first.

    Args:
        missing: Of one job.
    """
    lines = []
    if missing.speech_seconds and missing.text_share is not None:
        share = _percent(missing.text_share)
        lines.append(f"{share} of {missing.speech_seconds:.1f} s of speech has text")
    if (missing.quarantined_seconds or 0.0) >= LEAST_SECONDS:
        reason = f": {missing.quarantine_reason}" if missing.quarantine_reason else ""
        lines.append(f"{missing.quarantined_seconds:.1f} s kept apart, not believed{reason}")
    if (missing.without_text_seconds or 0.0) >= LEAST_SECONDS:
        lines.append(f"{missing.without_text_seconds:.1f} s of speech without any text")
    for language, count in missing.untranslated.items():
        lines.append(f"{counted(count, 'line')} not translated into {language}")
    return lines


def _percent(share: float) -> str:
    """Return a share in percent, never '100%' of what is not whole."""
    return "99.9%" if 0.999 <= share < 1.0 else f"{100 * share:.3g}%"


def _figure(summary: dict[str, Any], name: str) -> float | None:
    value = summary.get(name)
    return float(value) if isinstance(value, int | float) else None


def _strongest_reason(job_dir: Path) -> str | None:
    """Return the first evidence, without its figures, against the most seconds of text kept apart.

    Each text's evidence begins with what is strongest. None where a person has edited the file
    so that it cannot be read.
    """
    from shared.transcript.records.schemas import QuarantinedText

    try:
        transcript = read_json(job_dir / get_stage_dir("asr") / "segments.json")
        texts = TypeAdapter(list[QuarantinedText]).validate_python(transcript["quarantined"])
    except (InputError, OSError, ValidationError, KeyError, TypeError):
        return None
    seconds: Counter[str] = Counter()
    for one in texts:
        for reason in one.evidence[:1]:
            # Counted in milliseconds, as the file holds them.
            seconds[reason.partition(" (")[0]] += round(1000 * one.duration)
    return max(seconds, key=lambda reason: seconds[reason], default=None)


def _untranslated(job_dir: Path, summary: dict[str, Any]) -> dict[str, int]:
    """Return how many lines of each language have no translation in its file."""
    counts = {}
    languages = list(summary.get("languages", []))
    for language in languages:
        path = job_dir / get_stage_dir("translation") / translated_file(language)
        try:
            lines = read_json(path)["lines"]
            count = sum(one["status"] == "untranslated" for one in lines)
        except (InputError, OSError, KeyError, TypeError):  # edited since: the record has the sum
            return {" and ".join(languages): int(summary["untranslated"])}
        if count:
            counts[language] = count
    return counts
