#!/usr/bin/env python3
"""
Transcript: the cues of a subtitle file as the transcript that later stages take.

Each part of a cue (parts.py) is a segment with its share of the cue's time; how it stood in the
file goes along, so that the cue can be made again in any language (cues.py).

Usage:
    from shared.subtitles.from_text.transcript import transcript_from

    transcript_from(read_source(path), "fr", duration=94.2, model="Film.fr.srt")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.source import SourceFile
from shared.subtitles.from_text.parts import Part, parts_of
from shared.subtitles.from_text.places import alignments
from shared.subtitles.from_text.styled import styled_lines
from shared.transcript.records.schemas import CueText, Segment, Transcript

ENGINE = "text"
# A cue without an end stays so long for each character, and so long at least (seconds).
A_CHARACTER, SHORTEST = 0.07, 2.0


def transcript_from(
    source: SourceFile, language: str, duration: float, model: str, start: float = 0.0
) -> Transcript:
    """Return the cues of a file as a transcript.

    Args:
        source: The file.
        language: BCP-47, of its text.
        duration: Of the film, or of the part of it, in seconds; what begins later is left out.
        model: What the transcript says of where it came from.
        start: Of the part of the film, in seconds: times count from there.

    Returns:
        One segment for each speaker and each sound of a cue, in order of time.
    """
    placed = sorted(
        zip(source.cues, alignments(source), strict=True),
        key=lambda one: (one[0].start, one[0].end),
    )
    segments: list[Segment] = []
    number = 0
    for cue, alignment in placed:
        span = _span(cue, start, duration)
        lines = styled_lines(cue, source.format)
        if span is None or not lines:
            continue
        parts = parts_of(lines)
        for at, (part, first, last) in enumerate(_shares(parts, span)):
            text = CueText(
                start=span[0],
                end=span[1],
                cue=number,
                text=part.text,
                before=part.before,
                after=part.after,
                goes_on=part.goes_on,
                is_sound=part.is_sound,
                is_italic=part.is_italic,
                alignment=alignment,
                lines=[] if at else [line.text for line in lines],
                slanted=[] if at else [line.is_italic for line in lines],
            )
            segments.append(_segment(len(segments), part, (first, last), language, text))
        number += 1
    return Transcript(
        language=language,
        engine=ENGINE,
        model=model,
        audio_duration=duration,
        segments=segments,
    )


def late_cues(source: SourceFile, duration: float, start: float = 0.0) -> int:
    """Return how many cues with text begin when the film has ended.

    Args:
        source: The file.
        duration: Of the film, or of the part of it, in seconds.
        start: Of the part of the film, in seconds.
    """
    return sum(bool(c.text.strip()) and c.start - start >= duration for c in source.cues)


def last_end(source: SourceFile) -> float:
    """Return when the last cue of a file ends, in seconds.

    Args:
        source: A file with cues.
    """
    return max((_end(cue) for cue in source.cues if cue.text.strip()), default=0.0)


def _end(cue: SourceCue) -> float:
    if cue.is_open:
        return cue.start + max(SHORTEST, A_CHARACTER * len(cue.text))
    return max(cue.start, cue.end)


def _span(cue: SourceCue, start: float, duration: float) -> tuple[float, float] | None:
    """Return start and end of a cue within the film, None where it is not in it."""
    first, last = max(0.0, cue.start - start), min(_end(cue) - start, duration)
    return (first, max(first, last)) if first < duration and last > 0 else None


def _shares(
    parts: Sequence[Part], span: tuple[float, float]
) -> Iterator[tuple[Part, float, float]]:
    """Yield parts with their share of a time, by length."""
    total, reached = sum(len(part.text) for part in parts) or 1, 0
    for part in parts:
        low, high = reached / total, (reached + len(part.text)) / total
        length = span[1] - span[0]
        yield part, span[0] + low * length, span[0] + high * length
        reached += len(part.text)


def _segment(
    number: int, part: Part, span: tuple[float, float], language: str, text: CueText
) -> Segment:
    return Segment(
        id=number,
        start=span[0],
        end=span[1],
        text=part.text,
        confidence=1.0,
        language=language,
        is_lyrics=part.is_sung,
        shown=text,
    )
