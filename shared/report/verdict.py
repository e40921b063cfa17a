#!/usr/bin/env python3
"""
Verdict: in words what was made, what was left out, done in a lesser way or guessed, and how sure.

Usage:
    from shared.report.verdict import judge

    verdict = judge(facts)
    verdict.headline     # 'Done: the film with subtitles in Hindi and English'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.core.errors import counted
from shared.core.languages import AUTO, language_name
from shared.pipeline.plan.missing import describe_missing
from shared.report.confidence import HEAVY, describe_confidence
from shared.report.facts import Facts

Level = Literal["good", "look", "bad"]
STATES = {
    "ready": "Prepared, not begun",
    "running": "Is being run",
    "partial": "Stopped",
    "failed": "Failed",
    "done": "Done",
}


@dataclass(frozen=True)
class Section:
    """One question and its answers, a line each."""

    title: str
    lines: list[str]


@dataclass(frozen=True)
class Verdict:
    """What a person should know first.

    Attributes:
        level: 'good'; 'look': done, but something is left out or doubtful; 'bad': not done.
        headline: One line.
        sections: What was made, left out, done in a lesser way or guessed, how sure it is; those
            without answers are left out.
    """

    level: Level
    headline: str
    sections: list[Section]


def judge(facts: Facts) -> Verdict:
    """Return the verdict on a job.

    Args:
        facts: What is known of it.
    """
    left_out, lesser = list(_left_out(facts)), list(_lesser(facts))
    sections = [
        Section("What was made", list(_made(facts))),
        Section("What was left out, and why", left_out),
        Section("What was done in a lesser way", lesser),
        Section("What was guessed", list(_guessed(facts))),
        Section("How sure it is", list(describe_confidence(facts))),
        Section("What would be better", list(facts.advice)),
    ]
    return Verdict(
        _level(facts, left_out, lesser),
        _headline(facts),
        [one for one in sections if one.lines],
    )


def _level(facts: Facts, left_out: Sequence[str], lesser: Sequence[str]) -> Level:
    if facts.summary.state != "done":
        return "bad"
    has_gaps = any(facts.records[stage].outages for stage in facts.records)
    heavy = any(one.weight >= HEAVY for one in facts.doubts)
    gaps = describe_missing(facts.missing)[_first_of_gaps(facts) :]
    is_whole = not (gaps or has_gaps or heavy or lesser)
    return "good" if is_whole else "look"


def _headline(facts: Facts) -> str:
    """Return how a job stands in one line."""
    state = facts.summary.state
    word = STATES.get(state, state)
    if state == "failed":
        return f"{word} at {facts.summary.problem}"
    if state == "partial":
        return (
            f"{word} before {facts.summary.next_stage}: nothing is lost, the same command goes on"
        )
    if state != "done":
        return word
    if facts.missing.speech_seconds == 0:
        return f"{word}: nobody speaks in this film"
    names = _listed([language_name(one) for one in facts.languages])
    made = {
        "subtitle": f"the film with subtitles in {names}",
        "translate": f"transcript and translation, {names}",
        "transcribe": f"a transcript in {names}",
    }
    return f"{word}: {made[facts.job.workflow]}"


def _made(facts: Facts) -> Iterator[str]:
    """Yield the results that a person wants, with their sizes."""
    for track in facts.tracks.values():
        kind = ", for deaf viewers" if track.is_sdh else ""
        cues = counted(len(track.cues), "cue")
        yield f"Subtitles in {language_name(track.language)}{kind}: {cues} ({track.file})"
    for one in facts.files:
        if one.stage == "mux" and one.state != "lost":
            yield f"The film with its tracks ({one.name})"
    if facts.transcript is not None:
        lines = counted(len(facts.transcript.segments), "line")
        yield f"A transcript of {lines} ({facts.transcript_file})"
    edited = [one.name for one in facts.files if one.state == "edited"]
    if edited:
        yield f"Edited by a person, and kept: {', '.join(edited)}"


def _left_out(facts: Facts) -> Iterator[str]:
    """Yield what the results do not have."""
    yield from describe_missing(facts.missing)[_first_of_gaps(facts) :]
    if facts.summary.state != "done" and facts.summary.next_stage is not None:
        yield f"Everything from {facts.summary.next_stage} on"
    for stage, record in facts.records.items():
        for one in record.outages:
            yield f"{stage}: {one}"
        if record.status == "skipped":
            yield f"{stage} was skipped: {record.reason}"


def _first_of_gaps(facts: Facts) -> int:
    """Return where in the lines of what is missing the gaps begin: the share is no gap."""
    return 1 if facts.missing.speech_seconds and facts.missing.text_share is not None else 0


def _lesser(facts: Facts) -> Iterator[str]:
    """Yield what was done in another way than it should be, with the reason."""
    for stage, record in facts.records.items():
        for rung in record.rungs:
            yield f"{stage}: {rung.rung} failed ({rung.reason}), done one step smaller"
        for told in (*record.lacks, *record.warnings, *record.over_budget):
            yield f"{stage}: {told}"
        if record.drifted:
            yield f"{stage}: packages in other versions than tested: {', '.join(record.drifted)}"


def _guessed(facts: Facts) -> Iterator[str]:
    """Yield what nobody said and the program decided."""
    job, transcript = facts.job, facts.transcript
    if transcript is not None and job.source_language == AUTO:
        sure = f"{transcript.language_confidence:.0%} sure"
        yield f"The language spoken: {language_name(transcript.language)} ({sure})"
    if job.audio_track is None and job.media.audio_choice and job.text is None:
        number = job.media.sound.index
        yield f"The sound track: stream {number}, {job.media.audio_choice}"
    if transcript is None:
        return
    repaired = sum(one.script == "repaired" for one in transcript.segments)
    if repaired:
        yield f"{counted(repaired, 'line')} written anew in the letters of the language, by sound"
    put_right = sum(len(one.corrections) for one in transcript.segments)
    if put_right:
        yield f"{counted(put_right, 'name or term', 'names or terms')} put right by the glossary"
    sung = sum(bool(one.is_lyrics) for one in transcript.segments)
    if sung:
        yield f"{counted(sung, 'line')} taken for song"
    words = [word for one in transcript.segments for word in one.words]
    between = sum(word.source == "interpolated" for word in words)
    if between:
        yield f"The times of {between} of {counted(len(words), 'word')}, from their neighbours"


def _listed(names: Sequence[str]) -> str:
    """Return names as a person says them: 'a, b and c'."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
