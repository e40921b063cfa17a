#!/usr/bin/env python3
"""
Translation engines: what the translation stage needs between its job and the engine layer.

Opens each engine in its environment when it is first asked, once, and closes all at the end.

Usage:
    with EnginePool(stage_io, config, rung, transcript) as pool:
        chain, options = pool.chain("hi", "en"), pool.translation_options(len(lines))
        results = translate_film(lines, "hi", "en", chain, options)
"""

from __future__ import annotations

from dataclasses import asdict
from types import TracebackType
from typing import Any

from scripts.whisper.recognition import decoding_limits
from scripts.whisper.whisperx_setup import find_whisper
from scripts.writing.langid_integration import identify
from shared.core.errors import UnavailableError
from shared.core.ladder import CPU, Rung
from shared.core.languages import AUTO
from shared.core.settings import PipelineConfig
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager
from shared.stage_utils import StageIO
from shared.transcript.records.inputs import SPEECH_AUDIO
from shared.transcript.records.schemas import Transcript
from shared.translation.backend import Backend, BackendOptions, SourceLine
from shared.translation.chain import ChainEngine, TranslationOptions
from shared.translation.guarded import GuardedBackend, language_model_breaker
from shared.translation.lines import segments_to_translate
from shared.translation.router import DEFAULT_ENGINE, Choice, Router, named_by_user
from shared.translation.weights import weights_folder
from shared.translation.worker_client import WorkerBackend

# Engines that read a batch as one text.
JOINT = frozenset({"llm"})
# What is heard of an answer is not the whole work, whatever a model writes.
PART_OF_A_LINE = 0.01
HEARD = (
    "Lines in {source} are translated from the sound, by Whisper: what the text says has no part"
)


def first_rung(config: PipelineConfig) -> Rung:
    """Return how translation works where memory suffices.

    Args:
        config: Device, number format, batch.
    """
    compute_type: str = config.compute_type
    if config.device in (AUTO, CPU):
        compute_type = "float32" if compute_type == "float32" else "int8"
    elif compute_type == AUTO:
        compute_type = "float16"
    device = CPU if config.device == AUTO else config.device
    return Rung(device, compute_type, config.translation_batch_size)


def lines_by_language(
    transcript: Transcript, target: str, sung: bool = True
) -> tuple[list[SourceLine], dict[str, list[SourceLine]]]:
    """Return all lines of the film, and those to translate by their language.

    Args:
        transcript: The source.
        target: BCP-47.
        sung: Whether songs are translated.
    """
    film = {s.id: SourceLine(s.id, s.text, s.start, s.end, s.speaker) for s in transcript.segments}
    groups: dict[str, list[SourceLine]] = {}
    for segment in segments_to_translate(transcript, target, sung):
        groups.setdefault(segment.language, []).append(film[segment.id])
    return list(film.values()), groups


class EnginePool:
    """The engines of one stage, each one process in its environment.

    Args:
        stage_io: Job, sound, warnings; learns which code the engines ran.
        config: Engines and their settings.
        rung: Device, number format and batch to work with.
        transcript: The film's lines.
    """

    def __init__(
        self, stage_io: StageIO, config: PipelineConfig, rung: Rung, transcript: Transcript
    ) -> None:
        self._stage_io = stage_io
        self._config = config
        self._rung = rung
        self._transcript = transcript
        self._environments = EnvironmentManager()
        has_sound = stage_io.job.media.audio_stream is not None
        self._router = Router(config, self._environments, has_sound=has_sound)
        self._open: dict[Choice, WorkerBackend] = {}
        self._engines: dict[Choice, ChainEngine] = {}
        self._lines = self._done = 0

    def __enter__(self) -> EnginePool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for backend in self._open.values():
            backend.close()
            self._stage_io.add_ran(backend.ran)

    def chain(self, source: str, target: str) -> list[ChainEngine]:
        """Return the engines for a pair; none, with a warning, where no engine here can do it.

        Args:
            source: BCP-47.
            target: BCP-47.
        """
        try:
            chosen = named_by_user(self._config, self._stage_io.job.resolved)
            choices = self._router.route(source, target, chosen)
        except UnavailableError as error:
            self._stage_io.degrade(f"Lines in {source} stay untranslated: {error.cause}")
            return []
        if self._stage_io.job.text is not None and choices[0].engine == DEFAULT_ENGINE:
            self._stage_io.warn(HEARD.format(source=source))
        return [self._engine(choice) for choice in choices]

    @property
    def may_answer_otherwise(self) -> bool:
        """Whether an engine was asked that may have a better answer the next time."""
        return any(choice.engine in JOINT for choice in self._engines)

    def translation_options(self, lines: int) -> TranslationOptions:
        """Return how engines are asked.

        Args:
            lines: How many lines there are, for the progress.
        """
        self._lines, self._done = lines, 0
        return TranslationOptions(
            batch_size=self._rung.batch_size,
            attempts=self._config.translation_attempts,
            context_lines=self._config.translation_context_lines,
            warn=self._stage_io.warn,
            degrade=self._stage_io.degrade,
            identify=identify,
            progress=self._progress,
        )

    def _progress(self, done: int) -> None:
        """Tell how many lines of the group are done."""
        self._done = done
        self._stage_io.progress(done, self._lines, "lines")

    def _heard(self, lines: float) -> None:
        """Tell how far the answer to a batch is while it comes."""
        told = min(self._done + lines, self._lines - PART_OF_A_LINE)
        self._stage_io.progress(told, self._lines, "lines")

    def _engine(self, choice: Choice) -> ChainEngine:
        if choice not in self._engines:
            self._engines[choice] = ChainEngine(
                choice.engine, lambda: self._backend(choice), joint=choice.engine in JOINT
            )
        return self._engines[choice]

    def _backend(self, choice: Choice) -> Backend:
        if choice not in self._open:
            environment = STAGE_ENGINES["translation"][choice.engine]
            self._open[choice] = WorkerBackend(
                self._environments.python(environment),
                choice.engine,
                self._options(choice),
                self._config.translation_answer_seconds,
                self._heard,
            )
            self._stage_io.ready()
        worker, provider = self._open[choice], self._config.llm_provider
        if choice.engine != "llm" or provider == "local":
            return worker
        return GuardedBackend(worker, language_model_breaker(provider, self._config.llm_base_url))

    def _options(self, choice: Choice) -> BackendOptions:
        beam_size = self._config.translation_beam_size
        model, extra = "", dict[str, Any]()
        if choice.engine == "whisper":
            name, folder = find_whisper(self._stage_io, self._config)
            model, extra = str(folder), {"name": name, **self._whisper_extra()}
            beam_size = self._config.asr_beam_size
        elif choice.engine == "llm":
            model, extra = self._config.llm_model, self._llm_extra()
        elif choice.models:
            model, *others = self._folders(choice)
            extra = {"models": others}
        return BackendOptions(
            model=model,
            device=self._rung.device,
            compute_type=self._rung.compute_type,
            batch_size=self._rung.batch_size,
            beam_size=beam_size,
            threads=self._config.num_threads,
            extra=extra,
        )

    def _folders(self, choice: Choice) -> list[str]:
        """Return where the models of a choice lie; they become inputs of the stage."""
        folders: list[str] = []
        for name in choice.models:
            folder = weights_folder(choice.engine, name)
            self._stage_io.use_model(choice.engine, name, folder)
            folders.append(str(folder))
        return folders

    def _whisper_extra(self) -> dict[str, Any]:
        config = self._config
        return {
            "audio": str(self._stage_io.get_first_input(*SPEECH_AUDIO)),
            "spans": [[s.start, s.end] for s in self._transcript.segments],
            "context": config.asr_context,
            "temperatures": list(config.whisper_temperature),
            "limits": asdict(decoding_limits(config)),
        }

    def _llm_extra(self) -> dict[str, Any]:
        return {
            "provider": self._config.llm_provider,
            "base_url": self._config.llm_base_url,
            "timeout": self._config.llm_timeout_seconds,
            "title": self._stage_io.job.title,
        }
