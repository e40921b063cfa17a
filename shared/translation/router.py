#!/usr/bin/env python3
"""
Router: which engines translate a language pair on this machine, the first choice first.

To add an engine: a row in ENGINES, its environment in shared/environment_manager.py, its module in
scripts/translators/worker.py; if it has weights of its own, a row in shared/translation/weights.py.

Usage:
    from shared.translation.router import Router

    chain = Router(config, EnvironmentManager()).route("hi", "en", chosen=False)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.config import HUB_TOKEN, load_secret
from shared.core.errors import InputError, PipelineError, UnavailableError
from shared.core.languages import AUTO, language_name, primary
from shared.core.settings import PipelineConfig
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager
from shared.models.store import MissingModelError, require_model
from shared.transcript.languages.whisper_languages import whisper_code
from shared.translation.lines import WHISPER_TARGET, is_romanised
from shared.translation.weights import (
    indictrans2_covers,
    is_gated,
    nllb_covers,
    preferred_weights,
    require_weights,
)

UNKNOWN = frozenset({AUTO, "und"})
DEFAULT_ENGINE = "whisper"
# The Whisper model that comes with the packages.
PACKAGED = "base"
OF_SOUND = "Whisper translates sound, and there is text alone"
TEXT_ENGINES = "--set LLM_MODEL=NAME --set LLM_BASE_URL=ADDRESS, or ./bootstrap.sh --env nllb"
# What is taken for the language of a film that is not heard yet.
LIKELY_SOURCE = "hi"


@dataclass(frozen=True)
class Choice:
    """An engine of a chain with the models it loads; none where it has no weights of its own."""

    engine: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Engine:
    """`covers` says whether it knows a pair."""

    name: str
    covers: Callable[[str, str], bool]


# In the order of auto: a language model is there only where the user has set one.
ENGINES = (
    _Engine(
        "script",
        lambda source, target: primary(source) == "hi" and is_romanised(source, target),
    ),
    _Engine("llm", lambda source, target: True),
    _Engine("indictrans2", indictrans2_covers),
    _Engine("nllb", nllb_covers),
    _Engine(
        "whisper",
        lambda source, target: primary(target) == WHISPER_TARGET
        and whisper_code(source) is not None,
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
        may_fetch: Whether weights that are not here count as had: for planning, before they are
            fetched. An engine whose weights are here comes first nevertheless.
        has_sound: Whether there is a film to hear: Whisper reads no text.
    """

    def __init__(
        self,
        config: PipelineConfig,
        environments: EnvironmentManager,
        may_fetch: bool = False,
        has_sound: bool = True,
    ) -> None:
        self._config = config
        self._environments = environments
        self._may_fetch = may_fetch
        self._has_sound = has_sound

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
            return [Choice("script")]
        wanted = self._config.translation_engine
        first: list[str] = [] if wanted == AUTO else [wanted]
        if first and chosen:
            error = self._obstacle(wanted, source, target, self._may_fetch)
            if error is not None:
                raise error
        if not chosen:
            first += [engine.name for engine in ENGINES if engine.name not in first]
        if self._may_fetch and "llm" in first:
            self._refuse_missing_file()
        usable = [name for name in first if self._obstacle(name, source, target) is None][:1]
        if not usable and self._may_fetch:
            usable = [n for n in first if self._obstacle(n, source, target, True) is None]
            usable = sorted(usable, key=lambda name: self._is_closed(name, source, target))[:1]
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
        return [Choice(name, self._models(name, source, target)) for name in usable]

    def wants(self, source: str, target: str) -> dict[str, list[PipelineError]]:
        """Return what each engine that knows a pair lacks on this machine, in their order.

        Args:
            source: BCP-47; "auto" while it is not known.
            target: BCP-47.

        Returns:
            Engine to what is not here, each with the command that brings it; nothing where the
            engine can do it.
        """
        known = likely_source(source, target)
        found: dict[str, list[PipelineError]] = {}
        for engine in ENGINES:
            if not engine.covers(known, target):
                continue
            obstacle = self._obstacle(engine.name, source, target)
            lacks = [] if obstacle is None else [obstacle]
            if obstacle is not None and not isinstance(obstacle, MissingModelError):
                with _kept_in(lacks):
                    require_weights(engine.name, known, target, self._config)
            if engine.name == DEFAULT_ENGINE:
                with _kept_in(lacks):
                    wanted = self._config.whisper_model
                    require_model(DEFAULT_ENGINE, PACKAGED if wanted == AUTO else wanted)
            found[engine.name] = lacks
        return found

    def _refuse_missing_file(self) -> None:
        """Refuse a file of weights that was named and is not there: no other engine is meant."""
        named = self._config.llm_model if self._config.llm_provider == "local" else ""
        if named and not Path(named).expanduser().is_file():
            raise UnavailableError(
                f"There is no file {named}, which LLM_MODEL names",
                hint="With LLM_PROVIDER=local, LLM_MODEL names a .gguf file",
            )

    def _models(self, name: str, source: str, target: str) -> tuple[str, ...]:
        return preferred_weights(name, likely_source(source, target), target, self._config)

    def _is_closed(self, name: str, source: str, target: str) -> bool:
        """Return whether an engine's weights want a token that is not there."""
        gated = is_gated(name, self._models(name, source, target))
        return gated and load_secret(HUB_TOKEN) is None

    def _obstacle(
        self, name: str, source: str, target: str, may_fetch: bool = False
    ) -> PipelineError | None:
        """Return why an engine cannot do a pair here, None when it can."""
        engine = BY_NAME[name]
        known = likely_source(source, target)
        if not engine.covers(known, target):
            into = f"{language_name(target)} ({target})"
            origin = "" if source in UNKNOWN else f"from {language_name(source)} "
            return UnavailableError(
                f"{name} does not translate {origin}into {into}",
                hint="Use -t en" if name == "whisper" else "Set TRANSLATION_ENGINE=auto",
            )
        if name == DEFAULT_ENGINE and not self._has_sound:
            return UnavailableError(OF_SOUND, hint=TEXT_ENGINES)
        if name == "llm" and not self._config.llm_model:
            return UnavailableError(
                "No language model is set for translation",
                hint="--set LLM_MODEL=NAME --set LLM_BASE_URL=ADDRESS",
            )
        if name == "llm":
            try:
                self._refuse_missing_file()
            except UnavailableError as error:
                return error
        try:
            self._environments.require(STAGE_ENGINES["translation"][name])
            require_weights(name, known, target, self._config)
        except PipelineError as error:
            return None if may_fetch and isinstance(error, MissingModelError) else error
        return None

    def _nothing(self, source: str, target: str) -> UnavailableError:
        """Return the refusal: every engine that knows the pair, with what it wants."""
        able = [
            engine for engine in ENGINES if engine.covers(likely_source(source, target), target)
        ]
        meant = self._obstacle("llm", source, target) if self._config.llm_model else None
        if meant is not None:
            return UnavailableError(
                f"Into {language_name(target)} ({target}) {self._config.llm_model} translates, but "
                f"{meant.cause[:1].lower()}{meant.cause[1:]}",
                hint=meant.hint,
            )
        lacks = self._obstacle(DEFAULT_ENGINE, source, target) if self._has_sound else None
        if lacks is not None and any(engine.name == DEFAULT_ENGINE for engine in able):
            return UnavailableError(lacks.cause, hint=lacks.hint)
        able.sort(key=lambda engine: engine.name == "llm")
        hint = ""
        for engine in able:
            obstacle = self._obstacle(engine.name, source, target)
            if obstacle is not None and obstacle.hint and not hint:
                hint = obstacle.hint
        whisper = "Whisper translates into English only" if self._has_sound else OF_SOUND
        return UnavailableError(
            f"No engine here translates into {language_name(target)} ({target}): {whisper}",
            hint=hint or "Use -t en",
        )


@contextmanager
def _kept_in(lacks: list[PipelineError]) -> Iterator[None]:
    """Let what is missing be told with the rest.

    Args:
        lacks: Gets the error.
    """
    try:
        yield
    except PipelineError as error:
        lacks.append(error)


def likely_source(source: str, target: str) -> str:
    """Return the source, or while it is unknown one that does not rule an engine out.

    Args:
        source: BCP-47, "auto" or "und".
        target: BCP-47.
    """
    if source not in UNKNOWN:
        return source
    return WHISPER_TARGET if indictrans2_covers(WHISPER_TARGET, target) else LIKELY_SOURCE
