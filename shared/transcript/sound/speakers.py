#!/usr/bin/env python3
"""
Speakers: who speaks in which region, and so in which segment.

Turns come from a diarization and know nothing of regions; regions are cut where a turn ends, and a
segment is parted where its words change the speaker. Where two speak at once, both are named: first
the one whose turn is longer.

Usage:
    from shared.transcript.sound.speakers import SpeakerTurn, name_regions, name_segments

    regions = name_regions(regions, [SpeakerTurn(start=0.0, end=2.1, speaker="SPEAKER_00")])
    segments = name_segments(segments, regions)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from shared.transcript.records.schemas import Segment, SpeechRegion, TimeSpan, Word
from shared.transcript.sound.in_order import InOrder

# A piece of a region that is shorter goes with the piece before or after it, seconds.
SHORTEST_PIECE = 0.2
# A turn that a region lies this far away from still names it, seconds: detectors differ a little.
NEAR = 0.5
# So many words, or so many seconds, are believed to be another speaker in the middle of a segment.
FEWEST_WORDS = 2
SHORTEST_TURN = 0.5

Run = tuple[list[Word], str | None]


class SpeakerTurn(TimeSpan):
    """A stretch in which one speaker speaks, and others at the same time where they are named."""

    speaker: str
    others: list[str] = Field(default_factory=list)


def speaker_name(number: int) -> str:
    """Return the name of an unknown speaker: SPEAKER_00, SPEAKER_01, …

    Args:
        number: From 0, in order of appearance.
    """
    return f"SPEAKER_{number:02d}"


def is_unnamed(speaker: str) -> bool:
    """Tell whether a speaker has but the number that diarization gave.

    Args:
        speaker: A name from a glossary, or SPEAKER_00.
    """
    return re.fullmatch(r"SPEAKER_\d+", speaker) is not None


def number_speakers(turns: Iterable[SpeakerTurn]) -> list[SpeakerTurn]:
    """Return the turns in order, their speakers named anew in the order in which they appear.

    Args:
        turns: In any order.
    """
    names: dict[str, str] = {}
    ordered = sorted(turns, key=lambda one: (one.start, one.end))
    for turn in ordered:
        names.setdefault(turn.speaker, speaker_name(len(names)))
    return [turn.model_copy(update={"speaker": names[turn.speaker]}) for turn in ordered]


def name_regions(
    regions: Sequence[SpeechRegion], turns: Sequence[SpeakerTurn]
) -> list[SpeechRegion]:
    """Return the regions with their speakers, cut where the speaker changes.

    Args:
        regions: In order, not overlapping.
        turns: In order; they may overlap and leave gaps.

    Returns:
        The same stretches of time, in more pieces. A region far from every turn has no speaker.
    """
    named: list[SpeechRegion] = []
    ordered = InOrder(one_after_the_other(turns))
    for region in regions:
        named += _cut_at_changes(region, ordered.touching(region, NEAR))
    return named


def one_after_the_other(turns: Sequence[SpeakerTurn]) -> list[SpeakerTurn]:
    """Return turns that do not overlap: a stretch of two is the longer one's, with the other named.

    Args:
        turns: In order of their starts.
    """
    bounds = sorted({time for turn in turns for time in (turn.start, turn.end)})
    parted: list[SpeakerTurn] = []
    waiting, speaking = list(reversed(turns)), list[SpeakerTurn]()
    for start, end in zip(bounds, bounds[1:], strict=False):
        speaking = [one for one in speaking if one.end > start]
        while waiting and waiting[-1].start <= start:
            speaking.append(waiting.pop())
        speaking = [one for one in speaking if one.end > start]
        names = list(dict.fromkeys(one.speaker for one in sorted(speaking, key=_longest)))
        if not names:
            continue
        last = parted[-1] if parted else None
        if last and (last.end, last.speaker, last.others) == (start, names[0], names[1:]):
            parted[-1] = last.model_copy(update={"end": end})
        else:
            parted.append(SpeakerTurn(start=start, end=end, speaker=names[0], others=names[1:]))
    return parted


def _longest(turn: SpeakerTurn) -> float:
    return -turn.duration


def _cut_at_changes(region: SpeechRegion, turns: Sequence[SpeakerTurn]) -> list[SpeechRegion]:
    """Cut one region between different speakers, in the middle of what lies between their turns."""
    inside = [one for one in turns if one.end > region.start and one.start < region.end]
    if not inside:
        nearest = min(turns, key=lambda one: _distance(one, region), default=None)
        return [region.model_copy(update={"speaker": nearest.speaker if nearest else None})]
    pieces: list[SpeechRegion] = []
    start = region.start
    for before, after in _changes(inside):
        cut = min(region.end, max(start, (before.end + after.start) / 2))
        if cut - start >= SHORTEST_PIECE and region.end - cut >= SHORTEST_PIECE:
            pieces.append(_piece(region, start, cut, before))
            start = cut
    last = max(inside, key=lambda one: min(one.end, region.end) - max(one.start, start))
    pieces.append(_piece(region, start, region.end, last))
    return pieces


def _changes(turns: Sequence[SpeakerTurn]) -> Iterator[tuple[SpeakerTurn, SpeakerTurn]]:
    """Yield each pair of neighbouring turns of other speakers."""
    for before, after in zip(turns, turns[1:], strict=False):
        if (before.speaker, before.others) != (after.speaker, after.others):
            yield before, after


def _piece(region: SpeechRegion, start: float, end: float, turn: SpeakerTurn) -> SpeechRegion:
    return SpeechRegion(
        start=start, end=end, score=region.score, speaker=turn.speaker, others=turn.others
    )


def _distance(one: TimeSpan, other: TimeSpan) -> float:
    return max(0.0, one.start - other.end, other.start - one.end)


def name_segments(segments: Sequence[Segment], regions: Sequence[SpeechRegion]) -> list[Segment]:
    """Return the segments with their speakers, parted where their words change the speaker.

    Args:
        segments: In order, with timed words.
        regions: In order; without any speaker the segments are returned as they are.

    Returns:
        Numbered from 0 anew; every word and every character of the text is kept.
    """
    known = InOrder([region for region in regions if region.speaker])
    if not known.spans:
        return list(segments)
    named: list[Segment] = []
    for segment in segments:
        for piece in _part(segment, known.touching(segment)):
            named.append(piece.model_copy(update={"id": len(named)}))
    return named


def _part(segment: Segment, near: Sequence[SpeechRegion]) -> list[Segment]:
    """Return the segment in one piece for each run of words of one speaker in the regions near."""
    whole = main_speaker(segment, near)
    runs = _runs(segment.words, [main_speaker(word, near) or whole for word in segment.words])
    texts = _texts(segment.text, [run for run, _ in runs])
    if len(runs) < 2 or texts is None:
        named = {"speaker": whole, "others": _others(segment.words, whole, near)}
        return [segment.model_copy(update=named)]
    pieces: list[Segment] = []
    for index, ((words, speaker), text) in enumerate(zip(runs, texts, strict=True)):
        start = words[0].start if index else segment.start
        end = words[-1].end if index + 1 < len(runs) else segment.end
        changes = {"start": start, "end": end, "text": text, "words": words, "speaker": speaker}
        changes["others"] = _others(words, speaker, near)
        pieces.append(segment.model_copy(update=changes))
    return pieces


def _others(words: Sequence[Word], speaker: str | None, near: Sequence[SpeechRegion]) -> list[str]:
    """Return who else speaks during most of one of the words, in order."""
    seconds: list[dict[str, float]] = [{} for _ in words]
    for word, together in zip(words, seconds, strict=True):
        for region in near:
            shared = min(word.end, region.end) - max(word.start, region.start)
            for name in (region.speaker, *region.others) if region.others and shared > 0 else ():
                together[name or ""] = together.get(name or "", 0.0) + shared
    heard = {
        name
        for word, together in zip(words, seconds, strict=True)
        for name, shared in together.items()
        if shared > word.duration / 2
    }
    return sorted(heard - {speaker, ""})


def main_speaker(span: TimeSpan, regions: Iterable[SpeechRegion]) -> str | None:
    """Return who speaks longest in a span, None where nobody known does.

    Args:
        span: A segment or a word.
        regions: With speakers.
    """
    seconds: dict[str, float] = {}
    for region in regions:
        shared = min(span.end, region.end) - max(span.start, region.start)
        if region.speaker and shared > 0:
            seconds[region.speaker] = seconds.get(region.speaker, 0.0) + shared
    return max(seconds, key=lambda one: seconds[one], default=None)


def _runs(words: Sequence[Word], speakers: Sequence[str | None]) -> list[Run]:
    """Group words of one speaker; a run too short to be believed goes with its neighbour."""
    pairs = zip(words, speakers, strict=True)
    runs = _joined([([word], speaker) for word, speaker in pairs])
    while len(runs) > 1:
        weak = next((n for n, (run, _) in enumerate(runs) if _is_weak(run)), None)
        if weak is None:
            break
        target = weak - 1 if weak else 1
        left, right = sorted((weak, target))
        runs[left : right + 1] = [(runs[left][0] + runs[right][0], runs[target][1])]
        runs = _joined(runs)
    return runs


def _joined(runs: Sequence[Run]) -> list[Run]:
    """Join neighbouring runs of one speaker."""
    joined: list[Run] = []
    for words, speaker in runs:
        if joined and joined[-1][1] == speaker:
            joined[-1] = (joined[-1][0] + words, speaker)
        else:
            joined.append((words, speaker))
    return joined


def _is_weak(words: Sequence[Word]) -> bool:
    return len(words) < FEWEST_WORDS and words[-1].end - words[0].start < SHORTEST_TURN


def _texts(text: str, runs: Sequence[Sequence[Word]]) -> list[str] | None:
    """Cut a text where runs of its words begin; None when the words are not found in it in order.

    Args:
        text: The segment's text.
        runs: Its words, grouped.
    """
    cuts: list[int] = []
    position = 0
    for run in runs:
        for index, word in enumerate(run):
            found = text.find(word.text, position)
            if found < 0:
                return None
            if index == 0:
                cuts.append(found)
            position = found + len(word.text)
    cuts = [0, *cuts[1:], len(text)] if cuts else []
    return [text[low:high].strip() for low, high in zip(cuts, cuts[1:], strict=False)]
