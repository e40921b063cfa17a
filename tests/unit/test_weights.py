#!/usr/bin/env python3
"""Tests of shared/translation/weights.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants

from shared.config import load_config
from shared.models.store import MissingModelError
from shared.translation.weights import (
    indictrans2_covers,
    nllb_covers,
    require_weights,
    weights_for,
)

HUB = "models--ai4bharat--indictrans2-"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def put(cache: Path, name: str) -> None:
    """Put a model into the hub cache, as the hub's own library lays it out."""
    snapshot = cache / f"{HUB}{name}" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for file in ("config.json", "model.safetensors"):
        (snapshot / file).touch()
    refs = cache / f"{HUB}{name}" / "refs"
    refs.mkdir()
    (refs / "main").write_text("abc", encoding="utf-8")


def test_which_pairs_an_engine_knows() -> None:
    assert indictrans2_covers("hi", "en") and indictrans2_covers("en-GB", "ta")
    assert not indictrans2_covers("hi", "fr") and not indictrans2_covers("en", "en-US")
    assert nllb_covers("de", "fr") and not nllb_covers("de", "tlh")


def test_indictrans2_takes_the_direct_model_and_goes_through_english_without_one(
    cache: Path,
) -> None:
    config = load_config()
    with pytest.raises(MissingModelError, match="indictrans2-indic-indic-dist-320M"):
        require_weights("indictrans2", "hi", "ta", config)
    for name in ("en-indic-1B", "indic-en-1B"):
        put(cache, name)
    found = require_weights("indictrans2", "hi", "ta", config)
    assert found == ("indictrans2-indic-en-1B", "indictrans2-en-indic-1B")
    assert require_weights("indictrans2", "hi", "en", config) == ("indictrans2-indic-en-1B",)
    put(cache, "indic-indic-1B")
    found = require_weights("indictrans2", "hi", "ta", config)
    assert found == ("indictrans2-indic-indic-1B",)


def test_the_users_models_are_the_only_ones(cache: Path) -> None:
    config = load_config(overrides={"INDICTRANS2_MODELS": f"{cache},owner/mine"})
    assert weights_for("indictrans2", "hi", "en", config) == [(str(cache), "owner/mine")]
    with pytest.raises(MissingModelError, match="owner/mine"):
        require_weights("indictrans2", "hi", "en", config)
    assert require_weights("whisper", "hi", "en", config) == ()
