#!/usr/bin/env python3
"""
Proposals: what the editor asks for to have a region heard, or a text translated, once more.

    POST   /jobs/ID/tracks/KEY/again  an AgainRequest: it begins; one at a time for each job
    GET    /jobs/ID/again             how it stands; when done, the cues that came out
    DELETE /jobs/ID/again             it ends

Nothing is changed by it: the person takes the proposal, and saves, or leaves it.

Usage:
    from shared.desk.again.proposals import Proposals

    Proposals(films, find_track, find_job).routes()
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.desk.again.asked import AgainRequest
from shared.desk.again.work import Work
from shared.desk.asked import parsed
from shared.desk.films import Films
from shared.desk.jobs import NotThereError
from shared.desk.tracks import EditedTrack
from shared.models.catalogue import known_names
from shared.models.store import find_model
from shared.pipeline.job.job import Job
from shared.pipeline.job.lock import RunningJobError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

FindTrack = Callable[["Request"], tuple[Path, Job, EditedTrack]]
FindJob = Callable[["Request"], tuple[Path, Job]]


def models_here() -> list[str]:
    """Return the names of Whisper's models that are on this machine, the smallest first."""
    return [name for name in known_names("whisper") if find_model("whisper", name) is not None]


class Proposals:
    """What is done again, the latest of each job; it ends with the desk.

    Args:
        films: Has the desk's own folder.
        find_track: Returns what a request names.
        find_job: The same, of a job.
    """

    def __init__(self, films: Films, find_track: FindTrack, find_job: FindJob) -> None:
        self._films = films
        self._find_track = find_track
        self._find_job = find_job
        self._turn = threading.Lock()
        self._works: dict[Path, Work] = {}
        atexit.register(self.stop_all)

    def routes(self) -> list[tuple[str, Callable[..., Any], str]]:
        """Return address, function and method of all that can be asked for."""
        return [
            ("/jobs/{id}/tracks/{key}/again", self.begin, "POST"),
            ("/jobs/{id}/again", self.state, "GET"),
            ("/jobs/{id}/again", self.stop, "DELETE"),
        ]

    async def begin(self, request: Request) -> Response:
        """Begin to do a region again.

        Args:
            request: POST /jobs/ID/tracks/KEY/again, an AgainRequest.

        Returns:
            How it stands, as JSON.
        """
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(self._begin, request, await request.body())

    def state(self, request: Request) -> Response:
        """Tell how it stands.

        Args:
            request: GET /jobs/ID/again.

        Raises:
            NotThereError: Nothing of this job is done again.
        """
        from starlette.responses import JSONResponse

        job_dir, _ = self._find_job(request)
        with self._turn:
            work = self._works.get(job_dir)
            if work is None:
                raise NotThereError("Nothing of this job is done again")
            return JSONResponse(work.told())

    def stop(self, request: Request) -> Response:
        """End what is done again.

        Args:
            request: DELETE /jobs/ID/again.

        Returns:
            Whether there was anything to end, as JSON.
        """
        from starlette.responses import JSONResponse

        job_dir, _ = self._find_job(request)
        with self._turn:
            work = self._works.pop(job_dir, None)
            if work is not None:
                work.stop()
        return JSONResponse({"stopped": work is not None})

    def stop_all(self) -> None:
        """End all that is at work: nobody would see what comes of it."""
        with self._turn:
            for work in self._works.values():
                work.stop()
            self._works.clear()

    def _begin(self, request: Request, body: bytes) -> Response:
        from starlette.responses import JSONResponse

        asked = parsed(AgainRequest, body)
        job_dir, job, track = self._find_track(request)
        with self._turn:
            known = self._works.get(job_dir)
            if known is not None and known.told()["state"] == "running":
                raise RunningJobError(
                    "A region of this job is at work", "Wait for it, or stop it", job_dir
                )
            self._works[job_dir] = Work(self._films.own_folder(), job, track.language, asked)
        return JSONResponse({"begun": True}, status_code=202)
