#!/usr/bin/env python3
"""
Speech: what is doubtful in what was heard: text without speech, speech without text, weak text.

Usage:
    from shared.pipeline.jobs.doubts.speech import doubted_speech

    found = list(doubted_speech(job_dir, tracks))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.core.errors import first_of
from shared.pipeline.jobs.doubts.cues import Track
from shared.pipeline.jobs.doubts.doubt import Found, Told, told
from shared.pipeline.jobs.doubts.sources import read_regions, read_transcript
from shared.transcript.records.schemas import (
    Segment,
    SpeechRegion,
    TimeSpan,
    Transcript,
    Word,
)
from shared.transcript.sound.coverage import missing_speech
from shared.transcript.sound.in_order import InOrder

# Below this the recogniser is not sure of a line: exp of the mean log-probability of its tokens.
SURE = 0.7
# Below this it is not sure of a word. What the words lack to certainty, together, is how many of
# them to expect wrong: on 117 cues with references no other figure tells wrong from right so well.
SURE_WORD = 0.5
MANY_WRONG, FEWEST_WRONG = 5.0, 1.0
MOST_WORDS_NAMED = 4
# How much the worst word counts beside them.
SINGLE_WORD = 0.8
# A cue belongs to a segment that has so much of its time.
OWN_CUE = 0.5
# So many seconds that are kept apart, or without text, are as bad as it gets.
LONG_APART, LONG_SILENT = 30.0, 6.0
# Speech without text: shorter is breath, the end of a word, the edge of a region.
SHORTEST_WITHOUT_TEXT = 0.6
# Text with so little of its time in speech, as a share, has the wrong times or was never said.
LEAST_SPOKEN = 0.3
# A cue may stay so long before and after what is said, in seconds.
NEAR = 0.25
# Text that is not believed within so many seconds makes its neighbours less believable.
BESIDE = 1.0
# A segment with less of its time in cues is in none of them.
LEAST_SHOWN = 0.3
# Above this a term was put right as its glossary lists it.
SURE_TERM = 0.95


def doubted_speech(job_dir: Path, tracks: dict[str, Track]) -> Iterator[Found]:
    """Yield what speaks against the transcript, and what was said and stands nowhere.

    Args:
        job_dir: The job directory.
        tracks: The subtitles as they are shown; {} before they are made.
    """
    place, transcript = read_transcript(job_dir)
    if transcript is None:
        return
    regions = read_regions(job_dir)
    spoken = InOrder(regions)
    apart = InOrder(sorted(transcript.quarantined, key=lambda one: one.start))
    own = InOrder(_spans(tracks.get(transcript.language)))
    for segment in transcript.segments:
        whole: list[Told] = []
        if regions:
            whole += _nobody_speaks(segment, segment.words, spoken)
        if apart.touching(segment, near=BESIDE):
            whole.append(told("beside", "text beside it is not believed"))
        for part in _parts(segment, own):
            words = [one for one in segment.words if _shared(one, part) >= one.duration / 2]
            for reason in (*whole, *_weak_text(segment), *_shaky_words(words)):
                yield Found(part.start, part.end, segment.language, segment.text, reason, place)
    for text in transcript.quarantined:
        why = text.evidence[0] if text.evidence else "doubted"
        one = told("kept apart", f"not in the subtitles: {why}", text.duration / LONG_APART)
        yield Found(text.start, text.end, text.language, text.text, one, place)
    yield from _without_text(transcript, regions, place)
    yield from _not_shown(transcript, tracks)
    for track in tracks.values():
        yield from _cues_without_speech(track, spoken if regions else None)


def _weak_text(segment: Segment) -> Iterator[Told]:
    """Yield what speaks against the text of a segment as a whole."""
    if segment.script == "wrong":
        yield told("script", "not in the letters of its language")
    if segment.script == "repaired":
        heard = f", heard as “{segment.heard_text}”" if segment.heard_text else ""
        share = segment.script_share if segment.script_share is not None else 1.0
        yield told("repaired", f"written anew in the letters of its language{heard}", 1 - share)
    if segment.confidence < SURE:
        words = f"the recogniser is {segment.confidence:.0%} sure of it"
        yield told("not sure", words, 1 - segment.confidence / SURE)
    for one in segment.corrections:
        if one.confidence < SURE_TERM:
            words = f"put right from “{one.heard}” to “{one.written}” ({one.confidence:.0%} alike)"
            yield told("put right", words, 1 - one.confidence)


def _shaky_words(words: Sequence[Word]) -> Iterator[Told]:
    """Yield which words the recogniser is not sure of, and how many are likely wrong."""
    timed = [(one.confidence, one) for one in words if one.confidence is not None]
    wrong = sum(1.0 - confidence for confidence, _ in timed)
    shaky = sorted((c, one.text.strip()) for c, one in timed if c < SURE_WORD)
    if shaky:
        named = [f"“{text}” ({confidence:.0%})" for confidence, text in shaky]
        worse = wrong / MANY_WRONG + SINGLE_WORD * (SURE_WORD - shaky[0][0])
        yield told("word", f"not sure of {first_of(named, MOST_WORDS_NAMED)}", worse)
    elif wrong >= FEWEST_WRONG:
        yield told("word", "sure of no word in particular", wrong / MANY_WRONG)


def _spans(track: Track | None) -> list[TimeSpan]:
    """Return the times of a track's cues; [] where there is none."""
    cues = track.cues if track is not None else []
    return [TimeSpan(start=max(0.0, c.start), end=max(0.0, c.start, c.end)) for c in cues]


def _parts(segment: Segment, cues: InOrder[TimeSpan]) -> list[TimeSpan]:
    """Return the cues that show a segment, itself where none does."""
    own = [
        one
        for one in cues.touching(segment)
        if _shared(one, segment) >= OWN_CUE * min(one.duration, segment.duration) > 0.0
    ]
    return list(own) or [segment]


def _nobody_speaks(
    span: TimeSpan, parts: Sequence[TimeSpan], spoken: InOrder[SpeechRegion]
) -> list[Told]:
    """Return that text stands where no detector hears speech, [] where one does."""
    whole = [one for one in parts if one.duration > 0] or [span]
    seconds = sum(one.duration for one in whole)
    heard = sum(_shared(one, region) for one in whole for region in spoken.touching(one))
    share = heard / seconds if seconds else 0.0
    if share >= LEAST_SPOKEN:
        return []
    return [told("nobody speaks", "no speech is heard there: its times, or itself", 1 - share)]


def _cues_without_speech(track: Track, spoken: InOrder[SpeechRegion] | None) -> Iterator[Found]:
    """Yield cues that are shown while nobody speaks; those of deaf viewers tell of sounds, too."""
    if spoken is None or track.is_sdh:
        return
    for cue in track.cues:
        if cue.duration <= 0:
            continue
        span = TimeSpan(start=max(0.0, cue.start), end=max(0.0, cue.end))
        if not spoken.touching(span, near=NEAR):
            reason = told("nobody speaks", "shown while no speech is heard", 0.5)
            yield Found(cue.start, cue.end, track.name, cue.text, reason, track.file, cue.line)


def _without_text(
    transcript: Transcript, regions: Sequence[SpeechRegion], place: str
) -> Iterator[Found]:
    """Yield speech that has no text, believed or not."""
    texts: list[TimeSpan] = [*transcript.segments, *transcript.quarantined]
    bare = missing_speech(regions, texts) if regions else transcript.regions_without_text
    for one in bare:
        if one.duration >= SHORTEST_WITHOUT_TEXT:
            words = f"{one.duration:.1f} s of speech without any text"
            reason = told("no text", words, one.duration / LONG_SILENT)
            yield Found(one.start, one.end, transcript.language, "", reason, place)


def _not_shown(transcript: Transcript, tracks: dict[str, Track]) -> Iterator[Found]:
    """Yield what was heard and stands in no cue of its language."""
    track = tracks.get(transcript.language)
    if track is None:
        return
    cues = InOrder(_spans(track))
    for segment in transcript.segments:
        if segment.is_lyrics or not segment.text.strip() or segment.duration <= 0:
            continue
        shown = sum(_shared(segment, cue) for cue in cues.touching(segment))
        if shown < LEAST_SHOWN * segment.duration:
            reason = told("no text", "heard, but in no cue", segment.duration / LONG_SILENT)
            yield Found(
                segment.start, segment.end, transcript.language, segment.text, reason, track.file
            )


def _shared(one: TimeSpan, other: TimeSpan) -> float:
    return max(0.0, min(one.end, other.end) - max(one.start, other.start))
