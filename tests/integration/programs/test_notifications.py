#!/usr/bin/env python3
"""Tests of notifications: what a receiver on the loopback gets, and that no key is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.batches import TO_DEMUX, make_old, run_batch
from tests.support.jobs import make_film
from tests.support.receiver import KEY, Receiver

pytestmark = pytest.mark.environments("batch")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A service that takes messages."""
    with Receiver() as made:
        yield made


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with a film and a broken one."""
    folder = tmp_path / "films"
    folder.mkdir()
    make_old(make_film(folder / "good.mkv", 1.1))
    (folder / "broken.mkv").write_bytes(b"no film")
    make_old(folder / "broken.mkv")
    return folder


def everything_in(folder: Path) -> bytes:
    """Return all that lies in the files below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_somebody_hears_of_the_end_and_no_log_has_the_address(
    films: Path, receiver: Receiver, output_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", f"{receiver.address} {receiver.address}/second")
    night = run_batch(films, *TO_DEMUX)
    assert night.code == 1
    assert [message["path"] for message in receiver.messages] == [f"/{KEY}", f"/{KEY}/second"]
    told = receiver.messages[0]
    assert told["title"] == "Batch ended: 2 films, 1 failed, 1 done"
    assert "broken.mkv: failed (" in told["message"] and "good.mkv: done" in told["message"]
    seen = everything_in(output_root) + night.errors.encode() + json.dumps(night.events).encode()
    assert KEY.encode() not in seen
    receiver.messages.clear()
    assert run_batch(films / "good.mkv", *TO_DEMUX).code == 0  # nothing was to be done
    assert receiver.messages == []


def test_a_film_that_fails_is_told_at_once(
    films: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", receiver.address)
    monkeypatch.setenv("CP_NOTIFY_ON", "failed")
    night = run_batch(films / "good.mkv", *TO_DEMUX, "--deliver", films / "broken.mkv" / "there")
    assert night.code == 1
    (told,) = receiver.messages
    assert told["title"] == "good.mkv: failed" and "there" in told["message"]


@pytest.mark.parametrize("address", [f"nonsense-{KEY}", f"json://127.0.0.1:1/{KEY}"])
def test_an_address_that_takes_nothing_fails_no_batch(
    films: Path, address: str, output_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", address)
    night = run_batch(films / "good.mkv", *TO_DEMUX)
    assert night.code == 0 and "Nobody was told: address 1 of NOTIFY_URLS" in night.errors
    assert KEY not in night.errors and KEY.encode() not in everything_in(output_root)
