#!/usr/bin/env python3
"""Tests of ./run-pipeline.sh desk over HTTP: who is let in, what can be named, what is shown."""

from __future__ import annotations

import json
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.core.files import read_json, write_json
from shared.pipeline.job.lock import hold_job_lock
from tests.support.commands import assert_refused, run_command, wait_until
from tests.support.desk import RunningDesk, id_of, put_job, start_desk
from tests.support.job_fixtures import clean_configuration, film, output_root  # noqa: F401
from tests.support.page_job import HOSTILE

pytestmark = pytest.mark.environments("web")
HEALTH = ("/health", "/health/live", "/health/ready", "/metrics")


@pytest.fixture
def job_dir(output_root: Path, film: Path) -> Path:  # noqa: F811
    """A job with subtitles."""
    return put_job(output_root, film)


@pytest.fixture
def desk(job_dir: Path) -> Iterator[RunningDesk]:
    """A desk that shows it."""
    with start_desk() as running:
        yield running


def read_events(desk: RunningDesk, path: str, count: int) -> list[tuple[str, dict[str, object]]]:
    """Return the first events of a live stream."""
    found: list[tuple[str, dict[str, object]]] = []
    with socket.create_connection(("127.0.0.1", desk.port), timeout=60) as line:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\nCookie: {desk.cookie}"
        line.sendall(f"{request}\r\n\r\n".encode())
        stream = line.makefile("r", encoding="utf-8", newline="\n")
        kind = ""
        while len(found) < count:
            text = stream.readline()
            if text.startswith("event: "):
                kind = text.removeprefix("event: ").strip()
            elif text.startswith("data: "):
                found.append((kind, json.loads(text.removeprefix("data: "))))
    return found


def test_without_the_cookie_nothing_is_shown(desk: RunningDesk, job_dir: Path) -> None:
    job = f"/jobs/{id_of(job_dir)}"
    for path in ("/", "/live", job, f"{job}/live", f"{job}/page", "/static/jobs.js", "/none"):
        for cookie in ("none=1", f"cp-desk-{desk.port}=", f"cp-desk-{desk.port}=x", "a;;=\x01"):
            found = desk.ask(path, cookie=cookie)
            assert found.status == 403 and "Film" not in found.text, path
    for path in HEALTH:
        assert desk.ask(path, cookie="none=1").status in {200, 503}


def test_a_ticket_opens_once_and_its_cookie_is_for_this_site_alone(desk: RunningDesk) -> None:
    ticket, told = desk.ticket, desk.ask(f"/?ticket={desk.ticket}", cookie="none=1")
    assert told.status == 303 and told.headers["location"] == "/"
    cookie = told.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Domain" not in cookie
    assert desk.ask(f"/?ticket={ticket}", cookie="none=1").status == 403
    assert desk.ask("/", cookie=cookie.partition(";")[0]).status == 200
    assert desk.ask("/").status == 200  # the browser that came first stays
    again = desk.next_ticket()
    assert again != ticket and desk.ask(f"/?ticket={again}", cookie="none=1").status == 303
    for wrong in ("", "x", again, again + "x", "%00", "%C3%BC", "%FF"):
        assert desk.ask(f"/?ticket={wrong}", cookie="none=1").status == 403


def test_another_name_is_refused_with_the_cookie_too(desk: RunningDesk) -> None:
    port = desk.port
    names = ("evil.example", "localhost.evil.example", "127.0.0.1", "localhost:1", f"[::1]:{port}")
    for host in (*names, f"evil.example:{port}", f"127.0.0.1:{port}.evil.example", ""):
        for path in ("/", "/health"):
            assert desk.ask(path, headers={"Host": host}).status == 400, host
    assert desk.ask("/", headers={"Host": f"localhost:{desk.port}"}).status == 200


def test_another_page_can_change_nothing(desk: RunningDesk, job_dir: Path) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": f"https://127.0.0.1:{desk.port}"},
        {"Origin": ""},  # none, and nothing else says who asks
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ):
        found = desk.ask(f"/jobs/{id_of(job_dir)}/run", "POST", {}, headers)
        assert found.status == 403, headers
        if headers.get("Sec-Fetch-Site", "none") != "none":
            assert desk.ask("/live", headers=headers).status == 403
    assert not (job_dir / "events.jsonl").exists()


def test_what_is_too_long_is_not_read(desk: RunningDesk, job_dir: Path) -> None:
    path = f"/jobs/{id_of(job_dir)}/run"
    for length, status in (("8388609", 413), ("9" * 30, 413), ("", 411), ("-1", 411), ("x", 411)):
        answer = b""
        with socket.create_connection(("127.0.0.1", desk.port), timeout=60) as line:
            sent = {"Host": f"127.0.0.1:{desk.port}", "Cookie": desk.cookie, "Origin": desk.address}
            sent |= {"Content-Length": length} if length else {"Transfer-Encoding": "chunked"}
            text = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
            line.sendall(f"POST {path} HTTP/1.1\r\n{text}\r\n".encode())
            answer = line.recv(65_536)
        assert answer.split(b" ")[1] in {str(status).encode(), b"400"}, answer


def test_no_path_can_be_named(desk: RunningDesk, job_dir: Path) -> None:
    for path in (
        *("/jobs/..", "/jobs/../../etc/passwd", "/jobs/%2e%2e%2f%2e%2e", "/jobs/..%2f..", "/jobs/"),
        *("/static/..%2fapp.py", "/static/../app.py", "/static/%2e%2e/app.py", "/static/app.py"),
        *("/jobs/ID/../../../etc/passwd", "/jobs/ID/job.json", "/jobs/ID%00", "/jobs/0123456789"),
        *("/jobs/2026/01/01/tester/1", "/jobs/2026%2f01%2f01%2ftester%2f1", "//etc/passwd"),
        *("/docs", "/openapi.json", "/jobs/ID/none"),
    ):
        found = desk.ask(path.replace("ID", id_of(job_dir)))
        assert found.status in {404, 307}, found
        assert "root:" not in found.text and "import" not in found.text


def test_a_log_is_one_of_the_job(desk: RunningDesk, job_dir: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.log"
    secret.write_text("secret line\n")
    (job_dir / "logs" / "01_demux.log").write_text("first line\n")
    (job_dir / "logs" / "02_tmdb.log").symlink_to(secret)
    path = f"/jobs/{id_of(job_dir)}/live?log="
    for name in ("01_demux.log", "../job.json", "..%2F..%2Fsecret.log", "02_tmdb.log", "%00"):
        events = read_events(desk, path + name, 3)
        assert [kind for kind, _ in events] == ["state", "log", "log"]
        assert events[2][1] == {"name": "01_demux.log", "text": "first line\n"}


def test_linked_folders_are_no_jobs(desk: RunningDesk, job_dir: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(job_dir, elsewhere / "1")
    root = job_dir.parents[4]
    (job_dir.parent / "2").symlink_to(elsewhere / "1")
    (job_dir.parents[1] / "other").symlink_to(elsewhere)
    for linked in (job_dir.parent / "2", job_dir.parents[1] / "other" / "1"):
        assert (root / linked / "job.json").is_file()
        assert desk.ask(f"/jobs/{id_of(linked)}").status == 404
    ((_, seen),) = read_events(desk, "/live", 1)
    assert isinstance(seen["jobs"], list)
    assert [row["id"] for row in seen["jobs"]] == [id_of(job_dir)]


def test_hostile_titles_are_text(desk: RunningDesk, job_dir: Path) -> None:
    job = read_json(job_dir / "job.json")
    title = "".join(HOSTILE[:6])
    write_json(job_dir / "job.json", {**job, "title": title})
    for path in ("/", f"/jobs/{id_of(job_dir)}"):
        text = desk.ask(path).text
        assert "&lt;script&gt;" in text and "<script>alert" not in text and "<img" not in text
        policy = desk.ask(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "http" not in policy


def test_a_broken_job_is_told_of(desk: RunningDesk, job_dir: Path) -> None:
    (job_dir / "job.json").write_text("{")
    assert "broken" in desk.ask("/").text
    assert desk.ask(f"/jobs/{id_of(job_dir)}").status == 200
    found = desk.ask(f"/jobs/{id_of(job_dir)}/page")
    assert found.status == 422 and found.data["cause"]


def test_the_list_is_told_again_when_a_job_changes(desk: RunningDesk, job_dir: Path) -> None:
    with hold_job_lock(job_dir, 0.0):
        wait_until(lambda: "running" in str(read_events(desk, "/live", 1)))
    wait_until(lambda: "partial" in str(read_events(desk, "/live", 1)))
    assert "running" not in str(read_events(desk, "/live", 1))


def test_the_page_of_a_job_is_shown_as_it_is_now(desk: RunningDesk, job_dir: Path) -> None:
    found = desk.ask(f"/jobs/{id_of(job_dir)}/page")
    assert found.status == 200 and "One fish." in found.text
    assert "default-src 'none'" in found.text
    assert not (job_dir / "report.html").exists()


def test_ctrl_c_ends_it_while_a_browser_listens(job_dir: Path) -> None:
    with start_desk() as desk:
        line = socket.create_connection(("127.0.0.1", desk.port), timeout=60)
        request = f"GET /live HTTP/1.1\r\nHost: localhost:{desk.port}\r\nCookie: {desk.cookie}"
        line.sendall(f"{request}\r\n\r\n".encode())
        assert b"200" in line.recv(100)
        desk.process.send_signal(signal.SIGINT)
        _, told = desk.process.communicate(timeout=60)
        line.close()
    assert desk.process.returncode == 130 and "Traceback" not in told


def test_it_listens_on_this_machine_alone(desk: RunningDesk) -> None:
    outside = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None)}
    for address in outside - {"127.0.0.1", "::1", "127.0.1.1"}:
        with pytest.raises(OSError):
            socket.create_connection((address, desk.port), timeout=5).close()


def test_a_port_that_is_taken_is_told(desk: RunningDesk) -> None:
    command = ("./run-pipeline.sh", "desk", "--no-browser", "--port")
    assert_refused(run_command(*command, str(desk.port)), 3, f"port {desk.port}", "--port 0")
    for wrong in ("x", "-1", "65536"):
        assert_refused(run_command(*command, wrong), 2, "port")
