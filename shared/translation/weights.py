#!/usr/bin/env python3
"""
Weights: which models a translation engine loads for a language pair, and whether they are here.

Usage:
    from shared.translation.weights import require_weights

    names = require_weights("indictrans2", "hi", "ta", config)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shared.core.languages import primary
from shared.core.settings import PipelineConfig
from shared.models.catalogue import describe
from shared.models.store import MissingModelError, find_model
from shared.translation.flores import INDICTRANS2_CODES, NLLB_CODES, flores_code

# IndicTrans2's published models by direction; two sizes that go together, the smaller first.
INDICTRANS2_SIZES = (
    {
        "en-indic": "indictrans2-en-indic-dist-200M",
        "indic-en": "indictrans2-indic-en-dist-200M",
        "indic-indic": "indictrans2-indic-indic-dist-320M",
    },
    {
        "en-indic": "indictrans2-en-indic-1B",
        "indic-en": "indictrans2-indic-en-1B",
        "indic-indic": "indictrans2-indic-indic-1B",
    },
)
BY_WAY_OF_ENGLISH = ("indic-en", "en-indic")

Names = tuple[str, ...]


def indictrans2_covers(source: str, target: str) -> bool:
    """Return whether IndicTrans2 knows both languages (BCP-47) and they are two.

    Args:
        source: Language that is spoken.
        target: Language that is wanted.
    """
    return _covers(source, target, INDICTRANS2_CODES)


def nllb_covers(source: str, target: str) -> bool:
    """Return whether NLLB knows both languages (BCP-47) and they are two.

    Args:
        source: Language that is spoken.
        target: Language that is wanted.
    """
    return _covers(source, target, NLLB_CODES)


def weights_for(engine: str, source: str, target: str, config: PipelineConfig) -> list[Names]:
    """Return the sets of models that will do for a pair, the preferred one first.

    Args:
        engine: Any engine of the router; those without weights of their own need none.
        source: BCP-47, known to the engine.
        target: BCP-47, known to the engine.
        config: INDICTRANS2_MODELS, NLLB_MODEL.
    """
    choose = CHOICES.get(engine)
    return choose(source, target, config) if choose else [()]


def require_weights(engine: str, source: str, target: str, config: PipelineConfig) -> Names:
    """Return the models for a pair, all of them on this machine.

    Args:
        engine: As for weights_for.
        source: As for weights_for.
        target: As for weights_for.
        config: As for weights_for.

    Raises:
        MissingModelError: One is not here; names the first that the preferred set lacks.
        InputError: No model of this engine has that name.
    """
    sets = weights_for(engine, source, target, config)
    for names in sets:
        if all(find_weights(engine, name) for name in names):
            return names
    missing = next(name for name in sets[0] if not find_weights(engine, name))
    raise MissingModelError(describe(engine, missing))


def find_weights(engine: str, name: str) -> Path | None:
    """Return the folder of a model, None when it is not here.

    Args:
        engine: indictrans2 or nllb.
        name: A name in the catalogue, a hub repository, or a folder: weights as published, or a
            conversion with other files around it, as translation models are handed on.

    Raises:
        InputError: No model of this engine has that name.
    """
    folder = Path(name).expanduser()
    return folder.resolve() if folder.is_dir() else find_model(engine, name)


def preferred_weights(engine: str, source: str, target: str, config: PipelineConfig) -> Names:
    """Return the models for a pair: a set that is here, else the one to fetch.

    Args:
        engine: As for weights_for.
        source: As for weights_for.
        target: As for weights_for.
        config: As for weights_for.

    Raises:
        InputError: No model of this engine has that name.
    """
    try:
        return require_weights(engine, source, target, config)
    except MissingModelError:
        return weights_for(engine, source, target, config)[0]


def weights_folder(engine: str, name: str) -> Path:
    """Return the folder of a model.

    Args:
        engine: As for find_weights.
        name: As for find_weights.

    Raises:
        MissingModelError: It is not on this machine.
        InputError: No model of this engine has that name.
    """
    folder = find_weights(engine, name)
    if folder is None:
        raise MissingModelError(describe(engine, name))
    return folder


def is_gated(engine: str, names: Names) -> bool:
    """Return whether one of the models is handed out only to those with a token.

    Args:
        engine: As for weights_for.
        names: A set of weights_for.
    """
    return any(describe(engine, name).gated for name in names if not find_weights(engine, name))


def _covers(source: str, target: str, known: frozenset[str]) -> bool:
    codes = flores_code(source, known), flores_code(target, known)
    return None not in codes and codes[0] != codes[1]


def _indictrans2(source: str, target: str, config: PipelineConfig) -> list[Names]:
    if config.indictrans2_models:
        return [tuple(config.indictrans2_models)]
    sides = ["en" if primary(tag) == "en" else "indic" for tag in (source, target)]
    sets: list[Names] = [(size["-".join(sides)],) for size in INDICTRANS2_SIZES]
    if "en" not in sides:
        sets += [tuple(size[way] for way in BY_WAY_OF_ENGLISH) for size in INDICTRANS2_SIZES]
    return sets


CHOICES: dict[str, Callable[[str, str, PipelineConfig], list[Names]]] = {
    "indictrans2": _indictrans2,
    "nllb": lambda source, target, config: [(config.nllb_model,)],
}
