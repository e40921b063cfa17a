#!/usr/bin/env python3
"""
Budgets: how long stages may take and how much memory, and when they are stopped.

A stage over its budget is told of; one that takes a multiple of it is stopped. How long stages are
expected to take: shared/pipeline/plan/pace.py. A stage without a row has no budget.

Usage:
    from shared.pipeline.plan.budgets import Work, over_budget, stage_timeout

    over_budget("asr", seconds=75.0, peak_mb=900.0, work=Work(minutes=1.0, device="cpu"))
    stage_timeout("asr", media_seconds=7200, factor=30, minimum=1800)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.pipeline.job.checkpoint import CheckpointManager

# Seconds per minute of media, those of translation per 1000 words and language (standards 8.1). A
# row for the device goes before the stage's own. The standards have one figure for translation, a
# GPU's: a processor has what 60 s per minute of film are at 200 words a minute.
PERFORMANCE_BUDGETS: dict[str, float] = {
    "demux": 10.0,
    "asr_cpu": 60.0,
    "asr_gpu": 10.0,
    "asr_mps": 20.0,
    "translation": 5.0,
    "translation_cpu": 300.0,
    "subtitle_generation": 3.0,
    "mux": 15.0,
}
# MiB of all the stage's processes together (standards 8.2).
MEMORY_BUDGETS_MB: dict[str, int] = {
    "demux": 512,
    "asr": 8192,
    "translation": 4096,
    "mux": 2048,
}
PER_THOUSAND_WORDS = frozenset({"translation"})
SPOKEN_WORDS_PER_MINUTE = 200.0
DEVICE_KINDS = ("cpu", "gpu", "mps")
# What the other stages are stopped by a multiple of, seconds per minute of media: measured with the
# embedded defaults on two CPU cores. One that somebody added has as much as any, for nothing is
# known of it.
MEASURED_PACES: dict[str, float] = {
    "tmdb": 1.0,
    "glossary_load": 0.5,
    "source_separation": 120.0,
    "pyannote_vad": 15.0,
    "alignment": 30.0,
    "lyrics_detection": 3.0,
    "export_transcript": 0.5,
    "translation": 60.0,
}
OTHER_PACE = 120.0
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True)
class Work:
    """What a stage works on, as far as its budget depends on it.

    Attributes:
        minutes: Length of the media; less than one minute has the budget of one.
        device: Where it computes: cpu, cuda, cuda:<number> or mps.
        languages: How many languages are translated into.
        words: How many were spoken; fewer than 1000 have the budget of 1000. None takes the usual
            rate of speech.
    """

    minutes: float = 1.0
    device: str = "cpu"
    languages: int = 1
    words: int | None = None

    @property
    def thousand_words(self) -> float:
        """Thousands of words to translate, in all languages together."""
        words = self.minutes * SPOKEN_WORDS_PER_MINUTE if self.words is None else self.words
        return max(words, 1000.0) / 1000.0 * max(1, self.languages)


def device_kind(device: str) -> str:
    """Return which row of the budgets a device has.

    Args:
        device: cpu, cuda, cuda:<number>, mps, or auto as long as it is not resolved.

    Returns:
        One of DEVICE_KINDS; 'cpu' for whatever is neither CUDA nor MPS.
    """
    name = device.partition(":")[0]
    return {"cuda": "gpu", "mps": "mps"}.get(name, "cpu")


def time_budget(stage: str, work: Work) -> float | None:
    """Return how long a stage may take without being told of.

    Args:
        stage: A name in STAGE_ORDER.
        work: What it works on.

    Returns:
        Seconds; None for a stage without a budget.

    Example:
        >>> time_budget("asr", Work(minutes=2.0, device="cuda:0"))
        20.0
    """
    own = f"{stage}_{device_kind(work.device)}"
    pace = PERFORMANCE_BUDGETS.get(own, PERFORMANCE_BUDGETS.get(stage))
    if pace is None:
        return None
    return pace * (work.thousand_words if stage in PER_THOUSAND_WORDS else max(1.0, work.minutes))


def over_budget(stage: str, seconds: float, peak_mb: float, work: Work) -> list[str]:
    """Return in what a stage went over its budget, one line each.

    Args:
        stage: A name in STAGE_ORDER.
        seconds: How long it took.
        peak_mb: The most memory that it took, MiB.
        work: What it worked on.

    Returns:
        Nothing for a stage within its budget, or without one.
    """
    told = []
    budget = time_budget(stage, work)
    if budget is not None and round(seconds, 1) > budget:
        told.append(
            f"exceeded its time budget: {seconds:.1f} s > {budget:.1f} s ({_amount(stage, work)})"
        )
    limit = MEMORY_BUDGETS_MB.get(stage)
    if limit is not None and peak_mb > limit:
        told.append(f"exceeded its memory budget: {peak_mb:.0f} MiB > {limit} MiB")
    return told


def spoken_words(job_dir: Path) -> int | None:
    """Return how many words the alignment of a job counted, None without it.

    Args:
        job_dir: The job directory.
    """
    record = CheckpointManager(job_dir, only_looks=True).load_record("alignment")
    words = record.summary.get("words") if record is not None else None
    return words if isinstance(words, int) else None


def _amount(stage: str, work: Work) -> str:
    """Return what a budget is for, for a person."""
    kind = device_kind(work.device)
    if stage in PER_THOUSAND_WORDS:
        return f"{work.thousand_words * 1000:.0f} words on {kind}"
    return f"{work.minutes:.1f} min of film on {kind}"


def stage_timeout(stage: str, media_seconds: float, factor: float, minimum: float) -> float:
    """Return the longest run of a stage in seconds.

    Args:
        stage: A name in STAGE_ORDER; one without a row anywhere has OTHER_PACE.
        media_seconds: Length of the media.
        factor: Multiple of the budget, of the slowest device's where it has several.
        minimum: What every stage has at least, seconds.
    """
    rows = (stage, *(f"{stage}_{kind}" for kind in DEVICE_KINDS))
    budgets = [PERFORMANCE_BUDGETS[row] for row in rows if row in PERFORMANCE_BUDGETS]
    pace = MEASURED_PACES.get(stage) or max(budgets, default=OTHER_PACE)
    return max(minimum, pace * media_seconds / SECONDS_PER_MINUTE * factor)
