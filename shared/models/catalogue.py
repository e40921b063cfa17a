#!/usr/bin/env python3
"""
Catalogue: every model that the pipeline knows, where it comes from and what it weighs.

Which revision is fetched stands in pins.py. To add a model: add a row in tables.py. A model that is
not listed can still be used by the repository of its hub ("owner/name") or by its folder.

Usage:
    from shared.models.catalogue import describe

    describe("whisper", "large-v3").size_mb
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.core.errors import InputError, nearest
from shared.models.pins import PINS, Pin
from shared.models.tables import (
    ANY,
    DEMUCS,
    INDIC,
    INDICTRANS2,
    MLX,
    MULTILINGUAL_ALIGNER,
    NLLB,
    PACKAGED_WHISPER,
    WAV2VEC2,
    WHISPER,
)

REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")


@dataclass(frozen=True)
class Family:
    """What the models of one engine consist of; patterns are those of fnmatch.

    `needs`: files without which a folder is no such model. `takes`: what to fetch beside the
    weights. `weights`: the forms that weights come in, the preferred one first; a folder needs one
    of them, and one is fetched. `repositories`: whether any repository of the hub will do.
    """

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    repositories: bool = True


@dataclass(frozen=True)
class Model:
    """One model.

    `name`: what a user writes. `engine`: the family of weights, also the folder in `models/`.
    `repository`: "owner/name" on the model hub, "" where it is on none. `size_mb`: MB to fetch, 0 =
    unknown. `languages`: BCP-47 primary tags, ANY for many. `needs`: files of this model alone.
    `file`: the one file that is the model, where it is one. `gated`: the hub asks for a token.
    `package`: the environment whose packages carry it.
    """

    name: str
    engine: str
    repository: str = ""
    size_mb: int = 0
    languages: tuple[str, ...] = ANY
    needs: tuple[str, ...] = ()
    file: str = ""
    gated: bool = False
    package: str = ""

    @property
    def family(self) -> Family:
        """What models of this engine consist of."""
        return FAMILIES[self.engine]

    @property
    def pin(self) -> Pin:
        """Which revision of its repository is fetched, and the digests of its files."""
        return PINS.get((self.engine, self.name), Pin())

    @property
    def size(self) -> str:
        """' (145 MB)', or '' where it is not known."""
        return f" ({self.size_mb} MB)" if self.size_mb else ""


TRANSFORMERS = Family(
    needs=("config.json",),
    takes=("*.json", "*.txt", "*.model", "*.py", "model.SRC", "model.TGT"),
    weights=("model*.safetensors", "pytorch_model*.bin", "model.bin"),
)
FAMILIES: dict[str, Family] = {
    "whisper": Family(
        needs=("config.json",),
        takes=("config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*"),
        weights=("model.bin",),
    ),
    "mlx": Family(
        needs=("config.json",),
        takes=("config.json",),
        weights=("weights.safetensors", "weights.npz"),
    ),
    "wav2vec2": TRANSFORMERS,
    "demucs": Family(repositories=False),
    "nllb": TRANSFORMERS,
    "indictrans2": TRANSFORMERS,
    "pyannote": Family(takes=("*.yaml",)),
    "speaker": Family(repositories=False),
}
# Models of an engine that are made, without loss, from those of another of the same name.
ORIGINS = {"mlx": "whisper"}
ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}

PYANNOTE_WEIGHTS = "pytorch_model.bin"


def _rows() -> Iterator[Model]:
    for name, repository, size, languages in WHISPER:
        package = "whisperx" if name in PACKAGED_WHISPER else ""
        yield Model(name, "whisper", repository, size, languages, package=package)
    for name, repository, size, languages in MLX:
        yield Model(name, "mlx", repository, size, languages)
    for language, repository, size in WAV2VEC2:
        yield Model(language, "wav2vec2", repository, size, (language,))
    aligner = "MahmoudAshraf/mms-300m-1130-forced-aligner"
    yield Model(MULTILINGUAL_ALIGNER, "wav2vec2", aligner, 1262)
    for name, repository, size, signatures in DEMUCS:
        needs = (f"{name}.yaml", *(f"{signature}.safetensors" for signature in signatures))
        yield Model(name, "demucs", repository, size, needs=needs)
    for name, size in NLLB:
        yield Model(name, "nllb", f"facebook/{name}", size)
    for name, size in INDICTRANS2:
        yield Model(name, "indictrans2", f"ai4bharat/{name}", size, (*INDIC, "en"), gated=True)
    yield Model(
        "segmentation",
        "pyannote",
        size_mb=18,
        file=PYANNOTE_WEIGHTS,
        package="pyannote",
    )
    yield Model(
        "segmentation-3.0",
        "pyannote",
        "pyannote/segmentation-3.0",
        6,
        needs=("config.yaml", PYANNOTE_WEIGHTS),
        file=PYANNOTE_WEIGHTS,
        gated=True,
    )
    parts = ("segmentation/pytorch_model.bin", "embedding/pytorch_model.bin", "plda/plda.npz")
    community = "speaker-diarization-community-1"
    yield Model(
        community,
        "pyannote",
        f"pyannote/{community}",
        34,
        needs=("config.yaml", *parts, "plda/xvec_transform.npz"),
        gated=True,
    )
    yield Model(
        "campplus",
        "speaker",
        size_mb=28,
        file="campplus_cn_en_common.pt",
        package="pyannote",
    )
    yield Model(
        "ge2e",
        "speaker",
        size_mb=17,
        file="pretrained.pt",
        package="pyannote",
    )


MODELS: tuple[Model, ...] = tuple(_rows())


def known_names(engine: str) -> list[str]:
    """Return the names of an engine's models, in the order of the catalogue.

    Args:
        engine: A key of FAMILIES.
    """
    return [model.name for model in MODELS if model.engine == engine]


def describe(engine: str, name: str) -> Model:
    """Return what is known of a model.

    Args:
        engine: A key of FAMILIES: whisper, mlx, wav2vec2, demucs, nllb, indictrans2, pyannote or
            speaker.
        name: A name in the catalogue (or 'large', 'turbo') or a repository of the hub.

    Raises:
        InputError: There is no such engine, or no model of it has that name.
    """
    if engine not in FAMILIES:
        raise InputError(
            f"There is no engine {engine} with models", hint=f"Engines: {', '.join(FAMILIES)}"
        )
    wanted = ALIASES.get(name, name)
    for model in MODELS:
        if model.engine == engine and wanted in {model.name, model.repository}:
            return model
    if FAMILIES[engine].repositories and REPOSITORY.fullmatch(name):
        return Model(name, engine, name)
    known = f"Known: {', '.join(known_names(engine))}; or give a folder: ./{name}"
    raise InputError(
        f"No {engine} model is called {name}",
        hint=" ".join(filter(None, [nearest(name, known_names(engine)), known])),
    )
