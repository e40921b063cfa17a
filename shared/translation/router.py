#!/usr/bin/env python3
"""
Router: which engines translate a language pair on this machine, the first choice first.

To add an engine: a row in ENGINES, its environment in shared/environment_manager.py, its module in
scripts/translation_worker.py.

Usage:
    from shared.translation.router import Router

    chain = Router(config, EnvironmentManager()).route("hi", "ta", chosen=False)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.core.errors import InputError, PipelineError, UnavailableError
from shared.core.languages import AUTO, language_name, primary
from shared.core.settings import PipelineConfig
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager
from shared.models.store import MissingModelError, require_model
from shared.transcript.whisper_languages import whisper_code
from shared.translation.lines import WHISPER_TARGET

UNKNOWN = frozenset({AUTO, "und"})
# The 22 scheduled languages of India, and English.
INDIC = frozenset(
    "as bn brx doi gom gu hi kn kok ks mai ml mni mr ne or pa sa sat sd ta te ur".split()
)
ENGLISH = "en"
DEFAULT_ENGINE = "whisper"
# Languages of NLLB-200, by primary subtag (FLORES-200 list).
NLLB = frozenset(
    "ace af ajp ak am apc ar ars arz as ast awa ay az azb ba ban be bem bg bho bjn bm bn bo bs "
    "bug ca ceb cjk ckb cmn crh cs cy da de dik dyu dz ee el en eo es et eu fa ff fi fil fj fo "
    "fon fr fur ga gd gl gn gu ha he hi hne hr ht hu hy id ig ilo is it ja jv ka kab kac kam "
    "kbp kea kg ki kk km kmb kn knc ko kr ks ku ky lb lg li lij lmo ln lo lt ltg lua luo lus lv "
    "mag mai mg mi min mk ml mn mni mos mr ms mt my nb ne nl nn no nso nus ny oc om or pa pag "
    "pap pl prs ps pt qu rn ro ru rw sa sat sc scn sd sg shn si sk sl sm sn so sq sr ss st su "
    "sv sw szl ta taq te tg th ti tk tl tn tpi tr ts tt tum tw tzm ug uk umb ur uz vec vi war "
    "wo xh yi yo yue zh zu".split()
)
INDIC_ENGLISH = "indictrans2-indic-en-dist-200M"
ENGLISH_INDIC = "indictrans2-en-indic-dist-200M"
INDIC_INDIC = "indictrans2-indic-indic-dist-320M"


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
    model: Callable[[PipelineConfig, str, str], str]
    weights: bool


def _indic_covers(source: str, target: str) -> bool:
    pair = {primary(source), primary(target)}
    return pair <= INDIC | {ENGLISH} and bool(pair & INDIC)


def _indic_model(config: PipelineConfig, source: str, target: str) -> str:
    if config.indictrans2_model != AUTO:
        return str(config.indictrans2_model)
    if primary(target) == ENGLISH:
        return INDIC_ENGLISH
    return ENGLISH_INDIC if primary(source) == ENGLISH else INDIC_INDIC


# In the order of auto.
ENGINES = (
    _Engine("indictrans2", _indic_covers, _indic_model, True),
    _Engine(
        "nllb",
        lambda source, target: {primary(source), primary(target)} <= NLLB,
        lambda config, source, target: config.nllb_model,
        True,
    ),
    _Engine("llm", lambda s, t: True, lambda config, s, t: config.llm_model, False),
    _Engine(
        "whisper",
        lambda source, target: primary(target) == WHISPER_TARGET
        and whisper_code(source) is not None,
        lambda config, s, t: config.whisper_model,
        False,
    ),
)
BY_NAME = {engine.name: engine for engine in ENGINES}


class Router:
    """Judges engines by language pair, environment, model and configuration.

    Args:
        config: TRANSLATION_ENGINE, TRANSLATION_FALLBACKS and the engines' models.
        environments: The environment manager.
    """

    def __init__(self, config: PipelineConfig, environments: EnvironmentManager) -> None:
        self._config = config
        self._environments = environments
        self._installed: dict[str, PipelineError | None] = {}

    def route(self, source: str, target: str, chosen: bool) -> list[Choice]:
        """Return the engines for a pair, the first choice first.

        Args:
            source: BCP-47; "auto" while it is not known yet.
            target: BCP-47.
            chosen: Whether the user named the engine: then it must be able to do it.

        Raises:
            UnavailableError: No engine here can do it, or not the chosen one; with the command.
        """
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
        return [Choice(name, self._model(name, source, target)) for name in usable]

    def _model(self, name: str, source: str, target: str) -> str:
        return BY_NAME[name].model(self._config, source, target)

    def _obstacle(self, name: str, source: str, target: str) -> PipelineError | None:
        """Return why an engine cannot do a pair here, None when it can."""
        engine = BY_NAME[name]
        known = _likely(source, target)
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
            if engine.weights:
                self._require_weights(name, self._model(name, known, target))
        except PipelineError as error:
            return error
        return None

    def _require_weights(self, engine: str, model: str) -> None:
        try:
            require_model(engine, model)
        except MissingModelError:
            raise
        except InputError as error:
            raise UnavailableError(
                error.cause, hint=f"python3 tools/models.py fetch {engine} {model}"
            ) from error

    def _nothing(self, source: str, target: str) -> UnavailableError:
        """Return the refusal: every engine that knows the pair, with what it wants."""
        able = [engine for engine in ENGINES if engine.covers(_likely(source, target), target)]
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


def _likely(source: str, target: str) -> str:
    """Return the source, or while it is unknown one that does not rule an engine out."""
    if source not in UNKNOWN:
        return source
    return ENGLISH if primary(target) in INDIC else "hi"
