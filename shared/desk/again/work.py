#!/usr/bin/env python3
"""
Work: a region of a film as a job of its own, run by ./run-pipeline.sh with other settings.

The job lies in a folder of the desk's own that is removed with its end; the job it is for is only
read, and can be edited and run meanwhile.

Usage:
    from shared.desk.again.work import Work

    work = Work(folder, job, "en", AgainRequest(what="hear", start=1000, end=4000))
    work.told()      # {"state": "running", …}
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.core.errors import EXIT_INTERRUPTED, InputError, PipelineError
from shared.core.languages import AUTO
from shared.desk.again.asked import AgainRequest
from shared.desk.asked import AskedCue
from shared.desk.jobs import job_places
from shared.desk.runs import COMMAND, TAIL_BYTES, begin
from shared.desk.tracks import STAGE, as_text, find_tracks, read_track
from shared.pipeline.job.job import Job, load_job
from shared.subtitles.base.clock import MILLISECONDS

# What a job keeps for itself: nothing of a proposal is delivered, counted or sent.
QUIET = {"METRICS_FILE": "", "TRACES_ENDPOINT": "", "DELIVER_TO": ""}
WORKFLOW, OUTPUT = "subtitle", "out"


class Work:
    """One region at work.

    Args:
        folder: The desk's own.
        job: For which it is done.
        language: Of the track that is edited, BCP-47.
        asked: What is to be done.

    Raises:
        InputError: It cannot be done with this job.
    """

    def __init__(self, folder: Path, job: Job, language: str, asked: AgainRequest) -> None:
        if not job.has_film and asked.what == "hear":
            raise InputError("There is no film to hear: the job began with a text alone")
        self._asked, self._language = asked, language
        self._scratch = tempfile.TemporaryDirectory(prefix="again.", dir=folder)
        self._root = Path(self._scratch.name)
        self._output = (self._root / "said").open("wb+")
        self._told: dict[str, Any] | None = None
        try:
            self._process = begin(command_for(self._root, job, language, asked), self._output)
        except BaseException:
            self._output.close()
            self._scratch.cleanup()
            raise

    def told(self) -> dict[str, Any]:
        """Return how it stands: 'running' with the last line, 'done' with cues, or 'failed'."""
        if self._told is None:
            code = self._process.poll()
            if code is None:
                return {"state": "running", "said": self._said().rpartition("\n")[2]}
            self._told = self._ended(code)
            self._output.close()
            self._scratch.cleanup()
        return self._told

    def stop(self) -> None:
        """End it, as Ctrl-C does."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self.told()

    def _said(self) -> str:
        size = os.fstat(self._output.fileno()).st_size
        said = os.pread(self._output.fileno(), TAIL_BYTES, max(0, size - TAIL_BYTES))
        return said.decode("utf-8", "replace").strip()

    def _ended(self, code: int) -> dict[str, Any]:
        if code == EXIT_INTERRUPTED or code < 0:
            return {"state": "failed", "said": "Stopped"}
        if code:
            told = [
                line for line in self._said().splitlines() if line.startswith(("error", "hint"))
            ]
            return {"state": "failed", "said": "\n".join(told or self._said().splitlines()[-2:])}
        try:
            return {"state": "done", "cues": [cue.model_dump() for cue in self._cues()]}
        except PipelineError as error:
            return {"state": "failed", "said": str(error)}

    def _cues(self) -> list[AskedCue]:
        """Return what came out, in times of the job for which it was done."""
        for job_dir in job_places(self._root / OUTPUT).values():
            tracks = find_tracks(job_dir, load_job(job_dir)).values()
            found = [one for one in tracks if one.key == self._language] or list(tracks)[:1]
            if found:
                by, end = self._asked.start, self._asked.end
                return [
                    AskedCue(start=by + cue.start, end=min(by + cue.end, end), text=cue.text)
                    for cue in read_track(job_dir, found[0]).cues
                ]
        return []


def command_for(root: Path, job: Job, language: str, asked: AgainRequest) -> list[str]:
    """Return the command that does a region again.

    Args:
        root: Where its files go.
        job: For which it is done.
        language: Of the track that is edited, BCP-47.
        asked: What is to be done.

    Raises:
        InputError: The text to translate is in no known language.
    """
    begin = job.clip.start if job.clip else 0.0
    start, end = (begin + at / MILLISECONDS for at in (asked.start, asked.end))
    targets = [one for one in job.target_languages if one == language]
    options = ["--new", "--to", STAGE, f"--title={job.title}", "--start", f"{start:.3f}"]
    options += ["--end", f"{min(end, begin + job.duration):.3f}"]
    options += ["--year", str(job.year)] if job.year is not None else []
    options += ["--audio-track", str(job.audio_track)] if job.audio_track is not None else []
    spoken = asked.language or job.source_language
    if asked.what == "translate":
        text = root / f"said.{spoken}.srt"
        at = [AskedCue(start=round(start * 1000), end=round(end * 1000), text=asked.text)]
        text.write_text(as_text(at, end + 1, text.name), encoding="utf-8")
        options += ["--subtitles", str(text)]
        targets = [language]
        if spoken == AUTO:
            raise InputError("In which language the text is written is not known", "Name it")
    options += ["-s", spoken, *(["-t", ",".join(targets)] if targets else [])]
    settings = job.config | asked.settings() | QUIET | {"OUTPUT_ROOT": str(root / OUTPUT)}
    for key, value in settings.items():
        if isinstance(value, str | int | float):
            options += ["--set", f"{key}={value}"]
    return [str(COMMAND), WORKFLOW, job.media.path, *options]
