#!/usr/bin/env python3
"""
Router: which engines translate a language pair on this machine, the first choice first.

To add an engine: a row in ENGINES, its environment in shared/environment_manager.py, its module in
scripts/translation_worker.py.

Usage:
    from shared.translation.router import Router

    chain = Router(config, EnvironmentManager()).route("hi", "en", chosen=False)
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from shared.core.errors import InputError, PipelineError, UnavailableError
from shared.core.languages import AUTO, language_name, primary
from shared.core.settings import PipelineConfig
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager
from shared.transcript.whisper_languages import whisper_code
from shared.translation.lines import WHISPER_TARGET, is_romanised

UNKNOWN = frozenset({AUTO, "und"})
DEFAULT_ENGINE = "whisper"


@dataclass(frozen=True)
class Choice:
    """An engine of a chain with its model."""

    engine: str
    model: str


@dataclass(frozen=True)
class _Engine:
    """`covers` says whether it knows a pair, `model` which model it takes for it."""

    name: str
    covers: Callable[[str, str], bool]
    model: Callable[[PipelineConfig], str]


# In the order of auto.
ENGINES = (
    _Engine(
        "script",
        lambda source, target: primary(source) == "hi" and is_romanised(source, target),
        lambda config: "",
    ),
    _Engine("llm", lambda s, t: True, lambda config: config.llm_model),
    _Engine(
        "whisper",
        lambda source, target: primary(target) == WHISPER_TARGET
        and whisper_code(source) is not None,
        lambda config: config.whisper_model,
    ),
)
BY_NAME = {engine.name: engine for engine in ENGINES}


def named_by_user(config: PipelineConfig, resolved: Collection[str] = ()) -> bool:
    """Return whether the user named the engine, which then must be able to do the work.

    Args:
        config: TRANSLATION_ENGINE.
        resolved: Keys that were auto when the job was prepared.
    """
    return config.translation_engine != AUTO and "TRANSLATION_ENGINE" not in resolved


class Router:
    """Judges engines by language pair, environment, model and configuration.

    Args:
        config: TRANSLATION_ENGINE, TRANSLATION_FALLBACKS and the engines' models.
        environments: The environment manager.
    """

    def __init__(self, config: PipelineConfig, environments: EnvironmentManager) -> None:
        self._config = config
        self._environments = environments

    def route(self, source: str, target: str, chosen: bool) -> list[Choice]:
        """Return the engines for a pair, the first choice first.

        Args:
            source: BCP-47; "auto" while it is not known yet.
            target: BCP-47.
            chosen: Whether the user named the engine: then it must be able to do it.

        Raises:
            UnavailableError: No engine here can do it, or not the chosen one; with the command.
        """
        # Another script is no translation: no choice of an engine is meant for it.
        if is_romanised(source, target) and self._obstacle("script", source, target) is None:
            return [Choice("script", self._model("script"))]
        wanted = self._config.translation_engine
        first: list[str] = [] if wanted == AUTO else [wanted]
        if first and chosen:
            error = self._obstacle(wanted, source, target)
            if error is not None:
                raise error
        if not chosen:
            first += [engine.name for engine in ENGINES if engine.name not in first]
        usable = [name for name in first if self._obstacle(name, source, target) is None][:1]
        for name in self._config.translation_fallbacks:
            if name not in BY_NAME:
                raise InputError(
                    f"TRANSLATION_FALLBACKS names no engine: {name}",
                    hint=f"Engines: {', '.join(BY_NAME)}",
                )
            if name not in usable and self._obstacle(name, source, target) is None:
                usable.append(name)
        if not usable:
            raise self._nothing(source, target)
        return [Choice(name, self._model(name)) for name in usable]

    def _model(self, name: str) -> str:
        return BY_NAME[name].model(self._config)

    def _obstacle(self, name: str, source: str, target: str) -> PipelineError | None:
        """Return why an engine cannot do a pair here, None when it can."""
        engine = BY_NAME[name]
        known = _likely(source)
        if not engine.covers(known, target):
            into = f"{language_name(target)} ({target})"
            origin = "" if source in UNKNOWN else f"from {language_name(source)} "
            return UnavailableError(
                f"{name} does not translate {origin}into {into}",
                hint="Use -t en" if name == "whisper" else "Set TRANSLATION_ENGINE=auto",
            )
        if name == "llm" and not self._config.llm_model:
            return UnavailableError(
                "No language model is set for translation",
                hint="--set LLM_MODEL=NAME --set LLM_BASE_URL=ADDRESS",
            )
        try:
            self._environments.require(STAGE_ENGINES["translation"][name])
        except PipelineError as error:
            return error
        return None

    def _nothing(self, source: str, target: str) -> UnavailableError:
        """Return the refusal: every engine that knows the pair, with what it wants."""
        able = [engine for engine in ENGINES if engine.covers(_likely(source), target)]
        able.sort(key=lambda engine: engine.name == "llm")
        hint = ""
        for engine in able:
            obstacle = self._obstacle(engine.name, source, target)
            if obstacle is not None and obstacle.hint and not hint:
                hint = obstacle.hint
        return UnavailableError(
            f"No engine here translates into {language_name(target)} ({target}): Whisper "
            "translates into English only",
            hint=hint or "Use -t en",
        )


def _likely(source: str) -> str:
    """Return the source, or while it is unknown one that does not rule an engine out."""
    return "hi" if source in UNKNOWN else source
