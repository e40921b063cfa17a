#!/usr/bin/env python3
"""
Lyrics: decides which segments of a transcript are sung, and says why.

Sound decides, text can only help: for every segment the odds of singing against speech (in
log-odds, from a sound classifier over the whole mix) are added to what its text tells (a note sign,
a line that comes again). A segment well above the limit is sung; one a little below it is sung when
it lies next to sung lines (two thresholds with hysteresis, as Canny's). Dialogue over a score keeps
its speech odds, so it stays dialogue.

Usage:
    from shared.transcript.sound.lyrics import SoundScores, mark_lyrics

    scores = {0: SoundScores(speech=0.0, singing=0.7, music=0.8, margin=4.2, seconds=8.2)}
    segments = mark_lyrics(transcript.segments, scores)
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.transcript.languages.symbols import NOTE_SIGNS
from shared.transcript.records.schemas import Segment

# Log-odds that text adds: a note sign among words; each other place where the line comes again.
NOTE_WEIGHT = 4.0
REPEAT_WEIGHT = 1.0
MOST_REPEATS = 2
# No sound is so clear that it counts for more than this.
CLEAREST = 8.0
# Without any sound scores, text must reach this: a note sign and a repeated line.
TEXT_ALONE = 5.0
# Singing without instruments needs no music when it is this probable.
UNACCOMPANIED = 0.3
# Shorter lines ("Come on!", "Thank you.") come again in any dialogue.
SHORTEST_REPEAT = 12
GRAM = 5
COMMON_GRAM = 200
SAME_LINE = 0.7


@dataclass(frozen=True)
class SoundScores:
    """What a sound classifier hears while a segment lasts.

    Attributes:
        speech: Mean probability of speech, 0 to 1.
        singing: Mean probability of singing, 0 to 1.
        music: Mean probability of music, 0 to 1.
        margin: Mean log-odds of singing minus those of speech, the latter taken as those of "hardly
            any" where there is none; above 0 singing is more likely.
        seconds: Length of the sound that was judged.
    """

    speech: float
    singing: float
    music: float
    margin: float
    seconds: float


def mark_lyrics(
    segments: Sequence[Segment],
    scores: Mapping[int, SoundScores],
    *,
    margin: float = 1.0,
    neighbour_margin: float = 0.0,
    music: float = 0.4,
    gap: float = 5.0,
) -> list[Segment]:
    """Return new segments with is_lyrics and lyrics_evidence set, everything else as it was.

    Args:
        segments: Segments in order of time.
        scores: Sound scores by segment id; a segment without any is judged by its text alone.
        margin: Log-odds of singing against speech from which a segment is sung.
        neighbour_margin: The same for a segment next to a sung one.
        music: Least mean probability of music under lyrics (unless the singing itself is clear).
        gap: Longest pause in seconds between a sung segment and its neighbour.
    """
    notes = [_has_note(segment.text) for segment in segments]
    repeats = _repeats(segments)
    odds = [
        _odds(scores.get(segment.id), note, len(places), music)
        for segment, note, places in zip(segments, notes, repeats, strict=True)
    ]
    sung = [
        odd >= (margin if segment.id in scores else TEXT_ALONE)
        for segment, odd in zip(segments, odds, strict=True)
    ]
    joined = _join_neighbours(segments, sung, [odd >= neighbour_margin for odd in odds], gap)
    marked = []
    for index, segment in enumerate(segments):
        evidence = _evidence(scores.get(segment.id), notes[index], repeats[index])
        if joined[index] and not sung[index]:
            evidence.append("next to sung lines")
        found = {"is_lyrics": joined[index], "lyrics_evidence": evidence}
        marked.append(segment.model_copy(update=found))
    return marked


def _odds(sound: SoundScores | None, note: bool, repeats: int, music: float) -> float:
    """Return the log-odds that a segment is sung, minus infinity where nothing can sing."""
    text = NOTE_WEIGHT * note + REPEAT_WEIGHT * min(repeats, MOST_REPEATS)
    if sound is None:
        return text if text >= TEXT_ALONE else float("-inf")
    if sound.music < music and sound.singing < UNACCOMPANIED:
        return float("-inf")
    return max(-CLEAREST, min(CLEAREST, sound.margin)) + text


def _join_neighbours(
    segments: Sequence[Segment], sung: Sequence[bool], likely: Sequence[bool], gap: float
) -> list[bool]:
    """Return sung, spread forwards and backwards over likely segments that lie close by."""
    joined = list(sung)
    steps = [(before, before + 1) for before in range(len(segments) - 1)]
    for before, after in steps:
        close = segments[after].start - segments[before].end <= gap
        joined[after] = joined[after] or (joined[before] and likely[after] and close)
    for before, after in reversed(steps):
        close = segments[after].start - segments[before].end <= gap
        joined[before] = joined[before] or (joined[after] and likely[before] and close)
    return joined


def _evidence(sound: SoundScores | None, note: bool, repeats: Sequence[float]) -> list[str]:
    """Return what spoke for or against lyrics, in short sentences."""
    evidence = []
    if sound is None:
        evidence.append("no sound scores")
    else:
        evidence.append(
            f"singing {sound.singing:.2f}, speech {sound.speech:.2f}, music {sound.music:.2f} "
            f"over {sound.seconds:.1f} s"
        )
        evidence.append(f"log-odds of singing against speech {sound.margin:+.1f}")
    if note:
        evidence.append("text has ♪")
    if repeats:
        places = ", ".join(_clock(start) for start in repeats[:3])
        more = ", …" if len(repeats) > 3 else ""
        times = "once more" if len(repeats) == 1 else f"{len(repeats)} more times"
        evidence.append(f"line comes {times}, at {places}{more}")
    return evidence


def _clock(seconds: float) -> str:
    """Return a time as H:MM:SS, or MM:SS in the first hour."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute:02}:{second:02}"


def _has_note(text: str) -> bool:
    """Tell whether the text has a note sign and words to sing."""
    return any(sign in text for sign in NOTE_SIGNS) and bool(_letters(text))


def _letters(text: str) -> str:
    """Return letters, digits and their marks in one form, so that spelling of a line is its own."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LMN")


def _repeats(segments: Sequence[Segment]) -> list[list[float]]:
    """Return for each segment the start times of the other segments with (nearly) its text.

    Lines are compared by their sets of five-letter sequences (Jaccard index), which forgives a
    word that was recognised differently and needs no word boundaries.
    """
    texts = [_letters(segment.text) for segment in segments]
    # A line is compared once, however often it comes.
    starts: dict[str, list[float]] = defaultdict(list)
    for segment, text in zip(segments, texts, strict=True):
        starts[text].append(segment.start)
    alike = _alike(list(starts))
    repeats = []
    for segment, text in zip(segments, texts, strict=True):
        others = sorted(start for other in alike[text] for start in starts[other])
        if others:
            others.remove(segment.start)
        repeats.append(others)
    return repeats


def _alike(texts: Sequence[str]) -> dict[str, list[str]]:
    """Return for each of some different texts those that are (nearly) it, itself among them.

    A text too short to be compared is like none.
    """
    grams = [_grams(text) for text in texts]
    places: dict[str, list[int]] = defaultdict(list)
    for index, found in enumerate(grams):
        for gram in found:
            places[gram].append(index)
    alike: dict[str, list[str]] = {}
    for text, found in zip(texts, grams, strict=True):
        shared: Counter[int] = Counter()
        for gram in found:
            if len(places[gram]) <= COMMON_GRAM:
                shared.update(places[gram])
        alike[text] = [
            texts[other]
            for other, count in shared.items()
            if count >= SAME_LINE * len(found | grams[other])
        ]
    return alike


def _grams(letters: str) -> set[str]:
    """Return the five-letter sequences of a line, none for a short one."""
    if len(letters) < SHORTEST_REPEAT:
        return set()
    return {letters[start : start + GRAM] for start in range(len(letters) - GRAM + 1)}
