#!/usr/bin/env python3
"""Tests of shared/translation/router.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.config import load_config
from shared.core.errors import InputError, UnavailableError
from shared.environment_manager import EnvironmentManager
from shared.translation.router import Choice, Router


@pytest.fixture
def weights(tmp_path: Path) -> str:
    """A folder that stands for a model which is there."""
    folder = tmp_path / "weights"
    folder.mkdir()
    return str(folder)


def route(
    pair: str, chosen: bool = False, root: Path | None = None, **settings: str
) -> list[Choice]:
    """Return the chain for 'hi>en' under these settings."""
    source, _, target = pair.partition(">")
    environments = EnvironmentManager(root, profile="cpu")
    return Router(load_config(overrides=settings), environments).route(source, target, chosen)


def engines(pair: str, **settings: str) -> list[str]:
    """Return the names of the chain's engines when all models are there."""
    return [choice.engine for choice in route(pair, **settings)]


def test_auto_takes_the_engine_that_knows_the_pair_best(weights: str) -> None:
    there = {"INDICTRANS2_MODEL": weights, "NLLB_MODEL": weights}
    assert engines("hi>en", **there) == ["indictrans2", "whisper"]
    assert engines("hi>ta", **there) == ["indictrans2"]
    assert engines("de>en", **there) == ["nllb", "whisper"]
    assert engines("de>fr", **there, LLM_MODEL="m") == ["nllb"]
    assert engines("de>tlh", **there, LLM_MODEL="m") == ["llm"]
    assert engines("auto>en", NLLB_MODEL=weights) == ["nllb", "whisper"]


def test_what_is_not_there_is_passed_over() -> None:
    assert route("hi>en", WHISPER_MODEL="base") == [Choice("whisper", "base")]
    assert route("de>fr", LLM_MODEL="m") == [Choice("llm", "m")]


def test_fallbacks_are_those_that_can_do_it(weights: str) -> None:
    wanted = {"TRANSLATION_ENGINE": "llm", "LLM_MODEL": "m", "NLLB_MODEL": weights}
    wanted |= {"TRANSLATION_FALLBACKS": "indictrans2,nllb,whisper"}
    assert engines("de>en", chosen=True, **wanted) == ["llm", "nllb", "whisper"]  # type: ignore
    assert engines("de>fr", chosen=True, **wanted) == ["llm", "nllb"]  # type: ignore
    with pytest.raises(InputError, match="names no engine: googl"):
        route("de>en", TRANSLATION_FALLBACKS="googl")


@pytest.mark.parametrize(
    ("pair", "settings", "hint"),
    [
        ("hi>ta", {"TRANSLATION_ENGINE": "whisper"}, "-t en"),
        ("de>fr", {"TRANSLATION_ENGINE": "indictrans2"}, "TRANSLATION_ENGINE=auto"),
        ("de>fr", {"TRANSLATION_ENGINE": "nllb"}, "tools/models.py fetch nllb"),
        ("de>fr", {"TRANSLATION_ENGINE": "llm"}, "LLM_MODEL"),
    ],
)
def test_a_chosen_engine_that_cannot_do_it_is_refused(
    pair: str, settings: dict[str, str], hint: str
) -> None:
    with pytest.raises(UnavailableError) as caught:
        route(pair, chosen=True, **settings)
    assert hint in caught.value.hint
    if "whisper" in settings.values():  # resolved when the job was prepared, not chosen
        assert engines("hi>ta", **settings, LLM_MODEL="m") == ["llm"]


def test_without_any_engine_the_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No engine here translates into French") as caught:
        route("de>fr")
    assert caught.value.hint == "python3 tools/models.py fetch nllb nllb-200-distilled-600M"
    with pytest.raises(UnavailableError) as caught:
        route("de>fr", root=tmp_path)
    assert caught.value.hint == "./bootstrap.sh --env nllb"
