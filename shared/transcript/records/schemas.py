#!/usr/bin/env python3
"""
Schemas: the files that stages 5 to 10 hand on to one another.

All times are seconds from the start of the job's audio (0.0 = the container's start, or the clip's
start), confidences are probabilities from 0 to 1. One transcript model runs from asr to
subtitle_generation: every stage adds fields, none drops any.

Usage:
    from shared.transcript.records.schemas import Transcript

    transcript = Transcript.model_validate_json(path.read_text(encoding="utf-8"))
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from shared.core.record import SCHEMA_VERSION, Record

# Rounding of times to milliseconds can put two equal times half a millisecond apart.
TIME_TOLERANCE = 0.0015

# Whole milliseconds, as subtitle files hold them. Rounding never changes the order of two times.
Seconds = Annotated[float, AfterValidator(lambda value: round(value, 3))]


class TimeSpan(Record):
    """A stretch of time: start and end in seconds, end never before start."""

    start: Seconds = Field(ge=0.0)
    end: Seconds = Field(ge=0.0)

    @model_validator(mode="after")
    def _end_after_start(self) -> TimeSpan:
        if self.end < self.start:
            raise ValueError(f"end {self.end} lies before start {self.start}")
        return self

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


class SpeechRegion(TimeSpan):
    """A stretch in which somebody speaks (or sings)."""

    score: float = Field(ge=0.0, le=1.0, description="mean speech probability")
    speaker: str | None = None
    others: list[str] = Field(default_factory=list, description="who speaks at the same time")


class SpeechSegments(Record):
    """`speech_segments.json` of stage pyannote_vad."""

    schema_version: Literal[1] = SCHEMA_VERSION
    engine: str = Field(description="which detector spoke, e.g. pyannote or silero")
    diarization: str | None = Field(
        default=None, description="what told the speakers apart: pyannote or embedding"
    )
    audio_duration: float = Field(ge=0.0)
    regions: list[SpeechRegion]


class Word(TimeSpan):
    """One token of a segment, timed."""

    text: str = Field(min_length=1)
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)
    source: Literal["asr", "attention", "wav2vec2", "mms", "interpolated"] = Field(
        default="asr", description="where the times come from"
    )


class Correction(Record):
    """A term that was put right: what the engine wrote, what stands there now, and why."""

    heard: str
    written: str
    confidence: float = Field(ge=0.0, le=1.0, description="1 = the glossary lists what was heard")
    method: Literal["listed", "likeness"] | None = Field(
        default=None, description="the glossary lists the spelling; by sound and edit distance"
    )


class CueText(TimeSpan):
    """How a segment stood in the subtitle file that it was read from; its times are the cue's."""

    cue: int = Field(ge=0, description="which cue of the file, in order of time")
    text: str = Field(description="what the file says; another text than this was mended")
    before: str = Field(default="", description="what stands in front: a dash, a name, a note, [")
    after: str = Field(default="", description="what stands behind: a note, ]")
    goes_on: bool = Field(default=False, description="on the line of the segment in front")
    is_sound: bool = Field(default=False, description="a sound that is named, not said")
    is_italic: bool = False
    alignment: int = Field(default=2, ge=1, le=9, description="on the picture, as a keypad lies")
    lines: list[str] = Field(
        default_factory=list, description="of the whole cue, at its first segment"
    )
    slanted: list[bool] = Field(default_factory=list, description="which of them are in italics")


class Segment(TimeSpan):
    """A run of speech that belongs together, usually a sentence."""

    id: int = Field(ge=0)
    text: str
    confidence: float = Field(ge=0.0, le=1.0, description="exp of the mean token log-probability")
    language: str = Field(description="BCP-47 language of this segment")
    words: list[Word] = Field(default_factory=list)
    speaker: str | None = None
    others: list[str] = Field(
        default_factory=list, description="who else speaks during most of one of its words"
    )
    no_speech_probability: float | None = Field(default=None, ge=0.0, le=1.0)
    compression_ratio: float | None = Field(default=None, ge=0.0)
    is_lyrics: bool | None = None
    lyrics_evidence: list[str] = Field(default_factory=list)
    corrections: list[Correction] = Field(default_factory=list)
    script: Literal["expected", "repaired", "wrong"] | None = Field(
        default=None, description="whether the text is in the script of its language"
    )
    script_share: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        description="share of the letters in that script; English words of Hindi do not count",
    )
    script_evidence: list[str] = Field(default_factory=list)
    heard_text: str | None = Field(
        default=None, description="what the engine wrote, where it was written anew"
    )
    shown: CueText | None = Field(default=None, description="in the file it was read from")

    @model_validator(mode="after")
    def _words_inside_and_in_order(self) -> Segment:
        earliest = self.start
        for word in self.words:
            if word.start < earliest - TIME_TOLERANCE or word.end > self.end + TIME_TOLERANCE:
                raise ValueError(
                    f"word {word.text!r} at {word.start}-{word.end} leaves its place in segment "
                    f"{self.id} ({self.start}-{self.end}), or comes before the word in front of it"
                )
            earliest = word.end
        return self


class QuarantinedText(TimeSpan):
    """Text that the engine wrote but that is not believed: kept with its evidence."""

    text: str
    language: str
    evidence: list[str]


class Coverage(Record):
    """How many seconds of detected speech have become text."""

    speech_seconds: Seconds = Field(ge=0.0, description="detected speech")
    text_seconds: Seconds = Field(ge=0.0, description="of it, with text that is believed")
    quarantined_seconds: Seconds = Field(ge=0.0, description="with text that is not believed")
    without_text_seconds: Seconds = Field(ge=0.0, description="without any, listed")

    @property
    def share(self) -> float:
        """Share of the speech with text that is believed, 1.0 where nobody speaks."""
        return self.text_seconds / self.speech_seconds if self.speech_seconds else 1.0


class Transcript(Record):
    """`segments.json`, `segments_aligned.json`, `segments_lyrics.json` and the exported JSON."""

    schema_version: Literal[1] = SCHEMA_VERSION
    language: str = Field(description="main language of the film, BCP-47")
    language_confidence: float = Field(default=1.0, ge=0.0, le=1.0)
    engine: str
    model: str
    audio_duration: float = Field(ge=0.0)
    segments: list[Segment]
    quarantined: list[QuarantinedText] = Field(default_factory=list)
    regions_without_text: list[TimeSpan] = Field(default_factory=list)
    coverage: Coverage | None = None
    second_hearings: int = Field(
        default=0, ge=0, description="stretches of speech heard more than once"
    )
    expected_script: str | None = Field(default=None, description="of the main language, ISO 15924")
    heard_script_share: float | None = Field(
        default=None, ge=0.0, le=1.0, description="share of the letters that the engine wrote in it"
    )
    script_share: float | None = Field(
        default=None, ge=0.0, le=1.0, description="share of the letters that are in it now"
    )

    @model_validator(mode="after")
    def _segments_in_order(self) -> Transcript:
        for before, after in zip(self.segments, self.segments[1:], strict=False):
            if after.start < before.start or after.id <= before.id:
                raise ValueError(f"segment {after.id} does not follow segment {before.id}")
        return self


class TranslatedLine(Record):
    """The translation of one segment, tied to it by id."""

    id: int = Field(ge=0)
    source_text: str
    text: str
    status: Literal["translated", "same_language", "untranslated"]
    engine: str
    note: str = ""
    attempts: int = Field(default=1, ge=0, description="how often it was asked for")
    corrections: list[Correction] = Field(
        default_factory=list, description="terms that the engine wrote otherwise, in their order"
    )


class Translation(Record):
    """`segments_translated_<lang>.json` of stage translation."""

    schema_version: Literal[1] = SCHEMA_VERSION
    source_language: str
    target_language: str
    engine: str
    lines: list[TranslatedLine]
