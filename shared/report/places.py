#!/usr/bin/env python3
"""
Places: where in a job's files a doubt is mended: the line of the cue, of the text it comes from.

Usage:
    from shared.report.places import Places

    for what, file, line in Places(facts).of(doubt, spoken="hi"): ...
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from shared.pipeline.jobs.doubts.doubt import Doubt
from shared.report.facts import Facts
from shared.stage_order import get_stage_dir
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import TimeSpan
from shared.transcript.sound.in_order import InOrder

KEY = '"text": '
CUE = "mend this cue alone"


class Places:
    """The lines in which the texts of a job stand.

    Args:
        facts: What is known of the job.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lines = cache(_lines_of_texts)
        transcript = facts.transcript
        self._segments = InOrder(transcript.segments if transcript else [])
        self._apart = transcript.quarantined if transcript else []
        self._translated = {
            language: {line.id: line.text for line in one.lines if line.text}
            for language, one in facts.translations.items()
        }

    def of(self, doubt: Doubt, spoken: str) -> Iterator[tuple[str, str, int | None]]:
        """Yield what can be mended where: in words, the file in the job, its line.

        Args:
            doubt: What is to be mended.
            spoken: The language of the transcript.
        """
        language = doubt.track.removesuffix(".sdh")
        segments = [
            one
            for one in self._segments.touching(TimeSpan(start=doubt.start, end=doubt.end))
            if _shared(one, doubt) > 0
        ]
        if language == spoken and self._facts.transcript is not None:
            near = [one.text for one in segments]
            near += [one.text for one in self._apart if _shared(one, doubt) > 0]
            yield from self._upstream("mend what was said", self._facts.transcript_file, near)
        elif (lines := self._translated.get(language)) is not None:
            file = f"{get_stage_dir('translation')}/{translated_file(language)}"
            texts = [lines[one.id] for one in segments if one.id in lines]
            yield from self._upstream("mend the translation", file, texts)
        if doubt.line is not None:
            yield CUE, doubt.file, doubt.line

    def _upstream(
        self, what: str, file: str, texts: list[str]
    ) -> Iterator[tuple[str, str, int | None]]:
        lines = self._lines(self._facts.job_dir / file)
        found = [lines[text] for text in texts if text in lines]
        yield what, file, min(found, default=None)


def _shared(one: TimeSpan, doubt: Doubt) -> float:
    return min(one.end, doubt.end) - max(one.start, doubt.start)


def _lines_of_texts(path: Path) -> dict[str, int]:
    """Return in which line of a JSON file, indented as ours are, each text stands first."""
    found: dict[str, int] = {}
    try:
        content = path.read_text("utf-8", "replace")
    except OSError:
        return found
    for number, line in enumerate(content.split("\n"), 1):
        if line.lstrip().startswith(KEY):
            try:
                text = json.loads(line.strip().removeprefix(KEY).rstrip(","))
            except ValueError:
                continue
            if isinstance(text, str):
                found.setdefault(text, number)
    return found
