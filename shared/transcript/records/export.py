#!/usr/bin/env python3
"""
Export: the transcript as text to read and as a table to compute with.

Usage:
    from shared.transcript.records.export import to_text, to_tsv

    to_text(transcript); to_tsv(transcript)
"""

from __future__ import annotations

from shared.transcript.records.schemas import Segment, Transcript

# A pause of this many seconds starts a new paragraph.
PARAGRAPH_PAUSE = 2.0
NOTE = "♪"
TSV_COLUMNS = ("id", "start", "end", "speaker", "language", "confidence", "lyrics", "text")


def to_text(transcript: Transcript) -> str:
    """Return the transcript as paragraphs; speakers are named where they are known.

    Args:
        transcript: Its segments in order of time, songs marked.
    """
    lines: list[str] = []
    before: Segment | None = None
    for segment in transcript.segments:
        if before is not None and segment.start - before.end >= PARAGRAPH_PAUSE:
            lines.append("")
        who = _speakers(segment)
        named = who and (before is None or who != _speakers(before))
        text = f"{NOTE} {segment.text} {NOTE}" if segment.is_lyrics else segment.text
        if segment.shown is not None:
            text = f"{segment.shown.before}{segment.text}{segment.shown.after}"
        lines.append(f"{who}: {text}" if named else text)
        before = segment
    return "".join(line + "\n" for line in lines)


def to_tsv(transcript: Transcript) -> str:
    """Return the transcript as tab-separated values with a header; times in seconds.

    Args:
        transcript: Its segments in order of time.
    """
    rows = ["\t".join(TSV_COLUMNS)]
    for segment in transcript.segments:
        cells = [str(segment.id), f"{segment.start:.3f}", f"{segment.end:.3f}"]
        cells += [_speakers(segment), segment.language, f"{segment.confidence:.3f}"]
        cells += ["1" if segment.is_lyrics else "0", " ".join(segment.text.split())]
        rows.append("\t".join(cells))
    return "".join(row + "\n" for row in rows)


def _speakers(segment: Segment) -> str:
    """Return who speaks, the main one first; '' where nobody known does."""
    return ", ".join([segment.speaker, *segment.others] if segment.speaker else [])
