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
    pair: str,
    chosen: bool = False,
    root: Path | None = None,
    may_fetch: bool = False,
    **settings: str,
) -> list[Choice]:
    """Return the chain for 'hi>en' under these settings."""
    source, _, target = pair.partition(">")
    environments = EnvironmentManager(root, profile="cpu")
    router = Router(load_config(overrides=settings), environments, may_fetch)
    return router.route(source, target, chosen)


def names(pair: str, chosen: bool = False, **settings: str) -> list[str]:
    """Return the names of the chain's engines."""
    return [choice.engine for choice in route(pair, chosen, **settings)]


@pytest.fixture
def weights(tmp_path: Path) -> dict[str, str]:
    """Settings that name models which are here, a folder each."""
    folders = {name: tmp_path / name for name in ("indic-en", "en-indic", "nllb")}
    for folder in folders.values():
        folder.mkdir()
    indic = f"{folders['indic-en']},{folders['en-indic']}"
    return {"INDICTRANS2_MODELS": indic, "NLLB_MODEL": str(folders["nllb"])}


@pytest.mark.environments("whisperx", "llm")
def test_auto_takes_a_language_model_where_one_is_set_and_whisper_into_english() -> None:
    assert names("hi>en", WHISPER_MODEL="base") == ["whisper"]
    assert names("de>fr", LLM_MODEL="m") == ["llm"]
    assert names("auto>en", LLM_MODEL="m") == ["llm", "whisper"]


@pytest.mark.environments("whisperx", "indictrans2", "nllb", "llm")
def test_auto_takes_the_engine_that_knows_the_pair_best(weights: dict[str, str]) -> None:
    assert names("hi>en", **weights) == ["indictrans2", "nllb", "whisper"]
    assert names("auto>ta", **weights) == ["indictrans2", "nllb"]
    assert names("de>fr", **weights) == ["nllb"]
    assert names("de>en", **weights) == ["nllb", "whisper"]
    assert names("de>tlh", **weights, LLM_MODEL="m") == ["llm"]
    chosen = {"TRANSLATION_ENGINE": "nllb", "TRANSLATION_FALLBACKS": "indictrans2"}
    assert names("hi>ta", True, **weights | chosen) == ["nllb", "indictrans2"]
    choice, *_ = route("hi>ta", **weights)
    assert list(choice.models) == weights["INDICTRANS2_MODELS"].split(",")


@pytest.mark.environments("indictrans2", "nllb")
def test_weights_that_are_not_here_count_before_they_are_fetched(
    weights: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    nllb = Choice("nllb", ("nllb-200-distilled-600M",))
    assert route("hi>ta", may_fetch=True) == [nllb]
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert route("hi>ta", may_fetch=True) == [
        Choice("indictrans2", ("indictrans2-indic-indic-dist-320M",))
    ]
    here = {"NLLB_MODEL": weights["NLLB_MODEL"]}
    assert [one.engine for one in route("hi>ta", may_fetch=True, **here)] == ["nllb"]


@pytest.mark.environments("whisperx", "llm")
def test_fallbacks_are_those_that_can_do_it() -> None:
    wanted = {"TRANSLATION_ENGINE": "llm", "LLM_MODEL": "m", "TRANSLATION_FALLBACKS": "whisper"}
    assert names("de>en", True, **wanted) == ["llm", "whisper"]
    assert names("de>fr", True, **wanted) == ["llm"]
    with pytest.raises(InputError, match="names no engine: googl"):
        route("de>en", TRANSLATION_FALLBACKS="googl")


@pytest.mark.parametrize(
    ("engine", "hint"),
    [
        ("whisper", "-t en"),
        ("llm", "LLM_MODEL"),
        ("indictrans2", "TRANSLATION_ENGINE=auto"),
        pytest.param(
            *("nllb", "tools/models.py fetch nllb nllb-200-distilled-600M"),
            marks=pytest.mark.environments("nllb"),
        ),
    ],
)
def test_a_chosen_engine_that_cannot_do_it_is_refused(engine: str, hint: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        route("de>fr", chosen=True, TRANSLATION_ENGINE=engine)
    assert hint in caught.value.hint


@pytest.mark.environments("whisperx", "llm")
def test_a_local_model_must_be_there(tmp_path: Path) -> None:
    local = {"LLM_PROVIDER": "local", "LLM_MODEL": str(tmp_path / "model.gguf")}
    assert names("de>en", **local) == ["whisper"]
    (tmp_path / "model.gguf").touch()
    assert names("de>en", **local) == ["llm", "whisper"]


@pytest.mark.environments("llm")
def test_an_engine_resolved_when_the_job_was_prepared_may_give_way() -> None:
    assert names("hi>ta", TRANSLATION_ENGINE="whisper", LLM_MODEL="m") == ["llm"]


def test_hindi_in_roman_letters_is_no_translation(tmp_path: Path) -> None:
    if EnvironmentManager(profile="cpu").status("indictrans2").state == "good":
        expected = [Choice("script")]
        assert route("hi>hi-Latn") == expected
        assert route("hi>hi-Latn", True, TRANSLATION_ENGINE="whisper") == expected
    with pytest.raises(UnavailableError) as caught:
        route("hi>hi-Latn", root=tmp_path)
    assert caught.value.hint == "./bootstrap.sh --env indictrans2"


@pytest.mark.environments("nllb")
def test_without_any_engine_the_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No engine here translates into French") as caught:
        route("de>fr")
    assert caught.value.hint == "python3 tools/models.py fetch nllb nllb-200-distilled-600M"
    with pytest.raises(UnavailableError) as caught:
        route("de>fr", root=tmp_path)
    assert caught.value.hint == "./bootstrap.sh --env nllb"
    with pytest.raises(UnavailableError) as caught:
        route("de>tlh")
    assert "LLM_MODEL" in caught.value.hint


def test_into_english_who_lacks_everything_is_told_of_whisper(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="environment 'whisperx' is missing") as caught:
        route("de>en", root=tmp_path)
    assert caught.value.hint == "./bootstrap.sh --env whisperx"


def test_who_names_a_language_model_is_told_what_that_lacks(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="mine translates, but the environment") as caught:
        route("de>fr", root=tmp_path, LLM_MODEL="mine", LLM_BASE_URL="http://127.0.0.1:9")
    assert caught.value.hint == "./bootstrap.sh --env llm"
