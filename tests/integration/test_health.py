#!/usr/bin/env python3
"""Tests of tools/health.py, asked over HTTP as a monitor does, in the environment web."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager
from shared.pipeline.plan.space import reserve_space
from tests.support.commands import assert_refused, copy_checkout, run_command, start_command
from tests.support.job_fixtures import (  # noqa: F401
    clean_configuration,
    film,
    finished_job,
    finished_jobs,
    output_root,
    prepared_jobs,
)

pytestmark = pytest.mark.environments("web")
SAMPLES = PROJECT_ROOT / "tests" / "fixtures" / "standards" / "samples.md"
SECRET = "a-key-that-nobody-may-see"
HEALTH = ("/health", "/health/live", "/health/ready")


@dataclass
class Monitor:
    """Who asks a running server."""

    port: int
    process: subprocess.Popen[str]
    listens_at: str = "127.0.0.1"

    def ask(self, address: str, host: str = "", method: str = "GET") -> tuple[int, str]:
        """Return status and text of an answer; the address goes out as it is."""
        asking = http.client.HTTPConnection(self.listens_at, self.port, timeout=60)
        try:
            asking.putrequest(method, address, skip_host=bool(host))
            if host:
                asking.putheader("Host", host)
            asking.endheaders()
            answer = asking.getresponse()
            return answer.status, answer.read().decode("utf-8")
        finally:
            asking.close()

    def metrics(self) -> dict[tuple[str, str], float]:
        """Return what /metrics says, by name and labels."""
        status, text = self.ask("/metrics")
        assert status == 200
        return {
            (one.name, ",".join(f"{k}={v}" for k, v in sorted(one.labels.items()))): one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
        }


def start_server(*options: str) -> Monitor:
    """Start the tool at a free port; return it once it listens."""
    process = start_command("python3", "tools/health.py", "--port", "0", *options)
    assert process.stdout is not None
    told = urlsplit(process.stdout.readline())
    return Monitor(told.port or 0, process, told.hostname or "")


@pytest.fixture
def monitor(output_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:  # noqa: F811
    """A server of this test's jobs, with a secret in its environment."""
    monkeypatch.setenv("TMDB_API_KEY", SECRET)
    server = start_server()
    yield server
    server.process.terminate()
    server.process.communicate(timeout=60)


def test_it_answers_as_the_standards_sample(monitor: Monitor) -> None:
    text = SAMPLES.read_text("utf-8").partition("### 10.2 ")[2].partition("```python\n")[2]
    done = subprocess.run(
        [EnvironmentManager().python("web"), "tests/support/health_sample.py"],
        input=text.partition("```\n")[0],
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        check=True,
    )
    theirs = json.loads(done.stdout)
    content, status = theirs["/health/ready"]  # the sample hands on a tuple: its own mistake
    assert status == 503 and content["status"] == "not_ready"
    for address in HEALTH:
        code, told = monitor.ask(address)
        ours = json.loads(told)
        wanted = content if address.endswith("ready") else theirs[address]
        assert wanted.keys() <= ours.keys()
        if address.endswith("ready"):
            assert wanted["checks"].keys() <= ours["checks"].keys()
            assert code == (200 if all(ours["checks"].values()) else 503)
            assert ours["status"] == ("ready" if code == 200 else "not_ready")
            assert len(ours["reasons"]) == list(ours["checks"].values()).count(False)
        else:
            assert code == 200
        if "timestamp" in ours:
            assert datetime.fromisoformat(ours["timestamp"]).tzinfo is not None
    assert json.loads(monitor.ask("/health/live")[1]) == {"alive": True}


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("CP_HEALTH_DISK_GB", "900000", "disk_space"),
        ("CP_HEALTH_MEMORY_GB", "900000", "memory_available"),
        ("CP_DEVICE", "cuda", "gpu_available"),
        pytest.param(
            *("CP_WHISPER_MODEL", "large-v3-turbo", "models_loaded"),
            marks=pytest.mark.environments("whisperx"),
        ),
        ("CP_DEVICE", "nonsense", "configuration"),
    ],
)
def test_what_lacks_is_503_with_the_reason(
    output_root: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    check: str,
) -> None:
    if value == "cuda" and EnvironmentManager().profile == "cuda":
        pytest.skip("here is a GPU")
    monkeypatch.setenv(variable, value)
    server = start_server()
    try:
        code, text = server.ask("/health/ready")
    finally:
        server.process.terminate()
        server.process.communicate(timeout=60)
    told = json.loads(text)
    assert (code, told["status"]) == (503, "not_ready")
    assert told["checks"][check] is False and told["reasons"]


def test_a_job_that_tells_nothing_is_stuck(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    monkeypatch.setenv("CP_HEALTH_STUCK_SECONDS", "100")
    for path in (finished_job / "events.jsonl", *(finished_job / "logs").iterdir()):
        os.utime(path, (1e9, 1e9))
    server = start_server()
    try:
        with reserve_space(finished_job, finished_job.parents[4], 1):
            found = server.metrics()
            assert found["pipeline_active_jobs", ""] == found["pipeline_stuck_jobs", ""] == 1
            checks = json.loads(server.ask("/health/ready")[1])["checks"]
            assert checks["jobs_moving"] is False
        assert server.metrics()["pipeline_stuck_jobs", ""] == 0
    finally:
        server.process.terminate()
        server.process.communicate(timeout=60)


def test_metrics_follow_the_jobs(finished_job: Path, monitor: Monitor) -> None:  # noqa: F811
    found = monitor.metrics()
    assert found["pipeline_stages_completed_total", "stage=demux,status=success"] == 1
    assert found["pipeline_jobs", "state=partial"] == 1
    assert found["pipeline_disk_free_bytes", ""] > 0
    again = {"event": "end", "stage": "demux", "status": "failed", "seconds": 2.0}
    with (finished_job / "events.jsonl").open("a") as stream:
        stream.write(json.dumps(again) + "\n" + json.dumps(again)[:20])
    found = monitor.metrics()
    assert found["pipeline_stages_completed_total", "stage=demux,status=failed"] == 1
    changing = ("pipeline_disk_free_bytes", "")
    assert monitor.metrics() | {changing: 0.0} == found | {changing: 0.0}


def test_metrics_are_those_of_the_file_where_there_is_one(
    finished_job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    name = "pipeline_stages_completed_total"
    file = tmp_path / "film.prom"
    file.write_text(f'# TYPE {name} counter\n{name}{{stage="asr",status="success"}} 41\n')
    monkeypatch.setenv("CP_METRICS_FILE", str(file))
    server = start_server()
    try:
        found = server.metrics()
    finally:
        server.process.terminate()
        server.process.communicate(timeout=60)
    assert found[name, "stage=asr,status=success"] == 41
    assert (name, "stage=demux,status=success") not in found
    assert found["pipeline_active_jobs", ""] == 0


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/docs", "/redoc", "/openapi.json", "/health/../config/.env.pipeline"),
        *("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/health/ready/..%2f..%2fetc/passwd"),
        *("//etc/passwd", "/static/../../etc/passwd", "/config/secrets.json", "/health\x00"),
    ],
)
def test_nothing_else_is_served(monitor: Monitor, address: str) -> None:
    with socket.create_connection(("127.0.0.1", monitor.port), timeout=60) as line:
        line.sendall(
            f"GET {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert answer.split(b" ")[1] in {b"404", b"400", b"307"}, answer[:80]
    assert b"root:" not in answer and b"CP_" not in answer and b"import" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(monitor: Monitor, method: str) -> None:
    assert monitor.ask("/health", method=method)[0] == 405


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io"])
def test_another_name_is_refused(monitor: Monitor, host: str) -> None:
    assert all(monitor.ask(address, host)[0] == 400 for address in (*HEALTH, "/metrics"))


def test_a_name_may_be_allowed(output_root: Path) -> None:  # noqa: F811
    server = start_server("--allow-host", "films.example.org")
    try:
        assert server.ask("/health", "films.example.org:9464")[0] == 200
        assert server.ask("/health", "example.org")[0] == 400
    finally:
        server.process.terminate()
        server.process.communicate(timeout=60)


def test_the_address_that_it_tells_answers(output_root: Path) -> None:  # noqa: F811
    names = ("--allow-host", "::1", "--allow-host", "Films.Example.org")
    server = start_server("--host", "127.0.0.2", *names)
    try:
        for name in ("127.0.0.2", "[::1]", "films.example.org", "FILMS.example.org", "localhost"):
            assert server.ask("/health", f"{name}:{server.port}")[0] == 200
        assert server.ask("/health", "0.0.0.0")[0] == 400
    finally:
        server.process.terminate()
        server.process.communicate(timeout=60)


def test_no_answer_holds_a_secret_or_a_path(
    finished_job: Path, monitor: Monitor, film: Path  # noqa: F811
) -> None:
    for address in (*HEALTH, "/metrics"):
        told = monitor.ask(address)[1]
        assert SECRET not in told
        assert str(finished_job) not in told and film.stem not in told
        assert str(PROJECT_ROOT) not in told


def test_it_listens_on_this_machine_alone(monitor: Monitor) -> None:
    outside = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None)}
    for address in outside - {"127.0.0.1", "::1", "127.0.1.1"}:
        with pytest.raises(OSError):
            socket.create_connection((address, monitor.port), timeout=5).close()


def test_ctrl_c_ends_it(monitor: Monitor) -> None:
    monitor.process.send_signal(signal.SIGINT)
    _, told = monitor.process.communicate(timeout=60)
    assert monitor.process.returncode == 130
    assert "Traceback" not in told


def test_a_port_that_is_taken(monitor: Monitor) -> None:
    done = run_command("python3", "tools/health.py", "--port", str(monitor.port))
    assert_refused(done, 3, f"port {monitor.port}", "--port 0")


def test_without_the_environment_it_says_how_to_get_it(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    shutil.copytree(PROJECT_ROOT / "tools", checkout / "tools")
    done = run_command("python3", "tools/health.py", root=checkout)
    assert_refused(done, 3, "The environment 'web' is missing", "./bootstrap.sh --env web")
