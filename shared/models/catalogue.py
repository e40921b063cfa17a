#!/usr/bin/env python3
"""
Catalogue: every model that the pipeline knows, where it comes from and what it weighs.

To add a model: add a row. A model that is not listed can still be used by the repository of its
hub ("owner/name") or by its folder.

Usage:
    from shared.models.catalogue import describe

    describe("whisper", "large-v3").size_mb
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.core.errors import InputError

ANY = ("*",)


@dataclass(frozen=True)
class Model:
    """One model.

    `name`: what a user writes. `engine`: the family of weights, also the folder in `models/`.
    `repository`: "owner/name" on the model hub, "" where it is on none. `needs`: files that a
    folder must hold to be this model. `size_mb`: MiB to fetch, 0 = unknown. `languages`: BCP-47
    primary tags, ANY for many. `sha256`: file to digest, where the digest is known.
    `gated`: the hub asks for a token.
    """

    name: str
    engine: str
    repository: str
    needs: tuple[str, ...]
    size_mb: int = 0
    languages: tuple[str, ...] = ANY
    sha256: tuple[tuple[str, str], ...] = ()
    gated: bool = False


WHISPER_NEEDS = ("model.bin", "config.json")
TRANSFORMERS_NEEDS = ("config.json",)
MLX_NEEDS = ("config.json",)

NEEDS = {
    "whisper": WHISPER_NEEDS,
    "mlx": MLX_NEEDS,
    "wav2vec2": TRANSFORMERS_NEEDS,
    "nllb": TRANSFORMERS_NEEDS,
    "indictrans2": TRANSFORMERS_NEEDS,
}

MODELS: tuple[Model, ...] = (
    Model("base", "whisper", "Systran/faster-whisper-base", WHISPER_NEEDS, 145),
    Model("large-v3", "whisper", "Systran/faster-whisper-large-v3", WHISPER_NEEDS, 3090),
)


def describe(engine: str, name: str) -> Model:
    """Return what is known of a model.

    Args:
        engine: whisper, mlx, wav2vec2, demucs, nllb, indictrans2, pyannote.
        name: A name in the catalogue, a hub repository or a folder.

    Raises:
        InputError: No model of this engine has that name.
    """
    for model in MODELS:
        if (model.engine, model.name) == (engine, name):
            return model
    if "/" in name:
        return Model(name, engine, name, NEEDS.get(engine, ()))
    known = ", ".join(model.name for model in MODELS if model.engine == engine)
    raise InputError(
        f"No {engine} model is called {name}", hint=f"Known: {known}; or give a folder"
    )
