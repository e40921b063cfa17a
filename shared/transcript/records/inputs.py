#!/usr/bin/env python3
"""
Inputs: where the stages find sound and transcript when stages before them were skipped.

Usage:
    from shared.transcript.records.inputs import SPEECH_AUDIO, TRANSCRIPT_FILES

    audio = stage_io.get_first_input(*SPEECH_AUDIO)
"""

from __future__ import annotations

# (stage, file), the most processed first.
SPEECH_AUDIO = (("source_separation", "vocals.wav"), ("demux", "audio.wav"))
TRANSCRIPT_FILES = (
    ("lyrics_detection", "segments_lyrics.json"),
    ("alignment", "segments_aligned.json"),
    ("asr", "segments.json"),
)
# The one with the film's terms put right, for translation and subtitles.
FINISHED_TRANSCRIPT = (("export_transcript", "transcript.json"), *TRANSCRIPT_FILES)


def translated_file(language: str) -> str:
    """Return the name of a translation's file.

    Args:
        language: BCP-47.
    """
    return f"segments_translated_{language}.json"
