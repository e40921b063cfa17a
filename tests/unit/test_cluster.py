#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/cluster/: one that counts, files by digest, members only."""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.core.errors import InputError, UnavailableError
from shared.pipeline.batch.cluster.depot import PART, Depot, GoneError, LackingError, OpenOrder
from shared.pipeline.batch.cluster.link import Link
from shared.pipeline.batch.cluster.offers import code_word, told
from shared.pipeline.batch.cluster.order import Ending, InputFile, Order
from shared.pipeline.batch.cluster.server import DepotServer
from shared.pipeline.batch.cluster.trust import Trust, parse_address
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.record.manifest import Checkpoint
from tools.cluster_certificates import make_certificates

CONTENT = os.urandom(3_000_000)


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """Return the certificates of a cluster."""
    folder = tmp_path_factory.mktemp("trust") / "cluster"
    make_certificates(folder)
    return Trust(folder)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


def make_order(folder: Path) -> tuple[Depot, OpenOrder]:
    """Return a depot with one order of one file."""
    file = folder / "audio.wav"
    file.write_bytes(CONTENT)
    sha256 = digest_of(CONTENT)
    order = Order(
        epoch=1,
        stage="asr",
        environment="whisperx",
        job_id="job",
        number=1,
        rung=0,
        failed_rungs=[],
        timeout=60.0,
        grace=1.0,
        stall=0.0,
        memory_mb=0,
        log_max_mb=1,
        log_format="text",
        minutes=1.0,
        device="cpu",
        languages=1,
        files={"01_demux/audio.wav": InputFile(sha256=sha256, size=len(CONTENT))},
        settings={},
        secrets={"LLM_API_KEY": "s3cret-key"},
    )
    incoming = folder / "incoming"
    incoming.mkdir()
    depot = Depot()
    return depot, depot.open(order, {sha256: file}, incoming)


def ending(epoch: int, path: Path | None = None) -> Ending:
    """Return how an attempt ended, with one output."""
    outputs = {"segments.json": OutputFile.of(path)} if path is not None else {}
    record = Checkpoint(
        stage="asr",
        job_id="job",
        status="done",
        finished_at="",
        seconds=1.0,
        peak_memory_mb=1.0,
        environment="whisperx",
        environment_lock=None,
        inputs={},
        parameters={},
        job_fields={},
        code={},
        outputs=outputs,
        warnings=[],
        summary={},
    )
    return Ending(epoch=epoch, kind="ended", result={"stage": "asr"}, record=record)


@pytest.fixture
def served(tmp_path: Path, trust: Trust) -> Iterator[tuple[Depot, OpenOrder, DepotServer]]:
    """Yield a depot with an order, and who serves it."""
    depot, order = make_order(tmp_path)
    with DepotServer(depot, trust, "127.0.0.1") as server:
        yield depot, order, server


def test_only_who_took_an_order_last_is_heard_and_it_ends_once(tmp_path: Path) -> None:
    depot, order = make_order(tmp_path)
    first = depot.take(order.token, "lost").epoch
    second = depot.take(order.token, "other").epoch
    for late in (
        lambda: depot.hear(order.token, first, []),
        lambda: depot.end(order.token, ending(first)),
        lambda: depot.part(order.token, first, digest_of(b"")),
        lambda: depot.input_path(order.token, first, digest_of(CONTENT)),
    ):
        with pytest.raises(GoneError):
            late()
    depot.hear(order.token, second, [{"event": "progress"}])
    depot.end(order.token, ending(second))
    assert order.ending is not None and order.ending.epoch == second
    for twice in (
        lambda: depot.end(order.token, ending(second)),
        lambda: depot.take(order.token, "third"),
    ):
        with pytest.raises(GoneError):
            twice()
    assert depot.take_events(order.token) == [{"event": "progress"}]


def test_what_an_ending_names_has_to_be_there_whole(tmp_path: Path) -> None:
    depot, order = make_order(tmp_path)
    epoch = depot.take(order.token, "worker").epoch
    made = tmp_path / "segments.json"
    made.write_bytes(b"segments")
    part = depot.part(order.token, epoch, digest_of(b"segments"))
    for content in (None, b"segment", b"segmentS"):
        if content is not None:
            part.write_bytes(content)
        with pytest.raises(LackingError):
            depot.end(order.token, ending(epoch, made))
        assert order.ending is None and not part.exists()
    for name in ("../../job.json", "a" * 63, "A" * 64):
        with pytest.raises(LackingError):
            depot.part(order.token, epoch, name)


def test_files_go_on_where_they_stopped_and_are_believed_by_their_digest(
    served: tuple[Depot, OpenOrder, DepotServer], trust: Trust, tmp_path: Path
) -> None:
    depot, order, server = served
    link = Link(server.address, order.token, trust)
    assert link.take("worker").secrets == {"LLM_API_KEY": "s3cret-key"}
    here, sha256 = tmp_path / "here.wav", digest_of(CONTENT)
    here.with_name(here.name + PART).write_bytes(CONTENT[:1_234_567])
    link.fetch(sha256, here)
    assert here.read_bytes() == CONTENT
    part = depot.part(order.token, order.order.epoch, sha256)
    part.write_bytes(CONTENT[:2_000_000])
    link.send(here, sha256)
    assert part.read_bytes() == CONTENT
    link.end(ending(0, here))
    assert order.ending is not None
    with pytest.raises(GoneError):
        link.tell([])


def test_what_came_spoiled_is_fetched_anew(
    served: tuple[Depot, OpenOrder, DepotServer],
    trust: Trust,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.pipeline.batch.cluster.link.PAUSE_SECONDS", 0.0)
    link = Link(served[2].address, served[1].token, trust)
    link.take("worker")
    here = tmp_path / "here.wav"
    here.with_name(here.name + PART).write_bytes(b"another's")
    link.fetch(digest_of(CONTENT), here)
    assert here.read_bytes() == CONTENT


def test_a_worker_hears_that_it_is_to_stop_or_that_another_has_its_work(
    served: tuple[Depot, OpenOrder, DepotServer], trust: Trust
) -> None:
    depot, order, server = served
    link = Link(server.address, order.token, trust)
    link.take("worker")
    assert link.tell([{"event": "ready"}]) == []
    order.stop.append("Stopped")
    assert link.tell([]) == ["Stopped"]
    Link(server.address, order.token, trust).take("other")
    with pytest.raises(GoneError):
        link.tell([])
    depot.close(order.token)
    with pytest.raises(GoneError):
        Link(server.address, order.token, trust).take("late")


def test_who_has_no_certificate_of_the_authority_gets_nothing(
    served: tuple[Depot, OpenOrder, DepotServer], tmp_path: Path
) -> None:
    make_certificates(tmp_path / "other")
    stranger = Trust(tmp_path / "other").client_context()
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for context in (stranger, nobody):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        host, _, port = served[2].address.removeprefix("https://").partition(":")
        connection = http.client.HTTPSConnection(host, int(port), timeout=5, context=context)
        with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
            connection.request("POST", f"/{served[1].token}/take")
            connection.getresponse()
        connection.close()
    assert served[1].worker == ""


def test_certificates_are_private_and_are_not_made_over_others(trust: Trust) -> None:
    for path in trust.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(InputError):
        make_certificates(trust.folder)
    key = trust.folder / "member.key"
    key.chmod(0o640)
    with pytest.raises(InputError, match="others may read"):
        trust.check()
    key.chmod(0o600)
    trust.check()
    with pytest.raises(UnavailableError, match="ca.pem"):
        Trust(trust.folder / "nowhere").check()


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "tls://:1", "tls://h", "tls://h:x", ""]
)
def test_an_address_that_is_none_or_not_encrypted_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="no address of a cluster"):
        parse_address(address)


def test_other_code_is_another_word(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "asr.py").write_text("one")
    one = code_word(tmp_path)
    (tmp_path / "scripts" / "asr.py").write_text("two")
    assert one != code_word(tmp_path)
    wants = frozenset({one, "environment:whisperx@12", "model:whisper/large-v3"})
    assert told(wants) == "the same code, environment whisperx, model whisper/large-v3"
