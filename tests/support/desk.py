#!/usr/bin/env python3
"""
Desk: a running desk as a person's browser and others ask it, and a job with a film to edit.

Usage:
    from tests.support.desk import put_job, start_desk

    put_job(output_root, film)
    with start_desk() as desk:
        desk.ask("/")
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.desk.jobs import job_id
from shared.media.probe import probe_media
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from shared.pipeline.job.output_file import describe_outputs
from shared.stage_order import STAGE_ORDER, get_stage_dir
from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import LintReport
from shared.subtitles.files.formats import Look, write_subtitles
from tests.support.checkpoints import make_checkpoint
from tests.support.commands import start_command
from tests.support.media_job import make_job, put

STAGE = "subtitle_generation"
CUES = (
    Cue(0.2, 1.4, "One fish."),
    Cue(1.6, 2.8, "Two fish\nand a hook."),
    Cue(3.0, 4.4, "♪ Three fish ♪"),
)
SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What the desk answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class RunningDesk:
    """A desk and the cookie of one browser."""

    process: subprocess.Popen[str]
    address: str
    ticket: str
    cookie: str = ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.address).port or 0

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        cookie: str | None = None,
    ) -> Answer:
        """Ask as a page of the desk does; the path goes out as it is, None leaves a header out."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": cookie or self.cookie}
        if method != "GET":
            sent |= {"Origin": self.address, "Content-Length": str(len(content))}
        try:
            asking.putrequest(method, path, skip_host=True)
            for name, value in (sent | dict(headers or {})).items():
                if value:
                    asking.putheader(name, value)
            asking.endheaders(content if method != "GET" else None)
            answer = asking.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            asking.close()

    def admit(self) -> str:
        """Open the desk with the current ticket; return the cookie of this browser."""
        found = self.ask(f"/?ticket={self.ticket}")
        assert found.status == 303, found
        self.ticket = self.next_ticket()
        return found.headers["set-cookie"].partition(";")[0]

    def next_ticket(self) -> str:
        """Return the ticket that is told on standard output."""
        assert self.process.stdout is not None
        return urlsplit(self.process.stdout.readline().strip()).query.removeprefix("ticket=")


@contextmanager
def start_desk() -> Iterator[RunningDesk]:
    """Start a desk at a free port and open it."""
    process = start_command("./run-pipeline.sh", "desk", "--port", "0", "--no-browser")
    try:
        assert process.stdout is not None
        told = urlsplit(process.stdout.readline().strip())
        ticket = told.query.removeprefix("ticket=")
        desk = RunningDesk(process, f"http://{told.netloc}", ticket)
        desk.cookie = desk.admit()
        yield desk
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)


def put_job(
    root: Path, film: Path, cues: tuple[Cue, ...] = CUES, number: int = 1, **wanted: Any
) -> Path:
    """Put a job that is done but for its film into an output folder; return its directory."""
    folder = root / "2026" / "01" / "01" / "tester"
    folder.mkdir(parents=True, exist_ok=True)
    job_dir = make_job(folder, film, **({"year": 2026} | wanted))
    os.rename(job_dir, folder / str(number))
    job_dir = folder / str(number)
    put(job_dir, "demux", "media_info.json", probe_media(film))
    stem = load_job(job_dir).file_stem
    put(job_dir, STAGE, "lint.json", LintReport(files={f"{stem}.en": []}))
    made = job_dir / get_stage_dir(STAGE)
    look = Look(language="en", italic_lyrics=True)
    for suffix in (".srt", ".ass", ".vtt"):
        write_subtitles(list(cues), made / f"{stem}.en{suffix}", look)
    checkpoints = CheckpointManager(job_dir)
    for stage in STAGE_ORDER[:-1]:
        folder = job_dir / get_stage_dir(stage)
        outputs = describe_outputs(folder) if folder.is_dir() else {}
        checkpoints.save_record(make_checkpoint(stage, outputs=outputs))
    return job_dir


def id_of(job_dir: Path) -> str:
    """Return the id by which a desk knows a job of a test."""
    return job_id(job_dir.parents[4], job_dir)
