#!/usr/bin/env python3
"""Tests of shared/translation/router.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.config import load_config
from shared.core.errors import InputError, UnavailableError
from shared.environment_manager import EnvironmentManager
from shared.translation.router import Choice, Router


def route(
    pair: str, chosen: bool = False, root: Path | None = None, **settings: str
) -> list[Choice]:
    """Return the chain for 'hi>en' under these settings."""
    source, _, target = pair.partition(">")
    environments = EnvironmentManager(root, profile="cpu")
    return Router(load_config(overrides=settings), environments).route(source, target, chosen)


def test_auto_takes_a_language_model_where_one_is_set_and_whisper_into_english() -> None:
    assert route("hi>en", WHISPER_MODEL="base") == [Choice("whisper", "base")]
    assert route("de>fr", LLM_MODEL="m") == [Choice("llm", "m")]
    assert [one.engine for one in route("auto>en", LLM_MODEL="m")] == ["llm", "whisper"]


def test_fallbacks_are_those_that_can_do_it() -> None:
    wanted = {"TRANSLATION_ENGINE": "llm", "LLM_MODEL": "m", "TRANSLATION_FALLBACKS": "whisper"}
    assert [one.engine for one in route("de>en", True, **wanted)] == ["llm", "whisper"]
    assert [one.engine for one in route("de>fr", True, **wanted)] == ["llm"]
    with pytest.raises(InputError, match="names no engine: googl"):
        route("de>en", TRANSLATION_FALLBACKS="googl")


@pytest.mark.parametrize(("engine", "hint"), [("whisper", "-t en"), ("llm", "LLM_MODEL")])
def test_a_chosen_engine_that_cannot_do_it_is_refused(engine: str, hint: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        route("de>fr", chosen=True, TRANSLATION_ENGINE=engine)
    assert hint in caught.value.hint


def test_an_engine_resolved_when_the_job_was_prepared_may_give_way() -> None:
    (choice,) = route("hi>ta", TRANSLATION_ENGINE="whisper", LLM_MODEL="m")
    assert choice.engine == "llm"


def test_hindi_in_roman_letters_is_no_translation(tmp_path: Path) -> None:
    if EnvironmentManager(profile="cpu").status("indictrans2").state == "good":
        expected = [Choice("script", "")]
        assert route("hi>hi-Latn") == expected
        assert route("hi>hi-Latn", True, TRANSLATION_ENGINE="whisper") == expected
    with pytest.raises(UnavailableError) as caught:
        route("hi>hi-Latn", root=tmp_path)
    assert caught.value.hint == "./bootstrap.sh --env indictrans2"


def test_without_any_engine_the_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No engine here translates into French") as caught:
        route("de>fr")
    assert "LLM_MODEL" in caught.value.hint
    with pytest.raises(UnavailableError) as caught:
        route("de>fr", root=tmp_path, LLM_MODEL="m")
    assert caught.value.hint == "./bootstrap.sh --env llm"
