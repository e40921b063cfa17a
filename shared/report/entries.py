#!/usr/bin/env python3
"""
Entries: the queue of doubts as a page shows it: one entry a moment, with all languages.

Usage:
    from shared.report.entries import make_entries

    entries, moments = make_entries(facts, texts, most=200)
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.core.languages import language_name
from shared.pipeline.jobs.doubts.doubt import Doubt
from shared.report.facts import Facts
from shared.report.places import Places
from shared.report.sides import Text, said_between

# Doubts of different languages that share so much of the shorter one's time are one moment's.
SAME_MOMENT = 0.5
BUCKET = 10.0  # seconds
# What further languages of a moment add to it: they are doubted for the same reason, mostly.
FURTHER = 0.5


@dataclass(frozen=True)
class Clip:
    """A picture or sound: what tells it from others, and the address of its data, '' = none."""

    key: str = ""
    data: str = ""


@dataclass
class Entry:
    """One moment to look at.

    Attributes:
        doubts: One a language, the worst first.
        sides: Language to what stands there.
        commands: What opens the place to mend, with what it is for.
        picture: The frame.
        sound: Its seconds of sound.
    """

    doubts: list[Doubt]
    sides: dict[str, list[str]] = field(default_factory=dict)
    commands: list[tuple[str, str]] = field(default_factory=list)
    picture: Clip = Clip()
    sound: Clip = Clip()

    @property
    def start(self) -> float:
        """Of the worst doubt, in seconds of the job."""
        return self.doubts[0].start

    @property
    def end(self) -> float:
        """Of the worst doubt, in seconds of the job."""
        return self.doubts[0].end

    @property
    def weight(self) -> float:
        """How bad it is."""
        return self.doubts[0].weight + FURTHER * sum(one.weight for one in self.doubts[1:])

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Language and reason, the worst first, each once."""
        told = [
            (one.weight, language_name(doubt.track.removesuffix(".sdh")), one.words)
            for doubt in self.doubts
            for one in doubt.reasons
        ]
        told.sort(key=lambda one: -one[0])
        return list(dict.fromkeys((language, words) for _, language, words in told))


def make_entries(
    facts: Facts, texts: Mapping[str, Sequence[Text]], most: int
) -> tuple[list[Entry], int]:
    """Return the head of the queue of doubts, the worst moment first, and how many moments it has.

    Args:
        facts: What is known of the job.
        texts: Of texts_by_language.
        most: How many entries.
    """
    queue = sorted(_moments(facts.doubts), key=lambda one: (-one.weight, one.start))
    entries = queue[:most]
    places = Places(facts)
    for entry in entries:
        for language, own in texts.items():
            found = said_between(own, entry.start, entry.end)
            entry.sides[language] = found
        entry.commands = list(dict.fromkeys(_commands(entry, facts, places)))
    return entries, len(queue)


def _moments(doubts: Sequence[Doubt]) -> list[Entry]:
    """Put the doubts of different languages together that are of the same moment."""
    entries: list[Entry] = []
    near: dict[int, list[Entry]] = defaultdict(list)
    for doubt in doubts:
        bucket = int(doubt.start // BUCKET)
        around = [one for n in (bucket - 1, bucket, bucket + 1) for one in near[n]]
        entry = next((one for one in around if _is_same_moment(one, doubt)), None)
        if entry is not None:
            entry.doubts.append(doubt)
            continue
        entries.append(Entry([doubt]))
        near[bucket].append(entries[-1])
    return entries


def _is_same_moment(entry: Entry, doubt: Doubt) -> bool:
    if any(one.track == doubt.track for one in entry.doubts):
        return False
    shared = min(entry.end, doubt.end) - max(entry.start, doubt.start)
    return shared >= SAME_MOMENT * max(0.01, min(entry.end - entry.start, doubt.end - doubt.start))


def _commands(entry: Entry, facts: Facts, places: Places) -> Iterator[tuple[str, str]]:
    """Yield what each command is for, and the command."""
    spoken = facts.transcript.language if facts.transcript else ""
    for doubt in entry.doubts:
        kinds = {one.kind for one in doubt.reasons}
        if "untranslated" in kinds:
            workflow = f"./run-pipeline.sh {facts.job.workflow} {shlex.quote(str(facts.job_dir))}"
            yield "ask for the translation again", workflow
        for what, file, line in places.of(doubt, spoken):
            at = f"+{line} " if line else ""
            path = shlex.quote(str(facts.job_dir / file))
            yield what, f"${{EDITOR:-nano}} {at}{path}"
