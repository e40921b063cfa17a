#!/usr/bin/env python3
"""
Alignment methods: each segment timed by the best of them that can read it.

In this order: the wav2vec2 model of the segment's language, the multilingual MMS model, the times
that asr gave, Whisper's attention. One model is in memory at a time.

Usage:
    from scripts.alignment.methods import align_segments

    segments, used = align_segments(stage_io, config, transcript, models)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shared.core.ladder import CPU, Rung, build_ladder
from shared.core.settings import PipelineConfig
from shared.media.audio import SPEECH_RATE
from shared.media.speech_audio import SpeechAudio
from shared.models.alignment import ATTENTION, ENGINE, MULTILINGUAL, AlignmentModels
from shared.stage_utils import StageIO
from shared.transcript.recognition.alignment import in_order, windows
from shared.transcript.records.inputs import SPEECH_AUDIO
from shared.transcript.records.schemas import (
    Segment,
    SpeechRegion,
    SpeechSegments,
    Transcript,
)
from shared.transcript.records.spacing import clamp_segment, is_fully_timed
from shared.transcript.sound.edited import regions_in_order

# Segments in one pass on a GPU, if ALIGNMENT_BATCH_SIZE does not say.
GPU_BATCH_SIZE = 8
BY_ASR = "asr"


@dataclass(frozen=True)
class Aligner:
    """A CTC model and the languages that it is to read; `name` for logs and reports."""

    name: str
    source: Literal["wav2vec2", "mms"]
    folder: Path
    languages: frozenset[str]


@dataclass(frozen=True)
class AlignmentInputs:
    """The sound (float32, 16 kHz mono), where somebody speaks, and what tells how far we are."""

    audio: Any
    regions: list[SpeechRegion]
    progress: Callable[[float], None]


def align_segments(
    stage_io: StageIO, config: PipelineConfig, transcript: Transcript, models: AlignmentModels
) -> tuple[list[Segment], dict[str, str]]:
    """Return the segments with every token timed, and what timed them: name and model.

    Args:
        stage_io: The stage's inputs.
        config: Device, context, pauses.
        transcript: What asr wrote, or a person corrected.
        models: The models that may be used.
    """
    segments = transcript.segments
    languages = sorted({one.language for one in segments})
    aligners = choose_aligners(models, languages)
    for place in {place for language in languages for place in models.places(language)}:
        if not place.is_dir():
            stage_io.get_project_file(place / "config.json")  # so that it is noticed when it comes
    if not segments or not (aligners or any(not is_fully_timed(one) for one in segments)):
        return segments, {BY_ASR: transcript.model}  # by the same attention, while it listened
    inputs = _read_inputs(stage_io)
    done, used = (
        _align_by_ctc(stage_io, config, segments, aligners, inputs) if aligners else ({}, {})
    )
    untimed = [one for one in segments if one.id not in done and not is_fully_timed(one)]
    if untimed:
        from scripts.whisper.whisperx_setup import choose_rung, load_recogniser

        recogniser = load_recogniser(stage_io, config, choose_rung(stage_io, config))
        aligned = recogniser.align(
            inputs.audio,
            untimed,
            regions=inputs.regions,
            context=0.0,
            max_pause=config.asr_word_pause,
            progress=inputs.progress,
        )
        for old, new in zip(untimed, aligned, strict=True):
            done[old.id] = clamp_segment(new, old.start, old.end)
        used[ATTENTION] = config.whisper_model
    if len(done) < len(segments):
        used[BY_ASR] = transcript.model
    return in_order([done.get(one.id, one) for one in segments]), used


def choose_aligners(models: AlignmentModels, languages: Sequence[str]) -> list[Aligner]:
    """Return the CTC models to use, the more fitting ones first.

    Args:
        models: The models that may be used.
        languages: BCP-47, those of the segments.
    """
    aligners: dict[Path, Aligner] = {}
    for language in languages:
        folder = models.own(language)
        if folder is not None:
            served = aligners[folder].languages if folder in aligners else frozenset()
            name = f"{ENGINE} {', '.join(sorted({*served, language}))}"
            aligners[folder] = Aligner(name, "wav2vec2", folder, served | {language})
    found = list(aligners.values())
    multilingual = models.multilingual()
    if multilingual is not None:
        found.append(Aligner(MULTILINGUAL, "mms", multilingual, frozenset(languages)))
    return found


def _align_by_ctc(
    stage_io: StageIO,
    config: PipelineConfig,
    segments: Sequence[Segment],
    aligners: Sequence[Aligner],
    inputs: AlignmentInputs,
) -> tuple[dict[int, Segment], dict[str, str]]:
    """Return the segments that CTC models could time, by id, and the models that did."""
    from scripts.alignment.wav2vec2_integration import AlignmentRequest, align_wav2vec2

    batch_size = config.alignment_batch_size or (1 if config.device == CPU else GPU_BATCH_SIZE)
    first = Rung(config.device, "", batch_size, config.alignment_chunk_length)
    rung = stage_io.use_rung(build_ladder(first))
    spans = windows(segments, config.asr_context, len(inputs.audio) / SPEECH_RATE)
    done: dict[int, Segment] = {}
    used: dict[str, str] = {}
    for aligner in aligners:
        requests = [
            AlignmentRequest(segment, *span)
            for segment, span in zip(segments, spans, strict=True)
            if segment.language in aligner.languages and segment.id not in done
        ]
        if not requests:
            continue
        stage_io.get_project_file(aligner.folder / "config.json")
        found = align_wav2vec2(
            inputs.audio,
            requests,
            aligner.folder,
            source=aligner.source,
            rung=rung,
            threads=config.num_threads,
            regions=inputs.regions,
            max_pause=config.asr_word_pause,
            progress=inputs.progress,
        )
        used |= {aligner.name: str(aligner.folder)} if found else {}
        done |= found
    return done, used


def _read_inputs(stage_io: StageIO) -> AlignmentInputs:
    """Return what all methods listen to."""
    speech = stage_io.read_model(
        stage_io.get_input_path("speech_segments.json", from_stage="pyannote_vad"), SpeechSegments
    )
    audio = SpeechAudio(stage_io.get_first_input(*SPEECH_AUDIO))
    total = stage_io.job.duration
    regions = regions_in_order(speech.regions, len(audio) / SPEECH_RATE)
    return AlignmentInputs(audio, regions, lambda share: stage_io.progress(share * total, total))
