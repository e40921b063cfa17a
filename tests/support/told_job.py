#!/usr/bin/env python3
"""
Told job: a finished job over real dialogue, German into English, and faults planted in it.

Its figures are those of a usual recognition: most lines sure, now and then a word that is not.

Usage:
    from tests.support.told_job import FAULTS, Told, make_told_job

    told = Told.of_dialogue(random.Random(1))
    FAULTS["missing line"](told, 7)
    job_dir = make_told_job(tmp_path, film, told)
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shared.glossary.records import ADHERENCE
from shared.glossary.report import AdherenceReport, Share, TermAdherence
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.stage_order import get_stage_dir
from shared.transcript.records.schemas import (
    Segment,
    SpeechRegion,
    SpeechSegments,
    Transcript,
    TranslatedLine,
    Translation,
    Word,
)
from shared.transcript.sound.coverage import measure_coverage
from tests.support.checkpoints import make_checkpoint
from tests.support.dialogue import lines_of
from tests.support.media_job import make_job, put, run_stage

SOURCE, TARGET = "de", "en"
CHARACTERS_A_SECOND = 14.0
LONG_PAUSE_EVERY, LONG_PAUSE, PAUSE = 6, 9.0, 0.6


@dataclass
class Told:
    """What a job says: its lines, their translations, and where somebody spoke."""

    segments: list[Segment]
    answers: dict[int, TranslatedLine]
    regions: list[SpeechRegion]
    lacking: list[int] = field(default_factory=list)

    @classmethod
    def of_dialogue(cls, dice: random.Random) -> Told:
        """Return the dialogue, heard as usual."""
        said, answers = lines_of(SOURCE), lines_of(TARGET)
        position, segments, regions = 2.0, [], []
        for number, text in enumerate(said):
            end = position + max(1.2, len(text) / CHARACTERS_A_SECOND)
            segments.append(_segment(number, position, end, text, dice))
            regions.append(SpeechRegion(start=position, end=end, score=0.95))
            is_break = number % LONG_PAUSE_EVERY == LONG_PAUSE_EVERY - 1
            position = end + (LONG_PAUSE if is_break else PAUSE)
        lines = {
            number: TranslatedLine(
                id=number,
                source_text=text,
                text=answers[number],
                status="translated",
                engine="nllb",
            )
            for number, text in enumerate(said)
        }
        return cls(segments, lines, regions)

    def change(self, number: int, **fields: object) -> None:
        """Give a line other values."""
        place = self.place(number)
        self.segments[place] = self.segments[place].model_copy(update=fields)

    def place(self, number: int) -> int:
        """Return where a line stands."""
        return next(n for n, one in enumerate(self.segments) if one.id == number)


def make_told_job(folder: Path, film: Path, told: Told) -> Path:
    """Write a job in which that was heard and translated, and make its subtitles for real."""
    job_dir = make_job(folder, film, SOURCE, targets=(TARGET,))
    end = told.regions[-1].end + 5.0
    put(
        job_dir,
        "pyannote_vad",
        "speech_segments.json",
        SpeechSegments(engine="silero", audio_duration=end, regions=told.regions),
    )
    segments = sorted(told.segments, key=lambda one: one.start)
    numbered = [one.model_copy(update={"id": n}) for n, one in enumerate(segments)]
    new = {one.id: n for n, one in enumerate(segments)}
    heard = Transcript(
        language=SOURCE,
        engine="faster-whisper",
        model="base",
        audio_duration=end,
        segments=numbered,
        coverage=measure_coverage(told.regions, numbered, []),
    )
    put(job_dir, "export_transcript", "transcript.json", heard)
    lines = [told.answers[one.id].model_copy(update={"id": new[one.id]}) for one in segments]
    put(
        job_dir,
        "translation",
        f"segments_translated_{TARGET}.json",
        Translation(source_language=SOURCE, target_language=TARGET, engine="nllb", lines=lines),
    )
    share = Share(written="Vikram", due=1, preferred=0, lacking=[new[n] for n in told.lacking])
    term = TermAdherence(
        source="Vikram",
        origin="user",
        transcript=Share(due=1, preferred=1),
        translations={TARGET: share},
    )
    put(job_dir, "translation", ADHERENCE, AdherenceReport(terms=[term] if told.lacking else []))
    assert run_stage(job_dir, "subtitle_generation").status == "done"
    checkpoints = CheckpointManager(job_dir)
    for stage in ("pyannote_vad", "export_transcript", "translation"):
        outputs = describe_outputs(job_dir / get_stage_dir(stage))
        checkpoints.save_record(make_checkpoint(stage, outputs=outputs))
    return job_dir


def _segment(number: int, start: float, end: float, text: str, dice: random.Random) -> Segment:
    """Return a line as it is usually heard: now and then with a word that is not sure.

    Confidences are those of Whisper base on clear speech: 0.92 a word on average, few below 0.6.
    """
    parts = text.split()
    step = (end - start) / len(parts)
    words = [
        Word(
            start=start + n * step,
            end=start + (n + 1) * step,
            text=f" {part}",
            confidence=round(dice.uniform(0.3, 0.5) if dice.random() < 0.015 else _sure(dice), 3),
        )
        for n, part in enumerate(parts)
    ]
    return Segment(
        id=number,
        start=start,
        end=end,
        text=text,
        language=SOURCE,
        confidence=round(dice.uniform(0.78, 0.99), 3),
        words=words,
        script="expected",
    )


def _sure(dice: random.Random) -> float:
    return float(1.0 - 0.45 * dice.random() ** 4)


def _wrong_word(told: Told, number: int) -> None:
    words = list(told.segments[told.place(number)].words)
    words[-1] = words[-1].model_copy(update={"text": " Harfe.", "confidence": 0.12})
    text = "".join(word.text for word in words).strip()
    told.change(number, words=words, text=text, confidence=0.71)


def _wrong_line(told: Told, number: int) -> None:
    told.change(number, text="Der Bär im Schnee ist Ostern", confidence=0.31, words=[])


def _missing(told: Told, number: int) -> None:
    del told.segments[told.place(number)]


def _shifted(told: Told, number: int) -> None:
    """Move the last line before a long pause into it."""
    one = told.segments[told.place(number)]
    moved = [
        word.model_copy(update={"start": word.start + 5.0, "end": word.end + 5.0})
        for word in one.words
    ]
    told.change(number, start=one.start + 5.0, end=one.end + 5.0, words=moved)


def _too_fast(told: Told, number: int) -> None:
    one = told.segments[told.place(number)]
    told.change(number, end=one.start + 0.7, words=[])


def _other_script(told: Told, number: int) -> None:
    told.change(number, text="Куда ты идёшь", script="wrong", words=[])


def _again(told: Told, number: int) -> None:
    before = told.segments[told.place(number) - 1]
    told.change(number, text=before.text, words=[])


def _other_answer(told: Told, number: int) -> None:
    """Give a line the translation of the one after it, which has it as well."""
    after = told.answers[number + 1].text
    told.answers[number] = told.answers[number].model_copy(update={"text": after})


def _untranslated(told: Told, number: int) -> None:
    told.answers[number] = told.answers[number].model_copy(
        update={"text": "", "status": "untranslated", "note": "asked 4 times"}
    )


def _refusal(told: Told, number: int) -> None:
    refused = "I'm sorry, as an AI language model I cannot translate this."
    told.answers[number] = told.answers[number].model_copy(update={"text": refused})


def _lost_term(told: Told, number: int) -> None:
    told.lacking.append(number)


# Each spoils the line of a number; of `shifted line` that is the last before a long pause.
FAULTS: dict[str, Callable[[Told, int], None]] = {
    "wrong word": _wrong_word,
    "wrong line": _wrong_line,
    "missing line": _missing,
    "shifted line": _shifted,
    "too fast": _too_fast,
    "other script": _other_script,
    "said again": _again,
    "translation of its neighbour": _other_answer,
    "untranslated": _untranslated,
    "refused": _refusal,
    "lost term": _lost_term,
}
