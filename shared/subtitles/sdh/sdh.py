#!/usr/bin/env python3
"""
SDH: subtitles for deaf viewers: [sounds] where nobody speaks, and who is speaking.

A sound is named once, in the first stretch of it that no cue and no speech takes, never so briefly
that it flickers, and not again soon. The effects of the story come before music and weather.

Usage:
    from shared.subtitles.sdh.sdh import add_sounds, name_speakers, names_of_speakers

    phrases = name_speakers(phrases, transcript.segments, names_of_speakers(glossary), limits)
    cues = add_sounds(shape_cues(phrases, limits), phrases, sounds, limits)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import regex

from shared.glossary_manager import Glossary
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.frame_grid import Grid
from shared.subtitles.base.phrase import Phrase
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.sdh.sound_labels import has_labels, label_of
from shared.transcript.records.schemas import Segment, TimeSpan
from shared.transcript.sound.sounds import SoundEvent, SoundEvents
from shared.transcript.sound.speakers import is_unnamed

# Who speaks is told by the name.
SPOKEN_DASH = regex.compile(r"\A\s*[-‐‑–—―]\s*(?!\d)")
# What goes on under a scene: named where no effect wants the place.
BACKGROUND = frozenset(
    "music singing wind rain water fire crowd birds insects clock engine".split()
)
# Sounds that a detector takes for one another: of those at one time the clearest is named.
FAMILIES = tuple(
    frozenset(family.split())
    for family in (
        "phone alarm doorbell bell",
        "explosion gunshots fireworks thunder crash door glass",
        "engine train aircraft helicopter",
        "wind rain water fire",
        "laughter crying scream",
        "applause cheering crowd",
        "music singing",
    )
)
# Longest that a tag stays, however long the sound goes on (seconds).
TAG_SECONDS = 3.0
# The same sound is not named again sooner (seconds).
REPEAT_SECONDS = 10.0
# Files hold whole milliseconds: times closer than this are the same (seconds).
ROUNDING = 0.0006
# A shorter gap between a tag and its neighbour is closed to the least gap (seconds).
CLOSED_GAP = 0.5


def add_sounds(
    cues: Sequence[Cue],
    phrases: Sequence[Phrase],
    sounds: SoundEvents,
    limits: ReadingLimits,
    has_picture: bool = True,
) -> list[Cue]:
    """Return the cues with tags for sounds among them, in order, never overlapping.

    Args:
        cues: Shaped from the phrases, in order.
        phrases: What is said: no tag lies over it, even where its cue ends earlier.
        sounds: What is heard; no tag goes on after its end.
        limits: Shortest cue and least gap; language and brackets of the labels.
        has_picture: Whether there are frames, on which tags begin and end as all cues do.
    """
    grid = Grid(limits.frame) if has_picture else Grid()
    spoken = [
        TimeSpan(start=one.words[0].start, end=one.words[-1].end) for one in phrases if one.words
    ]
    taken: list[Cue | TimeSpan] = [*cues, *spoken]
    tags: list[Cue] = []
    for event in _by_rank(_clearest(sounds.events)):
        text = _tag_text(event.kind, limits)
        again = (tag for tag in tags if tag.text == text)
        if any(_distance(event, tag) < REPEAT_SECONDS for tag in again):
            continue
        free = _free(taken, limits.min_gap, sounds.audio_duration)
        near = [(a, b) for a, b in free if a <= event.end and b >= event.start]
        tag = _place(event, text, [(grid.up(a), grid.down(b)) for a, b in near], limits, grid)
        if tag is not None:
            tags.append(tag)
            taken.append(tag)
    return sorted([*cues, *tags], key=lambda cue: cue.start)


def unnamed_sounds(sounds: SoundEvents, language: str) -> list[str]:
    """Return the kinds of sounds that have only English names in a language.

    Args:
        sounds: What is heard.
        language: BCP-47.
    """
    if has_labels(language):
        return []
    return sorted({event.kind for event in sounds.events})


def _tag_text(kind: str, limits: ReadingLimits) -> str:
    """Return how a sound is written; a note alone would be a song without words."""
    return in_brackets(label_of(kind, limits.language), limits)


def in_brackets(text: str, limits: ReadingLimits) -> str:
    """Return text in the brackets in which its language has sounds and names.

    Args:
        text: A sound or a name.
        limits: The brackets.
    """
    opening, closing = limits.brackets
    return f"{opening}{text}{closing}"


def _clearest(events: Sequence[SoundEvent]) -> list[SoundEvent]:
    """Return the events without those that a clearer one of their family outdoes."""
    families = {kind: family for family in FAMILIES for kind in family}

    def outdone(event: SoundEvent) -> bool:
        family = families.get(event.kind, frozenset())
        rivals = (one for one in events if one.kind in family and one.kind != event.kind)
        return any(
            one.score > event.score and one.start < event.end and one.end > event.start
            for one in rivals
        )

    return [event for event in events if not outdone(event)]


def _by_rank(events: Sequence[SoundEvent]) -> list[SoundEvent]:
    """Return effects, the clearest first, and then the background in order of time."""
    effects = [event for event in events if event.kind not in BACKGROUND]
    others = [event for event in events if event.kind in BACKGROUND]
    return sorted(effects, key=lambda event: (-event.score, event.start)) + others


def _distance(event: SoundEvent, tag: Cue) -> float:
    """Return the seconds between a sound and a tag, 0 where they meet."""
    return max(0.0, event.start - tag.end, tag.start - event.end)


def _place(
    event: SoundEvent,
    text: str,
    free: Iterable[tuple[float, float]],
    limits: ReadingLimits,
    grid: Grid,
) -> Cue | None:
    """Return a tag in the first free stretch where enough of the event is heard to be named."""
    least = max(limits.min_duration, limits.needed_seconds(text))
    for low, high in free:
        start = max(low, grid.nearest(event.start))
        # A short sound may be read a little longer than it is heard.
        end = min(high, grid.up(max(start + least, min(event.end, start + TAG_SECONDS))))
        audible = min(high, event.end) - start
        if end - start < least - ROUNDING or audible < min(least, event.duration / 2):
            continue
        start = low if 0.0 < start - low < CLOSED_GAP and low > 0.0 else start
        end = high if high - end < CLOSED_GAP else end
        return Cue(start, end, text)
    return None


def _free(
    taken: Iterable[Cue | TimeSpan], gap: float, duration: float
) -> list[tuple[float, float]]:
    """Return the stretches that nothing takes, a gap away from what does."""
    free: list[tuple[float, float]] = []
    position = 0.0
    for one in sorted(taken, key=lambda span: span.start):
        if one.start - gap > position:
            free.append((position, one.start - gap))
        position = max(position, one.end + gap)
    return [*free, (position, duration)]


def names_of_speakers(glossary: Glossary) -> dict[str, str]:
    """Return the names of the voices that a glossary knows.

    Args:
        glossary: The column `speaker` of a character tells which voice is theirs (SPEAKER_00).
    """
    return {term.speaker: term.preferred or term.source for term in glossary.terms if term.speaker}


def name_speakers(
    phrases: Sequence[Phrase],
    segments: Sequence[Segment],
    names: Mapping[str, str],
    limits: ReadingLimits,
) -> list[Phrase]:
    """Return the phrases, each change of speaker marked with the name where it is known.

    Args:
        phrases: In order; sung ones are never named.
        segments: Of the transcript that the phrases come from, with their speakers.
        names: Name by voice; a voice that diarization numbered has no other name.
        limits: The brackets.
    """
    named: list[Phrase] = []
    before: str | None = None
    for phrase in phrases:
        speaker = _speaker(phrase, segments)
        if speaker and speaker != before and not phrase.is_lyrics:
            name = names.get(speaker) or ("" if is_unnamed(speaker) else speaker)
            phrase = _with_name(phrase, in_brackets(name, limits), limits) if name else phrase
        before = speaker or before
        named.append(phrase)
    return named


def _speaker(phrase: Phrase, segments: Sequence[Segment]) -> str | None:
    """Return who speaks a phrase: its own speaker, or that of the segment it shares most with."""
    if phrase.speaker and any(one.speaker == phrase.speaker for one in segments):
        return phrase.speaker
    start, end = phrase.words[0].start, phrase.words[-1].end
    near = [one for one in segments if one.start <= end and one.end >= start]
    shared = max(near, key=lambda one: min(end, one.end) - max(start, one.start), default=None)
    return shared.speaker if shared else None


def _with_name(phrase: Phrase, name: str, limits: ReadingLimits) -> Phrase:
    """Return a phrase that begins with the speaker's name instead of a dash."""
    first, *others = phrase.words
    said = SPOKEN_DASH.sub("", first.text, count=1).lstrip()
    if not said and others:  # the dash stood alone
        first, *others = others
        said = first.text.lstrip()
    whole = f"{name} {said}"
    # A name that fits no line is broken between its words.
    texts = [whole] if limits.line_length(whole) <= limits.max_line_length else whole.split()
    at_once = {"end": first.start}
    named = [first.model_copy(update={"text": f" {one}"} | at_once) for one in texts[:-1]]
    last = first.model_copy(update={"text": f" {texts[-1]}" if named else texts[-1]})
    return replace(phrase, words=(*named, last, *others))
