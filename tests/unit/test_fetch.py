#!/usr/bin/env python3
"""Tests of shared/models/fetch.py: real fetches over HTTP from a hub on the loopback interface."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants, file_download

from shared.core.errors import DependencyError, UnavailableError
from shared.core.files import read_json, sha256_of
from shared.models.catalogue import Model, describe, known_names
from shared.models.fetch import BLOCK, RECORD, fetch_model, hub_answers
from shared.models.first_use import first_use_file
from shared.models.hub_files import HubFile, choose_files
from shared.models.pins import PINS, Pin
from shared.models.store import find_model
from tests.support.commands import HANG_SECONDS
from tests.support.hub import COMMIT, Hub, serve

TINY = "Systran/faster-whisper-tiny"
WEIGHTS = bytes(range(256)) * 40_000
FILES = {
    "model.bin": WEIGHTS,
    "config.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
    "README.md": b"hello",
}


def nothing(done: int, total: int) -> None:
    """Take a progress report."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one Whisper model, used by huggingface_hub in this process."""
    hub = Hub({TINY: dict(FILES)})
    monkeypatch.setitem(PINS, ("whisper", "tiny"), Pin())
    monkeypatch.setattr("shared.models.hub_troubles.FIRST_WAIT", 0.02)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with serve(hub) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(file_download, "HUGGINGFACE_CO_URL_TEMPLATE", template, raising=False)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield hub


def fetch(models: Path, model: Model | None = None) -> Path:
    """Fetch the tiny model into a folder of models."""
    return fetch_model(model or describe("whisper", "tiny"), nothing, models)


def test_what_is_needed_comes_whole_and_nothing_else(hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    model = describe("whisper", "tiny")
    folder = fetch_model(model, lambda done, total: told.append((done, total)), tmp_path)
    assert folder == tmp_path / "whisper" / "tiny" == find_model("whisper", "tiny", tmp_path)
    content = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != RECORD}
    assert content == {name: FILES[name] for name in FILES if name != "README.md"}
    recorded = read_json(folder / RECORD)["sha256"]
    assert recorded == {name: sha256_of(folder / name) for name in content}
    size = sum(map(len, content.values()))
    assert told[-1] == (size, size)
    asked = len(hub.asked)
    assert fetch(tmp_path) == folder and len(hub.asked) == asked  # nothing comes twice


def test_an_interrupted_fetch_goes_on_where_it_stopped(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = len(WEIGHTS) // 2
    # The client tries again by itself: it meets a hub that fails until it gives up.
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    hub.cut_after = [half, *[0] * 6]
    with pytest.raises(UnavailableError, match="does not answer") as caught:
        fetch(tmp_path)
    assert "python3 tools/models.py fetch whisper tiny" in caught.value.hint
    assert find_model("whisper", "tiny", tmp_path) is None
    hub.cut_after, hub.asked = [], []
    folder = fetch(tmp_path)
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    (resumed,) = [one for one in hub.asked if one.startswith("GET") and "model.bin" in one]
    start = int(resumed.partition("bytes=")[2].rstrip("-"))
    assert half - BLOCK <= start <= half


def test_a_damaged_file_is_refused_and_comes_anew(hub: Hub, tmp_path: Path) -> None:
    hub.spoil = True
    with pytest.raises(DependencyError, match="model.bin of whisper tiny arrived damaged"):
        fetch(tmp_path)
    assert find_model("whisper", "tiny", tmp_path) is None
    hub.spoil = False
    assert (fetch(tmp_path) / "model.bin").read_bytes() == WEIGHTS


def test_a_pinned_digest_is_held(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = describe("whisper", "tiny")
    right = hashlib.sha256(WEIGHTS).hexdigest()
    monkeypatch.setitem(PINS, ("whisper", "tiny"), Pin(COMMIT, (("model.bin", right),)))
    folder = fetch(tmp_path / "right", model)
    assert read_json(folder / RECORD)["revision"] == COMMIT
    assert any(f"/revision/{COMMIT}" in asked for asked in hub.asked)
    monkeypatch.setitem(PINS, ("whisper", "tiny"), Pin(COMMIT, (("model.bin", "0" * 64),)))
    with pytest.raises(DependencyError, match="not the file that belongs to revision"):
        fetch(tmp_path, model)


def test_another_revision_than_the_pinned_one_is_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PINS, ("whisper", "tiny"), Pin("f" * 40))
    with pytest.raises(DependencyError, match="gives another revision"):
        fetch(tmp_path)
    assert find_model("whisper", "tiny", tmp_path) is None


def test_pins_are_whole_and_name_models_that_there_are() -> None:
    for (engine, name), pin in PINS.items():
        assert describe(engine, name).repository
        assert re.fullmatch(r"[0-9a-f]{40}", pin.revision)
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for _, digest in pin.sha256)
    whisper = {name for engine, name in PINS if engine == "whisper"}
    assert whisper == set(known_names("whisper")), "a Whisper model has no pin"


def test_what_came_first_holds_from_then_on(hub: Hub, tmp_path: Path) -> None:
    folder = fetch(tmp_path)
    hub.repositories[TINY]["model.bin"] = b"another" * 10_000  # under the same revision
    shutil.rmtree(folder)
    for _ in range(2):
        with pytest.raises(
            DependencyError, match="model.bin of whisper tiny is not the file"
        ) as no:
            fetch(tmp_path)
        assert find_model("whisper", "tiny", tmp_path) is None
    record = first_use_file(describe("whisper", "tiny"), tmp_path)
    assert str(record) in no.value.hint and "models.py fetch whisper tiny" in no.value.hint
    record.unlink()
    assert (fetch(tmp_path) / "model.bin").read_bytes().startswith(b"another")


def test_after_the_first_fetch_the_same_revision_is_asked_for(hub: Hub, tmp_path: Path) -> None:
    folder = fetch(tmp_path)
    shutil.rmtree(folder)
    assert not any("/revision/" in asked for asked in hub.asked)
    fetch(tmp_path)
    assert any(f"/revision/{COMMIT}" in asked for asked in hub.asked)
    shutil.rmtree(folder)
    record = first_use_file(describe("whisper", "tiny"), tmp_path)
    kept = read_json(record)
    record.write_text(json.dumps(kept | {"revision": "e" * 40}))
    with pytest.raises(DependencyError, match="gives another revision") as refused:
        fetch(tmp_path)
    assert f"rm {record}" in refused.value.hint


@pytest.mark.parametrize(
    "content", ["", "[]", '{"revision": 5}', '{"revision": "main", "sha256": {}}', "\0" * 99]
)
def test_a_damaged_record_of_what_came_first_is_none(
    hub: Hub, tmp_path: Path, content: str
) -> None:
    record = first_use_file(describe("whisper", "tiny"), tmp_path)
    record.parent.mkdir(parents=True)
    record.write_text(content)
    assert (fetch(tmp_path) / "model.bin").read_bytes() == WEIGHTS
    assert read_json(record)["sha256"]["model.bin"] == hashlib.sha256(WEIGHTS).hexdigest()


def test_an_incomplete_model_is_replaced_any_number_of_times(hub: Hub, tmp_path: Path) -> None:
    for number in range(3):
        folder = fetch(tmp_path)
        assert (folder / "model.bin").read_bytes() == WEIGHTS
        (folder / "model.bin").unlink()
        (folder / f"kept-{number}").touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    for replace in (lambda: folder.symlink_to(elsewhere), lambda: folder.write_bytes(b"a file")):
        shutil.rmtree(folder)
        replace()
        assert (fetch(tmp_path) / "model.bin").read_bytes() == WEIGHTS
    assert (elsewhere / "precious").exists(), "what a link led to was removed"
    left = [path.name for path in (tmp_path / "whisper" / ".fetching").iterdir()]
    assert left == ["tiny.lock"], "gigabytes are left aside"


def test_a_gated_model_wants_a_token_and_never_tells_it(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.token = "hush-hush"
    with pytest.raises(UnavailableError, match="HF_TOKEN is not set") as caught:
        fetch(tmp_path)
    assert f"huggingface.co/{TINY}" in caught.value.hint
    monkeypatch.setenv("HF_TOKEN", "wrong-one")
    with pytest.raises(UnavailableError, match="HF_TOKEN is not accepted") as caught:
        fetch(tmp_path)
    assert "wrong-one" not in f"{caught.value} {caught.value.hint}"
    monkeypatch.setenv("HF_TOKEN", "hush-hush")
    folder = fetch(tmp_path)
    assert not any(b"hush" in path.read_bytes() for path in folder.iterdir())


def test_a_repository_that_is_not_there_is_named(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no some/thing"):
        fetch(tmp_path, describe("whisper", "some/thing"))


def test_a_failing_hub_is_an_external_failure(hub: Hub, tmp_path: Path) -> None:
    hub.failing = True
    with pytest.raises(DependencyError, match="HTTP 503"):
        fetch(tmp_path)


def test_offline_nothing_is_asked(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UnavailableError, match="HF_HUB_OFFLINE"):
        fetch(tmp_path)
    assert hub.asked == []


def test_a_hub_that_hangs_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        began = time.monotonic()
        assert not hub_answers(0.2)
        assert time.monotonic() - began < HANG_SECONDS


def test_a_hub_that_answers_is_found(hub: Hub) -> None:
    assert hub_answers(HANG_SECONDS)
    hub.failing = True
    assert hub_answers(HANG_SECONDS)  # it is there


def test_too_little_room_is_told_before_anything_comes(hub: Hub, tmp_path: Path) -> None:
    hub.announced["model.bin"] = 10**18
    with pytest.raises(UnavailableError, match="Not enough disk space"):
        fetch(tmp_path)
    assert not any("resolve" in one for one in hub.asked)


@pytest.mark.parametrize(
    ("engine", "names", "wanted"),
    [
        (
            "nllb",
            ["config.json", "pytorch_model.bin", "tokenizer.json", "README.md", "rust_model.ot"],
            {"config.json", "pytorch_model.bin", "tokenizer.json"},
        ),
        (
            "wav2vec2",
            ["config.json", "model.safetensors", "pytorch_model.bin", "training_args.bin"]
            + ["language_model/5gram.bin", "vocab.json"],
            {"config.json", "model.safetensors", "vocab.json"},
        ),
        (
            "nllb",
            ["config.json", "pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json"]
            + ["pytorch_model-00002-of-00002.bin", "other.index.json"],
            {"config.json", "pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json"}
            | {"pytorch_model-00002-of-00002.bin"},
        ),
        ("mlx", ["config.json", "weights.npz", "lib/x.py"], {"config.json", "weights.npz"}),
    ],
)
def test_one_form_of_the_weights_is_chosen(engine: str, names: list[str], wanted: set[str]) -> None:
    files = [HubFile(name, 1, "", "") for name in names]
    assert {file.name for file in choose_files(Model("a/b", engine, "a/b"), files)} == wanted


@pytest.mark.parametrize(
    ("faults", "file_faults"),
    [
        (["503", "503"], []),
        ([], ["503", "503"]),
        (["reset", "500", "reset"], []),
        (["429 1"], ["429 1"]),
        ([], ["reset", "truncated", "truncated"]),
        ([], ["long"]),
    ],
)
def test_what_passes_is_waited_for(
    hub: Hub, tmp_path: Path, faults: list[str], file_faults: list[str]
) -> None:
    hub.faults, hub.file_faults = list(faults), list(file_faults)
    began = time.monotonic()
    assert (fetch(tmp_path) / "model.bin").read_bytes() == WEIGHTS
    assert (hub.faults, hub.file_faults) == ([], [])
    asked_to_wait = sum(one == "429 1" for one in (*faults, *file_faults))
    assert time.monotonic() - began >= asked_to_wait


def test_half_a_file_is_gone_on_with_in_the_same_fetch(hub: Hub, tmp_path: Path) -> None:
    half = len(WEIGHTS) // 2
    hub.cut_after = [half]
    assert (fetch(tmp_path) / "model.bin").read_bytes() == WEIGHTS
    first, second = (one for one in hub.asked if one.startswith("GET") and "model.bin" in one)
    assert "bytes=" not in first
    assert half - BLOCK <= int(second.partition("bytes=")[2].rstrip("-")) <= half


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_a_refusal_is_not_asked_again(hub: Hub, tmp_path: Path, status: str) -> None:
    hub.faults = [status] * 9
    with pytest.raises(UnavailableError):
        fetch(tmp_path)
    assert len(hub.asked) == 1


@pytest.mark.parametrize("status", ["429 3600", "503 3600"])
def test_a_hub_that_wants_an_hour_is_told_of_at_once(hub: Hub, tmp_path: Path, status: str) -> None:
    hub.faults = [status] * 9
    with pytest.raises(DependencyError, match=rf"HTTP {status[:3]}") as caught:
        fetch(tmp_path)
    assert caught.value.hint.startswith("Try again later: ")
    assert len(hub.asked) == 1


def test_a_length_that_is_never_right_is_the_hubs_fault(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    hub.file_faults = ["long"] * 9
    with pytest.raises(DependencyError, match="another length than it announced"):
        fetch(tmp_path)
    hub.file_faults = []
    assert (fetch(tmp_path) / "model.bin").read_bytes() == WEIGHTS
