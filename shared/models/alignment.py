#!/usr/bin/env python3
"""
Alignment models: which model times which segment.

A film with several languages is timed by several models: each segment by that of its own language,
else by the multilingual one (MMS), else by Whisper's attention.

Usage:
    from shared.models.alignment import AlignmentModels

    models = AlignmentModels("auto", "", main_language="hi")
    models.own("en"), models.multilingual()      # folders, None where there is none
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import InputError, UnavailableError
from shared.core.languages import primary
from shared.core.paths import MODELS_DIR
from shared.models.store import find_model, require_model

ENGINE = "wav2vec2"
MULTILINGUAL = "mms"
ATTENTION = "attention"


class AlignmentModels:
    """The models of a job, looked for when they are asked for.

    Args:
        engine: ALIGNMENT_ENGINE: auto, wav2vec2, mms or attention.
        named: ALIGNMENT_MODEL: a folder or a hub name; it is the multilingual model with
            ALIGNMENT_ENGINE=mms, that of the main language otherwise.
        main_language: Main language of the film, BCP-47.
        models_dir: Folder of the model store.

    Raises:
        MissingModelError: A model that was asked for is not on this machine.
        UnavailableError: wav2vec2 was asked for and nobody knows a model of the language.
        InputError: A named folder is not there.
    """

    def __init__(
        self, engine: str, named: str, main_language: str, models_dir: Path = MODELS_DIR
    ) -> None:
        self._models_dir = models_dir
        self._engine = engine
        self._asked: Path | None = None
        self._main = primary(main_language)
        if engine == ATTENTION:
            return
        if named:
            self._asked = self._require(named)
        elif engine == MULTILINGUAL:
            self._asked = self._require(MULTILINGUAL)
        elif engine == ENGINE:
            self._asked = self._require(self._main)

    def own(self, language: str) -> Path | None:
        """Return the folder of the wav2vec2 model of a language, None if there is none.

        Args:
            language: BCP-47.
        """
        if self._engine in (ATTENTION, MULTILINGUAL):
            return None
        if self._asked and primary(language) == self._main:
            return self._asked
        return self._find(primary(language))

    def multilingual(self) -> Path | None:
        """Return the folder of the model for all languages, None if there is none."""
        if self._engine == ATTENTION:
            return None
        return self._asked if self._engine == MULTILINGUAL else self._find(MULTILINGUAL)

    def places(self, language: str) -> list[Path]:
        """Return the folders in which a better model of a language would be found, were it there.

        Args:
            language: BCP-47.
        """
        if self._engine in (ATTENTION, MULTILINGUAL):
            return []
        names = dict.fromkeys((primary(language), MULTILINGUAL))
        return [self._models_dir / ENGINE / name for name in names]

    def _find(self, name: str) -> Path | None:
        try:
            return find_model(ENGINE, name, self._models_dir)
        except InputError:
            return None  # nobody has published one

    def _require(self, name: str) -> Path:
        folder = Path(name).expanduser()
        if name.startswith(("/", ".", "~")) and not folder.is_dir():
            raise InputError(f"No such folder: {folder}", hint="Check ALIGNMENT_MODEL")
        try:
            return require_model(ENGINE, name, self._models_dir)
        except InputError as error:
            raise UnavailableError(
                f"No wav2vec2 model {name} in {self._models_dir / ENGINE / name}",
                hint="Put one there, name one in ALIGNMENT_MODEL, or set ALIGNMENT_ENGINE=auto",
            ) from error
